"""Lists of orders: filters, paging in every ordering and both ways, counts, reach."""

import datetime as dt
from urllib.parse import urlsplit

import pytest

from core import clock
from tests.api.conftest import COMMUNITY, DISTRICT, GRID, run_to
from tests.api.test_problems import problem
from workorders.models import WorkOrder
from workorders.vocabulary import Urgency

pytestmark = pytest.mark.django_db


def numbers(answer):
    assert answer.status_code == 200, answer.content.decode()
    return [row["number"] for row in answer.json()["results"]]


@pytest.fixture
def many(api):
    """Twenty-five orders: equal and missing moments among them, every urgency, three grids."""
    grids = [GRID, GRID, "620105006001002", "620105001005001"]
    for index in range(25):
        answer = api.acceptor.report(area=grids[index % 4], description=f"第{index}件事", source="other")
        assert answer.status_code == 201, answer.content
    now, orders = clock.now(), list(WorkOrder.objects.order_by("pk"))
    for index, order in enumerate(orders):
        order.reported_at = now - dt.timedelta(minutes=index // 3)
        order.due_at = None if index % 5 == 0 else now + dt.timedelta(hours=index % 4)
        order.urgency = list(Urgency)[index % 3]
    WorkOrder.objects.bulk_update(orders, ["reported_at", "due_at", "urgency"])
    return orders


def walk(caller, link, **query):
    """All pages from the first on, following `next` or `previous`."""
    page, path = caller.get("workorders/", **query).json(), None
    pages = [page]
    while path := pages[-1][link]:
        parts = urlsplit(path)
        pages.append(caller.get(f"{parts.path}?{parts.query}").json())
    return pages


ORDERINGS = {
    "-reported_at": lambda order: (-order.reported_at.timestamp(), -order.pk),
    "due_at": lambda order: (order.due_at is None, order.due_at and order.due_at.timestamp(), order.pk),
    "-urgency": lambda order: (
        -["normal", "urgent", "emergency"].index(order.urgency),
        -order.reported_at.timestamp(),
        -order.pk,
    ),
}


@pytest.mark.parametrize("who", ["dispatcher", "admin", "officer", "clerk", "acceptor"])
@pytest.mark.parametrize("ordering", list(ORDERINGS))
def test_pages_have_no_holes_and_no_doubles_both_ways(api, town, many, ordering, who):
    caller, person = getattr(api, who), getattr(town, who)
    visible = WorkOrder.objects.visible_to(person, town.on)
    expected = [order.number for order in sorted(visible, key=ORDERINGS[ordering])]
    assert len(expected) > 10
    pages = walk(caller, "next", ordering=ordering, page_size=4)
    assert [row["number"] for page in pages for row in page["results"]] == expected
    assert pages[0]["previous"] is None and pages[-1]["next"] is None
    last = pages[-1]
    back, path = [last["results"]], last["previous"]
    while path:
        parts = urlsplit(path)
        page = caller.get(f"{parts.path}?{parts.query}").json()
        back.append(page["results"])
        assert page["next"] is not None
        path = page["previous"]
    assert [row["number"] for rows in reversed(back) for row in rows] == expected


def test_the_handler_pages_through_what_the_unit_ever_had(api):
    for _ in range(5):
        run_to(api, "dispatched")
    returned = run_to(api, "dispatched")
    assert api.handler.move(returned, "return", reason="不属于本单位职责").status_code == 200
    pages = walk(api.handler, "next", page_size=2)
    found = [row["number"] for page in pages for row in page["results"]]
    assert len(found) == len(set(found)) == 6 and returned in found


def test_a_new_order_moves_no_page(api, many):
    first = api.dispatcher.get("workorders/", page_size=10).json()
    api.officer.report(description="新来的一件")
    parts = urlsplit(first["next"])
    second = api.dispatcher.get(f"{parts.path}?{parts.query}").json()
    assert not {row["number"] for row in first["results"]} & {row["number"] for row in second["results"]}


def test_filters_stay_in_the_links(api, many):
    page = api.dispatcher.get("workorders/", page_size=2, area=COMMUNITY, urgency="urgent").json()
    parts = urlsplit(page["next"])
    second = api.dispatcher.get(f"{parts.path}?{parts.query}").json()
    assert all(row["urgency"] == "urgent" and row["area"]["code"].startswith(COMMUNITY) for row in second["results"])
    assert parts.scheme == "http" and "cursor=" in parts.query


def test_counts_are_exact_within_reach(api, many):
    assert api.dispatcher.get("workorders/", count=1, page_size=1).json()["count"] == 25
    assert api.officer.get("workorders/", count=1, page_size=1).json()["count"] == 13
    assert api.officer.get("workorders/", count=1, urgency="urgent").json()["count"] < 13
    assert api.officer2.get("workorders/", count=1).json()["count"] == 0
    assert "count" not in api.dispatcher.get("workorders/").json()


@pytest.mark.parametrize("size", ["0", "201", "100000", "-1", "x", "1.5", "١"])
def test_page_sizes_are_1_to_200(api, size):
    assert "page_size" in problem(api.officer.get("workorders/", page_size=size), 400, "bad_page_size")["errors"]
    assert api.officer.get("workorders/", page_size=200).status_code == 200


@pytest.mark.parametrize(
    "cursor",
    ["x", "%", "AAAA", "W10", "WyJmIl0", "WyJmIiwxLDJd", "WyJ4IiwiMjAyNi0wMS0wMSIsMV0", "é", "=" * 9, "A" * 5000],
)
def test_cursors_of_others_are_refused(api, cursor):
    problem(api.officer.get("workorders/", cursor=cursor), 400, "bad_cursor")


def test_a_cursor_belongs_to_its_ordering(api, many):
    page = api.dispatcher.get("workorders/", page_size=2, ordering="-urgency").json()
    cursor = page["next"].split("cursor=")[1].split("&")[0]
    problem(api.dispatcher.get("workorders/", cursor=cursor), 400, "bad_cursor")


def test_status_is_one_or_several(api):
    reported, filed, handling = run_to(api, "reported"), run_to(api, "filed"), run_to(api, "handling")
    assert numbers(api.dispatcher.get("workorders/", status="filed")) == [filed]
    assert set(numbers(api.dispatcher.get("workorders/", status="reported,handling"))) == {reported, handling}
    assert numbers(api.dispatcher.get("workorders/", status="closed")) == []
    for bad in ("nonsense", "reported,nonsense", "Reported"):
        assert "status" in problem(api.dispatcher.get("workorders/", status=bad), 400, "bad_filter")["errors"]


def test_a_major_category_includes_its_minors(api):
    one = api.officer.report().json()["number"]
    other = api.officer.report(category="0603").json()["number"]
    without = api.officer.report(category=None).json()["number"]
    assert numbers(api.dispatcher.get("workorders/", category="05")) == [one]
    assert numbers(api.dispatcher.get("workorders/", category="0603")) == [other]
    assert without in numbers(api.dispatcher.get("workorders/"))
    assert "category" in problem(api.dispatcher.get("workorders/", category="99"), 400)["errors"]


def test_an_area_includes_what_lies_below(api):
    here = api.officer.report().json()["number"]
    there = api.acceptor.report(area="620105001005001", source="other").json()["number"]
    assert set(numbers(api.dispatcher.get("workorders/", area=DISTRICT))) == {here, there}
    for code in ("620105006000", COMMUNITY, GRID):
        assert numbers(api.dispatcher.get("workorders/", area=code)) == [here]
    assert numbers(api.dispatcher.get("workorders/", area="620102000000")) == []
    assert "area" in problem(api.dispatcher.get("workorders/", area="1"), 400)["errors"]


def test_plain_filters(api, town):
    plain = api.officer.report().json()["number"]
    pressing = api.acceptor.report(urgency="emergency", source="hotline", external_id="a-1").json()["number"]
    assert numbers(api.dispatcher.get("workorders/", urgency="emergency")) == [pressing]
    assert numbers(api.dispatcher.get("workorders/", source="hotline")) == [pressing]
    assert numbers(api.dispatcher.get("workorders/", source="officer,public")) == [plain]
    WorkOrder.objects.filter(number=plain).update(difficulty=3, card="yellow")
    assert numbers(api.dispatcher.get("workorders/", difficulty=3)) == [plain]
    assert numbers(api.dispatcher.get("workorders/", card="yellow")) == [plain]
    for name, value in {
        "urgency": "soon",
        "source": "x",
        "difficulty": "9",
        "card": "green",
        "mine": "perhaps",
    }.items():
        assert name in problem(api.dispatcher.get("workorders/", **{name: value}), 400, "bad_filter")["errors"]


def test_several_faults_are_named_together(api):
    body = problem(api.dispatcher.get("workorders/", status="x", area="y", near="z"), 400, "bad_filter")
    assert set(body["errors"]) == {"status", "area", "near"}


def test_units_as_lead_or_co_handler(api):
    lead = run_to(api, "dispatched")
    run_to(api, "filed")
    assert numbers(api.dispatcher.get("workorders/", unit="620105-UM")) == [lead]
    assert numbers(api.dispatcher.get("workorders/", unit="620105-HC")) == []
    assert api.dispatcher.move(lead, "co_dispatch", unit="620105-HC", task="一起看看").status_code == 200
    assert numbers(api.dispatcher.get("workorders/", unit="620105-HC")) == [lead]
    assert "unit" in problem(api.dispatcher.get("workorders/", unit="nobody"), 400)["errors"]


def test_mine_is_what_waits_for_me(api):
    reported, filed, dispatched = run_to(api, "reported"), run_to(api, "filed"), run_to(api, "dispatched")
    assert numbers(api.acceptor.get("workorders/", mine=1)) == [reported]
    assert numbers(api.dispatcher.get("workorders/", mine=1)) == [filed]
    assert numbers(api.handler.get("workorders/", mine=1)) == [dispatched]
    assert numbers(api.handler2.get("workorders/", mine=1)) == []
    assert len(numbers(api.dispatcher.get("workorders/", mine=0))) == 3


def test_overdue_and_the_lamp(api):
    number = api.officer.report().json()["number"]
    now = clock.now()
    for due, amber, paused, lamp in (
        (now + dt.timedelta(hours=1), now + dt.timedelta(minutes=30), False, "green"),
        (now + dt.timedelta(hours=1), now - dt.timedelta(minutes=1), False, "amber"),
        (now - dt.timedelta(hours=1), now - dt.timedelta(hours=2), False, "red"),
        (now - dt.timedelta(hours=1), now - dt.timedelta(hours=2), True, "paused"),
    ):
        WorkOrder.objects.filter(number=number).update(due_at=due, amber_at=amber, clock_paused=paused)
        row = api.dispatcher.get("workorders/").json()["results"][0]
        assert (row["lamp"], row["overdue"]) == (lamp, lamp == "red")
        assert numbers(api.dispatcher.get("workorders/", overdue=1)) == ([number] if lamp == "red" else [])


def test_moments_are_half_open(api):
    number = api.officer.report().json()["number"]
    moment = dt.datetime(2026, 11, 2, 9, 30, tzinfo=clock.ZONE)
    WorkOrder.objects.filter(number=number).update(reported_at=moment, due_at=moment)
    seen = {
        ("reported_after", "2026-11-02T09:30:00+08:00"): True,
        ("reported_after", "2026-11-02T01:30:00Z"): True,
        ("reported_after", "2026-11-02T09:30:00 08:00"): True,  # an unescaped plus
        ("reported_after", "2026-11-02T09:30:01+08:00"): False,
        ("reported_after", "2026-11-02"): True,
        ("reported_before", "2026-11-02T09:30:00+08:00"): False,
        ("reported_before", "2026-11-02T09:30:01"): True,
        ("reported_before", "2026-11-02"): False,
        ("reported_before", "2026-11-03"): True,
        ("due_before", "2026-11-02T09:30:00+08:00"): False,
        ("due_before", "2026-11-02T09:31:00+08:00"): True,
    }
    for (name, value), there in seen.items():
        assert numbers(api.dispatcher.get("workorders/", **{name: value})) == ([number] if there else []), (name, value)
    for bad in ("yesterday", "2026-13-01", "2026-02-30T00:00:00Z"):
        assert "reported_after" in problem(api.dispatcher.get("workorders/", reported_after=bad), 400)["errors"]


def test_searching_finds_substrings_at_once(api):
    made = api.acceptor.report(
        title="农贸市场门口", description="地面Oil渗漏50%_严重", source="hotline", external_id="GD-2026-77"
    ).json()
    api.officer.report()
    for words in (made["number"], made["number"][3:9], "市场", "渗漏", "oil", "GD-2026", "50%_", "%_"):
        assert made["number"] in numbers(api.dispatcher.get("workorders/", q=words)), words
    assert numbers(api.dispatcher.get("workorders/", q="没有这样的")) == []
    assert "q" in problem(api.dispatcher.get("workorders/", q="市"), 400)["errors"]


def test_near_is_a_circle(api, town):
    lon, lat = town.inside(town.main_grid)
    number = api.officer.report(area=None, lon=lon, lat=lat).json()["number"]
    east = lon + 200 / 89_800  # 200 m at this latitude
    assert numbers(api.dispatcher.get("workorders/", near=f"{east},{lat},250")) == [number]
    assert numbers(api.dispatcher.get("workorders/", near=f"{east},{lat},150")) == []
    corner = f"{lon + 200 / 89_800},{lat + 200 / 111_195},250"
    assert numbers(api.dispatcher.get("workorders/", near=corner)) == []
    for bad in ("1,2", "a,b,c", "200,0,10", "0,0,0", "0,0,99999999", "nan,0,1", "0,inf,1"):
        assert "near" in problem(api.dispatcher.get("workorders/", near=bad), 400)["errors"]


def test_unknown_orderings_are_refused(api):
    assert "ordering" in problem(api.officer.get("workorders/", ordering="number"), 400, "bad_filter")["errors"]


def test_filters_combine(api):
    api.officer.report()
    answer = api.dispatcher.get(
        "workorders/", status="reported", category="05", area=COMMUNITY, q="垃圾", overdue=0, urgency="normal", count=1
    )
    assert len(numbers(answer)) == answer.json()["count"] == 1
