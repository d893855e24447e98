"""The stored words of the assessment: states of schemes, runs and appeals, levels of scores, kinds of records. Pure."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SchemeState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SIMULATED = "simulated", _("Simulated")
    APPROVED = "approved", _("Approved")
    IN_FORCE = "in_force", _("In force")


class RunStatus(models.TextChoices):
    QUEUED = "queued", _("Waiting to start")
    RUNNING = "running", _("Being computed")
    COMPUTED = "computed", _("Computed, under review")
    PUBLISHED = "published", _("Published")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class Span(models.TextChoices):
    MONTH = "month", _("Month")
    QUARTER = "quarter", _("Quarter")
    YEAR = "year", _("Year")


class ScoreLevel(models.TextChoices):
    GRID = "grid", _("Grid")
    COMMUNITY = "community", _("Community")
    STREET = "street", _("Street")
    DISTRICT = "district", _("District")
    OFFICER = "officer", _("Officer")
    UNIT = "unit", _("Unit")


class NotRanked(models.TextChoices):
    """Why a subject has no score."""

    FEW_DAYS = "few_days", _("Not active long enough in the period")
    NOTHING = "nothing", _("Nothing to measure in the period")
    NO_PARTS = "no_parts", _("None of its parts is ranked")


class RecordKind(models.TextChoices):
    """What a record of `FactRecord` says was due; see docs/assessment.md."""

    PATROL = "patrol", _("Key point to be passed")
    VISIT = "visit", _("Visit due")
    DISPUTE = "dispute", _("Dispute due to be settled")
    SAMPLE = "sample", _("Sampled base data record")
    ATTENDANCE = "attendance", _("Planned duty or training")
    MISSED = "missed", _("Confirmed missed discovery")


class CareLevel(models.TextChoices):
    RED = "red", _("Red")
    YELLOW = "yellow", _("Yellow")
    GREEN = "green", _("Green")


class Fact(models.TextChoices):
    """What kind of fact lies behind a figure or a deduction: one fact costs once, one appeal settles it everywhere."""

    LATE = "late", _("Late handling")
    REWORK = "rework", _("Rework")
    DELAY = "delay", _("Granted extension")
    SIGNING = "signing", _("Late signing")
    CLOSING = "closing", _("Not closed")
    OPINION = "opinion", _("Dissatisfied answer")
    REPORT = "report", _("Invalid report")
    MISSED = "missed", _("Missed discovery")
    RECORD = "record", _("Record not fulfilled")
    SPOT = "spot", _("Repeated complaints about one spot")
    CARD = "card", _("Supervision card")
    MERIT = "merit", _("Merit")
    MANUAL = "manual", _("Entered by hand")


class AppealState(models.TextChoices):
    OPEN = "open", _("Waiting for the first decision")
    REFUSED = "refused", _("Refused, may go to the second step")
    SECOND = "second", _("Waiting for the second decision")
    FINAL = "final", _("Refused for good")
    UPHELD = "upheld", _("Upheld")


class FollowUpKind(models.TextChoices):
    """What poor months call for; a person decides it."""

    TALK = "talk", _("Talk and training")
    CONTRACT = "contract", _("Proposal to end the contract")
