"""The one way from a door to a move: look at who, when, what was given, then the command."""

from collections.abc import Mapping
from datetime import datetime

from core import clock
from core.transactions import command
from personnel.jurisdiction import standing_of
from workorders import inputs, ledger, workflow
from workorders.commands import (
    accepting,
    asking,
    dispatching,
    escalating,
    extending,
    handling,
    reporting,
    reviewing,
    supervising,
)
from workorders.models import WorkOrder

COMMANDS = {
    "verify": accepting.verify,
    "verified": accepting.verified,
    "accept": accepting.accept,
    "decline": accepting.decline,
    "merge": accepting.merge,
    "dispatch": dispatching.dispatch,
    "decide": dispatching.decide,
    "co_dispatch": dispatching.co_dispatch,
    "self_handle": handling.self_handle,
    "sign": handling.sign,
    "return": handling.return_order,
    "feedback": handling.feedback,
    "co_feedback": handling.co_feedback,
    "request_extension": extending.request_extension,
    "decide_extension": extending.decide_extension,
    "ask": asking.ask,
    "answer": asking.answer,
    "suspend": extending.suspend,
    "resume": extending.resume,
    "whistle": escalating.whistle,
    "arrive": escalating.arrive,
    "rate_unit": escalating.rate_unit,
    "escalate": escalating.escalate,
    "comment": escalating.comment,
    "pass_check": reviewing.pass_check,
    "fail_check": reviewing.fail_check,
    "revisit": reviewing.revisit,
    "close": reviewing.close,
    "reopen": reviewing.reopen,
    "urge": supervising.urge,
    "supervise": supervising.supervise,
    "lift_supervision": supervising.lift_supervision,
    "void": reporting.void,
}


@command
def perform(name: str, order: WorkOrder, *, by, at: datetime, given: Mapping) -> WorkOrder:
    """Do the move a person asked for with the raw inputs a door received.

    Judged in this order: role (NotPermitted), status and limits (NotAllowedNow), inputs (Invalid).
    KeyError: no such move.
    """
    move = workflow.BY_NAME[name]
    order = ledger.locked(order)
    workflow.check(name, order, standing=standing_of(by, on=clock.date_of(at)), at=at)
    return COMMANDS[name](order, by=by, at=at, **inputs.read(move, given, order=order, by=by, at=at))
