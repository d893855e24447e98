"""Why an order is due when it is due: the steps of the count, and the sentences that tell them (pure).

`explain` gives JSON-able steps: a key and its parameters, moments in ISO 8601 with offset, dates as YYYY-MM-DD.
`sentences` renders them in the reader's language. Both follow the rules of `deadlines` and `worktime`.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core import wording
from workorders import deadlines, worktime
from workorders.deadlines import SAME_DAY, Limit, Pause
from workorders.worktime import Calendar

# An extension that was granted: when, and until when.
Extension = tuple[datetime, datetime]

# More pieces than this are summed up instead of listed.
MOST_PIECES = 6
MOST_WEEKENDS = 3

CLOCK_NAMES = {
    "accept": gettext_lazy("acceptance"),
    "verify": gettext_lazy("verification"),
    "dispatch": gettext_lazy("dispatch"),
    "sign": gettext_lazy("signing"),
    "return": gettext_lazy("return"),
    "contain": gettext_lazy("measure on site"),
    "restore": gettext_lazy("repair"),
    "handle": gettext_lazy("handling"),
    "check": gettext_lazy("check"),
    "revisit": gettext_lazy("revisit"),
    "auto_close": gettext_lazy("automatic closing"),
    "follow": gettext_lazy("following up"),
    "whistle_emergency": gettext_lazy("arrival after an emergency whistle"),
    "whistle_joint": gettext_lazy("arrival after a joint whistle"),
    "whistle_daily": gettext_lazy("arrival after a daily whistle"),
    "void": gettext_lazy("voiding"),
    "reopen": gettext_lazy("reopening"),
    "suspension_review": gettext_lazy("review of the suspension"),
    "answer": gettext_lazy("answer of the reporter"),
    "urge": gettext_lazy("next urging"),
    "yellow_card": gettext_lazy("yellow card"),
    "red_card": gettext_lazy("red card"),
}

# Names as the calendar file has them; others are shown as they were entered.
HOLIDAY_NAMES = {
    "元旦": gettext_lazy("New Year's Day"),
    "春节": gettext_lazy("Spring Festival"),
    "清明节": gettext_lazy("Tomb-Sweeping Day"),
    "劳动节": gettext_lazy("Labour Day"),
    "端午节": gettext_lazy("Dragon Boat Festival"),
    "中秋节": gettext_lazy("Mid-Autumn Festival"),
    "国庆节": gettext_lazy("National Day"),
    "抗战胜利70周年纪念日": gettext_lazy("70th anniversary of victory in the war of resistance"),
}


def explain(
    kind: str,
    limit: Limit,
    *,
    since: datetime,
    due: datetime,
    calendar: Calendar,
    own_limit: Limit | None = None,
    steps: int = 0,
    pauses: Sequence[Pause] = (),
    extensions: Sequence[Extension] = (),
) -> list[dict]:
    """The steps from a clock's start to its due time.

    limit: the limit that applies. own_limit: the category's limit at its own urgency, steps: how many steps the order
    lies above it. pauses: stops, in order, the last perhaps still open. due: what the order says; when the steps do not
    lead there, one of them says it was set by decision.
    """
    told = [{"key": "start", "kind": kind, "at": _iso(since)}]
    told += _limit_steps(limit, own_limit, steps)
    reached = deadlines.due_at(limit, since, calendar)
    told += _count_steps(limit, since, reached, calendar)
    changes = [(at, "pause", until) for at, until in pauses] + [(at, "extension", until) for at, until in extensions]
    # Two stops may begin at one moment; the one that is still open comes last.
    changes.sort(key=lambda change: (change[0], change[2] is None, change[2] or change[0]))
    if changes:
        told.append({"key": "first_due", "at": _iso(reached)})
    stopped = False
    for at, change, until in changes:
        if change == "extension":
            reached = until
            told.append({"key": "extension", "granted": _iso(at), "at": _iso(until)})
        elif until is None:
            stopped = True
            told.append({"key": "stopped", "from": _iso(at)})
        else:
            reached = deadlines.resume(reached, at, until, limit, calendar)
            told.append({"key": "pause", "from": _iso(at), "to": _iso(until), "at": _iso(reached)})
            if limit.is_working:
                off = _off_steps(calendar, worktime.local(until).date(), worktime.local(reached).date())
                told += [step for step in off if step not in told]
    if abs(reached - due) >= timedelta(seconds=1):
        told.append({"key": "decided"})
    told.append({"key": "due_if_resumed" if stopped else "due", "at": _iso(due)})
    years = range(worktime.local(since).year, max(worktime.local(due).year, worktime.local(reached).year) + 1)
    if limit.is_working:
        told += [{"key": "unknown_year", "year": year} for year in years if not calendar.knows(year)]
    return told


def _iso(at: datetime) -> str:
    return worktime.local(at).isoformat()


def _limit_steps(limit: Limit, own: Limit | None, steps: int) -> list[dict]:
    if not steps or own is None or deadlines.scaled(own, steps) != limit:
        return [{"key": "limit", "limit": limit.to_json()}]
    told = [{"key": "halved", "own": own.to_json(), "times": steps, "limit": limit.to_json()}]
    if limit.unit == "wd" and limit != own and limit.amount * 2**steps != own.amount:
        told.append({"key": "rounded_up"})
    return told


def _count_steps(limit: Limit, since: datetime, reached: datetime, calendar: Calendar) -> list[dict]:
    """How the count ran from the start to the first due time."""
    if not limit.is_working:
        return [{"key": "around_the_clock"}]
    since, reached = worktime.local(since), worktime.local(reached)
    first, last = since.date(), reached.date()
    if limit.unit == "wd":
        told = [{"key": "start_day", "date": first.isoformat()}]
        told += _off_steps(calendar, first + timedelta(days=1), last)
        if limit.amount <= MOST_PIECES:
            told.append({"key": "counted_days", "dates": [on.isoformat() for on in _workdays(calendar, first, last)]})
        return told
    told = []
    if limit.unit == SAME_DAY:
        if first != last:
            told.append({"key": "next_day", "from": since.isoformat(), "date": last.isoformat()})
        return told + _off_steps(calendar, first + timedelta(days=1), last)
    if not worktime.is_working(calendar, since):
        begins = worktime.next_working(calendar, since)
        told.append({"key": "moved", "from": since.isoformat(), "to": begins.isoformat()})
    told += _off_steps(calendar, first, last)
    pieces = _pieces(calendar, since, reached)
    if 1 < len(pieces) <= MOST_PIECES:
        told.append({"key": "counted", "pieces": [[begin.isoformat(), end.isoformat()] for begin, end in pieces]})
    return told


def _workdays(calendar: Calendar, after: date, last: date) -> list[date]:
    days = [after + timedelta(days=n) for n in range(1, (last - after).days + 1)]
    return [on for on in days if calendar.is_workday(on)]


def _pieces(calendar: Calendar, since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    """The stretches of working time between two moments, one more than are listed at most."""
    pieces = []
    on = since.date()
    while on <= until.date() and len(pieces) <= MOST_PIECES:
        if calendar.is_workday(on):
            for begin, end in (worktime.MORNING, worktime.AFTERNOON):
                begin = max(since, datetime.combine(on, begin, tzinfo=worktime.ZONE))
                end = min(until, datetime.combine(on, end, tzinfo=worktime.ZONE))
                if begin < end:
                    pieces.append((begin, end))
        on += timedelta(days=1)
    return pieces


def _off_steps(calendar: Calendar, first: date, last: date) -> list[dict]:
    """The days off and the make-up workdays from `first` to `last`, neighbouring days off told together."""
    told, weekends, makeups = [], [], []
    run: list[date] = []
    for number in range((last - first).days + 2):
        on = first + timedelta(days=number)
        if on <= last and not calendar.is_workday(on):
            run.append(on)
            continue
        if run:
            names = list(dict.fromkeys(name for day in run if (name := _holiday_name(calendar, day))))
            step = {"key": "off" if names else "weekend", "from": run[0].isoformat(), "to": run[-1].isoformat()}
            if names:
                told.append(step | {"names": names})
            else:
                weekends.append(step)
            run = []
        if on <= last and on.weekday() >= 5:
            makeups.append({"key": "makeup", "date": on.isoformat(), "name": calendar.names.get(on, "")})
    if len(weekends) > MOST_WEEKENDS:
        weekends = [{"key": "weekends", "count": len(weekends)}]
    told = sorted(told + [step for step in weekends if "from" in step], key=lambda step: step["from"])
    return told + [step for step in weekends if "from" not in step] + makeups


def _holiday_name(calendar: Calendar, on: date) -> str:
    if calendar.days.get(on) != worktime.HOLIDAY:
        return ""
    return calendar.names.get(on) or "holiday"


# Words


def limit_words(limit: Limit) -> str:
    """The limit in words: "4 working hours", "90 minutes", "the same working day"."""
    amount, unit = limit.amount, limit.unit
    if unit == SAME_DAY:
        return _("the same working day")
    if amount != int(amount) and unit in ("h", "wh"):
        amount, unit = amount * 60, {"h": "min", "wh": "wmin"}[unit]
    elif amount != int(amount) and unit == "d":
        amount, unit = amount * 24, "h"
    amount = int(amount) if amount == int(amount) else amount
    many = 1 if amount == 1 else 2
    words = {
        "min": ngettext("%(amount)s minute", "%(amount)s minutes", many),
        "h": ngettext("%(amount)s hour", "%(amount)s hours", many),
        "d": ngettext("%(amount)s day", "%(amount)s days", many),
        "wmin": ngettext("%(amount)s minute of working time", "%(amount)s minutes of working time", many),
        "wh": ngettext("%(amount)s working hour", "%(amount)s working hours", many),
        "wd": ngettext("%(amount)s working day", "%(amount)s working days", many),
    }
    return words[unit] % {"amount": amount}


def sentences(steps: Sequence[dict]) -> list[str]:
    """The steps of `explain` as whole sentences in the active language, one for each step."""
    return [_SENTENCES[step["key"]](step) for step in steps]


def _when(iso: str) -> str:
    return wording.moment(datetime.fromisoformat(iso))


def _day(iso: str) -> str:
    return wording.day(date.fromisoformat(iso))


def _name(name: str) -> str:
    return _("public holiday") if name in ("", "holiday") else str(HOLIDAY_NAMES.get(name, name))


def _limit(value: dict) -> str:
    return limit_words(Limit.from_json(value))


def _start(step: dict) -> str:
    clock = CLOCK_NAMES.get(step["kind"], step["kind"])
    return _("The clock for %(clock)s started at %(at)s.") % {"clock": clock, "at": _when(step["at"])}


def _halved(step: dict) -> str:
    own, limit = _limit(step["own"]), _limit(step["limit"])
    if step["own"] == step["limit"]:
        return _("The order is more urgent than its category, but the limit, %(limit)s, cannot get shorter.") % {
            "limit": limit
        }
    return ngettext(
        "The category's own limit is %(own)s; the order is one step more urgent, so it is halved to %(limit)s.",
        "The category's own limit is %(own)s; the order is %(times)s steps more urgent, so it is halved %(times)s times"
        " to %(limit)s.",
        step["times"],
    ) % {"own": own, "times": step["times"], "limit": limit}


def _off(step: dict) -> str:
    name = _(" and ").join(_name(name) for name in step["names"])
    if step["from"] == step["to"]:
        return _("%(date)s is not counted: %(name)s.") % {"date": _day(step["from"]), "name": name}
    return _("%(first)s to %(last)s are not counted: %(name)s.") % {
        "first": _day(step["from"]),
        "last": _day(step["to"]),
        "name": name,
    }


def _weekend(step: dict) -> str:
    if step["from"] == step["to"]:
        return _("%(date)s is not counted: weekend.") % {"date": _day(step["from"])}
    return _("%(first)s to %(last)s are not counted: weekend.") % {
        "first": _day(step["from"]),
        "last": _day(step["to"]),
    }


def _makeup(step: dict) -> str:
    return _("%(date)s falls on a weekend but is worked: make-up workday, %(name)s.") % {
        "date": _day(step["date"]),
        "name": _name(step["name"]),
    }


def _counted(step: dict) -> str:
    parts = []
    for begin, end in step["pieces"]:
        begin, end = worktime.local(datetime.fromisoformat(begin)), worktime.local(datetime.fromisoformat(end))
        parts.append(
            _("%(date)s %(begin)s–%(end)s")
            % {"date": wording.day(begin), "begin": f"{begin:%H:%M}", "end": f"{end:%H:%M}"}
        )
    return _("The working time counted is %(pieces)s.") % {"pieces": _(", ").join(parts)}


def _hours(span: tuple[time, time]) -> str:
    return f"{span[0]:%H:%M}–{span[1]:%H:%M}"


_SENTENCES: dict[str, Callable[[dict], str]] = {
    "start": _start,
    "limit": lambda step: _("The limit is %(limit)s.") % {"limit": _limit(step["limit"])},
    "halved": _halved,
    "rounded_up": lambda step: _("Half working days are rounded up."),
    "around_the_clock": lambda step: _("Nights, weekends and holidays count."),
    "start_day": lambda step: _("The day it started, %(date)s, does not count.") % {"date": _day(step["date"])},
    "next_day": lambda step: (
        _("%(at)s is after work or on a day off, so the end of the next working day, %(date)s, holds.")
        % {"at": _when(step["from"]), "date": _day(step["date"])}
    ),
    "moved": lambda step: (
        _("%(at)s is outside working time (%(morning)s and %(afternoon)s), so counting began at %(begins)s.")
        % {
            "at": _when(step["from"]),
            "begins": _when(step["to"]),
            "morning": _hours(worktime.MORNING),
            "afternoon": _hours(worktime.AFTERNOON),
        }
    ),
    "off": _off,
    "weekend": _weekend,
    "weekends": lambda step: (
        ngettext("%(count)s weekend is not counted.", "%(count)s weekends are not counted.", step["count"])
        % {"count": step["count"]}
    ),
    "makeup": _makeup,
    "counted": _counted,
    "counted_days": lambda step: (
        _("The working days counted are %(dates)s.") % {"dates": _(", ").join(map(_day, step["dates"]))}
    ),
    "first_due": lambda step: _("That made it due at %(at)s.") % {"at": _when(step["at"])},
    "pause": lambda step: (
        _("The clock was stopped from %(first)s to %(last)s, which moved it to %(at)s.")
        % {"first": _when(step["from"]), "last": _when(step["to"]), "at": _when(step["at"])}
    ),
    "stopped": lambda step: _("The clock has been stopped since %(at)s.") % {"at": _when(step["from"])},
    "extension": lambda step: (
        _("An extension until %(at)s was granted at %(granted)s.")
        % {"at": _when(step["at"]), "granted": _when(step["granted"])}
    ),
    "decided": lambda step: _("The due time was then set by decision."),
    "due": lambda step: _("It is due at %(at)s.") % {"at": _when(step["at"])},
    "due_if_resumed": lambda step: (
        _("It was due at %(at)s; a new time is set when the clock goes on.") % {"at": _when(step["at"])}
    ),
    "unknown_year": lambda step: (
        _(
            "Attention: the holidays of %(year)s are not on file yet. Monday to Friday were counted as working days; "
            "the due time may change."
        )
        % {"year": step["year"]}
    ),
}
