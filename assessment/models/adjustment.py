"""Deductions, bonuses and vetoes people enter: with cause, evidence and, where the table says so, a second person."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from assessment.models.reach import AssessorQuerySet


class Adjustment(models.Model):
    """A manual item for one grid and month. It counts once it is confirmed, and not after it is withdrawn."""

    period = models.CharField(_("month"), max_length=7)
    area = models.ForeignKey("grids.Area", models.PROTECT, related_name="+", verbose_name=_("grid"))
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    code = models.CharField(_("item"), max_length=10)
    variant = models.CharField(_("case"), max_length=20, blank=True)
    count = models.PositiveSmallIntegerField(_("number"), default=1)
    cause = models.TextField(_("cause"))
    order = models.ForeignKey("workorders.WorkOrder", models.PROTECT, null=True, blank=True, related_name="+")
    evidence = models.FileField(_("evidence"), upload_to="assessment/", blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    objects = AssessorQuerySet.as_manager()

    class Meta:
        verbose_name = _("manual item")
        verbose_name_plural = _("manual items")
        ordering = ["-period", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("entered_by")),
                name="adjustment_confirmed_by_another",
                violation_error_message=_("A second person confirms the item."),
            ),
            models.CheckConstraint(
                condition=Q(count__gte=1),
                name="adjustment_counts_once_or_more",
                violation_error_message=_("The number is at least 1."),
            ),
        ]
        # The items of a month.
        indexes = [models.Index(fields=["period", "area"], name="adjustment_of_month")]

    def __str__(self):
        return f"{self.period} {self.code} {self.area_id}"
