"""Deductions, bonuses and vetoes there are: their names, the fact behind each, and who brings them (pure).

What they cost and their caps stand in the scheme. The same fact never costs twice: of the items in one row of
`ONE_OF` that fit the same order and occasion, the dearest counts; of equally dear ones the first. Source: domain §6.4.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from assessment.vocabulary import Fact


@dataclass(frozen=True)
class Item:
    """One deduction, bonus or veto. by_rule: found by the run; else entered by hand."""

    code: str
    name: Any
    kind: str
    fact: Fact = Fact.MANUAL
    by_rule: bool = False


DEDUCTION, BONUS, VETO = "deduction", "bonus", "veto"

ITEMS = (
    Item("K01", _("Should have found, did not"), DEDUCTION),
    Item("K02", _("Should have reported, did not or late"), DEDUCTION),
    Item("K03", _("Should have solved, did not"), DEDUCTION, Fact.LATE, True),
    Item("K04", _("Overdue order"), DEDUCTION, Fact.LATE, True),
    Item("K05", _("Supervision card"), DEDUCTION, Fact.CARD, True),
    Item("K06", _("Rework"), DEDUCTION, Fact.REWORK, True),
    Item("K07", _("False report"), DEDUCTION),
    Item("K08", _("False handling, staged photo"), DEDUCTION),
    Item("K09", _("Unfounded return"), DEDUCTION),
    Item("K10", _("Dissatisfied for a cause that could be helped"), DEDUCTION, Fact.OPINION, True),
    Item("K11", _("Same spot complained about three times"), DEDUCTION, Fact.SPOT, True),
    Item("K12", _("Visit overdue"), DEDUCTION, Fact.RECORD, True),
    Item("K13", _("Base data missing or wrong"), DEDUCTION),
    Item("K14", _("Absent, meeting missed"), DEDUCTION),
    Item("K15", _("Supervisor's report not answered"), DEDUCTION),
    Item("B01", _("Major hazard found early"), BONUS),
    Item("B02", _("Difficult order closed on time"), BONUS, Fact.MERIT, True),
    Item("B03", _("Practice adopted"), BONUS),
    Item("B04", _("Named thanks"), BONUS),
    Item("B05", _("Helped another grid in an emergency"), BONUS),
    Item("B06", _("Came to an emergency outside duty hours"), BONUS),
    Item("V01", _("Concealment that caused serious harm"), VETO),
    Item("V02", _("Leak or sale of personal data"), VETO),
    Item("V03", _("Three false reports in a quarter"), VETO, Fact.MANUAL, True),
    Item("V04", _("Taking benefits"), VETO),
    Item("V05", _("Fake device"), VETO),
)
BY_CODE: dict[str, Item] = {item.code: item for item in ITEMS}

# Rows a run adds so that the rows always add up to the score.
LIMITS = {
    "CAP_HIGH": _("Limited to the highest score"),
    "CAP_LOW": _("Limited to the lowest score"),
    "VETO": _("Veto: limited to below qualified"),
    "CAP_GRADE": _("Grade limited: only part of a street's grids can have the best one"),
}

CASES = {
    "": _("Each"),
    "emergency": _("Emergency"),
    "yellow": _("Yellow"),
    "red": _("Red"),
    "green": _("Green"),
    "first": _("First and second"),
    "third": _("Third and later"),
    "wrong": _("Wrong"),
    "meeting": _("Meeting"),
    "backlog": _("Backlog"),
    "street": _("Street"),
    "district": _("District"),
    "city": _("City"),
    "province": _("Province"),
}

# One lateness costs once: the card for it, the deduction for self-handled items, or the plain one.
# One rework costs once: the dissatisfied answer that led to it, the card for it, or the plain one.
ONE_OF = {
    Fact.LATE: ("K05", "K03", "K04"),
    Fact.REWORK: ("K05", "K10", "K06"),
}


def name_of(code: str) -> str:
    """The name of an item or a limit in the reader's language."""
    found = BY_CODE.get(code)
    return str(found.name if found else LIMITS.get(code, code))
