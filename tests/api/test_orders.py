"""Reporting, reading and moving orders over HTTP."""

import datetime as dt

import pytest

from api import shapes
from core import clock, outbox, revisions
from core.vault import REVEALS_PER_HOUR, RevealLog
from grids.models import Area
from tests.api.conftest import COMMUNITY, DISTRICT, GRID, run_to
from tests.api.shape import same_members
from tests.api.test_problems import problem
from workorders import workflow
from workorders.models import Category, WorkOrder

pytestmark = pytest.mark.django_db
ENGLISH = {"Accept-Language": "en"}


def test_a_report_answers_the_order(api, town):
    lon, lat = town.inside(town.main_grid)
    answer = api.officer.report(area=None, lon=lon, lat=lat, address="农大路 12 号", urgency="urgent")
    order = answer.json()
    assert answer.status_code == 201
    same_members(order, shapes.Order)
    assert order["area"]["code"] == GRID and [step["level"] for step in order["area"]["path"]][-1] == "grid"
    assert order["location"] == {"lon": lon, "lat": lat} and order["urgency"] == "urgent"
    assert (order["status"], order["phase"], order["level"]) == ("reported", "report", "district")
    assert order["due_kind"] == "accept" and order["lamp"] == "green" and order["overdue"] is False
    assert order["reporter"] == {"name": "王*", "phone": None} and order["category"]["code"] == "0502"
    assert order["title"] == "楼下堆了建筑垃圾,已经三天没人清运" and "void" in order["moves"]
    assert dt.datetime.fromisoformat(order["reported_at"]).utcoffset() == dt.timedelta(hours=8)


def test_what_an_officer_settled_on_the_spot(api):
    answer = api.officer.report(category="0102", self_handled=True, result="当场调解,双方握手")
    order = answer.json()
    assert answer.status_code == 201 and order["status"] == "fed_back" and order["accepted_at"] is None
    outbox.drain()
    assert api.officer.get(f"workorders/{order['number']}/").json()["status"] in ("fed_back", "closed")


BAD_REPORTS = [
    ({"description": None}, "description", "required"),
    ({"description": ""}, "description", "required"),
    ({"description": "  "}, "description", "required"),
    ({"description": 5}, "description", None),
    ({"description": "x" * 4001}, "description", "too_long"),
    ({"title": "t" * 121}, "title", "too_long"),
    ({"category": "05"}, "category", "category_is_major"),
    ({"category": "9999"}, "category", "unknown_category"),
    ({"category": 502}, "category", "unknown_category"),
    ({"area": None}, "area", "place_required"),
    ({"area": COMMUNITY}, "area", "not_a_grid"),
    ({"area": "620105006001999"}, "area", "unknown_area"),
    ({"area": ["x"]}, "area", "unknown_area"),
    ({"lon": 103.705, "lat": 36.105}, "area", "place_twice"),
    ({"lon": 0, "lat": 0, "area": None}, "lon", "outside_all_grids"),
    ({"lon": "x", "lat": 1, "area": None}, "lon", None),
    ({"lon": 103.7, "area": None}, "lat", None),
    ({"lon": 103.7, "lat": 91, "area": None}, "lat", None),
    ({"urgency": "soon"}, "urgency", None),
    ({"urgency": ["normal"]}, "urgency", None),
    ({"source": "rumour"}, "source", None),
    ({"occurred_at": "2999-01-01T00:00:00+08:00"}, "occurred_at", None),
    ({"occurred_at": (clock.now() + dt.timedelta(days=2)).isoformat()}, "occurred_at", "in_the_future"),
    ({"occurred_at": "yesterday"}, "occurred_at", None),
    ({"reporter_phone": "call me"}, "reporter_phone", None),
    ({"fix": {"lon": 1}}, "fix", None),
    ({"self_handled": "perhaps"}, "self_handled", None),
    ({"self_handled": True}, "result", "required"),
    ({"status": "closed"}, "status", None),
]


@pytest.mark.parametrize("fields, field, code", BAD_REPORTS)
def test_bad_reports_say_what_is_wrong_in_both_languages(api, fields, field, code):
    words = {}
    for language in ("en", "zh-hans"):
        body = {"description": "垃圾", "category": "0502", "area": GRID, **fields}
        answer = api.officer.post(
            "workorders/", {k: v for k, v in body.items() if v is not None}, headers={"Accept-Language": language}
        )
        body = problem(answer, 400, code)
        assert field in body["errors"], body
        words[language] = body["errors"][field][0]
    assert words["en"].isascii() or "“" in words["en"]
    assert not WorkOrder.objects.exists()


def test_a_retired_grid_takes_no_reports(api, town):
    Area.objects.filter(pk=town.grid.pk).update(ends=town.on)
    revisions.reset_all()
    problem(api.acceptor.report(source="other"), 400, "retired_area")


def test_an_external_id_is_unique_per_source(api):
    for source in ("hotline", "leader"):
        assert api.acceptor.report(source=source, external_id="A-1").status_code == 201
    body = problem(api.acceptor.report(source="hotline", external_id="A-1"), 400, "duplicate_external_id")
    assert "external_id" in body["errors"] and WorkOrder.objects.count() == 2


def test_some_sources_are_the_centres(api):
    for source in ("hotline", "leader", "department"):
        problem(api.officer.report(source=source), 403, "source_not_yours")


def test_superusers_read_everything_and_move_nothing(api):
    number = run_to(api, "filed")
    assert api.admin.get(f"workorders/{number}/").json()["moves"] == []
    assert api.admin.get(f"workorders/{number}/moves/").json() == []
    assert api.admin.report().status_code == 403
    for move in workflow.MOVES:
        problem(api.admin.move(number, move.name), 403, "not_your_move")
    problem(api.admin.post(f"workorders/{number}/reveal/", {"field": "phone", "purpose": "x"}), 403)


def test_the_detail_has_the_members_of_the_schema(api):
    number = run_to(api, "handling")
    due = (clock.now() + dt.timedelta(days=1)).isoformat()
    WorkOrder.objects.filter(number=number).update(amber_at=clock.now() + dt.timedelta(hours=1))
    assert api.handler.move(number, "request_extension", until=due, reason="等材料").status_code in (200, 400)
    assert api.dispatcher.move(number, "co_dispatch", unit="620105-HC", task="一起看看").status_code == 200
    order = api.dispatcher.get(f"workorders/{number}/").json()
    same_members(order, shapes.OrderDetail)
    assert [part["kind"] for part in order["assignments"]] == ["lead", "co"]
    assert order["lead"] == {"code": "620105-UM", "name": "安宁区城市管理局"}
    assert [unit["code"] for unit in order["co_handlers"]] == ["620105-HC"]
    assert len(order["due_explained"]) > 20 and order["events"][0]["label"]
    assert all(event["actor"] or event["system"] for event in order["events"])
    assert [event["sequence"] for event in order["events"]] == list(range(1, len(order["events"]) + 1))
    assert api.handler.get("workorders/").json()["results"][0]["number"] == number
    same_members(api.handler.get("workorders/").json()["results"][0], shapes.OrderRow)


def test_events_and_explanations_speak_the_readers_language(api):
    number = run_to(api, "filed")
    order = api.dispatcher.get(f"workorders/{number}/", headers=ENGLISH).json()
    assert order["events"][0]["label"].isascii() and "It is due" in order["due_explained"]
    assert order["category"]["name"].isascii()
    assert not api.dispatcher.get(f"workorders/{number}/").json()["category"]["name"].isascii()


def test_offered_moves_are_the_ones_that_work(api):
    number = run_to(api, "reported")
    offered = api.acceptor.get(f"workorders/{number}/moves/").json()
    for move in offered:
        same_members(move, shapes.Move)
    names = {move["name"]: move for move in offered}
    assert {"accept", "decline", "merge", "verify"} <= set(names)
    accept = {spec["name"]: spec for spec in names["accept"]["inputs"]}
    assert accept["category"]["required"] and accept["urgency"]["choices"] == ["normal", "urgent", "emergency"]
    assert "choices" not in accept["category"]
    assert "dispatch" not in {move["name"] for move in api.officer.get(f"workorders/{number}/moves/").json()}
    english = api.acceptor.get(f"workorders/{number}/moves/", headers=ENGLISH).json()
    assert {move["label"] for move in english} >= {"Accept", "Decline"}


def test_a_move_is_judged_in_the_order_of_the_contract(api):
    number = run_to(api, "reported")
    path = f"workorders/{number}/moves/dispatch/"
    wrong = {"unit": 7, "colour": "red"}
    problem(api.nobody.post(path, wrong), 401)
    problem(api.officer2.post(path, wrong), 404)
    problem(api.officer.post(path, wrong), 403, "not_your_move")
    for body in (wrong, ["no", "object"]):
        problem(api.dispatcher.post(path, body), 409, "wrong_status")
    api.acceptor.move(number, "accept", category="0502")
    body = problem(api.dispatcher.post(path, wrong), 400)
    assert set(body["errors"]) == {"unit", "colour"}
    problem(api.dispatcher.post(path, ["no", "object"]), 400, "not_an_object")
    problem(api.dispatcher.post(path, {}), 400)
    problem(api.dispatcher.move(number, "fly"), 404, "no_such_move")
    problem(api.dispatcher.move(number, "pass_on"), 403)
    assert api.dispatcher.post(path, {"unit": "620105-UM"}).status_code == 200


def test_missing_and_extra_inputs_are_named(api):
    number = run_to(api, "reported")
    assert "category" in problem(api.acceptor.move(number, "accept"), 400)["errors"]
    assert "status" in problem(api.acceptor.move(number, "accept", category="0502", status="closed"), 400)["errors"]
    assert "reason" in problem(api.acceptor.move(number, "decline"), 400)["errors"]
    for value in ("05", "9999", 502, ["0502"], {"code": "0502"}):
        assert "category" in problem(api.acceptor.move(number, "accept", category=value), 400)["errors"]
    for value in ("99999999999999999999", -1, True, 1.5, [1], "x"):
        assert "officer" in problem(api.acceptor.move(number, "verify", officer=value), 400)["errors"]


def test_a_move_answers_the_order(api):
    number = run_to(api, "reported")
    answer = api.acceptor.move(number, "accept", category="0502", urgency="urgent")
    same_members(answer.json(), shapes.Order)
    assert answer.status_code == 200 and answer.json()["status"] == "filed" and answer.json()["accepted_at"]
    assert answer.json()["moves"] == api.acceptor.get(f"workorders/{number}/").json()["moves"]


def test_a_form_body_moves_as_json_does(api):
    number = run_to(api, "filed")
    path = f"/api/v1/workorders/{number}/moves/dispatch/"
    given = {"unit": "620105-UM", "co_units": ["620105-HC", "620105-CC"]}
    answer = api.dispatcher.client.post(path, given, headers=api.dispatcher.headers)
    assert answer.status_code == 200, answer.content
    assert len(answer.json()["co_handlers"]) == 2


def test_an_order_of_another_district_is_nowhere(api):
    """IDOR: every address below an order answers 404 to whoever does not see it."""
    number = run_to(api, "filed")
    for who in ("officer2", "dispatcher2", "handler", "handler2", "elsewhere", "neighbour", "former"):
        caller = getattr(api, who)
        for path in ("", "moves/", "similar/", "attachments/1/", "attachments/1/thumbnail/"):
            problem(caller.get(f"workorders/{number}/{path}"), 404)
        for path in ("moves/comment/", "moves/accept/", "moves/nothing/", "reveal/"):
            problem(caller.post(f"workorders/{number}/{path}", {"text": "x"}), 404)
        problem(caller.upload(f"workorders/{number}/attachments/", b"x"), 404)
        assert caller.get("workorders/", q=number, count=1).json()["count"] == 0


def test_merging_names_only_orders_one_sees(api):
    number = run_to(api, "reported")
    far = api.acceptor2.report(area="620102001001001", source="other").json()["number"]
    assert "into" in problem(api.acceptor.move(number, "merge", into=far), 400)["errors"]
    assert "into" in problem(api.acceptor.move(number, "merge", into=number), 400)["errors"]
    main = run_to(api, "reported")
    assert api.acceptor.move(number, "merge", into=main).json()["status"] == "merged"
    assert api.acceptor.get(f"workorders/{number}/").json()["main"] == main


def test_a_unit_keeps_reading_what_it_returned(api):
    number = run_to(api, "dispatched")
    assert api.handler.move(number, "return", reason="不属于本单位职责").status_code == 200
    assert api.handler.get(f"workorders/{number}/").status_code == 200
    problem(api.handler.move(number, "sign"), 403)


def test_the_third_return_is_refused(api):
    number = run_to(api, "filed")
    for unit, who in (("620105-UM", api.handler), ("620105-HC", api.handler2)):
        assert api.dispatcher.move(number, "dispatch", unit=unit).status_code == 200
        assert who.move(number, "return", reason="不属于本单位职责").json()["status"] == "filed"
    assert api.dispatcher.move(number, "dispatch", unit="620105-UM").status_code == 200
    problem(api.handler.move(number, "return", reason="仍不属于"), 409, "return_exhausted")


def test_similar_orders_are_those_one_sees(api):
    number, twin = run_to(api, "reported"), run_to(api, "reported")
    alike = api.acceptor.get(f"workorders/{number}/similar/").json()
    assert [one["number"] for one in alike] == [twin]
    same_members(alike[0], shapes.Similar)
    assert 0 < alike[0]["score"] <= 1 and alike[0]["reasons"]


# --- reveal ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def hotline(api):
    """A hotline order whose reporter gave name and phone, dispatched to urban management."""
    fields = {"source": "hotline", "external_id": "GD-1", "reporter_name": "李测试", "reporter_phone": "13912345678"}
    number = api.acceptor.report(**fields).json()["number"]
    assert api.acceptor.move(number, "accept", category="0502").status_code == 200
    assert api.dispatcher.move(number, "dispatch", unit="620105-UM").status_code == 200
    return number


def reveal(caller, number, field="phone", purpose="回访核实"):
    return caller.post(f"workorders/{number}/reveal/", {"field": field, "purpose": purpose})


@pytest.mark.parametrize("who", ["acceptor", "dispatcher", "handler", "head", "reviewer"])
def test_those_who_have_to_call_may_see_the_phone(api, town, hotline, who):
    answer = reveal(getattr(api, who), hotline)
    assert answer.status_code == 200 and answer.json() == {"field": "phone", "value": "13912345678"}
    assert reveal(getattr(api, who), hotline, "name").json()["value"] == "李测试"
    log = RevealLog.objects.order_by("pk").first()
    assert (log.actor_id, log.field, log.purpose) == (getattr(town, who).pk, "phone", "回访核实")


@pytest.mark.parametrize("who", ["officer", "clerk", "manager", "duty", "inspector", "chief", "admin", "assessor"])
def test_others_may_not(api, hotline, who):
    problem(reveal(getattr(api, who), hotline), 403)
    assert not RevealLog.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"field": "phone"},
        {"field": "phone", "purpose": " "},
        {"field": "address", "purpose": "x"},
        {"field": ["phone"], "purpose": "x"},
        {"field": "phone", "purpose": 5},
        {"field": "phone", "purpose": "x" * 201},
        {"field": "phone", "purpose": "x", "more": 1},
    ],
)
def test_a_reveal_needs_field_and_purpose(api, hotline, body):
    problem(api.acceptor.post(f"workorders/{hotline}/reveal/", body), 400)
    assert not RevealLog.objects.exists()


def test_thirty_reveals_an_hour_are_enough(api, hotline):
    for _ in range(REVEALS_PER_HOUR):
        assert reveal(api.acceptor, hotline).status_code == 200
    answer = reveal(api.acceptor, hotline)
    assert problem(answer, 429, "too_many_reveals") and answer["Retry-After"]
    assert reveal(api.dispatcher, hotline).status_code == 200


def test_no_answer_holds_the_phone_or_the_name(api, hotline):
    """Canaries: masked everywhere but in reveal/, for every reader and on every address."""
    WorkOrder.objects.filter(number=hotline).update(due_at=clock.now())
    outbox.drain()
    for who in ("acceptor", "dispatcher", "handler", "officer", "clerk", "duty", "reviewer", "admin", "manager"):
        caller = getattr(api, who)
        for path in ("", "moves/", "similar/"):
            text = caller.get(f"workorders/{hotline}/{path}").content.decode()
            assert "13912345678" not in text and "李测试" not in text, (who, path)
        for path in ("workorders/", "notices/", "people/", "me/"):
            text = caller.get(path).content.decode()
            assert "13912345678" not in text and "李测试" not in text, (who, path)
    row = api.handler.get(f"workorders/{hotline}/").json()
    assert row["reporter"] == {"name": "李*", "phone": "139****5678"}
    moved = api.handler.move(hotline, "sign").content.decode()
    assert "13912345678" not in moved and "李测试" not in moved


def test_categories_that_are_retired_take_no_reports(api):
    Category.objects.filter(code="0502").update(is_active=False)
    revisions.reset_all()
    problem(api.officer.report(), 400, "unknown_category")


def test_the_level_is_the_districts(api):
    order = api.officer.report().json()
    assert order["level"] == "district" and order["area"]["path"][1]["code"] == DISTRICT
