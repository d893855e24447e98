"""One key, one effect, also when the same request is sent many times at once."""

import datetime as dt
import threading
import time

import pytest
from django.db import connection

from core import clock, idempotency
from core.errors import Invalid, NotAllowedNow
from core.idempotency import Result, once
from core.models import IdempotencyKey, Pulse

SCOPE = "person 1 POST /api/v1/workorders/"


def effect(name, pause=0.0):
    """Work that leaves one row, slowly if asked."""

    def work():
        number = Pulse.objects.filter(name__startswith=name).count()
        Pulse.objects.create(name=f"{name} {number}", at=clock.now())
        time.sleep(pause)
        return Result(201, f'{{"number": "{name}", "姓名": "王*"}}'.encode(), "application/json")

    return work


def in_parallel(number, run):
    """Run it in so many threads that start together, each with its own connection; results in no order."""
    barrier, results = threading.Barrier(number), []

    def body(index):
        barrier.wait()
        try:
            results.append(run(index))
        except Exception as error:  # noqa: BLE001 - the test looks at what was raised
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=body, args=(index,)) for index in range(number)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return results


@pytest.mark.django_db
def test_second_request_gets_the_first_answer():
    first, replayed = once("k", SCOPE, "h", effect("a"))
    assert not replayed and first.status == 201
    second, replayed = once("k", SCOPE, "h", effect("a"))
    assert replayed and second == first
    assert Pulse.objects.count() == 1


@pytest.mark.django_db
def test_key_belongs_to_its_scope():
    once("k", SCOPE, "h", effect("a"))
    _, replayed = once("k", "person 2 POST /api/v1/workorders/", "h", effect("a"))
    assert not replayed and Pulse.objects.count() == 2


@pytest.mark.django_db
def test_other_body_under_the_same_key_is_a_conflict():
    once("k", SCOPE, "h", effect("a"))
    with pytest.raises(NotAllowedNow) as refused:
        once("k", SCOPE, "other", effect("a"))
    assert refused.value.code == "idempotency_conflict" and refused.value.status == 409
    assert Pulse.objects.count() == 1


@pytest.mark.parametrize("key", ["", "k" * 201])
def test_key_of_no_use_is_refused(key):
    with pytest.raises(Invalid):
        once(key, SCOPE, "h", effect("a"))


@pytest.mark.django_db
def test_refusal_frees_the_key_and_leaves_nothing():
    def refuse():
        effect("half")()
        raise Invalid("bad")

    with pytest.raises(Invalid):
        once("k", SCOPE, "h", refuse)
    assert not Pulse.objects.exists() and not IdempotencyKey.objects.exists()
    _, replayed = once("k", SCOPE, "other body", effect("a"))
    assert not replayed


@pytest.mark.django_db
@pytest.mark.parametrize("status", [302, 400, 404, 409, 500])
def test_answer_that_is_no_success_is_returned_and_undone(status):
    def answer():
        effect("half")()
        return Result(status, b"{}")

    result, replayed = once("k", SCOPE, "h", answer)
    assert (result.status, replayed) == (status, False)
    assert not Pulse.objects.exists() and not IdempotencyKey.objects.exists()


@pytest.mark.django_db
def test_stored_answer_is_not_readable_in_the_table():
    once("k", SCOPE, "h", effect("a"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM core_idempotencykey")
        assert "number" not in cursor.fetchone()[0]


@pytest.mark.django_db
def test_limits_of_the_session_hold_again_for_the_work():
    def show():
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('lock_timeout') || ' ' || current_setting('statement_timeout')")
            return Result(200, cursor.fetchone()[0].encode())

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout') || ' ' || current_setting('statement_timeout')")
        usual = cursor.fetchone()[0].encode()
    result, _ = once("k", SCOPE, "h", show)
    assert result.body == usual


@pytest.mark.django_db
def test_first_request_costs_two_statements_beside_its_work(django_assert_num_queries):
    with django_assert_num_queries(4):  # and the test's own savepoint around it
        once("k", SCOPE, "h", lambda: Result(200, b"{}"))


@pytest.mark.django_db(transaction=True)
def test_sixteen_twins_have_one_effect_and_one_answer():
    results = in_parallel(16, lambda _: once("k", SCOPE, "h", effect("a", pause=0.2)))
    assert Pulse.objects.count() == 1
    assert sorted(replayed for _, replayed in results) == [False] + [True] * 15
    assert {result for result, _ in results} == {results[0][0]}


@pytest.mark.django_db(transaction=True)
def test_twins_of_a_refused_request_try_for_themselves():
    tried = []

    def work():
        tried.append(1)
        effect("a", pause=0.1)()
        if len(tried) == 1:
            raise Invalid("bad")
        return Result(201, b"{}")

    results = in_parallel(6, lambda _: once("k", SCOPE, "h", work))
    assert len(tried) == 2
    assert [type(result) for result in results].count(Invalid) == 1
    assert Pulse.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_different_keys_do_not_wait_for_each_other():
    inside = threading.Barrier(6)  # opens when all six are at work at once; breaks when one has to wait for another

    def work(index):
        inside.wait(20)
        return effect(f"a{index}")()

    results = in_parallel(6, lambda index: once(f"k{index}", SCOPE, "h", lambda: work(index)))
    assert not [result for result in results if isinstance(result, Exception)]
    assert Pulse.objects.count() == 6


@pytest.mark.django_db(transaction=True)
def test_who_waits_too_long_is_told_so():
    started = threading.Event()

    def slow():
        started.set()
        return effect("a", pause=1.5)()

    def run(index):
        if index == 0:
            return once("k", SCOPE, "h", slow)
        assert started.wait(5)
        return once("k", SCOPE, "h", slow, wait_seconds=0.3)

    results = in_parallel(2, run)
    refused = next(result for result in results if isinstance(result, Exception))
    assert isinstance(refused, NotAllowedNow) and refused.code == "idempotency_in_progress"
    assert Pulse.objects.count() == 1


@pytest.mark.django_db
def test_keys_are_kept_a_week_and_then_deleted():
    once("old", SCOPE, "h", effect("a"))
    once("young", SCOPE, "h", effect("b"))
    at = clock.now()
    IdempotencyKey.objects.filter(key="old").update(created_at=at - dt.timedelta(days=8, minutes=1))
    IdempotencyKey.objects.filter(key="young").update(created_at=at - dt.timedelta(days=7, hours=1))
    assert idempotency.tidy(at, batch=1) == 1
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["young"]
