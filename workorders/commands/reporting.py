"""Phase one: a problem becomes an order."""

from datetime import datetime

from django.db import IntegrityError, connection
from django.utils.translation import gettext as _

from core import clock, vault
from core.errors import Invalid, NotPermitted
from core.inserting import insert_together
from core.transactions import command
from grids.directory import directory
from grids.levels import Level
from personnel.jurisdiction import standing_of
from personnel.roles import Role
from workorders import guards, ledger
from workorders.intake import Intake
from workorders.models import Assignment, WorkOrder
from workorders.sampling import is_sampled
from workorders.timekeeping import Timekeeper
from workorders.vocabulary import ClockKind, Status

# Asked by every report, so written by hand.
_STAFFED = """
    SELECT area_id FROM personnel_post WHERE role = %(role)s AND area_id = ANY (%(areas)s)
    AND starts <= %(on)s AND (ends IS NULL OR ends > %(on)s)
"""
_NEXT_ID = f"SELECT nextval('workorders_workorder_id_seq'), ARRAY ({_STAFFED})"  # noqa: S608 - values are passed


@command
def report(intake: Intake, *, by, at: datetime) -> WorkOrder:
    """Make an order of a checked report and start its acceptance clock.

    An item the officer settled on the spot is reported, kept and fed back in this one step; `tasks` passes it, or
    leaves it to the clerk's sample. Raises Invalid (external_id known), NotPermitted, NotAllowedNow.
    """
    standing = standing_of(by, on=clock.date_of(at)) if by is not None else None
    if standing is not None and standing.is_superuser:
        raise NotPermitted("superuser_acts_not", _("System administrators see orders but take no part in them."))
    order = _new_order(intake, by=by, at=at)
    role = _role_of(standing, order)
    if intake.self_handled:
        role = _settle_on_the_spot(order, intake, standing=standing, at=at)
    clocks = Timekeeper(order, at)
    if intake.self_handled:
        clocks.start(ClockKind.CHECK)
    else:
        clocks.start(ClockKind.ACCEPT)
    events = _first_events(order, intake, by=by, at=at, role=role)
    # The clocks refer to the order, and the order carries the clocks' result: the order goes first, settled in memory.
    started = clocks.settle_in_memory()
    settled = [_assignment_on_the_spot(order, by=by, at=at)] if intake.self_handled else []
    word = ledger.word_of(events[-1], topic="workorders.reported")
    try:
        insert_together([order], started, events, settled, [word])
    except IntegrityError as error:
        if "order_external_id_once_per_source" in str(error):
            raise _known_external_id() from error
        raise
    return order


@command
def void(order: WorkOrder, *, by, at: datetime, reason: str) -> WorkOrder:
    """Take one's own report back within half an hour."""
    step = ledger.Step("void", order, by=by, at=at)
    step.clocks.stop()
    step.order.closed_at = None
    return step.conclude(reason=reason)


def _known_external_id() -> Invalid:
    message = _("This source has already sent an order with this external id.")
    return Invalid("duplicate_external_id", message, errors={"external_id": [message]})


def _role_of(standing, order) -> str:
    if standing is None or not standing.roles:
        return "reporter"
    held = standing.holds(*standing.roles, path=[place.id for place in directory().path(order.area_id)])
    return held.role if held else sorted(standing.roles)[0]


def _new_order(intake: Intake, *, by, at: datetime) -> WorkOrder:
    """The order of a report, not yet stored, with its id, its number and the level that accepts it.

    That is the lowest level above the grid that has an acceptor that day; the district where nobody accepts.
    """
    path = [place for place in directory().path(intake.place.id) if place.level not in (Level.GRID, Level.MICRO)]
    asked = {"role": Role.ACCEPTOR.value, "areas": [place.id for place in path], "on": clock.date_of(at)}
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_ID, asked)
        pk, staffed = cursor.fetchone()
    order = WorkOrder(
        pk=pk,
        level=next((place.level for place in reversed(path) if place.id in staffed), Level.DISTRICT),
        number=f"{clock.local(at):%Y%m%d}{pk:06d}",
        area_id=intake.place.id,
        lon=intake.lon,
        lat=intake.lat,
        fix=intake.fix,
        address=intake.address,
        category=intake.category,
        reported_category=intake.category,
        title=intake.title,
        description=intake.description,
        source=intake.source,
        external_id=intake.external_id,
        urgency=intake.urgency,
        difficulty=intake.category.difficulty if intake.category else 1,
        reporter=by,
        occurred_at=intake.occurred_at,
        reported_at=at,
    )
    put_reporter(order, name=intake.reporter_name or (by.name if by else ""), phone=intake.reporter_phone)
    put_places(order)
    return order


def put_reporter(order: WorkOrder, *, name: str, phone: str):
    """Keep the reporter's name and phone encrypted, with the masked forms lists show."""
    order.reporter_name, order.reporter_phone = name, phone
    order.reporter_name_masked, order.reporter_phone_masked = vault.mask_name(name), vault.mask_phone(phone)
    order.reporter_phone_hash = vault.keyed_hash(phone) if phone else ""


def put_places(order: WorkOrder):
    """Copy the ancestors of the order's area onto the order, where lists and reach find them."""
    above = {place.level: place.id for place in directory().path(order.area_id)}
    order.community_id, order.street_id = above.get(Level.COMMUNITY), above.get(Level.STREET)
    order.district_id, order.city_id = above.get(Level.DISTRICT), above.get(Level.CITY)


def _settle_on_the_spot(order: WorkOrder, intake: Intake, *, standing, at: datetime) -> str:
    """Put the officer's result on the order; returns the role in which he acts. Raises NotPermitted, NotAllowedNow."""
    path = [place.id for place in directory().path(order.area_id)]
    held = standing.holds(Role.OFFICER, Role.PART_TIME_OFFICER, path=path) if standing is not None else None
    if held is None:
        raise NotPermitted("not_your_grid", _("Only an officer of this grid can report it as settled on the spot."))
    guards.category_is_self_handled(order, standing=standing, at=at)
    order.status, order.self_handled, order.officer = Status.FED_BACK, True, standing.user
    order.dispatched_at = order.signed_at = order.fed_back_at = at
    order.internal_result = order.public_answer = intake.result
    order.resolved = True
    order.sampled = is_sampled(order, at=at)
    return held.role


def _assignment_on_the_spot(order: WorkOrder, *, by, at: datetime) -> Assignment:
    return Assignment(
        order=order,
        kind=Assignment.Kind.LEAD,
        officer=by,
        by=by,
        assigned_at=at,
        signed_at=at,
        ended_at=at,
        outcome=Assignment.Outcome.DONE,
        reported_at=at,
    )


def _first_events(order: WorkOrder, intake: Intake, *, by, at, role) -> list:
    """The report, and what an officer did at once."""
    final, order.status = order.status, Status.REPORTED
    data = {
        "source": order.source,
        "category": order.category.code if order.category_id else None,
        "urgency": order.urgency,
    }
    events = [ledger.sealed_event(order, "report", by=by, at=at, role=role, before="", data=data)]
    if intake.self_handled:
        for kind, status in (("self_handle", Status.HANDLING), ("feedback", Status.FED_BACK)):
            before, order.status = order.status, status
            more = {"result": intake.result, "sampled": order.sampled} if kind == "feedback" else {}
            events.append(ledger.sealed_event(order, kind, by=by, at=at, role=role, before=before, data=more))
    order.status = final
    return events
