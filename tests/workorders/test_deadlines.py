"""Limits, due times, stops and extensions: the tables of the domain, odd cases, and a slow second opinion."""

from datetime import timedelta
from random import Random

import pytest

from core.errors import Invalid
from tests.workorders.clockwork import Ribbon, at, rows
from tests.workorders.test_worktime import odd_moment
from workorders import deadlines
from workorders.deadlines import CLOCKS, Limit, due_at
from workorders.worktime import Calendar


@pytest.fixture(scope="module")
def calendar():
    return Calendar.of(rows())


@pytest.fixture(scope="module")
def ribbon():
    return Ribbon()


def limit(text):
    return Limit.parse(text)


@pytest.mark.parametrize(
    ("text", "amount", "unit", "written"),
    [
        ("4wh", 4, "wh", "4wh"),
        ("4 wh", 4, "wh", "4wh"),
        (" 30  min ", 30, "min", "30min"),
        ("≤3 h", 3, "h", "3h"),
        ("2 d", 2, "d", "2d"),
        ("15 WD", 15, "wd", "15wd"),
        ("0.5wh", 0.5, "wh", "0.5wh"),
        ("2.0h", 2, "h", "2h"),
        ("same day", 1, "same_day", "same_day"),
        ("same_day", 1, "same_day", "same_day"),
    ],
)
def test_limits_are_read_and_written(text, amount, unit, written):
    found = limit(text)
    assert (found.amount, found.unit) == (amount, unit)
    assert str(found) == written
    assert limit(str(found)) == found
    assert Limit.from_json(found.to_json()) == found
    assert isinstance(found.amount, float) is (amount == 0.5)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4",
        "wh",
        "4 x",
        "0h",
        "-1h",
        "1.5wd",
        "nan h",
        "inf h",
        "1e9 d",
        "99999999999 min",
        "4wh; 3h",
        "４ wh x",
        "9999wd",
    ],
)
def test_what_is_no_limit_is_refused_with_an_example(text):
    with pytest.raises(Invalid) as refused:
        limit(text)
    assert refused.value.code == "bad_limit"
    assert "4wh" in str(refused.value)


@pytest.mark.parametrize(
    ("amount", "unit"), [(0, "h"), (-1, "h"), (1, "weeks"), (float("nan"), "h"), (2, "same_day"), (0.5, "wd")]
)
def test_impossible_limits_cannot_be_built(amount, unit):
    with pytest.raises(ValueError, match="limit|unit|whole"):
        Limit(amount, unit)


@pytest.mark.parametrize("amount", ["4", None, True])
def test_the_amount_is_a_number(amount):
    with pytest.raises(TypeError):
        Limit(amount, "h")


DUE = [
    ("2026-09-30 16:40", "30min", "2026-09-30 17:10", "plain clock"),
    ("2026-09-30 16:40", "24h", "2026-10-01 16:40", "hours run through the holiday"),
    ("2026-09-30 16:40", "2d", "2026-10-02 16:40", "so do days"),
    ("2026-12-31 23:50", "30min", "2027-01-01 00:20", "across midnight and the year"),
    ("2026-09-30 16:40", "4wh", "2026-10-08 11:40", "working hours wait for work"),
    ("2026-09-30 16:40", "0.5wh", "2026-09-30 17:10", "half a working hour"),
    ("2026-09-28 12:00", "0.25wh", "2026-09-28 14:15", "a quarter from lunch"),
    ("2026-09-30 16:40", "1wd", "2026-10-08 17:30", "working days"),
    ("2026-09-30 16:40", "same_day", "2026-09-30 17:30", "same day"),
    ("2026-09-30 17:30", "same_day", "2026-10-08 17:30", "same day, too late"),
    ("2026-12-31 17:30", "1wd", "2027-01-01 17:30", "a year without data counts Monday to Friday"),
]


@pytest.mark.parametrize(("since", "text", "due", "why"), DUE)
def test_due_times(calendar, since, text, due, why):
    assert due_at(limit(text), at(since), calendar) == at(due), why


@pytest.mark.parametrize(
    ("text", "half"),
    [
        ("4wh", "2wh"),
        ("2wh", "1wh"),
        ("1wh", "0.5wh"),
        ("7wh", "3.5wh"),
        ("24h", "12h"),
        ("1h", "0.5h"),
        ("30min", "15min"),
        ("15min", "7.5min"),
        ("2d", "1d"),
        ("1d", "12h"),
        ("3d", "36h"),
        ("1wd", "1wd"),
        ("2wd", "1wd"),
        ("3wd", "2wd"),
        ("5wd", "3wd"),
        ("7wd", "4wd"),
        ("15wd", "8wd"),
        ("same_day", "same_day"),
    ],
)
def test_half_of_a_limit(text, half):
    assert deadlines.halve(limit(text)) == limit(half)
    assert deadlines.rework_limit(limit(text)) == limit(half)


@pytest.mark.parametrize(
    ("text", "own", "actual", "applies"),
    [
        ("4wh", "normal", "normal", "4wh"),
        ("4wh", "normal", "urgent", "2wh"),
        ("4wh", "normal", "emergency", "1wh"),
        ("4wh", "urgent", "normal", "4wh"),
        ("4wh", "emergency", "normal", "4wh"),
        ("4wh", "urgent", "emergency", "2wh"),
        ("5wd", "normal", "urgent", "3wd"),
        ("5wd", "normal", "emergency", "2wd"),
        ("7wd", "normal", "emergency", "2wd"),
        ("1wd", "normal", "emergency", "1wd"),
        ("24h", "emergency", "emergency", "24h"),
        ("same_day", "normal", "emergency", "same_day"),
    ],
)
def test_more_urgent_orders_have_half_the_time_less_urgent_ones_no_more(text, own, actual, applies):
    assert deadlines.for_urgency(limit(text), own, actual) == limit(applies)


@pytest.mark.parametrize(
    ("kind", "normal", "urgent", "emergency"),
    [
        ("accept", "2wh", "30min", "10min"),
        ("verify", "4wh", "1h", None),
        ("dispatch", "2wh", "30min", "10min"),
        ("sign", "4wh", "1h", "15min"),
        ("return", "4wh", "1h", None),
        ("check", "4wh", "2h", "1h"),
        ("revisit", "1wd", "1wd", "1wd"),
        ("auto_close", "3wd", "3wd", "3wd"),
        ("follow", "4wh", "4wh", "4wh"),
        ("whistle_emergency", "30min", "30min", "30min"),
        ("whistle_joint", "1wd", "1wd", "1wd"),
        ("whistle_daily", "3wd", "3wd", "3wd"),
        ("void", "30min", "30min", "30min"),
        ("reopen", "14d", "14d", "14d"),
        ("suspension_review", "30d", "30d", "30d"),
        ("answer", "2wd", "1wd", None),
        ("urge", "4wh", "4wh", "4wh"),
        ("yellow_card", "1wd", "1wd", "1wd"),
        ("red_card", "3wd", "3wd", "3wd"),
    ],
)
def test_the_default_clocks_are_those_of_the_domain(kind, normal, urgent, emergency):
    row = {urgency: str(found) if found else None for urgency, found in CLOCKS[kind].items()}
    assert row == {"normal": normal, "urgent": urgent, "emergency": emergency}
    assert deadlines.clock(kind, "normal") == limit(normal)


def test_every_default_clock_is_in_the_table_above():
    assert len(CLOCKS) == 19


@pytest.mark.parametrize(
    ("stages", "own", "actual", "expected"),
    [
        ("handle 4wh", "normal", "normal", "handle 4wh"),
        ("handle 4wh", "normal", "emergency", "contain 1h; handle 1wh"),
        ("contain 4h; handle 10wd", "urgent", "emergency", "contain 2h; handle 5wd"),
        ("contain 3h; restore 8h; handle 5wd", "emergency", "emergency", "contain 3h; restore 8h; handle 5wd"),
        ("handle 1h", "emergency", "emergency", "handle 1h"),
        ("handle 2h", "urgent", "emergency", "handle 1h"),
        ("handle 4h", "urgent", "emergency", "contain 1h; handle 2h"),
    ],
)
def test_an_emergency_has_a_measure_on_site_within_the_hour(stages, own, actual, expected):
    def read(text):
        return [(kind, limit(rest)) for kind, rest in (part.split() for part in text.split("; "))]

    assert deadlines.stage_limits(read(stages), own, actual) == read(expected)


@pytest.mark.parametrize(
    ("text", "due", "paused", "resumed", "new"),
    [
        ("24h", "2026-09-30 16:00", "2026-09-30 10:00", "2026-09-30 11:30", "2026-09-30 17:30"),
        ("24h", "2026-09-30 16:00", "2026-10-01 10:00", "2026-10-01 11:30", "2026-09-30 17:30"),
        ("4wh", "2026-09-28 15:00", "2026-09-28 11:00", "2026-09-28 14:00", "2026-09-28 16:00"),
        ("4wh", "2026-09-30 17:00", "2026-09-30 16:00", "2026-10-05 12:00", "2026-10-08 09:30"),
        ("4wh", "2026-09-28 12:00", "2026-09-28 11:00", "2026-09-28 11:00", "2026-09-28 12:00"),
        ("2wd", "2026-09-30 17:30", "2026-09-29 14:00", "2026-10-08 14:00", "2026-10-09 17:30"),
        ("same_day", "2026-09-30 17:30", "2026-09-30 12:30", "2026-10-10 13:00", "2026-10-10 17:30"),
        # Out of time before the stop: exactly as far out of time after it.
        ("4wh", "2026-09-28 10:00", "2026-09-28 11:00", "2026-09-29 11:00", "2026-09-29 10:00"),
        ("1wd", "2026-09-28 17:30", "2026-09-29 10:00", "2026-10-08 09:00", "2026-09-30 16:30"),
    ],
)
def test_a_stopped_clock_keeps_what_was_left(calendar, text, due, paused, resumed, new):
    assert deadlines.resume(at(due), at(paused), at(resumed), limit(text), calendar) == at(new)


def test_a_clock_cannot_resume_before_it_stopped(calendar):
    with pytest.raises(ValueError, match="after"):
        deadlines.resume(at("2026-09-28 12:00"), at("2026-09-28 11:00"), at("2026-09-28 10:00"), limit("4wh"), calendar)


@pytest.mark.parametrize(
    ("text", "since", "share", "moment"),
    [
        ("4wh", "2026-09-28 10:00", 0.5, "2026-09-28 12:00"),
        ("4wh", "2026-09-28 10:00", 0.8, "2026-09-28 15:12"),
        ("4wh", "2026-09-30 16:40", 0.5, "2026-10-08 09:40"),
        ("24h", "2026-09-30 12:00", 0.5, "2026-10-01 00:00"),
        ("24h", "2026-09-30 12:00", 0.8, "2026-10-01 07:12"),
        ("1wd", "2026-09-29 17:30", 0.5, "2026-09-30 12:00"),
        ("2wd", "2026-09-27 10:00", 0.8, "2026-09-29 14:42"),
        ("same_day", "2026-09-28 08:30", 0.5, "2026-09-28 12:00"),
        ("4wh", "2026-09-28 10:00", 0, "2026-09-28 10:00"),
        ("4wh", "2026-09-28 10:00", 1, "2026-09-28 16:00"),
    ],
)
def test_when_a_share_of_the_limit_is_used_up(calendar, text, since, share, moment):
    due = due_at(limit(text), at(since), calendar)
    assert deadlines.moment_of_share(at(since), due, share, limit(text), calendar) == at(moment)
    assert deadlines.share_elapsed(at(since), due, at(moment), limit(text), calendar) == pytest.approx(share)


def test_shares_leave_stops_out(calendar):
    since, four = at("2026-09-28 08:30"), limit("4wh")
    pause = (at("2026-09-28 09:30"), at("2026-09-29 08:30"))
    due = deadlines.resume(due_at(four, since, calendar), *pause, four, calendar)
    assert due == at("2026-09-29 11:30")
    assert deadlines.moment_of_share(since, due, 0.5, four, calendar, [pause]) == at("2026-09-29 09:30")
    assert deadlines.share_elapsed(since, due, at("2026-09-28 16:00"), four, calendar, [pause]) == 0.25
    assert deadlines.share_elapsed(since, due, at("2026-09-29 09:30"), four, calendar, [pause]) == 0.5


def test_an_open_stop_holds_the_share(calendar):
    since, four = at("2026-09-28 08:30"), limit("4wh")
    due = due_at(four, since, calendar)
    stopped = [(at("2026-09-28 09:30"), None)]
    assert deadlines.share_elapsed(since, due, at("2026-10-20 16:00"), four, calendar, stopped) == 0.25


def test_an_overdue_clock_is_past_the_whole(calendar):
    since, day = at("2026-09-28 08:30"), limit("24h")
    due = due_at(day, since, calendar)
    assert deadlines.share_elapsed(since, due, due + timedelta(hours=12), day, calendar) == 1.5
    assert deadlines.share_elapsed(due, due, due, day, calendar) == 1
    assert deadlines.share_elapsed(due, due, due - timedelta(seconds=1), day, calendar) == 0


@pytest.mark.parametrize(
    ("urgency", "difficulty", "times", "most"),
    [
        ("normal", 1, 1, "5wd"),
        ("normal", 2, 1, "5wd"),
        ("normal", 3, 2, "5wd"),
        ("normal", 4, 2, "5wd"),
        ("urgent", 1, 1, "3wd"),
        ("urgent", 3, 1, "3wd"),
        ("emergency", 1, 0, None),
        ("emergency", 4, 0, None),
    ],
)
def test_how_often_and_how_far_a_limit_is_extended(urgency, difficulty, times, most):
    rule = deadlines.extension_rule(limit("5wd"), urgency, difficulty)
    assert (rule.times, rule.most and str(rule.most), rule.apply_before) == (times, most, 0.8)


@pytest.mark.parametrize(
    ("text", "urgency", "due", "latest"),
    [
        ("5wd", "normal", "2026-09-28 17:30", "2026-10-10 17:30"),
        ("5wd", "urgent", "2026-09-28 17:30", "2026-10-08 17:30"),
        ("4wh", "normal", "2026-09-28 17:30", "2026-09-29 14:30"),
        ("24h", "urgent", "2026-09-28 17:30", "2026-09-29 05:30"),
        ("same_day", "normal", "2026-09-30 17:30", "2026-10-08 17:30"),
        ("5wd", "emergency", "2026-09-28 17:30", None),
    ],
)
def test_the_latest_moment_of_an_extension(calendar, text, urgency, due, latest):
    rule = deadlines.extension_rule(limit(text), urgency, 1)
    assert deadlines.latest_extension(at(due), rule, calendar) == (latest and at(latest))


# The slow second opinion


def slowly_due(ribbon, limit, since):
    if limit.unit == "wh":
        return ribbon.add(since, int(limit.amount * 3600))
    if limit.unit == "wd":
        return ribbon.end_of_day(since, limit.amount)
    if limit.unit == "same_day":
        return ribbon.end_of_same_day(since)
    return since + timedelta(minutes=limit.amount * {"min": 1, "h": 60, "d": 1440}[limit.unit])


def slowly_resumed(ribbon, limit, due, paused, resumed):
    """Around the clock: later by the stop. In working time: what was left is walked again from the resumption."""
    if limit.unit in ("min", "h", "d"):
        return due + (resumed - paused)
    return ribbon.add(resumed, ribbon.between(paused, due))


SEEN = "10min 30min 1h 2h 4h 8h 24h 2d 0.25wh 0.5wh 1wh 2wh 4wh 1wd 2wd 3wd 5wd 7wd 10wd 15wd same_day".split()


def test_twelve_thousand_clocks_with_stops_agree_with_the_minute_walk(calendar, ribbon):
    random = Random(430)
    stops = 0
    for _case in range(12_000):
        since, asked = odd_moment(random), limit(random.choice(SEEN))
        due = due_at(asked, since, calendar)
        assert due == slowly_due(ribbon, asked, since), (since, asked)
        assert due > since
        pauses, free = [], since
        for _stop in range(random.choice((0, 0, 1, 1, 2, 3))):
            paused = free + timedelta(seconds=random.randrange(int((due - free).total_seconds()) + 1))
            resumed = paused + timedelta(seconds=random.choice((0, 60, 3600, 86400, random.randrange(20 * 86400))))
            new = deadlines.resume(due, paused, resumed, asked, calendar)
            assert new == slowly_resumed(ribbon, asked, due, paused, resumed), (since, asked, due, paused, resumed)
            assert new >= resumed
            pauses.append((paused, resumed))
            due, free, stops = new, resumed, stops + 1
        if pauses and asked.is_working and ribbon.between(since, due) > sum(ribbon.between(*pause) for pause in pauses):
            for share in (0.5, 0.8):
                moment = deadlines.moment_of_share(since, due, share, asked, calendar, pauses)
                reached = deadlines.share_elapsed(since, due, moment, asked, calendar, pauses)
                assert reached == pytest.approx(share, abs=1e-6), (since, asked, pauses)
                ran = ribbon.between(since, moment) - sum(
                    ribbon.between(max(a, since), min(b, moment)) for a, b in pauses if a < moment
                )
                whole = ribbon.between(since, due) - sum(ribbon.between(*pause) for pause in pauses)
                assert abs(ran - share * whole) <= 1, (since, asked, pauses)
    assert stops > 10_000
