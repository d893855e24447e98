"""Changes of the tree that orders must live through."""

import datetime as dt

import pytest

from core.errors import NotAllowedNow
from grids import commands as tree
from grids.models import Area
from personnel.jurisdiction import standing_of
from personnel.models import Post
from tests.workorders.acting import TUESDAY, bring, do, report
from workorders.commands import places
from workorders.models import WorkOrder
from workorders.reading import fetch_page

pytestmark = pytest.mark.django_db
ON = dt.date(2026, 3, 10)


def test_an_area_with_open_orders_is_not_retired(town):
    order = report(town.officer, at=TUESDAY, area=town.grid3.code)
    with pytest.raises(NotAllowedNow) as refusal:
        places.retire_area(town.grid3, on=ON, by=None)
    assert refusal.value.code == "area_has_open_orders" and refusal.value.data["count"] == 1
    do("decline", order, town.acceptor, at=TUESDAY, reason="不受理")
    assert places.retire_area(town.grid3, on=ON, by=None).ends == ON


def test_an_area_somebody_holds_is_not_retired(town):
    with pytest.raises(NotAllowedNow) as refusal:
        places.retire_area(town.next_grid, on=ON, by=None)
    assert refusal.value.code == "area_has_posts" and refusal.value.data["count"] == 1
    Post.objects.filter(area=town.next_grid).update(ends=ON)
    assert places.retire_area(town.next_grid, on=ON, by=None).ends == ON


def test_orders_follow_an_area_that_moves(town):
    order, other = report(town.officer, at=TUESDAY), report(town.neighbour, at=TUESDAY, area=town.grid3.code)
    places.move_area(town.community, to=town.street2, by=None)
    order.refresh_from_db()
    other.refresh_from_db()
    assert (order.community, order.street, order.district, order.city) == (
        town.community, town.street2, town.district, town.city,
    )  # fmt: skip
    assert other.street == town.street
    assert WorkOrder.objects.visible_to(town.elsewhere, ON).get() == order
    assert list(WorkOrder.objects.visible_to(town.manager, ON)) == [other]


@pytest.fixture
def micro(town) -> Area:
    """A micro-grid inside the main grid."""
    return tree.create_area(
        code="62010500600100101", name="1号楼微网格", kind="micro", parent=town.main_grid, starts=dt.date(2020, 1, 1)
    )


def test_a_micro_grid_lies_in_the_reach_of_its_grid(town, micro):
    order = report(town.chief, at=TUESDAY, area=micro.code, category="0501")
    for person in (town.officer, town.chief, town.clerk, town.manager, town.dispatcher):
        assert WorkOrder.objects.visible_to(person, ON).filter(pk=order.pk).exists(), person
        rows = fetch_page(WorkOrder.objects.all(), standing_of(person, ON), size=5).rows
        assert [row["id"] for row in rows] == [order.pk]
    assert not WorkOrder.objects.visible_to(town.neighbour, ON).exists()
    assert WorkOrder.objects.within(town.main_grid.pk).get() == order == WorkOrder.objects.within(micro.pk).get()


def test_the_grids_officer_acts_in_its_micro_grids(town, micro):
    order = do("verify", report(town.chief, at=TUESDAY, area=micro.code), town.acceptor, at=TUESDAY)
    assert order.verify_officer == town.officer
    order = bring(report(town.chief, at=TUESDAY, area=micro.code), town, "fed_back", at=TUESDAY)
    assert do("pass_check", order, town.officer, at=TUESDAY).status == "revisiting"
    with pytest.raises(NotAllowedNow):
        places.refuse_open_orders(town.main_grid)
