"""What was done with schemes, runs, manual items and appeals: append-only and chained per area."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.events import Event


class AssessmentEvent(Event):
    """One step.

    Keys of `data`: run, period, scheme, version, adjustment, appeal, code, cause, reason, checksum, record, kind, key,
    on, changes {field: [before, after]}, created, changed, year, leaders, peers, residents, agreed.
    """

    class Kind(models.TextChoices):
        DRAFTED = "drafted", _("Scheme drafted")
        SIMULATED = "simulated", _("Scheme simulated")
        APPROVED = "approved", _("Scheme approved")
        ENTERED = "entered", _("Item entered")
        CONFIRMED = "confirmed", _("Item confirmed")
        WITHDRAWN = "withdrawn", _("Item withdrawn")
        STARTED = "started", _("Run started")
        CANCELLED = "cancelled", _("Run cancelled")
        PUBLISHED = "published", _("Run published")
        APPEALED = "appealed", _("Appeal made")
        RULED = "ruled", _("Appeal decided")
        REVISED = "revised", _("Revision made")
        NOTED = "noted", _("Record entered")
        CORRECTED = "corrected", _("Record set right")
        IMPORTED = "imported", _("Records imported")
        VOID_ASKED = "void_asked", _("Voiding of a record asked for")
        VOIDED = "voided", _("Record voided")
        VOID_REFUSED = "void_refused", _("Voiding of a record refused")
        REVIEWED = "reviewed", _("Annual review entered")
        FOLLOWED_UP = "followed_up", _("Follow-up decided")

    chain_field = "area_id"

    area = models.ForeignKey("grids.Area", models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("event of the assessment")
        verbose_name_plural = _("events of the assessment")
        ordering = ["area", "sequence", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["area", "sequence"], name="assessment_event_sequence", nulls_distinct=False)
        ]

    def __str__(self):
        return f"{self.area_id}/{self.sequence} {self.kind}"
