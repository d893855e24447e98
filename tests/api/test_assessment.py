"""The assessment over HTTP: run, publish, explain, appeal; who sees what."""

import pytest

from assessment import commands
from assessment.models import Run
from core import clock

pytestmark = pytest.mark.django_db


def rows(caller, run, **query):
    answer = caller.get(f"assessment/runs/{run}/scores/", **query)
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def test_a_month_from_run_to_revision(api, month, run):
    assert api.assessor.get(f"assessment/runs/{run}/").json()["status"] == "computed"
    assert api.officer.get(f"assessment/runs/{run}/").status_code == 404
    assert api.assessor.post(f"assessment/runs/{run}/publish/").json()["status"] == "published"
    again = api.assessor.post("assessment/runs/", {"period": month.period})
    assert again.status_code == 409 and again.json()["code"] == "published"
    mine = rows(api.officer, run, level="officer")
    assert [one["officer"]["name"] for one in mine] == [month.officer.name]
    detail = api.officer.get(f"assessment/scores/{mine[0]['id']}/").json()
    total = sum(one["points"] for one in (*detail["indicators"], *detail["adjustments"]) if one["points"] is not None)
    assert abs(total - detail["score"]) < 0.001
    (cost,) = detail["adjustments"]
    assert (cost["code"], cost["points"]) == ("K04", -0.3) and month.late.number in cost["link"]
    evidence = api.officer.get(f"assessment/scores/{mine[0]['id']}/evidence/M05/").json()["results"]
    assert [one["number"] for one in evidence if not one["in_numerator"]] == [month.late.number]
    assert api.officer.get(f"assessment/scores/{mine[0]['id']}/evidence/X1/").status_code == 404
    ask = {"item": "K04", "order": month.late.number, "reason": "系统故障"}
    appeal = api.officer.post(f"assessment/scores/{mine[0]['id']}/appeals/", ask)
    assert appeal.status_code == 201, appeal.content
    assert (
        api.officer.post(f"assessment/appeals/{appeal.json()['id']}/rule/", {"uphold": True, "answer": "x"}).status_code
        == 403
    )
    ruled = api.assessor.post(
        f"assessment/appeals/{appeal.json()['id']}/rule/", {"uphold": True, "answer": "属实"}
    ).json()
    assert ruled["state"] == "upheld"
    commands.carry_out(ruled["revision"], at=clock.now())
    newest = api.officer.get("assessment/runs/", period=month.period).json()["results"][0]
    assert (newest["revision"], newest["reason"], newest["previous"]) == (2, "属实", run)
    assert rows(api.officer, newest["id"], level="officer")[0]["score"] > mine[0]["score"]
    assert rows(api.officer, run, level="officer")[0]["score"] == mine[0]["score"]


def test_who_sees_which_scores(api, month, run):
    api.assessor.post(f"assessment/runs/{run}/publish/")

    def codes(caller, **query):
        return {one["area"]["code"] for one in rows(caller, run, **query)}

    assert codes(api.officer, level="grid") == {month.main_grid.code}
    assert codes(api.instructor, level="grid") == {month.main_grid.code, month.next_grid.code, month.grid3.code}
    assert codes(api.assessor, level="grid", under=month.street2.code) == {month.grid4.code}
    assert len(rows(api.instructor, run, level="officer")) >= 2
    assert rows(api.informant, run, level="officer") == []
    assert [one["unit"]["code"] for one in rows(api.handler, run, level="unit")] == ["620105-UM"]
    assert api.dispatcher2.get(f"assessment/runs/{run}/").status_code == 404
    assert api.nobody.get(f"assessment/runs/{run}/").status_code == 401


def test_refusals(api, month, run):
    assert api.officer.post("assessment/runs/", {"period": month.period}).status_code == 403
    for body in ({}, {"period": "soon"}, {"period": month.period, "speed": 1}, [], {"period": "2199-01"}):
        assert api.assessor.post("assessment/runs/", body).status_code == 400, body
    assert api.assessor.post("assessment/runs/", {"period": month.period, "scheme": "x"}).status_code == 409
    assert api.assessor.get(f"assessment/runs/{run}/scores/", level="planet").status_code == 400
    assert api.assessor.post(f"assessment/runs/{run}/what-if/", {"weights": {"M05": 50}}).status_code == 400
    moved = api.assessor.post(f"assessment/runs/{run}/what-if/", {"weights": {"M05": 10, "M06": 10}})
    assert moved.status_code == 200 and moved.json()[0]["rank"] == 1
    assert api.officer.post(f"assessment/runs/{run}/what-if/", {"weights": {"M05": 10, "M06": 10}}).status_code == 404
    assert Run.objects.count() == 1


def test_schemes_are_open_to_everybody(api, db):
    found = api.officer.get("assessment/schemes/default/").json()
    assert sum(one["weight"] for one in found["indicators"]) == 100 and len(found["indicators"]) == 16
    assert len(found["counting_rules"]) == 8
    assert api.officer.get("assessment/schemes/").json()["results"][0]["code"] == "default"
    assert api.officer.get("assessment/schemes/none/").status_code == 404


def test_scores_are_paged(api, month, run):
    first = api.assessor.get(f"assessment/runs/{run}/scores/", level="grid", page_size=2, count=1).json()
    assert first["count"] == 4 and len(first["results"]) == 2 and first["previous"] is None
    second = api.assessor.get(first["next"]).json()
    seen = [one["id"] for one in (*first["results"], *second["results"])]
    assert len(set(seen)) == 4 and second["next"] is None
    assert [one["id"] for one in api.assessor.get(second["previous"]).json()["results"]] == seen[:2]
