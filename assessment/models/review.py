"""The annual review: what leaders, peers and residents think, out of 100 each."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from assessment.models.reach import AssessorQuerySet

_MARK = {"max_digits": 5, "decimal_places": 2}


class AnnualReview(models.Model):
    """One grid's (or one officer's) review of a year; it weighs a fifth of the year's score."""

    year = models.PositiveSmallIntegerField(_("year"))
    area = models.ForeignKey("grids.Area", models.PROTECT, related_name="+", verbose_name=_("grid"))
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    leaders = models.DecimalField(_("leaders"), **_MARK)
    peers = models.DecimalField(_("peers"), **_MARK)
    residents = models.DecimalField(_("residents"), **_MARK)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    objects = AssessorQuerySet.as_manager()

    class Meta:
        verbose_name = _("annual review")
        verbose_name_plural = _("annual reviews")
        ordering = ["-year", "area", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "area", "officer"], nulls_distinct=False, name="annual_review_once"
            ),
            models.CheckConstraint(
                condition=Q(leaders__range=(0, 100), peers__range=(0, 100), residents__range=(0, 100)),
                name="annual_review_0_to_100",
                violation_error_message=_("Marks lie between 0 and 100."),
            ),
        ]

    def __str__(self):
        return f"{self.year} {self.area_id}"
