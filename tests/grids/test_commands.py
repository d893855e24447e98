"""Each command: the good path, each refusal, the event it leaves."""

import datetime as dt

import pytest
import shapely
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import DomainError, Invalid, NotAllowedNow
from core.events import verify
from grids import commands, tree
from grids.commands import Opening
from grids.directory import directory, find
from grids.locate import grid_at
from grids.models import LONG_AGO, Area, AreaEvent, Boundary

DAY = dt.date(2026, 3, 1)
BEFORE = DAY - dt.timedelta(days=1)


def box(west, east, south=36.10, north=36.11):
    return shapely.geometry.mapping(shapely.box(west, south, east, north))


def refused(kind, code, command, /, *given, **more):
    """The command is refused with that code and changes nothing."""
    before = list(Area.objects.values()), Boundary.objects.count(), AreaEvent.objects.count()
    with pytest.raises(kind) as caught:
        command(*given, **more)
    assert caught.value.code == code
    assert str(caught.value)
    assert (list(Area.objects.values()), Boundary.objects.count(), AreaEvent.objects.count()) == before
    return caught.value


def last_event(area):
    return AreaEvent.objects.filter(area=area).latest("sequence")


# --- create


def test_a_new_grid_stands_in_the_order_of_the_codes(town):
    area = commands.create_area(
        code="620105006001010", name=" 农大十网格 ", parent=town.community, kind="dedicated",
        households=0, population=1200, phone="0931-7632000", starts=DAY, by=town.admin,
    )  # fmt: skip
    area.refresh_from_db()
    assert (area.name, area.level, area.kind, area.households, area.population) == (
        "农大十网格",
        "grid",
        "dedicated",
        0,
        1200,
    )
    assert [child.code[-3:] for child in town.community.get_children()] == ["001", "002", "010"]
    assert tree.check() == []
    event = last_event(area)
    assert (event.kind, event.actor, event.area_name) == ("created", town.admin, "农大十网格")
    assert event.data["parent"] == town.community.code
    assert not area.is_active(BEFORE) and area.is_active(DAY)


def test_a_micro_grid_stands_under_its_grid_and_is_as_old(town):
    commands.create_area(code="620105006001003", name="三", parent=town.community, kind="urban", starts=DAY)
    grid = Area.objects.get(code="620105006001003")
    micro = commands.create_area(code="62010500600100301", name="1号楼", parent=grid, kind="micro")
    assert (micro.level, micro.starts, micro.parent) == ("micro", DAY, grid)


def test_a_second_city_is_a_tree_of_its_own(town):
    first = commands.create_area(code="320600000000", name="南通市", parent=None)
    assert first.starts == LONG_AGO
    assert list(Area.objects.filter(parent=None).values_list("code", flat=True)) == ["320600000000", "620100000000"]
    assert tree.check() == []


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"code": "6201050060010"}, "code_length", "code"),
        ({"code": "620105006001001"}, "code_taken", "code"),
        ({"code": "620105006002009"}, "code_not_of_parent", "parent_code"),
        ({"code": "620105006009"}, "parent_of_wrong_level", "parent_code"),
        ({"code": "620000000000"}, "code_province", "code"),
        ({"parent": "district"}, "parent_of_wrong_level", "parent_code"),
        ({"parent": "main_grid"}, "parent_of_wrong_level", "parent_code"),
        ({"parent": None}, "parent_missing", "parent_code"),
        ({"name": "  "}, "name_empty", "name"),
        ({"name": "网" * 81}, "name_too_long", "name"),
        ({"name": "网\n格"}, "name_unprintable", "name"),
        ({"kind": ""}, "kind_of_other_level", "kind"),
        ({"kind": "micro"}, "kind_of_other_level", "kind"),
        ({"kind": "COMP"}, "kind_unknown", "kind"),
        ({"households": -1}, "negative", "households"),
        ({"population": -5}, "negative", "population"),
        ({"population": 10**9}, "too_many", "population"),
        ({"phone": "ask Wang"}, "phone_malformed", "phone"),
        ({"starts": dt.date(1900, 1, 1)}, "parent_not_yet_open", "parent_code"),
    ],
)
def test_create_refuses(town, given, code, field):
    parent = getattr(town, given.pop("parent")) if given.get("parent") else given.pop("parent", town.community)
    full = {"code": "620105006001009", "name": "九", "kind": "urban", "parent": parent, **given}
    refusal = refused(Invalid, code, commands.create_area, **full)
    assert list(refusal.errors) == [field]


def test_nothing_new_under_a_closed_area_and_no_code_twice(town):
    commands.retire_area(town.grid3, on=DAY)
    commands.retire_area(town.community2, on=DAY)
    community = Area.objects.get(pk=town.community2.pk)
    new = {"name": "九", "parent": community, "kind": "urban"}
    refused(Invalid, "parent_closed", commands.create_area, code="620105006002009", **new)
    refused(Invalid, "code_taken", commands.create_area, code=community.code, name="再", parent=town.street, starts=DAY)


# --- rename, amend


def test_rename(town):
    commands.rename_area(town.main_grid, name="书香苑网格", by=town.admin)
    assert find(town.main_grid.code).name == "书香苑网格"
    assert last_event(town.main_grid).data == {"before": "农大一网格", "after": "书香苑网格"}
    refused(Invalid, "name_empty", commands.rename_area, town.main_grid, name="")
    commands.rename_area(town.main_grid, name="书香苑网格")
    assert AreaEvent.objects.filter(area=town.main_grid).count() == 1


def test_amend_changes_what_is_given(town):
    commands.amend_area(town.main_grid, households=420, phone="7632001")
    area = commands.amend_area(town.main_grid, kind="rural")
    assert (area.households, area.phone, area.kind, area.population) == (420, "7632001", "rural", None)
    assert last_event(area).data == {"changes": {"kind": ["urban", "rural"]}}
    refused(Invalid, "kind_of_other_level", commands.amend_area, town.main_grid, kind="micro")
    refused(Invalid, "negative", commands.amend_area, town.main_grid, households=-3)
    with pytest.raises(TypeError):
        commands.amend_area(town.main_grid, code="1")


def test_a_stale_copy_of_an_area_does_not_undo_a_move(town):
    stale = Area.objects.get(pk=town.community2.pk)
    commands.move_area(town.community2, to=town.street2)
    commands.rename_area(stale, name="石磊庄新社区")
    commands.amend_area(stale, population=10)
    assert Area.objects.get(pk=stale.pk).parent_id == town.street2.pk
    assert tree.check() == []


# --- move


def test_a_community_moves_with_its_grids_and_keeps_its_code(town):
    area = commands.move_area(town.community, to=town.street3, by=town.admin)
    assert area.code == town.community.code
    names = [place.name for place in directory(force=True).path(town.main_grid.pk)]
    assert names == ["兰州市", "城关区", "酒泉路街道", "农大社区", "农大一网格"]
    assert tree.check() == []
    assert last_event(area).data == {"before": town.street.code, "after": town.street3.code}


def test_a_move_to_where_it_is_changes_nothing(town):
    commands.move_area(town.community, to=town.street)
    assert not AreaEvent.objects.exists()


def test_move_refuses_circles_other_levels_and_closed_areas(town):
    refused(Invalid, "move_into_itself", commands.move_area, town.street, to=town.street)
    refused(Invalid, "move_into_itself", commands.move_area, town.district, to=town.main_grid)
    refused(Invalid, "parent_of_wrong_level", commands.move_area, town.community, to=town.district2)
    refused(Invalid, "parent_of_wrong_level", commands.move_area, town.main_grid, to=town.next_grid)
    far_city = commands.create_area(code="320600000000", name="南通市", parent=None)
    refused(Invalid, "parent_of_wrong_level", commands.move_area, town.city, to=far_city)
    commands.retire_area(town.grid3, on=DAY)
    refused(NotAllowedNow, "area_closed", commands.move_area, town.grid3, to=town.community)
    commands.retire_area(town.community2, on=DAY)
    refused(Invalid, "parent_closed", commands.move_area, town.main_grid, to=town.community2)


# --- retire


def test_retire_is_half_open(town):
    area = commands.retire_area(town.main_grid, on=DAY, by=town.admin)
    assert area.is_active(BEFORE) and not area.is_active(DAY)
    lon, lat = town.inside(town.main_grid)
    assert grid_at(lon, lat, BEFORE).code == area.code
    assert grid_at(lon, lat, DAY) is None
    assert town.main_grid not in Area.objects.active(DAY) and town.main_grid in Area.objects.active(BEFORE)
    assert last_event(area).data == {"on": "2026-03-01"}


def test_retire_refuses_active_children_a_second_time_and_before_the_start(town):
    refusal = refused(NotAllowedNow, "children_active", commands.retire_area, town.community, on=DAY)
    assert refusal.data["codes"] == [town.main_grid.code, town.next_grid.code]
    refused(Invalid, "ends_before_start", commands.retire_area, town.main_grid, on=LONG_AGO - dt.timedelta(days=1))
    commands.retire_area(town.main_grid, on=DAY)
    refused(NotAllowedNow, "area_closed", commands.retire_area, town.main_grid, on=DAY)


def test_a_child_that_closes_later_still_counts(town):
    commands.retire_area(town.grid3, on=DAY + dt.timedelta(days=5))
    refused(NotAllowedNow, "children_active", commands.retire_area, town.community2, on=DAY)
    commands.retire_area(town.community2, on=DAY + dt.timedelta(days=5))


# --- split


def test_a_grid_splits_into_two_that_share_its_land(town):
    west, east = box(103.70, 103.705), box(103.705, 103.71)
    one, two = commands.split_area(
        town.main_grid,
        into=[
            Opening("620105006001011", "农大西", households=300, geometry=west),
            Opening("620105006001012", "农大东", kind="dedicated", geometry=east),
        ],
        on=DAY,
        by=town.admin,
    )
    old = Area.objects.get(pk=town.main_grid.pk)
    assert (old.ends, one.starts, one.kind, two.kind) == (DAY, DAY, "urban", "dedicated")
    assert list(one.predecessors.all()) == [old] and set(old.successors.all()) == {one, two}
    assert grid_at(103.702, 36.105, BEFORE).code == old.code
    assert grid_at(103.702, 36.105, DAY).code == one.code
    assert grid_at(103.708, 36.105, DAY).code == two.code
    assert {last_event(area).kind for area in (old, one, two)} == {"split"}
    assert tree.check() == []


def test_a_community_splits_with_its_grids(town):
    one, two = commands.split_area(
        town.community,
        into=[
            Opening("620105006011", "农大东社区", children=[town.main_grid.code]),
            Opening("620105006012", "农大西社区", children=[town.next_grid.code]),
        ],
        on=DAY,
    )
    known = directory(force=True)
    assert known.by_id[town.main_grid.pk].parent_id == one.pk
    assert known.by_id[town.next_grid.pk].parent_id == two.pk
    assert tree.check() == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ([], []),
        (["main_grid"], []),
        (["main_grid", "next_grid"], ["next_grid"]),
        (["main_grid", "next_grid", "grid3"], []),
    ],
)
def test_each_active_child_goes_to_exactly_one(town, first, second):
    into = [
        Opening("620105006011", "东", children=[getattr(town, name).code for name in first]),
        Opening("620105006012", "西", children=[getattr(town, name).code for name in second]),
    ]
    refused(Invalid, "children_not_shared_out", commands.split_area, town.community, into=into, on=DAY)


def test_split_refuses(town):
    one, two = Opening("620105006001011", "甲"), Opening("620105006001012", "乙")
    split = commands.split_area
    refused(Invalid, "split_into_one", split, town.main_grid, into=[one], on=DAY)
    refused(Invalid, "code_taken", split, town.main_grid, into=[one, one], on=DAY)
    refused(Invalid, "code_taken", split, town.main_grid, into=[one, Opening(town.main_grid.code, "旧")], on=DAY)
    refused(Invalid, "code_not_of_parent", split, town.main_grid, into=[one, Opening("620105006002011", "丙")], on=DAY)
    refused(Invalid, "parent_of_wrong_level", split, town.main_grid, into=[one, Opening("620105006011", "社")], on=DAY)
    refused(Invalid, "name_empty", split, town.main_grid, into=[one, Opening("620105006001012", "")], on=DAY)
    refused(Invalid, "ends_before_start", split, town.main_grid, into=[one, two], on=dt.date(1900, 1, 1))
    overlapping = [
        Opening("620105006001011", "甲", geometry=box(103.70, 103.706)),
        Opening("620105006001012", "乙", geometry=box(103.705, 103.71)),
    ]
    refused(Invalid, "boundary_overlaps", split, town.main_grid, into=overlapping, on=DAY)
    outside = [one, Opening("620105006001012", "乙", geometry=box(103.705, 103.715))]
    refusal = refused(Invalid, "boundary_overlaps", split, town.main_grid, into=outside, on=DAY)
    assert refusal.data["overlaps"][0]["other"] == town.next_grid.code
    commands.retire_area(town.main_grid, on=BEFORE)
    refused(NotAllowedNow, "area_closed", split, town.main_grid, into=[one, two], on=DAY)


# --- merge


def test_two_grids_merge_and_their_outlines_become_one(town):
    commands.create_area(code="62010500600100101", name="一栋", parent=town.main_grid, kind="micro")
    new = commands.merge_areas(
        [town.next_grid, town.main_grid],
        into=Opening("620105006001021", "农大网格", households=800),
        on=DAY,
        by=town.admin,
    )
    assert set(new.predecessors.all()) == {town.main_grid, town.next_grid}
    assert [child.code for child in new.get_children()] == ["62010500600100101"]
    for lon in (103.705, 103.71, 103.715):
        assert grid_at(lon, 36.105, DAY).code == new.code
    assert grid_at(103.705, 36.105, BEFORE).code == town.main_grid.code
    assert Area.objects.get(pk=town.next_grid.pk).ends == DAY
    assert tree.check() == []
    assert last_event(new).data == {
        "on": "2026-03-01", "old": [town.main_grid.code, town.next_grid.code], "new": [new.code]
    }  # fmt: skip


def test_communities_merge_and_their_grids_go_along(town):
    new = commands.merge_areas([town.community, town.community2], into=Opening("620105006601", "大社区"), on=DAY)
    assert [child.code for child in new.get_children()] == [town.main_grid.code, town.next_grid.code, town.grid3.code]
    assert not new.boundaries.exists()
    assert tree.check() == []


def test_merge_refuses(town):
    merge, new = commands.merge_areas, Opening("620105006001021", "大")
    refused(Invalid, "merge_of_one", merge, [town.main_grid], into=new, on=DAY)
    refused(Invalid, "merge_of_one", merge, [town.main_grid, town.main_grid], into=new, on=DAY)
    refused(Invalid, "merge_across_parents", merge, [town.main_grid, town.grid3], into=new, on=DAY)
    refused(Invalid, "merge_across_parents", merge, [town.main_grid, town.community], into=new, on=DAY)
    pair = [town.main_grid, town.next_grid]
    refused(Invalid, "code_taken", merge, pair, into=Opening(town.main_grid.code, "旧"), on=DAY)
    over = Opening("620105006001021", "大", geometry=box(103.70, 103.73))
    refused(Invalid, "boundary_overlaps", merge, pair, into=over, on=DAY)
    commands.retire_area(town.next_grid, on=BEFORE)
    refused(NotAllowedNow, "area_closed", merge, pair, into=new, on=DAY)


# --- boundary


def test_a_new_outline_leaves_the_old_one_as_history(town):
    commands.set_boundary(town.main_grid, geometry=box(103.70, 103.709), on=DAY, by=town.admin)
    old, new = town.main_grid.boundaries.order_by("starts")
    assert (old.ends, new.starts, new.ends) == (DAY, DAY, None)
    assert grid_at(103.7095, 36.105, BEFORE).code == town.main_grid.code
    assert grid_at(103.7095, 36.105, DAY) is None
    commands.set_boundary(town.main_grid, geometry=box(103.70, 103.71), on=DAY)
    assert town.main_grid.boundaries.count() == 2
    assert grid_at(103.7095, 36.105, DAY).code == town.main_grid.code
    assert last_event(town.main_grid).kind == "boundary_set"


def test_only_grids_must_not_overlap(town):
    commands.set_boundary(town.community, geometry=box(103.70, 103.75), on=DAY)
    refusal = refused(
        Invalid, "boundary_overlaps", commands.set_boundary, town.main_grid, geometry=box(103.70, 103.715), on=DAY
    )
    assert "农大二网格" in str(refusal)
    [overlap] = refusal.data["overlaps"]
    assert overlap["square_metres"] == pytest.approx(0.005 * 90_058 * 0.01 * 110_963, rel=1e-3)


def test_set_boundary_refuses(town):
    put = commands.set_boundary
    refused(Invalid, "geometry_self_crossing", put, town.main_grid, on=DAY, geometry={
        "type": "Polygon", "coordinates": [[[103.7, 36.1], [103.8, 36.2], [103.8, 36.1], [103.7, 36.2], [103.7, 36.1]]]
    })  # fmt: skip
    refused(Invalid, "boundary_in_past", put, town.main_grid, geometry=box(103.70, 103.709), on=dt.date(2019, 1, 1))
    commands.retire_area(town.next_grid, on=DAY)
    refused(NotAllowedNow, "area_closed", put, town.next_grid, geometry=box(103.71, 103.72), on=DAY)
    put(town.main_grid, geometry=box(103.70, 103.72), on=DAY)  # the land of a closed grid is free from its last day on


# --- all of them


def test_every_command_takes_the_tree_lock_before_anything_else(town):
    calls = {
        "create": lambda: commands.create_area(code="620105006009", name="九", parent=town.street),
        "rename": lambda: commands.rename_area(town.street, name="新"),
        "amend": lambda: commands.amend_area(town.street, population=1),
        "move": lambda: commands.move_area(town.community3, to=town.street),
        "boundary": lambda: commands.set_boundary(town.street, geometry=box(103.7, 103.8), on=DAY),
        "split": lambda: commands.split_area(
            town.main_grid, into=[Opening("620105006001011", "甲"), Opening("620105006001012", "乙")], on=DAY
        ),
        "merge": lambda: commands.merge_areas(
            [town.far_grid, town.grid6], into=Opening("620102001001011", "丙"), on=DAY
        ),
        "retire": lambda: commands.retire_area(town.grid4, on=DAY),
    }
    for name, call in calls.items():
        with CaptureQueriesContext(connection) as queries:
            call()
        first = next(query["sql"] for query in queries if "SAVEPOINT" not in query["sql"])
        assert "pg_advisory_xact_lock" in first, name


def test_the_chains_of_events_are_sound(town):
    commands.rename_area(town.street, name="甲")
    commands.rename_area(town.street, name="乙")
    commands.amend_area(town.main_grid, households=300)
    rows = list(AreaEvent.objects.order_by("area_id", "sequence"))
    assert [row.sequence for row in rows if row.area_id == town.street.pk] == [1, 2]
    assert list(verify(rows)) == []


def test_a_refused_step_inside_a_larger_one_undoes_all(town):
    with pytest.raises(DomainError):
        commands.split_area(
            town.main_grid, into=[Opening("620105006001011", "甲"), Opening("620105006001001", "旧")], on=DAY
        )
    assert Area.objects.get(pk=town.main_grid.pk).ends is None
    assert not Area.objects.filter(code="620105006001011").exists()
