"""check_orders finds what was changed behind the commands' back, and names it."""

import datetime as dt

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from core import clock
from core.models import Outbox
from workorders import audit, commands
from workorders.models import Clock, WorkOrder, WorkOrderEvent

from .acting import do, report

pytestmark = pytest.mark.django_db


@pytest.fixture
def orders(town):
    """Three orders: handled and closed, being handled, reported."""
    made = [report(town.officer) for _order in range(3)]
    for order in made[:2]:
        do("accept", order, town.acceptor, category="0502")
        do("dispatch", order, town.dispatcher, unit="620105-UM", co_units=["620105-HC"])
        do("sign", order, town.handler)
    first = made[0]
    do("urge", first, town.dispatcher, note="请抓紧")
    do("feedback", first, town.handler, internal_result="a", public_answer="b", resolved=True)
    do("fail_check", first, town.officer, reason="没有清完")
    do("feedback", first, town.handler, internal_result="c", public_answer="d", resolved=True)
    do("pass_check", first, town.officer)
    do("revisit", first, town.reviewer, reached=True, resolved=True, satisfaction=4)
    return [WorkOrder.objects.get(pk=order.pk) for order in made]


def behind_the_back(sql, *given):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE workorders_workorderevent DISABLE TRIGGER USER")
        cursor.execute(sql, given)
        assert cursor.rowcount == 1
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE workorders_workorderevent ENABLE TRIGGER USER")


def told():
    return [str(finding) for finding in audit.findings()]


def test_sound_orders_have_no_findings(orders, capsys):
    assert told() == []
    call_command("check_orders")
    assert "3" in capsys.readouterr().out


def test_one_changed_byte_of_an_event_is_found_and_named(orders, capsys):
    event = orders[0].events.get(kind="fail_check")
    sql = "UPDATE workorders_workorderevent SET data = jsonb_set(data, '{reason}', %s) WHERE id = %s"
    behind_the_back(sql, '"没有清光"', event.pk)
    [line] = told()
    assert orders[0].number in line and f"event {event.sequence}" in line and "hash" in line
    with pytest.raises(CommandError):
        call_command("check_orders")
    assert orders[0].number in capsys.readouterr().out


def test_a_rewritten_hash_breaks_the_link_to_the_next_event(orders):
    event = WorkOrderEvent.objects.get(order=orders[0], kind="urge")
    event.data = {"note": "不急"}
    behind_the_back(
        "UPDATE workorders_workorderevent SET data = %s::jsonb, hash = %s WHERE id = %s",
        '{"note": "不急"}',
        event.digest(),
        event.pk,
    )
    assert any("link" in line for line in told())


def test_a_removed_event_is_missed(orders):
    behind_the_back("DELETE FROM workorders_workorderevent WHERE order_id = %s AND kind = 'urge'", orders[0].pk)
    lines = told()
    assert any("sequence" in line for line in lines)
    assert any("urges" in line for line in lines) and any("version" in line for line in lines)


@pytest.mark.parametrize(
    ("place", "changes"),
    [
        (0, {"status": "handling"}),
        (0, {"urges": 7}),
        (0, {"reworks": 0}),
        (0, {"satisfaction": 5}),
        (0, {"public_answer": "一切都好"}),
        (0, {"closed_at": dt.datetime(2026, 1, 1, tzinfo=clock.ZONE)}),
        (1, {"signed_at": None}),
        (1, {"lead_id": None}),
        (1, {"co_units": []}),
        (1, {"card": "red"}),
        (1, {"urgency": "urgent"}),
        (1, {"due_at": dt.datetime(2030, 1, 1, tzinfo=clock.ZONE)}),
        (1, {"clock_paused": True}),
        (1, {"community_id": None}),
        (2, {"last_hash": "0" * 64}),
        (2, {"next_timer_at": None}),
        (2, {"extension_pending": True}),
    ],
)
def test_a_row_changed_without_its_event_is_found(orders, place, changes):
    WorkOrder.objects.filter(pk=orders[place].pk).update(**changes)
    lines = told()
    assert lines and all(orders[place].number in line for line in lines)
    [name] = changes
    assert any(name.removesuffix("_id") in line for line in lines)


def test_clocks_are_counted_again(orders):
    late = Clock.objects.filter(order=orders[0], kind="handle").first()
    Clock.objects.filter(pk=late.pk).update(due_at=late.due_at + dt.timedelta(days=1))
    assert [orders[0].number in line and "handle" in line for line in told()] == [True]


def test_a_clock_that_runs_on_or_not_at_all_is_found(orders):
    Clock.objects.filter(order=orders[0], kind="revisit").update(stopped_at=None)
    Clock.objects.filter(order=orders[1], kind="handle").update(stopped_at=clock.now())
    lines = told()
    assert any(orders[0].number in line and "revisit" in line for line in lines)
    assert any(orders[1].number in line and "handle" in line for line in lines)


def test_the_copy_on_assignments_is_compared(orders):
    orders[1].assignments.filter(kind="co").update(reported_at=clock.now())
    assert [orders[1].number in line and "reported_at" in line for line in told()] == [True]


def test_the_outbox_is_looked_at(orders):
    Outbox.objects.create(topic="workorders.moved", payload={"order": 10**12, "sequence": 1})
    Outbox.objects.create(topic="workorders.moved", payload={}, dead=True)
    lines = told()
    assert len(lines) == 2 and all(line.startswith("outbox") for line in lines)


def test_paused_and_extended_clocks_are_right(town, orders):
    order = orders[1]
    do("suspend", order, town.duty, reason="等专题会", review_on=(clock.today() + dt.timedelta(days=9)).isoformat())
    assert told() == []
    commands.resume(order, by=town.duty, at=clock.now() + dt.timedelta(days=3))
    assert told() == []
    until = (clock.now() + dt.timedelta(days=40)).isoformat()
    at = clock.now() + dt.timedelta(days=3, minutes=1)
    given = {"until": until, "reason": "等配件"}
    commands.perform("request_extension", order, by=town.handler, at=at, given=given)
    commands.perform("decide_extension", order, by=town.duty, at=at, given={"approve": True})
    assert told() == []


def test_the_number_of_statements_does_not_grow_with_the_orders(orders, django_assert_max_num_queries):
    with django_assert_max_num_queries(16):
        assert told() == []
