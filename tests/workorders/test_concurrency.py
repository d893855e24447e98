"""Many sessions at the same orders, with real threads and real commits: nobody twice, nothing lost."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections

from core.errors import DomainError, NotAllowedNow
from tests import town as cast
from tests.workorders.acting import bring, do, report
from workorders.models import Assignment, WorkOrder, WorkOrderEvent

pytestmark = pytest.mark.django_db(transaction=True)
SESSIONS, ORDERS = 8, 12


def at_once(jobs):
    """Run the jobs in threads that start together, each on a connection of its own; returns results or refusals."""
    gate = threading.Barrier(len(jobs))

    def run(job):
        try:
            gate.wait()
            return job()
        except DomainError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def won(results) -> int:
    return sum(not isinstance(result, DomainError) for result in results)


def test_eight_sessions_dispatch_one_order_once():
    town = cast.build()
    for _order in range(ORDERS):
        order = bring(report(town.officer), town, "filed")
        jobs = [
            lambda unit=("620105-UM", "620105-HC")[n % 2], order=order: do(
                "dispatch", order, town.dispatcher, unit=unit
            )
            for n in range(SESSIONS)
        ]
        results = at_once(jobs)
        assert won(results) == 1
        assert Counter(getattr(result, "code", "done") for result in results) == {
            "done": 1,
            "wrong_status": SESSIONS - 1,
        }
        assert Assignment.objects.filter(order=order).count() == 1
        assert WorkOrderEvent.objects.filter(order=order, kind="dispatch").count() == 1


def test_signing_and_returning_exclude_each_other_nothing_is_half_done():
    town = cast.build()
    for _order in range(ORDERS):
        order = bring(report(town.officer), town, "dispatched")
        jobs = [
            (lambda order=order: do("sign", order, town.handler))
            if n % 2
            else (lambda order=order: do("return", order, town.handler, reason="不属于本单位职责"))
            for n in range(SESSIONS)
        ]
        at_once(jobs)
        order = WorkOrder.objects.get(pk=order.pk)
        kinds = list(order.events.values_list("kind", flat=True))[3:]
        assert kinds in (["return"], ["sign", "return"], ["sign"]), kinds
        assert order.status == ("handling" if kinds == ["sign"] else "filed")
        assert order.returns == kinds.count("return")
        assert list(order.events.values_list("sequence", flat=True)) == list(range(1, order.version + 1))


def test_comments_of_eight_sessions_all_stand_in_the_chain():
    town = cast.build()
    order = report(town.officer)
    jobs = [
        lambda n=n: [do("comment", order, town.acceptor, text=f"{n}-{i}") for i in range(5)] for n in range(SESSIONS)
    ]
    assert won(at_once(jobs)) == SESSIONS
    order.refresh_from_db()
    assert order.version == 1 + 5 * SESSIONS
    previous = ""
    for event in order.events.all():
        assert event.previous_hash == previous and event.hash == event.digest()
        previous = event.hash
    assert previous == order.last_hash


def test_two_orders_merged_into_each_other_end_with_one_main():
    town = cast.build()
    for _pair in range(ORDERS):
        one, other = report(town.officer), report(town.officer)
        results = at_once(
            [
                lambda one=one, other=other: do("merge", one, town.acceptor, into=other.number),
                lambda one=one, other=other: do("merge", other, town.acceptor, into=one.number),
            ]
        )
        assert won(results) == 1
        pair = WorkOrder.objects.filter(pk__in=(one.pk, other.pk))
        assert sorted(pair.values_list("status", flat=True)) == ["merged", "reported"]


def test_two_schedulers_fire_a_timer_once():
    from workorders.commands import fire

    town = cast.build()
    order = report(town.officer, category="0306")
    moment = order.next_timer_at
    at_once([lambda: fire(WorkOrder(pk=order.pk), at=moment) for _n in range(SESSIONS)])
    assert WorkOrderEvent.objects.filter(order=order, kind="urge").count() == 1


def test_a_main_order_in_other_hands_is_refused_in_words():
    town = cast.build()
    main, order = report(town.officer), report(town.officer)
    other = connections.create_connection("default")
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT 1 FROM workorders_workorder WHERE id = %s FOR UPDATE", [main.pk])
            with pytest.raises(NotAllowedNow) as refusal:
                do("merge", order, town.acceptor, into=main.number)
        assert refusal.value.code == "main_is_busy" and main.number in str(refusal.value)
    finally:
        other.rollback()
        other.close()
    assert do("merge", order, town.acceptor, into=main.number).status == "merged"
