"""How many statements a request sends: within its budget, and the same for one row as for ten or two hundred."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import outbox
from tests.api.conftest import GRID, run_to

CREATE, MOVE, LIST, DETAIL = 12, 10, 6, 6
_FRAME = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


def statements(call):
    """The answer, and the statements it took, the frame of the transaction left out. Copies in memory are warm."""
    with CaptureQueriesContext(connection) as sent:
        answer = call()
    assert answer.status_code < 300, answer.content.decode()
    real = [one["sql"] for one in sent.captured_queries if not one["sql"].startswith(_FRAME)]
    return answer, [sql for sql in real if "core_revision" not in sql]


def fewest(call):
    """Of three tries the one that had to look up least."""
    return min((statements(call)[1] for _ in range(3)), key=len)


@pytest.mark.django_db
def test_creating_stays_within_its_budget(api):
    body = {"description": "楼下堆了建筑垃圾", "category": "0502", "area": GRID}
    sent = fewest(lambda: api.officer.post("workorders/", body, key=str(uuid.uuid4())))
    assert len(sent) <= CREATE, sent
    point = {"description": "楼下堆了建筑垃圾", "category": "0502", "lon": 103.705, "lat": 36.105}
    assert len(fewest(lambda: api.officer.post("workorders/", point, key=str(uuid.uuid4())))) <= CREATE


@pytest.mark.django_db
def test_each_step_of_the_loop_stays_within_its_budget(api):
    steps = (
        ("acceptor", "accept", {"category": "0502"}),
        ("dispatcher", "dispatch", {"unit": "620105-UM"}),
        ("handler", "sign", {}),
        ("handler", "feedback", {"internal_result": "a", "public_answer": "b", "resolved": True}),
        ("officer", "pass_check", {}),
        ("reviewer", "revisit", {"reached": True, "resolved": True, "satisfaction": 5}),
    )
    for who in {who for who, *_ in steps}:
        getattr(api, who).get("me/")
    run_to(api, "closed")
    number = api.officer.report().json()["number"]
    for who, name, inputs in steps:
        caller, path = getattr(api, who), f"workorders/{number}/moves/{name}/"
        _answer, sent = statements(lambda: caller.post(path, inputs, key=str(uuid.uuid4())))  # noqa: B023
        assert len(sent) <= MOVE, (name, len(sent), sent)


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["dispatcher", "officer", "handler", "admin"])
def test_lists_cost_the_same_for_one_row_and_for_ten(api, who):
    caller = getattr(api, who)
    run_to(api, "dispatched")
    one = fewest(lambda: caller.get("workorders/"))
    for _ in range(9):
        run_to(api, "handling")
    ten = fewest(lambda: caller.get("workorders/"))
    assert len(one) == len(ten) <= LIST, ten
    for query in ({"page_size": 2}, {"page_size": 200}, {"status": "handling", "category": "05"}, {"count": 1},
                  {"ordering": "due_at"}, {"mine": 1}, {"q": "垃圾"}, {"area": GRID, "overdue": 0}):  # fmt: skip
        assert len(fewest(lambda: caller.get("workorders/", **query))) <= LIST  # noqa: B023


@pytest.mark.django_db
def test_a_detail_costs_the_same_with_one_event_and_with_ten(api):
    number = run_to(api, "reported")
    one = fewest(lambda: api.dispatcher.get(f"workorders/{number}/"))
    for _ in range(9):
        api.dispatcher.move(number, "comment", text="还在吗")
    ten = fewest(lambda: api.dispatcher.get(f"workorders/{number}/"))
    assert len(one) == len(ten) <= DETAIL, ten
    assert len(fewest(lambda: api.dispatcher.get(f"workorders/{number}/moves/"))) <= DETAIL


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["areas/", "units/", "categories/", "people/", "notices/", "deadlines/?category=0502"])
def test_other_lists_cost_the_same_for_few_and_for_many(api, path):
    for _ in range(3):
        run_to(api, "reported")
    outbox.drain()
    join = "&" if "?" in path else "?"
    few = fewest(lambda: api.acceptor.get(f"{path}{join}page_size=1"))
    many = fewest(lambda: api.acceptor.get(f"{path}{join}page_size=200"))
    assert len(few) == len(many) <= LIST, many


@pytest.mark.django_db(transaction=True)
def test_a_change_is_one_commit(api, monkeypatch):
    monkeypatch.setattr(outbox._waker, "wake", lambda: None)
    number = run_to(api, "reported")
    for key in (None, str(uuid.uuid4())):
        with CaptureQueriesContext(connection) as sent:
            answer = api.acceptor.post(f"workorders/{number}/moves/comment/", {"text": "看过了"}, key=key)
        assert answer.status_code == 200
        frame = [one["sql"] for one in sent.captured_queries if one["sql"].startswith(_FRAME)]
        assert frame == ["BEGIN", "COMMIT"]
