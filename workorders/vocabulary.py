"""The stored words of a work order: statuses, phases, sources, urgencies. Pure; the glossary translates them."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Status(models.TextChoices):
    REPORTED = "reported", _("Reported")
    VERIFYING = "verifying", _("Being verified")
    FILED = "filed", _("Filed")
    DISPATCHED = "dispatched", _("Dispatched")
    HANDLING = "handling", _("Being handled")
    SUSPENDED = "suspended", _("Suspended")
    FED_BACK = "fed_back", _("Fed back")
    REVISITING = "revisiting", _("Being revisited")
    CLOSED = "closed", _("Closed")
    DECLINED = "declined", _("Declined")
    MERGED = "merged", _("Merged")
    VOIDED = "voided", _("Voided")


class Phase(models.TextChoices):
    REPORT = "report", _("Report")
    DISPATCH = "dispatch", _("Dispatch")
    HANDLE = "handle", _("Handle")
    FEEDBACK = "feedback", _("Feedback")
    REVIEW = "review", _("Review")


PHASE_OF = {
    Status.REPORTED: Phase.REPORT,
    Status.VERIFYING: Phase.REPORT,
    Status.FILED: Phase.DISPATCH,
    Status.DISPATCHED: Phase.DISPATCH,
    Status.HANDLING: Phase.HANDLE,
    Status.SUSPENDED: Phase.HANDLE,
    Status.FED_BACK: Phase.FEEDBACK,
    Status.REVISITING: Phase.REVIEW,
    Status.CLOSED: Phase.REVIEW,
    Status.DECLINED: Phase.REPORT,
    Status.MERGED: Phase.REPORT,
    Status.VOIDED: Phase.REPORT,
}

FINAL = frozenset({Status.CLOSED, Status.DECLINED, Status.MERGED, Status.VOIDED})
OPEN = frozenset(Status) - FINAL


class Urgency(models.TextChoices):
    NORMAL = "normal", _("Normal")
    URGENT = "urgent", _("Urgent")
    EMERGENCY = "emergency", _("Emergency")


URGENCY_RANK = {Urgency.NORMAL: 0, Urgency.URGENT: 1, Urgency.EMERGENCY: 2}


class Difficulty(models.IntegerChoices):
    SIMPLE = 1, _("Simple")
    GENERAL = 2, _("General")
    DIFFICULT = 3, _("Difficult")
    BACKLOG = 4, _("Backlog")


class Source(models.TextChoices):
    OFFICER = "officer", _("Grid officer")
    PATROL = "patrol", _("Patrol")
    HOTLINE = "hotline", _("Hotline")
    PUBLIC = "public", _("Resident")
    DEPARTMENT = "department", _("Department")
    LEADER = "leader", _("Leader's instruction")
    INSPECTION = "inspection", _("Inspection")
    VISIT = "visit", _("Visit")
    IOT = "iot", _("Sensor")
    OPEN311 = "open311", _("Open311")
    OTHER = "other", _("Other")


RESTRICTED_SOURCES = frozenset({Source.HOTLINE, Source.LEADER, Source.DEPARTMENT})


class Card(models.TextChoices):
    YELLOW = "yellow", _("Yellow card")
    RED = "red", _("Red card")


class ClockKind(models.TextChoices):
    ACCEPT = "accept", _("Acceptance")
    VERIFY = "verify", _("Verification")
    DISPATCH = "dispatch", _("Dispatch")
    SIGN = "sign", _("Signing")
    CONTAIN = "contain", _("Containment")
    HANDLE = "handle", _("Handling")
    RESTORE = "restore", _("Restoring service")
    CHECK = "check", _("Check")
    REVISIT = "revisit", _("Revisit")


class WhistleKind(models.TextChoices):
    EMERGENCY = "emergency", _("Emergency")
    JOINT = "joint", _("Joint action")
    DAILY = "daily", _("Daily matter")


class WorkState(models.TextChoices):
    """How far a piece of work is that the worker does for somebody: a held step, a row of a bulk job."""

    WAITING = "waiting", _("Waits to be done")
    DONE = "done", _("Was done")
    REFUSED = "refused", _("Was refused")
    TAKEN_BACK = "taken_back", pgettext_lazy("step", "Taken back")


# How satisfied somebody is, the best first.
GRADES = {
    5: _("Very satisfied"),
    4: _("Satisfied"),
    3: _("Basically satisfied"),
    2: _("Dissatisfied"),
    1: _("Very dissatisfied"),
}

# The years in which moments lie that people enter; near year 1 and 9999 a stored moment could not be read back.
YEARS = range(1900, 2200)
