"""What an indicator is. One entry in `assessment.indicators` adds one: nothing else needs to know it."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from assessment.vocabulary import Fact

HIGHER, LOWER = "higher", "lower"


@dataclass(frozen=True)
class Measurement:
    """Counts of evidence rows; `good` and `due` are the weighted sums where rows weigh differently, else the same.

    months: how far back the rows reach, 1 or 12.
    """

    numerator: int
    denominator: int
    good: int
    due: int
    months: int = 1


@dataclass(frozen=True)
class Indicator:
    """One measure of a period.

    denominator, numerator: conditions on a row of `measuring.SEEN` (SQL); a numerator row is always a denominator row.
    better: whether many numerator rows are good or bad. unit: always a share, shown in percent.
    moment, why: of a `Counted` row, the moment that counts and the sentence that says why it counts as it does.
    only_here: rule 8, only rows led by the grid's officer or its community.
    needs_officer: without an officer in the period there was nobody to measure.
    """

    code: str
    name: Any
    klass: str
    better: str
    clause: str
    fact: Fact
    denominator: str
    numerator: str
    moment: Callable[[Any], dt.datetime | None]
    why: Callable[[Any, bool], str]
    unit: str = "%"
    only_here: bool = False
    needs_officer: bool = False
    weighted: bool = False
    record: str = ""
    fewest: int = 0
    of_units: bool = False
    of_officers: bool = False
    needs_legal_basis: bool = False


def excused_bits(indicators, fact: str) -> tuple[int, int]:
    """(bits to set, bits to clear) in the numerators of a row whose fact an appeal set right."""
    set_bits = clear_bits = 0
    for place, one in enumerate(indicators):
        if one.fact == fact:
            if one.better == HIGHER:
                set_bits |= 1 << place
            else:
                clear_bits |= 1 << place
    return set_bits, clear_bits
