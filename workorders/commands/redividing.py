"""Split and merge grids and communities with all that stands on them: orders, posts, routes, signs.

1. `redivide` keeps the plan. A day that has come is carried out at once, in the same transaction; for a later day the
   tree's commands are rehearsed and undone, so that what they would refuse is refused now.
2. On its day the worker carries the plan out: the tree, posts, routes and signs in one transaction, with the first
   orders; where there are more, the rest in batches.
3. Open orders go to the part that holds their point, else to the one chosen. Their clocks, units and officers stay;
   their history says where they came from. Closed orders stay with the old area, and so do past months.
4. What turns up in the old area later (a report that was on its way, an order taken up again) follows by `rehome`.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from core import clock, outbox, wording
from core.errors import DomainError, Invalid, NotAllowedNow, NotPermitted
from core.inserting import insert_all
from core.revisions import bump
from core.transactions import command, unit_of_work
from grids import commands as tree
from grids import cutting, geometry, outlines, spots
from grids import tree as lock
from grids.commands import Opening
from grids.directory import directory, find, undone
from grids.levels import Level
from grids.models import Area
from personnel.administration import administers
from personnel.commands import follow_area
from personnel.roles import Role
from workorders import ledger, redividing, searching
from workorders.commands.places import refresh_places
from workorders.commands.reporting import put_places
from workorders.models import Notice, Redivision, RehomedOrder, Route, WorkOrder

TOPIC = "workorders.redivide"
# So many orders go over in the transaction of the split itself; more of them follow in batches of this size.
AT_ONCE, BATCH = 500, 200
# So long after it is done a redivision is looked at for orders that came too late.
LATE = dt.timedelta(hours=1)
State = Redivision.State

_MOVE = """
    UPDATE workorders_workorder o
    SET area_id = n.area, community_id = n.community, street_id = n.street, district_id = n.district,
        city_id = n.city, version = n.version, last_hash = n.hash
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::int[],
        %s::text[]) AS n (id, area, community, street, district, city, version, hash)
    WHERE o.id = n.id
"""


class _Rehearsed(Exception):
    """Ends a rehearsal: everything it did is undone."""


@command
def rehearse(areas: Sequence[Area], **given) -> None:
    """Refuse what `redivide` would refuse, with the same arguments; nothing is changed."""
    _rehearse(_plan(areas, **given))


@command
def redivide(
    areas: Sequence[Area],
    *,
    into: Sequence[Opening],
    on: dt.date,
    by,
    at: dt.datetime,
    posts: Mapping[int, Sequence[str]],
    rest: str,
) -> Redivision:
    """Split one area into several, or merge several into one, from a day on; see the top of this file.

    posts: {id of a post: codes of the new areas it goes on in, none of them to end it}; those not named follow `rest`,
    the code of the part for whatever has no point. Raises Invalid, NotPermitted, NotAllowedNow.
    """
    plan = _plan(areas, into=into, on=on, by=by, at=at, posts=posts, rest=rest)
    if on > clock.date_of(at):
        _rehearse(plan)
    plan.save(force_insert=True)
    if on <= clock.date_of(at):
        _carry_out_tree(plan, at)
        _move(plan, at, AT_ONCE)
    else:
        _announce(plan, "redivision_planned", at)
    return plan


def _plan(areas: Sequence[Area], *, into, on, by, at, posts, rest) -> Redivision:
    """The plan, checked and not stored, under the lock of the tree."""
    lock.lock()
    olds = list(Area.objects.select_related("parent").filter(pk__in=[one.pk for one in areas]).order_by("code"))
    _check(olds, into, on=on, by=by, at=at, posts=posts, rest=rest)
    return Redivision(
        kind=Redivision.Kind.SPLIT if len(into) > 1 else Redivision.Kind.MERGE,
        area=olds[0],
        olds=[one.pk for one in olds],
        on=on,
        body={
            "parts": [{**asdict(one), "children": list(one.children)} for one in into],
            "posts": {str(pk): list(codes) for pk, codes in posts.items()},
            "rest": rest,
        },
        by=by,
        made_at=at,
    )


def _check(olds: list[Area], into: Sequence[Opening], *, on, by, at, posts, rest) -> None:
    _check_administers(by, [one.pk for one in olds], at)
    if not olds or any(one.level not in redividing.LEVELS for one in olds):
        raise Invalid("not_divisible", _("Grids and communities are split and merged; choose one."))
    if on < clock.date_of(at):
        message = _("What is past stays as it was. Choose today or a later day.")
        raise Invalid("in_the_past", message, {"on": [message]})
    codes = [one.code for one in into]
    if rest not in codes or any(code not in codes for chosen in posts.values() for code in chosen):
        raise Invalid("unknown_part", _("Every choice must name one of the new areas."))
    waiting = redividing.waiting().filter(olds__overlap=[one.pk for one in olds]).first()
    if waiting is not None:
        raise NotAllowedNow(
            "already_planned",
            _("A redivision of %(name)s is planned for %(day)s. Call it off first.")
            % {"name": waiting.area.name, "day": wording.day(waiting.on)},
            redivision=waiting.pk,
        )
    shapes = [geometry.read(one.geometry) for one in into if one.geometry is not None]
    if 0 < len(shapes) < len(into):
        raise Invalid("outline_missing", _("Draw an outline for each part, or for none."))


def _check_administers(by, area_ids: Sequence[int], at: dt.datetime) -> None:
    if not all(administers(by, pk, clock.date_of(at)) for pk in area_ids):
        raise NotPermitted(message=_("Only the administrator of this area may divide it."))


def _rehearse(plan: Redivision) -> None:
    """Let the tree judge the plan, and undo it."""
    try:
        with transaction.atomic():
            _change_tree(plan, plan.on)
            raise _Rehearsed
    except _Rehearsed:
        undone()


def _change_tree(plan: Redivision, on: dt.date) -> list[Area]:
    olds, parts = list(Area.objects.filter(pk__in=plan.olds).order_by("code")), redividing.openings(plan)
    if plan.kind == Redivision.Kind.SPLIT:
        whole = outlines.current(olds).get(olds[0].pk)  # as it is on that day, it may have been changed meanwhile
        shapes = [geometry.read(one.geometry) for one in parts if one.geometry is not None]
        if whole is not None and shapes:
            cutting.check_covers(whole, shapes)
        return tree.split_area(olds[0], into=parts, on=on, by=plan.by)
    return [tree.merge_areas(olds, into=parts[0], on=on, by=plan.by)]


@command
def cancel(plan: Redivision, *, by, at: dt.datetime) -> Redivision:
    """Call a redivision off before its day. Raises NotPermitted, NotAllowedNow."""
    lock.lock()
    plan = Redivision.objects.select_for_update().get(pk=plan.pk)
    _check_administers(by, [plan.area_id], at)
    if plan.state != State.PLANNED:
        raise NotAllowedNow("not_planned", _("Only a redivision that waits for its day can be called off."))
    plan.state, plan.cancelled_by, plan.cancelled_at = State.CANCELLED, by, at
    plan.save(update_fields=["state", "cancelled_by", "cancelled_at"])
    _announce(plan, "redivision_cancelled", at)
    return plan


def _announce(plan: Redivision, kind: str, at: dt.datetime) -> None:
    """Tell whoever holds a post there what is planned, or that it is not any more."""
    names = [directory().by_id[pk].name for pk in plan.olds]
    data = {"old": names, "new": [one["name"] for one in plan.body["parts"]], "on": plan.on.isoformat()}
    people = set(redividing.posts_on(plan.olds, plan.on).values_list("person", flat=True)) - {plan.by_id}
    Notice.objects.bulk_create(
        [Notice(person_id=person, kind=kind, data=data, created_at=at) for person in sorted(people)]
    )


# -- on its day -----------------------------------------------------------------------------------------------------


def carry_out(pk: int, *, at: dt.datetime) -> bool:
    """Do what is left of a redivision whose day has come; a second call finds it done. Returns whether it is."""
    while True:
        state = _step(pk, at)
        if state != State.MOVING:
            return state == State.DONE


def _step(pk: int, at: dt.datetime) -> str:
    """One transaction of it; returns the state it leaves."""
    try:
        with unit_of_work():
            lock.lock()
            plan = Redivision.objects.select_for_update(of=("self",)).select_related("by").get(pk=pk)
            if plan.state == State.PLANNED and plan.on <= clock.date_of(at):
                with override(plan.by.language):
                    _carry_out_tree(plan, at)
                _move(plan, at, AT_ONCE)
            elif plan.state == State.MOVING:
                _move(plan, at, BATCH)
            elif plan.state == State.DONE:
                for order in redividing.open_orders(plan.olds).order_by("pk")[:BATCH]:
                    rehome(order, at=at)
            return plan.state
    except DomainError as refusal:
        if refusal.code == "tree_busy":  # the next sweep tries it again
            raise
        return _refused(pk, refusal, at)


@command
def _refused(pk: int, refusal: DomainError, at: dt.datetime) -> str:
    """The areas changed since it was planned: say so to whoever planned it."""
    plan = Redivision.objects.select_for_update(of=("self",)).select_related("by", "area").get(pk=pk)
    if plan.state == State.PLANNED:
        with override(plan.by.language):
            plan.state, plan.refusal = State.REFUSED, str(refusal)
        plan.save(update_fields=["state", "refusal"])
        data = {"old": [plan.area.name], "on": plan.on.isoformat(), "refusal": plan.refusal}
        Notice.objects.create(person=plan.by, kind="redivision_refused", data=data, created_at=at)
    return plan.state


def _carry_out_tree(plan: Redivision, at: dt.datetime) -> None:
    """The areas, and what stands on them apart from orders. What is late takes effect today, never backwards."""
    on = max(plan.on, clock.date_of(at))
    children = [] if plan.area.level == Level.GRID else [c for one in plan.body["parts"] for c in one["children"]]
    held = list(redividing.posts_on(plan.olds, on))
    signs, routes = list(redividing.spots_in(plan.olds)), list(redividing.routes_of(plan.olds, on))
    news = {one.code: one for one in _change_tree(plan, on)}
    told: dict[int, list[str]] = {}
    for post in held:
        chosen = plan.body["posts"].get(str(post.pk), [plan.body["rest"]])
        follow_area(post, to=[news[code] for code in chosen], by=plan.by, on=on, at=at)
        told.setdefault(post.person_id, []).extend(chosen)
    goals = redividing.goals_of(plan)
    for spot in signs:
        spots.move_spot(spot, to=news[goals.at(spot.lon, spot.lat)[0]], by=plan.by)
    _hand_on(routes, list(news.values()), on)
    for child in Area.objects.filter(code__in=children).order_by("code"):
        refresh_places(child)
    plan.body["told"] = {str(person): sorted(set(codes)) for person, codes in told.items()}
    plan.on, plan.state = on, State.MOVING
    plan.save(update_fields=["on", "state", "body"])


def _hand_on(routes: list[Route], news: list[Area], on: dt.date) -> None:
    """Rows of the routing table hold in each new area; of two merged areas the first one's unit stays."""
    first: dict[int | None, int] = {}
    for route in routes:
        stays = first.setdefault(route.category_id, route.area_id) == route.area_id
        if route.starts < on:
            Route.objects.filter(pk=route.pk).update(ends=on)
        else:  # it has not held yet: it never holds in an area that is gone
            Route.objects.filter(pk=route.pk).delete()
        for area in news if stays else ():
            since = max(route.starts, on)
            Route.objects.create(category=route.category, area=area, unit=route.unit, starts=since, ends=route.ends)
    if routes:
        bump("routes")


# -- the orders -----------------------------------------------------------------------------------------------------


def _move(plan: Redivision, at: dt.datetime, most: int) -> int:
    """Let the next open orders go over; the plan is done when none is left, else the worker goes on."""
    rows = redividing.open_orders(plan.olds).select_for_update(of=("self",)).defer("reporter_name", "reporter_phone")
    orders = list(rows.order_by("pk")[:most])
    _rehome(plan, orders, at)
    if len(orders) < most:
        plan.state, plan.done_at = State.DONE, at
        plan.save(update_fields=["state", "done_at"])
        _tell(plan, at)
    else:
        outbox.add(TOPIC, redivision=plan.pk)
    return len(orders)


def _rehome(plan: Redivision, orders: list[WorkOrder], at: dt.datetime) -> None:
    """Put locked orders into the areas they go to, each with its event, in a few statements for all."""
    if not orders:
        return
    goals, known = redividing.goals_of(plan), directory()
    events, kept, moved = [], [], []
    for order in orders:
        before, after = known.by_id[order.area_id], find(goals.at(order.lon, order.lat)[0])
        order.area_id = after.id
        put_places(order)
        data = {"from": before.code, "from_name": before.name, "to": after.code, "to_name": after.name}
        events.append(
            ledger.sealed_event(order, "rehomed", by=plan.by, at=at, role=Role.ADMIN, before=order.status, data=data)
        )
        kept.append(RehomedOrder(redivision=plan, order=order, before_id=before.id, after_id=after.id, at=at))
        places = (order.area_id, order.community_id, order.street_id, order.district_id, order.city_id)
        moved.append((order.pk, *places, order.version, order.last_hash))
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, [list(column) for column in zip(*moved, strict=True)])
    insert_all(events)
    insert_all(kept)
    insert_all([ledger.word_of(event) for event in events])
    searching.sort_in_these([order.pk for order in orders])


@command
def rehome(order: WorkOrder, *, at: dt.datetime) -> bool:
    """Let an open order that turned up in an area that gave way follow it; returns whether it went. Safe to repeat."""
    order = ledger.locked(order)
    went = False
    while order.is_open and not directory().by_id[order.area_id].is_active(clock.date_of(at)):
        plan = Redivision.objects.select_related("by").filter(
            olds__contains=[order.area_id], state__in=(State.MOVING, State.DONE)
        )
        plan = plan.order_by("-pk").first()
        if plan is None:
            break
        _rehome(plan, [order], at)
        went = True
    return went


def _tell(plan: Redivision, at: dt.datetime) -> None:
    """One notice to everybody who held a post there: what they look after now, with how many open orders."""
    parts = {one["code"]: find(one["code"]) for one in plan.body["parts"]}
    counts = {code: redividing.open_orders([place.id]).count() for code, place in parts.items()}
    names = [directory().by_id[pk].name for pk in plan.olds]
    for person, codes in plan.body.get("told", {}).items():
        data = {
            "old": names,
            "new": [place.name for place in parts.values()],
            "on": plan.on.isoformat(),
            "mine": [parts[code].name for code in codes],
            "orders": sum(counts[code] for code in codes),
        }
        kind = "redivided" if codes else "redivision_relieved"
        Notice.objects.create(person_id=int(person), kind=kind, data=data, created_at=at)


def due(at: dt.datetime) -> list[int]:
    """Redivisions whose day has come, those whose worker died, and those just done with orders that came too late.

    For a second another process may still believe in the old areas and put a report there.
    """
    rows = redividing.waiting().filter(on__lte=clock.date_of(at))
    found = list(rows.order_by("on", "pk").values_list("pk", flat=True))
    fresh = Redivision.objects.filter(state=State.DONE, done_at__gte=at - LATE).order_by("pk").values_list("pk", "olds")
    return found + [pk for pk, olds in fresh if redividing.open_orders(olds).exists()]
