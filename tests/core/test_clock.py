import datetime as dt

import pytest

from core import clock

UTC = dt.UTC


@pytest.mark.parametrize(
    ("year", "month", "since", "until"),
    [
        (2026, 3, (2026, 2, 28, 16), (2026, 3, 31, 16)),
        (2026, 12, (2026, 11, 30, 16), (2026, 12, 31, 16)),
        (2024, 2, (2024, 1, 31, 16), (2024, 2, 29, 16)),
        (2026, 1, (2025, 12, 31, 16), (2026, 1, 31, 16)),
    ],
)
def test_month_is_local_and_half_open(year, month, since, until):
    assert clock.month(year, month) == (dt.datetime(*since, tzinfo=UTC), dt.datetime(*until, tzinfo=UTC))


def test_months_join_without_gap():
    for month in range(1, 12):
        assert clock.month(2026, month)[1] == clock.month(2026, month + 1)[0]
    assert clock.month(2026, 12)[1] == clock.month(2027, 1)[0]


def test_day_is_local_and_half_open():
    since, until = clock.day(dt.date(2026, 3, 1))
    assert since == dt.datetime(2026, 2, 28, 16, tzinfo=UTC)
    assert until - since == dt.timedelta(hours=24)


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (dt.datetime(2026, 2, 28, 15, 59, 59, tzinfo=UTC), dt.date(2026, 2, 28)),
        (dt.datetime(2026, 2, 28, 16, tzinfo=UTC), dt.date(2026, 3, 1)),
    ],
)
def test_date_of_a_moment_changes_at_midnight_in_shanghai(at, day):
    assert clock.date_of(at) == day
    assert clock.day(day)[0] <= at < clock.day(day)[1]


def test_naive_datetime_is_refused():
    with pytest.raises(ValueError):
        clock.local(dt.datetime(2026, 3, 1))


def test_now_is_aware_and_today_is_its_day():
    assert clock.now().utcoffset() == dt.timedelta(0)
    assert clock.today() in {clock.date_of(clock.now()), clock.date_of(clock.now() - dt.timedelta(seconds=1))}
