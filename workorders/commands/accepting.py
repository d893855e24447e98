"""Phase one goes on: the centre looks at a report and files, declines or merges it."""

from datetime import datetime

from django.utils.translation import gettext as _

from core import clock
from core.errors import Invalid, NotAllowedNow
from core.transactions import command
from personnel.jurisdiction import holders
from personnel.roles import Role
from workorders.ledger import Step, locked
from workorders.models import Assignment, Category, WorkOrder
from workorders.vocabulary import URGENCY_RANK, ClockKind, Status

FIELD = (Role.OFFICER, Role.PART_TIME_OFFICER)


@command
def verify(order: WorkOrder, *, by, at: datetime, officer=None) -> WorkOrder:
    """Ask an officer to look before the report is filed; acceptance waits. officer: else the one of the grid."""
    step = Step("verify", order, by=by, at=at)
    order = step.order
    officer = officer or officer_of(order, at=at)
    if officer is None:
        message = _("This grid has no officer today. Name the officer who shall look.")
        raise Invalid("officer_required", message, errors={"officer": [message]})
    order.verify_officer = officer
    step.clocks.pause(ClockKind.ACCEPT, reason="verify")
    step.clocks.start(ClockKind.VERIFY)
    Assignment.objects.create(
        order=order,
        kind=Assignment.Kind.VERIFY,
        officer=officer,
        by=by,
        assigned_at=at,
        reported_at=order.reported_at,
    )
    return step.conclude(officer=officer.pk, officer_name=officer.name)


@command
def verified(order: WorkOrder, *, by, at: datetime, outcome: bool, note: str = "", photo=None) -> WorkOrder:
    """The officer's answer: true lets acceptance go on, false declines the report with the note as the reason."""
    step = Step("verified", order, by=by, at=at)
    order = step.order
    if not outcome and not note:
        message = _("Say what you found, the reporter will read it.")
        raise Invalid("note_required", message, errors={"note": [message]})
    Assignment.objects.filter(order=order, kind=Assignment.Kind.VERIFY, ended_at__isnull=True).update(
        ended_at=at, outcome=Assignment.Outcome.DONE, result=note
    )
    order.verify_officer = None
    if outcome:
        step.clocks.stop(ClockKind.VERIFY)
        step.clocks.resume()
        target = Status.REPORTED
    else:
        step.clocks.stop()
        order.public_answer, target = note, Status.DECLINED
    return step.conclude(target=target, outcome=outcome, note=note, photo=photo.pk if photo else None)


@command
def accept(
    order: WorkOrder, *, by, at: datetime, category: Category, urgency: str = "", difficulty: int | None = None
) -> WorkOrder:
    """File a report under a category and start the dispatch clock; another category than reported is noted."""
    step = Step("accept", order, by=by, at=at)
    order = step.order
    reclassified = order.category_id is not None and order.category_id != category.pk
    was = order.category.code if reclassified else None
    if not urgency:
        urgency = (
            order.urgency if order.category_id and not reclassified else max_urgency(order.urgency, category.urgency)
        )
    order.category, order.urgency = category, urgency
    order.difficulty = difficulty or category.difficulty
    order.accepted_at = at
    order.self_handled = False
    step.clocks.stop()
    step.clocks.start(ClockKind.DISPATCH)
    return step.conclude(category=category.code, reclassified_from=was, urgency=urgency, difficulty=order.difficulty)


@command
def decline(order: WorkOrder, *, by, at: datetime, reason: str) -> WorkOrder:
    """Refuse a report; the reason is public."""
    step = Step("decline", order, by=by, at=at)
    step.order.public_answer = reason
    step.clocks.stop()
    return step.conclude(reason=reason)


@command
def merge(order: WorkOrder, *, by, at: datetime, into: WorkOrder) -> WorkOrder:
    """Hang a duplicate onto its main order; its reporter hears of the main order from then on."""
    if into.pk == order.pk:
        message = _("An order cannot be merged into itself.")
        raise Invalid("merge_into_itself", message, errors={"into": [message]})
    for pk in sorted((order.pk, into.pk)):  # always in the same order: two people merging crosswise must not deadlock
        if pk == order.pk:
            order = locked(order)
        else:
            into = locked(into)
    step = Step("merge", order, by=by, at=at)
    if into.status in (Status.MERGED, Status.VOIDED, Status.DECLINED):
        raise NotAllowedNow(
            "main_is_dead",
            _("Order %(number)s is itself merged, declined or void. Choose another main order.")
            % {"number": into.number},
        )
    order = step.order
    order.main = into
    WorkOrder.objects.filter(main=order).update(main=into)
    step.clocks.stop()
    return step.conclude(into=into.number)


def officer_of(order: WorkOrder, *, at: datetime):
    """The officer who holds the order's grid that day, full-time before part-time; None when the grid is vacant."""
    found = {}
    for role in FIELD:
        for user in holders(role, [order.area_id], on=clock.date_of(at)):
            found.setdefault(role, user)
    return next((found[role] for role in FIELD if role in found), None)


def max_urgency(one: str, other: str) -> str:
    """The more pressing of two urgencies."""
    return max(one, other, key=lambda urgency: URGENCY_RANK[urgency])
