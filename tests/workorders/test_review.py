"""What was handled is checked, the reporter is asked, the order closes or goes back."""

import datetime as dt

import pytest

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
    last,
    parts,
    photo_of,
    refused,
    renewed,
    report,
    running,
    told,
)
from tests.workorders.clockwork import at
from workorders import commands, sentences
from workorders.models import Supervision, WorkOrder
from workorders.timekeeping import Timekeeper

pytestmark = pytest.mark.django_db
ANSWER = {"reached": True, "resolved": True, "satisfaction": 4}


def at_status(town, status, *, moment=TUESDAY, person=None, **fields):
    return bring(report(person or town.officer, at=moment, **fields), town, status, at=moment)


# -- check


def test_the_grids_officer_passes_what_was_done(town):
    order = do("pass_check", at_status(town, "fed_back"), town.officer, at=TUESDAY, note="已清")
    assert (order.status, order.phase, order.checked_at) == ("revisiting", "review", TUESDAY)
    check_event(order, "pass_check", town.officer, "officer", "fed_back", "revisiting", note="已清")
    assert list(running(order)) == ["revisit"] and due(order, "revisit") == after_days(TUESDAY, 1)
    assert told(order, "pass_check") == {"reviewer"} and sentences.due_explained(order)


@pytest.mark.parametrize("name", ["part_timer", "dispatcher", "clerk"])
def test_others_who_check(town, name):
    assert do("pass_check", at_status(town, "fed_back"), getattr(town, name)).status == "revisiting"


def test_whoever_handled_never_checks(town):
    order = at_status(town, "fed_back", person=town.neighbour)
    for person in (town.handler, town.head, town.handler2, town.neighbour, town.chief, town.reviewer, town.duty):
        refused("not_your_move", "pass_check", order, person)
        refused("not_your_move", "fail_check", order, person, reason="未清完")
    Post.objects.create(person=town.officer, role="handler", unit=town.um, starts=dt.date(2026, 1, 1))
    refused("not_your_move", "pass_check", order, town.officer)
    refused("wrong_status", "pass_check", at_status(town, "handling"), town.part_timer)
    refused("invalid", "fail_check", order, town.part_timer)


def test_a_failed_check_sends_it_back_with_half_the_limit(town):
    moment = at("2026-09-30 16:00")
    order = at_status(town, "fed_back")
    order = do("fail_check", order, town.officer, at=moment, reason="未清完")
    assert (order.status, order.reworks, order.card) == ("handling", 1, "")
    assert order.fed_back_at is None and order.checked_at is None
    check_event(order, "fail_check", town.officer, "officer", "fed_back", "handling", reason="未清完")
    clock = running(order)["handle"]
    assert clock.is_rework and clock.unit == town.um
    assert due(order, "handle") == after_days(moment, 1) == at("2026-10-08 17:30")  # two working days, halved
    assert told(order, "fail_check") == {"handler", "head"} and sentences.due_explained(order)
    assert parts(order, kind="lead", ended_at=None)[0].unit == town.um


def test_the_second_rework_brings_a_yellow_card_the_third_a_red_one(town):
    order = at_status(town, "fed_back")
    cards = []
    for number in range(1, 5):
        order = do("fail_check", order, town.officer, at=TUESDAY, reason="未清完")
        assert due(order, "handle") == after_days(TUESDAY, 1)  # always half of the original
        cards.append(order.card)
        hear = told(order, "carded")
        assert order.reworks == number
        order = do("feedback", order, town.handler, at=TUESDAY, **RESULT)
    assert cards == ["", "yellow", "red", "red"]
    assert list(Supervision.objects.order_by("pk").values_list("card", "rule", "unit")) == [
        ("yellow", "rework", town.um.pk),
        ("red", "rework", town.um.pk),
    ]
    events = list(order.events.filter(kind="carded").values_list("data", flat=True))
    assert events == [{"card": "yellow", "rule": "rework"}, {"card": "red", "rule": "rework"}]
    assert hear == {"handler", "head", "inspector"}


def test_rework_of_several_working_days_rounds_up(town):
    order = bring(report(town.officer, at=TUESDAY), town, "fed_back", at=TUESDAY, category="0702")
    order = do("fail_check", order, town.officer, at=TUESDAY, reason="仍有异味")
    assert due(order, "handle") == after_days(TUESDAY, 3)


# -- revisit


def test_a_reached_reporter_closes_it(town):
    order = do("revisit", at_status(town, "revisiting"), town.reviewer, at=TUESDAY, note="满意", **ANSWER)
    assert (order.status, order.satisfaction, order.resolved, order.closed_at) == ("closed", 4, True, TUESDAY)
    check_event(order, "revisit", town.reviewer, "reviewer", "revisiting", "closed", attempt=1, note="满意", **ANSWER)
    assert not running(order) and order.due_at is None and order.due_kind == ""
    assert told(order, "revisit") == {"handler", "head", "officer"}


def test_not_reached_three_times_closes_without_a_grade(town):
    order = at_status(town, "revisiting")
    for attempt in (1, 2):
        order = do("revisit", order, town.reviewer, reached=False)
        assert order.status == "revisiting" and last(order).data == {"reached": False, "attempt": attempt}
        assert list(running(order)) == ["revisit"]
    order = do("revisit", order, town.reviewer, reached="false", note="关机")
    assert (order.status, order.satisfaction) == ("closed", None) and order.closed_at


def test_a_dissatisfied_reporter_may_bring_rework(town):
    order = at_status(town, "revisiting")
    commands.rate(order, at=TUESDAY, resolved=False, satisfaction=1)
    order = do(
        "revisit", order, town.reviewer, at=TUESDAY, reached=True, resolved=False, satisfaction=1, rework=True,
    )  # fmt: skip
    assert (order.status, order.reworks, order.satisfaction, order.resolved) == ("handling", 1, None, None)
    assert order.revisits == 0 and due(order, "handle") == after_days(TUESDAY, 1)
    assert last(order).data["satisfaction"] == 1  # the answer stays in the event
    assert order.reopen_requested_at is None  # the resident's request is met
    order = bring(order, town, "revisiting", at=TUESDAY)
    order = do("revisit", order, town.reviewer, at=TUESDAY, reached=True, resolved=False, satisfaction=1, rework=True)
    assert order.card == "yellow" and last(order).kind == "carded"


def test_revisiting_is_refused(town):
    order = at_status(town, "revisiting")
    missing = refused("answer_required", "revisit", order, town.reviewer, reached=True, resolved=True)
    assert list(missing.errors) == ["satisfaction"]
    refused("answer_required", "revisit", order, town.reviewer, reached=True)
    refused("not_reached", "revisit", order, town.reviewer, reached=False, satisfaction=3)
    refused("not_reached", "revisit", order, town.reviewer, reached=False, rework=True)
    refused("invalid", "revisit", order, town.reviewer, reached=True, resolved=True, satisfaction=6)
    refused("not_your_move", "revisit", order, town.dispatcher, **ANSWER)
    Post.objects.create(person=town.reviewer, role="handler", unit=town.um, starts=dt.date(2026, 1, 1))
    refused("not_your_move", "revisit", WorkOrder.objects.get(pk=order.pk), renewed(town.reviewer), **ANSWER)


# -- close and reopen


def test_it_closes_by_itself_after_three_working_days(town):
    moment = at("2026-09-29 15:00")
    order = at_status(town, "revisiting", moment=moment)
    assert due(order, "revisit") == at("2026-09-30 17:30")
    closing = after_days(moment, 3)
    assert closing == at("2026-10-09 17:30")
    order = commands.fire(order, at=closing - dt.timedelta(seconds=1))
    assert order.status == "revisiting"
    order = commands.fire(order, at=closing)
    assert (order.status, order.satisfaction) == ("closed", None)
    check_event(order, "close", None, "system", "revisiting", "closed", automatic=True)
    assert told(order, "close") == {"officer"}


def test_an_unhappy_answer_is_an_answer(town):
    receipt = report(None, at=TUESDAY)
    order = bring(receipt.order, town, "revisiting", at=TUESDAY)
    commands.rate(order, at=TUESDAY, resolved=False, satisfaction=1)
    order = commands.fire(WorkOrder.objects.get(pk=order.pk), at=after_days(TUESDAY, 4))
    assert order.status == "revisiting" and order.reopen_requested_at  # it waits for the reviewer


def test_the_duty_leader_closes(town):
    order = do("close", at_status(town, "revisiting"), town.duty, at=TUESDAY)
    check_event(order, "close", town.duty, "duty_leader", "revisiting", "closed")
    refused("not_your_move", "close", at_status(town, "revisiting"), town.reviewer)
    refused("wrong_status", "close", at_status(town, "fed_back"), town.duty)


def test_a_closed_order_is_reopened_for_whoever_handled_it(town):
    later = at("2026-03-20 10:00")
    order = do("reopen", at_status(town, "closed"), town.duty, at=later, reason="复发")
    assert (order.status, order.reopens, order.satisfaction, order.resolved) == ("handling", 1, None, None)
    assert order.closed_at is order.checked_at is order.fed_back_at is None and order.lead == town.um
    check_event(order, "reopen", town.duty, "duty_leader", "closed", "handling", reason="复发")
    assert due(order, "handle") == after_days(later, 1) and order.reworks == 0
    assert told(order, "reopen") == {"handler", "head", "officer"}
    assert bring(order, town, "closed").status == "closed"


def test_reopening_is_refused(town):
    order = at_status(town, "closed")
    refused("not_your_move", "reopen", order, town.dispatcher, reason="复发")
    refused("invalid", "reopen", order, town.duty)
    WorkOrder.objects.filter(pk=order.pk).update(lead=None)
    refused("nobody_handled_it", "reopen", order, town.duty, reason="复发")
    declined = do("decline", report(town.officer), town.acceptor, reason="不受理")
    refused("wrong_status", "reopen", declined, town.duty, reason="复发")


def test_a_reopened_own_item_goes_back_to_the_officer(town):
    order = report(town.officer, at=TUESDAY, category="0501", self_handled=True, result="已清扫")
    order = do("pass_check", order, town.clerk, at=TUESDAY)
    order = do("close", order, town.duty, at=TUESDAY)
    order = do("reopen", order, town.duty, at=TUESDAY, reason="复发")
    assert (order.officer, order.lead) == (town.officer, None)
    assert due(order, "handle") == after_hours(TUESDAY, 2)
    photo_of(order)
    assert do("feedback", order, town.officer, at=TUESDAY, **RESULT).sampled


def test_an_order_from_an_old_system_is_reopened_without_a_limit(town):
    order = at_status(town, "closed")
    WorkOrder.objects.filter(pk=order.pk).update(category=None)
    order = do("reopen", order, town.duty, at=TUESDAY, reason="复发")
    assert order.status == "handling"


def test_rework_of_a_matter_with_stages_runs_handling_alone(town):
    order = bring(report(town.officer, at=TUESDAY), town, "fed_back", at=TUESDAY, category="0605")
    order = do("fail_check", order, town.officer, at=TUESDAY, reason="仍漏水")
    assert list(running(order)) == ["handle"] and due(order, "handle") == after_days(TUESDAY, 3)


def test_a_step_without_a_limit_gets_no_clock(town):
    order = report(town.officer, at=TUESDAY, category="0306")
    clocks = Timekeeper(order, TUESDAY)
    clocks.start("verify")
    assert clocks.settle() == []
    assert list(running(order)) == ["accept"]
