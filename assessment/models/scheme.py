"""By which rules a month is assessed: schemes and their versions, never edited once approved."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from assessment.vocabulary import SchemeState


class Scheme(models.Model):
    """A family of versions, by code."""

    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("assessment scheme")
        verbose_name_plural = _("assessment schemes")
        ordering = ["code"]

    def __str__(self):
        return self.code


class SchemeVersion(models.Model):
    """One version: draft → simulated on a past month → approved by two → in force from a month.

    `body` is described in docs/assessment.md and judged by `assessment.schemes.read`.
    """

    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    state = models.CharField(max_length=9, choices=SchemeState.choices, default=SchemeState.DRAFT)
    body = models.JSONField()
    note = models.TextField(blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    simulated_on = models.CharField(max_length=7, blank=True, help_text=_("The month it was tried on"))
    first_approver = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    first_approved_at = models.DateTimeField(null=True)
    second_approver = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    second_approved_at = models.DateTimeField(null=True)
    in_force_from = models.CharField(max_length=7, blank=True, help_text=_("The first month it holds for"))

    class Meta:
        verbose_name = _("scheme version")
        verbose_name_plural = _("scheme versions")
        ordering = ["scheme", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "number"], name="scheme_version_once"),
            models.CheckConstraint(
                condition=Q(first_approver__isnull=True)
                | Q(second_approver__isnull=True)
                | ~Q(first_approver=models.F("second_approver")),
                name="scheme_approved_by_two",
                violation_error_message=_("A scheme is approved by two different people."),
            ),
        ]

    def __str__(self):
        return f"{self.scheme.code} v{self.number}"
