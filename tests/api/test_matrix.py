"""Every route, every method, every kind of person: who gets which status. A route without a row fails."""

import datetime as dt

import pytest
from django.core.files.base import ContentFile
from django.urls import get_resolver

from assessment import commands as assessment
from assessment.models import Score
from core import clock
from tests.api.conftest import GRID, run_to
from tests.workorders.images import encoded, scene
from workorders.models import Notice, WorkOrder

pytestmark = pytest.mark.django_db

# Who asks: a stranger, the officer of the grid, the centre of the district, the unit that leads, somebody whose reach
# lies elsewhere, an administrator of posts, a superuser. The order is handled by urban management.
PEOPLE = "nobody officer clerk acceptor dispatcher handler officer2 former system_admin assessor admin".split()


def all_but(status, **others):
    """One status for everybody who is logged in, 401 for strangers, save for those named."""
    return {who: others.get(who, 401 if who == "nobody" else status) for who in PEOPLE}


def everybody(status):
    """One status for all, strangers included."""
    return dict.fromkeys(PEOPLE, status)


# Who sees the order of the table: not the officer of another grid, nor whoever's post has ended.
SEES = {"officer2": 404, "former": 404}
PHOTO = encoded(scene(64, 48), "PNG")

# route name → method → (path, body, status by person); {…} are filled in by the fixture.
ROWS = {
    "token": {"post": ("auth/token/", {"username": "officer", "password": "gridgov-demo"}, everybody(200))},
    "me": {"get": ("me/", None, all_but(200))},
    "areas": {"get": ("areas/", None, all_but(200))},
    "locate": {"get": ("areas/locate/?lon=103.705&lat=36.105", None, all_but(200))},
    "area": {"get": (f"areas/{GRID}/", None, all_but(200))},
    "units": {"get": ("units/", None, all_but(200))},
    "categories": {"get": ("categories/", None, all_but(200))},
    "deadlines": {"get": ("deadlines/", None, all_but(200))},
    "orders": {
        "get": ("workorders/", None, all_but(200)),
        "post": ("workorders/", {"description": "垃圾", "area": GRID}, all_but(201, admin=403)),
    },
    "order": {"get": ("workorders/{number}/", None, all_but(200, **SEES))},
    "moves": {"get": ("workorders/{number}/moves/", None, all_but(200, **SEES))},
    "move": {
        "post": (
            "workorders/{number}/moves/co_dispatch/",
            {},
            all_but(403, dispatcher=400, **SEES),
        )
    },
    "similar": {"get": ("workorders/{number}/similar/", None, all_but(200, **SEES))},
    "reveal": {
        "post": (
            "workorders/{number}/reveal/",
            {"field": "phone", "purpose": "回访"},
            all_but(403, acceptor=200, dispatcher=200, handler=200, **SEES),
        )
    },
    "attachments": {"post": ("workorders/{number}/attachments/", PHOTO, all_but(201, admin=403, **SEES))},
    "photo": {"get": ("workorders/{number}/attachments/{photo}/", None, all_but(200, **SEES))},
    "thumbnail": {"get": ("workorders/{number}/attachments/{photo}/thumbnail/", None, all_but(200, **SEES))},
    "notices": {"get": ("notices/", None, all_but(200))},
    "notice_read": {"post": ("notices/{notice}/read/", {}, all_but(404, officer=200))},
    "suggestions": {"post": ("suggestions/", {"text": "路灯不亮"}, all_but(200))},
    "people": {"get": ("people/", None, all_but(200))},
    "person_posts": {
        "get": ("people/{person}/posts/", None, all_but(404, officer=200, clerk=200, acceptor=200, dispatcher=200,
                                                       assessor=200, system_admin=200, admin=200)),
    },
    "posts": {
        "post": (
            "posts/",
            {"person": "{other}", "role": "informant", "area": GRID},
            all_but(403, system_admin=201, admin=409),
        )
    },
    "post_end": {
        "post": ("posts/{post}/end/", {}, all_but(404, officer=403, clerk=403, acceptor=403, dispatcher=403,
                                                  assessor=403, system_admin=200, admin=409)),
    },
    "public_reports": {
        "get": ("public/reports/?code={who}&last4=0000", None, everybody(404)),
        "post": ("public/reports/", {"description": "路灯", "area": GRID}, everybody(201)),
    },
    "public_report": {"get": ("public/reports/{token}/", None, everybody(200))},
    "public_remarks": {"post": ("public/reports/{token}/remarks/", {"text": "更暗了"}, everybody(201))},
    "public_answers": {"post": ("public/reports/{token}/answers/", {"text": "三楼"}, everybody(409))},
    "public_rating": {
        "post": ("public/reports/{token}/rating/", {"resolved": True, "satisfaction": 5}, everybody(409))
    },
    "schemes": {"get": ("assessment/schemes/", None, all_but(200))},
    "scheme": {"get": ("assessment/schemes/{scheme}/", None, all_but(200))},
    "runs": {
        "get": ("assessment/runs/", None, all_but(200)),
        "post": ("assessment/runs/", {"period": "{period}"}, all_but(403, assessor=202)),
    },
    "run": {"get": ("assessment/runs/{run}/", None, all_but(404, assessor=200, admin=200))},
    "run_publish": {"post": ("assessment/runs/{run}/publish/", {}, all_but(404, assessor=200, admin=403))},
    "run_cancel": {"post": ("assessment/runs/{run}/cancel/", {}, all_but(404, assessor=409, admin=403))},
    "run_restart": {"post": ("assessment/runs/{run}/restart/", {}, all_but(404, assessor=409, admin=403))},
    "run_scores": {"get": ("assessment/runs/{run}/scores/", None, all_but(404, assessor=200, admin=200))},
    "run_what_if": {
        "post": ("assessment/runs/{run}/what-if/", {"weights": {}}, all_but(404, assessor=400, admin=403))
    },
    "run_workbook": {"get": ("assessment/runs/{run}/workbook/", None, all_but(404, assessor=200, admin=200))},
    "run_bulletin_word": {"get": ("assessment/runs/{run}/bulletin/word/", None, all_but(404, assessor=200, admin=200))},
    "run_bulletin_pdf": {"get": ("assessment/runs/{run}/bulletin/pdf/", None, all_but(404, assessor=200, admin=200))},
    "run_comparison": {"get": ("assessment/runs/{run}/comparison/", None, all_but(404, assessor=409, admin=403))},
    "versions": {
        "get": ("assessment/schemes/{scheme}/versions/", None, all_but(200)),
        "post": ("assessment/schemes/{scheme}/versions/", {"body": {}}, all_but(403, assessor=400)),
    },
    "version": {"get": ("assessment/schemes/{scheme}/versions/1/", None, all_but(200))},
    "version_difference": {"get": ("assessment/schemes/{scheme}/versions/1/difference/?with=1", None, all_but(200))},
    "version_amend": {
        "post": ("assessment/schemes/{scheme}/versions/1/change/", {"body": {}}, all_but(403, assessor=409))
    },
    "version_simulate": {
        "post": ("assessment/schemes/{scheme}/versions/1/simulate/", {"period": "{period}"}, all_but(403, assessor=202))
    },
    "version_approve": {"post": ("assessment/schemes/{scheme}/versions/1/approve/", {}, all_but(403, assessor=409))},
    "roll_ups": {"post": ("assessment/roll-ups/", {"period": "2026-Q1"}, all_but(403, assessor=409))},
    "reviews": {
        "get": ("assessment/reviews/", None, all_but(200)),
        "post": (
            "assessment/reviews/",
            {"year": 2026, "area": GRID, "leaders": 90, "peers": 80, "residents": 70},
            all_but(403, assessor=201),
        ),
    },
    "adjustments": {
        "get": ("assessment/adjustments/", None, all_but(200)),
        "post": (
            "assessment/adjustments/",
            {"period": "{period}", "area": GRID, "code": "K09", "cause": "推诿"},
            all_but(403, assessor=201),
        ),
    },
    "adjustment": {"get": ("assessment/adjustments/{item}/", None, all_but(404, assessor=200, admin=200))},
    "adjustment_confirm": {
        "post": ("assessment/adjustments/{item}/confirm/", {}, all_but(404, assessor=403, admin=403))
    },
    "adjustment_withdraw": {
        "post": ("assessment/adjustments/{item}/withdraw/", {}, all_but(404, assessor=400, admin=403))
    },
    "adjustment_evidence": {
        "get": ("assessment/adjustments/{item}/evidence/", None, all_but(404, assessor=200, admin=200))
    },
    "records": {
        "get": ("assessment/records/", None, all_but(200)),
        "post": (
            "assessment/records/",
            {"kind": "sample", "area": GRID, "on": "{day}", "done": False, "key": "房屋三"},
            all_but(403, assessor=201),
        ),
    },
    "record_import": {"post": ("assessment/records/import/", b"kind,area\n", all_but(403, assessor=400))},
    "record": {"get": ("assessment/records/{record}/", None, all_but(404, assessor=200, admin=200))},
    "record_correct": {
        "post": ("assessment/records/{record}/correct/", {"done": True}, all_but(404, assessor=200, admin=403))
    },
    "score": {"get": ("assessment/scores/{score}/", None, all_but(404, assessor=200, admin=200))},
    "evidence": {
        "get": ("assessment/scores/{score}/evidence/{indicator}/", None, all_but(404, assessor=200, admin=200))
    },
    "score_appeals": {"post": ("assessment/scores/{score}/appeals/", {}, all_but(404, assessor=403, admin=403))},
    "appeals": {"get": ("assessment/appeals/", None, all_but(200))},
    "appeal": {"get": ("assessment/appeals/0/", None, all_but(404))},
    "appeal_evidence": {"get": ("assessment/appeals/0/evidence/", None, all_but(404))},
    "appeal_rule": {"post": ("assessment/appeals/0/rule/", {}, all_but(404))},
    "appeal_second": {"post": ("assessment/appeals/0/second/", {}, all_but(404))},
    "schema": {"get": ("schema/", None, everybody(200))},
    "docs": {"get": ("docs/", None, everybody(200))},
}  # fmt: skip


def routes():
    """(name, method) of every route of the door, the one for unknown addresses left out."""
    found = set()
    for pattern in get_resolver("api.urls").url_patterns:
        if pattern.name is None:
            continue
        actions = getattr(pattern.callback, "actions", None) or {"get": pattern.name}
        found |= {(pattern.name, method) for method in actions if method != "head"}
    return found


def test_every_route_has_its_row():
    assert routes() == {(name, method) for name, methods in ROWS.items() for method in methods}
    assert [pattern.name for pattern in get_resolver("api.urls").url_patterns].count(None) == 1


@pytest.fixture
def things(api, town):
    number = run_to(api, "handling")
    photo = api.officer.upload(f"workorders/{number}/attachments/", PHOTO).json()["id"]
    notice = Notice.objects.create(person=town.officer, kind="close", created_at="2026-01-01T00:00:00Z")
    token = api.nobody.post("public/reports/", {"description": "路灯", "area": GRID}).json()["token"]
    return {
        "number": number,
        "photo": photo,
        "notice": notice.pk,
        "token": token,
        "person": town.officer.pk,
        "other": town.handler2.pk,
        "post": town.part_timer.posts.get().pk,
    }


@pytest.fixture
def assessed(api, things):
    """Last month, computed by the assessor and not published: the grid's score in it, and one of its indicators."""
    last = clock.today().replace(day=1) - dt.timedelta(days=1)
    period = f"{last:%Y-%m}"
    WorkOrder.objects.update(reported_at=clock.day(last)[0])
    answer = api.assessor.post("assessment/runs/", {"period": period})
    run = answer.json().get("id")
    assert run, answer.content.decode()
    assessment.carry_out(run, at=clock.now())
    score = Score.objects.filter(run=run, area__code=GRID).first().pk
    indicator = api.assessor.get(f"assessment/scores/{score}/").json()["indicators"][0]["code"]
    scheme = api.assessor.get("assessment/schemes/").json()["results"][0]["code"]
    item = assessment.enter(
        period=period, area=GRID, code="K08", cause="摆拍", by=api.town.assessor, at=clock.now(),
        evidence=ContentFile(b"%PDF-1.4", "proof.pdf"),
    )  # fmt: skip
    record = assessment.note(
        by=api.town.assessor, at=clock.now(), kind="sample", area=GRID, on=last, done="no", key="房屋一"
    )
    things = {**things, "item": item.pk, "record": record.pk, "day": last.isoformat()}
    return {**things, "run": run, "score": score, "indicator": indicator, "scheme": scheme, "period": period}


@pytest.mark.parametrize("name, method", sorted((name, method) for name in ROWS for method in ROWS[name]))
def test_each_person_gets_the_status_of_the_table(api, request, name, method):
    path, body, statuses = ROWS[name][method]
    things = request.getfixturevalue("assessed" if path.startswith("assessment/") else "things")
    if isinstance(body, dict):
        filled = {"{other}": "other", "{period}": "period", "{day}": "day"}
        body = {
            key: things[filled[value]] if isinstance(value, str) and value in filled else value
            for key, value in body.items()
        }
    found = {}
    for who in PEOPLE:
        caller = getattr(api, who)
        address = path.format(**things, who=who)
        if method == "get":
            answer = caller.get(address)
        elif isinstance(body, bytes):
            answer = caller.upload(address, body)
        else:
            answer = caller.post(address, body)
        found[who] = answer.status_code
        if answer.streaming:
            b"".join(answer.streaming_content)
    assert found == statuses
