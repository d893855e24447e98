"""Why an order is due when it is: the steps, and the sentences made of them."""

import json

import pytest
from django.utils import translation

from tests.workorders.clockwork import at, rows
from workorders import deadlines
from workorders.deadlines import Limit, due_at
from workorders.explained import CLOCK_NAMES, explain, limit_words, sentences
from workorders.worktime import Calendar


@pytest.fixture(scope="module")
def calendar():
    return Calendar.of(rows())


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def told(calendar, text, since, *, own=None, steps=0, pauses=(), extensions=(), due=None, kind="handle"):
    """The sentences for a clock, after a round trip of its steps through JSON."""
    limit = Limit.parse(text)
    moment = due_at(limit, at(since), calendar)
    for stopped, went_on in pauses:
        if went_on:
            moment = deadlines.resume(moment, stopped, went_on, limit, calendar)
    if extensions:
        moment = extensions[-1][1]
    found = explain(
        kind,
        limit,
        since=at(since),
        due=at(due) if due else moment,
        calendar=calendar,
        own_limit=own and Limit.parse(own),
        steps=steps,
        pauses=pauses,
        extensions=extensions,
    )
    return sentences(json.loads(json.dumps(found)))


def test_working_hours_over_a_holiday(calendar):
    assert told(calendar, "4wh", "2026-09-30 16:40") == [
        "The clock for handling started at 2026-09-30 16:40.",
        "The limit is 4 working hours.",
        "2026-10-01 to 2026-10-07 are not counted: National Day.",
        "The working time counted is 2026-09-30 16:40–17:30, 2026-10-08 08:30–11:40.",
        "It is due at 2026-10-08 11:40.",
    ]


def test_halved_working_days_with_a_make_up_saturday(calendar):
    assert told(calendar, "3wd", "2026-09-30 16:40", own="5wd", steps=1) == [
        "The clock for handling started at 2026-09-30 16:40.",
        "The category's own limit is 5 working days; the order is one step more urgent, so it is halved to"
        " 3 working days.",
        "Half working days are rounded up.",
        "The day it started, 2026-09-30, does not count.",
        "2026-10-01 to 2026-10-07 are not counted: National Day.",
        "2026-10-10 falls on a weekend but is worked: make-up workday, National Day.",
        "The working days counted are 2026-10-08, 2026-10-09, 2026-10-10.",
        "It is due at 2026-10-10 17:30.",
    ]


def test_a_start_at_lunch_is_moved(calendar):
    assert told(calendar, "0.5wh", "2026-09-28 12:00", own="2wh", steps=2)[1:] == [
        "The category's own limit is 2 working hours; the order is 2 steps more urgent, so it is halved 2 times to"
        " 30 minutes of working time.",
        "2026-09-28 12:00 is outside working time (08:30–12:00 and 14:00–17:30), so counting began at"
        " 2026-09-28 14:00.",
        "It is due at 2026-09-28 14:30.",
    ]


def test_a_limit_that_cannot_get_shorter(calendar):
    assert "cannot get shorter" in told(calendar, "1wd", "2026-09-28 12:00", own="1wd", steps=1)[1]


def test_hours_around_the_clock(calendar):
    assert told(calendar, "24h", "2026-12-31 16:00") == [
        "The clock for handling started at 2026-12-31 16:00.",
        "The limit is 24 hours.",
        "Nights, weekends and holidays count.",
        "It is due at 2027-01-01 16:00.",
    ]


def test_same_day_after_work(calendar):
    assert told(calendar, "same_day", "2026-10-10 17:30")[2:] == [
        "2026-10-10 17:30 is after work or on a day off, so the end of the next working day, 2026-10-12, holds.",
        "2026-10-11 is not counted: weekend.",
        "It is due at 2026-10-12 17:30.",
    ]


def test_a_year_without_data_is_a_warning(calendar):
    lines = told(calendar, "5wd", "2026-12-31 16:00")
    assert lines[-1].startswith("Attention: the holidays of 2027 are not on file yet.")
    assert lines[-2] == "It is due at 2027-01-07 17:30."


def test_stops_and_extensions_in_their_order(calendar):
    lines = told(
        calendar,
        "4wh",
        "2026-10-09 17:00",
        pauses=[(at("2026-10-10 09:00"), at("2026-10-10 18:00"))],
        extensions=[(at("2026-10-12 08:00"), at("2026-10-14 12:00"))],
    )
    assert lines[4:] == [
        "That made it due at 2026-10-10 12:00.",
        "The clock was stopped from 2026-10-10 09:00 to 2026-10-10 18:00, which moved it to 2026-10-12 11:30.",
        "2026-10-11 is not counted: weekend.",
        "An extension until 2026-10-14 12:00 was granted at 2026-10-12 08:00.",
        "It is due at 2026-10-14 12:00.",
    ]


def test_a_stop_after_an_extension_moves_the_extended_time(calendar):
    lines = told(
        calendar,
        "24h",
        "2026-09-28 10:00",
        extensions=[(at("2026-09-28 12:00"), at("2026-09-29 20:00"))],
        pauses=[(at("2026-09-29 10:00"), at("2026-09-29 11:00"))],
        due="2026-09-29 21:00",
    )
    assert lines[-2] == (
        "The clock was stopped from 2026-09-29 10:00 to 2026-09-29 11:00, which moved it to 2026-09-29 21:00."
    )


def test_a_stopped_clock_says_since_when(calendar):
    lines = told(calendar, "24h", "2026-09-28 10:00", pauses=[(at("2026-09-28 12:00"), None)])
    assert lines[-2:] == [
        "The clock has been stopped since 2026-09-28 12:00.",
        "It was due at 2026-09-29 10:00; a new time is set when the clock goes on.",
    ]


def test_a_due_time_the_rules_do_not_give_was_decided(calendar):
    assert told(calendar, "24h", "2026-09-28 10:00", due="2026-09-29 12:00")[-2:] == [
        "The due time was then set by decision.",
        "It is due at 2026-09-29 12:00.",
    ]


def test_many_weekends_are_summed_up(calendar):
    lines = told(calendar, "30wd", "2026-07-01 10:00")
    assert "6 weekends are not counted." in lines
    assert not any("working days counted are" in line for line in lines)


def test_a_holiday_of_two_names_and_a_single_day(calendar):
    lines = told(calendar, "1wd", "2023-09-28 10:00")
    assert "2023-09-29 to 2023-10-06 are not counted: Mid-Autumn Festival and National Day." in lines
    assert "2024-09-28 is not counted: weekend." not in lines


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("30min", "30 minutes"),
        ("1h", "1 hour"),
        ("0.5h", "30 minutes"),
        ("1wh", "1 working hour"),
        ("2.5wh", "150 minutes of working time"),
        ("1d", "1 day"),
        ("1wd", "1 working day"),
        ("15wd", "15 working days"),
        ("same_day", "the same working day"),
    ],
)
def test_limits_in_words(text, words):
    assert limit_words(Limit.parse(text)) == words


def test_every_clock_has_a_name():
    assert set(deadlines.CLOCKS) | set(deadlines.STAGE_KINDS) <= set(CLOCK_NAMES)
