"""Outlines to draw: those of one level below an area, simplified for a zoom, kept until the tree or an outline changes.

Neighbours are simplified together, so that no gap opens between them. An area without an outline of its own is drawn
as its grids joined; only areas whose grids have none either are missing.
"""

import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely
from django.core.cache import cache
from django.db import connection
from shapely.geometry.base import BaseGeometry

from core.models import Revision

from .directory import REVISION, Place, directory
from .levels import Level
from .models import Boundary

# What one answer holds at most; a level with more of them is asked for by box, or gives way to the one above.
MOST = 3000
# Zooms are drawn in steps of two, each simplified for its deepest; deeper ones are drawn as stored.
ZOOMS = (6, 8, 10, 12, 14, 16)
DECIMALS = 5
KEPT = 24 * 3600
# What is simplified away, as a share of a pixel.
_COARSE = 0.7

Box = tuple[float, float, float, float]  # west, south, east, north

_IN_BOX = """
    SELECT boundary.area_id, boundary.wkb FROM grids_boundary boundary
    WHERE boundary.ends IS NULL AND boundary.area_id = ANY (%(areas)s)
      AND box(point(boundary.min_lon, boundary.min_lat), point(boundary.max_lon, boundary.max_lat))
          && box(point(%(west)s, %(south)s), point(%(east)s, %(north)s))
"""


@dataclass(frozen=True)
class Floor:
    """One level below an area, and how many areas it has."""

    level: str
    count: int


def revision(on: dt.date) -> str:
    """What a copy of outlines is good for: until an area or outline changes, and for the day."""
    number = Revision.objects.filter(name=REVISION).values_list("number", flat=True).first() or 0
    return f"{number}-{on:%Y%m%d}"


def of_level(under: Place, level: str, on: dt.date) -> list[Place]:
    """The areas of a level that lie below the area, or the area itself when it is of that level."""
    known = directory().by_id.values()
    return [one for one in known if one.level == level and under.id in one.path and one.is_active(on)]


def floors(under: Place, on: dt.date) -> list[Floor]:
    """The levels below an area that have areas, top-down, micro-grids left out; a grid stands for itself."""
    counts: dict[str, int] = {}
    for one in directory().by_id.values():
        if under.id in one.path and one.is_active(on) and one.level != Level.MICRO:
            counts[one.level] = counts.get(one.level, 0) + 1
    if len(counts) > 1:
        counts.pop(under.level, None)
    return [Floor(level, counts[level]) for level in Level.values if level in counts]


def bounds(under: Place, on: dt.date) -> Box | None:
    """The box around everything drawn below an area; None where nothing has an outline."""
    ids = [one.id for one in directory().by_id.values() if under.id in one.path and one.is_active(on)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(min_lon), min(min_lat), max(max_lon), max(max_lat) FROM grids_boundary"
            " WHERE ends IS NULL AND area_id = ANY (%s)",
            [ids],
        )
        found = cursor.fetchone()
    return None if found[0] is None else found


def step_of(zoom: float) -> int:
    """The zoom step a zoom is drawn in."""
    return max((one for one in ZOOMS if one <= zoom), default=ZOOMS[0])


def collection(under: Place, level: str, zoom: int, on: dt.date, box: Box | None = None) -> tuple[str, str]:
    """GeoJSON text and the level it shows: the one asked for, or the next above when that has too many in the box.

    Each feature has the area's id, and its code and name as properties; a member `level` says what was drawn.
    """
    edges = "_".join(f"{edge:.6f}" for edge in box or ())
    key = f"map-shapes:{revision(on)}:{under.id}:{level}:{zoom}:{edges}"
    kept = cache.get(key)
    if kept is None:
        kept = _written(under, level, zoom, on, box)
        cache.set(key, kept, timeout=KEPT)
    return kept


def drawn(under: Place, level: str, on: dt.date, box: Box | None = None) -> tuple[list[Place], str]:
    """The areas an answer of `collection` shows, and their level."""
    for one in _upwards(under, level):
        places = of_level(under, one, on)
        if box is not None and len(places) > MOST:
            inside = {pk for pk, _shape in _shapes(places, under, on, box)}
            places = [place for place in places if place.id in inside]
        if len(places) <= MOST:
            return places, one
    return [under], under.level


def _upwards(under: Place, level: str) -> list[str]:
    """The level and those above it, down to which the area reaches."""
    order = Level.values
    top = order.index(under.level)
    return [one for one in reversed(order[top : order.index(level) + 1]) if one != under.level] or [under.level]


def _written(under: Place, level: str, zoom: int, on: dt.date, box: Box | None) -> tuple[str, str]:
    for one in _upwards(under, level):
        places = of_level(under, one, on)
        if len(places) > MOST and box is None:
            continue
        shapes = _shapes(places, under, on, box if len(places) > MOST else None)
        if len(shapes) <= MOST:
            return _text(shapes, one, zoom), one
    return _text(_shapes([under], under, on, None), under.level, zoom), under.level


def _shapes(places: list[Place], under: Place, on: dt.date, box: Box | None) -> list[tuple[int, BaseGeometry]]:
    """(area id, outline) of those that have one, stored or joined, and touch the box."""
    west, south, east, north = box or (-180.0, -90.0, 180.0, 90.0)
    given = {"areas": [one.id for one in places], "west": west, "south": south, "east": east, "north": north}
    with connection.cursor() as cursor:
        cursor.execute(_IN_BOX, given)
        stored = {pk: shapely.from_wkb(bytes(wkb)) for pk, wkb in cursor.fetchall()}
    if places and places[0].level != Level.GRID:
        have = set(Boundary.objects.filter(ends=None, area_id__in=given["areas"]).values_list("area_id", flat=True))
        without = {one.id for one in places} - have
        window = shapely.box(west, south, east, north)
        stored |= {pk: shape for pk, shape in _joined(without, under, on).items() if shape.intersects(window)}
    return [(one.id, stored[one.id]) for one in places if one.id in stored]


def _joined(wanted: set[int], under: Place, on: dt.date) -> dict[int, BaseGeometry]:
    """The outlines of areas without one of their own, as their grids joined."""
    if not wanted:
        return {}
    above = {one.id: own.pop() for one in of_level(under, Level.GRID, on) if (own := wanted.intersection(one.path))}
    parts: dict[int, list[BaseGeometry]] = {}
    rows = Boundary.objects.filter(ends=None, area_id__in=list(above)).values_list("area_id", "wkb")
    for pk, wkb in rows.iterator(chunk_size=5000):
        parts.setdefault(above[pk], []).append(shapely.from_wkb(bytes(wkb)))
    return {pk: _union(found) for pk, found in parts.items()}


def _union(parts: list[BaseGeometry]) -> BaseGeometry:
    try:
        return shapely.coverage_union_all(parts)
    except shapely.GEOSException:  # neighbours that overlap by slivers are no clean mosaic
        return shapely.union_all(parts)


def _text(shapes: list[tuple[int, BaseGeometry]], level: str, zoom: int) -> str:
    known = directory().by_id
    drawn = _simple([shape for _pk, shape in shapes], zoom)
    features = []
    for (pk, _shape), shape in zip(shapes, drawn, strict=True):
        if shape is None or shape.is_empty:
            continue
        place = known[pk]
        features.append(
            f'{{"type":"Feature","id":{pk},"properties":{{"code":"{place.code}","name":{_quoted(place.name)}}},'
            f'"geometry":{shapely.to_geojson(shape)}}}'
        )
    return f'{{"type":"FeatureCollection","level":"{level}","features":[{",".join(features)}]}}'


def _quoted(name: str) -> str:
    return '"' + "".join(f"\\u{ord(one):04x}" if one in '"\\' or ord(one) < 32 else one for one in name) + '"'


def _simple(shapes: list[BaseGeometry], zoom: int) -> Iterable[BaseGeometry]:
    """As fine as the zoom shows and no finer; rounding moves a corner by half a metre at most."""
    if not shapes:
        return []
    found = np.array(shapes, dtype=object)
    if zoom < ZOOMS[-1]:
        fineness = 360 / 256 / 2 ** (zoom + 1) * _COARSE
        found = shapely.coverage_simplify(found, fineness)
    return shapely.transform(found, lambda points: points.round(DECIMALS))


def snapped(box: Box, zoom: int) -> Box:
    """The box of whole cells of the zoom around a box, so that people who look at about the same ask for the same."""
    cell = 360 / 2**zoom * 2
    west, south, east, north = box
    return (
        max(math.floor(west / cell) * cell, -180.0),
        max(math.floor(south / cell) * cell, -90.0),
        min(math.ceil(east / cell) * cell, 180.0),
        min(math.ceil(north / cell) * cell, 90.0),
    )
