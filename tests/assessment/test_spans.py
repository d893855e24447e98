"""Quarters and years; flags for review; records from a file."""

import datetime as dt
from decimal import Decimal

import pytest

from assessment import commands, explaining, review
from assessment.models import AssessmentEvent, FactRecord, Run
from assessment.vocabulary import RunStatus, ScoreLevel
from core.errors import Invalid, NotAllowedNow, NotPermitted
from tests.assessment.months import AFTER, MONTH, at, computed, order, score_of

pytestmark = pytest.mark.django_db
MONTHS = ("2026-07", "2026-08", "2026-09")


@pytest.fixture
def quarter(town):
    for month in (7, 8, 9):
        for day in range(1, month - 3):
            order(
                town.main_grid, at(day, month=month), officer=town.officer, reporter=town.officer,
                handled=at(day, month=month), closed=at(day, 11, month=month), satisfaction=5,
            )  # fmt: skip
    town.runs = []
    for period in MONTHS:
        run = computed(town, period=period)
        town.runs.append(commands.publish(run, by=town.assessor, at=AFTER))
    return town


def test_a_quarter_is_the_mean_of_its_months(quarter):
    run = commands.roll_up("2026-Q3", by=quarter.assessor, at=AFTER)
    months = [score_of(one, quarter.main_grid).score for one in quarter.runs]
    score = score_of(run, quarter.main_grid)
    assert len(set(months)) > 1 and abs(score.score - sum(months) / 3) <= Decimal("0.005")
    sheet = explaining.sheet(score)
    assert [one.code for one in sheet.lines] == list(MONTHS) and all(one.part for one in sheet.lines)
    assert sum(one.points for one in sheet.lines) == score.score
    run = commands.publish(run, by=quarter.assessor, at=AFTER)
    assert run.status == RunStatus.PUBLISHED
    with pytest.raises(NotAllowedNow):
        commands.roll_up("2026-Q3", by=quarter.assessor, at=AFTER)


def test_a_quarter_waits_for_its_months_and_a_year_for_its_quarters(quarter):
    for period in ("2026-Q4", "2026"):
        with pytest.raises(NotAllowedNow) as refused:
            commands.roll_up(period, by=quarter.assessor, at=AFTER)
        assert refused.value.code == "not_all_published"
    with pytest.raises(Invalid):
        commands.roll_up("2026-09", by=quarter.assessor, at=AFTER)


def test_a_year_is_four_fifths_quarters_and_one_fifth_review(quarter):
    first = commands.publish(commands.roll_up("2026-Q3", by=quarter.assessor, at=AFTER), by=quarter.assessor, at=AFTER)
    for period in ("2026-Q1", "2026-Q2", "2026-Q4"):
        made = Run.objects.create(
            area_id=first.area_id, span="quarter", period=period, version=first.version, cut_off=AFTER,
            created_at=AFTER, status=RunStatus.COMPUTED,
        )  # fmt: skip
        made.scores.create(
            level="grid",
            area=quarter.main_grid,
            code=quarter.main_grid.code,
            name="x",
            score=Decimal("80.00"),
            peer_group="urban",
        )
        commands.publish(made, by=quarter.assessor, at=AFTER)
    marks = {"leaders": 90, "peers": "80", "residents": 100, "by": quarter.assessor, "at": AFTER}
    commands.review_year(year=2026, area=quarter.main_grid.code, **marks)
    told = AssessmentEvent.objects.filter(area=quarter.main_grid).latest("sequence")
    assert (told.kind, told.data["year"], told.actor) == ("reviewed", 2026, quarter.assessor)
    for bad in ({"leaders": 101}, {"peers": "x"}):
        with pytest.raises(Invalid):
            commands.review_year(year=2026, area=quarter.main_grid.code, **{**marks, **bad})
    with pytest.raises(NotPermitted):
        commands.review_year(year=2026, area=quarter.far_grid.code, **marks)
    score = score_of(commands.roll_up("2026", by=quarter.assessor, at=AFTER), quarter.main_grid)
    own = score_of(first, quarter.main_grid).score
    # 90 × 0.4 + 80 × 0.2 + 100 × 0.4 = 92
    assert abs(score.score - ((own + 240) / 4 * Decimal("0.8") + 92 * Decimal("0.2"))) <= Decimal("0.01")
    assert sum(one.points for one in explaining.sheet(score).lines) == score.score


def test_padding_is_flagged_and_costs_nothing(town):
    for number in range(8):
        order(
            town.main_grid, at(29, 9 + number % 3), officer=town.officer, reporter=town.officer, handled=at(29, 15),
            closed=at(29, 16), lon=103.705, lat=36.105,
        )  # fmt: skip
    run = computed(town)
    flags = review.flags(run)
    found = {one.kind: one for one in flags if one.area_id == town.main_grid.pk}
    assert {one.area_id for one in flags if one.kind == review.SILENT} == {town.next_grid.pk}
    assert set(found) == {review.REPEATED, review.BURST} and len(found[review.REPEATED].orders) == 8
    assert not score_of(run, town.main_grid).charges.exists()


def test_records_come_from_a_file_once(town, tmp_path):
    file = tmp_path / "records.csv"
    file.write_text(
        "kind,area,on,done,level,key,note\n"
        f"visit,{town.main_grid.code},2026-09-03,是,red,王奶奶,上门\n"
        f"sample,{town.main_grid.code},2026-09-04,no,,房屋 3,\n",
        encoding="utf-8",
    )
    first = commands.import_records(file, by=town.assessor, at=AFTER)
    again = commands.import_records(file, by=town.assessor, at=AFTER)
    assert (first.created, again.created, again.unchanged) == (2, 0, 2)
    told = AssessmentEvent.objects.get(kind="imported")
    assert told.data["created"] == 2 and told.area == town.district, "a file that changes nothing leaves no step"
    file.write_text(f"kind,area,on,done,key\nvisit,{town.main_grid.code},2026-09-03,yes,x\ndance,1,soon,maybe,\n")
    bad = commands.import_records(file, by=town.assessor, at=AFTER)
    assert {(line, name) for line, name, _why in bad.problems} >= {
        (2, "level"),
        (3, "kind"),
        (3, "area"),
        (3, "on"),
        (3, "done"),
    }
    assert FactRecord.objects.count() == 2
    with pytest.raises(NotPermitted):
        commands.note(
            by=town.assessor, at=AFTER, kind="sample", area=town.far_grid.code, on="2026-09-03", done="1", key="k"
        )


def test_a_moved_grid_counts_where_it_lay(town):
    from grids.commands import move_area

    order(town.main_grid, at(2), officer=town.officer, reporter=town.officer, handled=at(2), closed=at(2, 12))
    before = score_of(computed(town), town.main_grid)
    move_area(town.main_grid, to=town.community2)
    after = score_of(computed(town), town.main_grid)
    assert (before.community_id, after.community_id) == (town.community.pk, town.community.pk)
    assert score_of(Run.objects.latest("pk"), town.community, ScoreLevel.COMMUNITY).score == after.score


def test_the_month_is_open_on_the_first_day(town):
    from assessment import opening

    order(town.main_grid, at(2), officer=town.officer, reporter=town.officer, handled=at(2), closed=at(2, 12))
    first = dt.datetime(2026, 10, 1, 4, tzinfo=dt.UTC)
    assert opening.open_month(at=first) == 1 and opening.open_month(at=first) == 0
    assert Run.objects.get().period == MONTH
    assert opening.so_far(at=first) == 1 and opening.so_far(at=first) == 1
    assert Run.objects.filter(provisional=True).count() == 1
