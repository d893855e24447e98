"""What somebody was told to answer, until when, and whether the answer came: urges and cards with their reply clocks.

Nothing is stored for it: an urge and a card are events, the answer is the first word of the unit (or of the officer)
after them.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from workorders import calendars, deadlines
from workorders.models import WorkOrder, WorkOrderEvent
from workorders.vocabulary import Status

ASKING = ("urge", "supervise", "carded")
# What counts as an answer of whoever has to act.
ANSWERS = frozenset(
    "comment feedback co_feedback arrive sign return dispatch decide request_extension attached accept pass_check"
    " fail_check revisit".split()
)
# An urge asks for a word within half a working day, a rule's card within one.
URGE_LIMIT, RULE_LIMIT = deadlines.Limit(4, "wh"), deadlines.Limit(1, "wd")
WAITING, ANSWERED, LATE, LIFTED = "waiting", "answered", "late", "lifted"


@dataclass(frozen=True)
class Reply:
    """One thing to be answered. kind: urge, yellow or red; state: waiting, answered, late or lifted."""

    kind: str
    at: dt.datetime
    by: str
    reason: str
    answer_by: dt.datetime
    state: str
    answered_at: dt.datetime | None = None
    answered_by: str = ""
    answer: str = ""
    rule: str = ""


def replies(order: WorkOrder, events: Sequence[WorkOrderEvent], at: dt.datetime) -> list[Reply]:
    """The urges by people and the cards of an order, oldest first. events: all of the order, in sequence."""
    found = []
    for place, event in enumerate(events):
        if event.kind not in ASKING or (event.kind == "urge" and event.actor_id is None):
            continue
        answer = _answer(event, events[place + 1 :])
        lifted = event.kind != "urge" and any(one.kind == "lift_supervision" for one in events[place + 1 :])
        due = _answer_by(event)
        found.append(
            Reply(
                kind="urge" if event.kind == "urge" else event.data["card"],
                at=event.at,
                by=event.actor_name,
                reason=event.data.get("reason") or event.data.get("note", ""),
                answer_by=due,
                state=_state(order, answer, lifted, due, at),
                answered_at=answer.at if answer else None,
                answered_by=answer.actor_name if answer else "",
                answer=_said(answer) if answer else "",
                rule=event.data.get("rule", ""),
            )
        )
    return found


def _answer_by(event: WorkOrderEvent) -> dt.datetime:
    written = event.data.get("answer_by")
    if written:
        return dt.datetime.fromisoformat(written)
    limit = URGE_LIMIT if event.kind == "urge" else RULE_LIMIT
    return deadlines.due_at(limit, event.at, calendars.working_calendar())


def _answer(asked: WorkOrderEvent, later: Sequence[WorkOrderEvent]) -> WorkOrderEvent | None:
    """The first word after it by anybody but whoever asked and the system."""
    for event in later:
        if event.kind in ANSWERS and event.actor_id is not None and event.actor_id != asked.actor_id:
            return event
    return None


def _said(event: WorkOrderEvent) -> str:
    for name in ("text", "result", "internal_result", "reason", "note"):
        if event.data.get(name):
            return str(event.data[name])
    return ""


def _state(order: WorkOrder, answer, lifted: bool, due: dt.datetime, at: dt.datetime) -> str:
    if answer is not None:
        return ANSWERED if answer.at <= due else LATE
    if lifted or order.status in (Status.CLOSED, Status.DECLINED, Status.MERGED, Status.VOIDED):
        return LIFTED
    return WAITING if at <= due else LATE
