"""What was changed on an administrators' page, by whom and when, in words."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from core import wording
from pages.assessment.wording import listed
from pages.wording import limit_words
from personnel.departments import Department
from personnel.models import AdministrationEvent
from workorders.deadlines import Limit
from workorders.models import Category
from workorders.vocabulary import ClockKind, Difficulty, Status, Urgency

MOST = 20

LABELS = {
    "name": _lazy("What it is called"),
    "name_en": _lazy("English name"),
    "phone": _lazy("Telephone"),
    "starts": _lazy("From"),
    "ends": _lazy("Until (excluded)"),
    "unit": _lazy("Unit"),
    "before": _lazy("Until then"),
    "klass": _lazy("Kind of matter"),
    "difficulty": _lazy("Difficulty"),
    "urgency": _lazy("Urgency"),
    "stages": _lazy("Time limits"),
    "lead": _lazy("Lead department"),
    "self_rule": _lazy("Self-handling"),
    "self_limit": _lazy("Own time of the officer"),
    "is_active": _lazy("In use"),
    "automatic": _lazy("Sent by itself"),
    "why": _lazy("Reason"),
    "text": _lazy("Text"),
    "category": _lazy("Category"),
    "status": _lazy("Status"),
    "added": _lazy("Days added"),
    "changed": _lazy("Days changed"),
    "removed": _lazy("Days taken out"),
    "reason": _lazy("Reason"),
    "until": _lazy("Until"),
    "how": _lazy("How it ended"),
}
# Of these the page itself says whose they are.
LOOKS = (AdministrationEvent.Kind.VIEW_STARTED, AdministrationEvent.Kind.VIEW_ENDED)
HOW = {
    "left": _lazy("left by the button"),
    "expired": _lazy("half an hour was over"),
    "lapsed": _lazy("the right to look had ended"),
}
_LISTS = {
    "klass": Category.Klass,
    "difficulty": Difficulty,
    "urgency": Urgency,
    "lead": Department,
    "self_rule": Category.SelfRule,
    "status": Status,
}


@dataclass(frozen=True)
class Line:
    """One event: what was done, by whom, and what it was in detail."""

    at: dt.datetime
    what: str
    who: str
    details: list[str]


def of(*subjects: str, most: int = MOST) -> list[Line]:
    """The newest events of these subjects."""
    rows = AdministrationEvent.objects.filter(subject__in=subjects).order_by("-at", "-pk")
    return [line(row) for row in rows[:most]]


def line(event: AdministrationEvent) -> Line:
    """An event in words."""
    details = [
        wording.labelled(str(LABELS[name]), _told(name, value))
        for name, value in event.data.items()
        if name in LABELS and value not in (None, "", []) and not (name == "name" and event.kind in LOOKS)
    ]
    kind = str(AdministrationEvent.Kind(event.kind).label)
    return Line(event.at, kind, event.actor_name or _("the system"), details)


def _told(name: str, value: Any) -> str:
    if isinstance(value, dict) and set(value) == {"before", "after"}:
        return _("%(before)s → %(after)s") % {
            "before": _told(name, value["before"]),
            "after": _told(name, value["after"]),
        }
    if value in (None, "", []):
        return "–"
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if name in _LISTS:
        return str(_LISTS[name](value).label) if value in _LISTS[name].values else str(value)
    if name == "stages":
        return listed(f"{ClockKind(one['kind']).label} {limit_words(Limit.from_json(one))}" for one in value)
    if name == "self_limit":
        return limit_words(Limit.from_json(value))
    if name in ("added", "changed", "removed"):
        return listed(f"{on} {Category.DayKind(kind).label} {words}" for on, kind, words in value)
    if name in ("starts", "ends") and isinstance(value, str):
        return wording.day(dt.date.fromisoformat(value))
    if name == "until":
        return wording.moment(dt.datetime.fromisoformat(value))
    if name == "how":
        return str(HOW.get(value, value))
    return str(value)
