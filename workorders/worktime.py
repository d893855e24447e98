"""Working hours, public holidays and make-up workdays (pure: the calendar is passed in).

Working time is Monday to Friday and make-up workdays, 08:30–12:00 and 14:00–17:30, Asia/Shanghai; public holidays are
off. A year without data counts Monday to Friday; `Calendar.knows` lets the caller say so.

All sums are kept in whole microseconds of working time since the first day of the calendar, so a span of years costs as
much as a span of minutes. Source: docs/workflow.md, how the units count.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property

from core.clock import ZONE, local

HOLIDAY = "holiday"
MAKEUP_WORKDAY = "makeup_workday"

MORNING = (time(8, 30), time(12))
AFTERNOON = (time(14), time(17, 30))
DAY_START, DAY_END = MORNING[0], AFTERNOON[1]

_SECOND = 1_000_000
_HALF_DAY = int(3.5 * 3600) * _SECOND
_DAY = 2 * _HALF_DAY
_MORNING_STARTS = int(8.5 * 3600) * _SECOND
_AFTERNOON_STARTS = 14 * 3600 * _SECOND

DAY_SECONDS = _DAY // _SECOND


@dataclass(frozen=True, eq=False)
class Calendar:
    """Which dates are worked.

    days: {date: "holiday" | "makeup_workday"}, the exceptions to Monday–Friday. names: {date: name of the holiday the
    exception belongs to}, for explanations. years_known: years whose exceptions are complete.
    """

    days: Mapping[date, str]
    years_known: frozenset[int]
    names: Mapping[date, str] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[tuple[date, str, str]]) -> "Calendar":
        """Build a calendar from (date, kind, name) rows.

        A year is known when it says something about both 1 January and 1 October, which are off every year; a file
        that stops halfway through a year therefore does not pass for complete.
        """
        days, names = {}, {}
        for on, kind, name in rows:
            if kind not in (HOLIDAY, MAKEUP_WORKDAY):
                raise ValueError(f"{on}: {kind!r} is neither {HOLIDAY!r} nor {MAKEUP_WORKDAY!r}")
            days[on] = kind
            names[on] = name
        known = {on.year for on in days if date(on.year, 1, 1) in days and date(on.year, 10, 1) in days}
        return cls(days=days, years_known=frozenset(known), names=names)

    def knows(self, year: int) -> bool:
        """Whether the holidays of this year are on file."""
        return year in self.years_known

    def is_workday(self, on: date) -> bool:
        kind = self.days.get(on)
        if kind is None:
            return on.weekday() < 5
        return kind == MAKEUP_WORKDAY

    @cached_property
    def _exceptions(self) -> tuple[list[int], list[int]]:
        """Ordinals of the dates that differ from Monday–Friday, and the running sum of what each adds."""
        changes = []
        for on, kind in self.days.items():
            change = (kind == MAKEUP_WORKDAY) - (on.weekday() < 5)
            if change:
                changes.append((on.toordinal(), change))
        changes.sort()
        sums = [0]
        for _, change in changes:
            sums.append(sums[-1] + change)
        return [ordinal for ordinal, _ in changes], sums

    def workdays_before(self, ordinal: int) -> int:
        """How many working days lie before the date with this ordinal (counted from 1 January of year 1, a Monday)."""
        weeks, rest = divmod(ordinal - 1, 7)
        ordinals, sums = self._exceptions
        return weeks * 5 + min(rest, 5) + sums[bisect_left(ordinals, ordinal)]

    def workday_number(self, number: int) -> date:
        """The working day that has exactly `number` working days before it."""
        found = self._numbered.get(number)
        if found is None:
            guess = number * 7 // 5
            margin = 7 + 2 * len(self._exceptions[0])
            candidates = range(max(1, guess - margin), min(date.max.toordinal(), guess + margin))
            place = bisect_left(candidates, number + 1, key=lambda ordinal: self.workdays_before(ordinal + 1))
            found = self._numbered[number] = date.fromordinal(candidates[place])
        return found

    @cached_property
    def _numbered(self) -> dict[int, date]:
        """The days `workday_number` was asked for: a few hundred, again and again."""
        return {}


def _moment(on: date, microseconds: int) -> datetime:
    return datetime.combine(on, time(), tzinfo=ZONE) + timedelta(microseconds=microseconds)


def _microseconds(seconds: float) -> int:
    return seconds * _SECOND if isinstance(seconds, int) else round(seconds * _SECOND)


def _worked(calendar: Calendar, at: datetime) -> int:
    """Microseconds of working time before this moment."""
    at = local(at)
    on = at.date()
    before = calendar.workdays_before(on.toordinal()) * _DAY
    if not calendar.is_workday(on):
        return before
    clock = ((at.hour * 60 + at.minute) * 60 + at.second) * _SECOND + at.microsecond
    morning = min(max(clock - _MORNING_STARTS, 0), _HALF_DAY)
    afternoon = min(max(clock - _AFTERNOON_STARTS, 0), _HALF_DAY)
    return before + morning + afternoon


def is_working(calendar: Calendar, at: datetime) -> bool:
    """Whether work is done at this moment (12:00 and 17:30 are already off)."""
    at = local(at)
    clock = at.time()
    within = MORNING[0] <= clock < MORNING[1] or AFTERNOON[0] <= clock < AFTERNOON[1]
    return within and calendar.is_workday(at.date())


def next_working(calendar: Calendar, at: datetime) -> datetime:
    """This moment if it is worked, else the next one that is."""
    if is_working(calendar, at):
        return local(at)
    return _start_of(calendar, _worked(calendar, at))


def _start_of(calendar: Calendar, worked: int) -> datetime:
    """The latest moment that has no more than `worked` microseconds of working time before it."""
    number, rest = divmod(worked, _DAY)
    starts = _MORNING_STARTS + rest if rest < _HALF_DAY else _AFTERNOON_STARTS + rest - _HALF_DAY
    return _moment(calendar.workday_number(number), starts)


def working_seconds(calendar: Calendar, since: datetime, until: datetime) -> float:
    """Seconds of working time in `since <= t < until`; 0 when `until` is not later."""
    return max(0, _worked(calendar, until) - _worked(calendar, since)) / _SECOND


def add_working(calendar: Calendar, since: datetime, seconds: float) -> datetime:
    """The earliest moment from `since` on by which this much working time has passed.

    A start outside working time therefore counts from the next working moment, and an end that falls on a break is its
    beginning: 12:00, not 14:00; 17:30, not the next 08:30. 0 seconds give `since` itself. Negative seconds go back: the
    latest moment from which so much working time passes until `since`.
    """
    step = _microseconds(seconds)
    if step == 0:
        return local(since)
    goal = _worked(calendar, since) + step
    if step < 0:
        return _start_of(calendar, goal)
    number, rest = divmod(goal - 1, _DAY)
    rest += 1
    ends = _MORNING_STARTS + rest if rest <= _HALF_DAY else _AFTERNOON_STARTS + rest - _HALF_DAY
    return _moment(calendar.workday_number(number), ends)


def nth_workday_end(calendar: Calendar, since: datetime, n: int) -> datetime:
    """17:30 of the n-th working day after the start's date; the start's own date never counts."""
    if n < 1:
        raise ValueError("working days are counted from 1")
    after = calendar.workdays_before(local(since).date().toordinal() + 1)
    return datetime.combine(calendar.workday_number(after + n - 1), DAY_END, tzinfo=ZONE)


def same_day_end(calendar: Calendar, since: datetime) -> datetime:
    """17:30 of the start's date if that is worked and it is not yet 17:30, else of the next working day."""
    at = local(since)
    if calendar.is_workday(at.date()) and at.time() < DAY_END:
        return datetime.combine(at.date(), DAY_END, tzinfo=ZONE)
    return nth_workday_end(calendar, at, 1)
