"""Facts the product has no records of its own for yet, one row per thing that was due."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from assessment.models.reach import AssessorQuerySet
from assessment.vocabulary import CareLevel, RecordKind


class FactRecord(models.Model):
    """A key point, a visit, a dispute, a sampled record, a duty: due on a day in a grid, and what came of it.

    Filled by later parts of the product, by hand, or from a file. See docs/assessment.md for each kind's meaning. One
    entered by mistake is void once a second person has looked at it; then it counts nowhere.
    """

    kind = models.CharField(_("kind"), max_length=10, choices=RecordKind.choices)
    area = models.ForeignKey("grids.Area", models.PROTECT, related_name="+", verbose_name=_("grid"))
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("officer")
    )
    on = models.DateField(_("due on"), help_text=_("It counts in the month of this day"))
    done = models.BooleanField(_("done"), help_text=_("Passed, visited, settled, correct, attended"))
    done_on = models.DateField(_("done on"), null=True, blank=True)
    provisional = models.BooleanField(_("provisional"), default=False, help_text=_("A settlement younger than 30 days"))
    level = models.CharField(_("level"), max_length=6, choices=CareLevel.choices, blank=True)
    order = models.ForeignKey("workorders.WorkOrder", models.PROTECT, null=True, blank=True, related_name="+")
    key = models.CharField(
        _("key"), max_length=80, help_text=_("Names the thing; a second import of it changes nothing")
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    entered_at = models.DateTimeField()
    void_asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    void_asked_at = models.DateTimeField(null=True)
    void_reason = models.TextField(_("why it is void"), blank=True)
    voided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    voided_at = models.DateTimeField(null=True)

    objects = AssessorQuerySet.as_manager()

    class Meta:
        verbose_name = _("record")
        verbose_name_plural = _("records")
        ordering = ["on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "area", "key", "on"],
                condition=Q(voided_at__isnull=True),
                name="record_once",
                violation_error_message=_("This record is already there."),
            ),
            models.CheckConstraint(
                condition=Q(voided_by__isnull=True) | ~Q(voided_by=F("void_asked_by")),
                name="record_voided_by_another",
                violation_error_message=_("A second person voids the record."),
            ),
            models.CheckConstraint(
                condition=~Q(kind="visit") | ~Q(level=""),
                name="record_visit_has_level",
                violation_error_message=_("A visit needs its level: red, yellow or green."),
            ),
        ]
        # The records of a month.
        indexes = [models.Index(fields=["on", "kind"], name="record_of_month")]

    def __str__(self):
        return f"{self.kind} {self.on} {self.key}"
