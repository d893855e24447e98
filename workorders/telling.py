"""Who hears of an event, and the notices made for them. Runs in the worker; may run twice."""

from datetime import datetime

from django.conf import settings

from core import clock, outbox
from core.inserting import insert_all
from grids.directory import directory
from personnel.jurisdiction import holders, holdings, members, units_directory
from personnel.models import User
from personnel.roles import Role
from workorders import workflow
from workorders.commands.extending import deciders
from workorders.models import Assignment, Delivery, Notice, WorkOrder, WorkOrderEvent
from workorders.vocabulary import Card, Status, Urgency

FIELD = (Role.OFFICER, Role.PART_TIME_OFFICER)

# Things that happen besides the moves of the table → who hears of them.
BESIDES = {
    "report": ("acceptors",),
    "followed": ("follow_officer",),
    "carded": ("whose_turn", "unit_heads", "inspectors"),
    "overdue": ("whose_turn", "duty_leaders"),
    "remarked": ("whose_turn",),
    "unanswered": ("lead", "handling_officer"),
    "rated": ("lead", "handling_officer", "follow_officer"),
    "reopen_requested": ("reopeners",),
}


def tell(event: WorkOrderEvent) -> int:
    """Make the notices of an event, one per person, none for whoever did it. Returns how many are new."""
    notices = notices_of(event, event.order, at=clock.now())
    insert_all(notices, unless_known=True)
    return _hand_to_channels(event) if settings.NOTICE_CHANNELS else len(notices)


def notices_of(event: WorkOrderEvent, order: WorkOrder, *, at: datetime) -> list[Notice]:
    """The notices of an event, not yet stored."""
    if event.kind in BESIDES:
        audiences = BESIDES[event.kind]
    else:
        audiences = workflow.BY_NAME[event.kind].tells if event.kind in workflow.BY_NAME else ()
    people: dict[int, str] = {}
    for audience in audiences:
        kind = _OTHER_WORDS.get(audience, event.kind)
        for user_id in _AUDIENCES[audience](order, event):
            people.setdefault(user_id, kind)
    people.pop(event.actor_id, None)
    data = {
        "number": order.number,
        "title": order.title,
        **{key: event.data[key] for key in _KEPT if key in event.data},
    }
    return [
        Notice(person_id=person, order=order, event=event, kind=kind, data=data, created_at=at)
        for person, kind in people.items()
    ]


# Who has another part in an event than its name says: a unit called in at the dispatch does not have to sign.
_OTHER_WORDS = {"co_units": "co_dispatch"}


_KEPT = (
    "reason",
    "note",
    "card",
    "clock",
    "share",
    "unit_name",
    "until",
    "approve",
    "to_level",
    "text",
    "question",
    "satisfaction",
    "answer_by",
    "outcome",
    "whistle",
)


def _hand_to_channels(event: WorkOrderEvent) -> int:
    """Let every configured channel outside the site carry the new notices; each is sent by a job of its own."""
    ids = list(Notice.objects.filter(event=event).values_list("pk", flat=True))
    for channel in settings.NOTICE_CHANNELS:
        Delivery.objects.bulk_create([Delivery(notice_id=pk, channel=channel) for pk in ids], ignore_conflicts=True)
    if ids:
        outbox.add("workorders.deliver", notices=ids)
    return len(ids)


def _ids(people) -> list[int]:
    return list(people.values_list("pk", flat=True))


def nearest_holders(role, order: WorkOrder, *, on) -> list[int]:
    """Whoever holds the role at the responsible level, else at the next level above it."""
    above = _from_responsible(order)
    return _first_held(role, above, holdings([role], above, on))


def _from_responsible(order: WorkOrder) -> list[int]:
    """The areas from the responsible level upwards."""
    path = directory().path(order.area_id)
    levels = [place.level for place in path]
    last = levels.index(order.level) if order.level in levels else len(levels) - 1
    return [place.id for place in reversed(path[: last + 1])]


def _first_held(role, areas: list[int], held: list[tuple[str, int, int]]) -> list[int]:
    """The people of the first of the areas on which anybody holds the role."""
    found = ([person for one, area, person in held if (one, area) == (role, area_id)] for area_id in areas)
    return next(filter(None, found), [])


def _near(role):
    return lambda order, event: nearest_holders(role, order, on=clock.date_of(event.at))


def _on_path(role):
    return lambda order, event: _ids(
        holders(role, [place.id for place in directory().path(order.area_id)], on=clock.date_of(event.at))
    )


def _acceptors(order, event):
    above = _from_responsible(order)
    community = [order.community_id] if order.community_id else []
    roles = (Role.ACCEPTOR, Role.CLERK, Role.DUTY_LEADER)
    held = holdings(roles, {*above, *community}, clock.date_of(event.at))
    found = _first_held(Role.ACCEPTOR, above, held) + _first_held(Role.CLERK, community, held)
    if order.urgency == Urgency.EMERGENCY:
        found += _first_held(Role.DUTY_LEADER, above, held)
    return found


def _units(order, event, codes, *roles):
    by_code = units_directory().by_code
    return _ids(members([by_code[code].id for code in codes if code in by_code], clock.date_of(event.at), *roles))


def _lead(order, event, *roles):
    return _ids(members([order.lead_id], clock.date_of(event.at), *roles)) if order.lead_id else []


def _one(field):
    return lambda order, event: [getattr(order, f"{field}_id")] if getattr(order, f"{field}_id") else []


def _checkers(order, event):
    """The officers of the grid and the one who follows; for what an officer handled himself, the clerk."""
    on = clock.date_of(event.at)
    found = _ids(holders(FIELD, [order.area_id], on=on)) + (
        [order.follow_officer_id] if order.follow_officer_id else []
    )
    found = [person for person in found if person != order.officer_id]
    if order.officer_id or not found:
        found += _ids(holders(Role.CLERK, [order.community_id], on=on)) if order.community_id else []
    return found or nearest_holders(Role.DISPATCHER, order, on=on)


def _whose_turn(order, event):
    who = {
        Status.REPORTED: "acceptors",
        Status.VERIFYING: "verify_officer",
        Status.FILED: "dispatchers",
        Status.FED_BACK: "checkers",
        Status.REVISITING: "reviewers",
        Status.SUSPENDED: "duty_leaders",
    }.get(order.status)
    if who:
        return _AUDIENCES[who](order, event)
    return _lead(order, event) + _one("officer")(order, event)


def _extension_deciders(order, event):
    return nearest_or_local(deciders(order)[0], order, event)


def nearest_or_local(role, order, event):
    """Whoever holds the role on the order's path, the lowest first; clerks and instructors sit below the centre."""
    path = [place.id for place in reversed(directory().path(order.area_id))]
    found = _first_held(role, path, holdings([role], path, clock.date_of(event.at)))
    return found or nearest_holders(Role.DUTY_LEADER, order, on=clock.date_of(event.at))


def _reopeners(order, event):
    role = Role.REVIEWER if order.status == Status.REVISITING else Role.DUTY_LEADER
    return nearest_holders(role, order, on=clock.date_of(event.at))


def _reporter(order, event):
    """Whoever reported it, and the reporters of what was merged into it."""
    twins = WorkOrder.objects.filter(main=order, reporter__isnull=False).values_list("reporter_id", flat=True)
    return [*_one("reporter")(order, event), *twins]


def _inspectors(order, event):
    return _on_path(Role.INSPECTOR)(order, event) if event.data.get("card") == Card.RED else []


def _whistlers(order, event):
    rows = Assignment.objects.filter(order=order, kind=Assignment.Kind.WHISTLE, by__isnull=False)
    return list(User.objects.filter(pk__in=rows.values("by")).values_list("pk", flat=True))


_AUDIENCES = {
    "acceptors": _acceptors,
    "dispatchers": _near(Role.DISPATCHER),
    "reviewers": _near(Role.REVIEWER),
    "duty_leaders": _near(Role.DUTY_LEADER),
    "inspectors": _inspectors,
    "lead": _lead,
    "unit_heads": lambda order, event: _lead(order, event, Role.UNIT_HEAD),
    "co_units": lambda order, event: _units(order, event, event.data.get("co_units", ())),
    "given_unit": lambda order, event: _units(order, event, [event.data["unit"]]),
    "whistled": lambda order, event: _units(order, event, event.data["units"]),
    "whistler": _whistlers,
    "handling_officer": _one("officer"),
    "follow_officer": _one("follow_officer"),
    "verify_officer": _one("verify_officer"),
    "reporter": _reporter,
    "checkers": _checkers,
    "whose_turn": _whose_turn,
    "extension_deciders": _extension_deciders,
    "reopeners": _reopeners,
}
