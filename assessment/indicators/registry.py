"""What an indicator is. One entry in `assessment.indicators` adds one: nothing else needs to know it."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from assessment import counting, seen
from assessment.vocabulary import Fact

HIGHER, LOWER = "higher", "lower"
# What a condition may speak of: orders and records and the facts about them. There is nothing in it about how long
# somebody was online, when he logged in or how much he wrote, so no indicator can be built from that.
_NAMES = frozenset({*seen.COLUMNS, *seen.MORE, *counting.FACTS})
_WORDS = frozenset("and or not in is null true false least greatest".split())


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

    denominator, numerator: SQL conditions on a row of `assessment.seen` and on `counting.FACTS`; a numerator row is
    always a denominator row.
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

    def __post_init__(self):
        for condition in (self.denominator, self.numerator):
            bare = re.sub(r"'[^']*'|%\(\w+\)s", "", condition)
            unknown = {word for word in re.findall(r"[a-z_]\w*", bare.lower()) if word not in _NAMES | _WORDS}
            if unknown or re.search(r"[;\"$]|--", bare):
                raise ValueError(f"{self.code}: an indicator cannot be built from {sorted(unknown) or condition}")

    @property
    def counts_records(self) -> bool:
        """Whether a record can count in it."""
        return "what = '" in self.denominator

    @property
    def counts_orders(self) -> bool:
        """Whether an order can count in it."""
        return re.fullmatch(r"what = '\w+'", self.denominator) is None

    @property
    def counts_once(self) -> bool:
        """Whether an order that counted in an earlier month stays out of the later ones."""
        return any(fact in self.denominator for fact in counting.ONCE)


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


def bits_then(column: str, codes, indicators) -> str:
    """The bits of a row that was counted when the registry had these codes, in the places they have now (SQL)."""
    now = [one.code for one in indicators]
    if list(codes) == now:
        return column
    moved = [
        f"CASE WHEN {column} & {1 << place} <> 0 THEN {1 << now.index(code)} ELSE 0 END"
        for place, code in enumerate(codes)
        if code in now
    ]
    return f"({' | '.join(moved) or '0'})"
