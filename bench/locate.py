"""`locate`: 95th percentile, in milliseconds, of point → grid among 30 000 outlines of about 25 vertices."""

import random
import time
from datetime import date

import shapely
from django.db import connection, transaction

from grids import commands, outlines, tree
from grids.directory import directory
from grids.locate import grid_at
from grids.models import Area

COLUMNS, ROWS = 200, 150
POINTS = 3000
LIMIT_MS = 10.0
STEP, WEST, SOUTH = 0.004, 100.0, 30.0
PIECES = 6


def _shapes():
    """A lattice of crooked cells whose neighbours share every vertex."""

    def at(column: float, row: float) -> tuple[float, float]:
        dice = random.Random(f"{column:.4f} {row:.4f}")
        return (
            round(WEST + (column + dice.uniform(-0.04, 0.04)) * STEP, 6),
            round(SOUTH + (row + dice.uniform(-0.04, 0.04)) * STEP, 6),
        )

    for row in range(ROWS):
        for column in range(COLUMNS):
            corners = ((column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1), (column, row))
            ring = [
                at(a + (c - a) * piece / PIECES, b + (d - b) * piece / PIECES)
                for (a, b), (c, d) in zip(corners, corners[1:], strict=False)
                for piece in range(PIECES)
            ]
            yield shapely.Polygon(ring)


def _build() -> list[tuple[float, float]]:
    """Store the grids; returns points to look up: inside, outside, on edges and on corners."""
    above = None
    for code in ("990100000000", "990101000000", "990101001000"):
        above = commands.create_area(code=code, name=code, parent=above)
    communities = [
        Area(code=f"990101001{number:03}", name=f"{number}", level="community") for number in range(1, ROWS + 1)
    ]
    parents = {area.code: above.code for area in communities}
    grids = []
    for community in communities:
        for number in range(1, COLUMNS + 1):
            grid = Area(code=f"{community.code}{number:03}", name=f"{number}", level="grid", kind="urban")
            grids.append(grid)
            parents[grid.code] = community.code
    tree.graft([*communities, *grids], parents)
    shapes = list(_shapes())
    outlines.store([outlines.Version(grid, shape, grid.starts) for grid, shape in zip(grids, shapes, strict=True)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE grids_area")
        cursor.execute("ANALYZE grids_boundary")
    dice = random.Random(1)
    width, height = COLUMNS * STEP, ROWS * STEP
    points = [
        (WEST + dice.uniform(-0.05, 1.05) * width, SOUTH + dice.uniform(-0.05, 1.05) * height)
        for _ in range(POINTS // 2)
    ]
    while len(points) < POINTS:
        ring = dice.choice(shapes).exterior.coords
        index = dice.randrange(len(ring) - 1)
        (a, b), (c, d) = ring[index], ring[index + 1]
        points += [(a, b), ((a + c) / 2, (b + d) / 2)]
    dice.shuffle(points)
    return points


def run() -> dict:
    """Build the grids in the database at hand, look the points up, and take all back."""
    with transaction.atomic():
        points = _build()
        directory(force=True)
        on = date(2026, 3, 1)
        times, found = [], 0
        for lon, lat in points:
            since = time.perf_counter()
            place = grid_at(lon, lat, on)
            times.append(time.perf_counter() - since)
            found += place is not None
        if found < POINTS * 0.8:
            raise RuntimeError("points were not found")
        transaction.set_rollback(True)
    p95 = sorted(times)[int(len(times) * 0.95)] * 1000
    return {"value": round(p95, 2), "unit": "ms", "limit": LIMIT_MS}
