"""The one set of figures: counted as things happen, equal to the orders, and the same by every way of asking."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import clock, revisions
from grids.models import Area
from personnel.jurisdiction import standing_of
from tests.workorders.acting import bring, do, report
from tests.workorders.clockwork import at
from workorders import figures
from workorders.commands import places
from workorders.figures import Period, Scope, checking, counting, periods, reach
from workorders.models import Category, DayCount, OpenCount, WorkOrder

pytestmark = pytest.mark.django_db
NOW = at("2026-03-10 09:00")
MARCH = periods.read("2026-03")


@pytest.fixture
def life(town):
    """Five orders: closed on time, closed after a return and unhappy, being handled and late, reported, declined."""
    good = bring(report(town.officer, at=NOW), town, "closed", at=NOW)
    bad = bring(
        report(town.officer, at=NOW, category="0501"), town, "dispatched", at=NOW, unit="620105-HC", category="0501"
    )
    bad = do("return", bad, town.handler2, at=NOW, reason="不属于本单位")
    bad = bring(bad, town, "revisiting", at=NOW)
    later = NOW + dt.timedelta(days=1)
    bad = do("revisit", bad, town.reviewer, at=later, reached=True, resolved=False, satisfaction=2)
    late = bring(report(town.officer, at=NOW), town, "handling", at=NOW)
    new = report(town.acceptor2, at=later, area="620102001001001", source="hotline")
    gone = do("decline", report(town.officer, at=NOW), town.acceptor, at=NOW, reason="重复")
    return {"good": good, "bad": bad, "late": late, "new": new, "gone": gone}


def sums(area, period=MARCH, **more):
    return figures.of(Scope(area.pk, **more), period)


def test_before_the_first_count_there_is_no_cut_off(life, town):
    assert figures.as_of() is None
    assert sums(town.city).reported == 0


def test_figures_of_a_month_counted_by_hand(life, town):
    moment = NOW + dt.timedelta(days=2)
    assert figures.count(moment) == 5
    assert figures.as_of() == moment
    city = sums(town.city)
    assert (city.reported, city.handled, city.closed, city.open) == (5, 2, 2, 2)
    assert (city.rated, city.satisfied, city.satisfaction) == (2, 1, Decimal("0.5"))
    assert (city.asked, city.resolved, city.resolution) == (2, 1, Decimal("0.5"))
    assert (city.returned, city.returned_share, city.on_time_share) == (1, Decimal("0.5"), Decimal(1))
    district = sums(town.district)
    assert (district.reported, district.open) == (4, 1)
    assert sums(town.district2).reported == 1


def test_a_lamp_that_changes_by_itself_is_counted_without_an_event(life, town):
    figures.count(NOW)
    assert (sums(town.district).open, sums(town.district).overdue) == (1, 0)
    due = WorkOrder.objects.get(pk=life["late"].pk).due_at
    figures.count(due - dt.timedelta(minutes=1))
    assert (sums(town.district).overdue, sums(town.district).soon) == (0, 1)
    figures.count(due + dt.timedelta(seconds=1))
    assert (sums(town.district).overdue, sums(town.district).soon) == (1, 0)


def test_what_changes_is_taken_out_and_put_in_again(life, town):
    figures.count(NOW)
    do("reopen", life["good"], town.duty, at=NOW, reason="又出现了")
    do("supervise", life["late"], town.inspector, at=NOW, card="red", reason="久拖不办",
       answer_by="2026-03-12T17:00:00+08:00")  # fmt: skip
    assert figures.count(NOW + dt.timedelta(seconds=5)) == 2
    city = sums(town.city)
    assert (city.closed, city.handled, city.open, city.red, city.cards) == (1, 1, 3, 1, 1)
    assert figures.count(NOW + dt.timedelta(seconds=10)) == 0
    assert list(checking.findings()) == []


def test_parts_add_up_to_the_whole(life, town):
    figures.count(NOW + dt.timedelta(days=2))
    whole = sums(town.city)
    for parts in (
        figures.by_area(Scope(town.city.pk), MARCH),
        figures.by_area(Scope(town.district.pk), MARCH) | {0: sums(town.district2)},
        figures.by_category(Scope(town.city.pk), MARCH),
        figures.by_day(Scope(town.city.pk), MARCH),
    ):
        for name in ("reported", "handled", "closed", "satisfied"):
            assert sum(getattr(one, name) for one in parts.values()) == getattr(whole, name), name
    assert set(figures.by_area(Scope(town.street.pk), MARCH)) == {town.community.pk, town.community2.pk}


@pytest.mark.parametrize("level", ["city", "district", "street", "community", "main_grid"])
def test_roll_ups_and_counted_orders_give_the_same(life, town, level):
    """Below the streets categories and units are counted another way; both ways agree on one district's orders."""
    figures.count(NOW + dt.timedelta(days=2))
    kind = Category.objects.get(code="0502")
    area = getattr(town, level)
    here = sums(area, category_id=kind.pk)
    assert here.closed == 1 and here.handled == 1
    assert figures.by_category(Scope(area.pk), MARCH)[kind.pk] == here.__class__(**{**vars(here), "households": 0})
    assert sums(area, unit_id=town.um.pk).closed == 2
    assert sums(area, category_id=kind.parent_id, unit_id=town.um.pk).closed == 2
    assert sums(area, category_id=kind.pk, unit_id=town.um.pk).closed == 1
    assert figures.by_unit(Scope(area.pk), MARCH)[town.um.pk].closed == 2
    day = clock.date_of(NOW)
    assert figures.by_day(Scope(area.pk, category_id=kind.pk), MARCH)[day].closed == 1


def test_boards_read_no_orders(life, town):
    figures.count(NOW)
    scope = Scope(town.district.pk)
    figures.of(scope, MARCH)
    with CaptureQueriesContext(connection) as asked:
        figures.of(scope, MARCH)
        figures.by_area(scope, MARCH)
        figures.by_category(scope, MARCH)
        figures.by_unit(scope, MARCH)
        figures.by_day(scope, MARCH)
    assert len(asked) <= 9
    assert not [one["sql"] for one in asked if "workorders_workorder" in one["sql"]]


def test_an_area_hung_elsewhere_takes_its_orders_along(life, town):
    figures.count(NOW)
    assert sums(town.street2).reported == 0
    places.move_area(town.community, to=town.street2, by=town.admin)
    figures.count(NOW + dt.timedelta(seconds=5))
    assert (sums(town.street).reported, sums(town.street2).reported) == (0, 4)
    assert list(checking.findings()) == []


def test_the_checker_names_what_was_changed_behind_its_back(life, town, capsys):
    figures.count(NOW)
    DayCount.objects.filter(area_id=town.city.pk, category_id=0, unit_id=0, reported=5).update(reported=4)
    DayCount.objects.filter(area_id=town.city.pk, category_id=0, unit_id=0, reported=4).update(reported=3)
    OpenCount.objects.filter(area_id=town.district.pk, category_id=0, unit_id=0).update(open=9)
    found = list(checking.findings())
    assert len(found) == 2
    assert "reported 3, should be 4" in found[0] and "open 9, should be 1" in found[1]
    call_command("count_orders", "--rebuild")
    assert list(checking.findings()) == []
    assert "5" in capsys.readouterr().out


def test_counting_in_small_batches_gives_the_same(life, town, monkeypatch):
    monkeypatch.setattr(counting, "BATCH", 2)
    assert figures.count(NOW + dt.timedelta(days=2)) == 5
    assert (sums(town.city).reported, sums(town.city).closed) == (5, 2)
    assert list(checking.findings()) == []


def test_reach_of_figures(town):
    def scopes(user):
        return reach.scopes_of(standing_of(user, clock.today()))

    assert scopes(town.inspector) == [Scope(town.district.pk)]
    assert scopes(town.head) == [Scope(town.city.pk, unit_id=town.um.pk)]
    assert scopes(town.admin) == [Scope(town.city.pk)]
    inspector, head = (standing_of(user, clock.today()) for user in (town.inspector, town.head))
    assert reach.admits(inspector, Scope(town.street.pk))
    assert not reach.admits(inspector, Scope(town.city.pk)) and not reach.admits(inspector, Scope(town.street3.pk))
    assert reach.admits(head, Scope(town.district.pk, unit_id=town.um.pk))
    assert not reach.admits(head, Scope(town.district.pk)) and not reach.admits(
        head, Scope(town.district.pk, unit_id=town.hc.pk)
    )


def test_households_of_an_area_are_its_own_or_the_sum_below(life, town):
    for grid, count in ((town.main_grid, 300), (town.next_grid, 200)):
        Area.objects.filter(pk=grid.pk).update(households=count)
    revisions.reset_all()
    figures.count(NOW)
    assert sums(town.community).households == 500
    assert sums(town.community).per_1000_households == Decimal("8.00")
    assert sums(town.district2).per_1000_households is None


@pytest.mark.parametrize(
    ("code", "since", "until"),
    [
        ("2026-02-28", "2026-02-28", "2026-03-01"),
        ("2026-W01", "2025-12-29", "2026-01-05"),
        ("2026-W53", "2026-12-28", "2027-01-04"),
        ("2026-12", "2026-12-01", "2027-01-01"),
        ("2026-Q4", "2026-10-01", "2027-01-01"),
        ("2026", "2026-01-01", "2027-01-01"),
        ("2026-03-05,2026-03-09", "2026-03-05", "2026-03-10"),
    ],
)
def test_periods(code, since, until):
    period = periods.read(code)
    assert (period.since.isoformat(), period.until.isoformat()) == (since, until)
    assert period.code == code
    assert period.before().until == period.since and period.after().since == period.until
    assert period.after().before() == period


@pytest.mark.parametrize("code", ["", "2026-13", "2026-W54", "2026-Q5", "26", "2026-02-30", "2026-03-09,2026-03-05",
                                  "x,y", "9999-12-31", "2026-1"])  # fmt: skip
def test_what_is_no_period(code):
    with pytest.raises(ValueError):
        periods.read(code)


def test_a_year_earlier():
    assert periods.read("2026-W10").a_year_earlier().since == dt.date(2025, 3, 3)
    assert periods.read("2026-Q1").a_year_earlier().code == "2025-Q1"
    assert Period(dt.date(2026, 3, 1), dt.date(2026, 3, 3)).a_year_earlier().since == dt.date(2025, 3, 2)
