"""How pages say times, durations and states: whole sentences, in the reader's language, never by colour alone."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from core import clock, wording
from workorders.vocabulary import PHASE_OF, Card, Phase, Status, Urgency

MINUTE, HOUR, DAY = 60, 3600, 86400
# A running clock with less than this left is called out, whatever its lamp says.
SEVERELY_LATE = dt.timedelta(days=3)


def duration_words(length: dt.timedelta) -> str:
    """A length of time in its two largest units: "3 h 20 min", "2 days 4 h", "5 days"; under a minute in words."""
    seconds = int(abs(length.total_seconds()))
    days, hours, minutes = seconds // DAY, seconds % DAY // HOUR, seconds % HOUR // MINUTE
    if days >= 3 or (days and not hours):
        return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
    if days:
        return ngettext("%(count)d day %(hours)d h", "%(count)d days %(hours)d h", days) % {
            "count": days,
            "hours": hours,
        }
    if hours and minutes:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    if hours:
        return _("%(hours)d h") % {"hours": hours}
    if minutes:
        return _("%(minutes)d min") % {"minutes": minutes}
    return _("less than a minute")


def due_words(due: dt.datetime | None, now: dt.datetime) -> str:
    """What is left until `due` or how long it has passed: "3 h 20 min left", "overdue by 2 days"; empty without."""
    if due is None:
        return ""
    length = {"duration": duration_words(due - now)}
    return _("%(duration)s left") % length if due >= now else _("overdue by %(duration)s") % length


def when(at: dt.datetime | None) -> str:
    """A moment on the local clock: 2026-11-21 09:30, in Chinese with the words for year, month and day."""
    if at is None:
        return ""
    return wording.moment(at)


def day_words(on: dt.date | None) -> str:
    """A day: 2026-11-21, in Chinese with the words for year, month and day. A moment is taken on its local day."""
    return "" if on is None else wording.day(on)


def when_short(at: dt.datetime | None, now: dt.datetime) -> str:
    """A moment for narrow columns: the hour today, month and day with the hour this year, the day alone before."""
    if at is None:
        return ""
    local, present = clock.local(at), clock.local(now)
    parts = {"month": local.month, "day": local.day, "hour": local.hour, "minute": local.minute}
    if local.date() == present.date():
        # Translators: a moment of today, in a list; Chinese: 今天 %(hour)02d:%(minute)02d
        return _("Today %(hour)02d:%(minute)02d") % parts
    if local.date() == present.date() - dt.timedelta(days=1):
        return _("Yesterday %(hour)02d:%(minute)02d") % parts
    if local.year == present.year:
        # Translators: a moment of this year, in a list; Chinese: %(month)d月%(day)d日 %(hour)02d:%(minute)02d
        return _("%(month)02d-%(day)02d %(hour)02d:%(minute)02d") % parts
    return day_words(local.date())


@dataclass(frozen=True)
class Mark:
    """One state as word, shape and tone: what a chip, a lamp or a card is drawn from."""

    word: str
    icon: str
    tone: str


LAMPS = {
    "green": Mark(_lazy("On time"), "lamp-green", "ok"),
    "amber": Mark(_lazy("Due soon"), "lamp-amber", "soon"),
    "red": Mark(_lazy("Overdue"), "lamp-red", "late"),
    "paused": Mark(_lazy("Clock stopped"), "lamp-paused", "paused"),
}
SEVERE = Mark(_lazy("Long overdue"), "severe", "severe")
CARDS = {"yellow": Mark(Card.YELLOW.label, "card", "soon"), "red": Mark(Card.RED.label, "card", "severe")}
URGENCIES = {
    "normal": Mark(Urgency.NORMAL.label, "dot", "paused"),
    "urgent": Mark(Urgency.URGENT.label, "urgent", "soon"),
    "emergency": Mark(Urgency.EMERGENCY.label, "emergency", "severe"),
}
_FINAL = {Status.CLOSED: "check", Status.DECLINED: "no", Status.MERGED: "merge", Status.VOIDED: "no"}


def lamp_mark(lamp: str | None, due: dt.datetime | None = None, now: dt.datetime | None = None) -> Mark | None:
    """The mark of a clock; a red one whose due time is more than three days gone is "long overdue"."""
    if lamp == "red" and due is not None and now is not None and now - due >= SEVERELY_LATE:
        return SEVERE
    return LAMPS.get(lamp or "")


def status_mark(status: str) -> Mark:
    """The mark of a status; its tone is the phase, or `closed` and `final` at the end."""
    known = Status(status)
    if known in _FINAL:
        return Mark(known.label, _FINAL[known], "closed" if known is Status.CLOSED else "final")
    if known is Status.SUSPENDED:
        return Mark(known.label, "pause", "paused")
    return Mark(known.label, "dot", str(PHASE_OF[known]))


@dataclass(frozen=True)
class Step:
    """One of the five phases as the step bar shows it; `state` is done, now or todo."""

    number: int
    word: str
    state: str
    note: str = ""


def steps(status: str, notes: dict[str, str] | None = None) -> list[Step]:
    """The five phases of an order in `status`; `notes` gives a short line (a date) per phase."""
    at = list(Phase).index(PHASE_OF[Status(status)])
    ended = Status(status) in _FINAL
    # An order that ended before it was handled never reaches the later phases.
    return [
        Step(
            number=place + 1,
            word=phase.label,
            state="done" if place < at or (ended and place == at) else "now" if place == at else "todo",
            note=(notes or {}).get(phase.value, ""),
        )
        for place, phase in enumerate(Phase)
    ]
