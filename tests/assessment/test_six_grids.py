"""September of six grids, computed by hand: every figure and every point with its arithmetic beside it.

All sixteen indicators are on, so that weights in force are those of the table wherever all apply. The first grid has
everything, the second a month split between two officers, the third nothing, the fourth no service, the fifth was too
young, the sixth had nobody.
"""

import copy
import datetime as dt
from decimal import Decimal
from random import Random

import pytest
from django.db import connection

from assessment import commands, explaining
from assessment.default_scheme import BODY
from assessment.models import Charge, Counted, FactRecord, Run, SchemeVersion
from assessment.vocabulary import ScoreLevel
from grids.models import Area
from personnel.models import Post
from tests.assessment.months import AFTER, at, computed, events, figures, order, score_of

pytestmark = pytest.mark.django_db
CITY = "620100000000"
NOVEMBER = dt.datetime.fromisoformat("2026-11-05T09:00:00+08:00")
LATER = AFTER + dt.timedelta(hours=3)


def spots(grid, officer, days, **more):
    """Found and settled on the spot, one a day."""
    return [
        order(grid, at(day), officer=officer, reporter=officer, handled=at(day), closed=at(day, 11), **more)
        for day in days
    ]


def records(grid, kind, done, due, **more):
    """So many records of a kind, of which so many are done."""
    FactRecord.objects.bulk_create(
        FactRecord(
            kind=kind, area=grid, on=dt.date(2026, 9, 10), done=number < done, key=f"{kind}{number}", entered_at=at(12),
            **more,
        )
        for number in range(due)
    )  # fmt: skip


@pytest.fixture
def city(town):
    body = copy.deepcopy(BODY)
    for code in ("M10", "S06"):
        body["indicators"][code]["on"] = True
        body["legal_basis"][code] = "安宁区网格考核办法第九条"
    SchemeVersion.objects.filter(scheme__code="default").update(body=body)
    Post.objects.filter(person__in=(town.part_timer, town.former)).delete()
    everything(town)
    split_month(town)
    no_service(town)
    too_young(town)
    nobody(town)
    return town


def everything(town):
    """The main grid; its officer all month, its community committee, the district's city management bureau."""
    grid, me, co = town.main_grid, town.officer, town.co
    spots(grid, me, range(1, 5), satisfaction=5)
    first, *_rest = spots(grid, me, range(5, 14))
    again = order(grid, at(14), officer=me, reporter=me, handled=at(15, 9), closed=at(15, 11), reworks=1)
    events(
        again, ("report", at(14)), ("feedback", at(14, 11)), ("fail_check", at(14, 16)), ("feedback", at(15, 9)),
        ("pass_check", at(15, 10)), ("close", at(15, 11), {"after": "closed"}),
    )  # fmt: skip
    order(grid, at(16), reporter=me, status="voided")
    order(grid, at(17), reporter=me, status="merged", main=first)
    # Exactly at the end of the limit is in time.
    order(
        grid, at(2), unit=co, due=at(9, 17, 30), handled=at(9, 17, 30), closed=at(10), sign_due=at(2, 15),
        signed=at(2, 15),
    )  # fmt: skip
    town.late = order(
        grid, at(3), unit=co, due=at(10, 17, 30), handled=at(11, 9), sign_due=at(3, 15), signed=at(3, 15, 1)
    )
    # Due on the 14th, extended to the 18th.
    order(
        grid, at(7), unit=co, due=at(18, 17, 30), handled=at(17), closed=at(18), extensions_granted=1,
        sign_due=at(7, 15), signed=at(7, 11),
    )  # fmt: skip
    # A first reply in time that the check failed in October, a second one that it accepted.
    town.reworked = order(
        grid, at(23), unit=co, due=at(30, 17, 30), handled=at(3, month=10), closed=at(5, month=10), reworks=1
    )
    events(
        town.reworked, ("dispatch", at(23)), ("feedback", at(29)), ("fail_check", at(2, month=10)),
        ("feedback", at(3, month=10)), ("pass_check", at(4, month=10)),
        ("revisit", at(5, month=10), {"after": "closed", "data": {"reached": True}}),
    )  # fmt: skip
    order(grid, at(8), unit=co, due=at(15, 17, 30), status="suspended")
    order(grid, at(8), unit=co, due=at(15, 17, 30), status="merged")
    order(grid, at(8), unit=co, due=at(15, 17, 30), status="voided")
    # The last moment of September, and the first of October, in Shanghai.
    order(
        grid, at(28), unit=co, due=at(9, month=10), handled=at(30, 23, 59) + dt.timedelta(seconds=59.9),
        sign_due=at(28, 15), signed=at(28, 14),
    )  # fmt: skip
    town.midnight = order(grid, at(28), unit=co, due=at(9, month=10), handled=at(1, 0, 0, month=10))
    for opinion in (3, 2):
        town.hotline = order(
            grid, at(8), unit=town.um, source="hotline", follow_officer=me, due=at(9, 17, 30), handled=at(9),
            closed=at(10), satisfaction=opinion,
        )  # fmt: skip
    records(grid, "missed", 1, 1, order=town.hotline)
    records(grid, "patrol", 7, 10)
    records(grid, "visit", 1, 2, level="red")
    for level in ("yellow", "green"):
        FactRecord.objects.create(
            kind="visit", area=grid, on=dt.date(2026, 9, 9), done=True, level=level, key=level, entered_at=at(12)
        )
    records(grid, "dispute", 4, 5)
    records(grid, "sample", 18, 20)
    records(grid, "attendance", 9, 10)


def split_month(town):
    """The second grid: one officer for ten days, then another, who was transferred to it."""
    grid, first, second = town.next_grid, town.neighbour, town.former
    Post.objects.filter(person=first).update(ends=dt.date(2026, 9, 11))
    Post.objects.create(person=second, role="officer", area=grid, starts=dt.date(2026, 9, 11))
    for day, limit in ((2, 17), (3, 17), (7, 17), (8, 9)):  # the last an hour late
        order(
            grid, at(day), officer=first, reporter=first, due=at(day + 1, limit, 30), handled=at(day + 1),
            closed=at(10), satisfaction=4,
        )  # fmt: skip
    spots(grid, second, range(14, 20), satisfaction=5)


def no_service(town):
    """The fourth grid: two reports settled on the spot, nobody asked, no records; posts as the others."""
    Post.objects.create(person=town.part_timer, role="part_time_officer", area=town.grid4, starts=dt.date(2020, 1, 1))
    spots(town.grid4, town.part_timer, (1, 2))


def too_young(town):
    """The fifth grid began on the 17th: fourteen days."""
    Area.objects.filter(pk=town.far_grid.pk).update(starts=dt.date(2026, 9, 17))
    spots(town.far_grid, town.officer2, (18, 19, 20), satisfaction=5)


def nobody(town):
    """The sixth grid has no officer; its community led two orders, one handled in time."""
    for hour in (17, 18):
        order(town.grid6, at(8), unit=town.co4, due=at(9, 17, 30), handled=at(9, hour), closed=at(10), satisfaction=5)


# numerator, denominator, points; the arithmetic: value × weight.
EVERYTHING = {
    "M01": (14, 16, "4.20"),  # 14 valid of a target of 20: 0.7 × 6
    "M02": (14, 16, "3.14"),  # 0.8750: (0.8750 − 0.60) / 0.35 = 0.7857 × 4
    "M03": (1, 15, "5.33"),  # 1 / (14 + 1) = 0.0667: 1 − 5 × 0.0667 = 0.6665 × 8
    "M04": (3, 4, "3.00"),  # one minute late: 0.75 × 4
    # 14 on the spot, 9 and 17 and 30 September in time; late: the 10th, and the reply accepted on 3 October.
    "M05": (17, 19, "9.74"),  # 0.8947: (0.8947 − 0.70) / 0.28 = 0.6954 × 14
    # 14 on the spot and two of the community; the one of the 10th should have been closed by the 14th.
    "M06": (16, 17, "4.71"),  # 0.9412: (0.9412 − 0.80) / 0.18 = 0.7844 × 6
    "M07": (1, 17, "3.65"),  # 0.0588: 1 − 0.0588 / 0.15 = 0.6080 × 6; the rework of October is October's
    "M08": (1, 19, "1.90"),  # 0.0526: 1 − 0.0526 / 0.10 = 0.4740 × 4; handled on the 11th is no backlog on the 30th
    "M09": (1, 19, "1.47"),  # 0.0526: 1 − 0.0526 / 0.20 = 0.7370 × 2
    "M10": (7, 10, "4.20"),  # 0.7 × 6
    "S01": (2, 2, "6.00"),
    "S02": (5, 6, "5.33"),  # four fives, a three, a two: 0.8333: (0.8333 − 0.70) / 0.25 = 0.5332 × 10
    "S03": (3, 4, "6.67"),  # (3 + 2 + 1) / (3 + 3 + 2 + 1) = 0.6667 × 10
    "S04": (4, 5, "3.43"),  # 0.8: (0.8 − 0.60) / 0.35 = 0.5714 × 6
    "S05": (18, 20, "2.78"),  # 0.9: (0.9 − 0.80) / 0.18 = 0.5556 × 5
    "S06": (9, 10, "2.70"),
}


def test_a_grid_in_which_everything_applies(city):
    run = computed(city, area=CITY)
    assert figures(run, city.main_grid) == EVERYTHING
    score = score_of(run, city.main_grid)
    # M 41.34, S 26.91
    assert score.indicator_points == Decimal("68.25")
    charges = Charge.objects.filter(score=score).order_by("code", "at")
    # Two late orders, the rework of the 14th (not that of October), a red visit not made.
    assert [(one.code, str(one.points)) for one in charges] == [
        ("K04", "-0.30"), ("K04", "-0.30"), ("K06", "-0.20"), ("K12", "-1.00"),
    ]  # fmt: skip
    assert (score.bonus, score.deductions, score.score) == (0, Decimal("-1.80"), Decimal("66.45"))
    # 16 reports, five orders of the community, two of the hotline.
    assert (score.grade, score.workload) == ("qualified", 23)


def test_a_month_split_between_two_officers(city):
    run = computed(city, area=CITY)
    found = figures(run, city.next_grid)
    # Of class M apply M01 M02 M03 M05 M06 M07 M08 M09 (50 of 60): M01 7.20, M02 4.80, M03 9.60, M05 16.80, M06 7.20,
    # M07 7.20, M08 4.80, M09 2.40. Of class S only S02 (40).
    assert {code: row for code, row in found.items() if row[2] is not None} == {
        "M01": (10, 10, "3.60"),  # 10 / 20
        "M02": (10, 10, "4.80"),
        "M03": (0, 10, "9.60"),
        "M05": (9, 10, "12.00"),  # 0.9: 0.2 / 0.28 = 0.7143 × 16.80
        "M06": (10, 10, "7.20"),
        "M07": (0, 10, "7.20"),
        "M08": (0, 10, "4.80"),
        "M09": (0, 10, "2.40"),
        "S02": (10, 10, "40.00"),
    }
    grid = score_of(run, city.next_grid)
    assert grid.score == Decimal("91.30")  # 91.60 less 0.30 for the late order
    # Own part of the first: M05 3 of 4 = 0.75: 0.05 / 0.28 = 0.1786; four answers are too few. M05 alone weighs 40:
    # 7.14. The grid's 91.30 × 0.6 = 54.78.
    first = score_of(run, city.neighbour, ScoreLevel.OFFICER)
    assert (first.active_days, first.score) == (10, Decimal("61.92"))
    # Of the second: M05 6 of 6 and S02 6 of 6 with 14 : 10 of the 40, both full: 40. 54.78 + 40.
    second = score_of(run, city.former, ScoreLevel.OFFICER)
    assert (second.active_days, second.score) == (20, Decimal("94.78"))
    assert not first.mirrors and not second.mirrors
    # Their own rows are behind their own figures only.
    assert explaining.evidence_rows(first, "M05").count() == 4
    assert explaining.evidence_rows(first, "M06") is None


def test_zero_denominators_are_neither_zero_nor_hundred(city):
    run = computed(city, area=CITY)
    empty = score_of(run, city.grid3)
    assert (empty.score, empty.rank, empty.why_not) == (None, None, "nothing")
    assert {row[1:] for row in figures(run, city.grid3).values()} == {(None, None)}
    found = figures(run, city.grid4)
    # Class S has nothing: M carries 100. Of its weights apply 6 4 8 14 6 6 4 2 = 50, so each counts double.
    assert {code: row for code, row in found.items() if row[2] is not None} == {
        "M01": (2, 2, "1.20"),  # 2 / 20 × 12
        "M02": (2, 2, "8.00"),
        "M03": (0, 2, "16.00"),
        "M05": (2, 2, "28.00"),
        "M06": (2, 2, "12.00"),
        "M07": (0, 2, "12.00"),
        "M08": (0, 2, "8.00"),
        "M09": (0, 2, "4.00"),
    }
    assert score_of(run, city.grid4).score == Decimal("89.20")


def test_a_young_grid_and_one_without_an_officer(city):
    run = computed(city, area=CITY)
    young = score_of(run, city.far_grid)
    assert (young.score, young.why_not, young.active_days) == (None, "few_days", 14)
    assert figures(run, city.far_grid)["M01"] == (3, 3, None)
    found = figures(run, city.grid6)
    # M05–M09 weigh 32 of 60: M05 26.25, M06 11.25, M07 11.25, M08 7.50, M09 3.75. S02 has the 40.
    assert {code: row for code, row in found.items() if row[2] is not None} == {
        "M05": (1, 2, "0.00"),
        "M06": (2, 2, "11.25"),
        "M07": (0, 2, "11.25"),
        "M08": (0, 2, "7.50"),
        "M09": (0, 2, "3.75"),
        "S02": (2, 2, "40.00"),
    }
    assert score_of(run, city.grid6).score == Decimal("73.45")  # 73.75 less 0.30


def test_from_grids_to_the_districts(city):
    run = computed(city, area=CITY)
    communities = {
        one: score_of(run, getattr(city, one), ScoreLevel.COMMUNITY).score
        for one in ("community", "community2", "community3", "community4")
    }
    # (66.45 + 91.30) / 2 = 78.875; nothing; one grid each.
    assert communities == {
        "community": Decimal("78.88"),
        "community2": None,
        "community3": Decimal("89.20"),
        "community4": Decimal("73.45"),
    }
    first, second = (score_of(run, one, ScoreLevel.DISTRICT) for one in (city.district, city.district2))
    # (78.88 × 2 + 89.20) / 3 = 82.32; the plain mean of 78.88 and 89.20.
    assert (first.score, first.plain_mean, first.rank, first.of) == (Decimal("82.32"), Decimal("84.04"), 1, 2)
    assert (second.score, second.rank) == (Decimal("73.45"), 2)
    # Places among the urban grids.
    ranks = {one: score_of(run, getattr(city, one)).rank for one in ("next_grid", "grid4", "grid6", "main_grid")}
    assert ranks == {"next_grid": 1, "grid4": 2, "grid6": 3, "main_grid": 4}


def test_what_comes_after_midnight_is_octobers(city):
    computed(city, area=CITY)
    october = computed(city, period="2026-10", when=NOVEMBER, area=CITY)
    found = figures(october, city.main_grid)
    assert found["M05"][:2] == (1, 1)  # the one of 1 October 00:00; none of September's a second time
    # To be closed in October: the reworked order, closed on the 5th; those of 30 September and of 1 October, due on
    # the 9th, and not closed.
    assert found["M06"][:2] == (1, 3) and found["M07"][:2] == (1, 3)
    (rework,) = Charge.objects.filter(score=score_of(october, city.main_grid), code="K06")
    assert rework.order == city.reworked
    counted = Counted.objects.get(run=october, order=city.midnight)
    assert counted.handled_at == dt.datetime(2026, 9, 30, 16, tzinfo=dt.UTC)


def test_an_appeal_sets_the_fact_right_everywhere(city):
    run = computed(city, area=CITY)
    Post.objects.create(person=city.assessor, role="assessor", area=city.city, starts=dt.date(2020, 1, 1))
    city.assessor = type(city.assessor).objects.get(pk=city.assessor.pk)
    run = commands.publish(run, by=city.assessor, at=AFTER)
    mine = score_of(run, city.officer, ScoreLevel.OFFICER)
    assert mine.score == Decimal("66.45")
    appeal = commands.appeal(mine, by=city.officer, at=LATER, item="M05", order=city.late.number, reason="停电")
    appeal = commands.rule(appeal, by=city.assessor, at=LATER, uphold=True, answer="属实")
    commands.carry_out(appeal.outcome_id, at=LATER)
    second = Run.objects.get(pk=appeal.outcome_id)
    found = figures(second, city.main_grid)
    # 18 of 19 = 0.9474: (0.9474 − 0.70) / 0.28 = 0.8836 × 14 = 12.37; its 0.30 are given back.
    assert found == {**EVERYTHING, "M05": (18, 19, "12.37")}
    after = score_of(second, city.officer, ScoreLevel.OFFICER)
    assert after.score == Decimal("66.45") + Decimal("12.37") - Decimal("9.74") + Decimal("0.30") == Decimal("69.38")
    assert score_of(second, city.main_grid).rank == 4 and figures(run, city.main_grid) == EVERYTHING
    waived = [one for one in explaining.sheet(after).charges if one.waived]
    assert [(one.code, one.order, one.points) for one in waived] == [("K04", city.late.number, 0)]


def test_the_order_of_the_rows_changes_nothing(city):
    first = computed(city, area=CITY)
    rows = list(Counted.objects.filter(run=first).order_by("pk").values_list("order_id", "record_id", "numerators"))
    dice = Random(1)
    with connection.cursor() as cursor:
        for table in ("workorders_workorder", "workorders_clock", "assessment_factrecord", "personnel_post"):
            cursor.execute(f"SELECT id FROM {table} ORDER BY id")
            keys = [key for (key,) in cursor.fetchall()]
            # A written row moves to the end of its table.
            for key in dice.sample(keys, len(keys)):
                cursor.execute(f"UPDATE {table} SET id = id WHERE id = %s", [key])
        for way in ("hashjoin", "nestloop", "indexscan", "hashagg"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
            again = computed(city, area=CITY)
            assert again.checksum == first.checksum, way
            assert rows == list(
                Counted.objects.filter(run=again).order_by("pk").values_list("order_id", "record_id", "numerators")
            )
