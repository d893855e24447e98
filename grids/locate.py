"""Point → grid: exact, and right from the statement after a boundary change was committed."""

import datetime as dt
import math

import shapely
from django.db import connection

from .directory import Place, directory, find_id
from .levels import Level

# The GiST index on the boxes gives the few candidates (its comparison is loose by 1e-6°, never too tight); GEOS
# decides. Which grids are valid is asked here and not of a cache, so no process ever answers from an old map.
_CANDIDATES = """
    SELECT area.id, boundary.wkb
    FROM grids_boundary boundary JOIN grids_area area ON area.id = boundary.area_id
    WHERE box(point(boundary.min_lon, boundary.min_lat), point(boundary.max_lon, boundary.max_lat))
          @> box(point(%(lon)s, %(lat)s), point(%(lon)s, %(lat)s))
      AND boundary.starts <= %(on)s AND (boundary.ends IS NULL OR boundary.ends > %(on)s)
      AND area.starts <= %(on)s AND (area.ends IS NULL OR area.ends > %(on)s)
      AND area.level = %(level)s
    ORDER BY area.code
"""


def grid_at(lon: float, lat: float, on: dt.date) -> Place | None:
    """The grid that contains the point on that day, None outside all of them; see area_at()."""
    return _covering(lon, lat, on, Level.GRID)


def area_at(lon: float, lat: float, on: dt.date, *, level: str) -> Place | None:
    """The area of a level that contains the point: by its own outline, else as the one its grid lies in."""
    found = _covering(lon, lat, on, Level(level))
    if found is None and level != Level.GRID:
        grid = _covering(lon, lat, on, Level.GRID)
        found = directory().ancestor(grid.id, level) if grid else None
    return found


def _covering(lon: float, lat: float, on: dt.date, level: Level) -> Place | None:
    """The area of the level whose outline contains the point on that day, None outside all of them.

    A point on an edge belongs to every area it touches; of those the smallest code wins, so each point has one answer.
    A point in a hole is outside. Coordinates are WGS-84 degrees.
    """
    if not (math.isfinite(lon) and math.isfinite(lat)):
        return None
    with connection.cursor() as cursor:
        cursor.execute(_CANDIDATES, {"lon": lon, "lat": lat, "on": on, "level": level.value})
        candidates = cursor.fetchall()
    point = shapely.Point(lon, lat)
    for area_id, wkb in candidates:
        if shapely.covers(shapely.from_wkb(bytes(wkb)), point):
            return find_id(area_id)
    return None
