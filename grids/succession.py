"""Who took the place of an area that was split or merged away: for old signs, old codes, orders taken up again."""

import datetime as dt

from .directory import Place, find_id
from .locate import grid_at
from .models import Area

# Generations looked through; a grid divided more often than that leaves its residents to the list.
_MOST = 12


def heirs(place: Place, on: dt.date) -> list[Place]:
    """The areas of that day that came out of this one, itself while it is valid; by code.

    An area that was closed without a successor has none.
    """
    if place.is_active(on):
        return [place]
    found: dict[int, Place] = {}
    closed = {place.id}
    for _generation in range(_MOST):
        next_ids = Area.objects.filter(predecessors__in=closed).order_by().values_list("pk", flat=True).distinct()
        places = [one for one in map(find_id, next_ids) if one is not None]
        found |= {one.id: one for one in places if one.is_active(on)}
        closed = {one.id for one in places if one.ends is not None and one.ends <= on}
        if not closed:
            break
    return sorted(found.values(), key=lambda one: one.code)


def heir_at(place: Place, lon: float | None, lat: float | None, on: dt.date) -> Place | None:
    """The only heir, else the one that holds the point; None where people must choose."""
    known = heirs(place, on)
    if len(known) == 1:
        return known[0]
    if lon is None or lat is None:
        return None
    there = grid_at(lon, lat, on)
    return there if there in known else None
