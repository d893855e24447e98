"""Changes of the tree: create, rename, amend, move, split, merge, retire an area, set its boundary.

Each is one unit of work that first takes the tree lock, then reads the areas anew: what the caller holds may be old.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Q
from django.utils.translation import gettext as _

from core import wording
from core.errors import NotAllowedNow
from core.transactions import command

from . import geometry, outlines, rules, surveying, tree
from .directory import changed
from .events import Kind as Happened
from .events import record
from .levels import Level
from .models import LONG_AGO, Area

By = AbstractBaseUser | None


@dataclass(frozen=True)
class Opening:
    """An area that a split or a merger opens. `children` are codes of areas of the old one that go on under it."""

    code: str
    name: str
    kind: str | None = None  # None: as the area before
    households: int | None = None
    population: int | None = None
    phone: str = ""
    geometry: Mapping[str, Any] | None = None
    children: Collection[str] = ()


@command
def create_area(
    *,
    code: str,
    name: str,
    parent: Area | None,
    kind: str = "",
    households: int | None = None,
    population: int | None = None,
    phone: str = "",
    starts: dt.date | None = None,
    by: By = None,
) -> Area:
    """Open a new area under its parent, valid from `starts`, without it as long as its parent.

    The level follows from the code. Raises Invalid.
    """
    tree.lock()
    parent = None if parent is None else _fresh(parent)
    starts = starts or (LONG_AGO if parent is None else parent.starts)
    area = _open(code, name, parent, kind, households, population, phone, starts)
    record(Happened.CREATED, area, by=by, code=code, name=area.name, parent=parent and parent.code)
    changed()
    return area


@command
def rename_area(area: Area, *, name: str, by: By = None) -> Area:
    """Give an area another name. Raises Invalid."""
    tree.lock()
    area = _fresh(area)
    before, area.name = area.name, rules.name(name)
    if area.name != before:
        area.save(update_fields=["name"])
        record(Happened.RENAMED, area, by=by, before=before, after=area.name)
        changed()
    return area


@command
def amend_area(area: Area, *, by: By = None, **given: Any) -> Area:
    """Correct kind, households, population or phone; what is not given stays. Raises Invalid."""
    unknown = given.keys() - {"kind", "households", "population", "phone"}
    if unknown:
        raise TypeError(f"amend_area cannot change {', '.join(sorted(unknown))}")
    tree.lock()
    area = _fresh(area)
    clean = {
        "kind": rules.kind(area.level, given.get("kind", area.kind)),
        "households": rules.count("households", given.get("households", area.households)),
        "population": rules.count("population", given.get("population", area.population)),
        "phone": rules.phone(given.get("phone", area.phone)),
    }
    different = {
        field: [getattr(area, field), value] for field, value in clean.items() if getattr(area, field) != value
    }
    if different:
        for field, (_before, after) in different.items():
            setattr(area, field, after)
        area.save(update_fields=list(different))
        record(Happened.AMENDED, area, by=by, changes=different)
        changed()
    return area


@command
def move_area(area: Area, *, to: Area, by: By = None) -> Area:
    """Put an area with all below it under another parent of the same level as before; its code stays.

    Raises Invalid `move_into_itself`, `parent_of_wrong_level`, `parent_closed`, `parent_not_yet_open`.
    """
    tree.lock()
    area, to = _fresh(area), _fresh(to)
    if to.pk == area.pk or to.is_descendant_of(area):
        raise rules.refuse(
            "parent_code", "move_into_itself", _("An area cannot be moved into itself or into a part of itself.")
        )
    rules.level_under(area.level, to.level)
    if to.pk == area.parent_id:
        return area
    _check_open(area)
    rules.open_parent(to.name, to.starts, to.ends, since=to.starts)
    before = area.parent.code
    _put_under(area, to)
    record(Happened.MOVED, area, by=by, before=before, after=to.code)
    changed()
    return area


@command
def retire_area(area: Area, *, on: dt.date, by: By = None) -> Area:
    """Close an area from that day on.

    Raises Invalid `ends_before_start`; NotAllowedNow `area_closed`, `children_active`.
    """
    tree.lock()
    area = _fresh(area)
    active = _active_children(area, on)
    if active:
        raise NotAllowedNow(
            "children_active",
            _("%(count)d areas in %(name)s are still active, first of all %(first)s. Retire or move them first.")
            % {"count": len(active), "name": area.name, "first": active[0].name},
            codes=[child.code for child in active],
        )
    _close(area, on)
    record(Happened.RETIRED, area, by=by, on=on)
    changed()
    return area


@command
def split_area(area: Area, *, into: Sequence[Opening], on: dt.date, by: By = None) -> list[Area]:
    """Close an area and open two or more in its place, each linked to it as predecessor.

    Every active area below the old one must be named as child of exactly one new one. Children change their parent at
    once, whatever day the split is dated. Raises Invalid, NotAllowedNow.
    """
    tree.lock()
    area = _fresh(area)
    if len(into) < 2:
        raise rules.refuse("into", "split_into_one", _("A split needs at least two new areas."))
    active = {child.code: child for child in _active_children(area, on)}
    named = [code for opening in into for code in opening.children]
    if sorted(named) != sorted(active):
        wrong = sorted(set(named) ^ set(active) | {code for code in named if named.count(code) > 1})
        raise rules.refuse(
            "into",
            "children_not_shared_out",
            _("Each active area inside %(name)s must go to exactly one of the new ones; check %(codes)s.")
            % {"name": area.name, "codes": ", ".join(wrong[:10])},
            codes=wrong,
        )
    return _replace(
        [area],
        into,
        on,
        {opening.code: [active[code] for code in opening.children] for opening in into},
        Happened.SPLIT,
        by,
    )


@command
def merge_areas(areas: Sequence[Area], *, into: Opening, on: dt.date, by: By = None) -> Area:
    """Close two or more neighbours of one parent and open one in their place, linked to all as predecessors.

    What was active below them goes on under the new one; without an outline of its own it gets the union of theirs.
    Raises Invalid, NotAllowedNow.
    """
    tree.lock()
    olds = [_fresh(area) for area in sorted(areas, key=lambda area: area.pk)]
    if len({old.pk for old in olds}) < 2:
        raise rules.refuse("areas", "merge_of_one", _("A merger needs at least two different areas."))
    if len({old.parent_id for old in olds}) > 1 or len({old.level for old in olds}) > 1:
        raise rules.refuse(
            "areas", "merge_across_parents", _("Only areas with the same parent can be merged. Move one of them first.")
        )
    children = [child for old in olds for child in _active_children(old, on)]
    [new] = _replace(olds, [into], on, {into.code: children}, Happened.MERGED, by)
    return new


@command
def set_boundary(
    area: Area, *, geometry: Mapping[str, Any], on: dt.date, by: By = None, neighbours_give_way: bool = False
) -> Area:
    """Give an area a new outline from that day on; the one before stays as history.

    neighbours_give_way: what it covers of other areas of its level is cut off them from that day on.
    Raises Invalid `neighbour_vanishes`, `boundary_overlaps`, `boundary_in_past` and those of geometry.read;
    NotAllowedNow `area_closed`.
    """
    tree.lock()
    area = _fresh(area)
    _check_open(area)
    if neighbours_give_way:
        _cut_off_neighbours(area, geometry, on, by)
    _set_outline(area, geometry, on)
    record(Happened.BOUNDARY_SET, area, by=by, on=on)
    changed()
    return area


def _cut_off_neighbours(area: Area, raw: Mapping[str, Any], on: dt.date, by: By) -> None:
    """Take the land of a new outline off the neighbours that have it now."""
    shape = geometry.read(raw)
    for neighbour, outline in surveying.neighbours(area, shape, on):
        if geometry.is_sliver(shapely.intersection(outline, shape)):
            continue
        left = shapely.difference(outline, shape)
        if geometry.is_sliver(left):
            raise rules.refuse(
                "geometry",
                "neighbour_vanishes",
                _("Nothing would be left of %(name)s. Merge the two areas instead.") % {"name": neighbour.name},
            )
        parts = [
            part for part in shapely.get_parts(left) if part.geom_type == "Polygon" and not geometry.is_sliver(part)
        ]
        kept = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
        _check_newest(neighbour, on)
        outlines.store([outlines.Version(neighbour, kept, on)])
        record(Happened.BOUNDARY_SET, neighbour, by=by, on=on)


def _fresh(area: Area) -> Area:
    """The area as it stands now; the tree lock is held, so nobody else changes it."""
    return Area.objects.get(pk=area.pk)


def _open(
    code: str,
    name: str,
    parent: Area | None,
    kind: str,
    households: int | None,
    population: int | None,
    phone: str,
    starts: dt.date,
) -> Area:
    level = rules.place(code, parent and parent.code, parent and parent.level)
    if parent is not None:
        rules.open_parent(parent.name, parent.starts, parent.ends, since=starts)
    if Area.objects.filter(code=code).exists():
        raise rules.refuse(
            "code", "code_taken", _("The code %(code)s is taken; codes are never used twice.") % {"code": code}
        )
    area = Area(
        code=code,
        name=rules.name(name),
        level=level,
        kind=rules.kind(level, kind),
        parent=parent,
        starts=starts,
        households=rules.count("households", households),
        population=rules.count("population", population),
        phone=rules.phone(phone),
    )
    area.save()
    return area


def _put_under(area: Area, parent: Area) -> None:
    area.parent = parent
    area.save()


def _check_open(area: Area) -> None:
    if area.ends is not None:
        raise NotAllowedNow(
            "area_closed",
            _("%(name)s was closed on %(date)s and stays as it was.")
            % {"name": area.name, "date": wording.day(area.ends)},
        )


def _active_children(area: Area, on: dt.date) -> list[Area]:
    """Children that are there on that day or will be later, in the order of their codes."""
    return list(Area.objects.filter(Q(ends=None) | Q(ends__gt=on), parent=area).order_by("code"))


def _close(area: Area, on: dt.date) -> None:
    _check_open(area)
    if on < area.starts:
        raise rules.refuse(
            "on",
            "ends_before_start",
            _("%(name)s exists only from %(date)s.") % {"name": area.name, "date": wording.day(area.starts)},
        )
    area.ends = on
    area.save(update_fields=["ends"])


def _set_outline(area: Area, raw: Mapping[str, Any], on: dt.date) -> None:
    shape = geometry.read(raw)
    _check_newest(area, on)
    if area.level == Level.GRID:
        outlines.check_overlaps({area.code: shape}, names={area.code: area.name}, on=on)
    outlines.store([outlines.Version(area, shape, on)])


def _check_newest(area: Area, on: dt.date) -> None:
    current = area.boundaries.filter(ends=None).first()
    if current is not None and on < current.starts:
        raise rules.refuse(
            "on",
            "boundary_in_past",
            _("There is a newer outline, valid from %(date)s.") % {"date": wording.day(current.starts)},
        )


def _replace(
    olds: list[Area],
    into: Sequence[Opening],
    on: dt.date,
    children: Mapping[str, list[Area]],
    happened: Happened,
    by: By,
) -> list[Area]:
    """Close the old areas and open the new ones in their place, with their children, outlines and predecessor links."""
    first = olds[0]
    for old in olds:
        _close(old, on)
    news = []
    for opening in into:
        if opening.code in {new.code for new in news}:
            raise rules.refuse("code", "code_taken", _("The code %(code)s stands here twice.") % {"code": opening.code})
        parent = None if first.parent_id is None else _fresh(first.parent)
        kind = first.kind if opening.kind is None else opening.kind
        new = _open(opening.code, opening.name, parent, kind, opening.households, opening.population, opening.phone, on)
        new.predecessors.set(olds)
        for child in children[opening.code]:
            before = child.parent.code
            _put_under(_fresh(child), _fresh(new))
            record(Happened.MOVED, child, by=by, before=before, after=new.code)
        news.append(new)
    _draw(olds, news, into, on)
    names = {"old": [old.code for old in olds], "new": [new.code for new in news]}
    for area in (*olds, *news):
        record(happened, area, by=by, on=on, **names)
    changed()
    return [_fresh(new) for new in news]


def _draw(olds: list[Area], news: list[Area], into: Sequence[Opening], on: dt.date) -> None:
    """Store the outlines of the new areas: those given, for a merger else the union of the old ones."""
    shapes = {opening.code: geometry.read(opening.geometry) for opening in into if opening.geometry is not None}
    if len(news) == 1 and not shapes:
        shape = outlines.union(olds)
        shapes = {news[0].code: shape} if shape is not None else {}
    if news[0].level == Level.GRID:
        names = {new.code: new.name for new in news}
        outlines.check_overlaps(shapes, names=names, on=on, leaving=[old.code for old in olds])
    outlines.store([outlines.Version(new, shapes[new.code], on) for new in news if new.code in shapes])
