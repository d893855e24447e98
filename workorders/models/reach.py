"""How people come to see orders: the ways of reach of contract §3, each as a condition an index serves."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from grids.directory import directory
from grids.levels import Level
from personnel.jurisdiction import Standing
from workorders.models.assignment import Assignment

COPY_OF = {
    Level.CITY: "city",
    Level.DISTRICT: "district",
    Level.STREET: "street",
    Level.COMMUNITY: "community",
    Level.GRID: "area",
    Level.MICRO: "area",
}


@dataclass(frozen=True)
class Way:
    """One way of reach. `condition` is true by itself; `through` says that the rows are found by the unit's or the
    officer's assignments, walked newest first."""

    condition: Q
    through: bool = False


def area_condition(area_id: int) -> Q:
    """Orders in the area or below it, as one indexed column."""
    place = directory().by_id[area_id]
    if place.level == Level.GRID and (micros := _micros_of(area_id)):
        return Q(area_id__in=(area_id, *micros))
    return Q(**{f"{COPY_OF[place.level]}_id": area_id})


_micros: tuple = (None, {})


def _micros_of(grid_id: int) -> tuple[int, ...]:
    """The micro-grids of a grid: orders keep no copy of the grid above them. Worked out once for each directory."""
    global _micros
    known = directory()
    if _micros[0] is not known:
        below: dict[int, tuple[int, ...]] = {}
        for place in known.by_id.values():
            if place.level == Level.MICRO:
                below[place.parent_id] = (*below.get(place.parent_id, ()), place.id)
        _micros = (known, below)
    return _micros[1].get(grid_id, ())


def ways_of_reach(standing: Standing) -> list[Way]:
    """How this person comes to see orders. Contract §3, Reach: area posts, units that have or had a part, own
    reports, orders followed or handled as an officer."""
    me = standing.user.pk
    areas = _topmost(standing.area_ids)
    areas += [micro for area_id in areas for micro in _micros_of(area_id)]
    ways = [Way(Q(**{f"{COPY_OF[directory().by_id[area_id].level]}_id": area_id})) for area_id in areas]
    ways += [Way(Q(assignments__unit_id=unit_id), through=True) for unit_id in sorted(standing.unit_ids)]
    return [*ways, Way(Q(reporter_id=me)), Way(Q(assignments__officer_id=me), through=True)]


def visible_condition(standing: Standing) -> Q:
    """All ways of reach as one condition, for details, counts and searches."""
    seen = Q(reporter_id=standing.user.pk)
    for area_id in _topmost(standing.area_ids):
        seen |= area_condition(area_id)
    part = Q(officer_id=standing.user.pk)
    if standing.unit_ids:
        part |= Q(unit_id__in=sorted(standing.unit_ids))
    return seen | Q(Exists(Assignment.objects.filter(part, order=OuterRef("pk"))))


def _topmost(area_ids: Iterable[int]) -> list[int]:
    """Without the areas that lie inside another of them, and without unknown ones."""
    held, known = set(area_ids), directory().by_id
    return sorted(area for area in held if area in known and not held.intersection(known[area].path[:-1]))
