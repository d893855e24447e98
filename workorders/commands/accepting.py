"""Phase one goes on: the centre looks at a report and files, declines or merges it."""

import time
from datetime import datetime

from django.utils.translation import gettext as _

from core import clock
from core.errors import Invalid, NotAllowedNow
from core.transactions import command
from grids.directory import directory
from grids.levels import Level
from personnel.jurisdiction import holders, standing_of
from personnel.roles import Role
from workorders.ledger import Step, locked
from workorders.models import Assignment, Category, WorkOrder
from workorders.vocabulary import URGENCY_RANK, ClockKind, Status

FIELD = (Role.OFFICER, Role.PART_TIME_OFFICER)
# How often, and how many seconds apart, a merge asks for a main order somebody else is working on.
MERGE_TRIES, MERGE_PAUSE = 6, 0.05


@command
def verify(order: WorkOrder, *, by, at: datetime, officer=None) -> WorkOrder:
    """Ask an officer to look before the report is filed; acceptance waits. officer: else the one of the grid."""
    step = Step("verify", order, by=by, at=at)
    order = step.order
    officer = officer or officer_of(order, at=at)
    if officer is None:
        message = _("This grid has no officer today. Name the officer who shall look.")
        raise Invalid("officer_required", message, errors={"officer": [message]})
    if not _is_officer_nearby(officer, order, at=at):
        message = _("%(name)s is not an officer of this community today.") % {"name": officer.name}
        raise Invalid("not_an_officer_here", message, errors={"officer": [message]})
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
        step.clocks.stop(standing_still=True)
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
    step = Step("merge", order, by=by, at=at)
    into = _locked_main(into, beside=step.order)
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


def _locked_main(into: WorkOrder, *, beside: WorkOrder) -> WorkOrder:
    """The main order, locked like the one merged into it. Raises NotAllowedNow while somebody else holds it.

    Rows are waited for in the order of their ids only, so that two people merging crosswise do not wait for each other.
    """
    if into.pk > beside.pk:
        return locked(into)
    for again in range(MERGE_TRIES):
        if again:
            time.sleep(MERGE_PAUSE)
        if WorkOrder.objects.select_for_update(skip_locked=True).filter(pk=into.pk).values_list("pk").first():
            return locked(into)
    raise NotAllowedNow(
        "main_is_busy",
        _("Somebody is working on order %(number)s just now. Reload and try again.") % {"number": into.number},
    )


def _is_officer_nearby(person, order: WorkOrder, *, at: datetime) -> bool:
    """Whether this person is an officer of a grid of the order's community, or of the community, that day."""
    known = directory().by_id
    posts = standing_of(person, on=clock.date_of(at)).posts
    within = directory().ancestor(order.area_id, Level.COMMUNITY) or known[order.area_id]
    return any(post.role in FIELD and post.area_id in known and within.id in known[post.area_id].path for post in posts)


def officer_of(order: WorkOrder, *, at: datetime):
    """The officer who holds the order's grid that day, full-time before part-time; None when the grid is vacant."""
    grids = [place.id for place in directory().path(order.area_id) if place.level in (Level.GRID, Level.MICRO)]
    for area_id in reversed(grids):
        for role in FIELD:
            if user := holders(role, [area_id], on=clock.date_of(at)).first():
                return user
    return None


def max_urgency(one: str, other: str) -> str:
    """The more pressing of two urgencies."""
    return max(one, other, key=lambda urgency: URGENCY_RANK[urgency])
