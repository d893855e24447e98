"""One computation of a period for one area, and what it counted. A published run never changes."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from assessment.vocabulary import RunStatus, Span
from grids.directory import directory
from personnel.jurisdiction import JurisdictionQuerySet, lies_in, standing_of, units_directory
from personnel.roles import Role

# Who works with runs before they are published.
READERS = (Role.ASSESSOR,)


class RunQuerySet(JurisdictionQuerySet):
    def visible_to(self, user, on):
        """Published months and months so far of the areas above and below one's own; else the assessors' own runs."""
        if not getattr(user, "is_authenticated", False) or not user.is_active:
            return self.none()
        standing = standing_of(user, on)
        if standing.is_superuser:
            return self
        known = directory().by_id
        units = units_directory().by_id
        own = set(standing.area_ids) | {units[one].area_id for one in standing.unit_ids if one in units}
        above = {area_id for one in own if one in known for area_id in known[one].path}
        assess = {post.area_id for post in standing.posts if post.role in READERS and post.area_id}
        told = Q(status=RunStatus.PUBLISHED) | Q(provisional=True, simulated=False)
        seen = told & (Q(area_id__in=sorted(above)) | lies_in("area__in", own)) if own else Q(pk__in=())
        return self.filter(seen | lies_in("area__in", assess)) if assess else self.filter(seen)

    def current(self):
        """Published runs that no later published revision replaced; one that still waits replaces nothing."""
        return self.filter(status=RunStatus.PUBLISHED).exclude(next_revision__status=RunStatus.PUBLISHED)


class Run(models.Model):
    """Period + scheme version + hierarchy as of the period + data cut-off → scores."""

    area = models.ForeignKey("grids.Area", models.PROTECT, related_name="+")
    span = models.CharField(max_length=7, choices=Span.choices, default=Span.MONTH)
    period = models.CharField(max_length=7, help_text=_("2026-10, 2026-Q3 or 2026"))
    version = models.ForeignKey("SchemeVersion", models.PROTECT, related_name="runs")
    cut_off = models.DateTimeField(help_text=_("What happened later is not looked at"))
    status = models.CharField(max_length=9, choices=RunStatus.choices, default=RunStatus.QUEUED)
    provisional = models.BooleanField(default=False, help_text=_("The period is not over"))
    simulated = models.BooleanField(default=False, help_text=_("Tries a draft scheme; never published"))
    revision = models.PositiveSmallIntegerField(default=1)
    previous = models.OneToOneField("self", models.PROTECT, null=True, related_name="next_revision")
    reason = models.TextField(blank=True, help_text=_("Why there is a later revision"))
    codes = models.JSONField(default=list, help_text=_("The indicators, in the order of the bits of Counted"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    step = models.CharField(max_length=20, blank=True)
    progress = models.PositiveSmallIntegerField(default=0, help_text=_("Percent"))
    rows = models.PositiveIntegerField(default=0, help_text=_("Orders and records counted"))
    checksum = models.CharField(max_length=64, blank=True)
    problem = models.TextField(blank=True)
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("assessment run")
        verbose_name_plural = _("assessment runs")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["area", "period", "revision"],
                condition=Q(status=RunStatus.PUBLISHED),
                name="run_published_once",
                violation_error_message=_("This period is published already."),
            ),
            models.CheckConstraint(
                condition=~Q(status=RunStatus.PUBLISHED) | Q(provisional=False, simulated=False),
                name="run_published_when_over",
                violation_error_message=_("A period that is not over cannot be published."),
            ),
        ]
        # The runs of a period, newest first.
        indexes = [models.Index(F("period"), F("id").desc(), name="run_of_period")]

    def __str__(self):
        return f"{self.period} {self.area_id} #{self.pk}"


class Counted(models.Model):
    """One order or record as a run saw it: where it counts, whether it counted well, and the moments that say why.

    Bit n of `denominators` and `numerators` belongs to the n-th code of the run.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="counted", db_index=False, db_constraint=False)
    what = models.CharField(max_length=10, help_text=_("order, or the kind of a record"))
    order = models.ForeignKey(
        "workorders.WorkOrder", models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    record = models.ForeignKey(
        "FactRecord", models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    area = models.ForeignKey("grids.Area", models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    unit = models.ForeignKey(
        "personnel.Unit", models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    category_id = models.BigIntegerField(null=True)
    source = models.CharField(max_length=10)
    own = models.BooleanField(help_text=_("An officer handled it himself"))
    here = models.BooleanField(help_text=_("Led by the grid's officer or its community"))
    reported_at = models.DateTimeField(null=True)
    sign_due = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    began_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    handled_at = models.DateTimeField(null=True)
    close_due = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    satisfaction = models.SmallIntegerField(null=True)
    reworks = models.SmallIntegerField(default=0)
    delays = models.SmallIntegerField(default=0)
    difficulty = models.SmallIntegerField(default=0)
    weight = models.SmallIntegerField(default=1, help_text=_("How much a visit counts: red 3, yellow 2, green 1"))
    status = models.CharField(max_length=10)
    unsettled = models.BooleanField(help_text=_("What it counts as may still change after the cut-off"))
    excused = models.CharField(max_length=20, blank=True, help_text=_("The fact an upheld appeal set right"))
    denominators = models.BigIntegerField()
    numerators = models.BigIntegerField()

    class Meta:
        verbose_name = _("counted row")
        verbose_name_plural = _("counted rows")
        ordering = ["pk"]
        indexes = [
            # The evidence behind a grid's figure.
            models.Index(fields=["run", "area"], name="counted_in_area"),
        ]

    def __str__(self):
        return f"{self.run_id} {self.what} {self.order_id or self.record_id}"
