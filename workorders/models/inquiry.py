"""A question to whoever reported an order, while its handling stands still."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Inquiry(models.Model):
    """What the handling unit asked the reporter, and what came of it."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("Waiting for the answer")
        ANSWERED = "answered", _("Answered")
        UNANSWERED = "unanswered", _("Not answered in time")
        OVERTAKEN = "overtaken", _("Not needed any more")

    order = models.ForeignKey("WorkOrder", models.PROTECT, related_name="inquiries", verbose_name=_("order"))
    question = models.TextField(_("question"), max_length=500)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False, verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked at"))
    answer_by = models.DateTimeField(_("answer by"))
    answer = models.TextField(_("answer"), blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices, default=Outcome.WAITING)
    ended_at = models.DateTimeField(_("ended at"), null=True)

    class Meta:
        verbose_name = _("question to the reporter")
        verbose_name_plural = _("questions to the reporter")
        ordering = ["order", "asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=models.Q(outcome="waiting"),
                name="one_waiting_inquiry_per_order",
                violation_error_message=_("A question is already waiting for the reporter's answer."),
            )
        ]

    def __str__(self):
        return f"{self.order_id} {self.outcome}"
