"""What a person decided after poor months."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from assessment.models.reach import AssessorQuerySet
from assessment.vocabulary import FollowUpKind


class FollowUpQuerySet(AssessorQuerySet):
    """Those about oneself, and those in the areas one assesses."""

    area_path = "score__area"
    own_path = "officer"


class FollowUp(models.Model):
    """One decision about one officer, once for a month: rules only find whom it is about (`assessment.use`)."""

    score = models.ForeignKey("Score", models.PROTECT, related_name="follow_ups")
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    period = models.CharField(_("month"), max_length=7)
    kind = models.CharField(_("follow-up"), max_length=8, choices=FollowUpKind.choices)
    agreed = models.BooleanField(_("carried out"))
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")
        ordering = ["-period", "-at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["officer", "period", "kind"],
                name="follow_up_once",
                violation_error_message=_("This is decided already."),
            )
        ]

    def __str__(self):
        return f"{self.officer_id} {self.period} {self.kind}"
