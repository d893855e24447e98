"""Stretches of days reports are made for: a day, a week, a month, a quarter, a year; half-open (pure)."""

import datetime as dt
import re
from dataclasses import dataclass

from core import clock

DAY, WEEK, MONTH, QUARTER, YEAR = "day", "week", "month", "quarter", "year"
KINDS = (DAY, WEEK, MONTH, QUARTER, YEAR)
_WRITTEN = re.compile(r"(\d{4})(?:-(?:W(\d{2})|Q([1-4])|(\d{2})(?:-(\d{2}))?))?", re.ASCII)


@dataclass(frozen=True)
class Period:
    """`since <= day < until`. kind: what it is called; "" for days somebody chose."""

    since: dt.date
    until: dt.date
    kind: str = ""

    def __post_init__(self) -> None:
        if self.since >= self.until:
            raise ValueError("a period has at least one day")

    @property
    def last(self) -> dt.date:
        """Its last day."""
        return self.until - dt.timedelta(days=1)

    @property
    def moments(self) -> tuple[dt.datetime, dt.datetime]:
        """The same as aware moments, half-open."""
        return clock.day(self.since)[0], clock.day(self.until)[0]

    @property
    def days(self) -> list[dt.date]:
        """Its days in order."""
        return [self.since + dt.timedelta(days=at) for at in range((self.until - self.since).days)]

    @property
    def code(self) -> str:
        """As addresses write it: 2026-11-21, 2026-W47, 2026-11, 2026-Q4, 2026; two days with a comma for others."""
        if self.kind == WEEK:
            year, week, _day = self.since.isocalendar()
            return f"{year}-W{week:02d}"
        if self.kind == QUARTER:
            return f"{self.since:%Y}-Q{(self.since.month + 2) // 3}"
        written = {DAY: f"{self.since}", MONTH: f"{self.since:%Y-%m}", YEAR: f"{self.since:%Y}"}
        return written.get(self.kind, f"{self.since},{self.last}")

    def before(self) -> "Period":
        """The one right before it, of the same kind or length."""
        last = self.since - dt.timedelta(days=1)
        return of(self.kind, last) if self.kind else Period(self.since - (self.until - self.since), self.since)

    def after(self) -> "Period":
        """The one right after it."""
        return of(self.kind, self.until) if self.kind else Period(self.until, self.until + (self.until - self.since))

    def a_year_earlier(self) -> "Period":
        """The same one of the year before; a week 52 weeks earlier."""
        if self.kind in (MONTH, QUARTER, YEAR):
            return of(self.kind, self.since.replace(year=self.since.year - 1))
        back = dt.timedelta(days=364)
        return Period(self.since - back, self.until - back, self.kind)


def of(kind: str, on: dt.date) -> Period:
    """The period of that kind a day lies in."""
    if kind == DAY:
        return Period(on, on + dt.timedelta(days=1), kind)
    if kind == WEEK:
        monday = on - dt.timedelta(days=on.weekday())
        return Period(monday, monday + dt.timedelta(days=7), kind)
    months = {MONTH: 1, QUARTER: 3, YEAR: 12}[kind]
    first = (on.month - 1) // months * months
    return Period(_first(on.year, first), _first(on.year, first + months), kind)


def read(text: str) -> Period:
    """The period a code names. Raises ValueError for anything else, also for days no calendar has."""
    if "," in text:
        since, last = (dt.date.fromisoformat(part) for part in text.split(",", 1))
        return Period(since, last + dt.timedelta(days=1))
    match = _WRITTEN.fullmatch(text)
    if match is None or not 1950 <= int(match[1]) <= 2199:
        raise ValueError(text)
    year, week, quarter, month, day = (int(part) if part else None for part in match.groups())
    if week is not None:
        return of(WEEK, dt.date.fromisocalendar(year, week, 1))
    if quarter is not None:
        return of(QUARTER, dt.date(year, quarter * 3, 1))
    if month is None:
        return of(YEAR, dt.date(year, 1, 1))
    return of(DAY, dt.date(year, month, day)) if day is not None else of(MONTH, dt.date(year, month, 1))


def _first(year: int, months: int) -> dt.date:
    return dt.date(year + months // 12, months % 12 + 1, 1)
