"""Coordinate systems: known pairs, the way there and back, identity outside China, imports that name their system."""

import datetime as dt

import numpy as np
import pytest
import shapely
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from grids import coordinates
from grids.coordinates import System
from grids.geometry import metres_per_degree
from grids.imports import import_boundaries
from grids.locate import grid_at
from grids.models import Boundary

SHIFTED = (System.GCJ02, System.BD09)
INSIDE = st.tuples(st.floats(73, 136), st.floats(3, 54))
FAR_OUTSIDE = st.tuples(
    st.one_of(st.floats(-180, 71.9), st.floats(137.9, 180)), st.one_of(st.floats(-89, 0.7), st.floats(55.9, 89))
)


def one(lon, lat):
    return np.array([[lon, lat]])


def metres(a, b):
    east, north = metres_per_degree(float(b[0][1]))
    return float(np.hypot((a[0][0] - b[0][0]) * east, (a[0][1] - b[0][1]) * north))


# Published pairs: Shanghai, Shenzhen and Beijing in WGS-84 and GCJ-02.
@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
        ((116.404, 39.915), (116.41024449916938, 39.91640428150164)),
    ],
)
def test_known_places_are_shifted_as_the_maps_show_them(wgs84, gcj02):
    assert metres(coordinates.from_wgs84(one(*wgs84), "gcj02"), one(*gcj02)) < 0.1


def test_a_known_place_of_the_third_system():
    stored = coordinates.to_wgs84(one(116.404, 39.915), "gcj02")
    found = coordinates.from_wgs84(stored, "bd09")
    assert metres(found, one(116.41036949371029, 39.92133699351021)) < 0.01


@settings(deadline=None, max_examples=300)
@given(point=INSIDE, system=st.sampled_from(SHIFTED))
def test_there_and_back_ends_within_a_metre_inside_china(point, system):
    there = coordinates.from_wgs84(one(*point), system)
    assert 10 < metres(there, one(*point)) < 2500
    assert metres(coordinates.to_wgs84(there, system), one(*point)) < 0.001


@settings(deadline=None, max_examples=300)
@given(point=INSIDE, system=st.sampled_from(SHIFTED))
def test_back_and_there_ends_within_a_metre_inside_china(point, system):
    stored = coordinates.to_wgs84(one(*point), system)
    assert metres(coordinates.from_wgs84(stored, system), one(*point)) < 0.001


@settings(deadline=None)
@given(point=FAR_OUTSIDE, system=st.sampled_from(list(System)))
def test_the_rest_of_the_world_is_left_alone(point, system):
    assert coordinates.from_wgs84(one(*point), system).tolist() == one(*point).tolist()
    assert coordinates.to_wgs84(one(*point), system).tolist() == one(*point).tolist()


def test_surveyed_data_is_taken_as_it_is():
    assert coordinates.to_wgs84(one(103.7, 36.1), "cgcs2000").tolist() == [[103.7, 36.1]]
    box = shapely.box(103.7, 36.1, 103.71, 36.11)
    assert coordinates.shape_to_wgs84(box, "cgcs2000") is box


def test_neighbours_keep_their_common_edge():
    shapes = [shapely.box(103.70, 36.10, 103.71, 36.11), shapely.box(103.71, 36.10, 103.72, 36.11)]
    left, right = (coordinates.shape_to_wgs84(shape, "bd09") for shape in shapes)
    assert left.intersection(right).length > 0.009
    assert left.intersection(right).area == 0


@pytest.mark.django_db
def test_outlines_in_another_system_are_stored_as_wgs84(town, geojson):
    Boundary.objects.all().delete()
    shown = shapely.transform(
        shapely.box(103.70, 36.10, 103.71, 36.11), lambda points: coordinates.from_wgs84(points, "gcj02")
    )
    path = geojson({town.main_grid.code: shown})
    call_command("import_boundaries", str(path), "--coordinates", "gcj02")
    stored = Boundary.objects.get(area=town.main_grid)
    assert stored.min_lon == pytest.approx(103.70, abs=1e-7)
    assert grid_at(103.7001, 36.1001, dt.date.today()).code == town.main_grid.code
    report = import_boundaries(path, on=dt.date.today(), coordinates="gcj02")
    assert (report.created, report.updated, report.unchanged) == (0, 0, 1)


@pytest.mark.django_db
def test_an_unknown_system_is_refused(town, geojson):
    path = geojson({town.main_grid.code: shapely.box(103.70, 36.10, 103.71, 36.11)})
    with pytest.raises(CommandError, match="gcj02"):
        call_command("import_boundaries", str(path), "--coordinates", "mars")
