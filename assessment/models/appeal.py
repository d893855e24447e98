"""Appeals against a published row, their two steps, and what an upheld one set right."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from assessment.models.reach import AppealQuerySet
from assessment.vocabulary import AppealState, Fact


class Appeal(models.Model):
    """One appeal against one item of a published score, at most one per item and order."""

    score = models.ForeignKey("Score", models.PROTECT, related_name="appeals")
    item = models.CharField(_("item"), max_length=20, help_text=_("Code of an indicator, deduction or bonus"))
    order = models.ForeignKey("workorders.WorkOrder", models.PROTECT, null=True, blank=True, related_name="+")
    charge = models.ForeignKey("Charge", models.PROTECT, null=True, blank=True, related_name="+")
    fact = models.CharField(max_length=10, choices=Fact.choices)
    reason = models.TextField(_("reason"))
    evidence = models.FileField(_("evidence"), upload_to="assessment/", blank=True)
    state = models.CharField(max_length=7, choices=AppealState.choices, default=AppealState.OPEN)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    answer_due = models.DateTimeField()
    first_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    first_at = models.DateTimeField(null=True)
    first_answer = models.TextField(blank=True)
    second_reason = models.TextField(blank=True)
    second_asked_at = models.DateTimeField(null=True)
    second_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    second_at = models.DateTimeField(null=True)
    second_answer = models.TextField(blank=True)
    outcome = models.ForeignKey(
        "Run", models.PROTECT, null=True, related_name="upheld", help_text=_("The revision it led to")
    )

    objects = AppealQuerySet.as_manager()

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["score", "item", "order"],
                nulls_distinct=False,
                name="appeal_once_per_item",
                violation_error_message=_("There is already an appeal against this item."),
            )
        ]

    def __str__(self):
        return f"{self.score_id} {self.item} {self.state}"
