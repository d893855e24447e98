"""Whose time ran out: returned, forced, paused and extended clocks, replies done again, answers that come late."""

import datetime as dt

import pytest

from assessment import counting, explaining, seen
from assessment.indicators import BIT, BY_CODE, INDICATORS, Indicator
from assessment.indicators.registry import bits_then
from assessment.models import Counted
from assessment.vocabulary import Fact, ScoreLevel
from tests.assessment.months import at, computed, events, figures, order, score_of
from workorders.commands.reviewing import within_rating_time
from workorders.models import Clock, OrderPart, Rating, WorkOrder

pytestmark = pytest.mark.django_db
NOVEMBER = dt.datetime.fromisoformat("2026-11-05T09:00:00+08:00")
LIMIT = {"amount": 1, "unit": "wd"}


def clock(row, kind, since, due, **more):
    return Clock.objects.create(order=row, kind=kind, since=since, due_at=due, limit=LIMIT, own_limit=LIMIT, **more)


def of_unit(run, unit, code):
    return figures(run, unit, ScoreLevel.UNIT)[code][:2]


def units_of(run):
    return set(run.scores.filter(level="unit").values_list("unit_id", flat=True))


def test_who_returned_an_order_does_not_answer_for_it(town):
    row = order(town.main_grid, at(1), unit=town.hc, due=at(9, 17, 30), handled=at(9), closed=at(10), signed=at(7, 11))
    Clock.objects.filter(order=row).update(since=at(7))
    # The first unit let its signing time run out and returned the order; its handling clock stood still from then on.
    clock(row, "sign", at(1), at(1, 15), unit=town.um, stopped_at=at(2), was_returned=True)
    clock(row, "handle", at(1), at(3, 17, 30), unit=town.um, paused_at=at(2), stopped_at=at(7), was_paused=True)
    clock(row, "sign", at(7), at(7, 15), unit=town.hc, stopped_at=at(7, 11))
    run = computed(town)
    assert of_unit(run, town.hc, "M04") == (1, 1) and of_unit(run, town.hc, "M05") == (1, 1)
    assert town.um.pk not in units_of(run)


def test_a_forced_dispatch_takes_over_the_time_that_is_left(town):
    """The clock keeps the name of the unit it was started for; who leads the order now answers for it."""
    row = order(town.main_grid, at(1), unit=town.hc, handled=at(9), closed=at(10), forced=True, returns=2)
    clock(row, "handle", at(2), at(8, 17, 30), unit=town.um, stopped_at=at(9), was_paused=True)
    run = computed(town)
    assert of_unit(run, town.hc, "M05") == (0, 1) and town.um.pk not in units_of(run)


@pytest.mark.parametrize(
    ("paused", "on_time"),
    [
        (at(8), 1),  # stopped on the 12th, after its due moment of the 9th, but it stood still since the 8th
        (at(10), 0),  # it had run out before
    ],
)
def test_a_clock_that_was_stopped_while_it_stood_still(town, paused, on_time):
    row = order(town.main_grid, at(1), unit=town.um, due=at(9, 17, 30), handled=at(12), closed=at(12, 11))
    row.clocks.update(paused_at=paused, was_paused=True)
    run = computed(town)
    assert of_unit(run, town.um, "M05") == (on_time, 1)


def test_a_clock_that_stands_still_is_neither_due_nor_overdue(town):
    row = order(town.main_grid, at(1), unit=town.um, due=at(9, 17, 30))
    row.clocks.update(paused_at=at(8), was_paused=True)
    assert town.um.pk not in units_of(computed(town))
    row.clocks.update(paused_at=at(10))
    run = computed(town)
    assert of_unit(run, town.um, "M05") == (0, 1) and of_unit(run, town.um, "M08") == (1, 1)


def test_an_officer_signs_what_a_dispatcher_gives_him(town):
    for hour in (11, 16):
        order(
            town.main_grid, at(1), officer=town.officer, due=at(9), handled=at(8), closed=at(9), sign_due=at(1, 15),
            signed=at(1, hour),
        )  # fmt: skip
    assert figures(computed(town), town.main_grid)["M04"][:2] == (1, 2)


def test_the_reply_the_check_accepted_first_is_the_one_that_counts(town):
    """The reporter was not content and it was done again, long after the limit; the first reply had been in time."""
    row = order(town.main_grid, at(1), unit=town.um, due=at(9), handled=at(20), closed=at(22), reworks=1)
    events(
        row, ("dispatch", at(1)), ("feedback", at(8)), ("pass_check", at(8, 15)),
        ("revisit", at(9), {"data": {"rework": True, "satisfaction": 2}}), ("feedback", at(20)), ("pass_check", at(21)),
        ("revisit", at(22), {"after": "closed"}),
    )  # fmt: skip
    failed = order(town.main_grid, at(1), unit=town.um, due=at(9), handled=at(20), closed=at(22), reworks=1)
    events(
        failed, ("dispatch", at(1)), ("feedback", at(8)), ("fail_check", at(8, 15)), ("feedback", at(20)),
        ("pass_check", at(21)), ("revisit", at(22), {"after": "closed"}),
    )  # fmt: skip
    run = computed(town)
    assert of_unit(run, town.um, "M05") == (1, 2)
    moments = dict(Counted.objects.filter(run=run).values_list("order_id", "handled_at"))
    assert moments == {row.pk: at(8), failed.pk: at(20)}


def test_an_order_that_was_reopened_counts_where_it_closed_first(town):
    row = order(town.main_grid, at(1), unit=town.um, due=at(9), handled=at(9, month=10), reopens=1)
    events(
        row, ("feedback", at(8)), ("pass_check", at(8, 15)), ("close", at(11), {"after": "closed"}),
        ("reopen", at(7, month=10)), ("feedback", at(9, month=10)),
    )  # fmt: skip
    assert of_unit(computed(town, when=NOVEMBER), town.um, "M06") == (1, 1)
    october = computed(town, period="2026-10", when=NOVEMBER)
    assert town.um.pk not in units_of(october)


def test_a_rating_counts_when_it_comes(town):
    row = order(
        town.main_grid, at(20), officer=town.officer, reporter=town.officer, handled=at(20), closed=at(28),
        satisfaction=5,
    )  # fmt: skip
    Rating.objects.create(order=row, resolved=True, satisfaction=5, at=at(3, month=10))
    september = computed(town, when=NOVEMBER)
    assert figures(september, town.main_grid)["S02"][:2] == (None, None)
    october = computed(town, period="2026-10", when=NOVEMBER)
    assert figures(october, town.main_grid)["S02"][:2] == (1, 1)
    last = row.closed_at + dt.timedelta(days=seen.RATING_DAYS)
    kept = WorkOrder.objects.get(pk=row.pk)
    assert within_rating_time(kept, last - dt.timedelta(seconds=1)) and not within_rating_time(kept, last)


def test_the_closing_time_of_an_order_handled_early_is_told_right(town):
    order(town.main_grid, at(1), officer=town.officer, due=at(14, 17, 30, month=10), handled=at(2), closed=at(3))
    score = score_of(computed(town), town.main_grid)
    (row,) = explaining.evidence(explaining.evidence_rows(score, "M06"), "M06")
    # Four working hours for the check from 17:30 on the 14th, to 14:30 on the 15th; the revisit to the 16th's end.
    assert "2026-10-16 17:30" in row.why


def test_an_old_order_closed_nobody_knows_when_stays_out(town):
    order(town.main_grid, at(1), unit=town.um, due=at(9), handled=at(8), status="closed", imported=True)
    assert town.um.pk not in units_of(computed(town))


def test_a_unit_answers_also_for_orders_that_lie_in_no_grid(town):
    row = order(town.main_grid, at(1), unit=town.um, due=at(9), handled=at(8), closed=at(9))
    WorkOrder.objects.filter(pk=row.pk).update(area=town.community)
    run = computed(town)
    assert of_unit(run, town.um, "M05") == (1, 1)
    assert run.scores.filter(level="grid", score__isnull=False).count() == 0


def test_parts_of_an_order_are_not_reported_and_complained_about_again(town):
    grid, me = town.main_grid, town.officer
    for source, more in (("officer", {"reporter": me}), ("hotline", {"lon": 103.705, "lat": 36.105})):
        first, *parts = (
            order(grid, at(2), officer=me, source=source, due=at(9), handled=at(8), closed=at(9), **more)
            for _part in range(3)
        )
        OrderPart.objects.bulk_create(OrderPart(origin=first, part=part, at=at(2, 11)) for part in parts)
    run = computed(town)
    found = figures(run, grid)
    assert found["M01"][:2] == (1, 1) and found["M05"][:2] == (6, 6)
    assert not score_of(run, grid).charges.filter(code="K11").exists()


# -- the registry -----------------------------------------------------------------------------------------------------


def test_a_new_indicator_moves_no_bit_of_an_old_run(db):
    codes = [one.code for one in INDICATORS]
    assert bits_then("bits", codes, INDICATORS) == "bits"
    old = ["M01", "X99", "S06"]
    expected = f"CASE WHEN bits & 1 <> 0 THEN {1 << BIT['M01']} ELSE 0 END | CASE WHEN bits & 4 <> 0 THEN"
    assert bits_then("bits", old, INDICATORS) == f"({expected} {1 << BIT['S06']} ELSE 0 END)"


@pytest.mark.parametrize(
    "condition",
    ["online_minutes > 60", "last_login >= %(since)s", "messages > 5", "TRUE; DROP TABLE x", "due_at = (SELECT 1)"],
)
def test_nothing_can_be_built_from_presence_or_messages(condition):
    model = BY_CODE["M05"]
    with pytest.raises(ValueError, match="M99"):
        Indicator(
            "M99", "x", "M", "higher", "", Fact.LATE, denominator=condition, numerator="TRUE", moment=model.moment,
            why=model.why,
        )  # fmt: skip


def test_rules_are_told_in_words(db):
    assert len(counting.RULES) == 8 and all(str(rule) for rule in counting.RULES)
