"""Dividing an outline (pure): pieces along a line, what parts leave over, and shares of people by land."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import shapely
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from core.errors import Invalid

from . import geometry
from .codes import DIGITS, stem
from .levels import Level

MOST_PARTS = 6
# Degrees; corners that were computed lie a rounding away from the line they were computed on.
_TOUCHES = 1e-9
# Serials of comprehensive grids and of communities; those above are for dedicated grids and for later.
_HIGHEST = {Level.DISTRICT: 99, Level.MICRO: 99}


@dataclass(frozen=True)
class Coverage:
    """Parts against the whole, in m²: land in none of them, land beyond the whole, and what two of them share."""

    whole: float
    parts: tuple[float, ...]
    gap: float
    beyond: float
    shared: tuple[tuple[int, int, float], ...]

    def share(self, square_metres: float) -> float:
        """As a share of the whole."""
        return square_metres / self.whole if self.whole else 0.0

    @property
    def fits(self) -> bool:
        """Whether the parts are the whole, give or take what rounding explains."""
        return not (self.gap or self.beyond or self.shared)


def cut(whole: BaseGeometry, lines: BaseGeometry) -> list[BaseGeometry]:
    """The pieces of an outline along one or more lines, from west to east, then from north to south.

    Pieces no line touches (islands) go with the nearest piece. Raises Invalid `line_divides_nothing`,
    `too_many_parts`.
    """
    # The lines as they were drawn, not cut to the outline: only where they cross it do both get a common corner.
    mesh = shapely.union_all([shapely.boundary(whole), lines])
    pieces = [one for one in shapely.get_parts(shapely.polygonize([mesh])) if whole.covers(one.representative_point())]
    pieces = [one for one in pieces if not geometry.is_sliver(one)]
    within = shapely.intersection(lines, whole)
    cut_ones = [one for one in pieces if shapely.distance(within, one) < _TOUCHES]
    if len(cut_ones) < 2:
        message = _("The line does not divide the area. Begin and end it outside the outline.")
        raise Invalid("line_divides_nothing", message, {"line": [message]})
    if len(cut_ones) > MOST_PARTS:
        message = _("The lines make %(count)d parts; at most %(most)d at once.")
        message %= {"count": len(cut_ones), "most": MOST_PARTS}
        raise Invalid("too_many_parts", message, {"line": [message]})
    parts = [[one] for one in cut_ones]
    for island in pieces:
        if island not in cut_ones:
            nearest = min(range(len(cut_ones)), key=lambda at: shapely.distance(cut_ones[at], island))
            parts[nearest].append(island)
    return in_order([shapely.union_all(one) for one in parts])


def in_order(shapes: Iterable[BaseGeometry]) -> list[BaseGeometry]:
    """From west to east, then from north to south, as serial numbers are given."""

    def place(shape: BaseGeometry) -> tuple[float, float]:
        point = shapely.centroid(shape)
        return round(point.x, 5), -point.y

    return sorted(shapes, key=place)


def coverage(whole: BaseGeometry, parts: Sequence[BaseGeometry]) -> Coverage:
    """Measure parts against the whole; slivers that rounding explains count as nothing."""
    covered = shapely.union_all(list(parts))

    def size(shape: BaseGeometry) -> float:
        return 0.0 if geometry.is_sliver(shape) else geometry.area_m2(shape)

    shared = [(one, two, square) for one, two, _other, square in geometry.overlaps(list(parts), []) if two is not None]
    return Coverage(
        whole=geometry.area_m2(whole),
        parts=tuple(geometry.area_m2(one) for one in parts),
        gap=size(shapely.difference(whole, covered)),
        beyond=size(shapely.difference(covered, whole)),
        shared=tuple(shared),
    )


def check_covers(whole: BaseGeometry, parts: Sequence[BaseGeometry]) -> None:
    """Refuse parts that are not the whole. Raises Invalid `parts_do_not_cover` with the figures in its data."""
    found = coverage(whole, parts)
    if found.fits:
        return
    shared = sum(square for _one, _two, square in found.shared)
    figures = [
        (found.gap, _("%(size)s m² (%(share)s) lie in no part")),
        (found.beyond, _("%(size)s m² (%(share)s) lie beyond the old outline")),
        (shared, _("%(size)s m² (%(share)s) lie in two parts")),
    ]
    told = [
        words % {"size": f"{square:,.0f}", "share": f"{found.share(square):.2%}"} for square, words in figures if square
    ]
    message = _("The parts must be the old outline: %(figures)s.") % {"figures": _("; ").join(told)}
    raise Invalid(
        "parts_do_not_cover",
        message,
        {"geometry": [message]},
        gap=round(found.gap, 1),
        beyond=round(found.beyond, 1),
        shared=round(shared, 1),
    )


def shares(total: int | None, sizes: Sequence[float]) -> list[int | None]:
    """A number of households or people shared out by land; the parts add up to the whole."""
    if total is None or not sum(sizes):
        return [None] * len(sizes)
    exact = [total * size / sum(sizes) for size in sizes]
    found = [int(one) for one in exact]
    rest = sorted(range(len(sizes)), key=lambda at: found[at] - exact[at])
    for at in rest[: total - sum(found)]:
        found[at] += 1
    return found


def free_codes(parent_code: str, level: str, taken: Iterable[str], count: int) -> list[str]:
    """The next codes under a parent that were never used: behind the highest serial, else the lowest free one."""
    level = Level(level)
    head = stem(parent_code)
    digits = DIGITS[level] - len(head)
    end = len(head) + digits
    used = {int(code[len(head) : end]) for code in taken if code.startswith(head) and len(code) >= end}
    highest = _HIGHEST.get(level, 599)
    behind = range(max((serial for serial in used if serial <= highest), default=0) + 1, highest + 1)
    free = [*behind, *(serial for serial in range(1, behind.start) if serial not in used)]
    return [f"{head}{serial:0{digits}d}".ljust(12, "0") for serial in free[:count]]
