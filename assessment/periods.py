"""Months, quarters and years as words and as half-open intervals (pure)."""

import datetime as dt
import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from assessment.vocabulary import Span
from core import clock
from core.errors import Invalid

_WORDS = re.compile(r"(?P<year>20\d\d)(-(?P<month>0[1-9]|1[0-2])|-Q(?P<quarter>[1-4]))?")


@dataclass(frozen=True, order=True)
class Period:
    """`text` is 2026-10, 2026-Q4 or 2026; `first` and `end` bound its days, half-open."""

    first: dt.date
    end: dt.date
    span: str
    text: str

    @property
    def since(self) -> dt.datetime:
        """Its first moment."""
        return clock.day(self.first)[0]

    @property
    def until(self) -> dt.datetime:
        """The moment after its last one."""
        return clock.day(self.end)[0]

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.first).days

    def months(self) -> list["Period"]:
        """Its months."""
        return [month_of(self.first.year, self.first.month + i) for i in range(_MONTHS[self.span])]

    def quarters(self) -> list["Period"]:
        """The quarters of a year."""
        return [read(f"{self.first.year}-Q{number}") for number in range(1, 5)]

    def quarter(self) -> "Period":
        """The quarter its first day lies in."""
        return read(f"{self.first.year}-Q{(self.first.month + 2) // 3}")

    def before(self, months: int = 1) -> "Period":
        """The month so many months earlier."""
        number = self.first.year * 12 + self.first.month - 1 - months
        return month_of(number // 12, number % 12 + 1)


_MONTHS = {Span.MONTH: 1, Span.QUARTER: 3, Span.YEAR: 12}


def month_of(year: int, month: int) -> Period:
    """A month."""
    since, until = clock.month(year, month)
    return Period(since.date(), until.date(), Span.MONTH, f"{year}-{month:02d}")


def month_at(at: dt.datetime) -> Period:
    """The month a moment falls in."""
    on = clock.date_of(at)
    return month_of(on.year, on.month)


def read(text: object, *spans: str) -> Period:
    """The period a word names; of these spans only, when any are given. Raises Invalid."""
    found = _WORDS.fullmatch(text) if isinstance(text, str) else None
    period = _made(found) if found else None
    if period is None or (spans and period.span not in spans):
        words = _("Write the month as 2026-10.")
        raise Invalid("bad_period", words, errors={"period": [words]})
    return period


def _made(found: re.Match) -> Period:
    year = int(found["year"])
    if found["month"]:
        return month_of(year, int(found["month"]))
    if found["quarter"]:
        start = int(found["quarter"]) * 3 - 2
        first, last = month_of(year, start), month_of(year, start + 2)
        return Period(first.first, last.end, Span.QUARTER, found[0])
    return Period(dt.date(year, 1, 1), dt.date(year + 1, 1, 1), Span.YEAR, found[0])
