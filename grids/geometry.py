"""Outlines of areas (pure): read GeoJSON strictly, measure in square metres, find overlaps. WGS-84, longitude first."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from core.errors import Invalid

# WGS-84
_A = 6378137.0
_E2 = 0.00669437999014
_E = math.sqrt(_E2)

# Where swapped coordinates are recognised: longitudes and latitudes of China, with some room.
_CHINA_LON, _CHINA_LAT = (72.0, 137.0), (2.0, 55.0)

# Neighbours drawn with coordinates rounded to five decimals cover each other by slivers of up to a metre. An overlap
# that is nowhere wider than that is rounding, not a dispute about land.
SLIVER_WIDTH_M = 1.0


def _bad(code: str, message: str, **data: Any) -> Invalid:
    return Invalid(code, message, {"geometry": [message]}, **data)


def read(raw: Any) -> BaseGeometry:
    """The shapely Polygon or MultiPolygon of a GeoJSON geometry.

    Raises Invalid: `geometry_missing`, `geometry_type`, `geometry_malformed`, `coordinates_out_of_range`,
    `coordinates_swapped`, `ring_not_closed`, `geometry_self_crossing`.
    """
    if not raw:
        raise _bad("geometry_missing", _("There is no outline."))
    if not isinstance(raw, Mapping) or raw.get("type") not in ("Polygon", "MultiPolygon"):
        given = raw.get("type") if isinstance(raw, Mapping) else type(raw).__name__
        raise _bad(
            "geometry_type",
            _("The outline is a %(type)s; a Polygon or MultiPolygon is needed.") % {"type": given},
        )
    coordinates = raw.get("coordinates")
    try:
        parts = [coordinates] if raw["type"] == "Polygon" else list(coordinates)
        rings = [[_ring(ring) for ring in part] for part in parts]
        if not rings or not all(part and all(part) for part in rings):
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        raise _bad("geometry_malformed", _("The outline's coordinates cannot be read.")) from None
    everything = [point for part in rings for ring in part for point in ring]
    _check_range(everything)
    for part in rings:
        for ring in part:
            if len(ring) < 4 or ring[0] != ring[-1]:
                raise _bad("ring_not_closed", _("A ring of the outline is not closed or has fewer than four points."))
    polygons = [shapely.Polygon(part[0], part[1:]) for part in rings]
    shape = polygons[0] if raw["type"] == "Polygon" else shapely.MultiPolygon(polygons)
    if not shape.is_valid or shape.area == 0:
        reason = shapely.is_valid_reason(shape)
        raise _bad(
            "geometry_self_crossing",
            _("The outline crosses or touches itself, or has no inside (near %(place)s).") % {"place": _place(reason)},
            reason=reason,
        )
    return shape


def read_lines(raw: Any) -> BaseGeometry:
    """The lines of a GeoJSON LineString or MultiLineString.

    Raises Invalid `line_type`, `geometry_malformed`, `coordinates_out_of_range`, `coordinates_swapped`.
    """
    if not isinstance(raw, Mapping) or raw.get("type") not in ("LineString", "MultiLineString"):
        raise _bad("line_type", _("A line is needed: a LineString or MultiLineString."))
    coordinates = raw.get("coordinates")
    try:
        lines = [_ring(one) for one in ([coordinates] if raw["type"] == "LineString" else coordinates)]
        if not lines or any(len(one) < 2 or len(set(one)) < 2 for one in lines):
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        raise _bad("geometry_malformed", _("The outline's coordinates cannot be read.")) from None
    _check_range([point for one in lines for point in one])
    return shapely.MultiLineString(lines)


def _ring(ring: Sequence[Sequence[float]]) -> list[tuple[float, float]]:
    points = []
    for point in ring:
        if not 2 <= len(point) <= 4 or isinstance(point, (str, Mapping)):
            raise ValueError
        lon, lat = point[0], point[1]
        if isinstance(lon, (str, bool)) or isinstance(lat, (str, bool)):
            raise ValueError
        points.append((float(lon), float(lat)))
    return points


def _check_range(points: Sequence[tuple[float, float]]) -> None:
    lons, lats = [point[0] for point in points], [point[1] for point in points]
    if not all(map(math.isfinite, (*lons, *lats))):
        raise _bad("geometry_malformed", _("The outline's coordinates cannot be read."))
    box = min(lons), max(lons), min(lats), max(lats)
    if not _in_china(*box) and _in_china(box[2], box[3], box[0], box[1]):
        raise _bad(
            "coordinates_swapped",
            _("Longitude and latitude are swapped (%(lon)s, %(lat)s): the longitude comes first.")
            % {"lon": lons[0], "lat": lats[0]},
        )
    if box[0] < -180 or box[1] > 180 or box[2] < -90 or box[3] > 90:
        raise _bad(
            "coordinates_out_of_range",
            _("The coordinates (%(lon)s, %(lat)s) are no longitude and latitude in degrees.")
            % {"lon": max(lons, key=abs), "lat": max(lats, key=abs)},
        )


def _in_china(west: float, east: float, south: float, north: float) -> bool:
    return _CHINA_LON[0] <= west and east <= _CHINA_LON[1] and _CHINA_LAT[0] <= south and north <= _CHINA_LAT[1]


def _place(reason: str) -> str:
    """The point in GEOS's sentence: "Self-intersection[103.7 36.1]" -> "103.7 36.1"."""
    return reason.partition("[")[2].rstrip("]") or reason


def write(shape: BaseGeometry) -> dict[str, Any]:
    """The shape as a GeoJSON geometry, coordinates unchanged."""
    return json.loads(shapely.to_geojson(shape))


def area_m2(shape: BaseGeometry) -> float:
    """Square metres, by an equal-area projection of the WGS-84 ellipsoid."""
    return float(shapely.transform(shape, _equal_area).area)


def _equal_area(points: np.ndarray) -> np.ndarray:
    sine = np.sin(np.radians(points[:, 1]))
    q = (1 - _E2) * (sine / (1 - _E2 * sine**2) - np.log((1 - _E * sine) / (1 + _E * sine)) / (2 * _E))
    return np.column_stack((np.radians(points[:, 0]) * _A, q * _A / 2))


def metres_per_degree(lat: float) -> tuple[float, float]:
    """Metres of one degree of longitude and of latitude at that latitude."""
    phi = math.radians(lat)
    root = math.sqrt(1 - _E2 * math.sin(phi) ** 2)
    return (
        math.radians(_A * math.cos(phi) / root),
        math.radians(_A * (1 - _E2) / root**3),
    )


def in_metres(shape: BaseGeometry) -> BaseGeometry:
    """The shape on a local plane with metres as unit, true to scale for some tens of kilometres."""
    west, south, _east, north = shape.bounds
    east_m, north_m = metres_per_degree((south + north) / 2)
    return shapely.transform(shape, lambda points: (points - (west, south)) * (east_m, north_m))


def is_sliver(shape: BaseGeometry) -> bool:
    """Whether the shape is nowhere wider than rounding explains."""
    return shape.is_empty or in_metres(shape).buffer(-SLIVER_WIDTH_M / 2).is_empty


def overlaps(
    shapes: Sequence[BaseGeometry], others: Sequence[BaseGeometry]
) -> Iterator[tuple[int, int | None, int | None, float]]:
    """Who covers whose land: (index of a shape, index of another shape or None, index of an other or None, m²).

    Each pair of shapes is told once; `others` are not compared among themselves. Shared edges are no overlap.
    """
    both = np.array([*shapes, *others], dtype=object)
    count = len(shapes)
    if not count:
        return
    left, right = shapely.STRtree(both).query(both[:count], predicate="intersects")
    keep = right > left  # each pair once, nobody with himself; the others have the higher indices
    left, right = left[keep], right[keep]
    # Neighbours that only touch are the rule: told apart by a cheap test, and only the rest is measured.
    real = ~shapely.touches(both[left], both[right])
    left, right = left[real], right[real]
    common = shapely.intersection(both[left], both[right])
    for one, two, shape in zip(left.tolist(), right.tolist(), common, strict=True):
        if shape.area > 0 and not is_sliver(shape):
            yield (one, two, None, area_m2(shape)) if two < count else (one, None, two - count, area_m2(shape))
