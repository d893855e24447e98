"""Grids split and merged on the pages: what the preview says, what becomes of orders, posts, routes and signs."""

import datetime as dt
import json

import pytest
import shapely

from core import clock, outbox
from grids import shapes, spots
from grids.coordinates import System
from grids.locate import grid_at
from grids.models import Area, Boundary
from pages.areas import changes as list_of_changes
from personnel.models import Post
from tests.pages.filled import filled
from tests.pages.staff import bring, do, report
from workorders import audit, sentences, tasks
from workorders.commands import redividing
from workorders.models import Notice, Redivision, RehomedOrder, Route, WorkOrder

pytestmark = pytest.mark.django_db

LINE = json.dumps({"type": "LineString", "coordinates": [[103.705, 36.09], [103.705, 36.12]]})
WEST, EAST = "620105006001003", "620105006001004"
IN_WEST, IN_EAST = (103.702, 36.105), (103.708, 36.105)


@pytest.fixture
def admin(client, town):
    client.cookies["gridgov_language"] = "en"
    client.force_login(town.system_admin)
    return client


def text(answer, status=200) -> str:
    page = answer.content.decode()
    assert answer.status_code == status, (answer.status_code, page[:3000])
    return page


def cut(client, area, drawn=LINE, status=200):
    given = {"step": "cut", "drawn": drawn, "coordinates": System.WGS84}
    return text(client.post(f"/areas/{area.code}/split/", given), status)


def looked(client, area, page, status=200, room="split", **changes):
    """The preview of the form as it stands, with some fields changed."""
    given = filled(page, step="look") | {name: value for name, value in changes.items() if value is not None}
    return text(client.post(f"/areas/{area.code}/{room}/", given), status)


def confirmed(client, area, page, room="split"):
    """Carry out, or plan, what the preview shows; returns the redivision."""
    given = filled(page, step="confirm")
    answer = client.post(f"/areas/{area.code}/{room}/", given)
    text(answer, 302)
    again = client.post(f"/areas/{area.code}/{room}/", given)
    assert again.status_code == 302 and again["Location"] == answer["Location"], "a form sent twice has one effect"
    return Redivision.objects.get(pk=answer["Location"].rstrip("/").split("/")[-1])


def split(client, area, **changes):
    return confirmed(client, area, looked(client, area, cut(client, area), **changes))


def lies_in(order) -> str:
    return WorkOrder.objects.select_related("area").get(pk=order.pk).area.code


def post_of(person):
    return Post.objects.get(person=person, ends=None)


def test_a_split_takes_orders_posts_routes_and_signs_along(town, admin):
    west, east = (report(town.neighbour, lon=x, lat=y, area=None) for x, y in (IN_WEST, IN_EAST))
    unplaced = bring(report(town.neighbour), town, "handling")
    closed = bring(report(town.neighbour), town, "closed")
    due = WorkOrder.objects.get(pk=unplaced.pk).due_at
    Route.objects.create(area=town.main_grid, unit=town.hc, starts=dt.date(2020, 1, 1))
    on = clock.today()
    sign = spots.open_spot(town.main_grid, name="东门", on=on, lon=IN_EAST[0], lat=IN_EAST[1])
    page = cut(admin, town.main_grid)
    assert page.count("(50.00%)") == 2 and "exactly the old outline" in page and WEST in page and EAST in page
    posts = {f"post_{post_of(town.officer).pk}": ["1"], f"post_{post_of(town.chief).pk}": ["0", "1"],
             f"post_{post_of(town.informant).pk}": []}  # fmt: skip
    before = Area.objects.count(), shapes.revision(on)
    page = looked(admin, town.main_grid, page, rest="0", **posts)
    assert (Area.objects.count(), shapes.revision(on)) == before, "looking changes nothing, and no map is drawn anew"
    assert not Redivision.objects.exists()
    assert west.number in page and east.number in page and closed.number not in page
    assert page.count("its point") == 2 and page.count("your choice") == 1
    assert "Without a grid officer of its own:" in page and "农大一网格 1" in page and "东门" in page
    plan = confirmed(admin, town.main_grid, page)
    assert plan.state == "done" and RehomedOrder.objects.filter(redivision=plan).count() == 3
    assert [lies_in(one) for one in (west, east, unplaced, closed)] == [WEST, EAST, WEST, town.main_grid.code]
    assert grid_at(*IN_WEST, on).code == WEST and grid_at(*IN_EAST, on).code == EAST
    moved = WorkOrder.objects.get(pk=unplaced.pk)
    event = moved.events.get(kind="rehomed")
    assert moved.due_at == due and event.actor == town.system_admin
    assert [line for line in sentences.event_details(event) if "农大一网格 1" in line]
    held = Post.objects.filter(ends=None, area__code__in=(WEST, EAST)).values_list("person__username", "area__code")
    assert {("officer", EAST), ("chief", WEST), ("chief", EAST), ("part_timer", WEST)} <= set(held)
    assert not Post.objects.filter(person=town.informant, ends=None).exists()
    routes = Route.objects.filter(unit=town.hc, ends=None).values_list("area__code", flat=True)
    assert sorted(routes) == [WEST, EAST]
    sign.refresh_from_db()
    assert sign.area.code == EAST
    told = sentences.notice_text(Notice.objects.get(person=town.officer, kind="redivided"))
    assert "农大一网格 2" in told and "农大一网格" in told
    assert Notice.objects.filter(person=town.informant, kind="redivision_relieved").exists()
    outbox.drain()
    assert not list(audit.findings())
    admin.logout()
    asked = text(admin.get(f"/r/{town.main_grid.code}/"), 404)
    assert f"/r/{WEST}/" in asked and f"/r/{EAST}/" in asked
    assert "农大一网格 2" in text(admin.get(f"/r/{sign.code}/"))


def test_rows_that_follow_one_another_go_on_in_each_part(town, admin):
    on = clock.today()
    later = on + dt.timedelta(days=30)
    Route.objects.create(area=town.main_grid, unit=town.hc, starts=dt.date(2020, 1, 1), ends=later)
    Route.objects.create(area=town.main_grid, unit=town.um, starts=later)
    split(admin, town.main_grid)
    for code in (WEST, EAST):
        rows = Route.objects.filter(area__code=code).order_by("starts").values_list("unit", "starts", "ends")
        assert list(rows) == [(town.hc.pk, on, later), (town.um.pk, later, None)]
    assert [one.ends for one in Route.objects.filter(area=town.main_grid)] == [on]


def test_what_turns_up_later_follows(town, admin):
    closed = bring(report(town.neighbour, lon=IN_EAST[0], lat=IN_EAST[1], area=None), town, "closed")
    split(admin, town.main_grid)
    do("reopen", closed, town.duty, reason="又堆起来了")
    outbox.drain()
    assert lies_in(closed) == EAST
    outbox.drain()
    assert not list(audit.findings())


def test_neighbours_merge_and_their_old_signs_lead_on(town, admin):
    one, two = report(town.officer), report(town.neighbour, area=town.next_grid.code)
    for grid in (town.main_grid, town.next_grid):
        spots.open_spot(grid, name="东门", on=clock.today())
    Route.objects.create(area=town.main_grid, unit=town.hc, starts=dt.date(2020, 1, 1))
    Route.objects.create(area=town.next_grid, unit=town.um, starts=clock.today() + dt.timedelta(days=30))
    page = text(admin.post(f"/areas/{town.main_grid.code}/merge/", {"step": "join", "olds": town.next_grid.code}))
    assert "(100.00%)" in page and WEST in page
    page = looked(admin, town.main_grid, page, room="merge", part0_name="农大大网格")
    assert one.number in page and two.number in page
    confirmed(admin, town.main_grid, page, room="merge")
    assert lies_in(one) == lies_in(two) == WEST
    new = Area.objects.get(code=WEST)
    assert (new.name, set(new.predecessors.all())) == ("农大大网格", {town.main_grid, town.next_grid})
    assert Boundary.objects.get(area=new, ends=None).max_lon == pytest.approx(103.72)
    assert {post_of(one).area.code for one in (town.officer, town.neighbour)} == {WEST}
    assert len(set(new.spots.values_list("name", flat=True))) == 2
    assert list(Route.objects.filter(ends=None).values_list("area", "unit")) == [(new.pk, town.hc.pk)]
    for old in (town.main_grid, town.next_grid):
        assert admin.get(f"/r/{old.code}/")["Location"] == f"/r/{WEST}/"
    late = report(town.system_admin, area=town.next_grid.code)  # written before, sent after
    assert lies_in(late) == WEST


def test_a_later_day_waits_can_be_called_off_and_comes_by_itself(town, admin):
    day = clock.today() + dt.timedelta(days=3)
    then = dt.datetime.combine(day, dt.time(0, 1), clock.ZONE)
    plan = split(admin, town.main_grid, on=day.isoformat())
    assert plan.state == "planned" and not Area.objects.filter(code=WEST).exists()
    assert "It will be redivided on" in text(admin.get(f"/areas/{town.main_grid.code}/"))
    page = looked(admin, town.main_grid, cut(admin, town.main_grid), 409)
    assert "Call it off first" in page and "农大一网格" in page
    assert redividing.due(clock.now()) == []
    admin.post(f"/areas/changes/{plan.pk}/cancel/", {})
    plan.refresh_from_db()
    assert plan.state == "cancelled" and plan.cancelled_by == town.system_admin
    told = [sentences.notice_text(one) for one in Notice.objects.filter(person=town.officer).order_by("pk")]
    assert len(told) == 2 and "will become" in told[0] and "called off" in told[1]
    assert admin.post(f"/areas/changes/{plan.pk}/cancel/", {}).status_code == 409
    assert not redividing.carry_out(plan.pk, at=then)
    plan = split(admin, town.main_grid, on=day.isoformat())
    late = report(town.officer, lon=IN_EAST[0], lat=IN_EAST[1], area=None)  # reported while it waits
    assert redividing.due(then) == [plan.pk]
    assert redividing.carry_out(plan.pk, at=then) and redividing.carry_out(plan.pk, at=then)
    assert lies_in(late) != town.main_grid.code and RehomedOrder.objects.count() == 1
    assert Area.objects.get(pk=town.main_grid.pk).ends == day
    assert "1" in text(admin.get(f"/areas/changes/{plan.pk}/"))


def test_what_waits_stands_above_what_came_after_it(town, admin, monkeypatch):
    monkeypatch.setattr(list_of_changes, "SIZE", 1)
    waits = split(admin, town.main_grid, on=(clock.today() + dt.timedelta(days=3)).isoformat())
    line = json.dumps({"type": "LineString", "coordinates": [[103.715, 36.09], [103.715, 36.12]]})
    over = confirmed(admin, town.next_grid, looked(admin, town.next_grid, cut(admin, town.next_grid, line)))
    first, second = (admin.get(f"/areas/changes/?page={page}") for page in (1, 2))
    assert [[row["plan"].pk for row in one.context["rows"]] for one in (first, second)] == [[waits.pk], [over.pk]]
    assert 'rel="next"' in text(first) and 'rel="prev"' in text(second)


def test_what_does_not_fit_any_more_on_its_day_is_said(town, admin):
    day = clock.today() + dt.timedelta(days=3)
    plan = split(admin, town.main_grid, on=day.isoformat())
    taken = {
        "code": plan.body["parts"][0]["code"],
        "name": "抢先",
        "kind": "urban",
        "starts": clock.today().isoformat(),
    }
    text(admin.post("/areas/new/?under=620105006001", taken), 302)
    assert not redividing.carry_out(plan.pk, at=dt.datetime.combine(day, dt.time(0, 1), clock.ZONE))
    plan.refresh_from_db()
    told = sentences.notice_text(Notice.objects.get(person=town.system_admin))
    assert plan.state == "refused" and plan.refusal and plan.refusal in told
    assert Area.objects.get(pk=town.main_grid.pk).ends is None
    plan = split(admin, town.main_grid, on=day.isoformat())
    less = {"outline": json.dumps(box(103.70, 103.708)), "coordinates": System.WGS84, "confirmed": "on",
            "on": clock.today().isoformat()}  # fmt: skip
    text(admin.post(f"/areas/{town.main_grid.code}/", less), 302)
    assert not redividing.carry_out(plan.pk, at=dt.datetime.combine(day, dt.time(0, 1), clock.ZONE))
    plan.refresh_from_db()
    assert plan.state == "refused" and "25.00%" in plan.refusal


def test_more_orders_than_one_transaction_takes_go_over_in_batches(town, admin, monkeypatch):
    monkeypatch.setattr(redividing, "AT_ONCE", 1)
    monkeypatch.setattr(redividing, "BATCH", 2)
    made = [report(town.neighbour) for _ in range(4)]
    plan = split(admin, town.main_grid)
    assert plan.state == "moving" and RehomedOrder.objects.count() == 1
    assert tasks.redivide() == 1 and tasks.redivide() == 0
    plan.refresh_from_db()
    assert plan.state == "done" and len({lies_in(one) for one in made}) == 1
    assert Notice.objects.filter(kind="redivided", person=town.officer).count() == 1
    # A process that knew only the old areas for another second has put one there.
    WorkOrder.objects.filter(pk=made[0].pk).update(area=town.main_grid)
    assert tasks.redivide() == 1 and tasks.redivide() == 0
    assert lies_in(made[0]) == lies_in(made[1])


def box(west, east):
    return shapely.geometry.mapping(shapely.box(west, 36.10, east, 36.11))


@pytest.mark.parametrize(
    ("drawn", "said"),
    [
        ("", "Draw a line across the area"),
        ("{", "not GeoJSON"),
        (json.dumps({"type": "LineString", "coordinates": [[103.69, 36.09], [103.69, 36.2]]}), "does not divide"),
        (json.dumps({"type": "LineString", "coordinates": [[103.69, 36.09]]}), "cannot be read"),
        (json.dumps({"type": "GeometryCollection", "geometries": [box(103.70, 103.71)]}), "two to 6 outlines"),
    ],
)
def test_a_line_that_divides_nothing_is_said_and_kept(town, admin, drawn, said):
    page = cut(admin, town.main_grid, drawn, 400)
    assert said in page and drawn.replace('"', "&quot;") in page


def test_parts_that_are_not_the_old_outline_are_refused_with_figures(town, admin):
    drawn = {"type": "GeometryCollection", "geometries": [box(103.70, 103.704), box(103.705, 103.71)]}
    page = cut(admin, town.main_grid, json.dumps(drawn))
    assert "(10.00%)" in page and "The parts are not the old outline." in page
    page = looked(admin, town.main_grid, page, 400)
    assert "(10.00%) lie in no part" in page and 'value="confirm"' not in page


def test_what_the_parts_get_wrong_stands_at_their_fields(town, admin):
    page = cut(admin, town.main_grid)
    for changes, said in (
        ({"part0_code": town.next_grid.code}, "is taken"),
        ({"part0_code": EAST}, "stands here twice"),
        ({"part1_name": " "}, "This field is required"),
        ({"part0_code": "620105006002009"}, "does not begin with"),
        ({"on": (clock.today() - dt.timedelta(days=1)).isoformat()}, "What is past stays as it was"),
    ):
        assert said in looked(admin, town.main_grid, page, 400, **changes), changes
    assert not Redivision.objects.exists()


def test_only_administrators_of_the_area_divide_it(town, admin):
    assert admin.get(f"/areas/{town.far_grid.code}/split/").status_code == 404
    assert admin.get(f"/areas/{town.street.code}/split/").status_code == 404
    plan = split(admin, town.main_grid)
    other = Post.objects.get(person=town.system_admin)
    Post.objects.filter(pk=other.pk).update(area=town.district2)
    assert admin.get(f"/areas/changes/{plan.pk}/").status_code == 404
    assert plan.pk not in [row["plan"].pk for row in admin.get("/areas/changes/").context["rows"]]


def test_a_community_is_split_with_its_grids_and_past_paths_stay_known(town, admin):
    outline = shapely.box(103.70, 36.10, 103.72, 36.11)
    Boundary.objects.create(
        area=town.community, starts=dt.date(2020, 1, 1), geometry=shapely.geometry.mapping(outline),
        wkb=shapely.to_wkb(outline), min_lon=103.70, min_lat=36.10, max_lon=103.72, max_lat=36.11,
    )  # fmt: skip
    order = report(town.neighbour, area=town.next_grid.code)
    line = json.dumps({"type": "LineString", "coordinates": [[103.71, 36.09], [103.71, 36.12]]})
    page = looked(admin, town.community, cut(admin, town.community, line))
    assert "These units stay with the old area:" in page
    plan = confirmed(admin, town.community, page)
    codes = [part["code"] for part in plan.body["parts"]]
    parents = {one.code: one.parent.code for one in Area.objects.filter(level="grid").select_related("parent")}
    assert [parents[one.code] for one in (town.main_grid, town.next_grid)] == codes
    assert WorkOrder.objects.select_related("community").get(pk=order.pk).community.code == codes[1]
    outbox.drain()
    assert not list(audit.findings())


# --- areas one by one -------------------------------------------------------------------------------------------------


def test_a_new_area_is_opened_set_right_and_closed(town, admin):
    page = text(admin.get(f"/areas/new/?under={town.community.code}"))
    given = filled(page, code=WEST) | {"name": "农大三网格", "kind": "urban", "households": "320"}
    assert admin.post(f"/areas/new/?under={town.community.code}", given)["Location"] == f"/areas/{WEST}/"
    taken = admin.post(f"/areas/new/?under={town.community.code}", {**given, "form_key": ""})
    assert "is taken" in text(taken, 400) and "农大三网格" in taken.content.decode()
    text(admin.post(f"/areas/{WEST}/edit/", {"name": "农大南网格", "kind": "urban", "phone": "0931-7632000"}), 302)
    area = Area.objects.get(code=WEST)
    assert (area.name, area.phone, area.households) == ("农大南网格", "0931-7632000", None)
    assert [event.kind for event in area.events.order_by("sequence")] == ["created", "renamed", "amended"]
    assert admin.post(f"/areas/{WEST}/close/", {"on": clock.today().isoformat()}).status_code == 302
    assert "Closed since" in text(admin.get(f"/areas/{WEST}/"))
    assert "closed" in text(admin.get(f"/areas/{WEST}/split/"), 409)


def test_an_area_with_open_orders_or_posts_is_not_closed_and_says_which(town, admin):
    order = report(town.officer)
    page = text(admin.post(f"/areas/{town.main_grid.code}/close/", {"on": clock.today().isoformat()}), 409)
    assert order.number in page and "still open" in page and town.chief.name in page
    bring(order, town, "closed")
    page = text(admin.post(f"/areas/{town.main_grid.code}/close/", {"on": clock.today().isoformat()}), 409)
    assert "still held" in page
    assert Area.objects.get(pk=town.main_grid.pk).ends is None


def test_the_report_of_a_community_puts_the_worst_first(town, admin):
    def draw(area, west, east):
        shape = shapely.box(west, 36.10, east, 36.11)
        box = {"min_lon": west, "min_lat": 36.10, "max_lon": east, "max_lat": 36.11}
        given = {"starts": dt.date(2020, 1, 1), "geometry": shapely.geometry.mapping(shape), **box}
        Boundary.objects.update_or_create(area=area, ends=None, defaults={**given, "wkb": shapely.to_wkb(shape)})

    assert "the area has no outline of its own" in text(admin.get(f"/areas/{town.community.code}/"))
    draw(town.community, 103.70, 103.72)
    assert "nothing twice" in text(admin.get(f"/areas/{town.community.code}/"))
    draw(town.main_grid, 103.70, 103.711)
    draw(town.next_grid, 103.71, 103.717)
    page = text(admin.get(f"/areas/{town.community.code}/"))
    rows = page[page.index('id="mosaic"') :]
    assert "(15.00%)" in rows and "14.29%" in rows, "3 of 20 in nobody's land, 1 of 7 claimed twice"
    assert rows.index("Gap</span>") < rows.index("Overlap</span>") and f"/areas/{town.next_grid.code}/" in rows
    assert "Compare all outlines" in text(admin.get(f"/areas/{town.street.code}/"))
    assert "14.29%" in text(admin.get(f"/areas/{town.street.code}/?report=1"))
