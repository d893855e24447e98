"""Papers of an order: asked extensions and supervision cards."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from workorders.vocabulary import Card


class Extension(models.Model):
    """More time asked for, and what was decided."""

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting for a decision")
        GRANTED = "granted", _("Granted")
        REFUSED = "refused", _("Refused")
        LAPSED = "lapsed", _("Lapsed")

    order = models.ForeignKey("WorkOrder", models.PROTECT, related_name="extensions")
    state = models.CharField(max_length=7, choices=State.choices, default=State.PENDING)
    reason = models.TextField()
    due_before = models.DateTimeField(help_text=_("The due moment when it was asked for"))
    until = models.DateTimeField(help_text=_("Asked for"))
    granted_until = models.DateTimeField(null=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True)

    class Meta:
        verbose_name = _("extension")
        verbose_name_plural = _("extensions")
        ordering = ["order", "asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=models.Q(state="pending"),
                name="one_pending_extension_per_order",
                violation_error_message=_("An extension is already waiting for a decision."),
            )
        ]

    def __str__(self):
        return f"{self.order_id} {self.state}"


class Supervision(models.Model):
    """A card: given by an inspector, or by a rule when `by` is empty."""

    order = models.ForeignKey("WorkOrder", models.PROTECT, related_name="supervisions")
    card = models.CharField(max_length=6, choices=Card.choices)
    rule = models.CharField(max_length=20, blank=True, help_text=_("overdue or rework, when a rule gave it"))
    reason = models.TextField(blank=True)
    answer_by = models.DateTimeField(null=True)
    unit = models.ForeignKey(
        "personnel.Unit", models.PROTECT, null=True, related_name="+", help_text=_("Whom it was given to")
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("supervision card")
        verbose_name_plural = _("supervision cards")
        ordering = ["order", "at", "pk"]

    def __str__(self):
        return f"{self.order_id} {self.card}"
