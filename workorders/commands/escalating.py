"""Upwards and sideways: to the next level with what was tried, and the whistle that calls units to the spot."""

import math
from datetime import datetime

from django.utils.translation import gettext as _

from core import clock
from core.errors import Invalid, NotAllowedNow, NotPermitted
from core.transactions import command
from grids.geometry import metres_per_degree
from personnel.models import Unit
from workorders import calendars, deadlines
from workorders.commands.dispatching import check_unit
from workorders.commands.handling import end_all_parts, lapse_extension
from workorders.guards import UPWARDS
from workorders.ledger import Step
from workorders.models import Assignment, WorkOrder
from workorders.timekeeping import Timekeeper
from workorders.vocabulary import ClockKind


@command
def escalate(order: WorkOrder, *, by, at: datetime, attempt: str) -> WorkOrder:
    """Hand the order to the next level up, with what was tried here; it is reported there anew."""
    step = Step("escalate", order, by=by, at=at)
    order = step.order
    came_from = order.level
    order.level = UPWARDS[order.level]
    end_all_parts(step)
    lapse_extension(order, at=at)
    order.lead = order.officer = None
    order.accepted_at = order.dispatched_at = order.signed_at = None
    order.self_handled = order.forced = False
    step.clocks.stop()
    step.clocks.start(ClockKind.ACCEPT)
    return step.conclude(attempt=attempt, from_level=came_from, to_level=order.level)


@command
def whistle(order: WorkOrder, *, by, at: datetime, kind: str, units, note: str = "") -> WorkOrder:
    """Call units to the spot; each gets its own time to arrive (30 min, 1 or 3 working days)."""
    step = Step("whistle", order, by=by, at=at)
    order = step.order
    for unit in units:
        check_unit(order, unit, on=clock.date_of(at), name="units")
    due = deadlines.due_at(deadlines.clock(f"whistle_{kind}", order.urgency), at, calendars.working_calendar())
    Assignment.objects.bulk_create(
        [
            Assignment(
                order=order,
                kind=Assignment.Kind.WHISTLE,
                unit=unit,
                by=by,
                task=note,
                whistle=kind,
                assigned_at=at,
                due_at=due,
                reported_at=order.reported_at,
            )
            for unit in units
        ]
    )
    order.whistled_units = sorted({*order.whistled_units, *(unit.pk for unit in units)})
    return step.conclude(
        whistle=kind,
        units=[unit.code for unit in units],
        unit_names=[unit.name for unit in units],
        note=note,
        due_at=due.isoformat(),
    )


@command
def arrive(order: WorkOrder, *, by, at: datetime, location: dict) -> WorkOrder:
    """A whistled unit signs in on the spot; the distance is kept, and never refuses anybody."""
    step = Step("arrive", order, by=by, at=at)
    order = step.order
    mine = [unit for unit in order.whistled_units if step.standing.in_unit(unit)]
    call = (
        Assignment.objects.filter(order=order, kind=Assignment.Kind.WHISTLE, unit_id__in=mine, arrived_at__isnull=True)
        .select_related("unit")
        .order_by("assigned_at", "pk")
        .first()
    )
    if call is None:
        raise NotAllowedNow("arrived_already", _("Your unit has signed in already. Add a comment instead."))
    metres = metres_away(order, location)
    call.arrived_at, call.arrived = at, {**location, "metres": metres}
    call.save(update_fields=["arrived_at", "arrived"])
    if order.lead_id in mine:
        reached_the_spot(step.clocks, order, unit_ids=mine)
    return step.conclude(unit_name=call.unit.name, metres=metres, late=at > call.due_at)


@command
def rate_unit(order: WorkOrder, *, by, at: datetime, score: int, unit: Unit | None = None) -> WorkOrder:
    """Whoever blew the whistle says how a unit came and worked, once, 1 to 5. unit: may be left out when it was one."""
    step = Step("rate_unit", order, by=by, at=at)
    calls = Assignment.objects.filter(order=step.order, kind=Assignment.Kind.WHISTLE)
    if unit is None:
        called = {call.unit_id: call.unit for call in calls.filter(by=by).select_related("unit")}
        if len(called) != 1:
            message = _("Say which unit you rate.")
            raise Invalid("unit_required", message, errors={"unit": [message]})
        unit = next(iter(called.values()))
    calls = calls.filter(unit=unit)
    if not calls.exists():
        message = _("%(unit)s was not whistled for on this order.") % {"unit": unit.name}
        raise Invalid("not_whistled", message, errors={"unit": [message]})
    if not calls.filter(by=by).exists():
        raise NotPermitted("not_the_whistler", _("Whoever blew the whistle rates the units."))
    if not calls.filter(by=by, score__isnull=True).update(score=score, ended_at=at, outcome=Assignment.Outcome.DONE):
        message = _("You have rated %(unit)s already.") % {"unit": unit.name}
        raise Invalid("rated_already", message, errors={"unit": [message]})
    return step.conclude(unit=unit.code, unit_name=unit.name, score=score)


@command
def comment(order: WorkOrder, *, by, at: datetime, text: str) -> WorkOrder:
    """Say something about an order; the handling unit's first word shows that somebody is on the spot."""
    step = Step("comment", order, by=by, at=at)
    own = {step.order.lead_id} - {None}
    if step.order.officer_id == by.pk or any(step.standing.in_unit(unit) for unit in own):
        reached_the_spot(step.clocks, step.order, unit_ids=own)
    return step.conclude(text=text)


def metres_away(order: WorkOrder, point: dict) -> int | None:
    """How far a point {lon, lat} lies from where the order is; None where the order has no point."""
    if order.lon is None:
        return None
    east, north = metres_per_degree(order.lat)
    return round(math.hypot((point["lon"] - order.lon) * east, (point["lat"] - order.lat) * north))


def reached_the_spot(clocks: Timekeeper, order: WorkOrder, *, unit_ids, restored: bool = False):
    """The handling unit is at work on the spot: containment has been met, with `restored` the repair as well."""
    met = (ClockKind.CONTAIN, ClockKind.RESTORE) if restored else (ClockKind.CONTAIN,)
    if order.signed_at and (order.officer_id or order.lead_id in unit_ids) and order.due_kind in met:
        clocks.stop(*met)
