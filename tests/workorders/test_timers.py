"""What happens by itself when time passes, once, however late the sweep comes."""

import datetime as dt
import logging

import pytest

from core import clock
from tests.workorders.acting import TUESDAY, after_days, after_hours, bring, do, last, refused, report, told
from tests.workorders.clockwork import at
from workorders import commands, tasks
from workorders.commands import timing
from workorders.models import Supervision, WorkOrder

pytestmark = pytest.mark.django_db


def fire(order, moment):
    return commands.fire(WorkOrder.objects.get(pk=order.pk), at=moment)


def rules(order):
    return [(clock.local(dt.datetime.fromisoformat(moment)), rule, kind) for moment, rule, kind in order.timers]


def handling(town, moment=TUESDAY, **fields):
    return bring(report(town.officer, at=moment), town, "handling", at=moment, **fields)


def test_the_timers_of_handling(town):
    since = at("2026-09-29 09:00")
    order = handling(town, since, category="0501")  # four working hours
    due = after_hours(since, 4)
    assert rules(order) == [
        (after_hours(since, 2), "urge", "handle"),
        (after_hours(since, 3.2), "urge", "handle"),
        (due, "overdue", "handle"),
        (after_days(due, 1), "yellow", "handle"),
        (after_days(due, 3), "red", "handle"),
    ]
    assert order.next_timer_at == after_hours(since, 2) and clock.local(order.amber_at) == after_hours(since, 3.2)
    assert after_days(due, 3) == at("2026-10-09 17:30")  # over the holiday


def test_each_fires_once_at_its_moment(town):
    order = handling(town, category="0501")
    seen = []
    for moment, _rule, _kind in rules(order):
        assert fire(order, moment - dt.timedelta(seconds=1)).version == WorkOrder.objects.get(pk=order.pk).version
        fire(order, moment)
        fire(order, moment)
        event = last(order)
        seen.append((event.kind, event.actor_role, event.data))
        hear = told(order, event.kind)
    order.refresh_from_db()
    due = seen[2][2]["due_at"]
    assert dt.datetime.fromisoformat(due) == after_hours(TUESDAY, 4)
    assert seen == [
        ("urge", "system", {"share": 0.5, "clock": "handle"}),
        ("urge", "system", {"share": 0.8, "clock": "handle"}),
        ("overdue", "system", {"clock": "handle", "due_at": due}),
        ("carded", "system", {"card": "yellow", "rule": "overdue"}),
        ("carded", "system", {"card": "red", "rule": "overdue"}),
    ]
    assert (order.urges, order.urged_at, order.card, order.next_timer_at) == (2, None, "red", None)
    assert hear == {"handler", "head", "inspector"}
    assert list(Supervision.objects.values_list("card", "rule", "unit", "by").order_by("pk")) == [
        ("yellow", "overdue", town.um.pk, None),
        ("red", "overdue", town.um.pk, None),
    ]


def test_all_missed_timers_fire_in_one_go(town):
    order = handling(town, category="0501")
    order = fire(order, TUESDAY + dt.timedelta(days=60))
    kinds = list(order.events.values_list("kind", flat=True))[-5:]
    assert kinds == ["urge", "urge", "overdue", "carded", "carded"] and order.card == "red"
    assert [event.data.get("share") for event in order.events.all()][-5:-3] == [0.5, 0.8]


def test_urging_says_which_half_also_while_signing_is_due_first(town):
    order = bring(report(town.officer, at=TUESDAY, urgency="urgent"), town, "dispatched", at=TUESDAY, category="0702")
    fire(order, at("2026-03-13 17:00"))
    shares = [(event.data["clock"], event.data["share"]) for event in order.events.filter(kind="urge")]
    assert shares == [("sign", 0.8), ("handle", 0.5), ("handle", 0.8)]


def test_a_moment_that_passed_before_the_sweep_survives_the_next_move(town):
    order = bring(report(town.officer, at=TUESDAY), town, "dispatched", at=TUESDAY, category="0501")
    late = after_hours(TUESDAY, 4) + dt.timedelta(seconds=5)  # overdue, the worker was away
    order = do("sign", order, town.handler, at=late)
    assert order.next_timer_at < late and (after_hours(TUESDAY, 4), "overdue", "handle") in rules(order)
    fire(order, late)
    assert last(order).kind == "overdue" and told(order, "overdue") == {"handler", "head", "duty"}
    fire(order, late)
    assert order.events.filter(kind="overdue").count() == 1


def test_what_was_granted_in_time_is_not_overdue(town):
    order = handling(town, category="0501")
    until = TUESDAY + dt.timedelta(days=2)
    do("request_extension", order, town.handler, at=TUESDAY, until=until.isoformat(), reason="等配件")
    late = after_hours(TUESDAY, 4) + dt.timedelta(minutes=1)
    order = do("decide_extension", order, town.duty, at=late, approve=True)
    assert not fire(order, late).events.filter(kind="overdue").exists()
    assert [moment for moment, rule, _kind in rules(order) if rule == "overdue"] == [until]


def test_other_clocks_urge_and_turn_red_without_cards(town):
    order = report(town.officer, at=TUESDAY)
    order = fire(order, TUESDAY + dt.timedelta(days=30))
    assert [event.kind for event in order.events.all()] == ["report", "urge", "overdue"] and order.card == ""
    assert told(order, "overdue") == {"acceptor", "clerk", "duty"}


def test_a_higher_card_stays(town):
    order = handling(town, category="0501")
    answer_by = (TUESDAY + dt.timedelta(days=1)).isoformat()
    do("supervise", order, town.inspector, at=TUESDAY, card="red", reason="拖延", answer_by=answer_by)
    order = fire(order, after_days(TUESDAY, 20))
    assert order.card == "red" and not order.events.filter(kind="carded").exists()


def test_nothing_fires_while_it_stands_still_or_is_over(town):
    order = do("suspend", handling(town), town.duty, at=TUESDAY, reason="等", review_on="2026-03-20")
    assert fire(order, TUESDAY + dt.timedelta(days=90)).events.last().kind == "suspend"
    closed = bring(handling(town), town, "closed", at=TUESDAY)
    assert fire(closed, TUESDAY + dt.timedelta(days=90)).status == "closed"


def test_a_timer_of_a_clock_that_is_gone_does_nothing(town):
    order = handling(town)
    stale = [[TUESDAY.isoformat(), "urge", "accept"], [TUESDAY.isoformat(), "urge", "contain"]]
    WorkOrder.objects.filter(pk=order.pk).update(timers=stale, next_timer_at=TUESDAY)
    order = fire(order, TUESDAY)
    assert order.timers == [] and order.next_timer_at is None and last(order).kind == "sign"
    city = report(town.officer, category="0306")
    WorkOrder.objects.filter(pk=city.pk).update(
        level="city", timers=[[TUESDAY.isoformat(), "escalate", "accept"]], next_timer_at=TUESDAY
    )
    assert last(fire(city, TUESDAY)).kind == "report"
    WorkOrder.objects.filter(pk=order.pk).update(
        timers=[[TUESDAY.isoformat(), "pass_on", "handle"]], next_timer_at=TUESDAY
    )
    assert fire(order, TUESDAY).status == "handling"


# -- the sweep


def test_the_sweep_goes_on_past_an_order_that_fails(town, monkeypatch, caplog):
    past = clock.now() - dt.timedelta(days=10)
    orders = [report(town.officer, at=past) for _number in range(5)]
    monkeypatch.setattr(tasks, "TICK_BATCH", 2)
    broken = timing._RULES["urge"]

    def poisoned(order, *rest):
        if order.pk in (orders[0].pk, orders[1].pk):
            raise RuntimeError("poisoned")
        broken(order, *rest)

    monkeypatch.setitem(timing._RULES, "urge", poisoned)
    with caplog.at_level(logging.ERROR):
        assert tasks.tick() == 3
    kinds = [last(order).kind for order in orders]
    assert kinds == ["report", "report", "overdue", "overdue", "overdue"]
    assert sum("timers of order" in record.message for record in caplog.records) == 2
    monkeypatch.setitem(timing._RULES, "urge", broken)
    assert tasks.tick() == 2 and tasks.tick() == 0  # the next sweep makes up for it


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_do_not_sweep_at_once():
    from django.db import connection, connections

    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [tasks.TICK_LOCK])
            assert tasks.tick() == 0
            cursor.execute("SELECT pg_advisory_unlock(%s)", [tasks.TICK_LOCK])
    finally:
        other.close()
        connection.close()


def test_a_refusal_leaves_the_timers_alone(town):
    order = handling(town)
    refused("wrong_status", "sign", order, town.handler)
