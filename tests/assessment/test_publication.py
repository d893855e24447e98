"""Published is frozen; appeals make revisions beside it."""

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction

from assessment import commands, explaining
from assessment.models import AssessmentEvent, Run, Score
from assessment.vocabulary import AppealState, RunStatus, ScoreLevel
from core import outbox
from core.errors import Invalid, NotAllowedNow, NotPermitted
from core.events import verify
from personnel.models import Post, User
from personnel.roles import Role
from tests.assessment.months import AFTER, MONTH, at, computed, figures, order, published, score_of
from workorders.models import Notice
from workorders.sentences import notice_text

pytestmark = pytest.mark.django_db
LATER = AFTER + dt.timedelta(hours=5)


@pytest.fixture
def month(town):
    me, grid = town.officer, town.main_grid
    Post.objects.filter(person__in=(town.part_timer, town.former)).delete()
    for day in range(1, 6):
        order(grid, at(day), officer=me, reporter=me, handled=at(day), closed=at(day, 11), satisfaction=5)
        order(
            town.next_grid,
            at(day),
            officer=town.neighbour,
            reporter=town.neighbour,
            handled=at(day),
            closed=at(day, 11),
        )
    town.late = order(grid, at(9), officer=me, reporter=me, due=at(10, 17, 30), handled=at(10, 18), closed=at(11))
    town.second = User.objects.create(username="second", name="второй")
    Post.objects.create(person=town.second, role=Role.ASSESSOR, area=town.city, starts=dt.date(2020, 1, 1))
    return town


def test_a_published_run_refuses_every_change(month):
    run = published(month)
    assert run.status == RunStatus.PUBLISHED
    statements = [
        "UPDATE assessment_run SET reason = 'x' WHERE id = %s",
        "DELETE FROM assessment_run WHERE id = %s",
        "UPDATE assessment_score SET score = 100 WHERE run_id = %s",
        "DELETE FROM assessment_score WHERE run_id = %s",
        "UPDATE assessment_counted SET numerators = 0 WHERE run_id = %s",
        "DELETE FROM assessment_counted WHERE run_id = %s",
        "UPDATE assessment_charge SET points = 1 WHERE score_id IN (SELECT id FROM assessment_score WHERE run_id = %s)",
        "DELETE FROM assessment_charge WHERE score_id IN (SELECT id FROM assessment_score WHERE run_id = %s)",
        "INSERT INTO assessment_score (run_id, level, area_id, name, code, active_days, workload, why_not, bonus,"
        " deductions, veto, grade, of, peer_group, values) SELECT run_id, level, area_id, name, 'x', 1, 1, '', 0, 0,"
        " false, '', 0, '', '{}' FROM assessment_score WHERE run_id = %s LIMIT 1",
        "UPDATE assessment_scoreitem SET points = 1 WHERE score_id IN (SELECT id FROM assessment_score"
        " WHERE run_id = %s)",
        "DELETE FROM assessment_scoreitem WHERE score_id IN (SELECT id FROM assessment_score WHERE run_id = %s)",
        "INSERT INTO assessment_scoreitem (score_id, code, position, details) SELECT id, 'x', 1, '{}'"
        " FROM assessment_score WHERE run_id = %s LIMIT 1",
        "INSERT INTO assessment_counted (run_id, what, area_id, source, own, here, reworks, delays, difficulty, weight,"
        " status, unsettled, excused, denominators, numerators) SELECT run_id, 'order', area_id, '', true, true, 0, 0,"
        " 0, 1, '', false, '', 1, 1 FROM assessment_score WHERE run_id = %s LIMIT 1",
        "UPDATE assessment_schemeversion SET body = '{}' WHERE id = (SELECT version_id FROM assessment_run"
        " WHERE id = %s)",
        *(
            f"SELECT %s; TRUNCATE assessment_{table} CASCADE"
            for table in ("run", "score", "counted", "scoreitem", "charge")
        ),
    ]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # nothing waits for the end of the test's transaction
    for sql in statements:
        with pytest.raises(DatabaseError, match="published"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [run.pk])


def test_a_month_is_published_once(month):
    first, second = computed(month), computed(month)
    commands.publish(first, by=month.assessor, at=AFTER)
    for attempt in (lambda: commands.publish(second, by=month.assessor, at=AFTER), lambda: computed(month)):
        with pytest.raises(NotAllowedNow) as refused:
            attempt()
        assert refused.value.code == "published"


def test_who_publishes(month):
    run = computed(month)
    for person in (month.officer, month.manager, month.dispatcher2, month.admin):
        with pytest.raises(NotPermitted):
            commands.publish(run, by=person, at=AFTER)


def test_a_month_that_is_not_over_is_provisional(month):
    run = computed(month, when=at(20))
    assert run.provisional
    with pytest.raises(NotAllowedNow) as refused:
        commands.publish(run, by=month.assessor, at=AFTER)
    assert refused.value.code == "provisional"


@pytest.mark.parametrize("period", ["2026-13", "2026", "", None, 7, "2027-01"])
def test_bad_months_are_refused(month, period):
    with pytest.raises(Invalid):
        commands.start(period, by=month.assessor, at=AFTER)


def test_months_without_orders_or_scheme_are_refused(month):
    for period, scheme, code in (("2025-01", None, "no_data"), (MONTH, "nobody's", "no_scheme")):
        with pytest.raises(NotAllowedNow) as refused:
            commands.start(period, by=month.assessor, at=AFTER, scheme=scheme)
        assert refused.value.code == code


def test_an_area_without_officers_is_refused(month):
    held = Post.objects.filter(role__in=("officer", "part_time_officer"), area__code__startswith="620105")
    held.update(ends=dt.date(2026, 9, 1))
    with pytest.raises(NotAllowedNow) as refused:
        commands.start(MONTH, by=month.assessor, at=AFTER)
    assert refused.value.code == "no_posts" and not Run.objects.exists()
    # One grid without is no reason: what only an officer can do is not measured there.
    held.filter(area=month.next_grid).update(ends=None)
    assert score_of(computed(month), month.main_grid).score is not None


def test_cancel_and_restart(month):
    run = commands.start(MONTH, by=month.assessor, at=AFTER)
    commands.cancel(run, by=month.assessor, at=AFTER)
    assert commands.carry_out(run.pk, at=AFTER) is None
    commands.restart(run, by=month.assessor, at=AFTER)
    assert commands.carry_out(run.pk, at=AFTER).status == RunStatus.COMPUTED


def test_a_run_whose_worker_died_is_done_again_whole(month):
    run = commands.start(MONTH, by=month.assessor, at=AFTER)
    Run.objects.filter(pk=run.pk).update(status=RunStatus.RUNNING, started_at=AFTER)
    Score.objects.create(run=run, level="grid", area=month.main_grid, code="half", name="half a result")
    assert commands.take_up_again(at=AFTER + dt.timedelta(minutes=2)) == [run.pk]
    done = commands.carry_out(run.pk, at=AFTER)
    assert done.status == RunStatus.COMPUTED and not done.scores.filter(code="half").exists()
    assert done.checksum == computed(month).checksum


def test_an_appeal_is_upheld_and_becomes_revision_two(month):
    run = published(month)
    mine = score_of(run, month.officer, ScoreLevel.OFFICER)
    before = mine.score
    appeal = commands.appeal(mine, by=month.officer, at=LATER, item="K04", order=month.late.number, reason="系统故障")
    with pytest.raises(NotAllowedNow) as twice:
        commands.appeal(mine, by=month.officer, at=LATER, item="K04", order=month.late.number, reason="再申诉")
    assert twice.value.code == "appealed_already"
    appeal = commands.rule(appeal, by=month.assessor, at=LATER, uphold=True, answer="情况属实")
    assert appeal.state == AppealState.UPHELD and appeal.outcome.status == RunStatus.QUEUED
    commands.carry_out(appeal.outcome_id, at=LATER)
    second = Run.objects.get(pk=appeal.outcome_id)
    assert (second.status, second.revision, second.previous_id, second.reason) == (
        RunStatus.PUBLISHED,
        2,
        run.pk,
        "情况属实",
    )
    assert figures(run, month.main_grid)["M05"][:2] == (5, 6)
    assert figures(second, month.main_grid)["M05"][:2] == (6, 6)
    after = score_of(second, month.officer, ScoreLevel.OFFICER)
    assert after.score > before
    sheet = explaining.sheet(after)
    assert [(one.code, str(one.points), one.waived) for one in sheet.charges] == [("K04", "0.00", True)]
    assert sum(one.points for one in sheet.lines if one.points is not None) == after.score
    outbox.drain()
    notice = Notice.objects.get(person=month.officer, kind="assessment_revised")
    assert "情况属实" in notice_text(notice)
    assert not list(verify(AssessmentEvent.objects.order_by("area", "sequence")))
    # Somebody else's score stays what it was.
    assert score_of(second, month.next_grid).score == score_of(run, month.next_grid).score


def test_appeals_have_limits(month):
    run = published(month)
    mine = score_of(run, month.officer, ScoreLevel.OFFICER)
    ask = {"item": "M05", "order": month.late.number, "reason": "x"}
    with pytest.raises(NotPermitted):
        commands.appeal(mine, by=month.neighbour, at=LATER, **ask)
    with pytest.raises(NotAllowedNow) as late:
        commands.appeal(mine, by=month.officer, at=AFTER + dt.timedelta(days=14), **ask)
    assert late.value.code == "appeal_too_late"
    for bad in ({"item": "M05"}, {"item": "X1"}, {"item": "M05", "order": "nobody's"}, {"reason": " "}):
        with pytest.raises(Invalid):
            commands.appeal(mine, by=month.officer, at=LATER, **{**ask, "order": "", **bad})
    provisional = computed(month, period="2026-10", when=at(9, month=10))
    with pytest.raises(NotAllowedNow) as early:
        commands.appeal(score_of(provisional, month.officer, ScoreLevel.OFFICER), by=month.officer, at=LATER, **ask)
    assert early.value.code == "not_published"


def test_the_second_step_is_another_persons(month):
    run = published(month)
    mine = score_of(run, month.officer, ScoreLevel.OFFICER)
    appeal = commands.appeal(mine, by=month.officer, at=LATER, item="M05", order=month.late.number, reason="x")
    appeal = commands.rule(appeal, by=month.assessor, at=LATER, uphold=False, answer="维持")
    assert appeal.state == AppealState.REFUSED
    with pytest.raises(NotAllowedNow):
        commands.rule(appeal, by=month.second, at=LATER, uphold=True, answer="x")
    appeal = commands.ask_again(appeal, by=month.officer, at=LATER, reason="仍有异议")
    with pytest.raises(NotPermitted):
        commands.rule(appeal, by=month.assessor, at=LATER, uphold=True, answer="x")
    appeal = commands.rule(appeal, by=month.second, at=LATER, uphold=False, answer="最终维持")
    assert appeal.state == AppealState.FINAL


def test_manual_items_need_a_second_person_where_the_table_says_so(month):
    given = {"period": MONTH, "area": month.main_grid.code, "cause": "照片造假", "by": month.assessor, "at": AFTER}
    item = commands.enter(code="K08", **given)
    assert not score_of(computed(month), month.main_grid).charges.filter(code="K08").exists()
    with pytest.raises(NotPermitted):
        commands.confirm(item, by=month.assessor, at=AFTER)
    commands.confirm(item, by=month.second, at=AFTER)
    assert str(score_of(computed(month), month.main_grid).charges.get(code="K08").points) == "-5.00"
    for bad in (
        {"code": "K04"},
        {"code": "K99"},
        {"code": "K01", "count": 0},
        {"code": "K01", "variant": "x"},
        {"code": "K14"},
    ):
        with pytest.raises(Invalid):
            commands.enter(**{**given, **bad})


def test_a_veto_cuts_the_score_and_the_rows_still_add_up(month):
    given = {"period": MONTH, "area": month.main_grid.code, "cause": "泄露个人信息", "by": month.assessor, "at": AFTER}
    commands.confirm(commands.enter(code="V02", **given), by=month.second, at=AFTER)
    score = score_of(computed(month), month.main_grid)
    assert score.veto and score.grade == "unqualified" and score.score == 59
    sheet = explaining.sheet(score)
    assert sum(one.points for one in (*sheet.lines, *sheet.charges) if one.points is not None) == 59
