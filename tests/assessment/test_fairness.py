"""What nobody should be able to tilt: best grades, false reports, revisions that wait, signs of padding."""

import copy
import datetime as dt

import pytest

from assessment import commands, explaining, reading, review
from assessment.default_scheme import BODY
from assessment.models import Run, SchemeVersion
from assessment.vocabulary import RunStatus, ScoreLevel
from core import clock
from core.errors import Invalid
from personnel.models import Post, User
from personnel.roles import Role
from tests.assessment.months import AFTER, MONTH, at, computed, figures, order, published, score_of

pytestmark = pytest.mark.django_db
LATER = AFTER + dt.timedelta(hours=5)
NOVEMBER = dt.datetime(2026, 11, 5, 9, tzinfo=clock.ZONE)


@pytest.fixture
def month(town):
    """Two grids of a street without a fault, one with a late order."""
    Post.objects.filter(person__in=(town.part_timer, town.former)).delete()
    for grid, person in ((town.main_grid, town.officer), (town.next_grid, town.neighbour)):
        for number in range(20):
            moment = at(1 + number)
            order(grid, moment, officer=person, reporter=person, handled=moment, closed=moment, satisfaction=5)
    town.late = order(
        town.main_grid,
        at(9),
        officer=town.officer,
        reporter=town.officer,
        due=at(10),
        handled=at(10, 18),
        closed=at(11),
    )
    town.second = User.objects.create(username="second", name="second")
    Post.objects.create(person=town.second, role=Role.ASSESSOR, area=town.district, starts=dt.date(2020, 1, 1))
    return town


def under(**changes) -> None:
    """Change the review part of the scheme in force."""
    body = copy.deepcopy(BODY)
    body["review"] |= changes
    SchemeVersion.objects.filter(scheme__code="default").update(body=body)


def test_only_part_of_a_streets_grids_has_the_best_grade(month):
    run = computed(month)
    assert {score_of(run, one).grade for one in (month.main_grid, month.next_grid)} == {"excellent"}
    under(excellent_share="0.5")  # one of two
    run = computed(month)
    first, second = score_of(run, month.next_grid), score_of(run, month.main_grid)
    assert first.score > second.score
    assert (first.grade, second.grade) == ("excellent", "good")
    limit = second.charges.get(code="CAP_GRADE")
    assert limit.points == 0 and not first.charges.filter(code="CAP_GRADE").exists()
    assert "1" in explaining.cause_text(limit)
    mine = score_of(run, month.officer, ScoreLevel.OFFICER)
    assert mine.mirrors == second and mine.grade == "good"
    sheet = explaining.sheet(second)
    assert sum(one.points for one in (*sheet.lines, *sheet.charges) if one.points is not None) == second.score
    under(excellent_share="0.4")  # 0.8 of a grid is none
    run = computed(month)
    assert {score_of(run, one).grade for one in (month.main_grid, month.next_grid)} == {"good"}


def test_equal_grids_are_graded_alike(month):
    month.late.clocks.update(due_at=at(11))
    under(excellent_share="0.5")
    run = computed(month)
    assert score_of(run, month.main_grid).score == score_of(run, month.next_grid).score
    assert {score_of(run, one).grade for one in (month.main_grid, month.next_grid)} == {"good"}


@pytest.mark.parametrize("bad", [{"excellent_share": "1.5"}, {"excellent_share": "x"}, {"appeal_days": 0}])
def test_the_review_part_of_a_scheme_is_judged(month, bad):
    body = copy.deepcopy(BODY)
    body["review"] |= bad
    with pytest.raises(Invalid) as refused:
        commands.draft("default", by=month.assessor, at=AFTER, body=body)
    assert "review" in str(refused.value.errors)


def false_report(town, period, when, count=1):
    row = commands.enter(
        period=period, area=town.main_grid.code, code="K07", cause="虚假上报", by=town.assessor, at=when, count=count
    )
    return commands.confirm(row, by=town.second, at=when)


def test_the_third_false_report_of_a_quarter_is_a_veto(month):
    false_report(month, "2026-06", at(2), count=3)  # another quarter
    false_report(month, "2026-08", at(2))
    last = false_report(month, MONTH, AFTER)
    assert not score_of(computed(month), month.main_grid).veto
    false_report(month, MONTH, AFTER)
    run = computed(month)
    score = score_of(run, month.main_grid)
    assert (score.veto, score.grade) == (True, "unqualified") and score.score <= 59
    assert "3" in explaining.cause_text(score.charges.get(code="V03"))
    assert not score_of(run, month.next_grid).veto
    commands.withdraw(last, by=month.assessor, at=AFTER, reason="查无此事")
    assert not score_of(computed(month), month.main_grid).veto


def test_an_upheld_appeal_against_a_false_report_lifts_the_veto(month):
    false_report(month, MONTH, AFTER, count=2)
    false_report(month, MONTH, AFTER)
    run = published(month)
    mine = score_of(run, month.officer, ScoreLevel.OFFICER)
    assert mine.veto
    charge = mine.mirrors.charges.filter(code="K07").latest("pk")
    appeal = commands.appeal(mine, by=month.officer, at=LATER, item=None, charge=charge.pk, reason="照片可核实")
    appeal = commands.rule(appeal, by=month.second, at=LATER, uphold=True, answer="属实")
    commands.carry_out(appeal.outcome_id, at=LATER)
    after = score_of(appeal.outcome, month.main_grid)
    assert not after.veto and after.score > 59
    points = {(one.code, one.waived): one.points for one in explaining.sheet(after).charges}
    assert points[("V03", True)] == 0 and points[("K07", True)] == 0 and points[("K07", False)] == -10


def test_a_published_month_stays_while_its_revision_waits(month):
    run = published(month)
    mine = score_of(run, month.officer, ScoreLevel.OFFICER)
    ask = {"item": "K04", "order": month.late.number, "reason": "系统故障"}
    appeal = commands.appeal(mine, by=month.officer, at=LATER, **ask)
    appeal = commands.rule(appeal, by=month.second, at=LATER, uphold=True, answer="属实")
    october = computed(month, period="2026-10", when=NOVEMBER)
    latest = score_of(october, month.officer, ScoreLevel.OFFICER)

    def seen():
        return (
            [one.run_id for one in reading.own_scores(month.officer, on=NOVEMBER.date())],
            [one["score"] for one in reading.history(latest)],
            Run.objects.current().filter(period=MONTH).get().pk,
        )

    for state in (RunStatus.QUEUED, RunStatus.FAILED, RunStatus.RUNNING):
        Run.objects.filter(pk=appeal.outcome_id).update(status=state)
        assert seen() == ([run.pk], [mine.score], run.pk)
    Run.objects.filter(pk=appeal.outcome_id).update(status=RunStatus.QUEUED)
    commands.carry_out(appeal.outcome_id, at=LATER)
    after = score_of(appeal.outcome, month.officer, ScoreLevel.OFFICER)
    assert after.score > mine.score
    assert seen() == ([appeal.outcome_id], [after.score], appeal.outcome_id)


def test_movers_compare_with_a_month_whose_revision_waits(month):
    run = published(month)
    mine = score_of(run, month.officer, ScoreLevel.OFFICER)
    ask = {"item": "K04", "order": month.late.number, "reason": "系统故障"}
    appeal = commands.appeal(mine, by=month.officer, at=LATER, **ask)
    commands.rule(appeal, by=month.second, at=LATER, uphold=True, answer="属实")
    order(
        month.main_grid, at(12, month=10), officer=month.officer, reporter=month.officer, handled=at(12, month=10),
        closed=at(12, month=10),
    )  # fmt: skip
    october = computed(month, period="2026-10", when=NOVEMBER)
    moved = {one.area_id: change for one, change in reading.movers(october)}
    assert moved[month.main_grid.pk] == score_of(october, month.main_grid).score - mine.score != 0


def test_a_decision_after_a_failed_revision_goes_into_it(month):
    second = order(
        month.main_grid, at(9), officer=month.officer, reporter=month.officer, due=at(10), handled=at(10, 18),
        closed=at(11),
    )  # fmt: skip
    run = published(month)
    mine = score_of(run, month.officer, ScoreLevel.OFFICER)
    runs = []
    for late in (month.late, second):
        ask = {"item": "M05", "order": late.number, "reason": "x"}
        appeal = commands.appeal(mine, by=month.officer, at=LATER, **ask)
        runs.append(commands.rule(appeal, by=month.second, at=LATER, uphold=True, answer="属实").outcome_id)
        Run.objects.filter(pk=runs[0]).exclude(status=RunStatus.PUBLISHED).update(status=RunStatus.FAILED)
    assert runs[0] == runs[1]
    Run.objects.filter(pk=runs[0]).update(status=RunStatus.QUEUED)
    commands.carry_out(runs[0], at=LATER)
    assert figures(run, month.main_grid)["M05"][:2] == (20, 22)
    assert figures(Run.objects.get(pk=runs[0]), month.main_grid)["M05"][:2] == (22, 22)


def test_signs_of_padding_name_the_very_orders(month):
    rows = [
        order(
            month.main_grid, at(20, hour), officer=month.officer, reporter=month.officer, handled=at(20, 15),
            closed=at(20, 16), lon=103.705, lat=36.105,
        )
        for hour in (9, 10, 11)
    ]  # fmt: skip
    found = [one for one in review.flags(computed(month)) if one.kind == review.REPEATED]
    assert [one.orders for one in found] == [tuple(row.pk for row in rows)]
