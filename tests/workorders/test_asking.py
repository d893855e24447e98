"""A question to the reporter: the clock stands still until the answer, or until its time is over."""

import datetime as dt

import pytest

from core import clock
from core.errors import NotAllowedNow
from tests.workorders.acting import (
    RESULT,
    TUESDAY,
    after_days,
    bring,
    check_event,
    do,
    due,
    last,
    refused,
    report,
    told,
)
from workorders import audit, commands, following
from workorders.models import Inquiry, WorkOrder

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)
QUESTION = "垃圾堆在哪个单元门口?"


def handled(town, reporter=None, **fields):
    """An order in handling since Tuesday nine o'clock; a resident's without a reporter."""
    made = report(reporter, at=TUESDAY, **fields)
    return bring(made if reporter else made.order, town, "handling", at=TUESDAY)


def asked(town, order, *, at=TUESDAY + HOUR, question=QUESTION):
    return do("ask", order, town.handler, at=at, question=question)


def nothing_wrong():
    """check_orders derives the same rows from the events."""
    assert [str(finding) for finding in audit.findings()] == []
    return True


def test_the_clock_stands_still_until_the_resident_answers(town):
    order = asked(town, handled(town))
    until = after_days(TUESDAY, 2)  # two working days for the answer
    assert (order.clock_paused, order.due_kind, clock.local(order.asked_until)) == (True, "handle", until)
    check_event(
        order, "ask", town.handler, "handler", "handling", "handling",
        question=QUESTION, answer_by=order.asked_until.astimezone(clock.ZONE).isoformat(),
    )  # fmt: skip
    assert order.next_timer_at == order.asked_until
    seen = following.follow(order, at=TUESDAY + HOUR)
    assert seen.question.question == QUESTION and seen.expected_by is None

    order = commands.answer_publicly(order, at=TUESDAY + 4 * HOUR, text="三单元")
    assert (order.clock_paused, order.asked_until) == (False, None)
    check_event(order, "answer", None, "reporter", "handling", "handling", text="三单元")
    assert told(order, "answer") == {"handler", "head"}
    # Asked at ten, answered at one: two working hours fell into it (the noon break is none), and one day's end is kept.
    assert due(order, "handle") > after_days(TUESDAY, 2)
    assert following.follow(order, at=TUESDAY + 5 * HOUR).question is None
    assert [event.data["text"] for event in following.remarks_of(order)] == ["三单元"]
    row = Inquiry.objects.get()
    assert (row.outcome, row.answer, row.ended_at) == ("answered", "三单元", TUESDAY + 4 * HOUR)
    assert nothing_wrong()


def test_without_an_answer_the_clock_runs_on_by_itself(town):
    order = asked(town, handled(town))
    until = order.asked_until
    assert commands.fire(order, at=until - dt.timedelta(minutes=1)).asked_until == until
    order = commands.fire(order, at=until)
    assert (order.asked_until, order.clock_paused) == (None, False)
    assert last(order).kind == "unanswered" and last(order).actor_role == "system"
    assert told(order, "unanswered") == {"handler", "head"}
    assert commands.fire(order, at=until).version == order.version  # a second sweep finds nothing left
    with pytest.raises(NotAllowedNow) as late:
        commands.answer_publicly(order, at=until + HOUR, text="三单元")
    assert late.value.code == "nothing_asked"
    assert nothing_wrong()


def test_staff_who_reported_are_told_and_answer_by_a_move(town):
    order = asked(town, handled(town, town.officer))
    assert told(order, "ask") == {"officer"}
    refused("not_your_move", "answer", order, town.handler, text="不知道")
    order = do("answer", order, town.officer, at=TUESDAY + 2 * HOUR, text="东门")
    assert order.asked_until is None and told(order, "answer") == {"handler", "head"}
    refused("nothing_asked", "answer", order, town.officer, text="再说一次")


def test_whoever_needs_no_answer_any_more_goes_on(town):
    order = asked(town, handled(town))
    order = do("feedback", order, town.handler, at=TUESDAY + 2 * HOUR, **RESULT)
    assert order.asked_until is None and not order.clock_paused
    assert Inquiry.objects.get().outcome == "overtaken"
    assert following.follow(order, at=TUESDAY + 3 * HOUR).question is None
    assert nothing_wrong()


def test_what_is_suspended_while_asked_is_resumed_with_the_time_it_had_left(town):
    order = asked(town, handled(town))
    review = (TUESDAY + dt.timedelta(days=9)).date().isoformat()
    order = do("suspend", order, town.duty, at=TUESDAY + 2 * HOUR, reason="等专题会", review_on=review)
    assert order.asked_until is None and order.clock_paused
    order = do("resume", order, town.duty, at=TUESDAY + dt.timedelta(days=2))
    assert not order.clock_paused and nothing_wrong()


def test_the_limits_of_asking(town):
    order = asked(town, handled(town))
    refused("asked_already", "ask", order, town.handler, question="还有?")
    until = (TUESDAY + dt.timedelta(days=3)).isoformat()
    refused("waiting_for_answer", "request_extension", order, town.handler, at=TUESDAY + HOUR, until=until, reason="x")
    order = commands.answer_publicly(order, at=TUESDAY + 2 * HOUR, text="三单元")
    order = asked(town, order, at=TUESDAY + 2 * HOUR, question="几楼?")
    order = commands.answer_publicly(order, at=TUESDAY + 3 * HOUR, text="一楼")
    refused("asked_enough", "ask", order, town.handler, at=TUESDAY + 3 * HOUR, question="还有?")
    refused("too_long", "ask", handled(town), town.handler, at=TUESDAY, question="问" * 501)
    refused("no_way_to_ask", "ask", by_phone(town), town.handler, at=TUESDAY, question=QUESTION)
    refused("own_report", "ask", handled(town, town.handler), town.handler, at=TUESDAY, question=QUESTION)
    urgent = handled(town)
    WorkOrder.objects.filter(pk=urgent.pk).update(urgency="emergency")
    refused("ask_not_allowed", "ask", urgent, town.handler, at=TUESDAY, question=QUESTION)


def by_phone(town):
    """An order whose reporter has neither an account nor a link, as they come from old systems."""
    order = handled(town, town.officer)
    WorkOrder.objects.filter(pk=order.pk).update(reporter=None)
    return WorkOrder.objects.get(pk=order.pk)
