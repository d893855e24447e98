"""The numbering against a slow second opinion, and against whatever sequence of commands."""

import datetime as dt

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import DomainError
from grids import codes, commands, tree
from grids.commands import Opening
from grids.directory import directory
from grids.levels import PARENT_LEVEL, Level
from grids.models import Area

DAY = dt.date(2026, 3, 1)
NEXT = {Level.DISTRICT: 2, Level.STREET: 3, Level.COMMUNITY: 3, Level.GRID: 3, Level.MICRO: 2}


def slow_numbers(parents):
    """The textbook: walk every tree, siblings by code, count on entering and on leaving."""
    numbers = {}

    def walk(code, tree_id, counter, depth):
        lft = counter
        counter += 1
        for child in sorted(one for one, parent in parents.items() if parent == code):
            counter = walk(child, tree_id, counter, depth + 1)
        numbers[code] = tree.Numbers(tree_id, lft, counter, depth)
        return counter + 1

    for tree_id, root in enumerate(sorted(one for one, parent in parents.items() if parent is None), start=1):
        walk(root, tree_id, 1, 0)
    return numbers


@given(st.lists(st.integers(0, 100), max_size=40))
def test_numbers_are_those_of_the_textbook(choices):
    parents = {}
    for index, choice in enumerate(choices):
        parents[f"{(index * 37) % 101:03}"] = (
            None if choice > 90 or not parents else sorted(parents)[choice % len(parents)]
        )
    assert tree.number(parents) == slow_numbers(parents)


def test_a_deep_tree_needs_no_recursion():
    parents = {f"{index:05}": f"{index - 1:05}" if index else None for index in range(5000)}
    assert tree.number(parents)["04999"] == tree.Numbers(1, 5000, 5001, 4999)


def test_damage_is_found_and_repaired(town):
    before = list(Area.objects.values_list("code", "tree_id", "lft", "rght", "depth"))
    assert tree.check() == []
    Area.objects.filter(pk=town.street.pk).update(lft=1, rght=2)
    Area.objects.filter(pk=town.grid3.pk).update(tree_id=99, depth=7)
    assert sorted(tree.check()) == [town.street.code, town.grid3.code]
    with transaction.atomic():
        assert tree.rebuild() == 2
        assert tree.rebuild() == 0
    assert list(Area.objects.values_list("code", "tree_id", "lft", "rght", "depth")) == before


def test_the_lock_outside_a_transaction_is_a_mistake(transactional_db):
    with pytest.raises(RuntimeError):
        tree.lock()


def test_reads_of_the_tree_use_its_present_state(town):
    old = Area.objects.get(pk=town.street.pk)
    commands.create_area(code="620101000000", name="新区", parent=town.city)
    commands.move_area(town.community2, to=town.street2)
    assert set(Area.objects.under(old).values_list("code", flat=True)) == {
        town.street.code, town.community.code, town.main_grid.code, town.next_grid.code
    }  # fmt: skip
    assert [area.code for area in Area.objects.above(town.grid3)] == [
        town.city.code, town.district.code, town.street2.code, town.community2.code, town.grid3.code
    ]  # fmt: skip


class Oracle:
    """What the tree should be, kept as parent pointers only."""

    def __init__(self):
        self.parents: dict[str, str | None] = {}
        self.closed: set[str] = set()

    def children(self, code):
        return [one for one, parent in self.parents.items() if parent == code]

    def under(self, code):
        return {code}.union(*(self.under(child) for child in self.children(code)), set())

    def free_code(self, parent):
        if parent is None:
            return next(c for c in (f"62{n:02}00000000" for n in range(1, 99)) if c not in self.parents)
        level = list(Level)[list(Level).index(codes.level_of(parent)) + 1]
        digits = NEXT[level]
        made = (f"{codes.stem(parent)}{n:0{digits}}".ljust(12, "0") for n in range(1, 10**digits))
        return next(code for code in made if code not in self.parents)


KINDS = {Level.GRID: "urban", Level.MICRO: "micro"}


def step(oracle, what, first, second):
    """Do one command on the tree and, when the rules allow it, on the oracle; returns whether it was allowed."""
    known = sorted(oracle.parents)
    one, two = known[first % len(known)], known[second % len(known)]
    level = codes.level_of(one)
    area = Area.objects.get(code=one)
    parent = oracle.parents[one]
    siblings = [c for c in oracle.children(parent) if c != one and c not in oracle.closed and c != two]
    active = [child for child in oracle.children(one) if child not in oracle.closed]

    if what == "create":
        if level is Level.MICRO:
            return None
        code = oracle.free_code(one)
        kind = KINDS.get(codes.level_of(code), "")
        allowed = one not in oracle.closed
        done = tried(commands.create_area, code=code, name="新", parent=area, kind=kind)
        if allowed:
            oracle.parents[code] = one
    elif what == "city":
        code, allowed = oracle.free_code(None), True
        done = tried(commands.create_area, code=code, name="市", parent=None)
        oracle.parents[code] = None
    elif what == "move":
        allowed = PARENT_LEVEL[level] == codes.level_of(two) and (
            parent == two or (one not in oracle.closed and two not in oracle.closed)
        )
        done = tried(commands.move_area, area, to=Area.objects.get(code=two))
        if allowed:
            oracle.parents[one] = two
    elif what == "retire":
        allowed = one not in oracle.closed and not active
        done = tried(commands.retire_area, area, on=DAY)
        if allowed:
            oracle.closed.add(one)
    elif what == "split":
        # Newcomers of a moved area begin with its new parent's digits; all its children go to the first.
        new = oracle.free_code(parent)
        oracle.parents[new] = None
        other = oracle.free_code(parent)
        del oracle.parents[new]
        allowed = one not in oracle.closed and (parent is None or parent not in oracle.closed)
        into = [Opening(new, "一", children=active), Opening(other, "二")]
        done = tried(commands.split_area, area, into=into, on=DAY)
        if allowed:
            oracle.closed.add(one)
            oracle.parents.update({new: parent, other: parent}, **dict.fromkeys(active, new))
    else:
        if not siblings:
            return None
        partner = siblings[second % len(siblings)]
        new = oracle.free_code(parent)
        allowed = one not in oracle.closed and (parent is None or parent not in oracle.closed)
        both = [area, Area.objects.get(code=partner)]
        done = tried(commands.merge_areas, both, into=Opening(new, "合"), on=DAY)
        if allowed:
            moved = [c for old in (one, partner) for c in oracle.children(old) if c not in oracle.closed]
            oracle.closed.update({one, partner})
            oracle.parents.update({new: parent}, **dict.fromkeys(moved, new))
    assert done == allowed, (what, one, two)
    return allowed


def tried(command, *given, **more):
    try:
        command(*given, **more)
    except DomainError:
        return False
    return True


@pytest.mark.django_db
@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["create", "create", "create", "city", "move", "retire", "split", "merge"]),
            st.integers(0, 50),
            st.integers(0, 50),
        ),
        max_size=14,
    )
)
def test_any_sequence_of_commands_keeps_the_tree_sound_and_equal_to_plain_parent_pointers(steps):
    with transaction.atomic():
        oracle = Oracle()
        for code in ("620100000000", "620105000000", "620105006000", "620105006001", "620105006001001", "620105007000"):
            parent = codes.parent_of(code)
            oracle.parents[code] = parent
            commands.create_area(
                code=code,
                name=code,
                parent=parent and Area.objects.get(code=parent),
                kind=KINDS.get(codes.level_of(code), ""),
            )
        for what, first, second in steps:
            step(oracle, what, first, second)
            assert tree.check() == []
        assert dict(Area.objects.values_list("code", "parent__code")) == oracle.parents
        assert set(Area.objects.exclude(ends=None).values_list("code", flat=True)) == oracle.closed
        known = directory(force=True)
        for area in Area.objects.all():
            under = oracle.under(area.code)
            assert set(Area.objects.under(area).values_list("code", flat=True)) == under
            assert set(area.get_descendants(include_self=True).values_list("code", flat=True)) == under
            above = [one.code for one in known.path(area.pk)]
            assert above == [one.code for one in Area.objects.above(area)]
            assert all(area.code in oracle.under(code) for code in above)
        transaction.set_rollback(True)
