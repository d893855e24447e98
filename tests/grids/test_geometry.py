import math

import pytest
import shapely

from core.errors import Invalid
from grids import geometry

SQUARE = [[103.70, 36.10], [103.71, 36.10], [103.71, 36.11], [103.70, 36.11], [103.70, 36.10]]


def polygon(*rings):
    return {"type": "Polygon", "coordinates": list(rings)}


def moved(ring, lon=0.0, lat=0.0):
    return [[point[0] + lon, point[1] + lat] for point in ring]


def test_a_good_outline_is_read_and_written_unchanged():
    hole = [[103.702, 36.102], [103.702, 36.104], [103.704, 36.104], [103.704, 36.102], [103.702, 36.102]]
    raw = {"type": "MultiPolygon", "coordinates": [[SQUARE, hole], [moved(SQUARE, 0.02)]]}
    assert geometry.write(geometry.read(raw)) == raw


def test_heights_are_dropped():
    raw = polygon([[*point, 1520.0] for point in SQUARE])
    assert geometry.write(geometry.read(raw)) == polygon(SQUARE)


@pytest.mark.parametrize(
    ("raw", "refusal"),
    [
        (None, "geometry_missing"),
        ({}, "geometry_missing"),
        ("POLYGON", "geometry_type"),
        ({"type": "Point", "coordinates": [103.7, 36.1]}, "geometry_type"),
        ({"type": "GeometryCollection", "geometries": []}, "geometry_type"),
        ({"type": "Polygon"}, "geometry_malformed"),
        (polygon(), "geometry_malformed"),
        ({"type": "MultiPolygon", "coordinates": []}, "geometry_malformed"),
        ({"type": "Polygon", "coordinates": "abc"}, "geometry_malformed"),
        (polygon([["103.7", "36.1"]] * 4), "geometry_malformed"),
        (polygon([[103.7], [103.8], [103.9], [103.7]]), "geometry_malformed"),
        (polygon([[103.7, None]] * 4), "geometry_malformed"),
        (polygon([[math.nan, 36.1], *SQUARE[1:]]), "geometry_malformed"),
        (polygon([[10**400, 36.1], *SQUARE[1:]]), "geometry_malformed"),
        (polygon([]), "geometry_malformed"),
        (polygon(SQUARE[:-1]), "ring_not_closed"),
        (polygon([SQUARE[0], SQUARE[1], SQUARE[0]]), "ring_not_closed"),
        (polygon([[lat, lon] for lon, lat in SQUARE]), "coordinates_swapped"),
        (polygon([[43.8, 87.6], [43.9, 87.6], [43.9, 87.7], [43.8, 87.6]]), "coordinates_swapped"),
        (polygon([[lon + 100, lat] for lon, lat in SQUARE]), "coordinates_out_of_range"),
        (polygon([[lon, lat + 60] for lon, lat in SQUARE]), "coordinates_out_of_range"),
        (polygon([[11544000, 4315000], [11545000, 4315000], [11545000, 4316000], [11544000, 4315000]]),
         "coordinates_out_of_range"),
        (polygon([SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3], SQUARE[0]]), "geometry_self_crossing"),
        (polygon([SQUARE[0], SQUARE[1], SQUARE[0], SQUARE[1], SQUARE[0]]), "geometry_self_crossing"),
        (polygon(SQUARE, moved(SQUARE, 0.005)), "geometry_self_crossing"),
        ({"type": "MultiPolygon", "coordinates": [[SQUARE], [moved(SQUARE, 0.005)]]}, "geometry_self_crossing"),
    ],
)  # fmt: skip
def test_a_bad_outline_is_refused(raw, refusal):
    with pytest.raises(Invalid) as caught:
        geometry.read(raw)
    assert caught.value.code == refusal
    assert list(caught.value.errors) == ["geometry"]


def test_a_crossing_is_named_by_its_place():
    with pytest.raises(Invalid) as caught:
        geometry.read(polygon([[103.7, 36.1], [103.8, 36.2], [103.8, 36.1], [103.7, 36.2], [103.7, 36.1]]))
    assert "103.75 36.15" in str(caught.value)


def test_areas_are_in_square_metres_of_the_ellipsoid():
    # A second opinion: strips of a thousandth of a degree, each as wide as its own parallel.
    strips = (geometry.metres_per_degree(36 + (row + 0.5) / 1000) for row in range(1000))
    assert geometry.area_m2(shapely.box(103, 36, 104, 37)) == pytest.approx(
        sum(east * north / 1000 for east, north in strips), rel=1e-7
    )
    small = geometry.area_m2(shapely.box(103.70, 36.10, 103.71, 36.11))
    east, north = geometry.metres_per_degree(36.105)
    assert small == pytest.approx(east * north * 1e-4, rel=1e-6)
    assert (east, north) == (pytest.approx(90_058, rel=1e-3), pytest.approx(110_963, rel=1e-3))


def test_neighbours_with_a_common_edge_do_not_overlap():
    left, right = shapely.box(103.70, 36.10, 103.71, 36.11), shapely.box(103.71, 36.10, 103.72, 36.11)
    assert list(geometry.overlaps([left, right], [])) == []
    assert list(geometry.overlaps([left], [right])) == []


def test_a_dedicated_grid_in_the_hole_of_another_does_not_overlap():
    inner = shapely.box(103.702, 36.102, 103.704, 36.104)
    outer = shapely.box(103.70, 36.10, 103.71, 36.11).difference(inner)
    assert list(geometry.overlaps([outer, inner], [])) == []


def test_slivers_of_rounding_are_no_overlap_but_ten_metres_are():
    left = shapely.box(103.70, 36.10, 103.71, 36.11)
    sliver = shapely.box(103.709993, 36.10, 103.72, 36.11)  # 0.6 m wide and 1 100 m long
    strip = shapely.box(103.7099, 36.10, 103.72, 36.11)  # 9 m wide
    assert list(geometry.overlaps([left], [sliver])) == []
    [(one, two, other, square_metres)] = geometry.overlaps([left], [strip])
    assert (one, two, other) == (0, None, 0)
    assert square_metres == pytest.approx(geometry.area_m2(shapely.box(103.7099, 36.10, 103.71, 36.11)), rel=1e-6)


def test_each_pair_is_told_once_and_the_others_are_not_compared():
    shape = shapely.box(103.70, 36.10, 103.71, 36.11)
    found = [(one, two, other) for one, two, other, _area in geometry.overlaps([shape, shape], [shape, shape])]
    assert sorted(found, key=str) == sorted(
        [(0, 1, None), (0, None, 0), (0, None, 1), (1, None, 0), (1, None, 1)], key=str
    )
