"""The resident's side of an order: the way back to it, and the rating."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class PublicReport(models.Model):
    """How a resident without an account finds the order again."""

    order = models.OneToOneField("WorkOrder", models.PROTECT, related_name="public_report")
    token = models.CharField(max_length=32, unique=True)
    code = models.CharField(max_length=10, unique=True)
    last4_hash = models.CharField(
        max_length=64, blank=True, help_text=_("Keyed hash of the last four digits of the phone")
    )

    class Meta:
        verbose_name = _("resident's report")
        verbose_name_plural = _("residents' reports")
        ordering = ["pk"]

    def __str__(self):
        return self.code


class Rating(models.Model):
    """What the resident said of the result, once."""

    order = models.OneToOneField("WorkOrder", models.PROTECT, related_name="rating")
    resolved = models.BooleanField(_("solved"))
    satisfaction = models.PositiveSmallIntegerField(_("satisfaction"))
    reasons = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    note = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")
        ordering = ["pk"]
        # The ratings of a month: the assessment.
        indexes = [models.Index(fields=["at"], name="rating_at")]

    def __str__(self):
        return f"{self.order_id} {self.satisfaction}"
