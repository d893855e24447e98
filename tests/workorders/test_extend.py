"""More time: asked for, decided on, or the whole matter suspended."""

import datetime as dt

import pytest

from core import clock
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
    photo_of,
    refused,
    renewed,
    report,
    running,
    told,
)
from tests.workorders.clockwork import at
from workorders import sentences
from workorders.models import Extension, WorkOrder

pytestmark = pytest.mark.django_db
ASKED = TUESDAY + dt.timedelta(hours=1)
LATER = at("2026-03-13 17:30")


def handling(town, *, at=TUESDAY, unit="620105-UM", urgency="", category="0502", **fields):
    order = report(town.officer, at=at, category=category, **fields)
    order = do("accept", order, town.acceptor, at=at, category=category, urgency=urgency)
    order = do("dispatch", order, town.dispatcher, at=at, unit=unit)
    WorkOrder.objects.filter(pk=order.pk).update(status="handling", signed_at=at)
    running(order)["sign"].delete()
    return order


def asked(town, order, person=None, *, until=LATER, at=ASKED):
    return do("request_extension", order, person or town.handler, at=at, until=until.isoformat(), reason="等配件")


def test_the_unit_asks_and_the_duty_leader_grants(town):
    order = bring(report(town.officer, at=TUESDAY), town, "handling", at=TUESDAY)
    order = asked(town, order)
    assert order.extension_pending and due(order, "handle") == after_days(TUESDAY, 2)
    check_event(
        order, "request_extension", town.handler, "handler", "handling", "handling",
        until=LATER.isoformat(), reason="等配件",
    )  # fmt: skip
    assert told(order, "request_extension") == {"duty"}
    decided = ASKED + dt.timedelta(hours=1)
    order = do("decide_extension", order, town.duty, at=decided, approve=True, note="同意")
    assert (order.extension_pending, order.extensions_granted, order.due_at) == (False, 1, LATER)
    assert order.events.last().actor_role == "duty_leader" and sentences.due_explained(order)
    assert told(order, "decide_extension") == {"handler", "head"}
    paper = Extension.objects.get()
    assert (paper.state, paper.granted_until, paper.decided_by, paper.decided_at) == (
        "granted", LATER, town.duty, decided,
    )  # fmt: skip
    assert clock.local(order.amber_at) > after_days(TUESDAY, 1)


def test_another_moment_may_be_granted_or_nothing(town):
    order = asked(town, handling(town))
    other = at("2026-03-13 10:00")
    order = do("decide_extension", order, town.duty, at=ASKED, approve="true", until=other.isoformat())
    assert order.due_at == other
    second = asked(town, handling(town))
    second = do("decide_extension", second, town.duty, at=ASKED, approve=False, note="不同意")
    assert (second.extension_pending, second.extensions_granted) == (False, 0)
    assert due(second, "handle") == after_days(TUESDAY, 2)
    check_event(
        second, "decide_extension", town.duty, "duty_leader", "handling", "handling", approve=False, note="不同意"
    )
    asked(town, second)  # a refusal does not use it up


@pytest.mark.parametrize(
    "unit, decider, others",
    [
        ("620105006001-CO", "clerk", ["instructor", "manager"]),
        ("620105006-ST", "instructor", ["clerk", "manager"]),
        ("620105-UM", "duty", ["clerk", "instructor", "dispatcher"]),
    ],
)
def test_who_decides_depends_on_who_handles(town, unit, decider, others):
    order = handling(town, unit=unit)
    member = town.handler
    Post.objects.create(person=town.neighbour, role="handler", unit=order.lead, starts=dt.date(2026, 1, 1))
    member = town.neighbour
    order = asked(town, order, member)
    assert told(order, "request_extension") == {decider}
    for name in others:
        refused("not_your_move", "decide_extension", order, getattr(town, name), at=ASKED, approve=True)
    do("decide_extension", order, getattr(town, decider), at=ASKED, approve=True)
    do("decide_extension", asked(town, handling(town)), town.duty, at=ASKED, approve=True)  # he always may


def test_the_clerk_decides_for_an_officer_and_whoever_holds_two_posts_for_both(town):
    order = do("self_handle", report(town.chief, at=TUESDAY, category="0501"), town.officer, at=TUESDAY)
    order = asked(town, order, town.officer, until=at("2026-03-10 17:30"), at=TUESDAY)
    assert told(order, "request_extension") == {"clerk"}
    do("decide_extension", order, town.clerk, at=TUESDAY, approve=True)
    Post.objects.create(person=town.clerk, role="duty_leader", area=town.district, starts=dt.date(2026, 1, 1))
    order = asked(town, handling(town))
    order = do("decide_extension", order, renewed(town.clerk), at=ASKED, approve=True)
    assert order.events.last().actor_role == "duty_leader"


def test_nobody_decides_on_his_own_request(town):
    Post.objects.create(person=town.duty, role="handler", unit=town.um, starts=dt.date(2026, 1, 1))
    order = asked(town, handling(town), town.duty)
    refused("own_request", "decide_extension", order, town.duty, at=ASKED, approve=True)


def test_only_the_duty_leader_goes_beyond_the_original_limit(town):
    Post.objects.create(person=town.neighbour, role="handler", unit=town.st, starts=dt.date(2026, 1, 1))
    beyond = after_days(after_days(TUESDAY, 2), 2) + dt.timedelta(seconds=1)  # two working days, twice
    order = asked(town, handling(town, unit="620105006-ST"), town.neighbour, until=beyond)
    refused("beyond_the_limit", "decide_extension", order, town.instructor, at=ASKED, approve=True)
    just = beyond - dt.timedelta(seconds=1)
    do("decide_extension", order, town.instructor, at=ASKED, approve=True, until=just.isoformat())
    order = asked(town, handling(town, unit="620105006-ST"), town.neighbour, until=beyond)
    assert do("decide_extension", order, town.duty, at=ASKED, approve=True).due_at == beyond


def test_four_fifths_is_too_late(town):
    order = handling(town, category="0302")  # 24 hours around the clock
    edge = TUESDAY + dt.timedelta(hours=24) * 0.8
    until = TUESDAY + dt.timedelta(hours=30)
    late = refused(
        "extension_too_late", "request_extension", order, town.handler, at=edge, until=until.isoformat(), reason="x"
    )
    assert late.status == 409
    asked(town, order, until=until, at=edge - dt.timedelta(seconds=1))


def test_four_fifths_count_working_time_also_while_signing_is_due_first(town):
    order = handling(town, at=at("2026-09-30 16:30"), category="0501")  # one working hour, then a holiday, then three
    until = at("2026-10-09 17:30").isoformat()
    edge = after_hours(at("2026-09-30 16:30"), 3.2)
    refused("extension_too_late", "request_extension", order, town.handler, at=edge, until=until, reason="x")
    do("request_extension", order, town.handler, at=at("2026-10-07 12:00"), until=until, reason="放假")


def test_once_and_twice_for_difficult_ones(town):
    order = handling(town)
    for moment in ("2026-03-13 17:30",):
        order = do("decide_extension", asked(town, order, until=at(moment)), town.duty, at=ASKED, approve=True)
    refused("extension_exhausted", "request_extension", order, town.handler, at=ASKED, until=LATER, reason="x")
    hard = handling(town, category="0505")  # fifteen working days, difficult
    for days in (1, 2):
        until = after_days(TUESDAY, 15 + days)
        hard = do("decide_extension", asked(town, hard, until=until), town.duty, at=ASKED, approve=True)
    refused("extension_exhausted", "request_extension", hard, town.handler, at=ASKED, until=LATER, reason="x")
    # both together: at most the original limit, from the first due moment
    assert hard.extensions_granted == 2


def test_the_second_extension_counts_from_the_first_due_moment(town):
    order = handling(town, category="0505", unit="620105006-ST")
    Post.objects.create(person=town.neighbour, role="handler", unit=town.st, starts=dt.date(2026, 1, 1))
    most = after_days(after_days(TUESDAY, 15), 15)
    half = after_days(after_days(TUESDAY, 15), 8)
    order = asked(town, order, town.neighbour, until=half)
    order = do("decide_extension", order, town.instructor, at=ASKED, approve=True)
    order = asked(town, order, town.neighbour, until=most + dt.timedelta(days=3))
    refused("beyond_the_limit", "decide_extension", order, town.instructor, at=ASKED, approve=True)
    do("decide_extension", order, town.instructor, at=ASKED, approve=True, until=most.isoformat())


def test_an_urgent_order_gets_half_once_and_never_more(town):
    order = handling(town, urgency="urgent")  # one working day
    first = after_days(TUESDAY, 1)
    refused(
        "too_far", "request_extension", order, town.handler, at=ASKED, reason="x",
        until=(after_days(first, 1) + dt.timedelta(seconds=1)).isoformat(),
    )  # fmt: skip
    order = asked(town, order, until=after_days(first, 1))
    refused(
        "too_far", "decide_extension", order, town.duty, at=ASKED, approve=True,
        until=after_days(first, 2).isoformat(),
    )  # fmt: skip
    do("decide_extension", order, town.duty, at=ASKED, approve=True)
    difficult = handling(town, category="0404", urgency="urgent")
    WorkOrder.objects.filter(pk=difficult.pk).update(extensions_granted=1)
    refused("extension_exhausted", "request_extension", difficult, town.handler, at=ASKED, until=LATER, reason="x")


def test_asking_and_deciding_is_refused(town):
    order = handling(town)
    refused("not_your_move", "request_extension", order, town.handler2, until=LATER.isoformat(), reason="x")
    refused("not_later", "request_extension", order, town.handler, at=ASKED, until=TUESDAY.isoformat(), reason="x")
    refused("no_extension_pending", "decide_extension", order, town.duty, at=ASKED, approve=True)
    asked(town, order)
    refused("extension_pending", "request_extension", order, town.handler, at=ASKED, until=LATER, reason="x")
    refused("not_later", "decide_extension", order, town.duty, at=ASKED, approve=True, until=TUESDAY.isoformat())
    passed = at("2026-03-16 09:00")
    refused("in_the_past", "decide_extension", order, town.duty, at=passed, approve=True)
    refused("invalid", "decide_extension", order, town.duty, at=ASKED)
    emergency = handling(town, category="0306")
    refused("extension_not_allowed", "request_extension", emergency, town.handler, at=ASKED, until=LATER, reason="x")


def test_a_request_lapses_with_feedback_return_and_escalation(town):
    photo = {"photos": []}
    for name, person, given in (
        ("feedback", town.handler, RESULT | photo),
        ("return", town.handler, {"reason": "不属于"}),
        ("escalate", town.dispatcher, {"attempt": "无权限"}),
    ):
        order = asked(town, handling(town))
        order = do(name, order, person, at=ASKED, **given)
        assert not order.extension_pending and Extension.objects.get(order=order).state == "lapsed"


# -- suspended


def test_suspension_keeps_the_time_that_is_left(town):
    order = handling(town, at=at("2026-09-30 15:00"))  # two working days: until 9 October
    assert due(order, "handle") == at("2026-10-09 17:30")
    stop, go = at("2026-10-08 10:00"), at("2026-10-19 15:00")
    order = do("suspend", order, town.duty, at=stop, reason="等待上级批复", review_on="2026-11-07")
    assert (order.status, order.phase, order.clock_paused) == ("suspended", "handle", True)
    assert order.suspended_until == dt.date(2026, 11, 7) and order.next_timer_at is None and order.amber_at is None
    check_event(
        order, "suspend", town.duty, "duty_leader", "handling", "suspended", reason="等待上级批复",
        review_on="2026-11-07",
    )  # fmt: skip
    assert told(order, "suspend") == {"handler", "head"} and sentences.due_explained(order)
    assert not WorkOrder.objects.overdue(at("2027-01-01 00:00")).exists()
    order = do("resume", order, town.duty, at=go)
    assert (order.status, order.suspended_until, order.clock_paused) == ("handling", None, False)
    assert due(order, "handle") == after_hours(go, 5.5 + 7)  # what was left on the morning of the 8th
    assert told(order, "resume") == {"handler", "head"} and sentences.due_explained(order)
    assert order.next_timer_at > go


def test_suspension_of_a_limit_around_the_clock_moves_it_by_the_stop(town):
    order = handling(town, category="0201")
    stop, go = TUESDAY + dt.timedelta(hours=5), TUESDAY + dt.timedelta(days=9)
    do("suspend", order, town.duty, at=stop, reason="等", review_on="2026-03-20")
    order = do("resume", order, town.duty, at=go)
    assert due(order, "handle") == go + dt.timedelta(hours=19)


def test_suspending_is_refused(town):
    order = handling(town)
    for day in ("2026-03-10", "2026-04-10"):
        wrong = refused("review_date", "suspend", order, town.duty, at=TUESDAY, reason="等", review_on=day)
        assert list(wrong.errors) == ["review_on"]
    for person in (town.dispatcher, town.handler, town.instructor):
        refused("not_your_move", "suspend", order, person, reason="等", review_on="2026-03-20")
    do("suspend", order, town.duty, at=TUESDAY, reason="等", review_on="2026-04-09")
    refused("wrong_status", "suspend", order, town.duty, reason="等", review_on="2026-03-20")
    refused("not_your_move", "resume", order, town.handler)
    refused("wrong_status", "resume", handling(town), town.duty)
    photo_of(order)
    refused("wrong_status", "feedback", order, town.handler, **RESULT)


def test_an_order_from_an_old_system_has_no_time_to_extend(town):
    order = handling(town)
    running(order)["handle"].delete()
    refused("no_handling_clock", "request_extension", order, town.handler, at=ASKED, until=LATER, reason="x")


def test_an_extension_moves_handling_alone(town):
    order = handling(town, category="0404")  # fence within four hours, ten working days
    until = after_days(TUESDAY, 12)
    order = do("decide_extension", asked(town, order, until=until), town.duty, at=ASKED, approve=True)
    assert due(order, "handle") == until and due(order, "contain") == TUESDAY + dt.timedelta(hours=4)
