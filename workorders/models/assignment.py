"""Who was given an order, as what, and what came of it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Assignment(models.Model):
    """One unit's or one officer's part in an order. It also is the reach of that unit: rows are never removed."""

    class Kind(models.TextChoices):
        LEAD = "lead", _("Lead")
        CO = "co", _("Co-handler")
        FOLLOW = "follow", _("Follow-up")
        VERIFY = "verify", _("Verification")
        WHISTLE = "whistle", _("Whistle")

    class Outcome(models.TextChoices):
        OPEN = "", _("Open")
        DONE = "done", _("Done")
        RETURNED = "returned", _("Returned")
        TAKEN_BACK = "taken_back", _("Taken back")

    order = models.ForeignKey("WorkOrder", models.PROTECT, related_name="assignments", db_index=False)
    kind = models.CharField(max_length=7, choices=Kind.choices)
    unit = models.ForeignKey("personnel.Unit", models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    task = models.TextField(blank=True)
    whistle = models.CharField(max_length=9, blank=True)
    forced = models.BooleanField(default=False)
    assigned_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    arrived = models.JSONField(null=True, help_text=_("{lon, lat, metres}: where, and how far from the order"))
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    result = models.TextField(blank=True)
    score = models.PositiveSmallIntegerField(null=True)
    reported_at = models.DateTimeField(help_text=_("Copy from the order: the unit's list is sorted by it"))

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        ordering = ["order", "assigned_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(unit__isnull=False, officer__isnull=True) | Q(unit__isnull=True, officer__isnull=False),
                name="assignment_to_unit_or_officer",
                violation_error_message=_("Give the order to a unit or to an officer."),
            ),
        ]
        indexes = [
            # The orders a unit ever had, newest first: its reach and its lists.
            models.Index(
                F("unit"),
                F("reported_at").desc(),
                F("order").desc(),
                name="assignment_by_unit",
                condition=Q(unit__isnull=False),
            ),
            models.Index(
                F("officer"),
                F("reported_at").desc(),
                F("order").desc(),
                name="assignment_by_officer",
                condition=Q(officer__isnull=False),
            ),
            # The parts of one order.
            models.Index(fields=["order", "assigned_at"], name="assignment_of_order"),
        ]

    @property
    def may_be_reported(self) -> bool:
        """Whether a unit that helps can say what it did: called in at once, whistled for after it signed in."""
        return self.kind == self.Kind.CO or (self.kind == self.Kind.WHISTLE and self.arrived_at is not None)

    def __str__(self):
        return f"{self.order_id} {self.kind}"
