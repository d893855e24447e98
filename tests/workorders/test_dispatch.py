"""The order goes to whoever shall handle it: dispatch, decide, co-handlers, dual dispatch."""

import datetime as dt

import pytest

from core import clock, outbox, revisions
from core.models import Outbox
from personnel.models import Post
from tests.workorders.acting import (
    RESULT,
    TUESDAY,
    after_days,
    after_hours,
    bring,
    check_event,
    do,
    due,
    parts,
    refused,
    report,
    running,
    told,
)
from tests.workorders.clockwork import at
from workorders import sentences
from workorders.models import Clock, WorkOrder

pytestmark = pytest.mark.django_db
EVE = at("2026-09-30 15:40")  # the last afternoon before the National Day holiday


def filed(town, *, at=TUESDAY, **fields):
    return bring(report(town.officer, at=at, **fields), town, "filed", at=at, category=fields.get("category", "0502"))


def returned(town, unit, person, *, at, order, reason="不属于本单位职责"):
    order = do("dispatch", order, town.dispatcher, at=at, unit=unit)
    return do("return", order, person, at=at, reason=reason)


def test_a_dispatcher_gives_it_to_a_unit(town):
    order = do("dispatch", filed(town, at=EVE), town.dispatcher, at=EVE, unit="620105-UM", note="请尽快")
    assert (order.status, order.phase, order.lead, order.forced) == ("dispatched", "dispatch", town.um, False)
    assert order.dispatched_at == EVE and order.signed_at is None
    check_event(
        order, "dispatch", town.dispatcher, "dispatcher", "filed", "dispatched",
        unit="620105-UM", unit_name=town.um.name, note="请尽快",
    )  # fmt: skip
    assert set(running(order)) == {"sign", "handle"} and order.due_kind == "sign"
    assert due(order, "sign") == after_hours(EVE, 4) == at("2026-10-08 10:40")
    assert due(order, "handle") == after_days(EVE, 2) == at("2026-10-09 17:30")
    assert {one.unit for one in running(order).values()} == {town.um} and sentences.due_explained(order)
    assert told(order, "dispatch") == {"handler", "head"}
    assert [(one.kind, one.unit, one.by, one.task) for one in parts(order)] == [
        ("lead", town.um, town.dispatcher, "请尽快")
    ]


@pytest.mark.parametrize(
    "category, urgency, expected",
    [
        ("0502", "urgent", after_days(EVE, 1)),  # two working days, halved
        ("0501", "urgent", after_hours(EVE, 2)),
        ("0702", "urgent", after_days(EVE, 3)),  # five, halved and rounded up
        ("0302", "urgent", EVE + dt.timedelta(hours=12)),
        ("0501", "emergency", after_hours(EVE, 1)),
        ("0201", "normal", EVE + dt.timedelta(hours=24)),  # a step below the category's own lengthens nothing
    ],
)
def test_urgency_halves_the_limit(town, category, urgency, expected):
    order = report(town.officer, at=EVE, category=category)
    do("accept", order, town.acceptor, at=EVE, category=category, urgency=urgency)
    order = do("dispatch", order, town.dispatcher, at=EVE, unit="620105-UM")
    assert due(order, "handle") == expected and sentences.due_explained(order)


def test_the_dispatcher_may_set_the_limit_and_rework_halves_that(town):
    order = do("dispatch", filed(town), town.dispatcher, at=TUESDAY, unit="620105-UM", limit="4wh")
    assert due(order, "handle") == after_hours(TUESDAY, 4) and order.events.last().data["limit"] == "4wh"
    order = bring(order, town, "fed_back", at=TUESDAY)
    order = do("fail_check", order, town.officer, at=TUESDAY, reason="未清完")
    assert due(order, "handle") == after_hours(TUESDAY, 2)


def test_an_officer_gets_it_as_well(town):
    order = do("dispatch", filed(town), town.dispatcher, at=TUESDAY, officer=town.officer.pk)
    assert (order.lead, order.officer, order.self_handled) == (None, town.officer, False)
    assert told(order, "dispatch") == {"officer"}
    assert do("sign", order, town.officer, at=TUESDAY).status == "handling"
    for person in (town.handler, town.part_timer):
        refused("not_your_move", "feedback", order, person, **RESULT)


def test_a_chief_dispatches_in_the_own_grid_only(town):
    order = do("dispatch", filed(town), town.chief, at=TUESDAY, unit="620105006-ST")
    assert order.events.last().actor_role == "chief"
    refused("not_your_move", "dispatch", filed(town, area=town.next_grid.code), town.chief, unit="620105-UM")


def test_dispatching_is_refused(town):
    order = filed(town)
    for person in (town.dispatcher2, town.acceptor, town.handler, town.officer, town.admin):
        refused("not_your_move", "dispatch", order, person, unit="620105-UM")
    both = refused("unit_or_officer", "dispatch", order, town.dispatcher, unit="620105-UM", officer=town.officer.pk)
    assert list(both.errors) == ["unit"] and both.status == 400
    refused("unit_or_officer", "dispatch", order, town.dispatcher)
    refused("unit_elsewhere", "dispatch", order, town.dispatcher, unit="620102-UM")
    refused("unit_elsewhere", "dispatch", order, town.dispatcher, unit="620105006002-CO")
    co = refused("unit_elsewhere", "dispatch", order, town.dispatcher, unit="620105-UM", co_units=["620102-UM"])
    assert list(co.errors) == ["co_units"]
    refused("not_an_officer_here", "dispatch", order, town.dispatcher, officer=town.officer2.pk)
    refused("not_an_officer_here", "dispatch", order, town.dispatcher, officer=town.former.pk)
    refused("invalid", "dispatch", order, town.dispatcher, unit="620105-XX")
    town.hc.ends = clock.today()
    town.hc.save()
    revisions.reset_all()
    refused("unit_retired", "dispatch", order, town.dispatcher, unit="620105-HC")
    refused("wrong_status", "dispatch", report(town.officer), town.dispatcher, unit="620105-UM")


# -- returned, forced, decided


def test_the_second_ordinary_dispatch_starts_a_new_handling_clock(town):
    order = returned(town, "620105-UM", town.handler, at=TUESDAY, order=filed(town))
    paused = running(order)["handle"]
    assert paused.paused_at == TUESDAY and order.due_kind == "dispatch"
    refused("unit_returned_it", "dispatch", order, town.dispatcher, at=TUESDAY, unit="620105-UM")
    later = at("2026-03-12 10:00")
    order = do("dispatch", order, town.dispatcher, at=later, unit="620105-HC")
    assert not order.forced and due(order, "handle") == after_days(later, 2)
    assert Clock.objects.get(pk=paused.pk).stopped_at == later
    assert Clock.objects.get(pk=paused.pk).pauses.get().until == later


def test_after_two_returns_the_dispatch_is_forced_and_the_clock_runs_on(town):
    order = filed(town, category="0501")  # four working hours
    order = returned(town, "620105-UM", town.handler, at=TUESDAY, order=order)
    second = at("2026-03-10 10:00")
    order = do("dispatch", order, town.dispatcher, at=second, unit="620105-HC")
    order = do("return", order, town.handler2, at=at("2026-03-10 11:00"), reason="不属于")
    held = running(order)["handle"]
    refused(
        "limit_of_forced", "dispatch", order, town.dispatcher, at=at("2026-03-12 09:00"), unit="620105-UM", limit="9wh"
    )
    order = do("dispatch", order, town.dispatcher, at=at("2026-03-12 09:00"), unit="620105-UM")  # one that returned it
    assert order.forced and order.events.last().data["forced"] is True
    assert running(order)["handle"].pk == held.pk and due(order, "handle") == after_hours(at("2026-03-12 09:00"), 3)
    assert parts(order, kind="lead")[-1].forced and sentences.due_explained(order)
    refused("return_exhausted", "return", order, town.handler, at=at("2026-03-12 09:10"), reason="仍不属于")


def test_an_instructor_decides_on_what_came_back(town):
    order = filed(town)
    refused("not_disputed", "decide", order, town.instructor, unit="620105-UM")
    order = returned(town, "620105-UM", town.handler, at=TUESDAY, order=order)
    refused("not_your_move", "decide", order, town.dispatcher, unit="620105-UM")
    refused("not_your_move", "decide", order, town.elsewhere, unit="620105-UM")
    later = at("2026-03-11 09:00")
    order = do("decide", order, town.instructor, at=later, unit="620105-UM", note="由你单位办理")
    assert (order.status, order.lead, order.forced) == ("dispatched", town.um, True)
    # it stood still with 20½ working hours left of its two days
    assert due(order, "handle") == after_hours(later, 20.5) == at("2026-03-13 17:30")
    check_event(
        order, "decide", town.instructor, "instructor", "filed", "dispatched",
        unit="620105-UM", unit_name=town.um.name, note="由你单位办理", forced=True,
    )  # fmt: skip
    assert told(order, "decide") == {"handler", "head"}
    refused("return_exhausted", "return", order, town.handler, at=later, reason="不属于")


# -- co-handlers


def test_co_units_come_with_the_dispatch_in_the_orders_handling_time(town):
    order = do(
        "dispatch", filed(town), town.dispatcher, at=TUESDAY, unit="620105-UM", co_units=["620105-HC", "620105-UM"]
    )
    assert order.co_units == [town.hc.pk]
    part = parts(order, kind="co")[0]
    assert (part.unit, clock.local(part.due_at)) == (town.hc, after_days(TUESDAY, 2))
    assert told(order, "dispatch") == {"handler", "head"} and told(order, "co_dispatch") == {"handler2"}


def test_a_manager_calls_in_a_co_handler_with_a_time_of_its_own(town):
    order = bring(report(town.officer, at=TUESDAY), town, "handling", at=TUESDAY)
    order = do("co_dispatch", order, town.manager, at=TUESDAY, unit="620105-HC", task="封闭道路", limit="4wh")
    part = parts(order, kind="co")[0]
    assert clock.local(part.due_at) == after_hours(TUESDAY, 4)
    assert due(order, "handle") == after_days(TUESDAY, 2)  # the order's own clock is untouched
    check_event(
        order, "co_dispatch", town.manager, "manager", "handling", "handling",
        unit="620105-HC", unit_name=town.hc.name, task="封闭道路", limit="4wh",
    )  # fmt: skip
    assert told(order, "co_dispatch") == {"handler2"}
    refused("takes_part_already", "co_dispatch", order, town.manager, unit="620105-HC", task="再来")
    refused("takes_part_already", "co_dispatch", order, town.manager, unit="620105-UM", task="再来")
    refused("not_your_move", "co_dispatch", order, town.elsewhere, unit="620105-HC", task="封闭")
    refused("unit_elsewhere", "co_dispatch", order, town.dispatcher, unit="620102-UM", task="封闭")
    refused("invalid", "co_dispatch", order, town.dispatcher, unit="620105-HC")
    refused("wrong_status", "co_dispatch", filed(town), town.manager, unit="620105-HC", task="封闭")


def test_a_co_handler_reports_its_part_once_and_may_be_called_again(town):
    order = bring(report(town.officer), town, "handling")
    order = do("co_dispatch", order, town.dispatcher, unit="620105-HC", task="封闭")
    refused("not_your_move", "co_feedback", order, town.handler, result="已封闭")
    order = do("co_feedback", order, town.handler2, result="已封闭")
    check_event(
        order, "co_feedback", town.handler2, "handler", "handling", "handling", unit_name=town.hc.name, result="已封闭"
    )
    assert parts(order, kind="co")[0].outcome == "done" and told(order, "co_feedback") == {"handler", "head"}
    again = refused("co_handling_over", "co_feedback", order, town.handler2, result="再报")
    assert again.status == 409
    order = do("co_dispatch", order, town.dispatcher, unit="620105-HC", task="恢复道路")
    assert order.co_units == [town.hc.pk] and len(parts(order, kind="co", ended_at=None)) == 1


def test_after_an_escalation_units_can_be_called_in_anew(town):
    order = bring(report(town.officer), town, "handling")
    do("co_dispatch", order, town.dispatcher, unit="620105-HC", task="封闭")
    order = do("escalate", order, town.dispatcher, attempt="无权限")
    assert not parts(order, kind="co", ended_at=None)
    order = bring(order, town, "handling")
    order = do("co_dispatch", order, town.dispatcher, unit="620105-HC", task="封闭")
    assert order.co_units == [town.hc.pk] and len(parts(order, kind="co", ended_at=None)) == 1


# -- dual dispatch


def hotline(town):
    return bring(report(town.acceptor, source="hotline"), town, "dispatched")


def test_a_dispatched_hotline_order_also_becomes_the_officers_task_once(town):
    order = hotline(town)
    assert told(order, "followed") == {"officer"}
    Outbox.objects.update(done_at=None)  # every message comes twice
    outbox.drain()
    order.refresh_from_db()
    part = parts(order, kind="follow")[0]
    assert order.follow_officer == town.officer and len(parts(order, kind="follow")) == 1
    assert clock.local(part.due_at) == after_hours(part.assigned_at, 4)
    assert list(order.events.values_list("kind", flat=True)).count("followed") == 1
    assert order.events.get(kind="followed").data == {"officer": town.officer.pk, "officer_name": "王小梅"}
    bring(order, town, "closed")
    assert parts(order, kind="follow")[0].outcome == "done"


def test_no_follow_up_for_other_sources_vacant_grids_and_the_handling_officer(town):
    assert told(bring(report(town.officer), town, "dispatched"), "followed") == set()
    vacant = bring(report(town.acceptor, source="hotline", area=town.grid3.code), town, "dispatched")
    assert told(vacant, "followed") == set()
    own = bring(report(town.acceptor, source="hotline"), town, "filed")
    own = do("dispatch", own, town.dispatcher, officer=town.officer.pk)
    assert told(own, "followed") == set() and not parts(own, kind="follow")


def test_a_part_timer_follows_where_there_is_no_officer(town):
    Post.objects.filter(person=town.officer).update(ends=clock.today())
    assert told(hotline(town), "followed") == {"part_timer"}


def test_a_second_dispatch_does_not_follow_again(town):
    order = hotline(town)
    outbox.drain()
    do("return", WorkOrder.objects.get(pk=order.pk), town.handler, reason="不属于")
    do("dispatch", order, town.dispatcher, unit="620105-HC")
    outbox.drain()
    assert len(parts(order, kind="follow")) == 1
