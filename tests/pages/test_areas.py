"""Outlines of areas: checked first, then confirmed; who may; what it means for neighbours and for new reports."""

import datetime as dt
import json

import pytest
import shapely
from django.core.files.uploadedfile import SimpleUploadedFile

from core import clock
from grids import coordinates
from grids.locate import grid_at
from grids.models import Area, AreaEvent, Boundary
from tests.pages.staff import pages_of, report
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db

# The main grid and the western half of its neighbour.
WIDER = shapely.box(103.70, 36.10, 103.715, 36.11)
IN_BETWEEN = (103.712, 36.105)


@pytest.fixture
def send(client, town):
    client.cookies["gridgov_language"] = "en"
    client.force_login(town.system_admin)

    def post(area, shape, **more):
        text = shape if isinstance(shape, str) else json.dumps(shapely.geometry.mapping(shape))
        given = {"outline": text, "coordinates": "wgs84", "on": clock.today().isoformat(), **more}
        return client.post(f"/areas/{area.code}/", given)

    return post


def test_a_check_tells_size_overlap_and_gap_and_changes_nothing(town, send):
    before = Boundary.objects.count(), AreaEvent.objects.count()
    page = send(town.main_grid, WIDER).content.decode()
    assert town.next_grid.name in page and "50.00%" in page and "Grids must not overlap." in page
    assert 'name="confirmed"' not in page
    smaller = send(town.main_grid, shapely.box(103.70, 36.10, 103.705, 36.11)).content.decode()
    assert "-50.00%" in smaller and 'name="confirmed"' in smaller
    assert (Boundary.objects.count(), AreaEvent.objects.count()) == before


def test_the_gap_is_measured_against_the_area_above(town, send):
    outline = shapely.box(103.70, 36.10, 103.72, 36.11)
    Boundary.objects.create(
        area=town.community, starts=dt.date(2020, 1, 1), geometry=shapely.geometry.mapping(outline),
        wkb=shapely.to_wkb(outline), min_lon=103.70, min_lat=36.10, max_lon=103.72, max_lat=36.11,
    )  # fmt: skip
    page = send(town.main_grid, shapely.box(103.70, 36.10, 103.705, 36.11)).content.decode()
    assert "(25.00%)" in page
    page = send(town.main_grid, shapely.box(103.69, 36.10, 103.71, 36.11)).content.decode()
    assert "Beyond the outline" in page


def test_confirmed_with_neighbours_giving_way_new_reports_follow_the_line(town, send):
    assert grid_at(*IN_BETWEEN, clock.today()).code == town.next_grid.code
    old = report(town.neighbour, lon=IN_BETWEEN[0], lat=IN_BETWEEN[1], area=None)
    checked = send(town.main_grid, WIDER, neighbours_give_way="on").content.decode()
    assert "The neighbours give way." in checked and 'name="confirmed"' in checked
    answer = send(town.main_grid, WIDER, neighbours_give_way="on", confirmed="on")
    assert answer.status_code == 302
    assert grid_at(*IN_BETWEEN, clock.today()).code == town.main_grid.code
    new = report(town.officer, lon=IN_BETWEEN[0], lat=IN_BETWEEN[1], area=None)
    assert WorkOrder.objects.get(number=new.number).area_id == town.main_grid.pk
    assert WorkOrder.objects.get(number=old.number).area_id == town.next_grid.pk
    left = Boundary.objects.get(area=town.next_grid, ends=None)
    assert (left.min_lon, left.max_lon) == (103.715, 103.72)
    happened = AreaEvent.objects.filter(kind="boundary_set").values_list("area__code", "actor_name")
    assert set(happened) == {(area.code, town.system_admin.name) for area in (town.main_grid, town.next_grid)}


def test_an_overlap_that_is_confirmed_anyway_is_refused_and_kept(town, send):
    answer = send(town.main_grid, WIDER, confirmed="on")
    assert answer.status_code == 400 and town.next_grid.name in answer.content.decode()
    assert Boundary.objects.filter(area=town.main_grid).count() == 1


def test_a_neighbour_cannot_vanish(town, send):
    everything = shapely.box(103.70, 36.10, 103.72, 36.11)
    answer = send(town.main_grid, everything, neighbours_give_way="on", confirmed="on")
    assert answer.status_code == 400 and "Merge the two areas" in answer.content.decode()


def test_a_day_in_the_future_begins_then(town, send):
    day = clock.today() + dt.timedelta(days=10)
    outline = shapely.box(103.70, 36.10, 103.705, 36.11)
    assert send(town.main_grid, outline, on=day.isoformat(), confirmed="on").status_code == 302
    assert grid_at(103.708, 36.105, clock.today()).code == town.main_grid.code
    assert grid_at(103.708, 36.105, day) is None


def test_a_file_in_another_coordinate_system(town, client, send):
    shown = shapely.transform(
        shapely.box(103.70, 36.10, 103.705, 36.11), lambda points: coordinates.from_wgs84(points, "gcj02")
    )
    feature = {
        "type": "Feature",
        "properties": {"code": town.main_grid.code},
        "geometry": shapely.geometry.mapping(shown),
    }
    other = {**feature, "properties": {"code": "620199000000"}}
    data = json.dumps({"type": "FeatureCollection", "features": [other, feature]}).encode()
    more = {"file": SimpleUploadedFile("outline.geojson", data), "coordinates": "gcj02", "confirmed": "on"}
    assert send(town.main_grid, "", **more).status_code == 302
    stored = Boundary.objects.get(area=town.main_grid, ends=None)
    assert stored.max_lon == pytest.approx(103.705, abs=1e-7)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not GeoJSON"),
        ("[1, 2", "not GeoJSON"),
        ('{"type": "Point", "coordinates": [103.7, 36.1]}', "Polygon or MultiPolygon"),
        ('{"type": "FeatureCollection", "features": []}', "0 features"),
        ('{"type": "Polygon", "coordinates": [[[0,0],[1,1],[0,1],[1,0],[0,0]]]}', "crosses"),
    ],
)
def test_what_is_no_outline_is_said_and_kept(town, send, text, said):
    answer = send(town.main_grid, text)
    page = answer.content.decode()
    assert answer.status_code == 400 and said in page
    assert text.replace('"', "&quot;") in page


def test_the_tree_of_the_administrators_own_areas(town, client):
    client.cookies["gridgov_language"] = "en"
    page = pages_of(client, town.system_admin, "/areas/")
    assert town.street.name in page and "No outline" in page
    page = pages_of(client, town.system_admin, f"/areas/?area={town.community.code}")
    assert town.main_grid.name in page and " ha" in page
    client.force_login(town.system_admin)
    assert client.get("/areas/", {"area": town.district2.code}).status_code == 404
    assert client.get(f"/areas/{town.far_grid.code}/").status_code == 404
    assert client.get(f"/areas/{Area.objects.get(pk=town.city.pk).code}/").status_code == 404
