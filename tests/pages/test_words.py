"""How times, durations and states are said."""

import datetime as dt

import pytest
from django.utils import translation

from core.clock import ZONE
from pages import words
from workorders.vocabulary import Status

NOW = dt.datetime(2026, 11, 21, 9, 30, tzinfo=ZONE)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (dt.timedelta(seconds=20), "less than a minute left"),
        (dt.timedelta(minutes=1), "1 min left"),
        (dt.timedelta(hours=1), "1 h left"),
        (dt.timedelta(hours=3, minutes=20), "3 h 20 min left"),
        (dt.timedelta(days=1), "1 day left"),
        (dt.timedelta(days=1, hours=4), "1 day 4 h left"),
        (dt.timedelta(days=2, minutes=59), "2 days left"),
        (dt.timedelta(days=2, hours=23, minutes=59), "2 days 23 h left"),
        (dt.timedelta(days=3, hours=23), "3 days left"),
        (dt.timedelta(0), "less than a minute left"),
        (-dt.timedelta(seconds=1), "overdue by less than a minute"),
        (-dt.timedelta(days=2), "overdue by 2 days"),
        (-dt.timedelta(hours=5), "overdue by 5 h"),
    ],
)
def test_due_words(length, said):
    assert words.due_words(NOW + length, NOW) == said


def test_without_a_due_time_nothing_is_said():
    assert words.due_words(None, NOW) == words.when(None) == words.day_words(None) == words.when_short(None, NOW) == ""


def test_moments_are_said_on_the_local_clock():
    at = dt.datetime(2026, 11, 20, 16, 5, tzinfo=dt.UTC)
    assert words.when(at) == "2026-11-21 00:05"
    assert words.day_words(at) == words.day_words(dt.date(2026, 11, 21)) == "2026-11-21"


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (NOW.replace(hour=0, minute=0), "Today 00:00"),
        (NOW - dt.timedelta(days=1), "Yesterday 09:30"),
        (NOW + dt.timedelta(days=1), "11-22 09:30"),
        (NOW.replace(month=1, day=5), "01-05 09:30"),
        (NOW.replace(year=2025), "2025-11-21"),
    ],
)
def test_short_moments(at, said):
    assert words.when_short(at, NOW) == said


@pytest.mark.parametrize("status", list(Status))
def test_each_status_has_a_word_a_shape_and_a_place_in_the_five_steps(status):
    mark = words.status_mark(status)
    assert str(mark.word) and mark.icon and mark.tone
    steps = words.steps(status)
    assert len(steps) == 5
    states = [step.state for step in steps]
    assert states == sorted(states, key=["done", "now", "todo"].index)
    assert ("now" in states) == (status not in {Status.CLOSED, Status.DECLINED, Status.MERGED, Status.VOIDED})


def test_a_closed_order_went_through_all_five_and_a_declined_one_through_one():
    assert [step.state for step in words.steps(Status.CLOSED)] == ["done"] * 5
    assert [step.state for step in words.steps(Status.DECLINED)] == ["done"] + ["todo"] * 4


def test_three_days_late_is_long_overdue():
    assert words.lamp_mark("red", NOW - dt.timedelta(days=3), NOW) is words.SEVERE
    assert words.lamp_mark("red", NOW - dt.timedelta(days=2), NOW) is words.LAMPS["red"]
    assert words.lamp_mark(None) is None and words.lamp_mark("green").tone == "ok"
