"""Urging and cards: by people, and by rules when time runs out."""

from datetime import datetime

from django.utils.translation import gettext as _

from core.errors import Invalid
from core.transactions import command
from workorders.ledger import Step, locked, record
from workorders.models import Supervision, WorkOrder
from workorders.vocabulary import Card

_RANK = {"": 0, Card.YELLOW: 1, Card.RED: 2}


@command
def urge(
    order: WorkOrder, *, by, at: datetime, note: str = "", share: float | None = None, clock_kind: str = ""
) -> WorkOrder:
    """Remind whoever's turn it is: by hand with a note, or by the timer at a share of the limit."""
    step = Step("urge", order, by=by, at=at)
    step.order.urges += 1
    if by is not None:
        step.order.urged_at = at
    return step.conclude(note=note, share=share, clock=clock_kind)


@command
def supervise(order: WorkOrder, *, by, at: datetime, card: str, reason: str, answer_by: datetime) -> WorkOrder:
    """An inspector's card, with the moment by which the unit has to answer. A red card is not turned yellow."""
    step = Step("supervise", order, by=by, at=at)
    if answer_by <= at:
        message = _("The answer is due after now.")
        raise Invalid("in_the_past", message, errors={"answer_by": [message]})
    if _RANK[card] < _RANK[step.order.card]:
        message = _("The order already carries a red card. Lift it first.")
        raise Invalid("has_red_card", message, errors={"card": [message]})
    step.order.card = card
    Supervision.objects.create(
        order=step.order, card=card, reason=reason, answer_by=answer_by, unit_id=step.order.lead_id, by=by, at=at
    )
    return step.conclude(card=card, reason=reason, answer_by=answer_by.isoformat())


@command
def lift_supervision(order: WorkOrder, *, by, at: datetime, note: str = "") -> WorkOrder:
    """Take the card off; the record of it stays."""
    step = Step("lift_supervision", order, by=by, at=at)
    Supervision.objects.filter(order=step.order, lifted_at__isnull=True).update(lifted_at=at, lifted_by=by)
    card, step.order.card = step.order.card, ""
    return step.conclude(card=card, note=note)


@command
def give_card(order: WorkOrder, card: str, *, rule: str, at: datetime) -> WorkOrder:
    """The card a rule gives (overdue, rework); the higher card stays."""
    order = locked(order)
    if _RANK[card] <= _RANK[order.card]:
        return order
    order.card = card
    Supervision.objects.create(order=order, card=card, rule=rule, unit_id=order.lead_id, at=at)
    record(order, "carded", by=None, at=at, role="system", before=order.status, data={"card": card, "rule": rule})
    return order
