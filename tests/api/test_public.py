"""Residents without an account: report, follow, find again, add, rate. Nothing they see names a person."""

import datetime as dt

import pytest

from api import shapes
from core import clock
from tests.api.conftest import GRID, run_to
from tests.api.shape import same_members
from tests.api.test_problems import problem
from workorders import floodgate
from workorders.models import PublicReport, WorkOrder, WorkOrderEvent

pytestmark = pytest.mark.django_db
REPORT = {"description": "单元门口路灯坏了", "category": "0603", "area": GRID, "reporter_phone": "13700001111"}


def send(api, **fields):
    body = {**REPORT, **fields}
    return api.nobody.post("public/reports/", {name: value for name, value in body.items() if value is not None})


def bring(api, number, status):
    steps = {
        "filed": ("acceptor", "accept", {"category": "0603"}),
        "dispatched": ("dispatcher", "dispatch", {"unit": "620105-UM"}),
        "handling": ("handler", "sign", {}),
        "fed_back": ("handler", "feedback", {"internal_result": "a", "public_answer": "已修好", "resolved": True}),
        "revisiting": ("officer", "pass_check", {}),
        "closed": ("duty", "close", {}),
    }
    for reached, (who, name, inputs) in steps.items():
        answer = getattr(api, who).move(number, name, **inputs)
        assert answer.status_code == 200, answer.content.decode()
        if reached == status:
            return


@pytest.fixture
def sent(api):
    """A report that came in: its answer, and the number staff know it by."""
    answer = send(api).json()
    return {**answer, "number": WorkOrder.objects.get().number}


def follow(api, sent):
    return api.nobody.get(f"public/reports/{sent['token']}/").json()


def test_a_report_gives_the_ways_back(api):
    answer = send(api)
    body = answer.json()
    assert answer.status_code == 201
    same_members(body, shapes.Receipt)
    assert len(body["token"]) >= 16 and len(body["code"]) == 10 and len(body["expect"]) > 5
    assert body["track_url"] == f"http://testserver/t/{body['token']}/"
    order = WorkOrder.objects.get()
    assert (order.source, order.reporter_id, order.level) == ("public", None, "district")
    assert "13700001111" not in answer.content.decode()


def test_no_account_is_asked_for_and_none_is_used(api):
    """A token that came along, good or bad, changes nothing: residents stay residents."""
    for headers in ({"Authorization": "Token nonsense"}, api.officer.headers):
        assert api.nobody.post("public/reports/", REPORT, headers=headers).status_code == 201
    assert set(WorkOrder.objects.values_list("reporter_id", flat=True)) == {None}


@pytest.mark.parametrize(
    "fields, field",
    [
        ({"description": ""}, "description"),
        ({"description": "x" * 4001}, "description"),
        ({"category": "06"}, "category"),
        ({"area": None}, "area"),
        ({"lon": 0, "lat": 0, "area": None}, "lon"),
        ({"source": "hotline"}, "source"),
        ({"reporter_phone": "x"}, "reporter_phone"),
        ({"external_id": "1"}, "external_id"),
        ({"self_handled": True, "result": "x"}, "self_handled"),
        ({"status": "closed"}, "status"),
    ],
)
def test_bad_reports_are_refused(api, fields, field):
    assert field in problem(send(api, **fields), 400)["errors"]
    assert not WorkOrder.objects.exists()


def test_following_shows_steps_dates_unit_and_answer(api, sent):
    seen = follow(api, sent)
    same_members(seen, shapes.Followed)
    assert seen["step"] == 1 and seen["dates"][0] and seen["dates"][1:] == [None] * 4 and seen["unit"] is None
    answer = {"internal_result": "内部", "public_answer": "已修好", "resolved": True}
    steps = (
        ("acceptor", "accept", {"category": "0603"}, "filed", 2),
        ("dispatcher", "dispatch", {"unit": "620105-UM"}, "dispatched", 2),
        ("handler", "sign", {}, "handling", 3),
        ("handler", "feedback", answer, "fed_back", 4),
        ("officer", "pass_check", {}, "revisiting", 5),
        ("duty", "close", {}, "closed", 5),
    )
    for who, name, inputs, status, step in steps:
        assert getattr(api, who).move(sent["number"], name, **inputs).status_code == 200
        seen = follow(api, sent)
        checked = status in ("revisiting", "closed")
        assert (seen["status"], seen["step"], seen["may_rate"]) == (status, step, checked)
        assert seen["public_answer"] == ("已修好" if checked else None) and "内部" not in str(seen)
    assert seen["unit"] == "安宁区城市管理局" and seen["over"] and all(seen["dates"])


def test_a_decline_shows_its_reason(api, sent):
    assert api.acceptor.move(sent["number"], "decline", reason="不属于本区").status_code == 200
    seen = follow(api, sent)
    assert seen["over"] and seen["public_answer"] == "不属于本区" and not seen["may_add"]


def test_a_merged_report_follows_the_main_order(api, sent):
    main = run_to(api, "handling")
    assert api.acceptor.move(sent["number"], "merge", into=main).status_code == 200
    seen = follow(api, sent)
    assert seen["merged"] and seen["status"] == "handling" and seen["step"] == 3 and seen["title"] == "单元门口路灯坏了"


def test_nothing_a_resident_sees_names_a_person(api, town, sent):
    bring(api, sent["number"], "closed")
    api.nobody.post(f"public/reports/{sent['token']}/remarks/", {"text": "谢谢"})
    text = str(follow(api, sent))
    for person in town.people:
        assert person.name not in text
    assert "13700001111" not in text and "137" not in text


def test_links_nobody_has_are_404(api):
    for token in ("a" * 32, "x", "1", "%20", "..", "'"):
        problem(api.nobody.get(f"public/reports/{token}/"), 404)
        problem(api.nobody.post(f"public/reports/{token}/remarks/", {"text": "x"}), 404)
        problem(api.nobody.post(f"public/reports/{token}/rating/", {}), 404)


def test_code_and_digits_find_it_again(api, sent):
    found = api.nobody.get("public/reports/", code=sent["code"].lower(), last4="1111")
    assert found.status_code == 200 and found.json() == follow(api, sent)
    spaced = f"{sent['code'][:5]} {sent['code'][5:]}"
    assert api.nobody.get("public/reports/", code=spaced, last4="1111").status_code == 200


def test_wrong_code_and_wrong_digits_get_the_same_answer(api, sent):
    wrong = [
        api.nobody.get("public/reports/", code=code, last4=last4)
        for code, last4 in ((sent["code"], "0000"), ("ZZZZZZZZZZ", "1111"), (sent["code"], "1"), ("x", "x"))
    ]
    assert {problem(answer, 404, "not_found")["detail"] for answer in wrong} == {wrong[0].json()["detail"]}
    assert len({answer.content for answer in wrong}) == 1


def test_a_report_without_a_phone_is_not_found_by_digits(api):
    code = send(api, reporter_phone=None).json()["code"]
    for last4 in ("", "0000", "+", "----"):
        assert api.nobody.get("public/reports/", code=code, last4=last4).status_code in (400, 404)


def test_both_are_needed_to_find_it(api):
    assert set(problem(api.nobody.get("public/reports/"), 400)["errors"]) == {"code", "last4"}


def test_guessing_digits_is_stopped_and_locks_nobody_else_out(api, sent):
    other = send(api, reporter_phone="13700002222").json()
    statuses = [
        api.nobody.get("public/reports/", code=sent["code"], last4=f"{guess:04}").status_code for guess in range(12)
    ]
    assert statuses[: floodgate.LOOKUPS_OF_CODE.size] == [404] * floodgate.LOOKUPS_OF_CODE.size
    answer = api.nobody.get("public/reports/", code=sent["code"], last4="1111")
    assert problem(answer, 429, "too_many") and int(answer["Retry-After"]) > 0
    assert api.nobody.get("public/reports/", code=other["code"], last4="2222").status_code == 200
    assert api.nobody.get(f"public/reports/{sent['token']}/").status_code == 200


def test_floods_are_stopped_with_words_in_both_languages(api, monkeypatch):
    monkeypatch.setattr(floodgate, "REPORTS_OF_ADDRESS", floodgate.Bucket("test-reports", 3, 600))
    assert [send(api).status_code for _ in range(4)] == [201, 201, 201, 429]
    answer = api.nobody.post("public/reports/", REPORT, headers={"Accept-Language": "en"})
    body = problem(answer, 429, "too_many")
    assert "Please try again" in body["detail"] and "call 12345" in body["detail"] and int(answer["Retry-After"]) > 0
    assert api.officer.report().status_code == 201  # signed-in people are not concerned
    neighbour = api.nobody.client.post("/api/v1/public/reports/", REPORT, "application/json", REMOTE_ADDR="10.9.8.7")
    assert neighbour.status_code == 201


def test_a_repeated_report_takes_no_token_and_makes_no_order(api, monkeypatch):
    monkeypatch.setattr(floodgate, "REPORTS_OF_ADDRESS", floodgate.Bucket("test-repeats", 1, 600))
    key = "7d0f7f2a-5c55-4a86-9c51-0d7a3a3d7c11"
    answers = [api.nobody.post("public/reports/", REPORT, key=key) for _ in range(4)]
    assert {answer.status_code for answer in answers} == {201} and len({one.content for one in answers}) == 1
    assert PublicReport.objects.count() == 1


def test_remarks_reach_the_people_at_work(api, sent):
    path = f"public/reports/{sent['token']}/remarks/"
    answer = api.nobody.post(path, {"text": "现在更暗了"})
    assert answer.status_code == 201
    same_members(answer.json(), shapes.Followed)
    event = WorkOrderEvent.objects.get(kind="remarked")
    assert event.data == {"text": "现在更暗了"} and event.actor_id is None
    shown = api.acceptor.get(f"workorders/{sent['number']}/").json()["events"][-1]
    assert shown["actor"] and not shown["system"]
    for body in ({}, {"text": " "}, {"text": 5}, {"text": "x" * 4001}, {"text": "x", "more": 1}):
        problem(api.nobody.post(path, body), 400)
    bring(api, sent["number"], "closed")
    problem(api.nobody.post(path, {"text": "谢谢"}), 409, "order_is_final")


def test_rating_is_early_once_and_late(api, sent):
    path, happy = f"public/reports/{sent['token']}/rating/", {"resolved": True, "satisfaction": 5}
    problem(api.nobody.post(path, happy), 409, "rating_not_open")
    bring(api, sent["number"], "revisiting")
    answer = api.nobody.post(path, {**happy, "note": "很快"})
    assert answer.status_code == 201 and answer.json()["status"] == "closed"
    same_members(answer.json(), shapes.Followed)
    assert answer.json()["rating"]["satisfaction"] == 5 and not answer.json()["may_rate"]
    problem(api.nobody.post(path, happy), 409, "rated_already")


def test_an_unhappy_rating_asks_for_a_reopening(api, sent):
    path = f"public/reports/{sent['token']}/rating/"
    bring(api, sent["number"], "closed")
    answer = api.nobody.post(path, {"resolved": False, "satisfaction": 1, "reasons": ["not_solved", "slow"]})
    assert answer.status_code == 201
    assert WorkOrder.objects.get(number=sent["number"]).reopen_requested_at is not None
    assert sent["number"] in [row["number"] for row in api.duty.get("workorders/", mine=1).json()["results"]]


def test_fourteen_days_after_the_close_it_is_too_late(api, sent):
    bring(api, sent["number"], "closed")
    WorkOrder.objects.update(closed_at=clock.now() - dt.timedelta(days=14))
    path = f"public/reports/{sent['token']}/rating/"
    problem(api.nobody.post(path, {"resolved": True, "satisfaction": 5}), 409, "rating_not_open")


@pytest.mark.parametrize(
    "body, field",
    [
        ({"satisfaction": 5}, "resolved"),
        ({"resolved": "perhaps", "satisfaction": 5}, "resolved"),
        ({"resolved": True}, "satisfaction"),
        ({"resolved": True, "satisfaction": 0}, "satisfaction"),
        ({"resolved": True, "satisfaction": 6}, "satisfaction"),
        ({"resolved": True, "satisfaction": True}, "satisfaction"),
        ({"resolved": True, "satisfaction": 4.5}, "satisfaction"),
        ({"resolved": True, "satisfaction": 5, "reasons": ["weather"]}, "reasons"),
        ({"resolved": True, "satisfaction": 5, "reasons": [["slow"]]}, "reasons"),
        ({"resolved": True, "satisfaction": 5, "note": "x" * 1001}, "note"),
        ({"resolved": True, "satisfaction": 5, "name": "x"}, "name"),
    ],
)
def test_bad_ratings_are_named(api, sent, body, field):
    assert field in problem(api.nobody.post(f"public/reports/{sent['token']}/rating/", body), 400)["errors"]


def test_a_question_is_answered_by_the_link(api, sent):
    bring(api, sent["number"], "handling")
    assert follow(api, sent)["question"] is None
    assert api.handler.move(sent["number"], "ask", question="几号楼?").json()["lamp"] == "paused"
    seen = follow(api, sent)
    same_members(seen, shapes.Followed)
    assert seen["question"]["text"] == "几号楼?" and seen["expected_by"] is None
    path = f"public/reports/{sent['token']}/answers/"
    assert problem(api.nobody.post(path, {"text": " "}), 400)["errors"]["text"]
    assert api.nobody.post(path, {"text": "三号楼"}).json()["question"] is None
    assert problem(api.nobody.post(path, {"text": "三号楼"}), 409)["code"] == "nothing_asked"
    assert not WorkOrder.objects.get().clock_paused
