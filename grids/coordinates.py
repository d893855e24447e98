"""Coordinate systems at the edge (pure): WGS-84 is stored; GCJ-02 and BD-09 come in by files and go out to tiles.

CGCS2000, the system of surveyed data, agrees with WGS-84 to centimetres and is taken for it. GCJ-02 is what Amap and
Tencent show, BD-09 what Baidu shows; both shift points inside China by some hundred metres and leave the rest of the
world alone. Their way there is a formula; the way back is found by repeating it, to far less than a millimetre.
`static/js/coordinates.js` holds the same formula for the browser.
"""

import numpy as np
import shapely
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from shapely.geometry.base import BaseGeometry

Points = np.ndarray  # (n, 2): longitude, latitude in degrees


class System(TextChoices):
    """A coordinate system of the trade."""

    WGS84 = "wgs84", _("WGS-84")
    CGCS2000 = "cgcs2000", _("CGCS2000")
    GCJ02 = "gcj02", _("GCJ-02")
    BD09 = "bd09", _("BD-09")


# The box outside of which the shifted systems are WGS-84. It is generous: its edges lie outside the country.
WEST, SOUTH, EAST, NORTH = 72.004, 0.8293, 137.8347, 55.8271
# Krasovsky 1940, which the formula of GCJ-02 is written for.
_A, _E2 = 6378245.0, 0.00669342162296594323
_BD_WAVE = np.pi * 3000 / 180
# The shift changes by at most half a percent of a step, so each round wins more than two digits.
_ROUNDS = 8
# Digits kept of a converted outline: a millimetre.
DECIMALS = 8


def inside_china(points: Points) -> np.ndarray:
    """Which points lie in the box the shifted systems shift."""
    lon, lat = points[:, 0], points[:, 1]
    return (lon >= WEST) & (lon <= EAST) & (lat >= SOUTH) & (lat <= NORTH)


def from_wgs84(points: Points, system: str) -> Points:
    """Stored points in another system."""
    system, points = System(system), np.asarray(points, dtype=float)
    if system in (System.WGS84, System.CGCS2000):
        return points.copy()
    return np.where(inside_china(points)[:, None], _shifted(points, system), points)


def to_wgs84(points: Points, system: str) -> Points:
    """Points of another system as they are stored."""
    system, points = System(system), np.asarray(points, dtype=float)
    if system in (System.WGS84, System.CGCS2000):
        return points.copy()
    found = points
    for _round in range(_ROUNDS):
        found = found + points - _shifted(found, system)
    return np.where(inside_china(found)[:, None], found, points)


def point_to_wgs84(lon: float, lat: float, system: str) -> tuple[float, float]:
    """One point of another system as it is stored."""
    [(lon, lat)] = to_wgs84(np.array([[lon, lat]]), system).round(DECIMALS).tolist()
    return lon, lat


def shape_to_wgs84(shape: BaseGeometry, system: str) -> BaseGeometry:
    """An outline of another system as it is stored; neighbours keep sharing the very same vertices."""
    if System(system) in (System.WGS84, System.CGCS2000):
        return shape
    return shapely.transform(shape, lambda points: to_wgs84(points, system).round(DECIMALS))


def _shifted(points: Points, system: System) -> Points:
    shifted = _gcj02(points)
    return _bd09(shifted) if system == System.BD09 else shifted


def _gcj02(points: Points) -> Points:
    """WGS-84 to GCJ-02, wherever the point lies."""
    x, y = points[:, 0] - 105.0, points[:, 1] - 35.0
    root = np.sqrt(np.abs(x))
    short = 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (short + _waves(y, 20, 160, 320)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (short + _waves(x, 20, 150, 300)) * 2 / 3
    phi = np.radians(points[:, 1])
    bend = 1 - _E2 * np.sin(phi) ** 2
    lat = np.degrees(north / (_A * (1 - _E2) / bend**1.5))
    lon = np.degrees(east / (_A / np.sqrt(bend) * np.cos(phi)))
    return points + np.column_stack((lon, lat))


def _waves(at: np.ndarray, first: float, third: float, fourth: float) -> np.ndarray:
    return (
        first * np.sin(np.pi * at)
        + 2 * first * np.sin(np.pi * at / 3)
        + third * np.sin(np.pi * at / 12)
        + fourth * np.sin(np.pi * at / 30)
    )


def _bd09(points: Points) -> Points:
    """GCJ-02 to BD-09, wherever the point lies."""
    lon, lat = points[:, 0], points[:, 1]
    length = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_WAVE)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_WAVE)
    return np.column_stack((length * np.cos(angle) + 0.0065, length * np.sin(angle) + 0.006))
