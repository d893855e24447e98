"""Grids that were split: every order counts once, in the grid it lay in while the month lasted."""

import datetime as dt

import pytest

from assessment.models import Counted
from core import clock
from grids.commands import Opening
from tests.assessment.months import MONTH, at, computed, order
from workorders.commands import redividing

pytestmark = pytest.mark.django_db
OCTOBER = "2026-10"


def square(west, east):
    ring = [[west, 36.1], [east, 36.1], [east, 36.11], [west, 36.11], [west, 36.1]]
    return {"type": "Polygon", "coordinates": [ring]}


def split(town, moment):
    """Split the main grid in the middle, that moment."""
    parts = [
        Opening("620105006001003", "西", geometry=square(103.70, 103.705)),
        Opening("620105006001004", "东", geometry=square(103.705, 103.71)),
    ]
    plan = redividing.redivide(
        [town.main_grid], into=parts, on=clock.date_of(moment), by=town.system_admin, at=moment, posts={},
        rest="620105006001003",
    )  # fmt: skip
    assert plan.state == "done"


def where(run) -> dict[int, list[str]]:
    """{order: codes of the grids it counted in}."""
    found: dict[int, list[str]] = {}
    for pk, code in Counted.objects.filter(run=run, what="order").values_list("order_id", "area__code"):
        found.setdefault(pk, []).append(code)
    return found


def test_a_grid_split_mid_month_counts_each_order_once_and_months_before_stay(town):
    grid, officer = town.main_grid, town.officer
    settled = order(grid, at(2), officer=officer, reporter=officer, handled=at(2), closed=at(2, 12))
    open_since = order(grid, at(28), reporter=officer, unit=town.um, due=at(9, month=10), source="hotline")
    in_october = order(grid, at(3, month=10), officer=officer, reporter=officer, handled=at(3, month=10),
                       closed=at(3, 12, month=10))  # fmt: skip
    placed = order(grid, at(4, month=10), reporter=officer, unit=town.um, due=at(20, month=10), lon=103.708, lat=36.105)
    split(town, at(15, month=10))
    september = where(computed(town, period=MONTH, when=dt.datetime(2026, 11, 9, 9, tzinfo=clock.ZONE)))
    october = where(computed(town, period=OCTOBER, when=dt.datetime(2026, 11, 9, 9, tzinfo=clock.ZONE)))
    assert september[settled.pk] == september.get(open_since.pk, [grid.code]) == [grid.code]
    assert october[in_october.pk] == [grid.code], "closed before the split: it stays"
    assert october[open_since.pk] == ["620105006001003"] and october[placed.pk] == ["620105006001004"]
    assert all(len(codes) == 1 for codes in (*september.values(), *october.values()))
    assert open_since.pk in september
