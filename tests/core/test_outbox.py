"""What is told after a commit: once, whoever delivers it, and never at the cost of a request."""

import datetime as dt
import threading
import time

import pytest
from django.db import connection, transaction

from core import clock, outbox
from core.models import Outbox, Pulse
from core.transactions import unit_of_work

TOPIC = "test.told"


@pytest.fixture
def told(monkeypatch):
    """A handler that notes each telling both in the database and in a list."""
    seen = []

    def tell(name, fail=False):
        if fail:
            Pulse.objects.create(name=f"half done {name}", at=clock.now())
            raise RuntimeError(f"cannot tell {name}")
        seen.append(name)
        Pulse.objects.create(name=f"told {name} {len(seen)}", at=clock.now())

    monkeypatch.setitem(outbox._handlers, TOPIC, tell)
    return seen


@pytest.fixture
def bell(monkeypatch):
    """Count the messages to the broker instead of sending them."""
    rung = []
    waker = outbox.Waker(lambda: rung.append(time.monotonic()), pause=0.05, after_failure=0.05)
    monkeypatch.setattr(outbox, "_waker", waker)
    return rung


def until(condition, seconds=5):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return False


@pytest.mark.django_db
def test_row_outside_a_transaction_is_refused():
    connection.in_atomic_block, before = False, connection.in_atomic_block
    try:
        with pytest.raises(RuntimeError):
            outbox.add(TOPIC, name="a")
    finally:
        connection.in_atomic_block = before


@pytest.mark.django_db
def test_row_is_delivered_once(told):
    with unit_of_work():
        outbox.add(TOPIC, name="a")
    assert outbox.drain() == 1
    assert outbox.drain() == 0
    assert told == ["a"]
    row = Outbox.objects.get()
    assert row.done_at and row.attempts == 1


@pytest.mark.django_db
def test_refused_command_leaves_no_row(told):
    with pytest.raises(ZeroDivisionError), unit_of_work():
        outbox.add(TOPIC, name="a")
        raise ZeroDivisionError
    assert outbox.drain() == 0 and told == []


@pytest.mark.django_db
def test_limit_is_kept_and_order_is_that_of_the_rows(told):
    with unit_of_work():
        for name in "abc":
            outbox.add(TOPIC, name=name)
    assert outbox.drain(limit=2) == 2
    assert told == ["a", "b"]


@pytest.mark.django_db
def test_more_rows_than_one_batch(told):
    with unit_of_work():
        for number in range(outbox.BATCH * 2 + 3):
            outbox.add(TOPIC, name=str(number))
    assert outbox.relay() == outbox.BATCH * 2 + 3
    assert told == [str(number) for number in range(outbox.BATCH * 2 + 3)]


@pytest.mark.django_db
def test_what_a_handler_adds_is_delivered_by_the_same_run(told, monkeypatch):
    monkeypatch.setitem(outbox._handlers, "test.first", lambda: outbox.add(TOPIC, name="second"))
    with unit_of_work():
        outbox.add("test.first")
    assert outbox.relay() == 2
    assert told == ["second"]


@pytest.mark.django_db
def test_failing_handler_leaves_no_half_effect_and_stops_nobody(told):
    with unit_of_work():
        outbox.add(TOPIC, name="bad", fail=True)
        outbox.add(TOPIC, name="good")
    assert outbox.relay() == 1
    assert told == ["good"]
    assert not Pulse.objects.filter(name__startswith="half done").exists()
    row = Outbox.objects.get(done_at=None)
    assert row.attempts == 1 and "cannot tell bad" in row.last_error and not row.dead


@pytest.mark.django_db
def test_failing_row_waits_longer_each_time_and_is_given_up(told):
    with unit_of_work():
        outbox.add(TOPIC, name="bad", fail=True)
    at, waits = clock.now(), []
    for _ in range(outbox.MAX_ATTEMPTS):
        outbox.relay(at=at)
        row = Outbox.objects.get()
        waits.append(row.next_at - at)
        assert outbox.relay(at=row.next_at - dt.timedelta(milliseconds=1)) == 0
        assert Outbox.objects.get().attempts == row.attempts
        at = row.next_at
    assert waits == sorted(waits) and waits[0] < dt.timedelta(seconds=5) and waits[-1] == outbox.LONGEST_WAIT
    assert Outbox.objects.get().dead
    assert outbox.relay(at=at + dt.timedelta(days=1)) == 0
    assert Outbox.objects.get().attempts == outbox.MAX_ATTEMPTS


@pytest.mark.django_db
def test_topic_nobody_tells_is_kept_as_a_failure():
    with unit_of_work():
        outbox.add("test.unknown")
    assert outbox.relay() == 0
    assert "nobody tells test.unknown" in Outbox.objects.get().last_error
    Outbox.objects.update(next_at=clock.now())
    with pytest.raises(LookupError):
        outbox.drain()


@pytest.mark.django_db
def test_retry_revives_given_up_rows_only(told):
    with unit_of_work():
        outbox.add(TOPIC, name="done")
    outbox.drain()
    dead = Outbox.objects.create(topic=TOPIC, payload={"name": "dead"}, attempts=12, dead=True)
    assert outbox.retry(Outbox.objects.all()) == 1
    dead.refresh_from_db()
    assert not dead.dead and dead.attempts == 0
    assert outbox.drain() == 1 and told == ["done", "dead"]


@pytest.mark.django_db
def test_two_handlers_for_one_topic_are_refused(monkeypatch):
    monkeypatch.setattr(outbox, "_handlers", {})
    outbox.handler("test.x")(len)
    outbox.handler("test.x")(len)
    with pytest.raises(ValueError):
        outbox.handler("test.x")(max)


@pytest.mark.django_db(transaction=True)
def test_parallel_relays_deliver_each_row_once(told):
    with unit_of_work():
        for number in range(60):
            outbox.add(TOPIC, name=f"row {number}")
    barrier, done = threading.Barrier(6), []

    def run():
        barrier.wait()
        done.append(outbox.relay())
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(6)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sum(done) == 60
    assert sorted(told) == sorted(f"row {number}" for number in range(60))
    assert Pulse.objects.filter(name__startswith="told").count() == 60


@pytest.mark.django_db(transaction=True)
def test_bell_rings_after_the_commit_and_many_rows_ring_it_seldom(bell):
    with transaction.atomic():
        outbox.add(TOPIC, name="a")
        time.sleep(0.1)
        assert not bell
    assert until(lambda: bell)
    for number in range(40):
        with transaction.atomic():
            outbox.add(TOPIC, name=str(number))
    time.sleep(0.2)
    assert 2 <= len(bell) < 20


@pytest.mark.django_db(transaction=True)
def test_rolled_back_row_rings_nothing(bell):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        outbox.add(TOPIC, name="a")
        raise ZeroDivisionError
    time.sleep(0.15)
    assert not bell


def test_broker_that_hangs_costs_the_caller_nothing():
    release, begun, ended = threading.Event(), threading.Event(), threading.Event()

    def publish():
        begun.set()
        release.wait(30)
        ended.set()

    waker = outbox.Waker(publish)
    waker.wake()
    assert begun.wait(10)
    for _ in range(1000):
        waker.wake()
    assert not ended.is_set()  # the first message still hangs, and a thousand callers have gone on
    release.set()


def test_broker_that_fails_is_rung_again_and_nobody_hears_of_it():
    calls = []

    def publish():
        calls.append(1)
        if len(calls) < 3:
            raise OSError("connection refused")

    waker = outbox.Waker(publish, pause=0.01, after_failure=0.02)
    waker.wake()
    assert until(lambda: len(calls) == 3)
    time.sleep(0.1)
    assert len(calls) == 3


def test_forked_child_starts_a_thread_of_its_own():
    calls = []
    waker = outbox.Waker(lambda: calls.append(1), pause=0.01)
    waker.wake()
    assert until(lambda: calls)
    parent = waker._thread
    waker._pid -= 1  # as a child finds it
    waker.wake()
    assert until(lambda: len(calls) == 2)
    assert waker._thread is not parent
