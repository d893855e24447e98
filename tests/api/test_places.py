"""Areas, units, categories, deadlines: what everybody who is logged in may look up."""

import datetime as dt

import pytest

from api import shapes
from core import clock, revisions
from grids.models import Area
from tests.api.conftest import COMMUNITY, DISTRICT, GRID
from tests.api.shape import same_members
from tests.api.test_problems import problem
from workorders import calendars, deadlines
from workorders.models import Category
from workorders.vocabulary import ClockKind, Urgency

pytestmark = pytest.mark.django_db


def codes(answer):
    assert answer.status_code == 200, answer.content.decode()
    return [row["code"] for row in answer.json()["results"]]


# --- areas -----------------------------------------------------------------------------------------------------------


def test_areas_are_listed_in_the_order_of_the_tree(api):
    found = codes(api.officer.get("areas/"))
    assert found == sorted(found) and len(found) == 16
    same_members(api.officer.get("areas/").json()["results"][0], shapes.Area)


def test_areas_are_filtered(api, town):
    assert len(codes(api.officer.get("areas/", level="grid"))) == 6
    assert set(codes(api.officer.get("areas/", level="grid", under=DISTRICT))) == {grid.code for grid in town.grids[:4]}
    assert codes(api.officer.get("areas/", under=COMMUNITY))[0] == COMMUNITY
    assert codes(api.officer.get("areas/", parent=COMMUNITY)) == [GRID, "620105006001002"]
    assert codes(api.officer.get("areas/", kind="rural")) == ["620105006002001"]
    assert codes(api.officer.get("areas/", q="农大二")) == ["620105006001002"]
    assert codes(api.officer.get("areas/", q="6201050060010")) == [GRID, "620105006001002"]
    Area.objects.filter(pk=town.grid.pk).update(ends=town.on)
    revisions.reset_all()
    assert codes(api.officer.get("areas/", parent=COMMUNITY, active=1)) == ["620105006001002"]
    assert codes(api.officer.get("areas/", active=0)) == [GRID]
    assert api.officer.get(f"areas/{GRID}/").json()["active"] is False


@pytest.mark.parametrize(
    "name, value", [("level", "planet"), ("parent", "1"), ("under", "x"), ("kind", "wild"), ("active", "x"), ("q", "a")]
)
def test_bad_filters_are_named(api, name, value):
    assert name in problem(api.officer.get("areas/", **{name: value}), 400, "bad_filter")["errors"]


def test_areas_page(api):
    seen, path = [], "areas/?page_size=5&count=1"
    while path:
        page = api.officer.get(path).json()
        assert page["count"] == 16
        seen += [row["code"] for row in page["results"]]
        path, back = page["next"], page["previous"]
    assert seen == sorted(set(seen)) and len(seen) == 16
    before = api.officer.get(back).json()
    assert [row["code"] for row in before["results"]] == seen[10:15]


def test_one_area_with_path_boundary_and_staffing(api):
    area = api.officer.get(f"areas/{GRID}/").json()
    same_members(area, shapes.AreaDetail)
    assert [step["level"] for step in area["path"]] == ["city", "district", "street", "community", "grid"]
    assert area["path"][1]["code"] == DISTRICT and area["path"][-1]["code"] == GRID and "boundary" not in area
    assert area["staffing"] == {"grids": 1, "covered": 1, "vacant": 0, "full_time": 1, "part_time": 3}
    shape = api.officer.get(f"areas/{GRID}/", boundary=1).json()["boundary"]
    assert shape["type"] == "Polygon" and len(shape["coordinates"][0]) == 5
    assert api.officer.get(f"areas/{COMMUNITY}/", boundary=1).json()["boundary"] is None
    assert api.officer.get(f"areas/{COMMUNITY}/").json()["staffing"]["grids"] == 2
    problem(api.officer.get("areas/999/"), 404)
    problem(api.officer.get("areas/x/"), 404)


def test_a_point_has_a_grid(api, town):
    lon, lat = town.inside(town.main_grid)
    found = api.officer.get("areas/locate/", lon=lon, lat=lat).json()
    same_members(found, shapes.Located)
    assert found["area"]["code"] == GRID and found["area"]["path"][-1]["code"] == GRID
    problem(api.officer.get("areas/locate/", lon=0, lat=0), 404, "outside_all_grids")
    for query in ({}, {"lon": 103}, {"lon": "x", "lat": 1}, {"lon": "nan", "lat": "inf"}, {"lon": 181, "lat": 0}):
        problem(api.officer.get("areas/locate/", **query), 400)


# --- units -----------------------------------------------------------------------------------------------------------


def test_units_are_listed_and_filtered(api, town):
    found = codes(api.officer.get("units/", page_size=200))
    assert found == sorted(found) and "620105-UM" in found and "620105-CC" in found
    assert all(code.startswith("620105") for code in codes(api.officer.get("units/", area=DISTRICT)))
    assert codes(api.officer.get("units/", kind="UM")) == ["620102-UM", "620105-UM"]
    assert codes(api.officer.get("units/", q="安宁区城市")) == ["620105-UM"]
    assert codes(api.officer.get("units/", q="5-um")) == ["620105-UM"]
    same_members(api.officer.get("units/").json()["results"][0], shapes.Unit)
    town.um.ends = town.on
    town.um.save()
    revisions.reset_all()
    assert codes(api.officer.get("units/", area=DISTRICT, kind="UM")) == []
    assert codes(api.officer.get("units/", active=0)) == ["620105-UM"]
    for name, value in {"kind": "XX", "area": "1", "active": "?"}.items():
        assert name in problem(api.officer.get("units/", **{name: value}), 400)["errors"]


# --- categories ------------------------------------------------------------------------------------------------------


def test_the_taxonomy_has_two_levels(api):
    rows = api.officer.get("categories/", page_size=200, count=1).json()
    by_code = {row["code"]: row for row in rows["results"]}
    assert rows["count"] == len(by_code) == Category.objects.count()
    for row in rows["results"]:
        same_members(row, shapes.Category)
    assert by_code["05"]["major"] is None and by_code["0502"]["major"] == "05"
    assert by_code["0502"]["limits"] and all(limit["text"] for limit in by_code["0502"]["limits"])
    assert by_code["0502"]["lead"] == "UM" and by_code["0502"]["self_handled"] in ("Y", "T", "N")
    minors = codes(api.officer.get("categories/", major="05"))
    assert minors and all(code[:2] == "05" and len(code) == 4 for code in minors)
    assert "0502" in codes(api.officer.get("categories/", q=by_code["0502"]["name"][:4]))
    english = api.officer.get("categories/", headers={"Accept-Language": "en"}, q="0502").json()["results"]
    assert english[0]["name"].isascii()


def test_retired_categories_are_left_out(api):
    Category.objects.filter(code="0502").update(is_active=False)
    revisions.reset_all()
    assert "0502" not in codes(api.officer.get("categories/", page_size=200))
    assert codes(api.officer.get("categories/", active=0)) == ["0502"]


def test_categories_page_both_ways(api):
    first = api.officer.get("categories/", page_size=40).json()
    second = api.officer.get(first["next"]).json()
    assert not {row["code"] for row in first["results"]} & {row["code"] for row in second["results"]}
    assert api.officer.get(second["previous"]).json()["results"] == first["results"]


# --- deadlines -------------------------------------------------------------------------------------------------------


def test_each_clock_is_told_by_the_function_the_orders_use(api):
    since = dt.datetime(2026, 11, 20, 16, 0, tzinfo=clock.ZONE)
    answer = api.officer.get("deadlines/", category="0502", since=since.isoformat())
    rows = {row["kind"]: row for row in answer.json()}
    for row in rows.values():
        same_members(row, shapes.Deadline)
        assert len(row["explained"]) > 10
    assert list(rows) == ["accept", "verify", "dispatch", "sign", "handle", "check", "revisit"]
    calendar = calendars.working_calendar()
    for kind in ("accept", "sign", "check", "revisit"):
        due = deadlines.due_at(deadlines.clock(kind, "normal"), since, calendar)
        assert dt.datetime.fromisoformat(rows[kind]["due_at"]) == due


def test_every_category_and_urgency_has_deadlines(api):
    for category in Category.objects.filter(parent__isnull=False):
        for urgency in Urgency.values:
            rows = api.officer.get("deadlines/", category=category.code, urgency=urgency).json()
            kinds = [row["kind"] for row in rows]
            assert "handle" in kinds and set(kinds) <= set(ClockKind.values), category.code
            assert len(set(kinds)) == len(kinds)
            if urgency == "emergency":
                assert "verify" not in kinds


def test_an_emergency_needs_a_measure_on_site(api):
    kinds = [row["kind"] for row in api.officer.get("deadlines/", category="0502", urgency="emergency").json()]
    assert kinds.index("contain") < kinds.index("handle")


def test_deadlines_without_a_category_leave_handling_out(api):
    kinds = [row["kind"] for row in api.officer.get("deadlines/").json()]
    assert kinds == ["accept", "verify", "dispatch", "sign", "check", "revisit"]


def test_the_due_moment_of_an_order_is_that_of_the_table(api):
    order = api.officer.report().json()
    rows = api.officer.get("deadlines/", category="0502", since=order["reported_at"]).json()
    assert order["due_at"] == next(row["due_at"] for row in rows if row["kind"] == "accept")


@pytest.mark.parametrize(
    "query, code",
    [
        ({"category": "05"}, "category_is_major"),
        ({"category": "9999"}, "unknown_category"),
        ({"urgency": "soon"}, "bad_filter"),
        ({"since": "noon"}, "bad_filter"),
        ({"since": "9999-12-31T23:00:00Z"}, "bad_filter"),
        ({"since": "0001-01-01"}, "bad_filter"),
    ],
)
def test_bad_questions_are_refused(api, query, code):
    problem(api.officer.get("deadlines/", **query), 400, code)


@pytest.mark.parametrize("year", [2000, 2003, 2026, 2027, 2050, 2099])
def test_far_years_have_deadlines_too(api, year):
    assert len(api.officer.get("deadlines/", category="0502", since=f"{year}-10-01").json()) == 7
