"""What assessors do over HTTP: schemes, items by hand, records, quarters, reviews, appeals; and what is refused."""

import copy
import datetime as dt
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from assessment import commands
from assessment.default_scheme import BODY
from assessment.models import Adjustment, AnnualReview, FactRecord, Run, SchemeVersion
from core import clock
from personnel.models import Post, User
from personnel.roles import Role
from tests.api.conftest import GRID, ROOT, Caller

pytestmark = pytest.mark.django_db


def another(town, name, area=None) -> Caller:
    """One more assessor with a token."""
    person = User.objects.create(username=name, name=name)
    Post.objects.create(person=person, role=Role.ASSESSOR, area=area or town.district, starts=dt.date(2020, 1, 1))
    return Caller(person)


def body_with(**weights) -> dict:
    body = copy.deepcopy(BODY)
    for code, weight in weights.items():
        body["indicators"][code]["weight"] = weight
    return body


# -- schemes ------------------------------------------------------------------------------------------------------


def test_a_scheme_from_draft_to_force(api, month, run):
    address = "assessment/schemes/default/versions/"
    key = str(uuid.uuid4())
    made = api.assessor.post(address, {"body": body_with(M05=10, M06=10), "note": "more for closing"}, key=key)
    again = api.assessor.post(address, {"body": body_with(M05=10, M06=10), "note": "more for closing"}, key=key)
    assert made.status_code == 201 and again["Idempotent-Replay"] == "true" and made.json() == again.json()
    number = made.json()["number"]
    assert number == 2 and SchemeVersion.objects.count() == 2
    one = f"{address}{number}/"
    changed = api.assessor.post(f"{one}change/", {"body": body_with(M05=9, M06=11)})
    assert changed.status_code == 200 and changed.json()["note"] == "more for closing"
    different = api.officer.get(f"{one}difference/?with=1").json()
    assert {row["path"] for row in different} == {"indicators.M05.weight", "indicators.M06.weight"}
    assert api.officer.get(f"{one}difference/?with=x").status_code == 400
    early = another(month, "early").post(f"{one}approve/", {"in_force_from": "2099-01"})
    assert (early.status_code, early.json()["code"]) == (409, "not_simulated")
    trial = api.assessor.post(f"{one}simulate/", {"period": month.period})
    assert trial.status_code == 202 and trial.json()["simulated"]
    pk = trial.json()["id"]
    assert api.assessor.get(f"assessment/runs/{pk}/comparison/").json()["code"] == "not_computed"
    commands.carry_out(pk, at=clock.now())
    found = api.assessor.get(f"assessment/runs/{pk}/comparison/").json()
    assert found["base"] == run and found["before"]["count"] == found["after"]["count"] > 0
    assert {row["code"] for row in found["grades"]} >= {"excellent", "unqualified"}
    assert api.assessor.post(f"assessment/runs/{pk}/publish/").json()["code"] == "scheme_not_approved"
    fixed = api.assessor.post(f"{one}change/", {"body": BODY})
    assert (fixed.status_code, fixed.json()["code"]) == (409, "drafted_on")
    mine = api.assessor.post(f"{one}approve/", {"in_force_from": "2099-01"})
    assert (mine.status_code, mine.json()["code"]) == (403, "two_people")
    second = another(month, "second")
    assert second.post(f"{one}approve/", {"in_force_from": "soon"}).status_code == 400
    assert second.post(f"{one}approve/", {"in_force_from": "2099-01"}).json()["approvals"] == 1
    done = another(month, "third").post(f"{one}approve/", {})
    assert done.json()["state"] == "approved" and done.json()["in_force_from"] == "2099-01"
    assert [row["number"] for row in api.officer.get(address).json()["results"]] == [2, 1]


@pytest.mark.parametrize(
    ("change", "member"),
    [
        (lambda body: body["indicators"]["M05"].update(weight="15"), "indicators"),
        (lambda body: body["indicators"]["M05"].update(curve={"kind": "eval", "code": "1"}), "indicators.M05.curve"),
        (lambda body: body["indicators"].update(X01={"weight": "0", "on": True, "curve": {"kind": "rate"}}),
         "indicators.X01"),
        (lambda body: body["indicators"]["M05"]["curve"].update(to="2"), "indicators.M05.curve.to"),
        (lambda body: body["items"]["K04"]["points"].update({"": "NaN"}), "items.K04.points."),
        (lambda body: body.update(bands=[{"code": "a", "from": 60}, {"code": "b", "from": 60}]), "bands"),
        (lambda body: body.update(magic=1), "magic"),
        (lambda body: body.pop("review"), "review"),
        (lambda body: body["legal_basis"].update(M10="\x00"), "body"),
    ],
)  # fmt: skip
def test_a_wrong_scheme_names_its_members(api, change, member):
    body = copy.deepcopy(BODY)
    change(body)
    answer = api.assessor.post("assessment/schemes/default/versions/", {"body": body})
    assert answer.status_code == 400 and answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "bad_scheme" and member in answer.json()["errors"]
    assert SchemeVersion.objects.count() == 1


def test_shapeless_schemes_are_refused(api):
    for body in ({}, {"body": None}, {"body": []}, {"body": {"indicators": []}}, {"body": BODY, "note": 7},
                 {"body": BODY, "speed": 1}):  # fmt: skip
        assert api.assessor.post("assessment/schemes/default/versions/", body).status_code == 400, body
    assert api.assessor.post("assessment/schemes/no such code/versions/", {"body": BODY}).status_code == 400
    made = api.assessor.post("assessment/schemes/street/versions/", {"body": BODY, "name": "街道方案"})
    assert made.status_code == 201 and api.officer.get("assessment/schemes/street/").json()["name"] == "街道方案"
    assert api.officer.get("assessment/schemes/nothing/versions/").status_code == 404
    assert api.officer.get("assessment/schemes/default/versions/9/").status_code == 404


def test_a_street_does_not_approve_the_citys_rules(api, month, run):
    made = commands.draft("default", by=month.assessor, at=clock.now(), body=body_with(M05=10, M06=10))
    commands.simulate(made, by=month.assessor, at=clock.now(), period=month.period)
    street = another(month, "street", month.street)
    answer = street.post("assessment/schemes/default/versions/2/approve/", {"in_force_from": "2099-01"})
    assert (answer.status_code, answer.json()["code"]) == (403, "district_approves")


# -- items by hand ------------------------------------------------------------------------------------------------


def test_an_item_needs_a_second_person(api, month):
    given = {"period": month.period, "area": GRID, "code": "K08", "cause": "摆拍", "order": month.late.number,
             "officer": month.officer.pk}  # fmt: skip
    made = api.assessor.post("assessment/adjustments/", given)
    assert made.status_code == 201 and made.json()["order"] == month.late.number
    one = f"assessment/adjustments/{made.json()['id']}/"
    waiting = api.assessor.get("assessment/adjustments/", waiting=1, period=month.period).json()["results"]
    assert [row["id"] for row in waiting] == [made.json()["id"]]
    assert api.assessor.post(f"{one}confirm/").json()["code"] == "second_person"
    second = another(month, "second")
    assert second.post(f"{one}confirm/").json()["confirmed_by"]["name"] == "second"
    assert second.post(f"{one}confirm/").json()["code"] == "confirmed"
    assert api.assessor.get("assessment/adjustments/", waiting=1).json()["results"] == []
    assert api.assessor.post("assessment/adjustments/", given).json()["code"] == "entered_already"
    assert api.assessor.post(f"{one}withdraw/", {"reason": ""}).status_code == 400
    assert api.assessor.post(f"{one}withdraw/", {"reason": "查无此事"}).json()["withdrawn_at"]
    assert api.assessor.post(f"{one}withdraw/", {"reason": "再来"}).json()["code"] == "withdrawn"
    assert api.officer.get("assessment/adjustments/").json()["results"] == []


@pytest.mark.parametrize(
    ("wrong", "member"),
    [
        ({"count": 0}, "count"),
        ({"count": 21}, "count"),
        ({"count": "many"}, "count"),
        ({"count": True}, "count"),
        ({"code": "K04"}, "code"),
        ({"code": "K14"}, "code"),
        ({"code": None}, "code"),
        ({"code": "V02", "count": 2}, "count"),
        ({"variant": "often"}, "variant"),
        ({"cause": "  "}, "cause"),
        ({"cause": "x" * 2001}, "cause"),
        ({"area": "620105006001"}, "area"),
        ({"area": 7}, "area"),
        ({"period": "2026"}, "period"),
        ({"period": "2099-12"}, "period"),
        ({"officer": 999999}, "officer"),
        ({"order": "nothing"}, "order"),
        ({"speed": 1}, "speed"),
    ],
)
def test_an_item_outside_its_range_is_refused(api, month, wrong, member):
    given = {"period": month.period, "area": GRID, "code": "K08", "cause": "摆拍", **wrong}
    answer = api.assessor.post("assessment/adjustments/", given)
    assert answer.status_code == 400 and member in answer.json()["errors"], answer.content.decode()
    assert not Adjustment.objects.exists()


def test_somebody_who_never_held_the_grid_and_a_foreign_grid_are_refused(api, month):
    given = {"period": month.period, "area": GRID, "code": "K08", "cause": "摆拍"}
    answer = api.assessor.post("assessment/adjustments/", {**given, "officer": month.officer2.pk})
    assert "officer" in answer.json()["errors"]
    assert api.assessor.post("assessment/adjustments/", {**given, "area": month.far_grid.code}).status_code == 403
    assert api.officer.post("assessment/adjustments/", {**given, "officer": "x"}).status_code == 403


def test_evidence_is_read_by_those_it_is_about(api, month):
    file = SimpleUploadedFile("proof.pdf", b"%PDF-1.4 proof", "application/pdf")
    fields = {"period": month.period, "area": GRID, "code": "K09", "cause": "推诿", "evidence": file}
    made = api.assessor.client.post(f"{ROOT}assessment/adjustments/", fields, headers=api.assessor.headers)
    assert made.status_code == 201, made.content
    address = made.json()["evidence"]
    answer = api.assessor.get(address)
    assert answer["Content-Disposition"].startswith("attachment") and b"".join(answer) == b"%PDF-1.4 proof"
    assert api.officer.get(address).status_code == 404
    pk = api.assessor.post("assessment/runs/", {"period": month.period}).json()["id"]
    commands.carry_out(pk, at=clock.now())
    api.assessor.post(f"assessment/runs/{pk}/publish/")
    assert b"".join(api.officer.get(address)) == b"%PDF-1.4 proof"
    for caller in (api.neighbour, api.manager, api.handler, api.nobody):
        assert caller.get(address).status_code in (401, 404)
    bad = SimpleUploadedFile("x.html", b"<script>")
    refused = api.assessor.client.post(
        f"{ROOT}assessment/adjustments/", {**fields, "evidence": bad}, headers=api.assessor.headers
    )
    assert refused.status_code in (400, 409)


# -- records ------------------------------------------------------------------------------------------------------


def day(month, number=3) -> str:
    return f"{month.period}-{number:02d}"


def test_records_are_entered_corrected_and_listed(api, month):
    given = {"kind": "visit", "area": GRID, "on": day(month), "done": False, "level": "red", "key": "王奶奶"}
    made = api.assessor.post("assessment/records/", given)
    assert made.status_code == 201 and made.json()["done"] is False
    again = api.assessor.post("assessment/records/", given)
    assert (again.status_code, again.json()["code"]) == (409, "recorded")
    one = f"assessment/records/{made.json()['id']}/"
    right = api.assessor.post(f"{one}correct/", {"done": True, "done_on": day(month, 5), "level": "red"}).json()
    assert right["done"] and right["done_on"] == day(month, 5)
    assert (
        api.assessor.get("assessment/records/", period=month.period, kind="visit", area=GRID, count=1).json()["count"]
        == 1
    )
    assert api.assessor.get("assessment/records/", kind="sample").json()["results"] == []
    for query in ({"kind": "dance"}, {"area": "nowhere"}, {"period": "soon"}):
        assert api.assessor.get("assessment/records/", **query).status_code == 400
    for wrong in ({"kind": "dance"}, {"on": "soon"}, {"level": "blue"}, {"key": ""}, {"done": "maybe"}, {"area": 7},
                  {"officer": "nobody"}, {"speed": 1}, {"kind": "missed"}, {"note": "x" * 300}):  # fmt: skip
        answer = api.assessor.post("assessment/records/", {**given, **wrong})
        assert answer.status_code == 400 and next(iter(wrong)) in {*answer.json()["errors"], "kind"}, wrong
    assert api.assessor.post("assessment/records/", {**given, "area": "620102001001001"}).status_code == 403
    assert FactRecord.objects.count() == 1


def sent(caller, content, name="records.csv", **fields):
    file = SimpleUploadedFile(name, content.encode())
    return caller.client.post(f"{ROOT}assessment/records/import/", {"file": file, **fields}, headers=caller.headers)


def test_a_file_is_looked_at_and_imported(api, month):
    rows = (
        "kind,area,on,done,level,key\n"
        f"visit,{GRID},{day(month)},yes,red,王奶奶\n"
        f"sample,{GRID},{day(month)},no,,房屋三\n"
    )
    look = sent(api.assessor, rows, dry="1").json()
    assert look == {"dry": True, "created": 2, "changed": 0, "unchanged": 0} and not FactRecord.objects.exists()
    assert sent(api.assessor, rows).json()["created"] == 2
    assert sent(api.assessor, rows).json() == {"dry": False, "created": 0, "changed": 0, "unchanged": 2}
    assert sent(api.assessor, rows.replace("no,,房屋三", "yes,,房屋三")).json()["changed"] == 1
    bad = sent(api.assessor, rows + f"dance,{GRID},soon,maybe,,\n")
    assert bad.status_code == 400 and bad["Content-Type"] == "application/problem+json"
    assert bad.json()["code"] == "bad_rows"
    assert {(one["line"], one["column"]) for one in bad.json()["data"]["problems"]} == {
        (4, "kind"), (4, "on"), (4, "done"), (4, "key"),
    }  # fmt: skip
    assert sent(api.assessor, "kind,area\n").status_code == 400
    assert sent(api.assessor, rows, name="a.exe").status_code == 400
    assert sent(api.officer, rows).status_code == 403
    assert FactRecord.objects.count() == 2


# -- quarters, years, reviews, appeals ------------------------------------------------------------------------------


def test_a_quarter_waits_for_its_months(api, month, run):
    quarter = f"{month.year}-Q{(month.month + 2) // 3}"
    answer = api.assessor.post("assessment/roll-ups/", {"period": quarter})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_all_published")
    for wrong in ({}, {"period": month.period}, {"period": quarter, "area": 7}, {"period": quarter, "speed": 1}):
        assert api.assessor.post("assessment/roll-ups/", wrong).status_code == 400
    assert not Run.objects.exclude(span="month").exists()


def test_reviews_are_entered(api, month):
    given = {"year": 2026, "area": GRID, "leaders": 90, "peers": "80.5", "residents": 70}
    assert api.assessor.post("assessment/reviews/", given).json()["peers"] == 80.5
    assert api.assessor.post("assessment/reviews/", {**given, "leaders": 91}).status_code == 201
    assert AnnualReview.objects.get().leaders == 91
    assert len(api.assessor.get("assessment/reviews/", year=2026).json()["results"]) == 1
    assert api.officer.get("assessment/reviews/").json()["results"] == []
    for wrong in ({"leaders": 101}, {"peers": "NaN"}, {"residents": None}, {"year": "x"}, {"area": "620105"},
                  {"officer": 999999}, {"year": 1}):  # fmt: skip
        assert api.assessor.post("assessment/reviews/", {**given, **wrong}).status_code == 400, wrong
    assert api.assessor.get("assessment/reviews/", year="x").status_code == 400


def test_an_appeal_carries_a_file_and_is_read_by_both_sides(api, month, run):
    api.assessor.post(f"assessment/runs/{run}/publish/")
    (mine,) = api.officer.get(f"assessment/runs/{run}/scores/", level="officer").json()["results"]
    address = f"{ROOT}assessment/scores/{mine['id']}/appeals/"
    fields = {"item": "K04", "order": month.late.number, "reason": "系统故障"}
    bad = api.officer.client.post(
        address, {**fields, "evidence": SimpleUploadedFile("x.exe", b"MZ")}, headers=api.officer.headers
    )
    assert bad.status_code == 400 and "evidence" in bad.json()["errors"]
    file = SimpleUploadedFile("proof.pdf", b"%PDF-1.4 proof", "application/pdf")
    made = api.officer.client.post(address, {**fields, "evidence": file}, headers=api.officer.headers).json()
    for caller in (api.officer, api.assessor):
        assert caller.get(f"assessment/appeals/{made['id']}/").json()["state"] == "open"
        assert b"".join(caller.get(made["evidence"])) == b"%PDF-1.4 proof"
    for caller in (api.neighbour, api.manager):
        assert caller.get(f"assessment/appeals/{made['id']}/").status_code == 404
        assert caller.get(made["evidence"]).status_code == 404
