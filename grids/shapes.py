"""Outlines to draw: those of one level below an area, simplified for a zoom, kept until the tree or an outline changes.

Neighbours are simplified together, so that no gap opens between them. An area without an outline of its own is drawn
as its grids joined; only areas whose grids have none either are missing.
"""

import datetime as dt
import gzip
import hashlib
import itertools
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
WORLD: Box = (-180.0, -90.0, 180.0, 90.0)
# The zoom steps people come to an area of a level with.
FIRST_ZOOMS = {Level.CITY: (8, 10, 12), Level.DISTRICT: (10, 12, 14)}

_IN_BOX = """
    SELECT boundary.area_id, {columns} FROM grids_boundary boundary
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
    known = directory()
    return known.worked_out(
        ("of_level", under.id, level, on),
        lambda: [one for one in known.inside(under.id) if one.level == level and one.is_active(on)],
    )


def floors(under: Place, on: dt.date) -> list[Floor]:
    """The levels below an area that have areas, top-down, micro-grids left out; a grid stands for itself."""
    counts = {level: len(of_level(under, level, on)) for level in Level.values if level != Level.MICRO}
    counts = {level: count for level, count in counts.items() if count}
    if len(counts) > 1:
        counts.pop(under.level, None)
    return [Floor(level, count) for level, count in counts.items()]


def bounds(under: Place, on: dt.date) -> Box | None:
    """The box around everything drawn below an area; None where nothing has an outline."""
    key = f"map-bounds:{revision(on)}:{under.id}"
    kept = cache.get(key)
    if kept is None:
        kept = (_bounds(under, on),)
        cache.set(key, kept, timeout=KEPT)
    return kept[0]


def _bounds(under: Place, on: dt.date) -> Box | None:
    ids = [one.id for one in directory().inside(under.id) if one.is_active(on)]
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


@dataclass(frozen=True)
class Sheet:
    """Outlines ready to be sent: GeoJSON as UTF-8, compressed once, its tag, and the level it shows."""

    packed: bytes
    tag: str
    level: str

    @property
    def body(self) -> bytes:
        """For the rare reader that takes nothing compressed."""
        return gzip.decompress(self.packed)


def sheet(under: Place, level: str, zoom: int, on: dt.date, box: Box | None = None) -> Sheet:
    """The outlines of the level asked for, or of the next above when that has too many in the box.

    Each feature has the area's id, and its code and name as properties; a member `level` says what was drawn.
    """
    edges = "_".join(f"{edge:.6f}" for edge in box or ())
    key = f"map-sheet:{revision(on)}:{under.id}:{level}:{zoom}:{edges}"
    kept = cache.get(key)
    if kept is None:
        directory(force=True)  # what is kept for a day under this revision must not be a second older than it
        text, shown = _written(under, level, zoom, on, box)
        body = text.encode()
        kept = Sheet(gzip.compress(body, 6, mtime=0), hashlib.sha256(body).hexdigest()[:32], shown)
        cache.set(key, kept, timeout=KEPT)
    return kept


def collection(under: Place, level: str, zoom: int, on: dt.date, box: Box | None = None) -> tuple[str, str]:
    """The GeoJSON text of a sheet and the level it shows."""
    found = sheet(under, level, zoom, on, box)
    return found.body.decode(), found.level


def draw_ahead(on: dt.date) -> int:
    """Draw what people see first on the maps of cities and districts, so that nobody waits; returns how many sheets.

    Once for a revision and day; what has been drawn already costs nothing.
    """
    key = f"map-drawn-ahead:{revision(on)}"
    if cache.get(key):
        return 0
    done = 0
    for one in directory(force=True).by_id.values():
        if one.level in FIRST_ZOOMS and one.is_active(on):
            bounds(one, on)
            levels = [floor.level for floor in floors(one, on)[:2] if floor.count <= MOST]
            for level, zoom in itertools.product(levels, FIRST_ZOOMS[one.level]):
                sheet(one, level, zoom, on)
                done += 1
    cache.set(key, True, timeout=KEPT)
    return done


def drawn(under: Place, level: str, on: dt.date, box: Box | None = None) -> tuple[list[Place], str]:
    """The areas an answer of `collection` shows, and their level."""
    for one in _upwards(under, level):
        places = of_level(under, one, on)
        if box is not None and len(places) > MOST:
            inside = _in_box(places, under, on, box)
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


def _in_box(places: list[Place], under: Place, on: dt.date, box: Box) -> set[int]:
    """The areas `_shapes` finds in a box, without reading their outlines."""
    found = {pk for pk, _true in _stored(places, box, "true")}
    return found | {pk for pk, shape in _joined(places, under, on).items() if shape.intersects(shapely.box(*box))}


def _shapes(places: list[Place], under: Place, on: dt.date, box: Box | None) -> list[tuple[int, BaseGeometry]]:
    """(area id, outline) of those that have one, stored or joined, and touch the box."""
    stored = {pk: shapely.from_wkb(bytes(wkb)) for pk, wkb in _stored(places, box or WORLD, "boundary.wkb")}
    joined = _joined(places, under, on)
    if box is not None:
        window = shapely.box(*box)
        joined = {pk: shape for pk, shape in joined.items() if shape.intersects(window)}
    stored |= joined
    return [(one.id, stored[one.id]) for one in places if one.id in stored]


def _stored(places: list[Place], box: Box, column: str) -> list[tuple]:
    """(area id, column) of the outlines kept for these areas that touch the box."""
    west, south, east, north = box
    given = {"areas": [one.id for one in places], "west": west, "south": south, "east": east, "north": north}
    with connection.cursor() as cursor:
        cursor.execute(_IN_BOX.format(columns=column), given)
        return cursor.fetchall()


def _joined(places: list[Place], under: Place, on: dt.date) -> dict[int, BaseGeometry]:
    """The outlines of those areas without one of their own, as their grids joined; kept, for it takes its time."""
    if not places or places[0].level == Level.GRID:
        return {}
    key = f"map-joined:{revision(on)}:{under.id}:{places[0].level}"
    kept = cache.get(key)
    if kept is None:
        have = Boundary.objects.filter(ends=None, area_id__in=[one.id for one in places])
        without = {one.id for one in places} - set(have.values_list("area_id", flat=True))
        kept = {pk: shapely.to_wkb(shape) for pk, shape in _join(without, under, on).items()}
        cache.set(key, kept, timeout=KEPT)
    return {pk: shapely.from_wkb(wkb) for pk, wkb in kept.items()}


def _join(wanted: set[int], under: Place, on: dt.date) -> dict[int, BaseGeometry]:
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
