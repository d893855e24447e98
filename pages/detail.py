"""One order in full, as its page shows it: facts, people, clocks, what happened, what can be done now."""

import datetime as dt
from dataclasses import dataclass

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from core import clock
from grids.directory import directory
from pages import base, courses, lists, powers, wording, words
from pages.moves import MoveForm
from personnel.jurisdiction import Standing, units_directory
from personnel.roles import Role
from workorders import sentences, workflow
from workorders.commands.extending import deciders
from workorders.commands.releasing import releasing_role
from workorders.commands.splitting import may_split
from workorders.models import Assignment, Clock, WorkOrder
from workorders.papers import slips
from workorders.revealing import may_reveal
from workorders.similar import similar_to
from workorders.vocabulary import GRADES, ClockKind, Difficulty, Phase, Source, Status

# What comes first when several steps are open; the first one a person may do is that person's main button.
FIRST = (
    "verified",
    "accept",
    "decide",
    "dispatch",
    "decide_extension",
    "sign",
    "arrive",
    "co_feedback",
    "feedback",
    "pass_check",
    "revisit",
    "resume",
    "self_handle",
    "supervise",
    "co_dispatch",
    "urge",
    "close",
)
# Steps that are done by filling in a form on the order's own page; the others are one-tap interventions in a dialog.
IN_PLACE = frozenset(FIRST) - {"supervise", "co_dispatch", "urge", "close"}
# Shown as buttons beside the main one; everything else is in the menu. Comments have a box of their own.
SECOND = tuple("merge decline verify return fail_check request_extension reopen void urge supervise".split())
_SYSTEM_ROLES = frozenset({"system", "reporter"})
_ALERTS = frozenset({"return", "fail_check", "decline", "overdue", "carded", "supervise", "reopen_requested", "reopen"})


@dataclass(frozen=True)
class Offer:
    """One step this person may do now."""

    name: str
    label: str
    url: str
    needs_input: bool
    is_serious: bool


@dataclass(frozen=True)
class Line:
    """One thing that happened, for `_timeline.html`."""

    what: str
    who: str
    at: dt.datetime
    note: str
    tone: str


@dataclass(frozen=True)
class ClockLine:
    """One clock: what for, since when, due when, and how it stands."""

    kind: str
    unit: str
    since: dt.datetime
    due_at: dt.datetime
    stopped_at: dt.datetime | None
    lamp: str
    is_late: bool


@dataclass(frozen=True)
class Part:
    """One unit or officer in the order."""

    kind: str
    name: str
    phone: str
    state: str
    task: str
    due_at: dt.datetime | None
    lamp: str | None


def find(request: HttpRequest, number: str) -> WorkOrder:
    """The order with that number within the reader's reach, with whatever its page names. Raises Http404."""
    orders = WorkOrder.objects.visible_to(request.user, clock.today()).select_related(
        "lead", "officer", "follow_officer", "verify_officer", "reporter", "main", "category", "rating", "public_report"
    )
    order = orders.filter(number=number).first()
    if order is None:
        raise Http404
    return order


def context(request: HttpRequest, order: WorkOrder, room, *, inline: bool = True) -> dict:
    """Everything the order's page shows, in a number of statements that does not grow with the order.

    inline: show the form of the main step at once instead of a button that leads to it.
    """
    standing, now = base.standing(request), clock.now()
    assignments = list(order.assignments.select_related("officer").order_by("assigned_at", "pk"))
    events = list(order.events.order_by("sequence"))
    offers = offered(order, assignments, room, standing=standing, at=now)
    asked = order.status == Status.CLOSED and order.reopen_requested_at is not None
    first = {*FIRST, "reopen"} if asked else set(FIRST)
    primary = offers[0] if offers and offers[0].name in first else None
    rest = [one for one in offers if one is not primary and one.name != "comment"]
    rest.sort(key=lambda one: SECOND.index(one.name) if one.name in SECOND else len(SECOND))
    second = rest[: 3 if primary else 4]
    form = None
    if primary and primary.name in IN_PLACE | {"reopen"} and (inline or not primary.needs_input):
        form = MoveForm(primary.name, order, standing=standing, at=now)
    origin = _origin(request, order)
    early = order.status in (Status.REPORTED, Status.VERIFYING, Status.FILED)
    return {
        "order": order,
        "room": room,
        "now": now,
        "lamp": lists.lamp_of(vars(order), now),
        "due_kind": ClockKind(order.due_kind).label if order.due_kind else "",
        "due_explained": sentences.due_explained(order),
        "places": directory().path(order.area_id),
        "source": Source(order.source).label,
        "difficulty": Difficulty(order.difficulty).label,
        "step_notes": _step_notes(order),
        "parts": _parts(order, assignments, now),
        "clocks": [_clock_line(one, now) for one in order.clocks.order_by("since", "pk")],
        "timeline": [line(event) for event in reversed(events)],
        "standstill": courses.standstill(order, events),
        "chain": courses.chain(order, events),
        "calls": courses.calls(assignments, events, now),
        "notices": courses.notices(order, events, now),
        "slips": [kind for kind in slips.KINDS if slips.exists(kind, order)],
        "photos": list(order.attachments.all()),
        "releases": order.source == Source.PUBLIC and releasing_role(order, standing=standing) is not None,
        "extensions": list(order.extensions.select_related("asked_by", "decided_by")),
        "twins": list(_twins(request, order)),
        "similar": similar_to(order, standing=standing) if early else [],
        "rating": getattr(order, "rating", None),
        "origin": origin,
        "split_parts": list(_split_parts(request, order)),
        "may_split": origin is None and may_split(order, standing),
        "grade": GRADES.get(order.satisfaction, ""),
        "may_reveal": may_reveal(order, standing=standing),
        "primary": primary,
        "form": form,
        "second": second,
        "menu": [one for one in rest if one not in second],
        "next": request.get_full_path(),
        "comment_url": room.move(order.number, "comment"),
        "comment": MoveForm("comment", order, standing=standing, at=now) if _may_comment(offers) else None,
    }


def offered(order: WorkOrder, assignments, room, *, standing: Standing, at: dt.datetime) -> list[Offer]:
    """The steps this person may do now, the main one first; what the step's own command would refuse is left out."""
    allowed = [
        move
        for move in workflow.allowed_moves(order, standing=standing, at=at)
        if _makes_sense(move.name, order, assignments, standing)
    ]
    rank = {name: place for place, name in enumerate(FIRST)}
    allowed.sort(key=lambda move: rank.get(move.name, len(rank)))
    if order.reopen_requested_at and order.status == Status.CLOSED:
        allowed.sort(key=lambda move: move.name != "reopen")
    return [powers.named(offer(move, room, order.number), order, standing, at=at) for move in allowed]


def offer(move: workflow.Move, room, number: str) -> Offer:
    """A step as a button of a room."""
    return Offer(
        name=move.name,
        label=str(move.label),
        url=room.move(number, move.name),
        needs_input=bool(move.inputs),
        is_serious=move.name in wording.SERIOUS,
    )


def _makes_sense(name: str, order: WorkOrder, assignments, standing: Standing) -> bool:
    """Whether the step has an object: a part of one's own that is still open, a decision that is one's own."""
    mine = [part for part in assignments if part.unit_id in standing.unit_ids]
    if name == "co_feedback":
        return any(part.ended_at is None and part.may_be_reported for part in mine)
    if name == "arrive":
        return any(part.kind == Assignment.Kind.WHISTLE and part.arrived_at is None for part in mine)
    if name == "rate_unit":
        own = [part for part in assignments if part.kind == Assignment.Kind.WHISTLE and part.by_id == standing.user.pk]
        return any(part.score is None for part in own)
    if name == "decide_extension":
        return not standing.roles.isdisjoint(deciders(order))
    return True


def _may_comment(offers: list[Offer]) -> bool:
    return any(one.name == "comment" for one in offers)


def _step_notes(order: WorkOrder) -> dict[str, str]:
    """The day each phase was reached."""
    moments = {
        Phase.REPORT: order.reported_at,
        Phase.DISPATCH: order.dispatched_at or order.accepted_at,
        Phase.HANDLE: order.signed_at,
        Phase.FEEDBACK: order.fed_back_at,
        Phase.REVIEW: order.closed_at or order.checked_at,
    }
    now = clock.now()
    return {phase.value: words.when_short(at, now) for phase, at in moments.items() if at}


def _parts(order: WorkOrder, assignments: list[Assignment], now: dt.datetime) -> list[Part]:
    """Who has a part now, the lead first; parts that were returned or taken back are told by the timeline."""
    units, found = units_directory().by_id, []
    order_of = [Assignment.Kind.LEAD, Assignment.Kind.CO, Assignment.Kind.FOLLOW, Assignment.Kind.WHISTLE]
    gone = (Assignment.Outcome.RETURNED, Assignment.Outcome.TAKEN_BACK)
    latest: dict[tuple, Assignment] = {}
    for part in assignments:
        if part.outcome not in gone:
            latest[part.kind, part.unit_id, part.officer_id] = part
    for part in sorted(latest.values(), key=lambda one: order_of.index(one.kind) if one.kind in order_of else 9):
        unit = units.get(part.unit_id)
        late = part.due_at is not None and part.ended_at is None and part.arrived_at is None and part.due_at < now
        found.append(
            Part(
                kind=part.get_kind_display(),
                name=unit.name if unit else part.officer.name,
                phone=unit.phone if unit else "",
                state=_part_state(part),
                task=part.task,
                due_at=part.due_at if part.ended_at is None and part.kind != Assignment.Kind.LEAD else None,
                lamp="red" if late else "green",
            )
        )
    return found


def _part_state(part: Assignment) -> str:
    if part.outcome == Assignment.Outcome.DONE:
        return _("done")
    if part.arrived_at:
        return _("arrived")
    if part.kind == Assignment.Kind.WHISTLE:
        return _("on the way")
    return ""


def _clock_line(one: Clock, now: dt.datetime) -> ClockLine:
    ends = one.stopped_at or now
    late = ends > one.due_at and one.paused_at is None
    lamp = "paused" if one.paused_at and not one.stopped_at else "red" if late else "green"
    unit = units_directory().by_id.get(one.unit_id)
    return ClockLine(
        kind=one.get_kind_display(),
        unit=unit.name if unit else "",
        since=one.since,
        due_at=one.due_at,
        stopped_at=one.stopped_at,
        lamp=lamp,
        is_late=late,
    )


def line(event) -> Line:
    """One event as the timeline shows it."""
    role = "" if event.actor_role in _SYSTEM_ROLES else str(_role_label(event.actor_role))
    if event.actor_name:
        who = " · ".join(part for part in (event.actor_name, role) if part)
    else:
        who = _("The reporter") if event.actor_role == "reporter" else _("By rule")
    tone = "alert" if event.kind in _ALERTS else "system" if event.actor_role == "system" else ""
    return Line(
        what=sentences.kind_label(event.kind),
        who=who,
        at=event.at,
        note="\n".join(sentences.event_details(event)),
        tone=tone,
    )


def _role_label(role: str) -> str:
    return Role(role).label if role in Role.values else role


def _split_parts(request: HttpRequest, order: WorkOrder):
    """What was split off this order, within the reader's reach."""
    visible = WorkOrder.objects.visible_to(request.user, clock.today())
    return visible.filter(part_of__origin=order).order_by("pk").values("number", "title", "status")


def _origin(request: HttpRequest, order: WorkOrder):
    """The order this one was split off, within the reader's reach."""
    visible = WorkOrder.objects.visible_to(request.user, clock.today())
    return visible.filter(parts__part=order).values("number", "title", "status").first()


def _twins(request: HttpRequest, order: WorkOrder):
    visible = WorkOrder.objects.visible_to(request.user, clock.today())
    return visible.filter(main=order).order_by("reported_at", "pk").values("number", "title", "reported_at")
