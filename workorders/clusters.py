"""Orders on the map: counted by cells of a grid on the server, and where they lie closer together than chance explains.

Cells are squares of the web-Mercator map, so that they look square at every latitude.
"""

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from django.db.models import Avg, Count, F, FloatField, Min, Q, QuerySet
from django.db.models.functions import Cast, Floor, Ln, Pi, Radians, Tan

from workorders.vocabulary import FINAL

Box = tuple[float, float, float, float]  # west, south, east, north
CELL_PX = 72
MOST_CELLS = 800
# Getis-Ord Gi*: beyond these, chance explains a sum of neighbours in 5 or 1 of 100 cells.
CLEAR, VERY_CLEAR = 1.96, 2.576


@dataclass(frozen=True)
class Cluster:
    """Orders of one cell: how many, how many of them overdue, their middle; the number when there is just one."""

    lon: float
    lat: float
    count: int
    overdue: int
    number: str


@dataclass(frozen=True)
class HotSpot:
    """A cell whose neighbourhood holds more orders than chance explains. z: how far beyond, in standard deviations."""

    box: Box
    count: int
    around: int
    z: float
    area_id: int

    @property
    def is_very_clear(self) -> bool:
        """Whether only one cell in a hundred would look like this by chance."""
        return self.z >= VERY_CLEAR


def _in_box(orders: QuerySet, box: Box | None) -> QuerySet:
    orders = orders.filter(lon__isnull=False)
    if box is None:
        return orders
    west, south, east, north = box
    return orders.filter(lon__gte=west, lon__lte=east, lat__gte=south, lat__lte=north)


def _cells(orders: QuerySet, side: float) -> QuerySet:
    """Each order with the column and row of its cell; `side` in degrees of longitude."""
    mercator = Ln(Tan(Pi() / 4 + Radians(F("lat")) / 2)) * (180 / math.pi)
    return orders.order_by().annotate(
        column=Floor(Cast("lon", FloatField()) / side), row=Floor(Cast(mercator, FloatField()) / side)
    )


def clusters(orders: QuerySet, zoom: float, *, now: dt.datetime, box: Box | None = None) -> list[Cluster]:
    """What a map of that zoom shows of the orders (already those the reader sees); one statement."""
    side = 360 / 256 / 2**zoom * CELL_PX
    rows = (
        _cells(_in_box(orders, box), side)
        .values("column", "row")
        .annotate(
            lon_=Avg("lon"), lat_=Avg("lat"), count=Count("pk"), number_=Min("number"),
            late=Count("pk", filter=Q(due_at__lt=now, clock_paused=False) & ~Q(status__in=sorted(FINAL))),
        )
        .order_by("-count", "column", "row")[:MOST_CELLS]
    )  # fmt: skip
    return [
        Cluster(
            round(row["lon_"], 5), round(row["lat_"], 5), row["count"], row["late"],
            row["number_"] if row["count"] == 1 else "",
        )
        for row in rows
    ]  # fmt: skip


@dataclass(frozen=True)
class Heat:
    """Counted cells of one side, and the hot ones among them. side: degrees of longitude."""

    side: float
    counts: dict[tuple[int, int], int]
    hot: list[HotSpot]

    def box_of(self, column: int, row: int) -> Box:
        """Where a cell lies."""
        south, north = (_latitude(one * self.side) for one in (row, row + 1))
        return (column * self.side, south, (column + 1) * self.side, north)


def _latitude(mercator: float) -> float:
    return math.degrees(2 * math.atan(math.exp(math.radians(mercator))) - math.pi / 2)


def heat(orders: QuerySet, *, side_m: float, at_lat: float, inside: Callable[[np.ndarray], np.ndarray]) -> Heat:
    """Count the orders by cells of `side_m` metres and find the hot spots; one statement.

    inside: for points (n, 2), which of them lie in the area looked at. Cells without orders count with 0, for the mean
    is that of all cells of the area, not of the busy ones.
    """
    side = side_m / (111_320 * math.cos(math.radians(at_lat)))
    rows = list(
        _cells(_in_box(orders, None), side).values("column", "row", "area_id").annotate(count=Count("pk")).order_by()
    )
    counts: dict[tuple[int, int], int] = {}
    mostly: dict[tuple[int, int], tuple[int, int]] = {}
    for row in rows:
        cell = int(row["column"]), int(row["row"])
        counts[cell] = counts.get(cell, 0) + row["count"]
        mostly[cell] = max(mostly.get(cell, (0, 0)), (row["count"], row["area_id"]))
    found = Heat(side, counts, [])
    if not counts:
        return found
    field, left, bottom = _field(counts)
    valid = field > 0
    columns, lines = np.meshgrid(np.arange(field.shape[1]) + left, np.arange(field.shape[0]) + bottom)
    latitudes = np.array([_latitude((one + 0.5) * side) for one in range(bottom, bottom + field.shape[0])])
    middle = np.column_stack(((columns.ravel() + 0.5) * side, latitudes[lines.ravel() - bottom]))
    valid |= inside(middle).reshape(field.shape)
    around, scores = gi_star(field, valid)
    hot = []
    for (column, row), count in counts.items():
        y, x = row - bottom, column - left
        if scores[y, x] >= CLEAR:
            box, area_id = found.box_of(column, row), mostly[column, row][1]
            hot.append(HotSpot(box, count, int(around[y, x]), float(scores[y, x]), area_id))
    return Heat(side, counts, sorted(hot, key=lambda one: (-one.z, -one.count, one.box)))


# A field larger than this would be a country, not a city: orders far away are left out of the statistics.
_MOST_FIELD = 4_000_000


def _field(counts: dict[tuple[int, int], int]) -> tuple[np.ndarray, int, int]:
    cells = np.array(list(counts))
    left, bottom = cells.min(axis=0)
    width, height = cells.max(axis=0) - (left, bottom) + 1
    if width * height > _MOST_FIELD:
        middle = np.median(cells, axis=0).astype(int)
        left, bottom, width, height = middle[0] - 1000, middle[1] - 1000, 2000, 2000
    field = np.zeros((height, width), dtype=np.int64)
    for (column, row), count in list(counts.items()):
        if 0 <= column - left < width and 0 <= row - bottom < height:
            field[row - bottom, column - left] = count
        else:
            del counts[column, row]
    return field, int(left), int(bottom)


def gi_star(field: np.ndarray, valid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Getis-Ord Gi* with the eight neighbours and the cell itself: (sums of the neighbourhoods, z values).

    Cells that are not `valid` lie outside: they neither count nor are anybody's neighbour. A field without variation
    has no hot spots.
    """
    number = int(valid.sum())
    values = np.where(valid, field, 0).astype(float)
    sums, weights = _neighbours(values), _neighbours(valid.astype(float))
    mean = values.sum() / max(number, 1)
    spread = math.sqrt(max((values**2).sum() / max(number, 1) - mean**2, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        width = spread * np.sqrt(np.maximum(number * weights - weights**2, 0.0) / max(number - 1, 1))
        scores = np.where((width > 0) & valid, (sums - mean * weights) / width, 0.0)
    return sums, scores


def _neighbours(values: np.ndarray) -> np.ndarray:
    padded = np.pad(values, 1)
    height, width = values.shape
    return sum(padded[y : y + height, x : x + width] for y in range(3) for x in range(3))
