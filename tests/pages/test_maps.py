"""One map: figures of the reader's reach, outlines by level and zoom, points, heat, the side panel and the lists."""

import datetime as dt
import gzip
import json

import pytest
import shapely
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import clock
from grids import commands as grid_commands
from grids import shapes, tasks
from grids.models import Boundary
from tests.pages.staff import in_status, pages_of, report, statements
from workorders import figures
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english(client):
    client.cookies["gridgov_language"] = "en"


@pytest.fixture
def ask(client, town):
    """The figures one person gets, {name of area: (class, value)}."""
    from grids.directory import directory

    def figures_of(person, area, **given):
        figures.count(clock.now())
        client.force_login(person)
        answer = client.get("/map/figures/", {"area": area.code, **given})
        assert answer.status_code == 200, answer.content
        found = answer.json()
        rows = zip(found["ids"], found["classes"], found["values"], strict=True)
        return {directory().by_id[pk].code: (band, value) for pk, band, value in rows}

    return figures_of


def outlines(client, area, level, zoom=16, **given):
    revision = shapes.revision(clock.today())
    return client.get(f"/map/outlines/{area.code}/{level}/{zoom}/{revision}/", given)


# -- figures -------------------------------------------------------------------------------------------------------


def test_figures_of_the_streets_of_a_district(town, ask):
    for _order in range(3):
        report(town.officer)
    in_status(town, "closed")
    found = ask(town.inspector, town.district)
    assert found == {town.street.code: ("4", "3"), town.street2.code: ("0", "0")}


def test_every_level_below_can_be_asked_for(town, ask):
    report(town.officer)
    for level, area in (("street", town.street), ("community", town.community), ("grid", town.main_grid)):
        assert ask(town.inspector, town.district, level=level)[area.code] == ("4", "1")
    assert ask(town.inspector, town.main_grid) == {town.main_grid.code: ("4", "1")}
    assert set(ask(town.inspector, town.district, level="city")) == {town.street.code, town.street2.code}


def test_each_measure_has_its_value(town, ask, client):
    order = report(town.officer)
    WorkOrder.objects.filter(pk=order.pk).update(due_at="2020-01-01T00:00:00Z")
    in_status(town, "closed")
    found = {name: ask(town.inspector, town.district, measure=name)[town.street.code][1] for name in (
        "open", "overdue", "reported", "per_1000_households", "on_time_share", "score", "nonsense",
    )}  # fmt: skip
    assert found == {
        "open": "1", "overdue": "1", "reported": "2", "per_1000_households": "", "on_time_share": "100.0%",
        "score": "", "nonsense": "1",
    }  # fmt: skip


def test_a_past_day_shows_what_was_reported_on_it(town, ask, client):
    report(town.officer, at=clock.now() - dt.timedelta(days=2))
    report(town.officer)
    day = clock.date_of(clock.now() - dt.timedelta(days=2))
    assert ask(town.inspector, town.district, day=day.isoformat())[town.street.code] == ("4", "1")
    answer = client.get("/map/figures/", {"area": town.district.code, "day": day.isoformat()}).json()
    assert answer["measure"] == "reported" and str(day.year) in answer["words"]


def test_the_legend_is_in_words_and_names_the_cutoff(town, ask, client):
    report(town.officer)
    ask(town.inspector, town.district)
    answer = client.get("/map/figures/", {"area": town.district.code}).json()
    assert answer["legend"] == [["4", "1"], ["0", "none"]]
    assert answer["cutoff"] and answer["label"] == "Open orders"


def test_units_see_what_they_lead_and_no_more(town, ask):
    in_status(town, "dispatched")
    report(town.officer)
    assert ask(town.handler, town.district)[town.street.code] == ("4", "1")
    assert ask(town.handler2, town.district)[town.street.code] == ("0", "0")


@pytest.mark.parametrize("address", ["", "figures/", "points/", "heat/", "panel/", "list/", "wall/"])
def test_areas_outside_the_reach_are_not_found(town, client, address):
    client.force_login(town.inspector)
    for code in (town.district2.code, town.city.code, "999999999999", "x", "²"):
        assert client.get(f"/map/{address}", {"area": code}).status_code == 404
    client.force_login(town.elsewhere)
    assert client.get(f"/map/{address}", {"area": town.street.code}).status_code == 404


def test_superusers_start_at_the_city_and_people_without_posts_are_told(town, ask, client):
    report(town.officer)
    assert ask(town.admin, town.city)[town.district.code] == ("4", "1")
    assert "No area belongs to your posts" in pages_of(client, town.former, "/map/")
    assert client.get("/map/figures/").status_code == 404


# -- outlines ------------------------------------------------------------------------------------------------------


def test_outlines_of_areas_above_are_joined_from_their_grids(town, client):
    client.force_login(town.inspector)
    found = outlines(client, town.district, "street").json()
    names = {one["properties"]["code"]: shapely.geometry.shape(one["geometry"]) for one in found["features"]}
    assert set(names) == {town.street.code, town.street2.code}
    assert names[town.street.code].bounds == (103.7, 36.1, 103.73, 36.11)
    assert found["features"][0]["id"] in (town.street.pk, town.street2.pk) and found["level"] == "street"


def test_outlines_have_five_decimals_and_neighbours_stay_closed(town, client):
    jagged = shapely.Polygon(
        [(103.71, 36.10), (103.7143211111, 36.1000004), (103.72, 36.10), (103.72, 36.11), (103.71, 36.11)]
    )
    grid_commands.set_boundary(town.next_grid, by=None, on=town.on, geometry=shapely.geometry.mapping(jagged))
    client.force_login(town.inspector)
    found = outlines(client, town.district, "grid", zoom=12).json()["features"]
    numbers = (
        json.dumps([one["geometry"] for one in found]).replace("[", " ").replace("]", " ").replace(",", " ").split()
    )
    assert all(len(number.partition(".")[2]) <= 5 for number in numbers if "." in number)
    drawn = [shapely.geometry.shape(one["geometry"]) for one in found]
    assert shapely.union_all(drawn).geom_type == "Polygon"


def test_an_address_is_kept_for_good_and_a_new_outline_has_another(town, client):
    client.force_login(town.inspector)
    before = outlines(client, town.main_grid, "grid")
    assert "immutable" in before["Cache-Control"] and before["ETag"]
    revision = shapes.revision(clock.today())
    outline = shapely.geometry.mapping(shapely.box(103.701, 36.101, 103.709, 36.109))
    grid_commands.set_boundary(town.main_grid, by=None, on=town.on, geometry=outline)
    assert shapes.revision(clock.today()) != revision
    after = outlines(client, town.main_grid, "grid")
    assert after.json() != before.json()
    old = client.get(f"/map/outlines/{town.main_grid.code}/grid/16/{revision}/")
    assert old.json() == after.json() and "immutable" not in old["Cache-Control"]
    again = client.get(
        f"/map/outlines/{town.main_grid.code}/grid/16/{revision}/", headers={"If-None-Match": after["ETag"]}
    )
    assert again.status_code == 304 and not again.content


def test_outlines_are_kept_compressed_and_open_for_whoever_takes_nothing_compressed(town, client):
    client.force_login(town.inspector)
    plain = outlines(client, town.district, "street")
    revision = shapes.revision(clock.today())
    address = f"/map/outlines/{town.district.code}/street/16/{revision}/"
    packed = client.get(address, headers={"Accept-Encoding": "gzip, br"})
    assert packed["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain
    assert gzip.decompress(packed.content) == plain.content and packed["ETag"] == plain["ETag"]
    assert "Accept-Encoding" in packed["Vary"] and "Accept-Encoding" in plain["Vary"]


def test_what_people_see_first_is_drawn_before_they_ask(town, client):
    assert tasks.draw_ahead() > 0
    assert tasks.draw_ahead() == 0
    client.force_login(town.inspector)
    with CaptureQueriesContext(connection) as sent:
        assert outlines(client, town.district, "community", zoom=12).json()["features"]
    assert not [one for one in sent.captured_queries if "grids_boundary" in one["sql"]]
    outline = shapely.geometry.mapping(shapely.box(103.701, 36.101, 103.709, 36.109))
    grid_commands.set_boundary(town.main_grid, by=None, on=town.on, geometry=outline)
    assert tasks.draw_ahead() > 0


def test_too_many_areas_give_way_to_the_level_above_unless_the_box_is_small(town, client, monkeypatch):
    monkeypatch.setattr(shapes, "MOST", 2)
    client.force_login(town.inspector)
    found = outlines(client, town.district, "grid").json()
    assert found["level"] == "street" and len(found["features"]) == 2
    found = outlines(client, town.district, "grid", box="103.701,36.101,103.702,36.102").json()
    assert (found["level"], [one["id"] for one in found["features"]]) == (
        "grid",
        [town.main_grid.pk, town.next_grid.pk],
    )


@pytest.mark.parametrize("path", ["620199000000/grid/16/x/", "620105000000/city/16/x/", "620105000000/grid/15/x/"])
def test_outlines_that_do_not_exist_are_not_found(town, client, path):
    client.force_login(town.inspector)
    assert client.get(f"/map/outlines/{path}").status_code == 404


def test_the_outline_of_one_area(town, client):
    client.force_login(town.officer)
    found = client.get(f"/map/shapes/{town.grid4.code}/").json()["features"]
    assert shapely.geometry.shape(found[0]["geometry"]).bounds == (103.73, 36.1, 103.74, 36.11)
    Boundary.objects.all().delete()
    assert client.get("/map/shapes/620199000000/").status_code == 404


# -- points, heat, panel, lists ------------------------------------------------------------------------------------


def test_orders_are_gathered_by_cells_within_the_reach(town, client):
    lon, lat = town.inside(town.main_grid)
    late = report(town.officer)
    WorkOrder.objects.filter(pk=late.pk).update(lon=lon, lat=lat, due_at="2020-01-01T00:00:00Z")
    other = report(town.officer)
    WorkOrder.objects.filter(pk=other.pk).update(lon=lon + 0.0001, lat=lat)
    client.force_login(town.inspector)
    [point] = client.get("/map/points/", {"area": town.district.code, "zoom": "12"}).json()["points"]
    assert point[2:] == [2, 1, ""] and point[0] == pytest.approx(lon, abs=0.0001)
    deep = client.get("/map/points/", {"area": town.district.code, "zoom": "20"}).json()["points"]
    assert sorted(one[4] for one in deep) == sorted([late.number, other.number])
    nowhere = {"area": town.district.code, "zoom": "12", "box": "100,30,101,31"}
    assert client.get("/map/points/", nowhere).json()["points"] == []
    client.force_login(town.elsewhere)
    assert client.get("/map/points/", {"area": town.street2.code}).json()["points"] == []


def test_heat_and_hot_spots_stand_in_a_table_as_well(town, client):
    lon, lat = town.inside(town.main_grid)
    for at in range(8):
        order = report(town.officer)
        WorkOrder.objects.filter(pk=order.pk).update(lon=lon + at * 0.00001, lat=lat)
    order = report(town.officer)
    far_lon, far_lat = town.inside(town.grid4)
    WorkOrder.objects.filter(pk=order.pk).update(lon=far_lon, lat=far_lat)
    client.force_login(town.inspector)
    cells = client.get("/map/heat/", {"area": town.district.code}).json()["cells"]
    assert sorted(cell[4] for cell in cells) == [1, 8]
    assert {cell[4]: cell[6] for cell in cells} == {8: 2, 1: 0}
    page = pages_of(client, town.inspector, f"/map/?area={town.district.code}&points=heat")
    assert "Getis-Ord" in page and "very clear" in page
    link = page[page.index("/map/list/?area=", page.index("hot_heading")) :].split('"')[0].replace("&amp;", "&")
    assert '<span class="count" data-count>8</span>' in client.get(link).content.decode()


def test_a_click_tells_the_area_of_the_level_shown(town, client):
    order = report(town.officer)
    figures.count(clock.now())
    client.force_login(town.inspector)
    lon, lat = town.inside(town.main_grid)
    ask = {"area": town.district.code, "at": f"{lon},{lat}"}
    for level, name in (("grid", town.main_grid.name), ("street", town.street.name)):
        page = client.get("/map/panel/", {**ask, "level": level}, headers={"HX-Request": "true"}).content.decode()
        assert name in page and order.title in page and "<html" not in page
    outside = client.get("/map/panel/", {**ask, "at": "100,30"}).content.decode()
    assert "nothing of your areas" in outside and "<html" in outside
    far_lon, far_lat = town.inside(town.far_grid)
    assert "nothing of your areas" in client.get("/map/panel/", {**ask, "at": f"{far_lon},{far_lat}"}).content.decode()
    assert client.get("/map/panel/", {**ask, "at": "x"}).status_code == 404
    card = client.get("/map/panel/", {"area": town.district.code, "order": order.number}).content.decode()
    assert order.title in card and order.number in card
    assert client.get("/map/panel/", {"area": town.district.code, "order": "99999999"}).status_code == 404


def test_the_list_behind_a_figure_has_as_many_orders(town, client, ask):
    report(town.officer, at=clock.now() - dt.timedelta(days=40))
    order = report(town.officer)
    WorkOrder.objects.filter(pk=order.pk).update(due_at="2020-01-01T00:00:00Z")
    in_status(town, "suspended")
    in_status(town, "closed")
    for measure in ("open", "overdue", "reported"):
        figure = ask(town.inspector, town.district, measure=measure)[town.street.code][1]
        page = pages_of(client, town.inspector, f"/map/list/?area={town.street.code}&show={measure}&days=30")
        assert f'<span class="count" data-count>{figure}</span>' in page, measure


def test_the_page_works_as_a_list_without_a_script(town, client):
    report(town.officer)
    figures.count(clock.now())
    page = pages_of(client, town.inspector, f"/map/?area={town.district.code}&level=grid&measure=open")
    assert page.index(town.main_grid.name) < page.index(town.grid4.name)
    assert f"/map/panel/?area={town.main_grid.code}" in page


def test_the_map_sends_as_many_statements_for_ten_as_for_one(town, client):
    report(town.officer)
    client.force_login(town.inspector)
    client.get("/map/")
    one = statements(client, "/map/")
    for _order in range(9):
        report(town.officer)
    assert statements(client, "/map/") == one <= 10
    assert statements(client, f"/map/points/?area={town.district.code}&zoom=12") <= 4
    outlines(client, town.district, "street")
    assert statements(client, f"/map/outlines/{town.district.code}/street/16/x/") <= 4
