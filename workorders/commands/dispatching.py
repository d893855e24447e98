"""Phase two: the order goes to whoever shall handle it."""

from datetime import datetime

from django.utils.translation import gettext as _

from core import clock
from core.errors import Invalid
from core.transactions import command
from grids.directory import directory
from personnel.jurisdiction import holds
from personnel.models import Unit
from workorders import calendars, deadlines
from workorders.commands.accepting import FIELD, officer_of
from workorders.deadlines import Limit
from workorders.ledger import Step, locked, record
from workorders.models import Assignment, WorkOrder
from workorders.vocabulary import ClockKind, Source

FORCED_AFTER_RETURNS = 2


@command
def dispatch(
    order: WorkOrder,
    *,
    by,
    at: datetime,
    unit: Unit | None = None,
    officer=None,
    co_units=(),
    note: str = "",
    limit: Limit | None = None,
    rule: str = "",
) -> WorkOrder:
    """Give a filed order to one unit, or to one officer, and start signing and handling.

    rule: the category whose orders are dispatched by themselves, when the system does it.

    After two returns the dispatch is forced: any unit may be chosen, it cannot return the order, and the handling
    clock runs on. Raises Invalid, NotPermitted, NotAllowedNow. Source: docs/workflow.md, dispatching.
    """
    step = Step("dispatch", order, by=by, at=at)
    if (unit is None) == (officer is None):
        message = _("Choose one unit or one officer.")
        raise Invalid("unit_or_officer", message, errors={"unit": [message]})
    forced = step.order.returns >= FORCED_AFTER_RETURNS
    if forced and limit is not None and step.clocks.due_of(ClockKind.HANDLE):
        message = _("A forced dispatch continues the clock that runs. Leave the limit out.")
        raise Invalid("limit_of_forced", message, errors={"limit": [message]})
    return _give(step, unit=unit, officer=officer, co_units=co_units, note=note, limit=limit, forced=forced, rule=rule)


@command
def decide(order: WorkOrder, *, by, at: datetime, unit: Unit, note: str = "") -> WorkOrder:
    """The instructor's binding decision on an order that came back: forced, with the clock running on."""
    step = Step("decide", order, by=by, at=at)
    return _give(step, unit=unit, officer=None, co_units=(), note=note, limit=None, forced=True)


@command
def co_dispatch(order: WorkOrder, *, by, at: datetime, unit: Unit, task: str, limit: Limit | None = None) -> WorkOrder:
    """Call a second unit in, with a task and a clock of its own (else the order's handling time)."""
    step = Step("co_dispatch", order, by=by, at=at)
    order = step.order
    check_unit(order, unit, on=clock.date_of(at))
    if unit.pk == order.lead_id or _takes_part(order, unit):
        message = _("%(unit)s already takes part in this order.") % {"unit": unit.name}
        raise Invalid("takes_part_already", message, errors={"unit": [message]})
    _call_in(step, unit, task=task, limit=limit)
    return step.conclude(unit=unit.code, unit_name=unit.name, task=task, limit=str(limit) if limit else None)


@command
def follow(order: WorkOrder, *, at: datetime) -> WorkOrder:
    """Dual dispatch: a dispatched hotline order also becomes a follow-up task of the grid's officer, once."""
    order = locked(order)
    officer = officer_of(order, at=at)
    if (
        order.source != Source.HOTLINE
        or order.follow_officer_id
        or not order.is_open
        or officer is None
        or officer.pk == order.officer_id
    ):
        return order
    order.follow_officer = officer
    due = deadlines.due_at(deadlines.clock("follow", order.urgency), at, calendars.working_calendar())
    Assignment.objects.create(
        order=order,
        kind=Assignment.Kind.FOLLOW,
        officer=officer,
        assigned_at=at,
        due_at=due,
        reported_at=order.reported_at,
    )
    record(
        order,
        "followed",
        by=None,
        at=at,
        role="system",
        before=order.status,
        data={"officer": officer.pk, "officer_name": officer.name},
    )
    return order


def check_unit(order: WorkOrder, unit: Unit, *, on, name: str = "unit"):
    """A unit takes orders of its own area or of areas below it, while it exists. Raises Invalid."""
    if unit.area_id not in {place.id for place in directory().path(order.area_id)}:
        message = _("%(unit)s is not responsible for this area. Choose a unit of the order's own area.") % {
            "unit": unit.name
        }
        raise Invalid("unit_elsewhere", message, errors={name: [message]})
    if not unit.is_active(on):
        message = _("%(unit)s does not exist any more. Choose its successor.") % {"unit": unit.name}
        raise Invalid("unit_retired", message, errors={name: [message]})


def _give(step: Step, *, unit, officer, co_units, note, limit, forced, rule="") -> WorkOrder:
    order, by, at = step.order, step.by, step.at
    today = clock.date_of(at)
    if unit is not None:
        check_unit(order, unit, on=today)
        if unit.pk in order.returned_units and not forced:
            message = _("%(unit)s has returned this order. Choose another unit.") % {"unit": unit.name}
            raise Invalid("unit_returned_it", message, errors={"unit": [message]})
    else:
        _check_officer(order, officer, on=today)
    order.lead, order.officer, order.forced = unit, officer, forced
    order.dispatched_at, order.signed_at = at, None
    _start_clocks(step, limit=limit, continues=forced)
    parts = [_part(order, Assignment.Kind.LEAD, unit=unit, officer=officer, by=by, at=at, task=note, forced=forced)]
    for other in co_units:
        check_unit(order, other, on=today, name="co_units")
        if (unit is None or other.pk != unit.pk) and not _takes_part(order, other):
            due_at = step.clocks.due_of(ClockKind.HANDLE)
            parts.append(
                _part(order, Assignment.Kind.CO, unit=other, officer=None, by=by, at=at, task=note, due_at=due_at)
            )
            _note_co_unit(order, other)
    Assignment.objects.bulk_create(parts)
    return step.conclude(
        unit=unit.code if unit else None,
        unit_name=unit.name if unit else None,
        officer=officer.pk if officer else None,
        officer_name=officer.name if officer else None,
        co_units=[other.code for other in co_units],
        note=note,
        limit=str(limit) if limit else None,
        forced=forced or None,
        rule=rule,
    )


def _start_clocks(step: Step, *, limit, continues: bool):
    """Signing and handling start; a forced dispatch lets the paused handling clock run on instead."""
    clocks, unit_id = step.clocks, step.order.lead_id
    if continues and any(running.kind == ClockKind.HANDLE for running in clocks.running()):
        clocks.stop(ClockKind.DISPATCH)
        clocks.resume()
    else:
        clocks.stop()
        clocks.start_handling(limit=limit, unit_id=unit_id)
    clocks.start(ClockKind.SIGN, unit_id=unit_id)


def _check_officer(order: WorkOrder, officer, *, on):
    path = [place.id for place in directory().path(order.area_id)]
    if not any(holds(officer, role, area, on) for role in FIELD for area in path[-2:]):
        message = _("%(name)s is not an officer of this grid or community today.") % {"name": officer.name}
        raise Invalid("not_an_officer_here", message, errors={"officer": [message]})


def _part(order, kind, *, unit, officer, by, at, task, forced=False, due_at=None) -> Assignment:
    return Assignment(
        order=order,
        kind=kind,
        unit=unit,
        officer=officer,
        by=by,
        task=task,
        forced=forced,
        assigned_at=at,
        due_at=due_at,
        reported_at=order.reported_at,
    )


def _takes_part(order: WorkOrder, unit: Unit) -> bool:
    """Whether the unit's co-handling goes on; one that reported its part, or lost it, can be called in again."""
    parts = Assignment.objects.filter(order=order, kind=Assignment.Kind.CO, unit=unit, ended_at__isnull=True)
    return unit.pk in order.co_units and parts.exists()


def _note_co_unit(order: WorkOrder, unit: Unit):
    if unit.pk not in order.co_units:
        order.co_units = [*order.co_units, unit.pk]


def _call_in(step: Step, unit: Unit, *, task, limit):
    """One more co-handler: in its own time, else in the order's handling time."""
    order, at = step.order, step.at
    if limit:
        due = deadlines.due_at(limit, at, calendars.working_calendar())
    else:
        due = step.clocks.due_of(ClockKind.HANDLE)
    _note_co_unit(order, unit)
    _part(order, Assignment.Kind.CO, unit=unit, officer=None, by=step.by, at=at, task=task, due_at=due).save()
