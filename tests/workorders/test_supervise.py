"""Urging and cards by people: urge, supervise, lift."""

import datetime as dt

import pytest

from core import clock
from tests.workorders.acting import TUESDAY, after_hours, bring, check_event, do, last, refused, report, told
from tests.workorders.clockwork import at
from workorders.models import Supervision, WorkOrder

pytestmark = pytest.mark.django_db
ANSWER_BY = TUESDAY + dt.timedelta(days=1)


def handling(town, *, moment=TUESDAY):
    return bring(report(town.officer, at=moment), town, "handling", at=moment)


def test_urging_reminds_whoevers_turn_it_is(town):
    order = do("urge", handling(town), town.manager, at=TUESDAY, note="请尽快办理")
    assert (order.urges, order.urged_at, order.status) == (1, TUESDAY, "handling")
    check_event(order, "urge", town.manager, "manager", "handling", "handling", note="请尽快办理")
    assert told(order, "urge") == {"handler", "head"}


@pytest.mark.parametrize(
    "status, hear",
    [
        ("reported", {"acceptor", "clerk"}),
        ("filed", {"dispatcher"}),
        ("dispatched", {"handler", "head"}),
        ("fed_back", {"officer", "part_timer", "former"}),
        ("revisiting", {"reviewer"}),
    ],
)
def test_who_is_urged_in_each_step(town, status, hear):
    order = do(
        "urge", bring(report(town.officer, at=TUESDAY), town, status, at=TUESDAY), town.chief, at=TUESDAY, note="请快"
    )
    assert told(order, "urge") == hear


def test_others_whose_turn_it_may_be(town):
    order = do("verify", report(town.chief, at=TUESDAY), town.acceptor, at=TUESDAY)
    assert told(do("urge", order, town.clerk, at=TUESDAY, note="请快"), "urge") == {"officer"}
    order = do("suspend", handling(town), town.duty, at=TUESDAY, reason="等", review_on="2026-03-20")
    assert told(do("urge", order, town.clerk, at=TUESDAY, note="请快"), "urge") == {"duty"}
    order = do("self_handle", report(town.chief, at=TUESDAY, category="0501"), town.officer, at=TUESDAY)
    assert told(do("urge", order, town.clerk, at=TUESDAY, note="请快"), "urge") == {"officer"}


def test_by_hand_once_in_four_working_hours(town):
    since = at("2026-09-30 16:30")
    order = do("urge", handling(town, moment=since), town.dispatcher, at=since, note="请快")
    again = at("2026-10-08 11:30")
    assert again == after_hours(since, 4)
    early = refused("urged_recently", "urge", order, town.clerk, at=again - dt.timedelta(seconds=1), note="请快")
    assert "11:30" in str(early) and early.data["again_at"] == again.isoformat()
    assert do("urge", order, town.clerk, at=again, note="请快").urges == 2


def test_urging_is_refused(town):
    order = handling(town)
    for person in (town.handler, town.inspector, town.elsewhere, town.acceptor):
        refused("not_your_move", "urge", order, person, note="请快")
    refused("invalid", "urge", order, town.manager)
    refused("wrong_status", "urge", bring(order, town, "closed"), town.manager, note="请快")


def test_an_inspectors_card(town):
    order = do(
        "supervise", handling(town), town.inspector, at=TUESDAY, card="yellow", reason="拖延",
        answer_by=ANSWER_BY.isoformat(),
    )  # fmt: skip
    assert order.card == "yellow"
    check_event(
        order, "supervise", town.inspector, "inspector", "handling", "handling", card="yellow", reason="拖延",
        answer_by=ANSWER_BY.isoformat(),
    )  # fmt: skip
    paper = Supervision.objects.get()
    assert (paper.unit, paper.by, paper.answer_by, paper.rule) == (town.um, town.inspector, ANSWER_BY, "")
    assert told(order, "supervise") == {"handler", "head", "duty"}


def test_a_red_card_reaches_the_head_of_the_unit_whatever_the_step(town):
    order = bring(report(town.officer, at=TUESDAY), town, "fed_back", at=TUESDAY)
    given = {"card": "red", "reason": "弄虚作假", "answer_by": ANSWER_BY.isoformat()}
    order = do("supervise", order, town.inspector, at=TUESDAY, **given)
    assert "head" in told(order, "supervise")
    lower = refused("has_red_card", "supervise", order, town.inspector, at=TUESDAY, **{**given, "card": "yellow"})
    assert list(lower.errors) == ["card"]
    assert do("supervise", order, town.inspector, at=TUESDAY, **given).card == "red"  # a second one


def test_supervising_is_refused(town):
    order = handling(town)
    given = {"card": "yellow", "reason": "拖延", "answer_by": TUESDAY.isoformat()}
    past = refused("in_the_past", "supervise", order, town.inspector, at=TUESDAY, **given)
    assert list(past.errors) == ["answer_by"]
    for person in (town.manager, town.duty, town.handler):
        refused("not_your_move", "supervise", order, person, **given)
    refused("invalid", "supervise", order, town.inspector, card="green", reason="x", answer_by="tomorrow")


def test_a_card_is_lifted_the_record_stays(town):
    order = handling(town)
    refused("no_card", "lift_supervision", order, town.inspector)
    do("supervise", order, town.inspector, at=TUESDAY, card="red", reason="拖延", answer_by=ANSWER_BY.isoformat())
    refused("not_your_move", "lift_supervision", order, town.duty)
    order = do("lift_supervision", order, town.inspector, at=ANSWER_BY, note="已整改")
    assert order.card == "" and last(order).data == {"card": "red", "note": "已整改"}
    paper = Supervision.objects.get()
    assert (paper.card, paper.lifted_by, paper.lifted_at) == ("red", town.inspector, ANSWER_BY)
    assert told(order, "lift_supervision") == {"handler", "head"}
    assert WorkOrder.objects.get(pk=order.pk).card == "" and clock.local(paper.lifted_at) == ANSWER_BY
