"""What poor months call for: found by rule, decided by a person, never while the month may be contested."""

import copy
import datetime as dt
from decimal import Decimal

import pytest

from assessment import commands, schemes, use
from assessment.default_scheme import BODY
from assessment.models import AssessmentEvent, Run, SchemeVersion, Score
from assessment.vocabulary import RunStatus
from core.errors import Invalid, NotAllowedNow, NotPermitted
from tests.assessment.months import AFTER

pytestmark = pytest.mark.django_db
SETTLED = AFTER + dt.timedelta(days=30)


def month(town, period, grade="unqualified", *, version=None, when=AFTER) -> Score:
    """A published month in which the officer was given this grade."""
    run = Run.objects.create(
        area=town.district, period=period, version=version or SchemeVersion.objects.get(number=1), cut_off=when,
        created_at=when, status=RunStatus.COMPUTED,
    )  # fmt: skip
    run.scores.create(
        level="officer", area=town.main_grid, officer=town.officer, name="x", code=f"p{town.officer.pk}",
        score=Decimal(50), grade=grade, peer_group="urban",
    )  # fmt: skip
    commands.publish(run, by=town.assessor, at=when)
    return Score.objects.select_related("run__version").get(run=run)


def called(*scores) -> list[tuple]:
    return [(str(one.kind), one.months) for one in use.due(scores)]


def test_two_months_in_a_row_call_for_a_talk_and_three_of_a_year_for_more(town):
    found = {period: month(town, period) for period in ("2025-12", "2026-01", "2026-03", "2026-05", "2026-06")}
    assert called(found["2025-12"]) == []
    assert called(found["2026-01"]) == [("talk", ("2025-12", "2026-01"))]
    assert called(found["2026-03"]) == []
    assert called(found["2026-05"]) == [("contract", ("2026-01", "2026-03", "2026-05"))]
    assert called(found["2026-06"]) == [
        ("talk", ("2026-05", "2026-06")),
        ("contract", ("2026-01", "2026-03", "2026-05", "2026-06")),
    ]


def test_only_the_lowest_grade_counts_and_only_where_the_scheme_says_so(town):
    month(town, "2026-01")
    assert called(month(town, "2026-02", "qualified")) == []
    body = {name: value for name, value in BODY.items() if name != "use"}
    silent = SchemeVersion.objects.create(
        scheme=SchemeVersion.objects.get(number=1).scheme, number=2, body=body, made_at=AFTER
    )
    month(town, "2026-03")
    assert called(month(town, "2026-04", version=silent)) == []
    assert use.coefficient(body, "good") is None and use.coefficient(BODY, "good") == 1


def test_a_month_that_a_revision_replaced_calls_for_nothing(town):
    for period in ("2026-01", "2026-02", "2026-03"):
        first = month(town, period)
    assert [kind for kind, _months in called(first)] == ["talk", "contract"]
    run = Run.objects.create(
        area=town.district, period="2026-03", version=first.run.version, cut_off=AFTER, created_at=AFTER,
        status=RunStatus.COMPUTED, revision=2, previous=first.run,
    )  # fmt: skip
    assert [kind for kind, _months in called(first)] == ["talk", "contract"], "one that waits replaces nothing"
    first.pk, first.run = None, run
    first.save()
    replaced, first = month_of(first, 1), month_of(first, 2)
    commands.publish(run, by=town.assessor, at=AFTER)
    assert called(replaced) == [] and [kind for kind, _months in called(first)] == ["talk", "contract"]
    with pytest.raises(NotAllowedNow) as refused:
        commands.follow_up(replaced, kind="talk", agreed=True, reason="x", by=town.assessor, at=SETTLED)
    assert refused.value.code == "not_due"


def month_of(score, revision) -> Score:
    """The same officer's score of that month in another revision."""
    rows = Score.objects.select_related("run__version").filter(officer=score.officer_id, run__period=score.run.period)
    return rows.get(run__revision=revision)


def test_a_person_decides_with_a_reason_when_nobody_can_contest_any_more(town):
    month(town, "2026-08")
    score = month(town, "2026-09")
    given = {"kind": "talk", "agreed": True, "reason": " Ill in August. ", "by": town.assessor, "at": SETTLED}
    for change, refusal, code in (
        ({"by": town.chief}, NotPermitted, None),
        ({"at": AFTER}, NotAllowedNow, "contested"),
        ({"kind": "contract"}, NotAllowedNow, "not_due"),
        ({"kind": "dance"}, NotAllowedNow, "not_due"),
        ({"reason": " "}, Invalid, None),
        ({"agreed": None}, Invalid, None),
    ):
        with pytest.raises(refusal) as refused:
            commands.follow_up(score, **{**given, **change})
        assert code in (None, refused.value.code)
    row = commands.follow_up(score, **given)
    assert (row.officer, row.period, row.kind, row.agreed) == (town.officer, "2026-09", "talk", True)
    told = AssessmentEvent.objects.latest("pk")
    assert (told.kind, told.data["period"], told.data["reason"]) == ("followed_up", "2026-09", "Ill in August.")
    with pytest.raises(NotAllowedNow) as refused:
        commands.follow_up(score, **given)
    assert refused.value.code == "decided"


def test_an_appeal_that_is_not_settled_stops_it(town):
    month(town, "2026-08")
    score = month(town, "2026-09")
    appeal = score.appeals.create(
        item="K04", fact="late", reason="x", by=town.officer, at=AFTER, answer_due=AFTER + dt.timedelta(days=5)
    )
    decide = {"kind": "talk", "agreed": False, "reason": "No need.", "by": town.assessor, "at": SETTLED}
    with pytest.raises(NotAllowedNow) as refused:
        commands.follow_up(score, **decide)
    assert refused.value.code == "contested"
    appeal.state, appeal.first_at = "refused", SETTLED - dt.timedelta(days=20)
    appeal.save()
    assert commands.follow_up(score, **decide).agreed is False


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("coefficients", {"superb": "2"}),
        ("coefficients", {"good": "much"}),
        ("coefficients", {"good": "11"}),
        ("coefficients", ["1"]),
        ("talk_after", 0),
        ("contract_after", 13),
        ("bonus", "100"),
    ],
)
def test_what_a_scheme_says_of_its_use_is_judged(member, value):
    body = copy.deepcopy(BODY)
    body["use"][member] = value
    with pytest.raises(Invalid) as refused:
        schemes.read(body)
    assert all(name.startswith(f"use.{member}") for name in refused.value.errors)
    body["use"] = {"coefficients": {"good": None}, "talk_after": None}
    assert schemes.read(body).limit("highest") == 11_000
