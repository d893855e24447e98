"""One map: figures of the reader's reach, the way down, outlines from the cache."""

import json

import pytest
import shapely

from grids import commands as grid_commands
from tests.pages.staff import in_status, pages_of, report, statements
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english(client):
    client.cookies["gridgov_language"] = "en"


def figures(page):
    start = page.index('<script id="map-figures"')
    return json.loads(page[page.index(">", start) + 1 : page.index("</script>", start)])


def test_figures_of_the_streets_of_a_district(town, client):
    for _order in range(3):
        report(town.officer)
    in_status(town, "closed")
    found = figures(pages_of(client, town.inspector, "/map/"))
    assert found[town.street.code] == {"open": 3, "overdue": 0, "band": 4}
    assert found[town.street2.code]["open"] == 0
    assert town.district2.code not in found


def test_the_way_down_to_a_grid(town, client):
    order = report(town.officer)
    for area, child in ((town.street, town.community), (town.community, town.main_grid)):
        page = pages_of(client, town.inspector, f"/map/?area={area.code}")
        assert figures(page)[child.code]["open"] == 1
    assert figures(pages_of(client, town.inspector, f"/map/?area={town.main_grid.code}")) == {
        town.main_grid.code: {"open": 1, "overdue": 0, "band": 4}
    }
    WorkOrder.objects.filter(pk=order.pk).update(due_at="2020-01-01T00:00:00Z")
    assert figures(pages_of(client, town.inspector, "/map/"))[town.street.code]["overdue"] == 1


def test_areas_outside_the_reach_are_not_found(town, client):
    client.force_login(town.inspector)
    for code in (town.district2.code, town.city.code, "999999999999", "x", "²"):
        assert client.get("/map/", {"area": code}).status_code == 404
    client.force_login(town.elsewhere)
    assert client.get("/map/", {"area": town.street.code}).status_code == 404


def test_figures_count_only_what_the_reader_sees(town, client):
    in_status(town, "dispatched")
    report(town.officer)
    assert figures(pages_of(client, town.handler, "/map/"))[town.street.code]["open"] == 1
    assert figures(pages_of(client, town.handler2, "/map/"))[town.street.code]["open"] == 0


def test_superusers_start_at_the_city_and_people_without_posts_are_told(town, client):
    report(town.officer)
    assert figures(pages_of(client, town.admin, "/map/"))[town.district.code]["open"] == 1
    assert "No area belongs to your posts" in pages_of(client, town.former, "/map/")


def test_outlines_of_areas_above_are_joined_from_their_grids(town, client):
    client.force_login(town.inspector)
    found = client.get(f"/map/shapes/{town.district.code}/below/").json()
    names = {one["properties"]["code"]: shapely.geometry.shape(one["geometry"]) for one in found["features"]}
    assert set(names) == {town.street.code, town.street2.code}
    assert names[town.street.code].bounds == (103.7, 36.1, 103.73, 36.11)


def test_a_new_outline_shows_at_once(town, client):
    client.force_login(town.inspector)
    address = f"/map/shapes/{town.grid4.code}/"
    before = client.get(address).json()["features"][0]["geometry"]
    outline = shapely.geometry.mapping(shapely.box(103.731, 36.101, 103.739, 36.109))
    grid_commands.set_boundary(town.grid4, by=None, on=town.on, geometry=outline)
    assert client.get(address).json()["features"][0]["geometry"] != before


def test_unknown_areas_have_no_outline(town, client):
    client.force_login(town.inspector)
    assert client.get("/map/shapes/620199000000/").status_code == 404


def test_the_map_sends_as_many_statements_for_ten_as_for_one(town, client):
    report(town.officer)
    client.force_login(town.inspector)
    one = statements(client, "/map/")
    for _order in range(9):
        report(town.officer)
    assert statements(client, "/map/") == one <= 8
    client.get(f"/map/shapes/{town.district.code}/below/")
    assert statements(client, f"/map/shapes/{town.district.code}/below/") <= 3
