"""Class weights that follow the workload: fixed when the quarter is first assessed, shown before it starts."""

import copy

import pytest

from assessment import class_shares, periods
from assessment.default_scheme import BODY
from assessment.models import ClassShare, SchemeVersion, ScoreItem
from assessment.vocabulary import ScoreLevel
from tests.assessment.months import AFTER, at, computed, order
from workorders.models import Category

pytestmark = pytest.mark.django_db
QUARTER = periods.read("2026-Q3")


@pytest.fixture
def workload(town):
    """Of the second quarter's orders a street's half is management; September has one of each."""
    version = SchemeVersion.objects.get(number=1)
    version.body = {**copy.deepcopy(BODY), "dynamic_weights": True}
    version.save()
    service = Category.objects.filter(klass="S").first()
    town.orders = [
        order(town.main_grid, at(day, month=5), officer=town.officer, reporter=town.officer, handled=at(day, month=5),
              closed=at(day, 11, month=5), category="0502" if day % 2 else service.code)
        for day in range(1, 9)
    ]  # fmt: skip
    order(town.main_grid, at(9), officer=town.officer, reporter=town.officer, handled=at(9), closed=at(9, 11))
    return town


def weight_of(run, klass="M"):
    rows = ScoreItem.objects.filter(score__run=run, score__level=ScoreLevel.GRID, score__score__isnull=False)
    return sum(one.weight for one in rows if one.weight is not None and one.code.startswith(klass))


def test_the_share_of_the_quarter_before_is_written_down_once(workload):
    run = computed(workload)
    row = ClassShare.objects.get()
    assert (row.quarter, row.management, row.orders) == ("2026-Q3", 4, 8)
    first = run.checksum
    # Whoever changes what those orders were about later changes nothing of a quarter that has begun.
    for one in workload.orders:
        one.category = Category.objects.get(code="0502")
        one.save()
    assert class_shares.before(QUARTER, workload.district.pk)[row.street_id].share == 10_000
    assert computed(workload).checksum == first
    assert class_shares.fixed(QUARTER, [workload.district.pk]) == {row.street_id: 5_000}


def test_the_coming_quarter_is_shown_as_far_as_it_is(workload):
    coming = periods.read("2026-Q4")
    (found,) = class_shares.before(coming, workload.district.pk, at=AFTER).values()
    assert (found.management, found.orders, found.in_force) == (1, 1, 7_000)
    assert not class_shares.known(coming, workload.district.pk)
