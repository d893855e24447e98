"""A month of the town, computed by hand."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessment import explaining
from assessment.models import Charge, Counted, FactRecord, Score
from assessment.vocabulary import ScoreLevel
from grids.models import Area
from personnel.models import Post
from tests.assessment.months import at, computed, figures, order, score_of
from workorders.models import Supervision

pytestmark = pytest.mark.django_db


@pytest.fixture
def month(town):
    """September in the main grid. Handled on the spot: 3. Due: 7, of them one late, one open, one suspended, one
    merged, one voided, one led by a department, one due in October but handled in September."""
    me, grid = town.officer, town.main_grid
    for day in (1, 2, 3):
        order(grid, at(day), officer=me, reporter=me, handled=at(day), closed=at(day, 11), satisfaction=5)
    order(grid, at(4), officer=me, reporter=me, due=at(7, 17, 30), handled=at(7, 17), closed=at(8), satisfaction=4)
    town.late = order(
        grid, at(9), officer=me, reporter=me, due=at(10, 17, 30), handled=at(10, 17, 31), closed=at(11), satisfaction=2
    )
    town.open = order(
        grid, at(14), unit=town.co, source="hotline", due=at(15, 17, 30), sign_due=at(14, 15), signed=at(14, 16)
    )
    order(grid, at(16), unit=town.co, due=at(17, 17, 30), status="suspended", source="hotline")
    order(grid, at(16), unit=town.co, due=at(17, 17, 30), status="merged", reporter=me)
    order(grid, at(16), reporter=me, status="voided")
    order(grid, at(16), reporter=me, status="declined")
    town.theirs = order(
        grid, at(18), unit=town.um, source="hotline", due=at(21, 17, 30), handled=at(22), closed=at(23), satisfaction=1,
        follow_officer=me, sign_due=at(18, 15), signed=at(18, 11),
    )  # fmt: skip
    order(
        grid, at(25), unit=town.co, due=at(9, month=10), handled=at(30, 23, 59), sign_due=at(25, 15), signed=at(25, 12)
    )
    return town


def test_each_indicator_of_the_month(month):
    run = computed(month)
    found = figures(run, month.main_grid)
    # Reports of the officer: 3 on the spot, 2 due, 1 merged (valid: its main order is nobody's), 1 voided, 1 declined.
    assert found["M01"][:2] == (6, 8) and found["M02"][:2] == (6, 8)
    assert found["M03"][:2] == (0, 6)
    # Signing by the community: one late, one in time; the department's is not the grid's.
    assert found["M04"][:2] == (1, 2)
    # Handling: 3 on the spot, 1 in time, 1 a minute late, 1 open and overdue, 1 early at 23:59 of the last day.
    assert found["M05"][:2] == (5, 7)
    assert found["M08"][:2] == (1, 7) and found["M09"][:2] == (0, 7)
    # Closing: those closed in September, and the open one whose closing time has passed.
    assert found["M06"][:2] == (5, 6) and found["M07"][:2] == (0, 6)
    assert found["S01"][:2] == (0, 1)  # the department's hotline order, followed by the officer, a day late
    assert found["S02"][:2] == (4, 6)
    assert found["S03"] == found["S04"] == found["S05"] == (None, None, None)
    assert "M10" not in found and "S06" not in found


def test_points_by_hand(month):
    found = figures(computed(month), month.main_grid)
    # Weights in force: class M 60 over 54 → M01 6.67 M02 4.44 M03 8.89 M05 15.56 …; class S 40 over S01 6, S02 10
    # → 15 and 25.
    assert found["M01"][2] == "2.00"  # 6/20 = 0.3 × 6.67
    assert found["M02"][2] == "1.90"  # 0.75: (0.75 − 0.6)/0.35 = 0.4286 × 4.44
    assert found["M03"][2] == "8.89"
    assert found["M04"][2] == "2.22"  # 1/2 × 4.44
    assert found["M05"][2] == "0.80"  # 5/7 = 0.7143: 0.0143/0.28 = 0.0511 × 15.56
    assert found["M06"][2] == "1.23"  # 5/6 = 0.8333: 0.0333/0.18 = 0.1850 × 6.67
    assert found["M07"][2] == "6.67"
    assert found["M08"][2] == "0.00"  # 1/7 of at most 0.10
    assert found["M09"][2] == "2.22"
    assert found["S01"][2] == "0.00"
    assert found["S02"][2] == "0.00"  # 4/6 = 0.6667, below 0.70


def test_two_late_orders_cost_three_tenths_each(month):
    run = computed(month)
    charges = Charge.objects.filter(score=score_of(run, month.main_grid)).order_by("order_id")
    assert [(one.code, str(one.points), one.order) for one in charges] == [
        ("K04", "-0.30", month.late),
        ("K04", "-0.30", month.open),
    ]


def test_a_card_costs_instead_of_the_overdue_order(month):
    Supervision.objects.create(order=month.open, card="yellow", rule="overdue", unit=month.co, at=at(17))
    Supervision.objects.create(order=month.open, card="red", rule="overdue", unit=month.co, at=at(21))
    charges = Charge.objects.filter(score=score_of(computed(month), month.main_grid), order=month.open)
    assert [(one.code, str(one.points)) for one in charges] == [("K05", "-3.00")]


def test_rows_add_up_to_every_score(month):
    run = computed(month)
    scores = Score.objects.filter(run=run, score__isnull=False).select_related("run__version", "mirrors")
    assert {one.level for one in scores} == set(ScoreLevel.values)
    for score in scores:
        sheet = explaining.sheet(score)
        total = sum(one.points for one in sheet.lines if one.points is not None) + sum(
            one.points for one in sheet.charges
        )
        assert total == score.score, (score, sheet)


def test_evidence_is_what_was_counted(month):
    run = computed(month)
    score = score_of(run, month.main_grid)
    for line in explaining.sheet(score).lines:
        if line.denominator is None:
            continue
        rows = explaining.evidence(explaining.evidence_rows(score, line.code), line.code)
        assert len(rows) == line.denominator and sum(one.in_numerator for one in rows) == line.numerator, line
        assert all(one.why and one.number for one in rows)


def test_the_department_answers_for_what_it_led(month):
    found = figures(computed(month), month.um, ScoreLevel.UNIT)
    assert found["M05"][:2] == (0, 1) and found["M04"][:2] == (1, 1) and found["S02"] == (None, None, None)


def test_an_order_counts_in_one_month(month):
    october = computed(month, period="2026-10", when=dt.datetime(2026, 11, 3, 9, tzinfo=dt.UTC))
    assert figures(october, month.main_grid)["M05"][:2] == (None, None)


def test_twice_the_same_and_in_any_order(month):
    first, second = computed(month), computed(month)
    assert first.checksum == second.checksum and first.pk != second.pk
    rows = list(Counted.objects.filter(run=second).order_by("-pk"))
    assert len(rows) == first.rows


def test_statements_do_not_grow_with_the_grids(month):
    computed(month)
    with CaptureQueriesContext(connection) as small:
        computed(month)
    with CaptureQueriesContext(connection) as large:
        computed(month, area="620100000000")
    assert len(small) == len(large) < 60


def test_visits_weigh_by_level_and_records_count(month):
    for number, (level, done) in enumerate((("red", True), ("red", False), ("yellow", True), ("green", True))):
        FactRecord.objects.create(
            kind="visit",
            area=month.main_grid,
            on=dt.date(2026, 9, 10),
            done=done,
            level=level,
            key=f"v{number}",
            entered_at=at(12),
        )
    for number in range(20):
        FactRecord.objects.create(
            kind="sample",
            area=month.main_grid,
            on=dt.date(2026, 9, 10),
            done=number > 0,
            key=f"d{number}",
            entered_at=at(12),
        )
    FactRecord.objects.create(
        kind="missed",
        area=month.main_grid,
        on=dt.date(2026, 9, 20),
        done=True,
        key="m",
        order=month.open,
        entered_at=at(21),
    )
    run = computed(month)
    found = figures(run, month.main_grid)
    # class S: S01 6 + S02 10 + S03 10 + S05 5 = 31 → 40; S03 12.90, of which (3 + 2 + 1) of (3 + 3 + 2 + 1)
    assert found["S03"] == (3, 4, "8.60")  # 6/9 = 0.6667 × 12.90
    assert found["S05"][:2] == (19, 20)
    assert found["M03"][:2] == (1, 7)
    assert Charge.objects.filter(score=score_of(run, month.main_grid), code="K12").get().points == Decimal("-1.00")


def test_a_community_is_the_mean_of_its_ranked_grids(month):
    order(month.next_grid, at(2), officer=month.neighbour, reporter=month.neighbour, handled=at(2), closed=at(2, 12))
    run = computed(month)
    grids = [score_of(run, one).score for one in (month.main_grid, month.next_grid)]
    assert abs(score_of(run, month.community, ScoreLevel.COMMUNITY).score - sum(grids) / 2) <= Decimal("0.005")
    street = score_of(run, month.street, ScoreLevel.STREET)
    assert street.plain_mean is not None and street.rank == 1


def test_a_young_grid_is_not_ranked(month):
    Area.objects.filter(pk=month.next_grid.pk).update(starts=dt.date(2026, 9, 17))
    score = score_of(computed(month), month.next_grid)
    assert (score.score, score.rank, score.why_not, score.active_days) == (None, None, "few_days", 14)


def test_an_officer_alone_has_the_grids_score(month):
    run = computed(month)
    mine = score_of(run, month.neighbour, ScoreLevel.OFFICER)
    assert mine.mirrors == score_of(run, month.next_grid) and mine.score == mine.mirrors.score


def test_a_split_month_is_six_tenths_grid_and_four_tenths_own(month):
    Post.objects.filter(person=month.part_timer).delete()
    Post.objects.filter(person=month.former).update(ends=dt.date(2026, 9, 11))
    Post.objects.filter(person=month.officer).update(starts=dt.date(2026, 9, 11))
    run = computed(month)
    grid = score_of(run, month.main_grid).score
    former = score_of(run, month.former, ScoreLevel.OFFICER)
    # He handled nothing himself: nothing of his own applies, the grid counts whole.
    assert former.active_days == 10 and former.score == grid
    mine = score_of(run, month.officer, ScoreLevel.OFFICER)
    # Own: M05 4 of 5 on time (0.8 → 0.3571), S02 5 of 6 asked or followed (0.8333? five answers and more) …
    own = sum(one.points for one in mine.items.filter(part__isnull=True))
    part = mine.items.get(part__isnull=False)
    assert mine.active_days == 20 and abs(part.points - grid * Decimal("0.6")) <= Decimal("0.005")
    assert mine.score == part.points + own and sum(one.weight for one in mine.items.all()) == 100
