"""What splitting or merging areas would mean for orders, posts, routes and signs; nothing here changes anything."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import shapely
from django.db.models import Q, QuerySet
from shapely.geometry.base import BaseGeometry

from grids import cutting, geometry
from grids.codes import stem
from grids.commands import Opening
from grids.directory import find_id
from grids.levels import Level
from grids.models import Area, Spot
from personnel.jurisdiction import units_directory
from personnel.models import Post
from personnel.roles import Role
from workorders.models import Redivision, Route, WorkOrder

# Of grids and communities only: what lies above them moves by whole areas.
LEVELS = (Level.GRID, Level.COMMUNITY)
# Decided on and not finished.
WAITING = (Redivision.State.PLANNED, Redivision.State.MOVING)
# So many orders are shown one by one; the rest is counted.
MOST_SHOWN = 100


@dataclass(frozen=True)
class Goals:
    """Where things go: to the part that holds their point, else to the one chosen for the rest."""

    rest: str
    shapes: Mapping[str, BaseGeometry] = field(default_factory=dict)

    @classmethod
    def of(cls, parts: Iterable[Opening], rest: str) -> "Goals":
        """The goals of parts; with a single one there is nothing to choose."""
        parts = list(parts)
        shapes = {one.code: geometry.read(one.geometry) for one in parts if one.geometry is not None}
        return cls(rest, dict(sorted(shapes.items())) if len(parts) > 1 else {})

    def at(self, lon: float | None, lat: float | None) -> tuple[str, bool]:
        """(code of the part, whether the point decided). On an edge the smaller code wins, as when locating."""
        if lon is not None and lat is not None:
            for code, shape in self.shapes.items():
                if shapely.intersects_xy(shape, lon, lat):
                    return code, True
        return self.rest, False


def openings(plan: Redivision) -> list[Opening]:
    """The parts of a plan, as the commands of the tree want them."""
    return [Opening(**part) for part in plan.body["parts"]]


def goals_of(plan: Redivision) -> Goals:
    """Where the things of a plan go."""
    return Goals.of(openings(plan), plan.body["rest"])


def waiting() -> QuerySet[Redivision]:
    """Redivisions that are decided on and not finished."""
    return Redivision.objects.filter(state__in=WAITING)


def codes_in_use(parent_id: int | None) -> set[str]:
    """Codes under a parent that were ever given, and those of redivisions that wait."""
    parent = find_id(parent_id) if parent_id else None
    used = set(Area.objects.filter(code__startswith=stem(parent.code) if parent else "").values_list("code", flat=True))
    return used | {part["code"] for plan in waiting().only("body") for part in plan.body["parts"]}


def suggested_codes(area: Area, count: int) -> list[str]:
    """The next free codes beside an area."""
    return cutting.free_codes(area.parent.code, area.level, codes_in_use(area.parent_id), count)


# -- what would happen ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Going:
    """One open order and the part it would go to. by_point: its place says so, not the choice for the rest."""

    number: str
    title: str
    status: str
    to: str
    by_point: bool
    due_at: dt.datetime | None


@dataclass(frozen=True)
class Effects:
    """What a redivision would mean. Numbers are of all; `orders` holds those the reader may see, the first of them."""

    orders: list[Going]
    total: int
    by_point: int
    per_part: Mapping[str, int]
    timers: int
    closed: int
    spots: list[tuple[str, str, bool]]  # name, code of the part, whether its position says so
    routes: list[Route]
    units: list[Any]
    unstaffed: list[str]  # codes of parts without a full-time officer


def open_orders(olds: Iterable[int]) -> QuerySet[WorkOrder]:
    """The open orders that lie in the very areas."""
    return WorkOrder.objects.open().filter(area_id__in=list(olds))


def posts_on(olds: Iterable[int], on: dt.date) -> QuerySet[Post]:
    """Posts on these very areas that are held on that day or later."""
    held = Post.objects.filter(area_id__in=list(olds)).filter(Q(ends=None) | Q(ends__gt=on))
    return held.select_related("person", "area").order_by("area__code", "role", "pk")


def routes_of(olds: Iterable[int], on: dt.date) -> QuerySet[Route]:
    """Rows of the routing table for these very areas that hold on that day or later."""
    rows = Route.objects.filter(area_id__in=list(olds)).filter(Q(ends=None) | Q(ends__gt=on))
    return rows.select_related("category", "unit", "area").order_by("area__code", "pk")


def spots_in(olds: Iterable[int]) -> QuerySet[Spot]:
    """Spots whose signs hang in these areas."""
    return Spot.objects.filter(area_id__in=list(olds), ends=None).select_related("area").order_by("code")


def effects(
    olds: Sequence[Area],
    parts: Sequence[Opening],
    *,
    rest: str,
    posts: Mapping[int, Sequence[str]],
    on: dt.date,
    seen: QuerySet[WorkOrder],
) -> Effects:
    """Work out what would happen. seen: the orders the reader may see; posts: {id: codes of parts}."""
    ids = [one.pk for one in olds]
    goals = Goals.of(parts, rest)
    going = open_orders(ids)
    points = list(going.order_by("pk").values_list("lon", "lat"))
    where = [goals.at(lon, lat) for lon, lat in points]
    shown = []
    for one in (
        seen.open()
        .filter(area_id__in=ids)
        .order_by("due_at", "pk")
        .defer("reporter_name", "reporter_phone")[:MOST_SHOWN]
    ):
        code, by_point = goals.at(one.lon, one.lat)
        shown.append(Going(one.number, one.title, one.status, code, by_point, one.due_at))
    spots = [(spot.name, *goals.at(spot.lon, spot.lat)) for spot in spots_in(ids)]
    units = [one for one in units_directory().by_id.values() if one.area_id in ids and one.is_active(on)]
    return Effects(
        orders=shown,
        total=len(points),
        by_point=sum(by_point for _code, by_point in where),
        per_part=Counter(code for code, _by_point in where),
        timers=going.filter(next_timer_at__isnull=False).count(),
        closed=WorkOrder.objects.filter(area_id__in=ids).count() - len(points),
        spots=spots,
        routes=list(routes_of(ids, on)),
        units=units,
        unstaffed=_unstaffed(olds, parts, posts, on),
    )


def _unstaffed(olds, parts, posts, on) -> list[str]:
    """Grids that would have no full-time officer of their own."""
    if olds[0].level != Level.GRID:
        return []
    officers = {post.pk for post in posts_on([one.pk for one in olds], on) if post.role == Role.OFFICER}
    held = {code for pk, codes in posts.items() if pk in officers for code in codes}
    return [one.code for one in parts if one.code not in held]
