"""Which grids have an officer: 一格一员, 1 + N."""

import pytest

from core import clock, revisions
from grids.models import Area
from personnel.models import Post, User
from personnel.roles import Role
from personnel.staffing import staffing, staffing_of

pytestmark = pytest.mark.django_db


def figures(town, area):
    found = staffing_of(getattr(town, area).pk, on=town.on)
    return found.grids, found.full_time, found.part_time, [grid.code[-6:] for grid in found.vacant]


@pytest.mark.parametrize(
    ("area", "expected"),
    [
        ("main_grid", (1, 1, 3, [])),
        ("community", (2, 2, 3, [])),
        ("street", (3, 2, 3, ["002001"])),
        ("street2", (1, 0, 0, ["005001"])),
        ("district", (4, 2, 3, ["005001", "002001"])),
        ("district2", (2, 1, 0, ["001002"])),
        ("city", (6, 3, 3, ["001002", "005001", "002001"])),
    ],
)
def test_figures_of_the_town(town, area, expected):
    assert figures(town, area) == expected


def test_rate_is_a_numerator_and_a_denominator(town):
    assert staffing_of(town.street.pk, on=town.on).coverage == (2, 3)
    Area.objects.filter(level="grid").update(ends=town.on)
    revisions.reset_all()
    assert staffing_of(town.street.pk, on=town.on).coverage == (0, 0)


def test_grid_is_vacant_from_the_day_the_officer_leaves(town):
    Post.objects.filter(person=town.neighbour).update(ends=town.on)
    assert figures(town, "community")[3] == ["001002"]


def test_two_officers_share_a_grid_and_one_officer_counts_once(town):
    Post.objects.create(person=town.elsewhere, role=Role.OFFICER, area=town.main_grid, starts=town.on)
    Post.objects.create(person=town.officer, role=Role.OFFICER, area=town.grid3, starts=town.on)
    found = staffing_of(town.street.pk, on=town.on)
    assert [grid.id for grid in found.shared] == [town.main_grid.pk]
    assert (found.full_time, found.vacant, found.coverage) == (3, (), (3, 3))


def test_vacant_grid_with_part_timers_is_told_apart(town):
    Post.objects.create(person=town.elsewhere, role=Role.PART_TIME_OFFICER, area=town.grid3, starts=town.on)
    found = staffing_of(town.street.pk, on=town.on)
    assert (len(found.vacant), found.part_time_only) == (1, 1)


def test_people_of_a_micro_grid_count_for_its_grid(town):
    micro = Area.objects.create(
        code="62010500600200101", name="一微格", level="micro", kind="micro", parent=Area.objects.get(pk=town.grid3.pk)
    )
    revisions.reset_all()
    Post.objects.create(person=town.elsewhere, role=Role.BUILDING_HEAD, area=micro, starts=town.on)
    assert figures(town, "grid3") == (1, 0, 1, ["002001"])


def test_closed_account_staffs_nothing(town):
    User.objects.filter(pk=town.officer.pk).update(is_active=False)
    assert figures(town, "main_grid")[3] == ["001001"]


def test_every_figure_costs_the_same_two_queries(town, django_assert_num_queries):
    staffing_of(town.city.pk, on=town.on)
    for areas in (
        [town.grid.pk],
        [town.city.pk],
        [town.district.pk, town.district2.pk],
        [town.street.pk, town.grid.pk],
    ):
        with django_assert_num_queries(2):
            assert set(staffing(areas, on=town.on)) == set(areas)
    assert staffing([], on=town.on) == {}
    with pytest.raises(KeyError):
        staffing_of(10**9, on=clock.today())
