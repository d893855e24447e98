"""What was done to an order, by whom, in which role: append-only and chained."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.events import Event


class WorkOrderEvent(Event):
    """One move, or one thing that happened to an order.

    `data` keys by kind are listed in docs/workflow.md §4; `kind` is the move's name, or one of `imported import_undone
    remarked rated carded followed reopen_requested attached released rehomed`.
    """

    chain_field = "order_id"

    order = models.ForeignKey("WorkOrder", models.PROTECT, related_name="events", db_index=False)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["order", "sequence", "pk"]
        constraints = [models.UniqueConstraint(fields=["order", "sequence"], name="event_sequence_once_per_order")]
