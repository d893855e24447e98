"""Five hundred odd towns, assessed by the engine and by the oracle: the same figures, points, places everywhere."""

import copy
from decimal import Decimal

import pytest

from assessment.default_scheme import BODY
from assessment.models import Charge, SchemeVersion, Score, ScoreItem
from tests.assessment import oracle, towns
from tests.assessment.months import AFTER, computed

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TOWNS = 500


@pytest.fixture
def scheme(db):
    """The default scheme with all sixteen indicators on, and every deduction."""
    body = copy.deepcopy(BODY)
    for code in ("M10", "S06"):
        body["indicators"][code]["on"] = True
        body["legal_basis"][code] = "第九条"
    body["items"]["K14"]["on"] = True
    SchemeVersion.objects.filter(scheme__code="default").update(body=body)
    return body


def test_the_engine_and_the_oracle_agree(scheme):
    city = towns.build(TOWNS)
    run = computed(None, area=city.code)
    slow = oracle.Oracle(city, scheme, towns.FIRST, towns.END, AFTER)
    scores = list(Score.objects.filter(run=run))
    rows, charges = {}, {}
    for one in ScoreItem.objects.filter(score__run=run, part=None).order_by("position"):
        rows.setdefault(one.score_id, []).append(one)
    for one in Charge.objects.filter(score__run=run).order_by("pk"):
        charges.setdefault(one.score_id, []).append(one)
    of = {level: {} for level in ("grid", "community", "street", "district")}
    for one in scores:
        if one.level in of:
            of[one.level][one.area_id] = one

    grids = slow.all_grids()
    assert grids.keys() == of["grid"].keys() and len({slow.above[pk]["district"] for pk in grids}) == TOWNS
    for pk, expected in grids.items():
        score = of["grid"][pk]
        found = {row.code: (row.numerator, row.denominator) for row in rows[score.pk] if row.denominator is not None}
        assert found == expected.figures, score
        points = {row.code: row.points for row in rows[score.pk] if row.points is not None}
        assert points == expected.points, score
        applied = [(one.code, one.points) for one in charges.get(score.pk, ()) if len(one.code) == 3]
        assert sorted(applied) == sorted(expected.charges), score
        assert (score.score, score.grade, score.rank, score.veto) == (
            expected.score, expected.grade, expected.rank, expected.veto,
        ), score  # fmt: skip
    for level in ("community", "street", "district"):
        expected = slow.areas(grids, level)
        assert {pk: one.score for pk, one in of[level].items() if one.score is not None} == expected
    expected = slow.officers(grids)
    assert {one.officer_id: one.score for one in scores if one.level == "officer"} == expected
    units = slow.all_units()
    for score in (one for one in scores if one.level == "unit"):
        found = {row.code: (row.numerator, row.denominator) for row in rows[score.pk] if row.points is not None}
        assert (found, score.score) == (units[score.unit_id].figures, units[score.unit_id].score), score
    assert {one.unit_id for one in scores if one.level == "unit"} >= {pk for pk, one in units.items() if one.figures}
    assert_rows_add_up(scores, run)
    assert_varied(scores, grids)


def assert_rows_add_up(scores, run) -> None:
    """The stored rows and charges of every score are its score."""
    sums = dict.fromkeys((one.pk for one in scores), Decimal(0))
    for model in (ScoreItem, Charge):
        for pk, points in model.objects.filter(score__run=run, points__isnull=False).values_list("score_id", "points"):
            sums[pk] += points
    for one in scores:
        if one.score is not None:
            assert sums[one.mirrors_id or one.pk] == one.score, one


def assert_varied(scores, grids) -> None:
    """The towns are odd enough to prove something."""
    ranked = [one.score for one in scores if one.level == "grid" and one.score is not None]
    assert len(ranked) > TOWNS and len(set(ranked)) > TOWNS / 2
    assert min(ranked) < Decimal(30) and max(ranked) > Decimal(90)
    assert any(one.veto for one in grids.values()) and len({one.grade for one in grids.values()}) == 5
    codes = {code for one in grids.values() for code, _points in one.charges}
    assert codes >= {"K03", "K04", "K05", "K06", "K10", "K12", "B02", "B03", "V02", "V03"}
    assert {code for one in grids.values() for code in one.figures} == set(oracle.CODES)
