"""Class M: finding, signing, handling, closing. Source: domain §6.3."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessment import counting as c
from assessment.indicators import reasons
from assessment.indicators.registry import HIGHER, LOWER, Indicator
from assessment.vocabulary import Fact

MANAGEMENT = (
    Indicator(
        "M01", _("Valid reports reached"), "M", HIGHER, "6.3 M01", Fact.REPORT,
        denominator="field_report", numerator="valid",
        moment=lambda row: row.reported_at, why=reasons.valid_report, needs_officer=True,
    ),
    Indicator(
        "M02", _("Valid report rate"), "M", HIGHER, "6.3 M02", Fact.REPORT,
        denominator="field_report", numerator="valid",
        moment=lambda row: row.reported_at, why=reasons.valid_report, needs_officer=True,
    ),
    Indicator(
        "M03", pgettext_lazy("indicator", "Missed discovery"), "M", LOWER, "6.3 M03", Fact.MISSED,
        denominator="what = 'missed' OR (field_report AND valid)", numerator="what = 'missed'",
        moment=lambda row: row.reported_at, why=reasons.missed, needs_officer=True, record="missed",
    ),
    Indicator(
        "M04", _("On-time signing"), "M", HIGHER, "6.3 M04", Fact.SIGNING,
        denominator="should_sign", numerator=c.SIGNED_ON_TIME,
        moment=lambda row: reasons.earliest(row.signed_at, row.sign_due), why=reasons.signing,
        only_here=True, of_units=True, of_officers=True,
    ),
    Indicator(
        "M05", _("On-time handling"), "M", HIGHER, "6.3 M05", Fact.LATE,
        denominator="should_handle", numerator=c.HANDLED_ON_TIME,
        moment=lambda row: reasons.earliest(row.handled_at, row.due_at), why=reasons.handling,
        only_here=True, of_units=True, of_officers=True,
    ),
    Indicator(
        "M06", _("Closing"), "M", HIGHER, "6.3 M06", Fact.CLOSING,
        denominator="should_close", numerator=c.CLOSED,
        moment=lambda row: reasons.earliest(row.closed_at, row.close_due), why=reasons.closing,
        only_here=True, of_units=True,
    ),
    Indicator(
        "M07", pgettext_lazy("indicator", "Rework"), "M", LOWER, "6.3 M07", Fact.REWORK,
        denominator="should_close", numerator="reworks > 0",
        moment=lambda row: reasons.earliest(row.closed_at, row.close_due), why=reasons.rework,
        only_here=True, of_units=True,
    ),
    Indicator(
        "M08", _("Overdue backlog"), "M", LOWER, "6.3 M08", Fact.LATE,
        denominator="should_handle", numerator=c.OVERDUE,
        moment=lambda row: reasons.earliest(row.handled_at, row.due_at), why=reasons.backlog,
        only_here=True, of_units=True,
    ),
    Indicator(
        "M09", _("Delay"), "M", LOWER, "6.3 M09", Fact.DELAY,
        denominator="should_handle", numerator="delays > 0",
        moment=lambda row: reasons.earliest(row.handled_at, row.due_at), why=reasons.delay,
        only_here=True, of_units=True,
    ),
    Indicator(
        "M10", _("Patrol coverage"), "M", HIGHER, "6.3 M10", Fact.RECORD,
        denominator="what = 'patrol'", numerator="done",
        moment=lambda row: row.reported_at, why=reasons.record, of_officers=True, record="patrol",
        needs_legal_basis=True,
    ),
)  # fmt: skip
