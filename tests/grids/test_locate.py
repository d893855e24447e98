"""Point to grid against an oracle in exact fractions."""

import datetime as dt
from fractions import Fraction

import pytest
import shapely
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from grids import commands, outlines, tree
from grids.locate import grid_at
from grids.models import Area, Boundary

DAY = dt.date(2026, 3, 1)


def test_every_grid_of_the_town_has_its_middle(town):
    for grid in town.grids:
        place = grid_at(*town.inside(grid), town.on)
        assert (place.id, place.code) == (grid.pk, grid.code)


@pytest.mark.parametrize(
    ("lon", "lat"), [(0, 0), (103.699999, 36.105), (103.705, 36.110001), (200, 95), (-103.7, 36.1)]
)
def test_outside_is_nobody(town, lon, lat):
    assert grid_at(lon, lat, town.on) is None


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_place_is_nobody(town, bad):
    assert grid_at(bad, 36.1, town.on) is None
    assert grid_at(103.7, bad, town.on) is None


def test_on_a_common_edge_and_corner_the_smallest_code_wins(town):
    assert grid_at(103.71, 36.105, town.on).code == town.main_grid.code
    assert grid_at(103.71, 36.11, town.on).code == town.main_grid.code
    # far_grid 6201020… is smaller than its western neighbour grid4 6201050…
    assert grid_at(103.74, 36.105, town.on).code == town.far_grid.code


def test_upper_levels_and_micro_grids_do_not_answer(town):
    square = shapely.geometry.mapping(shapely.box(103.70, 36.10, 103.90, 36.20))
    commands.set_boundary(town.community, geometry=square, on=town.on)
    micro = commands.create_area(code="62010500600100101", name="一栋", parent=town.main_grid, kind="micro")
    commands.set_boundary(micro, geometry=square, on=town.on)
    assert grid_at(103.85, 36.15, town.on) is None


def test_a_change_is_seen_by_the_next_call(town):
    smaller = shapely.geometry.mapping(shapely.box(103.70, 36.10, 103.704, 36.11))
    assert grid_at(103.705, 36.105, town.on).code == town.main_grid.code
    commands.set_boundary(town.main_grid, geometry=smaller, on=town.on)
    assert grid_at(103.705, 36.105, town.on) is None
    new = commands.create_area(code="620105006001003", name="三", parent=town.community, kind="urban")
    commands.set_boundary(
        new, geometry=shapely.geometry.mapping(shapely.box(103.704, 36.10, 103.71, 36.11)), on=town.on
    )
    assert grid_at(103.705, 36.105, town.on).code == new.code


def test_one_statement_per_point(town):
    grid_at(103.705, 36.105, town.on)
    with CaptureQueriesContext(connection) as queries:
        grid_at(103.705, 36.105, town.on)
    assert len(queries) == 1


def test_the_index_is_used(town):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT 1 FROM grids_boundary WHERE box(point(min_lon, min_lat), point(max_lon, max_lat))"
            " @> box(point(103.7, 36.1), point(103.7, 36.1))"
        )
        assert "boundary_box" in str(cursor.fetchall())


def covers_exactly(polygon, lon, lat):
    """Crossing number in fractions; the edge belongs to the polygon, a hole's inside does not."""
    x, y = Fraction(lon), Fraction(lat)
    inside = False
    for ring in (polygon.exterior, *polygon.interiors):
        points = [(Fraction(a), Fraction(b)) for a, b in ring.coords]
        for (x1, y1), (x2, y2) in zip(points, points[1:], strict=False):
            turn = (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)
            if turn == 0 and min(x1, x2) <= x <= max(x1, x2) and min(y1, y2) <= y <= max(y1, y2):
                return True
            if (y1 > y) != (y2 > y) and (turn > 0) == (y2 > y1):
                inside = not inside
    return inside


SIDE = 4


@pytest.mark.django_db
@settings(max_examples=8, deadline=None)
@given(
    jitter=st.lists(st.integers(-300, 300), min_size=2 * (SIDE + 1) ** 2, max_size=2 * (SIDE + 1) ** 2),
    order=st.permutations(range(SIDE * SIDE)),
    free=st.lists(st.tuples(st.integers(-500, 4500), st.integers(-500, 4500)), max_size=30),
)
def test_any_point_of_any_tiling_has_the_grid_of_the_exact_oracle(jitter, order, free):
    """A lattice of crooked quadrilaterals with shared vertices, every third with a grid in its hole."""

    def vertex(column, row):
        place = 2 * (row * (SIDE + 1) + column)
        return 103.7 + (column * 1000 + jitter[place]) * 1e-6, 36.1 + (row * 1000 + jitter[place + 1]) * 1e-6

    shapes = {}
    for number, cell in enumerate(order):
        row, column = divmod(cell, SIDE)
        ring = [vertex(column, row), vertex(column + 1, row), vertex(column + 1, row + 1), vertex(column, row + 1)]
        middle = (103.7 + (column + 0.5) * 0.001, 36.1 + (row + 0.5) * 0.001)
        hole = [(middle[0] + dx, middle[1] + dy) for dx, dy in ((-5e-5, -5e-5), (5e-5, -5e-5), (0, 5e-5))]
        if number % 3 == 0 and shapely.Polygon(ring).contains(shapely.Polygon(hole)):
            shapes[f"620105006001{number + 101}"] = shapely.Polygon(ring, [hole])
            shapes[f"620105006001{number + 801}"] = shapely.Polygon(hole)
        else:
            shapes[f"620105006001{number + 101}"] = shapely.Polygon(ring)
    shapes = {code: shape for code, shape in shapes.items() if shape.is_valid}

    corners = [
        point for shape in shapes.values() for ring in (shape.exterior, *shape.interiors) for point in ring.coords
    ]
    halves = [((a + c) / 2, (b + d) / 2) for (a, b), (c, d) in zip(corners, corners[1:], strict=False)]
    points = [*corners, *halves, *((103.7 + x * 1e-6, 36.1 + y * 1e-6) for x, y in free)]
    with transaction.atomic():
        above = None
        for code in ("620100000000", "620105000000", "620105006000", "620105006001"):
            above = commands.create_area(code=code, name=code, parent=above)
        new = [Area(code=code, name=code, level="grid", kind="urban") for code in shapes]
        tree.graft(new, dict.fromkeys(shapes, "620105006001"))
        outlines.store([outlines.Version(area, shapes[area.code], area.starts) for area in new])
        for lon, lat in points:
            owners = [code for code in sorted(shapes) if covers_exactly(shapes[code], lon, lat)]
            found = grid_at(lon, lat, DAY)
            assert (found and found.code) == (owners[0] if owners else None), (lon, lat)
        transaction.set_rollback(True)


def test_boundaries_of_the_past_answer_for_the_past(town):
    commands.set_boundary(
        town.main_grid, geometry=shapely.geometry.mapping(shapely.box(103.70, 36.10, 103.704, 36.11)), on=DAY
    )
    assert Boundary.objects.filter(area=town.main_grid).count() == 2
    assert grid_at(103.705, 36.105, DAY - dt.timedelta(days=1)).code == town.main_grid.code
    assert grid_at(103.705, 36.105, DAY) is None
