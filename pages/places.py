"""Finding a grid on a page: by position, by name, or step by step down the tree."""

import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from core import clock
from grids import locate, spots, succession
from grids.directory import Directory, Place, directory, find
from grids.levels import Level
from pages.base import page
from workorders import floodgate

MOST_FOUND, MOST_LISTED = 20, 300
_WITH_REPORTS = (Level.GRID, Level.MICRO)


@dataclass
class _Tree:
    """The areas of a day that lead to a grid, by the area they lie in; None holds the topmost."""

    source: Directory | None = None
    on: dt.date | None = None
    below: dict[int | None, list[Place]] = field(default_factory=dict)


_kept = _Tree()


def _tree(on: dt.date) -> _Tree:
    """Worked out once per day and state of the tree: a city has tens of thousands of grids."""
    global _kept
    known = directory()
    if _kept.source is not known or _kept.on != on:
        grids = [place for place in known.by_id.values() if place.level in _WITH_REPORTS and place.is_active(on)]
        leading = {area_id for grid in grids for area_id in grid.path}
        below: dict[int | None, list[Place]] = {}
        for place in known.by_id.values():
            if place.id in leading and place.is_active(on):
                below.setdefault(place.parent_id, []).append(place)
        _kept = _Tree(known, on, below)
    return _kept


@dataclass(frozen=True)
class Choice:
    """One step of the way down: where one stands, and what lies directly below."""

    trail: tuple[Place, ...]
    options: tuple[Place, ...]


def step(under: str, on: dt.date) -> Choice:
    """What can be chosen inside an area, grids at the end; an unknown area starts at the top."""
    tree, at = _tree(on), find(under) if under else None
    options = tree.below.get(at.id if at else None, [])
    while len(options) == 1 and options[0].level not in _WITH_REPORTS and tree.below.get(options[0].id):
        at, options = options[0], tree.below[options[0].id]
    return Choice(directory().path(at.id) if at else (), tuple(options))


def search(text: str, on: dt.date) -> list[tuple[Place, str]]:
    """Grids and communities whose name holds the text or whose code starts with it, each with where it lies."""
    wanted = text.strip().lower()
    if not wanted:
        return []
    found = []
    for places in _tree(on).below.values():
        for place in places:
            if place.level in (*_WITH_REPORTS, Level.COMMUNITY) and (
                wanted in place.name.lower() or place.code.startswith(wanted)
            ):
                found.append(place)
    found.sort(key=lambda place: (len(place.name), place.code))
    return [(place, where(place)) for place in found[:MOST_FOUND]]


def where(place: Place) -> str:
    """The areas a place lies in, from the district down, without itself."""
    return " ".join(above.name for above in directory().path(place.id)[1:-1])


def grids_within(area_ids: Iterable[int], on: dt.date) -> list[Place]:
    """The grids in or below these areas, at most as many as a list can hold."""
    below, found = _tree(on).below, []
    waiting = [directory().by_id[area_id] for area_id in area_ids if area_id in directory().by_id]
    while waiting and len(found) < MOST_LISTED:
        place = waiting.pop(0)
        if place.level in _WITH_REPORTS and place.is_active(on):
            found.append(place)
        waiting += below.get(place.id, [])
    return sorted(dict.fromkeys(found), key=lambda place: place.code)


def address_of(request: HttpRequest) -> str:
    """The network address a request came from, as the middleware settled it."""
    return request.META.get("REMOTE_ADDR", "")


@page
@require_GET
def locate_view(request: HttpRequest) -> JsonResponse:
    """The name of the grid a phone stands in. A point outside all grids is an answer, not a failure."""
    now = clock.now()
    if not request.user.is_authenticated:
        floodgate.admit_location(address=address_of(request), at=now)
    if request.GET.get("code"):
        return JsonResponse(_of_sign(request.GET["code"][:20], clock.date_of(now)))
    lon, lat = degrees(request.GET.get("lon"), 180), degrees(request.GET.get("lat"), 90)
    found = locate.grid_at(lon, lat, on=clock.date_of(now)) if lon is not None and lat is not None else None
    if found is None:
        return JsonResponse({"grid": None, "words": _("You are outside all grids. Choose the grid from the list.")})
    return JsonResponse({"grid": {"code": found.code, "name": found.name, "where": where(found)}})


def _of_sign(code: str, on: dt.date) -> dict:
    """The grid a sign on the wall belongs to, and where the sign hangs when that is known."""
    spot = spots.find(code)
    place = find(spot.area.code if spot else code)
    if place is not None and not place.is_active(on):  # the sign of a grid that was divided or merged
        place = succession.heir_at(place, spot and spot.lon, spot and spot.lat, on) or place
    hangs = spot is None or spot.ends is None or spot.ends > on
    if place is None or place.level not in _WITH_REPORTS or not place.is_active(on) or not hangs:
        return {"grid": None, "words": _("There is no sign with this number. Choose the grid from the list.")}
    found: dict = {"grid": {"code": place.code, "name": place.name, "where": where(place)}}
    if spot is not None and spot.lon is not None:
        found |= {"lon": spot.lon, "lat": spot.lat}
    return found


def degrees(value: str | None, most: float) -> float | None:
    """A longitude or latitude as a page sends it; None when it is none."""
    try:
        number = float(value or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and abs(number) <= most else None
