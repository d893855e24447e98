"""Class S: hotline, satisfaction, visits, disputes, data, learning. Source: domain §6.3."""

from django.utils.translation import gettext_lazy as _

from assessment import counting as c
from assessment.indicators import reasons
from assessment.indicators.registry import HIGHER, Indicator
from assessment.vocabulary import Fact

SERVICE = (
    Indicator(
        "S01", _("Hotline on time"), "S", HIGHER, "6.3 S01", Fact.LATE,
        denominator="should_handle AND source = 'hotline' AND followed", numerator=c.HANDLED_ON_TIME,
        moment=lambda row: reasons.earliest(row.handled_at, row.due_at), why=reasons.handling,
    ),
    Indicator(
        "S02", _("Satisfaction"), "S", HIGHER, "6.3 S02", Fact.OPINION,
        denominator="answered", numerator=c.SATISFIED,
        moment=lambda row: row.answered_at, why=reasons.opinion,
        fewest=c.FEWEST_ANSWERS, of_units=True, of_officers=True,
    ),
    Indicator(
        "S03", _("Visits done"), "S", HIGHER, "6.3 S03", Fact.RECORD,
        denominator="what = 'visit'", numerator="done",
        moment=lambda row: row.reported_at, why=reasons.record, weighted=True, of_officers=True, record="visit",
    ),
    Indicator(
        "S04", _("Dispute settlement"), "S", HIGHER, "6.3 S04", Fact.RECORD,
        denominator="what = 'dispute'", numerator="done",
        moment=lambda row: row.reported_at, why=reasons.record, record="dispute",
    ),
    Indicator(
        "S05", _("Data quality"), "S", HIGHER, "6.3 S05", Fact.RECORD,
        denominator="what = 'sample'", numerator="done",
        moment=lambda row: row.reported_at, why=reasons.record, record="sample",
    ),
    Indicator(
        "S06", _("Attendance and training"), "S", HIGHER, "6.3 S06", Fact.RECORD,
        denominator="what = 'attendance'", numerator="done",
        moment=lambda row: row.reported_at, why=reasons.record, record="attendance", needs_legal_basis=True,
    ),
)  # fmt: skip
