"""One key, one effect, over HTTP."""

import json
import threading
import uuid

import pytest
from django.db import connection
from django.urls import get_resolver

from api.resource import Resource
from core import idempotency
from core.models import IdempotencyKey, Outbox
from tests.api.conftest import GRID, ROOT, run_to
from tests.api.test_problems import problem
from tests.workorders.images import encoded, scene
from workorders.models import WorkOrder, WorkOrderEvent

BODY = {"description": "幂等检查", "category": "0502", "area": GRID, "lon": None}


@pytest.fixture
def key():
    return str(uuid.uuid4())


@pytest.mark.django_db
def test_the_same_key_answers_the_first_result(api, key):
    first = api.officer.post("workorders/", BODY, key=key)
    assert first.status_code == 201 and "Idempotent-Replay" not in first
    api.acceptor.move(first.json()["number"], "accept", category="0502")
    again = api.officer.post("workorders/", BODY, key=key.upper())
    assert again.status_code == 201 and again["Idempotent-Replay"] == "true"
    assert again.content == first.content and again["Content-Type"] == first["Content-Type"]
    assert WorkOrder.objects.count() == 1 and WorkOrderEvent.objects.filter(kind="report").count() == 1
    assert Outbox.objects.filter(topic="workorders.reported").count() == 1


@pytest.mark.django_db
def test_equal_json_is_the_same_body_however_it_is_written(api, key):
    report = {"description": "路灯", "area": None, "lon": 103.705, "lat": 36.105, "fix": {"lon": 103, "lat": 36}}
    first = api.officer.post("workorders/", report, key=key)
    assert first.status_code == 201, first.content
    text = json.dumps(dict(reversed(report.items())), indent=2, ensure_ascii=False).replace(
        '"lon": 103,', '"lon": 103.0,'
    )
    headers = {**api.officer.headers, "Idempotency-Key": key}
    again = api.officer.client.post(ROOT + "workorders/", text, "application/json", headers=headers)
    assert again.json() == first.json() and again["Idempotent-Replay"] == "true"


@pytest.mark.django_db
def test_another_body_is_a_conflict(api, key):
    api.officer.post("workorders/", BODY, key=key)
    other = api.officer.post("workorders/", {**BODY, "description": "另一件"}, key=key)
    problem(other, 409, "idempotency_conflict")
    assert WorkOrder.objects.count() == 1


@pytest.mark.django_db
def test_a_key_belongs_to_person_method_and_path(api, key):
    numbers = {api.officer.post("workorders/", BODY, key=key).json()["number"]}
    numbers.add(api.acceptor.post("workorders/", BODY, key=key).json()["number"])
    public = {name: value for name, value in BODY.items() if value is not None}
    assert api.nobody.post("public/reports/", public, key=key).status_code == 201
    for number in sorted(numbers):
        assert api.acceptor.post(f"workorders/{number}/moves/comment/", {"text": "x"}, key=key).status_code == 200
    assert len(numbers) == 2 and WorkOrder.objects.count() == 3


@pytest.mark.django_db
def test_after_a_refusal_the_key_is_free(api, key):
    assert api.officer.post("workorders/", {**BODY, "category": "05"}, key=key).status_code == 400
    assert IdempotencyKey.objects.count() == 0
    assert api.officer.post("workorders/", BODY, key=key).status_code == 201
    number = WorkOrder.objects.get().number
    path, given = f"workorders/{number}/moves/accept/", {"category": "0502"}
    assert api.officer.post(path, given, key=key).status_code == 403
    assert api.acceptor.post(path, given, key=key).status_code == 200
    assert api.acceptor.post(path, given).status_code == 409
    assert api.acceptor.post(path, given, key=key)["Idempotent-Replay"] == "true"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "bad", ["", "x", "1234", "6a8f1dd46f3e4d0e9a3a0f6d1f2b3c4d", "{6a8f1dd4-6f3e-4d0e-9a3a-0f6d1f2b3c4d}"]
)
def test_a_key_is_a_uuid(api, bad):
    answer = api.officer.post("workorders/", BODY, headers={"Idempotency-Key": bad})
    assert problem(answer, 400, "bad_idempotency_key")
    assert WorkOrder.objects.count() == 0


@pytest.mark.django_db
def test_uploads_are_compared_by_fields_and_digests(api, key):
    number = api.officer.report().json()["number"]
    path, headers = f"workorders/{number}/attachments/", {"Idempotency-Key": key}
    photo, other = encoded(scene(), "PNG"), encoded(scene(seed=2), "PNG")
    first = api.officer.upload(path, photo, headers=headers, kind="report")
    again = api.officer.upload(path, photo, name="other-name.png", headers=headers, kind="report")
    assert first.status_code == again.status_code == 201 and first.json() == again.json()
    assert again["Idempotent-Replay"] == "true"
    problem(api.officer.upload(path, other, headers=headers, kind="report"), 409, "idempotency_conflict")
    problem(api.officer.upload(path, photo, headers=headers, kind="after"), 409, "idempotency_conflict")


@pytest.mark.django_db
def test_a_refused_post_without_a_key_leaves_nothing(api, monkeypatch):
    monkeypatch.setattr("api.workorders.orders.order_body", lambda *_args, **_more: 1 / 0)
    assert api.officer.report().status_code == 500
    assert WorkOrder.objects.count() == Outbox.objects.count() == 0


def test_every_post_goes_through_the_one_door():
    """Each routed POST is of a Resource, whose `initial` wraps it."""
    posts = 0
    for pattern in get_resolver("api.urls").url_patterns:
        actions = getattr(pattern.callback, "actions", None) or {}
        if "post" in actions:
            assert issubclass(pattern.callback.cls, Resource), pattern
            posts += 1
    assert posts >= 10


def _together(count, call):
    """The answers of so many threads that start at once."""
    barrier, answers = threading.Barrier(count), []

    def run(index):
        barrier.wait()
        try:
            answers.append(call(index))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(count)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return answers


@pytest.mark.django_db(transaction=True)
def test_many_at_once_with_one_key_make_one_order(api, key):
    assert api.officer.get("me/").status_code == 200
    answers = _together(8, lambda _index: api.officer.post("workorders/", BODY, key=key))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["number"] for answer in answers}) == 1
    assert sum("Idempotent-Replay" in answer for answer in answers) == 7
    assert WorkOrder.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_at_once_dispatch_once(api):
    number = run_to(api, "filed")
    units = ("620105-UM", "620105-HC")
    answers = _together(8, lambda index: api.dispatcher.move(number, "dispatch", unit=units[index % 2]))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
    assert WorkOrderEvent.objects.filter(kind="dispatch").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_twin_waits_for_the_first_only_so_long(api, key, monkeypatch):
    real, entered, leave = idempotency.once, threading.Event(), threading.Event()

    def slow(own_key, scope, request_hash, work, **more):
        def held():
            entered.set()
            leave.wait(10)
            return work()

        return real(own_key, scope, request_hash, held if not entered.is_set() else work, wait_seconds=0.3)

    monkeypatch.setattr(idempotency, "once", slow)
    first = []

    def run():
        first.append(api.officer.post("workorders/", BODY, key=key))
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert entered.wait(10)
    try:
        problem(api.officer.post("workorders/", BODY, key=key), 409, "idempotency_in_progress")
    finally:
        leave.set()
        thread.join()
    assert first[0].status_code == 201
    again = api.officer.post("workorders/", BODY, key=key)
    assert again.json() == first[0].json() and again["Idempotent-Replay"] == "true"
