"""Phase five: what was handled is checked on the spot, the reporter is asked, the order closes or goes back."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from core.errors import Invalid
from core.transactions import command
from workorders.commands.handling import start_rework
from workorders.commands.supervising import give_card
from workorders.ledger import Step
from workorders.models import Assignment, WorkOrder
from workorders.vocabulary import Card, ClockKind, Status

REVISIT_ATTEMPTS = 3
CARD_OF_REWORK = {2: Card.YELLOW}


@command
def pass_check(order: WorkOrder, *, by, at: datetime, note: str = "") -> WorkOrder:
    """It was done: the reporter can be asked. by None: the system passes what is not sampled."""
    step = Step("pass_check", order, by=by, at=at)
    step.order.checked_at = at
    step.clocks.stop()
    step.clocks.start(ClockKind.REVISIT)
    return step.conclude(note=note)


@command
def fail_check(order: WorkOrder, *, by, at: datetime, reason: str) -> WorkOrder:
    """It was not done: rework with half the limit; the second brings a yellow card, the third a red one."""
    step = Step("fail_check", order, by=by, at=at)
    _rework(step)
    order = step.conclude(target=Status.HANDLING, reason=reason)
    return _card_for_rework(order, at=at)


@command
def revisit(
    order: WorkOrder,
    *,
    by,
    at: datetime,
    reached: bool,
    resolved: bool | None = None,
    satisfaction: int | None = None,
    note: str = "",
    rework: bool = False,
) -> WorkOrder:
    """Ask the reporter. Reached: close with the answer, or send back for rework. Not reached: the third time closes.

    Raises Invalid when a reached reporter's answer is missing.
    """
    step = Step("revisit", order, by=by, at=at)
    order = step.order
    order.revisits += 1
    data = {"reached": reached, "attempt": order.revisits, "note": note}
    if not reached:
        if resolved is not None or satisfaction is not None or rework:
            message = _("An answer belongs to a reporter who was reached.")
            raise Invalid("not_reached", message, errors={"reached": [message]})
        if order.revisits < REVISIT_ATTEMPTS:
            return step.conclude(target=Status.REVISITING, **data)
        _close(step)
        return step.conclude(target=Status.CLOSED, **data)
    missing = [name for name, value in (("resolved", resolved), ("satisfaction", satisfaction)) if value is None]
    if missing:
        message = _("Enter what the reporter answered.")
        raise Invalid("answer_required", message, errors={name: [message] for name in missing})
    order.resolved, order.satisfaction = resolved, satisfaction
    data |= {"resolved": resolved, "satisfaction": satisfaction}
    if rework:
        _rework(step)
        order.reopen_requested_at = order.resolved = order.satisfaction = None
        return _card_for_rework(step.conclude(target=Status.HANDLING, rework=True, **data), at=at)
    _close(step)
    return step.conclude(target=Status.CLOSED, **data)


@command
def close(order: WorkOrder, *, by, at: datetime, settled: bool = False) -> WorkOrder:
    """Close without an answer: the system after three working days, or the duty leader.

    settled: nobody was asked, because it was settled on the spot and is not in the sample.
    """
    step = Step("close", order, by=by, at=at)
    _close(step)
    return step.conclude(settled=settled or None, automatic=by is None and not settled or None)


@command
def reopen(order: WorkOrder, *, by, at: datetime, reason: str) -> WorkOrder:
    """Take a closed order up again; it goes back to whoever handled it, with half the limit."""
    step = Step("reopen", order, by=by, at=at)
    order = step.order
    order.reopens += 1
    order.reopen_requested_at = None
    order.resolved = order.satisfaction = None
    start_rework(step)
    return step.conclude(reason=reason)


def _rework(step: Step):
    step.order.reworks += 1
    step.order.sampled = False
    start_rework(step)


def _card_for_rework(order: WorkOrder, *, at: datetime) -> WorkOrder:
    if order.reworks >= 2:
        give_card(order, CARD_OF_REWORK.get(order.reworks, Card.RED), rule="rework", at=at)
    return order


def _close(step: Step):
    step.order.closed_at = step.at
    step.order.reopen_requested_at = None
    step.clocks.stop()
    if step.order.follow_officer_id or step.order.co_units or step.order.whistled_units:
        Assignment.objects.filter(order=step.order, ended_at__isnull=True).update(
            ended_at=step.at, outcome=Assignment.Outcome.DONE
        )


def within_rating_time(order: WorkOrder, at: datetime) -> bool:
    """A resident rates while being revisited, and for 14 days after the close."""
    if order.status == Status.REVISITING:
        return True
    return order.status == Status.CLOSED and order.closed_at is not None and at < order.closed_at + timedelta(days=14)
