"""The working calendar: days off and make-up workdays, one by one or a whole year from a list.

Clocks that run keep the due moment they were given. A changed day counts for every clock that starts afterwards, and
for one that stood still and runs on: what it had left is counted by the calendar of that moment.
"""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from core import clock
from core.errors import Invalid
from core.revisions import bump
from core.transactions import command
from personnel.administration import Kind, check_all, record
from personnel.models import User
from workorders import calendars
from workorders.deadlines import WORKING_SECONDS
from workorders.models import Category, Clock, Holiday
from workorders.worktime import HOLIDAY, MAKEUP_WORKDAY, Calendar

YEARS = range(2000, 2100)
MOST_ROWS = 120
WORDS = {
    "休": HOLIDAY, "放假": HOLIDAY, "休息": HOLIDAY, "holiday": HOLIDAY, "off": HOLIDAY,
    "班": MAKEUP_WORKDAY, "上班": MAKEUP_WORKDAY, "调休": MAKEUP_WORKDAY, "补班": MAKEUP_WORKDAY,
    "makeup_workday": MAKEUP_WORKDAY, "work": MAKEUP_WORKDAY,
}  # fmt: skip
# The words of the published lists, and a line of them.
EXAMPLE = {"off": "休", "work": "班", "example": "2027-10-01~2027-10-07 休 国庆节"}
_LINE = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:\s*(?:~|至|到|–)\s*(\d{4})-(\d{1,2})-(\d{1,2}))?[\s,，]+([^\s,，]+)(.*)"
)


@dataclass(frozen=True)
class Day:
    """An exception to Monday–Friday."""

    on: dt.date
    kind: str
    name: str


@dataclass(frozen=True)
class Effect:
    """What a change of days does. running: clocks in working time that run across one of them and keep their moment."""

    added: tuple[Day, ...]
    changed: tuple[Day, ...]
    removed: tuple[Day, ...]
    running: int
    after: Calendar

    @property
    def days(self) -> int:
        """How many days become other than they were."""
        return len(self.added) + len(self.changed) + len(self.removed)


def subject_of(year: int) -> str:
    """The chain of a year."""
    return f"calendar:{year}"


def read_list(text: str, year: int) -> list[Day]:
    """A pasted year: a line for each day or stretch, "2027-02-05~2027-02-11 休 春节". Raises Invalid by line."""
    found: dict[dt.date, Day] = {}
    problems: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            for day in _days_of(line.strip().replace("/", "-"), year):
                if day.on in found:
                    raise ValueError(_("%(day)s stands there twice.") % {"day": day.on.isoformat()})
                found[day.on] = day
        except ValueError as problem:
            problems.append(_("Line %(number)d: %(problem)s") % {"number": number, "problem": problem})
    if not found and not problems:
        problems.append(_("Paste the list of the year, one day or stretch on a line."))
    if len(found) > MOST_ROWS:
        problems.append(_("These are %(count)d days, more than a year has.") % {"count": len(found)})
    if problems:
        raise Invalid(errors={"list": problems[:10]})
    return [found[on] for on in sorted(found)]


def _days_of(line: str, year: int) -> Iterable[Day]:
    match = _LINE.fullmatch(line)
    if not match:
        raise ValueError(_("write the date, %(off)s or %(work)s, and the name: %(example)s") % EXAMPLE)
    kind = WORDS.get(match[7].lower())
    if kind is None:
        raise ValueError(_("“%(word)s” is neither %(off)s nor %(work)s") % {**EXAMPLE, "word": match[7][:12]})
    try:
        first = dt.date(*map(int, match.group(1, 2, 3)))
        last = dt.date(*map(int, match.group(4, 5, 6))) if match[4] else first
    except ValueError:
        raise ValueError(_("there is no such day")) from None
    if not first <= last or (last - first).days > 31:
        raise ValueError(_("the stretch ends before it begins, or is longer than a month"))
    name = match[8].strip(" ,，\t")
    for step in range((last - first).days + 1):
        day = Day(first + dt.timedelta(days=step), kind, name)
        _check(day, year)
        yield day


def _check(day: Day, year: int) -> None:
    """Raises ValueError with words for what cannot be."""
    if day.on.year != year:
        raise ValueError(_("%(day)s is not in %(year)d") % {"day": day.on.isoformat(), "year": year})
    if day.kind == MAKEUP_WORKDAY and day.on.weekday() < 5:
        raise ValueError(_("%(day)s is worked anyhow, Monday to Friday") % {"day": day.on.isoformat()})
    if not 0 < len(day.name) <= 40:
        raise ValueError(_("a day off or make-up workday has a name of at most 40 letters"))


def days_of_year(year: int) -> list[dt.date]:
    """Every date of a year."""
    first = dt.date(year, 1, 1)
    return [first + dt.timedelta(days=step) for step in range((dt.date(year + 1, 1, 1) - first).days)]


def effect(days: Iterable[Day], *, of: Iterable[dt.date]) -> Effect:
    """What it would do to set these days, and to make ordinary days of the other dates in `of`; nothing is stored."""
    wanted = {day.on: day for day in days}
    before = {row.date: Day(row.date, row.kind, row.name) for row in Holiday.objects.all()}
    touched = {*wanted, *of}
    added = tuple(day for on, day in sorted(wanted.items()) if on not in before)
    changed = tuple(day for on, day in sorted(wanted.items()) if on in before and before[on] != day)
    removed = tuple(before[on] for on in sorted(touched) if on in before and on not in wanted)
    after = {**{on: day for on, day in before.items() if on not in touched}, **wanted}
    calendar = Calendar.of((day.on, day.kind, day.name) for day in after.values())
    moved = [
        day.on for day in (*added, *changed, *removed)
        if calendar.is_workday(day.on) != calendars.working_calendar().is_workday(day.on)
    ]  # fmt: skip
    return Effect(added, changed, removed, _running(moved), calendar)


def _running(days: list[dt.date]) -> int:
    """Clocks in working time that have started, have not stopped, and are due after the first of these days begins."""
    if not days:
        return 0
    since, until = clock.day(min(days))[0], clock.day(max(days))[1]
    units = [*WORKING_SECONDS, "same_day"]
    rows = Clock.objects.filter(stopped_at=None, due_at__gte=since, since__lt=until, limit__unit__in=units)
    return rows.order_by().count()


@command
def set_day(on: dt.date, *, by: User | None, kind: str, name: str, why: str, at: dt.datetime) -> None:
    """Make a day a day off or a make-up workday, or an ordinary day again (kind ""). Raises NotPermitted, Invalid."""
    check_all(by, at)
    if on.year not in YEARS:
        raise Invalid(errors={"kind": [_("The calendar has the years 2000 to 2099.")]})
    if kind and kind not in Category.DayKind.values:
        raise Invalid(errors={"kind": [_("Choose one of the list.")]})
    if kind:
        try:
            _check(Day(on, kind, name.strip()), on.year)
        except ValueError as problem:
            raise Invalid(errors={"name" if not name.strip() else "kind": [str(problem)]}) from problem
    _check_why(why)
    _write([Day(on, kind, name.strip())] if kind else [], of=[on], year=on.year, by=by, why=why, at=at)


@command
def set_year(year: int, days: list[Day], *, by: User | None, why: str, at: dt.datetime) -> int:
    """Make these the exceptions of a year and no others. Returns how many days became other. NotPermitted, Invalid."""
    check_all(by, at)
    if year not in YEARS:
        raise Invalid(errors={"year": [_("The calendar has the years 2000 to 2099.")]})
    try:
        for day in days:
            _check(day, year)
    except ValueError as problem:
        raise Invalid(errors={"list": [str(problem)]}) from problem
    _check_why(why)
    return _write(days, of=days_of_year(year), year=year, by=by, why=why, at=at)


def _check_why(why: str) -> None:
    if not why.strip():
        raise Invalid(errors={"why": [_("Say by which notice; it stands in the history of the year.")]})


def _write(days: list[Day], *, of: list[dt.date], year: int, by: User | None, why: str, at: dt.datetime) -> int:
    found = effect(days, of=of)
    if not found.days:
        return 0
    Holiday.objects.filter(date__in=[day.on for day in (*found.changed, *found.removed)]).delete()
    Holiday.objects.bulk_create(
        [Holiday(date=day.on, kind=day.kind, name=day.name) for day in (*found.added, *found.changed)]
    )
    told = {
        name: [[day.on.isoformat(), day.kind, day.name] for day in getattr(found, name)]
        for name in ("added", "changed", "removed")
    }
    record(subject_of(year), Kind.CHANGED, by=by, at=at, data={**told, "why": why.strip()})
    bump("calendar")
    return found.days
