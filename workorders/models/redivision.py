"""Grids and communities that are split or merged: the plan, how far it is, and the orders that went along."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from personnel.jurisdiction import JurisdictionQuerySet


class Redivision(models.Model):
    """One split or merger, from the day it was decided on to its last order. Written by `commands.redividing`.

    `body`: parts (what `grids.commands.Opening` holds), posts {id of a post: codes of new areas}, rest (code of the
    part that gets what has no point).
    """

    class Kind(models.TextChoices):
        SPLIT = "split", pgettext_lazy("areas", "Split")
        MERGE = "merge", pgettext_lazy("areas", "Merger")

    class State(models.TextChoices):
        PLANNED = "planned", _("Waits for its day")
        MOVING = "moving", _("Orders are going over")
        DONE = "done", pgettext_lazy("areas", "Carried out")
        CANCELLED = "cancelled", pgettext_lazy("areas", "Called off")
        REFUSED = "refused", _("Could not be carried out")

    kind = models.CharField(_("kind"), max_length=5, choices=Kind.choices)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.PLANNED)
    area = models.ForeignKey(
        "grids.Area", models.PROTECT, related_name="+", verbose_name=_("area"), help_text=_("The first that gives way")
    )
    olds = ArrayField(models.BigIntegerField(), verbose_name=_("areas that give way"))
    on = models.DateField(_("valid from"))
    body = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("decided by"))
    made_at = models.DateTimeField(_("decided at"))
    done_at = models.DateTimeField(_("carried out at"), null=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("called off by")
    )
    cancelled_at = models.DateTimeField(_("called off at"), null=True)
    refusal = models.TextField(_("why it could not be carried out"), blank=True)

    objects = JurisdictionQuerySet.as_manager()

    class Meta:
        verbose_name = _("redivision of areas")
        verbose_name_plural = _("redivisions of areas")
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(olds__len__gte=1),
                name="redivision_of_at_least_one_area",
                violation_error_message=_("Something has to give way."),
            )
        ]

    def __str__(self):
        return f"{self.kind} {self.area_id} {self.on}"


class RehomedOrder(models.Model):
    """An open order that went from an area that was split or merged to one that took its place.

    Its history says the same; this row lets a month that was over before still find where the order lay.
    """

    redivision = models.ForeignKey(Redivision, models.PROTECT, related_name="orders", db_index=False)
    order = models.ForeignKey("WorkOrder", models.PROTECT, related_name="+", db_index=False)
    before = models.ForeignKey("grids.Area", models.PROTECT, related_name="+", db_index=False)
    after = models.ForeignKey("grids.Area", models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("order that went over")
        verbose_name_plural = _("orders that went over")
        ordering = ["redivision", "pk"]
        indexes = [
            # Where an order lay at the end of a month: the assessment of months that were over before.
            models.Index(F("at"), F("order"), name="rehomed_since"),
            # What went over with a redivision, for its page.
            models.Index(fields=["redivision", "order"], name="rehomed_with"),
        ]

    def __str__(self):
        return f"{self.order_id} {self.before_id} → {self.after_id}"
