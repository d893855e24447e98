"""The grids of a period and what they lay in then; who held them for how long."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter

from assessment.periods import Period
from grids.directory import Directory, Place, directory
from grids.levels import Level
from grids.models import AreaEvent
from personnel.models import Post
from personnel.roles import Role

OFFICERS = (Role.OFFICER, Role.PART_TIME_OFFICER)


@dataclass(frozen=True, slots=True)
class Grid:
    """A grid as it stood in the period. days: on how many of its days it existed."""

    id: int
    code: str
    name: str
    kind: str
    community_id: int
    street_id: int
    district_id: int
    days: int


@dataclass(frozen=True, slots=True)
class Holding:
    """An officer's days on a grid in the period."""

    officer_id: int
    name: str
    username: str
    grid_id: int
    days: frozenset[dt.date]


class Hierarchy:
    """The tree as of the end of the period, below one area.

    places: of every area where orders may lie, the area it counts for (a grid, or itself where an order is not located
    more closely) and its community. districts: where those areas lie today.
    """

    def __init__(self, area_id: int, period: Period):
        self.period = period
        self._known = directory(force=True)
        self._moved = _moved_since(self._known, period)
        self.grids: list[Grid] = []
        self.places: dict[int, tuple[int, int | None]] = {}
        self.districts: set[int] = set()
        # Every area is asked for each district: where nothing was moved, as quickly as can be.
        path_of = self._path if self._moved else attrgetter("path")
        below = [place for place in self._known.by_id.values() if area_id in path_of(place)]
        for place in sorted(below, key=lambda one: one.code):
            path = {self._known.by_id[one].level: one for one in self._path(place)}
            if Level.DISTRICT not in path:
                continue
            days = _days(place, period)
            if place.level == Level.GRID and days:
                community, street, district = (path[level] for level in (Level.COMMUNITY, Level.STREET, Level.DISTRICT))
                self.grids.append(Grid(place.id, place.code, place.name, place.kind, community, street, district, days))
            self.places[place.id] = path.get(Level.GRID, place.id), path.get(Level.COMMUNITY)
            now = self._known.ancestor(place.id, Level.DISTRICT)
            if now is not None:
                self.districts.add(now.id)

    def place(self, area_id: int) -> Place:
        """An area by id."""
        return self._known.by_id[area_id]

    def _path(self, place: Place) -> Sequence[int]:
        """The areas a place lay in then, top-down, itself last: today's, unless one of them was moved since."""
        if self._moved.keys().isdisjoint(place.path):
            return place.path
        parent = self._moved.get(place.id, place.parent_id)
        return place.path if parent is None else (*self._path(self._known.by_id[parent]), place.id)


def _moved_since(known: Directory, period: Period) -> dict[int, int]:
    """{area: its parent at the end of the period} of those moved since: moves are taken back, the last one first."""
    found: dict[int, int] = {}
    moved = AreaEvent.objects.filter(kind=AreaEvent.Kind.MOVED, at__gte=period.until).order_by("-at", "-pk")
    for area_id, data in moved.values_list("area_id", "data"):
        before = known.by_code.get(data.get("before"))
        if area_id in known.by_id and before is not None:
            found[area_id] = before.id
    return found


def _days(place: Place, period: Period) -> int:
    end = min(period.end, place.ends) if place.ends else period.end
    return max((end - max(period.first, place.starts)).days, 0)


def holdings(grid_ids: Iterable[int], period: Period) -> list[Holding]:
    """Who was officer of these grids in the period, with the days; one statement."""
    wanted = frozenset(grid_ids)
    posts = Post.objects.between(period.first, period.end).filter(role__in=OFFICERS, area_id__in=wanted)
    days: dict[tuple, set[dt.date]] = defaultdict(set)
    rows = posts.order_by("pk").values_list(
        "person_id", "person__name", "person__username", "area_id", "starts", "ends"
    )
    for person_id, name, username, area_id, starts, ends in rows:
        first, end = max(starts, period.first), min(ends or period.end, period.end)
        days[person_id, name, username, area_id] |= _days_between(first, end)
    found = [Holding(*key, frozenset(one)) for key, one in days.items() if one]
    return sorted(found, key=lambda one: (one.officer_id, one.grid_id))


@lru_cache(maxsize=256)
def _days_between(first: dt.date, end: dt.date) -> frozenset[dt.date]:
    """Most posts last all month: their days are the same ones."""
    return frozenset(first + dt.timedelta(n) for n in range((end - first).days))
