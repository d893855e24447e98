"""Files that came in and what became of their rows; files with personal data that were asked for."""

import datetime as dt
import uuid
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.sheets import Outcome
from exchange.vocabulary import ExportState, ImportState, Mode
from personnel.administration import administered
from personnel.jurisdiction import lies_in, standing_of
from personnel.roles import Role

# The duty leader answers for the centre's data, the security administrator for the installation's.
APPROVERS = (Role.DUTY_LEADER, Role.SECURITY_ADMIN)


def private_name(row: models.Model, name: str) -> str:
    """Where a file lies: under a name nobody can guess, never under the one it came with."""
    return f"exchange/{row._meta.model_name}/{uuid.uuid4()}{PurePath(name).suffix.lower()[:5]}"


class ImportQuerySet(models.QuerySet):
    """Imports, in reach."""

    def visible_to(self, user: Any, on: dt.date) -> "ImportQuerySet":
        """One's own, and those of the areas a person administers that day."""
        if not getattr(user, "is_authenticated", False) or not user.is_active:
            return self.none()
        if standing_of(user, on).is_superuser:
            return self
        tops = [place.id for place in administered(user, on)]
        mine = Q(by=user)
        return self.filter(mine | lies_in("area__in", tops) if tops else mine)

    def left_behind(self, at: dt.datetime) -> "ImportQuerySet":
        """Those somebody waits for and nobody works on."""
        working = (ImportState.READING, ImportState.RUNNING, ImportState.UNDOING)
        return self.filter(state__in=working, seen_at__lt=at - dt.timedelta(seconds=60))


class Import(models.Model):
    """One file of areas, grids, people or orders: looked at, confirmed, written, perhaps undone."""

    kind = models.CharField(_("kind"), max_length=20)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("person"))
    area = models.ForeignKey(
        "grids.Area", models.PROTECT, null=True, related_name="+", verbose_name=_("area"),
        help_text=_("Rows outside of it are refused; empty: everywhere"),
    )  # fmt: skip
    name = models.CharField(_("file"), max_length=200)
    file = models.FileField(upload_to=private_name, blank=True)
    marked = models.FileField(_("copy with red cells"), upload_to=private_name, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=ImportState.choices, default=ImportState.READING)
    mode = models.CharField(_("which rows"), max_length=5, choices=Mode.choices, blank=True)
    new = models.PositiveIntegerField(_("new"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    refused = models.PositiveIntegerField(_("refused"), default=0)
    reason = models.TextField(_("reason"), blank=True)
    in_the_way = models.JSONField(_("what stands in the way of undoing it"), default=list, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    made_at = models.DateTimeField(_("made at"))
    # The worker's sign of life: an import whose worker died is taken up again.
    seen_at = models.DateTimeField(_("last progress at"))
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)
    done_at = models.DateTimeField(_("done at"), null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("undone by")
    )
    undone_at = models.DateTimeField(_("undone at"), null=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ("-made_at", "-pk")
        indexes = (
            # The sweep: imports somebody waits for.
            models.Index(
                fields=("seen_at",), name="import_waiting", condition=Q(state__in=("reading", "running", "undoing"))
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"

    @property
    def rows_in_all(self) -> int:
        """How many rows the file has."""
        return self.new + self.changed + self.unchanged + self.refused

    @property
    def is_working(self) -> bool:
        """Whether a worker is at it, or will be."""
        return self.state in (ImportState.READING, ImportState.RUNNING, ImportState.UNDOING)


class ImportRow(models.Model):
    """One row of an import that is not as it is stored already, in the order of writing."""

    source = models.ForeignKey(Import, models.CASCADE, related_name="rows", db_index=False, verbose_name=_("import"))
    line = models.PositiveIntegerField(_("line"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices)
    key = models.CharField(_("what it is about"), max_length=60, blank=True)
    faults = models.JSONField(_("what is wrong"), default=list, blank=True)
    made = models.JSONField(_("what was written"), default=dict, blank=True)
    written = models.BooleanField(_("written"), default=False)

    class Meta:
        verbose_name = _("row of an import")
        verbose_name_plural = _("rows of imports")
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("source", "line"), name="line_once_per_import"),)
        indexes = (
            # The next rows to write.
            models.Index(fields=("source", "id"), name="import_row_to_write", condition=Q(written=False)),
        )

    def __str__(self) -> str:
        return f"{self.source_id}/{self.line}"


class ExportQuerySet(models.QuerySet):
    """Requests for exports, in reach."""

    def visible_to(self, user: Any, on: dt.date) -> "ExportQuerySet":
        """One's own, and those a person may decide on."""
        if not getattr(user, "is_authenticated", False) or not user.is_active:
            return self.none()
        standing = standing_of(user, on)
        if standing.is_superuser:
            return self
        areas = {post.area_id for post in standing.posts if post.role in APPROVERS and post.area_id}
        mine = Q(by=user)
        return self.filter(mine | lies_in("area__in", areas) if areas else mine)


class ExportRequest(models.Model):
    """A list of orders with names and phones in clear: asked for with a reason, approved by a second person.

    What was asked for is these orders and no others, whatever the list holds by the time of the approval.
    """

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("person"))
    area = models.ForeignKey("grids.Area", models.PROTECT, related_name="+", verbose_name=_("area"))
    name = models.CharField(_("list"), max_length=120)
    reason = models.CharField(_("purpose"), max_length=200)
    orders = ArrayField(models.BigIntegerField(), verbose_name=_("orders"))
    state = models.CharField(_("state"), max_length=10, choices=ExportState.choices, default=ExportState.ASKED)
    asked_at = models.DateTimeField(_("asked at"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    file = models.FileField(upload_to=private_name, blank=True)
    rows = models.PositiveIntegerField(_("rows"), default=0)
    ready_at = models.DateTimeField(_("ready at"), null=True)
    expires_at = models.DateTimeField(_("expires at"), null=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = _("export with personal data")
        verbose_name_plural = _("exports with personal data")
        ordering = ("-asked_at", "-pk")
        constraints = (
            models.CheckConstraint(
                name="export_decided_by_another",
                condition=Q(decided_by=None) | ~Q(decided_by=models.F("by")),
                violation_error_message=_("Nobody approves an export of his own."),
            ),
        )
        indexes = (
            # The sweep: what is approved and not made, asked and never answered, ready and past its time.
            models.Index(fields=("state",), name="export_open", condition=Q(state__in=("asked", "approved", "ready"))),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The approval number as it stands on the file."""
        return f"EX{self.pk:06d}"
