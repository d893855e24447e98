"""Boundaries in the database: which grids lie near a new outline, whose land it would take, and storing a version."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import shapely
from django.db import connection
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from . import geometry
from .levels import Level
from .models import Area, Boundary
from .rules import refuse

_NEAR = """
    SELECT area.code, area.name, boundary.wkb
    FROM grids_boundary boundary JOIN grids_area area ON area.id = boundary.area_id
    WHERE box(point(boundary.min_lon, boundary.min_lat), point(boundary.max_lon, boundary.max_lat))
          && box(point(%(west)s, %(south)s), point(%(east)s, %(north)s))
      AND (boundary.ends IS NULL OR boundary.ends > %(on)s) AND (area.ends IS NULL OR area.ends > %(on)s)
      AND area.level = %(level)s AND NOT area.code = ANY(%(without)s)
    ORDER BY area.code, boundary.starts
"""


@dataclass(frozen=True)
class Overlap:
    """Land that two grids would share."""

    code: str
    other_code: str
    other_name: str
    square_metres: float

    @property
    def reason(self) -> str:
        """The overlap in words."""
        return _("The outline overlaps %(name)s (%(code)s) by %(area)s m².") % {
            "name": self.other_name,
            "code": self.other_code,
            "area": f"{max(self.square_metres, 1):.0f}",
        }


def overlaps(
    shapes: Mapping[str, BaseGeometry], *, names: Mapping[str, str], on: dt.date, leaving: Collection[str] = ()
) -> list[Overlap]:
    """Where new outlines of grids {code: shape} would cover each other or a grid valid on that day or later.

    `leaving` are grids that close that day and give up their land.
    """
    if not shapes:
        return []
    own = list(shapes)
    west, south, east, north = shapely.total_bounds(list(shapes.values())).tolist()
    with connection.cursor() as cursor:
        cursor.execute(
            _NEAR,
            {
                "west": west,
                "south": south,
                "east": east,
                "north": north,
                "on": on,
                "level": Level.GRID.value,
                "without": [*own, *leaving],
            },
        )
        near = [(code, name, shapely.from_wkb(bytes(wkb))) for code, name, wkb in cursor.fetchall()]
    found = []
    for one, two, other, square_metres in geometry.overlaps(list(shapes.values()), [shape for *_rest, shape in near]):
        other_code, other_name = (own[two], names[own[two]]) if two is not None else near[other][:2]
        found.append(Overlap(own[one], other_code, other_name, square_metres))
    return found


def check_overlaps(
    shapes: Mapping[str, BaseGeometry], *, names: Mapping[str, str], on: dt.date, leaving: Collection[str] = ()
) -> None:
    """Refuse outlines that take another grid's land.

    Raises Invalid `boundary_overlaps`, with every overlap in `data`.
    """
    found = overlaps(shapes, names=names, on=on, leaving=leaving)
    if found:
        raise refuse(
            "geometry",
            "boundary_overlaps",
            " ".join(overlap.reason for overlap in found[:5]),
            overlaps=[
                {"code": one.code, "other": one.other_code, "square_metres": round(one.square_metres, 1)}
                for one in found
            ],
        )


@dataclass(frozen=True)
class Version:
    """An outline to be stored for an area from a day on."""

    area: Area
    shape: BaseGeometry
    starts: dt.date


def store(versions: Sequence[Version]) -> None:
    """Make each outline the current one of its area; the one before ends that day, one of the same day gives way."""
    current = Boundary.objects.filter(area__in=[version.area for version in versions], ends=None)
    starts_of = {version.area.pk: version.starts for version in versions}
    before = {boundary.area_id: boundary for boundary in current}
    for boundary in before.values():
        boundary.ends = starts_of[boundary.area_id]
    Boundary.objects.filter(pk__in=[one.pk for one in before.values() if one.starts == one.ends]).delete()
    Boundary.objects.bulk_update([one for one in before.values() if one.starts < one.ends], ["ends"], batch_size=1000)
    Boundary.objects.bulk_create([_row(version) for version in versions], batch_size=1000)


def _row(version: Version) -> Boundary:
    west, south, east, north = version.shape.bounds
    return Boundary(
        area=version.area,
        starts=version.starts,
        geometry=geometry.write(version.shape),
        wkb=shapely.to_wkb(version.shape),
        min_lon=west,
        min_lat=south,
        max_lon=east,
        max_lat=north,
    )


def current(areas: Iterable[Area]) -> dict[int, BaseGeometry]:
    """{area id: its current outline} of those that have one."""
    rows = Boundary.objects.filter(area__in=list(areas), ends=None).values_list("area_id", "wkb")
    return {pk: shapely.from_wkb(bytes(wkb)) for pk, wkb in rows}


def union(areas: Sequence[Area]) -> BaseGeometry | None:
    """The current outlines of these areas as one; None unless each of them has one."""
    shapes = current(areas)
    return shapely.union_all(list(shapes.values())) if len(shapes) == len(areas) else None
