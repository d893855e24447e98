"""Who looks after which grid: full-time and part-time officers, grids without one (一格一员, 1 + N).

Source: domain §2.2. Every figure of a subtree comes from a fixed number of queries, however many grids it has.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from grids.directory import Directory, Place, directory
from grids.levels import Level
from grids.models import Area
from personnel.jurisdiction import lies_in
from personnel.models import Post
from personnel.roles import Role

FULL_TIME = (Role.OFFICER,)
PART_TIME = (Role.PART_TIME_OFFICER, Role.BUILDING_HEAD, Role.INFORMANT)


@dataclass(frozen=True)
class Staffing:
    """The staffing of one area's subtree on a day.

    full_time, part_time: persons, each counted once. vacant: grids without a full-time officer. shared: grids with
    more than one. part_time_only: vacant grids that at least have somebody part-time.
    """

    area_id: int
    grids: int
    full_time: int
    part_time: int
    vacant: tuple[Place, ...]
    shared: tuple[Place, ...]
    part_time_only: int

    @property
    def covered(self) -> int:
        """Grids with a full-time officer."""
        return self.grids - len(self.vacant)

    @property
    def coverage(self) -> tuple[int, int]:
        """Numerator and denominator of the rate 一格一员; nothing to measure when the second is 0."""
        return self.covered, self.grids


def staffing_of(area_id: int, *, on: dt.date) -> Staffing:
    """The staffing of one area and all below it. KeyError when there is no such area."""
    return staffing((area_id,), on=on)[area_id]


def staffing(area_ids: Iterable[int], *, on: dt.date) -> dict[int, Staffing]:
    """The staffing of several areas, `{area_id: Staffing}`, in two queries for all of them together."""
    areas = directory()
    wanted = {area_id: areas.by_id[area_id] for area_id in area_ids}
    if not wanted:
        return {}
    top = _common(list(wanted.values()))
    full, part = _officers(areas, top, on)
    rows = Area.objects.order_by("tree_id", "lft").of_level(Level.GRID).active(on)
    grids: dict[int, list[Place]] = defaultdict(list)
    for grid_id in (rows.under(top) if top else rows).values_list("pk", flat=True):
        if grid_id in areas.by_id:  # made within the last second: the next figure has it
            for area_id in areas.by_id[grid_id].path:
                if area_id in wanted:
                    grids[area_id].append(areas.by_id[grid_id])
    return {area_id: _summary(area_id, grids[area_id], full, part) for area_id in wanted}


def _common(places: list[Place]) -> int | None:
    """The lowest area all of them lie in, None when they have none in common."""
    shared = set(places[0].path).intersection(*(place.path for place in places))
    return next((area_id for area_id in reversed(places[0].path) if area_id in shared), None)


def _officers(areas: Directory, top: int | None, on: dt.date) -> tuple[dict[int, set[int]], dict[int, set[int]]]:
    """Persons per grid, full-time and part-time; a micro-grid's people count for its grid."""
    full: dict[int, set[int]] = defaultdict(set)
    part: dict[int, set[int]] = defaultdict(set)
    posts = Post.objects.on(on).filter(role__in=(*FULL_TIME, *PART_TIME), area__isnull=False, person__is_active=True)
    if top is not None:
        posts = posts.filter(lies_in("area__in", (top,)))
    for area_id, person_id, role in posts.order_by("pk").values_list("area_id", "person_id", "role"):
        grid = areas.ancestor(area_id, Level.GRID) if area_id in areas.by_id else None
        if grid is not None:
            (full if role in FULL_TIME else part)[grid.id].add(person_id)
    return full, part


def _summary(area_id: int, grids: list[Place], full: dict[int, set[int]], part: dict[int, set[int]]) -> Staffing:
    vacant = tuple(grid for grid in grids if not full.get(grid.id))
    return Staffing(
        area_id=area_id,
        grids=len(grids),
        full_time=len(set().union(*(full.get(grid.id, ()) for grid in grids))),
        part_time=len(set().union(*(part.get(grid.id, ()) for grid in grids))),
        vacant=vacant,
        shared=tuple(grid for grid in grids if len(full.get(grid.id, ())) > 1),
        part_time_only=sum(1 for grid in vacant if part.get(grid.id)),
    )
