"""The clocks of an order: when each step began, was due and was done, and when it stood still."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from workorders.vocabulary import ClockKind


class Clock(models.Model):
    """One deadline of one step. A step done twice (rework) has two rows."""

    order = models.ForeignKey("WorkOrder", models.PROTECT, related_name="clocks", db_index=False)
    kind = models.CharField(max_length=8, choices=ClockKind.choices)
    unit = models.ForeignKey(
        "personnel.Unit", models.PROTECT, null=True, related_name="+", help_text=_("Whose time it is"), db_index=False
    )
    limit = models.JSONField(help_text=_("{amount, unit}"))
    since = models.DateTimeField()
    due_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    is_rework = models.BooleanField(default=False)
    was_returned = models.BooleanField(default=False)
    own_limit = models.JSONField(help_text=_("The category's limit at its own urgency"))
    urgency_steps = models.PositiveSmallIntegerField(default=0)
    was_paused = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("clock")
        verbose_name_plural = _("clocks")
        ordering = ["order", "since", "pk"]
        indexes = [
            # The clocks of one order, the running ones first of all.
            models.Index(fields=["order", "stopped_at"], name="clock_of_order"),
            # Who is late now, by kind.
            models.Index(fields=["kind", "due_at"], name="clock_running", condition=Q(stopped_at__isnull=True)),
        ]

    def __str__(self):
        return f"{self.order_id} {self.kind} {self.due_at:%F %R}"


class Pause(models.Model):
    """An interval in which a clock stood still: `since <= t < until`."""

    clock = models.ForeignKey(Clock, models.PROTECT, related_name="pauses")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    reason = models.CharField(max_length=20, help_text=_("Name of the move that stopped the clock"))

    class Meta:
        ordering = ["clock", "since", "pk"]

    def __str__(self):
        return f"{self.clock_id} {self.since:%F %R}"
