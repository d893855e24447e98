"""How an order went up the levels, who was whistled to the spot, and what has to be answered: for the order's page."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from core import wording
from grids.directory import directory
from grids.levels import Level
from personnel.jurisdiction import units_directory
from workorders.models import Assignment, WorkOrder, WorkOrderEvent
from workorders.papers.casefile import kind_words, state_words
from workorders.replies import LATE, WAITING, replies
from workorders.sentences import event_details
from workorders.vocabulary import Status, WhistleKind

# The five levels of the chain, from where a matter is found up to where a city decides. Source: domain §4.1.
CHAIN = (Level.GRID, Level.COMMUNITY, Level.STREET, Level.DISTRICT, Level.CITY)
DONE, NOW, AHEAD = "done", "now", "ahead"


@dataclass(frozen=True)
class Rung:
    """One level: where it is, whether the order was there, is there or has not come so far, and what was tried."""

    level: str
    place: str
    state: str
    tried: str = ""
    at: dt.datetime | None = None


@dataclass(frozen=True)
class Call:
    """One unit whistled for."""

    unit: str
    kind: str
    called_at: dt.datetime
    due_at: dt.datetime | None
    arrived_at: dt.datetime | None
    metres: int | None
    is_late: bool
    task: str
    said: str
    score: int | None


@dataclass(frozen=True)
class Notice:
    """An urge or a card with its reply clock, in words."""

    what: str
    card: str
    reason: str
    by: str
    at: dt.datetime
    answer_by: dt.datetime
    state: str
    tone: str
    answer: str


@dataclass(frozen=True)
class Standstill:
    """Why the handling clocks stand still and until when, and what was asked or said then."""

    why: str
    said: str


def standstill(order: WorkOrder, events: Sequence[WorkOrderEvent]) -> Standstill | None:
    """What the order waits for: the reporter's answer, or the review of the problem store; None while it runs."""
    last = {event.kind: event.data for event in events}
    if order.asked_until is not None:
        why = _("The clock stands still until the reporter answers, at the latest until %(until)s.")
        return Standstill(why % {"until": wording.moment(order.asked_until)}, last.get("ask", {}).get("question", ""))
    if order.status == Status.SUSPENDED and order.suspended_until is not None:
        why = _("The clock stands still in the problem store; the review is on %(day)s.")
        return Standstill(why % {"day": wording.day(order.suspended_until)}, last.get("suspend", {}).get("reason", ""))
    return None


def chain(order: WorkOrder, events: Sequence[WorkOrderEvent]) -> list[Rung]:
    """The five levels with the attempt of each; empty while the order has never gone up."""
    went = {event.data.get("from_level"): event for event in events if event.kind == "escalate"}
    if not went:
        return []
    above = {place.level: place for place in directory().path(order.area_id)}
    present = CHAIN.index(order.level) if order.level in CHAIN else 0
    found = []
    for rank, level in enumerate(CHAIN):
        event, place = went.get(level), above.get(level)
        state = DONE if rank < present else NOW if rank == present else AHEAD
        tried = " ".join(event_details(event)) if event else ""
        name = place.name if place else ""
        found.append(Rung(str(Level(level).label), name, state, tried, event.at if event else None))
    return found


def calls(assignments: Sequence[Assignment], events: Sequence[WorkOrderEvent], now: dt.datetime) -> list[Call]:
    """The units that were whistled for, in the order they were called."""
    known = units_directory().by_id
    said: dict[str, str] = {}
    for event in events:  # the last word of a unit after it arrived
        if event.kind == "co_feedback":
            said[event.data.get("unit_name", "")] = event.data.get("result", "")
    found = []
    for part in assignments:
        if part.kind != Assignment.Kind.WHISTLE:
            continue
        name = known[part.unit_id].name if part.unit_id in known else ""
        came = part.arrived_at or now
        found.append(
            Call(
                unit=name,
                kind=str(WhistleKind(part.whistle).label) if part.whistle else "",
                called_at=part.assigned_at,
                due_at=part.due_at,
                arrived_at=part.arrived_at,
                metres=(part.arrived or {}).get("metres"),
                is_late=part.due_at is not None and came > part.due_at,
                task=part.task,
                said=part.result or said.get(name, ""),
                score=part.score,
            )
        )
    return found


def notices(order: WorkOrder, events: Sequence[WorkOrderEvent], now: dt.datetime) -> list[Notice]:
    """Urges and cards, the newest first."""
    found = []
    for one in reversed(replies(order, events, now)):
        tone = "late" if one.state == LATE else "soon" if one.state == WAITING else ""
        found.append(
            Notice(
                what=kind_words(one),
                card="" if one.kind == "urge" else one.kind,
                reason=one.reason or _("By rule"),
                by=one.by,
                at=one.at,
                answer_by=one.answer_by,
                state=state_words(one),
                tone=tone,
                answer=" · ".join(part for part in (one.answered_by, one.answer) if part),
            )
        )
    return found
