"""The slips that go with an order on A4: 交办单 when a unit gets it, 回单 when it has answered."""

import datetime as dt

from django.utils.translation import gettext as _

from core import clock
from core.papers.paper import FORM, Field, Form, Paper
from workorders.models import Assignment, Clock, WorkOrder
from workorders.papers import facts
from workorders.vocabulary import GRADES, ClockKind, Status

HANDOVER, REPLY = "handover", "reply"
KINDS = (HANDOVER, REPLY)


def exists(kind: str, order: WorkOrder) -> bool:
    """Whether there is anything to print: a unit has it, an answer was given."""
    if kind == HANDOVER:
        return order.lead_id is not None or order.officer_id is not None
    return order.fed_back_at is not None


def slip(kind: str, order: WorkOrder, *, issuer: str, at: dt.datetime) -> Paper:
    """The slip of that kind. issuer: the centre that prints it. The reporter's name and phone are masked on paper."""
    return _handover(order, issuer, at) if kind == HANDOVER else _reply(order, issuer, at)


def _handover(order: WorkOrder, issuer: str, at: dt.datetime) -> Paper:
    parts = order.assignments.filter(kind=Assignment.Kind.CO, ended_at=None).order_by("assigned_at", "pk")
    tasks = "\n".join(part.task for part in parts if part.task)
    boxes = (
        *facts.boxes(order, due=_handling_due(order)),
        Field(_("Reporter"), _masked(order)),
        Field(_("Signed for at"), order.signed_at),
        Field(_("Tasks of co-handlers"), tasks or None, wide=True, lines=2),
        Field(_("What is asked for"), _("Sign for it, act on the spot, and answer before the due time."), wide=True),
        Field(_("Remarks of the head"), None, wide=True, lines=3),
    )
    return Paper(
        title=_("Handing-over slip"),
        blocks=(Form(boxes),),
        issuer=issuer,
        number=order.number,
        signatures=(_("Handed over by"), _("Received by")),
        date=clock.date_of(at),
        notes=(facts.issued(at),),
        foot=order.number,
        layout=FORM,
    )


def _reply(order: WorkOrder, issuer: str, at: dt.datetime) -> Paper:
    resolved = {True: _("Solved"), False: _("Not solved")}.get(order.resolved)
    boxes = (
        *facts.boxes(order, due=_handling_due(order)),
        Field(_("Signed for at"), order.signed_at),
        Field(_("Answered at"), order.fed_back_at),
        Field(_("What was done"), order.internal_result, wide=True, lines=4),
        Field(_("Answer to the public"), order.public_answer, wide=True, lines=3),
        Field(_("Result"), resolved),
        Field(_("Satisfaction"), str(GRADES.get(order.satisfaction, "")) or None),
        Field(_("Closed at"), order.closed_at if order.status == Status.CLOSED else None),
        Field(_("Times returned / reworked"), f"{order.returns} / {order.reworks + order.reopens}"),
        Field(_("Finding of the check"), None, wide=True, lines=2),
    )
    return Paper(
        title=_("Reply slip"),
        blocks=(Form(boxes),),
        issuer=issuer,
        number=order.number,
        signatures=(_("Handled by"), _("Checked by")),
        date=clock.date_of(at),
        notes=(facts.issued(at),),
        foot=order.number,
        layout=FORM,
    )


def _handling_due(order: WorkOrder) -> dt.datetime | None:
    """Until when the unit has to answer, or had to; the order's own due time is the present step's, then none."""
    clocks = Clock.objects.filter(order=order, kind=ClockKind.HANDLE).order_by("since", "pk")
    return clocks.values_list("due_at", flat=True).last()


def _masked(order: WorkOrder) -> str:
    return " ".join(part for part in (order.reporter_name_masked, order.reporter_phone_masked) if part)
