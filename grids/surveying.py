"""What a new outline would mean: its size, whose land it covers, what it leaves to nobody; in m² and per cent."""

import datetime as dt
from dataclasses import dataclass

import shapely
from django.db.models import Q
from shapely.geometry.base import BaseGeometry

from . import geometry, outlines
from .models import Area, Boundary


@dataclass(frozen=True)
class Taken:
    """Land of a neighbour that the outline covers. share: of the neighbour's own land."""

    code: str
    name: str
    square_metres: float
    share: float


@dataclass(frozen=True)
class Survey:
    """The outline measured. `before` and everything about the area above is None where no outline is stored.

    gap: land of the area above that none of its parts covers; outside: land of the outline beyond the area above.
    """

    square_metres: float
    before: float | None
    taken: tuple[Taken, ...]
    above: str | None
    gap: float | None
    gap_share: float | None
    outside: float | None

    @property
    def change(self) -> float | None:
        """Growth against the present outline, as a share of it."""
        return None if not self.before else self.square_metres / self.before - 1


@dataclass(frozen=True)
class Shared:
    """Land two areas both claim. share: of the smaller of the two."""

    one: Area
    two: Area
    square_metres: float
    share: float


@dataclass(frozen=True)
class Gap:
    """Land of the area above that none of its parts covers. beside: the part with the longest border to it."""

    beside: Area | None
    square_metres: float
    share: float
    point: tuple[float, float]


@dataclass(frozen=True)
class Mosaic:
    """How the outlines below an area fit together, the worst first. gaps is None where the area has no outline."""

    count: int
    without: tuple[Area, ...]
    shared: tuple[Shared, ...]
    gaps: tuple[Gap, ...] | None

    @property
    def is_clean(self) -> bool:
        """Whether nothing is to be mended."""
        return not (self.without or self.shared or self.gaps)


def mosaic(area: Area, level: str, *, on: dt.date) -> Mosaic:
    """Compare the outlines of one level below an area with each other and with the area's own."""
    parts = list(Area.objects.under(area).of_level(level).active(on).exclude(pk=area.pk).order_by("code"))
    known = outlines.current(parts)
    drawn = [one for one in parts if one.pk in known]
    shapes = [known[one.pk] for one in drawn]
    shared = []
    for one, two, _other, square_metres in geometry.overlaps(shapes, []):
        least = min(geometry.area_m2(shapes[one]), geometry.area_m2(shapes[two]))
        shared.append(Shared(drawn[one], drawn[two], square_metres, square_metres / least))
    above = outlines.current([area]).get(area.pk)
    gaps = None
    if above is not None:
        gaps = tuple(sorted(_gaps(above, drawn, shapes), key=lambda one: -one.square_metres))
    return Mosaic(
        count=len(parts),
        without=tuple(one for one in parts if one.pk not in known),
        shared=tuple(sorted(shared, key=lambda one: -one.square_metres)),
        gaps=gaps,
    )


def _gaps(above: BaseGeometry, drawn: list[Area], shapes: list[BaseGeometry]) -> list[Gap]:
    whole = geometry.area_m2(above)
    left = shapely.difference(above, shapely.union_all(shapes)) if shapes else above
    found, near = [], shapely.STRtree(shapes)
    for piece in shapely.get_parts(left):
        if piece.geom_type != "Polygon" or geometry.is_sliver(piece):
            continue
        edge = shapely.boundary(piece)
        touching = [(shapely.length(shapely.intersection(edge, shapes[at])), at) for at in near.query(piece)]
        longest = max(touching, default=(0.0, 0))
        square, point = geometry.area_m2(piece), piece.representative_point()
        beside = drawn[longest[1]] if longest[0] > 0 else None
        found.append(Gap(beside, square, square / whole, (point.x, point.y)))
    return found


def survey(area: Area, shape: BaseGeometry, *, on: dt.date) -> Survey:
    """Measure an outline for an area as things stand on a day."""
    beside = neighbours(area, shape, on)
    known = [outline for _area, outline in beside]
    taken = []
    for _one, _two, other, square_metres in geometry.overlaps([shape], known):
        neighbour, outline = beside[other]
        taken.append(Taken(neighbour.code, neighbour.name, square_metres, square_metres / geometry.area_m2(outline)))
    stored = outlines.current([area, area.parent] if area.parent_id else [area])
    current, above = stored.get(area.pk), stored.get(area.parent_id)
    gap = gap_share = outside = None
    if above is not None:
        parts = Boundary.objects.filter(_open(on), area__parent_id=area.parent_id, ends=None).exclude(area=area)
        others = [shapely.from_wkb(bytes(one)) for one in parts.values_list("wkb", flat=True)]
        covered = shapely.union_all([shape, *others])
        left = shapely.difference(above, covered)
        gap = 0.0 if geometry.is_sliver(left) else geometry.area_m2(left)
        gap_share = gap / geometry.area_m2(above)
        beyond = shapely.difference(shape, above)
        outside = 0.0 if geometry.is_sliver(beyond) else geometry.area_m2(beyond)
    return Survey(
        square_metres=geometry.area_m2(shape),
        before=geometry.area_m2(current) if current is not None else None,
        taken=tuple(sorted(taken, key=lambda one: -one.square_metres)),
        above=area.parent.name if above is not None else None,
        gap=gap,
        gap_share=gap_share,
        outside=outside,
    )


def neighbours(area: Area, shape: BaseGeometry, on: dt.date) -> list[tuple[Area, BaseGeometry]]:
    """The other areas of the level whose outlines lie near, with their present outlines."""
    west, south, east, north = shape.bounds
    rows = (
        Boundary.objects.filter(_open(on), area__level=area.level, ends=None)
        .filter(min_lon__lte=east, max_lon__gte=west, min_lat__lte=north, max_lat__gte=south)
        .exclude(area=area)
        .select_related("area")
        .order_by("area__code")
    )
    return [(row.area, shapely.from_wkb(bytes(row.wkb))) for row in rows]


def _open(on: dt.date) -> Q:
    return Q(area__ends=None) | Q(area__ends__gt=on)
