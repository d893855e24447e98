"""Working time: hours, holidays, make-up workdays; a table of odd cases and a slow second opinion."""

import time
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from tests.workorders.clockwork import SHANGHAI, Ribbon, at, rows
from workorders import worktime
from workorders.worktime import Calendar


@pytest.fixture(scope="module")
def calendar():
    return Calendar.of(rows())


@pytest.fixture(scope="module")
def ribbon():
    return Ribbon()


@pytest.mark.parametrize(
    ("on", "worked", "why"),
    [
        ("2026-09-30", True, "a Wednesday"),
        ("2026-10-01", False, "National Day"),
        ("2026-10-03", False, "a Saturday inside the holiday"),
        ("2026-10-08", True, "the first day after it"),
        ("2026-10-10", True, "a make-up Saturday"),
        ("2026-10-11", False, "the Sunday after"),
        ("2026-09-20", True, "a make-up Sunday before"),
        ("2026-01-02", False, "a Friday off in lieu"),
        ("2027-01-01", True, "a Friday of a year without data"),
        ("2027-10-02", False, "a Saturday of a year without data"),
        ("2024-02-29", True, "a leap day, Thursday"),
    ],
)
def test_a_day_is_worked_or_not(calendar, on, worked, why):
    assert calendar.is_workday(date.fromisoformat(on)) is worked, why


def test_years_without_data_are_not_known(calendar):
    assert calendar.knows(2026)
    assert not calendar.knows(2027)
    assert not calendar.knows(2003)


def test_half_a_year_of_data_is_not_a_known_year():
    half = Calendar.of([(date(2027, 1, 1), "holiday", "元旦"), (date(2027, 5, 1), "holiday", "劳动节")])
    assert not half.knows(2027)
    assert not half.is_workday(date(2027, 1, 1))


def test_a_row_of_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="2027-01-01"):
        Calendar.of([(date(2027, 1, 1), "half_day", "元旦")])


ADDED = [
    # since, working hours, until, why
    ("2026-09-28 08:30", 1, "2026-09-28 09:30", "from the first minute of the day"),
    ("2026-09-28 07:00", 1, "2026-09-28 09:30", "before work"),
    ("2026-09-28 00:00", 1, "2026-09-28 09:30", "midnight"),
    ("2026-09-28 08:30", 3.5, "2026-09-28 12:00", "an end on the lunch break is 12:00"),
    ("2026-09-28 12:00", 1, "2026-09-28 15:00", "a start at exactly 12:00"),
    ("2026-09-28 13:00", 1, "2026-09-28 15:00", "a start at lunch"),
    ("2026-09-28 14:00", 1, "2026-09-28 15:00", "a start at exactly 14:00"),
    ("2026-09-28 11:59", 1, "2026-09-28 14:59", "over lunch"),
    ("2026-09-28 14:00", 3.5, "2026-09-28 17:30", "an end on the night is 17:30"),
    ("2026-09-28 17:30", 1, "2026-09-29 09:30", "a start at exactly 17:30"),
    ("2026-09-28 23:59", 1, "2026-09-29 09:30", "a minute before midnight"),
    ("2026-09-30 16:40", 4, "2026-10-08 11:40", "over National Day"),
    ("2026-09-30 17:30", 4, "2026-10-08 14:30", "start at the end of the month's last working day"),
    ("2026-10-03 10:00", 4, "2026-10-08 14:30", "start on a holiday"),
    ("2026-10-09 16:30", 2, "2026-10-10 09:30", "Friday evening before a make-up Saturday"),
    ("2026-10-10 16:30", 2, "2026-10-12 09:30", "make-up Saturday over a Sunday"),
    ("2026-09-19 12:00", 7, "2026-09-20 17:30", "a make-up Sunday is a whole day"),
    ("2026-09-24 17:00", 1, "2026-09-28 09:00", "Mid-Autumn next to the weekend"),
    ("2025-12-31 17:00", 1, "2026-01-04 09:00", "over New Year onto a make-up Sunday"),
    ("2026-12-31 17:00", 1, "2027-01-01 09:00", "into a year without data: New Year counts"),
    ("2024-02-29 17:00", 1, "2024-03-01 09:00", "leap day"),
    ("2026-08-31 17:00", 1, "2026-09-01 09:00", "the last day of a month"),
    ("2026-02-13 17:30", 7, "2026-02-14 17:30", "a make-up Saturday before Spring Festival"),
    ("2026-02-14 17:30", 0.5, "2026-02-24 09:00", "the nine days of Spring Festival"),
]


@pytest.mark.parametrize(("since", "hours", "until", "why"), ADDED)
def test_working_hours_are_added(calendar, since, hours, until, why):
    assert worktime.add_working(calendar, at(since), hours * 3600) == at(until), why


@pytest.mark.parametrize(("since", "hours", "until", "why"), ADDED)
def test_working_seconds_are_the_inverse(calendar, since, hours, until, why):
    assert worktime.working_seconds(calendar, at(since), at(until)) == hours * 3600, why


@pytest.mark.parametrize(
    ("since", "number", "until", "why"),
    [
        ("2026-09-28 00:00", 1, "2026-09-29 17:30", "the start's own date never counts, even from midnight"),
        ("2026-09-28 08:00", 1, "2026-09-29 17:30", "nor before work"),
        ("2026-09-30 16:40", 1, "2026-10-08 17:30", "over National Day"),
        ("2026-09-30 16:40", 3, "2026-10-10 17:30", "a make-up Saturday counts"),
        ("2026-10-01 09:00", 1, "2026-10-08 17:30", "from a holiday"),
        ("2026-10-03 09:00", 1, "2026-10-08 17:30", "from a Saturday"),
        ("2026-12-31 23:59:59", 1, "2027-01-01 17:30", "a year without data"),
        ("2026-12-31 23:59:59", 15, "2027-01-21 17:30", "fifteen days of it"),
        ("2025-12-31 09:00", 1, "2026-01-04 17:30", "over New Year"),
        ("2026-02-27 18:00", 1, "2026-02-28 17:30", "a make-up Saturday on the month's last day"),
    ],
)
def test_working_days_end_at_half_past_five(calendar, since, number, until, why):
    assert worktime.nth_workday_end(calendar, at(since), number) == at(until), why


@pytest.mark.parametrize(
    ("since", "until", "why"),
    [
        ("2026-09-28 00:00", "2026-09-28 17:30", "midnight"),
        ("2026-09-28 17:29:59", "2026-09-28 17:30", "a second before the end"),
        ("2026-09-28 17:30", "2026-09-29 17:30", "exactly at the end"),
        ("2026-09-30 17:30", "2026-10-08 17:30", "before the holiday"),
        ("2026-10-09 20:00", "2026-10-10 17:30", "a make-up Saturday is next"),
        ("2026-10-10 12:30", "2026-10-10 17:30", "on the make-up Saturday"),
        ("2026-10-11 12:30", "2026-10-12 17:30", "on the Sunday"),
    ],
)
def test_same_day_ends_today_or_with_the_next_working_day(calendar, since, until, why):
    assert worktime.same_day_end(calendar, at(since)) == at(until), why


def test_nothing_to_add_is_the_start_itself(calendar):
    assert worktime.add_working(calendar, at("2026-10-03 10:00"), 0) == at("2026-10-03 10:00")


def test_going_back_finds_the_latest_moment(calendar):
    assert worktime.add_working(calendar, at("2026-10-08 11:40"), -4 * 3600) == at("2026-09-30 16:40")
    assert worktime.add_working(calendar, at("2026-10-08 14:00"), -3.5 * 3600) == at("2026-10-08 08:30")
    assert worktime.add_working(calendar, at("2026-10-08 15:00"), -3600) == at("2026-10-08 14:00")


def test_backwards_spans_hold_no_working_time(calendar):
    assert worktime.working_seconds(calendar, at("2026-09-28 15:00"), at("2026-09-28 10:00")) == 0


def test_moments_of_other_zones_are_read_in_shanghai(calendar):
    since = datetime(2026, 9, 30, 8, 40, tzinfo=UTC)
    assert worktime.add_working(calendar, since, 4 * 3600) == at("2026-10-08 11:40")
    assert worktime.add_working(calendar, since, 4 * 3600).tzinfo == SHANGHAI


def test_a_moment_without_zone_is_refused(calendar):
    with pytest.raises(ValueError, match="naive"):
        worktime.add_working(calendar, datetime(2026, 9, 30, 8, 40), 60)


def test_no_working_day_number_nought(calendar):
    with pytest.raises(ValueError, match="from 1"):
        worktime.nth_workday_end(calendar, at("2026-09-28 09:00"), 0)


def test_fractions_of_a_second_are_kept(calendar):
    since = at("2026-09-28 11:59:59") + timedelta(microseconds=250_000)
    assert worktime.add_working(calendar, since, 1.5) == at("2026-09-28 14:00:00") + timedelta(microseconds=750_000)


@pytest.mark.parametrize(
    ("moment", "working", "following"),
    [
        ("2026-09-28 08:29:59", False, "2026-09-28 08:30"),
        ("2026-09-28 08:30", True, "2026-09-28 08:30"),
        ("2026-09-28 12:00", False, "2026-09-28 14:00"),
        ("2026-09-28 17:30", False, "2026-09-29 08:30"),
        ("2026-10-01 10:00", False, "2026-10-08 08:30"),
        ("2026-10-10 10:00", True, "2026-10-10 10:00"),
    ],
)
def test_the_next_working_moment(calendar, moment, working, following):
    assert worktime.is_working(calendar, at(moment)) is working
    assert worktime.next_working(calendar, at(moment)) == at(following)


CALENDAR_ROWS = rows()


def odd_moment(random: Random) -> datetime:
    """A moment between 2004 and 2027, half of them on or beside an edge of the day or of a holiday."""
    if random.random() < 0.4:
        on = random.choice(CALENDAR_ROWS)[0] + timedelta(days=random.randint(-2, 2))
        on = max(on, date(2004, 1, 1))
    else:
        on = date(2004, 1, 1) + timedelta(days=random.randrange(24 * 365))
    if random.random() < 0.5:
        edge = random.choice((0, 30600, 43200, 50400, 63000, 86399))
        second = min(max(edge + random.choice((0, 0, -1, 1, -60, 60)), 0), 86399)
    else:
        second = random.randrange(86400)
    return datetime(on.year, on.month, on.day, tzinfo=SHANGHAI) + timedelta(seconds=second)


def test_ten_thousand_spans_agree_with_the_minute_walk(calendar, ribbon):
    random = Random(20260930)
    for _case in range(10_000):
        since = odd_moment(random)
        seconds = random.choice((60, 1800, 7200, 14400, 25200, random.randrange(1, 8 * 25200)))
        until = worktime.add_working(calendar, since, seconds)
        assert until == ribbon.add(since, seconds), (since, seconds)
        assert worktime.working_seconds(calendar, since, until) == seconds, (since, seconds)
        other = min(since + timedelta(seconds=random.randrange(-86400, 200 * 86400)), at("2028-06-30 00:00"))
        assert worktime.working_seconds(calendar, since, other) == ribbon.between(since, other), (since, other)
        back = worktime.add_working(calendar, until, -seconds)
        assert since <= back and ribbon.between(since, back) == 0 and ribbon.between(back, until) == seconds


def test_five_thousand_working_days_agree_with_the_day_walk(calendar, ribbon):
    random = Random(20261010)
    for _case in range(5_000):
        since = odd_moment(random)
        number = random.randint(1, 40)
        assert worktime.nth_workday_end(calendar, since, number) == ribbon.end_of_day(since, number), (since, number)
        assert worktime.same_day_end(calendar, since) == ribbon.end_of_same_day(since), since


def test_years_cost_no_more_than_minutes(calendar):
    since, until = at("2004-01-01 00:00"), at("2026-12-31 23:59")
    started = time.process_time()
    for _turn in range(1000):
        seconds = worktime.working_seconds(calendar, since, until)
        worktime.add_working(calendar, since, seconds)
    assert time.process_time() - started < 1
