"""Whoever got the order signs, returns it, handles it himself, feeds back."""

import datetime as dt

import pytest

from core import outbox
from core.models import Outbox
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
    photo_of,
    refused,
    report,
    running,
    told,
)
from tests.workorders.clockwork import at
from workorders import commands, sentences
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db
FRIDAY = at("2026-03-13 16:00")


def dispatched(town, *, at=TUESDAY, **fields):
    order = report(town.officer, at=at, **fields)
    return bring(order, town, "dispatched", at=at, category=fields.get("category", "0502"))


# -- sign


def test_the_lead_unit_signs_and_handling_runs_on(town):
    order = dispatched(town)
    later = TUESDAY + dt.timedelta(hours=1)
    handle = due(order, "handle")
    order = do("sign", order, town.head, at=later)
    assert (order.status, order.phase, order.signed_at) == ("handling", "handle", later)
    check_event(order, "sign", town.head, "unit_head", "dispatched", "handling")
    assert list(running(order)) == ["handle"] and due(order, "handle") == handle and order.due_kind == "handle"
    assert told(order, "sign") == set() and sentences.due_explained(order)


def test_signing_is_refused(town):
    order = dispatched(town)
    for person in (town.handler2, town.dispatcher, town.duty, town.far_handler):
        refused("not_your_move", "sign", order, person)
    order = do("sign", order, town.handler)
    refused("wrong_status", "sign", order, town.handler)
    assert refused("wrong_status", "sign", order, town.handler, extra="x").status == 409


# -- return


def test_a_return_stops_handling_and_starts_dispatching(town):
    order = dispatched(town, at=FRIDAY)
    monday = at("2026-03-16 09:00")
    order = do("return", order, town.handler, at=monday, reason="不属于本单位职责", suggested_unit="620105-HC")
    assert (order.status, order.lead, order.returns, order.returned_units) == ("filed", None, 1, [town.um.pk])
    assert order.dispatched_at is None and order.signed_at is None
    check_event(
        order, "return", town.handler, "handler", "dispatched", "filed", reason="不属于本单位职责",
        unit="620105-UM", unit_name=town.um.name, suggested_unit="620105-HC", suggested_unit_name=town.hc.name,
    )  # fmt: skip
    assert set(running(order)) == {"dispatch", "handle"} and running(order)["handle"].paused_at == monday
    assert due(order, "dispatch") == after_hours(monday, 2) and order.due_kind == "dispatch"
    assert not order.clock_paused and parts(order)[0].outcome == "returned"
    assert told(order, "return") == {"dispatcher"}


@pytest.mark.parametrize(
    "since, last_moment",
    [
        (FRIDAY, "2026-03-16 11:00"),  # over the weekend
        (at("2026-09-30 16:30"), "2026-10-08 11:30"),  # over the National Day holiday
        (at("2026-10-10 15:30"), "2026-10-12 10:30"),  # from a Saturday worked in exchange
        (TUESDAY, "2026-03-10 15:00"),
    ],
)
def test_the_window_is_four_working_hours(town, since, last_moment):
    closes = at(last_moment)
    assert closes == after_hours(since, 4)
    order = dispatched(town, at=since)
    do("sign", order, town.handler, at=since)
    late = refused("return_too_late", "return", order, town.handler, at=closes, reason="不属于")
    assert "Handle it" in str(late) and late.status == 409
    do("return", order, town.handler, at=closes - dt.timedelta(seconds=1), reason="不属于")


def test_a_unit_returns_once_and_an_order_twice(town):
    order = do("return", dispatched(town), town.handler, at=TUESDAY, reason="不属于")
    order = do("dispatch", order, town.dispatcher, at=TUESDAY, unit="620105-HC")
    order = do("return", order, town.handler2, at=TUESDAY, reason="不属于")
    assert order.returns == 2
    order = do("dispatch", order, town.dispatcher, at=TUESDAY, unit="620105-UM")
    assert order.forced
    refused("return_exhausted", "return", order, town.handler, at=TUESDAY, reason="仍不属于")


def test_returning_is_refused(town):
    order = dispatched(town)
    refused("not_your_move", "return", order, town.handler2, reason="不属于")
    refused("invalid", "return", order, town.handler, at=TUESDAY)
    emergency = dispatched(town, category="0306")
    refused("return_not_allowed", "return", emergency, town.handler, at=TUESDAY, reason="不属于")
    WorkOrder.objects.filter(pk=order.pk).update(dispatched_at=None)  # brought over from an old system
    refused("return_too_late", "return", order, town.handler, at=TUESDAY, reason="不属于")


def test_a_returned_order_is_nobodys_own_any_more(town):
    order = do("self_handle", report(town.officer, at=TUESDAY, category="0501"), town.officer, at=TUESDAY)
    order = do("return", order, town.officer, at=TUESDAY, reason="超出能力")
    assert (order.officer, order.self_handled, order.returned_units) == (None, False, [])
    order = do("dispatch", order, town.dispatcher, at=TUESDAY, unit="620105-UM")
    order = bring(order, town, "fed_back", at=TUESDAY)
    outbox.drain()
    order.refresh_from_db()
    assert order.status == "fed_back"  # what a unit did is never closed unseen


# -- an officer handles it himself


@pytest.mark.parametrize("status", ["reported", "filed"])
def test_an_officer_keeps_what_is_his(town, status):
    order = bring(report(town.chief, at=TUESDAY, category="0501"), town, status, at=TUESDAY, category="0501")
    order = do("self_handle", order, town.officer, at=TUESDAY)
    assert (order.status, order.officer, order.self_handled, order.signed_at) == (
        "handling",
        town.officer,
        True,
        TUESDAY,
    )
    check_event(order, "self_handle", town.officer, "officer", status, "handling")
    assert list(running(order)) == ["handle"] and due(order, "handle") == after_hours(TUESDAY, 4)
    assert told(order, "self_handle") == set()
    assert not any(rule == "pass_on" for _moment, rule, _kind in order.timers)


def test_some_kinds_are_his_for_a_time_then_go_on_by_themselves(town):
    order = do(
        "self_handle", report(town.chief, at=FRIDAY, category="0504"), town.officer, at=FRIDAY
    )  # one working hour
    over = after_hours(FRIDAY, 1)
    assert order.timers[0][1] in ("pass_on", "urge") and [timer for timer in order.timers if timer[1] == "pass_on"] == [
        [over.isoformat(), "pass_on", "handle"]
    ]
    order = commands.fire(order, at=over)
    assert (order.status, order.officer, order.self_handled, order.due_kind) == ("reported", None, False, "accept")
    check_event(order, "pass_on", None, "system", "handling", "reported", officer_name="王小梅")
    assert due(order, "accept") == after_hours(over, 2)
    assert told(order, "pass_on") == {"acceptor", "clerk"}
    assert parts(order)[0].outcome == "taken_back"
    refused("self_handling_over", "self_handle", order, town.officer, at=over)


def test_his_own_time_does_not_wait_for_a_suspension(town):
    order = do("self_handle", report(town.chief, at=TUESDAY, category="0202"), town.officer, at=TUESDAY)  # one hour
    order = do("suspend", order, town.duty, at=TUESDAY, reason="等待", review_on="2026-03-12")
    assert order.timers == []
    back = TUESDAY + dt.timedelta(hours=5)
    order = do("resume", order, town.duty, at=back)
    assert commands.fire(order, at=back).status == "reported"


def test_self_handling_is_refused(town):
    never = report(town.chief, at=TUESDAY)
    refused("not_self_handled", "self_handle", never, town.officer, at=TUESDAY)
    tried = report(town.chief, at=TUESDAY, category="0202")
    refused("self_handling_over", "self_handle", tried, town.officer, at=TUESDAY + dt.timedelta(hours=1))
    do("self_handle", tried, town.part_timer, at=TUESDAY + dt.timedelta(minutes=59))
    own = report(town.chief, at=TUESDAY, category="0501")
    for person in (town.neighbour, town.chief, town.clerk, town.officer2):
        refused("not_your_move", "self_handle", own, person)
    refused("wrong_status", "self_handle", bring(own, town, "dispatched"), town.officer)


# -- feedback


def test_feedback_starts_the_check(town):
    order = bring(dispatched(town, at=FRIDAY), town, "handling", at=FRIDAY)
    photo = photo_of(order)
    order = do("feedback", order, town.handler, at=FRIDAY, photos=[photo.pk], **RESULT)
    assert (order.status, order.phase, order.fed_back_at, order.resolved) == ("fed_back", "feedback", FRIDAY, True)
    assert (order.internal_result, order.public_answer) == ("已清运", "已清运")
    check_event(order, "feedback", town.handler, "handler", "handling", "fed_back", **RESULT, photos=[photo.pk])
    assert list(running(order)) == ["check"] and due(order, "check") == after_hours(FRIDAY, 4)
    assert told(order, "feedback") == {"officer", "part_timer", "former"}  # who stood there then
    assert parts(order, kind="lead")[0].result == "已清运" and sentences.due_explained(order)


def test_where_no_officer_stands_the_clerk_checks(town):
    from personnel.models import Post

    order = bring(dispatched(town), town, "fed_back")
    Post.objects.filter(area=town.main_grid).delete()
    assert told(order, "feedback") == {"clerk"}


def test_what_an_officer_handled_is_checked_by_others(town):
    order = do("self_handle", report(town.chief, category="0501"), town.officer)
    photo_of(order)
    order = do("feedback", order, town.officer, **RESULT)
    assert order.sampled and told(order, "feedback") == {"part_timer", "clerk"}
    refused("not_your_move", "pass_check", order, town.officer)


def test_an_officer_shows_the_result(town):
    order = do("self_handle", report(town.chief, category="0501"), town.officer)
    missing = refused("after_photo_required", "feedback", order, town.officer, **RESULT)
    assert list(missing.errors) == ["photos"] and "photo" in str(missing)
    photo_of(order, "before")
    refused("after_photo_required", "feedback", order, town.officer, **RESULT)
    photo = photo_of(order, "before")
    do("feedback", order, town.officer, photos=[str(photo.pk)], **RESULT)


def test_feedback_is_refused(town):
    order = bring(dispatched(town), town, "handling")
    refused("not_your_move", "feedback", order, town.handler2, **RESULT)
    gaps = refused("invalid", "feedback", order, town.handler)
    assert set(gaps.errors) == {"internal_result", "public_answer", "resolved"}
    other = photo_of(dispatched(town))
    foreign = refused("invalid", "feedback", order, town.handler, photos=[other.pk], **RESULT)
    assert list(foreign.errors) == ["photos"]
    refused("wrong_status", "feedback", dispatched(town), town.handler)


def test_an_unsampled_one_closes_at_once_a_reworked_one_never(town):
    for _number in range(3):
        report(town.officer, category="0501", self_handled=True, result="已清扫")
    orders = []
    while len(orders) < 2:
        order = do("self_handle", report(town.chief, category="0501"), town.officer)
        photo_of(order)
        if order.pk % 10:
            orders.append(order)
    first, second = orders
    first = do("feedback", first, town.officer, **RESULT)
    assert told(first, "feedback") == set() and told(first, "pass_check") == set()
    first.refresh_from_db()
    assert first.status == "closed" and told(first, "close") == {"chief"}
    assert first.events.get(kind="close").data == {"settled": True}, "nobody was asked, so nobody left it unanswered"
    Outbox.objects.update(done_at=None)  # every message comes twice
    assert told(first, "close") == {"chief"} and first.events.filter(kind="close").count() == 1
    WorkOrder.objects.filter(pk=second.pk).update(reworks=1)  # a check of it failed before
    second = do("feedback", second, town.officer, **RESULT)
    assert second.sampled and told(second, "feedback") == {"part_timer", "clerk"}
    assert WorkOrder.objects.get(pk=second.pk).status == "fed_back"
    reopened = do("reopen", first, town.duty, reason="又脏了")
    reopened = do("feedback", reopened, town.officer, **RESULT)
    outbox.drain()
    assert WorkOrder.objects.get(pk=first.pk).status == "fed_back" and reopened.sampled


# -- stages


def test_containment_ends_with_the_first_sign_from_the_spot(town):
    order = report(town.officer, at=TUESDAY, category="0605")  # contain 3 h, restore 8 h, handle 5 wd
    order = bring(order, town, "dispatched", at=TUESDAY, category="0605")
    assert set(running(order)) == {"sign", "contain", "restore", "handle"}
    order = do("comment", order, town.handler, at=TUESDAY, text="出发")
    assert "contain" in running(order)  # not signed yet
    order = do("sign", order, town.handler, at=TUESDAY)
    assert order.due_kind == "contain" and due(order, "contain") == TUESDAY + dt.timedelta(hours=3)
    order = do("comment", order, town.dispatcher, at=TUESDAY, text="请尽快")
    assert "contain" in running(order)
    order = do("comment", order, town.head, at=TUESDAY, text="已关阀")
    assert set(running(order)) == {"restore", "handle"} and order.due_kind == "restore"
    assert due(order, "handle") == after_days(TUESDAY, 5)
    order = do("feedback", order, town.handler, at=TUESDAY, **RESULT)
    assert list(running(order)) == ["check"]
