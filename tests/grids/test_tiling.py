import json
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import grids
from grids.geometry import area_m2
from grids.tiling import densify, tile

OUTLINES = json.loads((Path(grids.__file__).parent / "data" / "lanzhou_districts.geojson").read_text(encoding="utf-8"))
ANNING = shapely.from_geojson(
    json.dumps(next(one["geometry"] for one in OUTLINES["features"] if one["properties"]["code"] == "620105000000"))
)
STEP = 200.0


def assert_tiles(tiles, shape, n):
    """n valid tiles that share their vertices and together are the shape."""
    assert len(tiles) == n
    parts = shapely.get_parts(np.array(tiles, dtype=object))
    assert shapely.is_valid(parts).all()
    assert shapely.coverage_is_valid(parts)
    assert shapely.union_all(parts).symmetric_difference(shape).area == 0


def test_tiles_of_tiles_of_a_real_district_cover_it_with_shared_edges():
    outline = densify(ANNING, STEP)
    assert area_m2(outline.symmetric_difference(ANNING)) < 5_000
    streets = tile(outline, 7, 1, step_m=STEP)
    assert_tiles(streets, outline, 7)
    communities = [one for street in streets for one in tile(street, 5, 2, step_m=STEP)]
    assert_tiles(communities, outline, 35)
    cells = [one for community in communities for one in tile(community, 4, 3, step_m=STEP)]
    assert_tiles(cells, outline, 140)
    sizes = [area_m2(cell) for cell in cells]
    assert max(sizes) < 6 * min(sizes)
    coordinates = shapely.get_coordinates(np.array(cells, dtype=object))
    assert (np.round(coordinates, 6) == coordinates).all()


def test_the_seed_decides():
    outline = densify(ANNING, STEP)
    first = [one.wkb for one in tile(outline, 9, 5, step_m=STEP)]
    assert [one.wkb for one in tile(outline, 9, 5, step_m=STEP)] == first
    assert [one.wkb for one in tile(outline, 9, 6, step_m=STEP)] != first


def test_one_tile_is_the_shape_itself():
    assert tile(ANNING, 1, 1) == [ANNING]


@pytest.mark.parametrize("n", [2, 3, 5, 12])
def test_holes_stay_holes(n):
    holes = [shapely.box(103.72, 36.12, 103.73, 36.13), shapely.box(103.75, 36.14, 103.77, 36.16)]
    outline = densify(shapely.box(103.70, 36.10, 103.80, 36.20).difference(shapely.MultiPolygon(holes)), 500.0)
    assert_tiles(tile(outline, n, 1, step_m=500.0), outline, n)


@pytest.mark.parametrize("n", [1, 2, 3, 8])
def test_every_part_of_a_multipolygon_is_used(n):
    big, small, islet = (
        shapely.box(0, 0, 0.04, 0.04),
        shapely.box(0.05, 0, 0.07, 0.02),
        shapely.box(0.05, 0.05, 0.051, 0.051),
    )
    outline = densify(shapely.MultiPolygon([islet, big, small]), 300.0)
    tiles = tile(outline, n, 1, step_m=300.0)
    assert_tiles(tiles, outline, n)


def test_a_shape_that_cannot_be_cut_is_refused():
    with pytest.raises(ValueError, match="too few vertices"):
        tile(shapely.Polygon([(0, 0), (0.0001, 0), (0, 0.0001)]), 2, 1)
    with pytest.raises(ValueError, match="at least one"):
        tile(ANNING, 0, 1)


@settings(max_examples=25, deadline=None)
@given(
    radii=st.lists(st.integers(2, 10), min_size=6, max_size=30),
    n=st.integers(2, 12),
    seed=st.integers(0, 5),
)
def test_stars_of_any_shape_are_covered(radii, n, seed):
    angles = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    points = np.column_stack((np.cos(angles), np.sin(angles))) * np.array(radii)[:, None] * 0.002 + (103.7, 36.1)
    outline = densify(shapely.Polygon(points), 60.0)
    assert_tiles(tile(outline, n, seed, step_m=60.0), outline, n)
