"""How far people reach: down the tree, half-open in time, and never from a unit."""

import datetime as dt
import random

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from core import revisions
from grids.directory import directory
from grids.models import Area
from personnel import jurisdiction
from personnel.jurisdiction import (
    JurisdictionQuerySet,
    areas_of,
    forget,
    holders,
    holds,
    members,
    reaches,
    standing_of,
    units_changed,
    units_directory,
)
from personnel.models import Post, Unit, User
from personnel.roles import Role

DAY = dt.timedelta(days=1)


def codes(ids):
    return {place.code for place in directory().by_id.values() if place.id in ids}


@pytest.mark.django_db
def test_post_reaches_its_area_and_all_below(town):
    assert codes(areas_of(town.manager, town.on)) == {
        "620105006000", "620105006001", "620105006001001", "620105006001002", "620105006002", "620105006002001",
    }  # fmt: skip
    assert codes(areas_of(town.officer, town.on)) == {"620105006001001"}


@pytest.mark.django_db
def test_post_in_a_unit_reaches_no_area(town):
    assert areas_of(town.handler, town.on) == frozenset()
    assert standing_of(town.handler, town.on).in_unit(town.um.pk).role == Role.HANDLER


@pytest.mark.django_db
def test_superuser_reaches_everything_and_holds_nothing(town):
    assert areas_of(town.admin, town.on) is None
    assert reaches(town.admin, town.far_grid, town.on)
    assert not any(holds(town.admin, role, town.grid, town.on) for role in Role)


@pytest.mark.django_db
def test_closed_account_holds_nothing(town):
    for person in (town.officer, town.admin):
        person.is_active = False
        person.save()
        assert areas_of(person, town.on) == frozenset()
        assert not Post.objects.visible_to(person, town.on).exists()
    assert not holders(Role.OFFICER, [town.grid.pk], town.on).exists()


@pytest.mark.django_db
def test_post_is_held_from_its_first_day_and_not_on_the_day_it_ends(town):
    start, end = town.on, town.on + 10 * DAY
    Post.objects.create(person=town.elsewhere, role=Role.CLERK, area=town.community, starts=start, ends=end)
    held = {
        day: bool(holds(town.elsewhere, Role.CLERK, town.grid, day)) for day in (start - DAY, start, end - DAY, end)
    }
    assert list(held.values()) == [False, True, True, False]
    seen = {day: set(holders(Role.CLERK, [town.community.pk], day)) for day in held}
    assert [town.elsewhere in people for people in seen.values()] == [False, True, True, False]


@pytest.mark.django_db
def test_post_withdrawn_before_its_first_day_is_never_held(town):
    Post.objects.create(person=town.elsewhere, role=Role.CLERK, area=town.community, starts=town.on, ends=town.on)
    for day in (town.on - DAY, town.on, town.on + DAY):
        assert not holds(town.elsewhere, Role.CLERK, town.community, day)
    assert (
        not Post.objects.between(town.on - DAY, town.on + DAY).filter(person=town.elsewhere, role=Role.CLERK).exists()
    )


@pytest.mark.django_db
def test_transferred_officer_loses_the_old_grid_that_morning(town):
    assert holds(town.former, Role.OFFICER, town.grid, town.on - DAY)
    assert not holds(town.former, Role.OFFICER, town.grid, town.on)
    assert areas_of(town.former, town.on) == frozenset()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("person", "role", "area", "held"),
    [
        ("officer", Role.OFFICER, "main_grid", True),
        ("officer", Role.OFFICER, "next_grid", False),
        ("officer", Role.CHIEF, "main_grid", False),
        ("officer", Role.OFFICER, "community", False),
        ("manager", Role.MANAGER, "grid3", True),
        ("elsewhere", Role.MANAGER, "grid3", False),
        ("elsewhere", Role.MANAGER, "grid4", True),
        ("dispatcher", Role.DISPATCHER, "grid4", True),
        ("dispatcher", Role.DISPATCHER, "far_grid", False),
        ("dispatcher", Role.DISPATCHER, "city", False),
    ],
)
def test_role_holds_on_the_area_or_above(town, person, role, area, held):
    place = getattr(town, area)
    assert bool(holds(getattr(town, person), role, place, town.on)) is held
    assert bool(holds(getattr(town, person), role, place.pk, town.on)) is held
    assert reaches(getattr(town, person), directory().by_id[place.pk], town.on) is held or role == Role.CHIEF


@pytest.mark.django_db
def test_unknown_area_is_held_by_nobody(town):
    assert holds(town.dispatcher, Role.DISPATCHER, 10**9, town.on) is None
    assert not reaches(town.dispatcher, 10**9, town.on)


@pytest.mark.django_db
def test_nearest_post_is_the_one_that_counts(town):
    Post.objects.create(person=town.officer, role=Role.CLERK, area=town.community, starts=town.on)
    path = directory().by_id[town.grid.pk].path
    assert standing_of(town.officer, town.on).holds(path=path).role == Role.OFFICER
    assert standing_of(town.officer, town.on).holds(Role.CLERK, Role.OFFICER, path=path).role == Role.OFFICER
    assert standing_of(town.officer, town.on).holds(Role.CLERK, path=path).area_id == town.community.pk


@pytest.mark.django_db
def test_standing_is_one_query_and_is_remembered_until_forgotten(town, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert standing_of(town.officer, town.on) is standing_of(town.officer, town.on)
    with django_assert_num_queries(1):
        standing_of(town.officer, town.on + DAY)
    Post.objects.filter(person=town.officer).update(ends=town.on)
    assert standing_of(town.officer, town.on).posts
    forget(town.officer)
    assert not standing_of(town.officer, town.on).posts


@pytest.mark.django_db
def test_holders_of_the_very_areas_and_members_of_units(town):
    assert list(holders(Role.OFFICER, [town.grid.pk, town.far_grid.pk], town.on)) == [town.officer, town.officer2]
    assert list(holders(Role.OFFICER, [town.community.pk], town.on)) == []
    two = {Role.ACCEPTOR, Role.DISPATCHER}
    assert set(holders(two, [town.district.pk], town.on)) == {town.acceptor, town.dispatcher}
    assert set(members([town.um.pk, town.hc.pk], town.on)) == {town.handler, town.head, town.handler2}
    assert set(members([town.um.pk], town.on, Role.UNIT_HEAD)) == {town.head}
    assert not members([town.um.pk], dt.date(2019, 12, 31)).exists()


# -- rows -------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_posts_are_visible_in_reach_and_ones_own_everywhere(town):
    def seen(person):
        return set(Post.objects.visible_to(person, town.on).values_list("person__username", flat=True))

    assert seen(town.officer) == {"officer", "part_timer", "chief", "police", "building_head", "informant", "former"}
    assert seen(town.handler) == {"handler"}
    assert "far_handler" not in seen(town.dispatcher) and "handler" in seen(town.dispatcher)
    assert seen(town.dispatcher2) == {"officer2", "acceptor2", "dispatcher2", "far_handler"}
    assert len(seen(town.admin)) == len(town.people) + 1


@pytest.mark.django_db
def test_people_are_visible_through_their_posts(town):
    assert set(User.objects.visible_to(town.handler, town.on)) == {town.handler}
    assert town.officer2 not in User.objects.visible_to(town.duty, town.on)
    assert town.former in User.objects.visible_to(town.clerk, town.on)
    assert User.objects.visible_to(town.admin, town.on).count() == User.objects.count()


@pytest.mark.django_db
def test_nobody_in_particular_sees_nothing(town):
    from django.contrib.auth.models import AnonymousUser

    assert not Post.objects.visible_to(AnonymousUser(), town.on).exists()
    assert not Post.objects.visible_to(None, town.on).exists()
    assert not User.objects.visible_to(AnonymousUser(), town.on).exists()


@pytest.mark.django_db
def test_visible_rows_cost_the_same_for_a_grid_and_a_city(town, django_assert_num_queries):
    for person in (town.officer, town.dispatcher):
        with django_assert_num_queries(2):  # the standing, the rows
            list(Post.objects.visible_to(person, town.on))


# -- against a slow second opinion --------------------------------------------------------------------------------

LEVELS = ("city", "district", "street", "community", "grid")


class AreaRows(JurisdictionQuerySet):
    """Units again, seen through nothing but the area: the plain case of a model with one path."""

    area_path = "area"


@pytest.mark.django_db
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), size=st.integers(1, 40), posts=st.integers(0, 12))
def test_random_trees_agree_with_a_naive_oracle(seed, size, posts):
    with transaction.atomic():
        compare_with_oracle(seed, size, posts)
        transaction.set_rollback(True)


def compare_with_oracle(seed, size, posts):
    dice = random.Random(seed)
    on = dt.date(2026, 3, 15)
    nodes = [Area.objects.create(code=code(0), name="0", level="city")]
    for number in range(1, size):
        above = dice.choice([node for node in nodes if node.level != "grid"])
        level = LEVELS[LEVELS.index(above.level) + 1]
        kind = "urban" if level == "grid" else ""
        nodes.append(
            Area.objects.create(code=code(number, level), name=str(number), level=level, kind=kind, parent=above)
        )
    for node in nodes:
        if node.level != "grid":
            Unit.objects.create(code=f"u{node.pk}", name="u", kind="UM", area=node, starts=dt.date(2020, 1, 1))
    person = User.objects.create(username="somebody", name="somebody")
    held = []
    for _ in range(posts):
        starts = on + dt.timedelta(days=dice.randint(-3, 3))
        ends = dice.choice([None, starts + dt.timedelta(days=dice.randint(0, 4))])
        role, area = dice.choice(list(Role)), dice.choice(nodes)
        if ends is None and any(one[:3] == (role, area.pk, None) for one in held):
            continue
        Post.objects.create(person=person, role=role, area=area, starts=starts, ends=ends)
        held.append((role, area.pk, ends, starts))
    revisions.reset_all()

    parents = {node.pk: node.parent_id for node in nodes}

    def above_of(pk):
        while pk is not None:
            yield pk
            pk = parents[pk]

    now = [(role, pk) for role, pk, ends, starts in held if starts <= on and (ends is None or on < ends)]
    reached = {pk for pk in parents if any(base in above_of(pk) for _, base in now)}
    assert areas_of(person, on) == reached
    for pk in parents:
        assert reaches(person, pk, on) == (pk in reached)
        for role in Role:
            expected = any(one == role and base in above_of(pk) for one, base in now)
            assert bool(holds(person, role, pk, on)) is expected
    visible = AreaRows(Unit).visible_to(person, on)
    assert set(visible.values_list("area_id", flat=True)) == {
        n.pk for n in nodes if n.pk in reached and n.level != "grid"
    }


def code(number, level="city"):
    return {"grid": f"{number:015d}"}.get(level, f"{number:012d}")


# -- units in memory --------------------------------------------------------------------------------


@pytest.mark.django_db
def test_units_are_found_by_code_and_number_without_a_query(town, django_assert_num_queries):
    units_directory()
    with django_assert_num_queries(0):
        unit = units_directory().by_code["620105-UM"]
        assert units_directory().by_id[town.um.pk] is unit
        assert (unit.area_id, unit.kind, unit.is_active(town.on)) == (town.district.pk, "UM", True)
        assert units_directory().of_area(town.district.pk, "HC", town.on).id == town.hc.pk
        assert units_directory().of_area(town.district.pk, "WA", town.on) is None


@pytest.mark.django_db
def test_changed_unit_is_seen(town):
    units_directory()
    Unit.objects.filter(pk=town.um.pk).update(name="new")
    units_changed()
    assert units_directory().by_id[town.um.pk].name == "new"


def test_names_of_this_module_are_those_others_rely_on():
    assert {"Standing", "PostHeld", "JurisdictionQuerySet", "lies_in"} <= set(vars(jurisdiction))
