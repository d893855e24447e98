"""When each step of an order is due (pure: moments and the calendar are passed in).

A limit is an amount and a unit: `min`, `h`, `d` run around the clock; `wh` counts working hours, `wd` whole working
days, `same_day` ends with the working day. The explanation of a due time is made in `explained.py` from the same rules.
Source: docs/workflow.md, clocks and limits.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from math import ceil

from django.utils.translation import gettext as _

from core.errors import Invalid
from workorders import worktime
from workorders.worktime import Calendar

SAME_DAY = "same_day"
CLOCK_SECONDS = {"min": 60, "h": 3600, "d": 86400}
WORKING_SECONDS = {"wh": 3600, "wd": worktime.DAY_SECONDS}
UNITS = (*CLOCK_SECONDS, *WORKING_SECONDS, SAME_DAY)
# About five years each: a slip of the keyboard is refused before it becomes a date nobody meant.
MOST = {"min": 2_628_000, "h": 43_800, "d": 1_825, "wh": 8_750, "wd": 1_250, SAME_DAY: 1}

URGENCIES = ("normal", "urgent", "emergency")

# A stop of the clock: from, until (None while it is still stopped).
Pause = tuple[datetime, datetime | None]

_WRITTEN = re.compile(r"≤?\s*(\d+(?:\.\d+)?)\s*(min|h|d|wh|wd)")


@dataclass(frozen=True)
class Limit:
    """An amount of time in its unit. Amounts may be halves of hours and minutes; working days are whole."""

    amount: int | float
    unit: str

    def __post_init__(self):
        if self.unit not in UNITS:
            raise ValueError(f"unknown unit {self.unit!r}")
        if isinstance(self.amount, bool) or not isinstance(self.amount, int | float):
            raise TypeError("the amount of a limit is a number")
        if not 0 < self.amount <= MOST[self.unit]:
            raise ValueError(f"a limit in {self.unit} is more than 0 and at most {MOST[self.unit]}")
        if self.amount == int(self.amount):
            object.__setattr__(self, "amount", int(self.amount))
        elif self.unit in ("wd", SAME_DAY):
            raise ValueError("working days are whole")

    @classmethod
    def parse(cls, text: str) -> "Limit":
        """Read "4wh", "30 min", "≤3 h", "5 wd" or "same day". Raises Invalid."""
        text = " ".join(str(text).split()).lower()
        if text in (SAME_DAY, "same day"):
            return cls(1, SAME_DAY)
        if match := _WRITTEN.fullmatch(text):
            number, unit = match.groups()
            try:
                return cls(float(number) if "." in number else int(number), unit)
            except ValueError:
                pass
        raise Invalid(
            code="bad_limit",
            message=_(
                "“%(text)s” is not a time limit. Write a number and a unit: min, h, d, wh (working hours) or wd "
                "(working days), for example 4wh."
            )
            % {"text": text[:40]},
            errors={"limit": [_("Write a number and a unit, for example 4wh.")]},
        )

    @classmethod
    def from_json(cls, value: Mapping) -> "Limit":
        return cls(value["amount"], value["unit"])

    def to_json(self) -> dict:
        return {"amount": self.amount, "unit": self.unit}

    def __str__(self):
        return SAME_DAY if self.unit == SAME_DAY else f"{self.amount}{self.unit}"

    @property
    def is_working(self) -> bool:
        """Whether only working time counts."""
        return self.unit not in CLOCK_SECONDS


def due_at(limit: Limit, since: datetime, calendar: Calendar) -> datetime:
    """When a clock with this limit runs out that started at `since` and was never stopped."""
    if limit.unit == SAME_DAY:
        return worktime.same_day_end(calendar, since)
    if limit.unit == "wd":
        return worktime.nth_workday_end(calendar, since, limit.amount)
    if limit.unit == "wh":
        return worktime.add_working(calendar, since, limit.amount * 3600)
    return worktime.local(since) + timedelta(seconds=limit.amount * CLOCK_SECONDS[limit.unit])


def halve(limit: Limit) -> Limit:
    """Half the limit: hours and minutes exactly, working days rounded up and at least 1, "same day" unchanged."""
    if limit.unit == SAME_DAY:
        return limit
    if limit.unit == "wd":
        return Limit(ceil(Fraction(limit.amount, 2)), "wd")
    if limit.unit == "d" and limit.amount % 2:
        return Limit(limit.amount * 12, "h")
    return Limit(limit.amount / 2, limit.unit)


def scaled(limit: Limit, steps: int) -> Limit:
    """The limit halved `steps` times."""
    for _step in range(steps):
        limit = halve(limit)
    return limit


def urgency_steps(own: str, actual: str) -> int:
    """How many steps `actual` lies above the category's own urgency; 0 when it is not above."""
    return max(0, URGENCIES.index(actual) - URGENCIES.index(own))


def for_urgency(limit: Limit, own: str, actual: str) -> Limit:
    """The limit of a category at the order's urgency: halved for each step above the category's own, never longer."""
    return scaled(limit, urgency_steps(own, actual))


def rework_limit(limit: Limit) -> Limit:
    """The handling limit after a failed check: half of the original."""
    return halve(limit)


# Stopping the clock


def resume(due: datetime, paused_at: datetime, resumed_at: datetime, limit: Limit, calendar: Calendar) -> datetime:
    """The new due time after a stop from `paused_at` to `resumed_at`.

    Around-the-clock limits move by the length of the stop. Limits in working time keep the working time that was left
    when the clock stopped. A clock that had already run out stays run out by as much as it was.
    """
    if resumed_at < paused_at:
        raise ValueError("a clock resumes after it stops")
    if not limit.is_working:
        return worktime.local(due) + (resumed_at - paused_at)
    if due >= paused_at:
        left = worktime.working_seconds(calendar, paused_at, due)
        return worktime.add_working(calendar, resumed_at, left)
    over = worktime.working_seconds(calendar, due, paused_at)
    return worktime.add_working(calendar, resumed_at, -over)


def _passed(limit: Limit, since: datetime, until: datetime, calendar: Calendar) -> float:
    """Seconds between two moments in the limit's own kind of time; 0 when they run backwards."""
    if limit.is_working:
        return worktime.working_seconds(calendar, since, until)
    return max(0.0, (until - since).total_seconds())


def _running(limit: Limit, since: datetime, until: datetime, calendar: Calendar, pauses: Sequence[Pause]) -> float:
    """Seconds the clock ran between two moments, stops left out."""
    total = _passed(limit, since, until, calendar)
    for stopped, went_on in pauses:
        end = until if went_on is None else min(went_on, until)
        total -= _passed(limit, max(stopped, since), end, calendar)
    return total


def share_elapsed(
    since: datetime, due: datetime, at: datetime, limit: Limit, calendar: Calendar, pauses: Sequence[Pause] = ()
) -> float:
    """The part of the limit that is used up at `at`, in the limit's own kind of time: 0.5 is half, above 1 is overdue.

    pauses: stops that `due` already takes into account; one still open (None) stops the share at its start.
    """
    whole = _running(limit, since, due, calendar, [pause for pause in pauses if pause[1] is not None])
    if whole <= 0:
        return 1.0 if at >= due else 0.0
    return _running(limit, since, at, calendar, pauses) / whole


def moment_of_share(
    since: datetime,
    due: datetime,
    share: float | Fraction,
    limit: Limit,
    calendar: Calendar,
    pauses: Sequence[Pause] = (),
) -> datetime:
    """The earliest moment at which this part of the limit is used up (0.5 and 0.8 for urging, 0.8 for the amber lamp).

    pauses: closed stops that `due` already takes into account.
    """
    closed = sorted(pause for pause in pauses if pause[1] is not None)
    left = float(share) * _running(limit, since, due, calendar, closed)
    start = since
    for stopped, went_on in closed:
        ran = _passed(limit, start, stopped, calendar)
        if left <= ran:
            break
        left -= ran
        start = max(start, went_on)
    if limit.is_working:
        return worktime.add_working(calendar, start, left)
    return worktime.local(start) + timedelta(seconds=left)


# The default table of clocks; what a category says about handling stands in its own stages.


def _row(normal: str, urgent: str | None, emergency: str | None) -> dict[str, Limit | None]:
    texts = zip(URGENCIES, (normal, urgent, emergency), strict=True)
    return {urgency: text and Limit.parse(text) for urgency, text in texts}


def _same(text: str) -> dict[str, Limit | None]:
    return _row(text, text, text)


CLOCKS: dict[str, dict[str, Limit | None]] = {
    # None: the step is left out (verify) or not allowed (return).
    "accept": _row("2wh", "30min", "10min"),
    "verify": _row("4wh", "1h", None),
    "dispatch": _row("2wh", "30min", "10min"),
    "sign": _row("4wh", "1h", "15min"),
    "return": _row("4wh", "1h", None),
    "check": _row("4wh", "2h", "1h"),
    "revisit": _same("1wd"),
    "auto_close": _same("3wd"),
    "follow": _same("4wh"),
    "whistle_emergency": _same("30min"),
    "whistle_joint": _same("1wd"),
    "whistle_daily": _same("3wd"),
    "void": _same("30min"),
    "reopen": _same("14d"),
    "suspension_review": _same("30d"),
    "answer": _row("2wd", "1wd", None),
    "urge": _same("4wh"),
    "yellow_card": _same("1wd"),
    "red_card": _same("3wd"),
}

REVISIT_ATTEMPTS = 3
URGE_SHARES = (0.5, 0.8)
AMBER_SHARE = 0.8
ON_SITE_LIMIT = Limit(1, "h")
STAGE_KINDS = ("contain", "restore", "handle")


def clock(kind: str, urgency: str) -> Limit | None:
    """The default limit of a clock at this urgency; None when the step is left out or not allowed."""
    return CLOCKS[kind][urgency]


def stage_limits(stages: Sequence[tuple[str, Limit]], own: str, actual: str) -> list[tuple[str, Limit]]:
    """The stages of a category at the order's urgency: [(kind, limit)], the last one being `handle`.

    An emergency needs a measure on site within an hour: where no stage of the category ends that soon by itself, a
    `contain` stage of one hour comes first.
    """
    limits = [(kind, for_urgency(limit, own, actual)) for kind, limit in stages]
    if actual == "emergency" and all(kind != "contain" for kind, _limit in limits):
        first = limits[0][1]
        soon = not first.is_working and first.amount * CLOCK_SECONDS[first.unit] <= 3600
        if not soon:
            limits.insert(0, ("contain", ON_SITE_LIMIT))
    return limits


# Extensions


@dataclass(frozen=True)
class ExtensionRule:
    """How far a handling limit may be extended: how often, by how much in all, asked for before which share is used."""

    times: int
    most: Limit | None
    apply_before: float = 0.8


def extension_rule(limit: Limit, urgency: str, difficulty: int) -> ExtensionRule:
    """The rule for an order with this original handling limit.

    Normal: once, twice for difficulty 3 and more, in all at most the original limit. Urgent: once, half of it.
    Emergency: never.
    """
    if urgency == "emergency":
        return ExtensionRule(times=0, most=None)
    if urgency == "urgent":
        return ExtensionRule(times=1, most=halve(limit))
    return ExtensionRule(times=2 if difficulty >= 3 else 1, most=limit)


def latest_extension(due: datetime, rule: ExtensionRule, calendar: Calendar) -> datetime | None:
    """The latest moment an order may be extended to; None when it may not.

    due: the due time before the first extension (stops included). "Same day" extends to the next working day's end.
    """
    if rule.most is None:
        return None
    if rule.most.unit == SAME_DAY:
        return worktime.nth_workday_end(calendar, due, 1)
    return due_at(rule.most, due, calendar)
