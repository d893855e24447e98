"""All areas in memory: who lies in what, without a query."""

import datetime as dt
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.revisions import Cached, bump, read_anew

from .levels import Level
from .models import Area

REVISION = "areas"
# What is worked out of one copy of the areas; more than that and it starts anew.
_MOST_KEPT = 2000


@dataclass(frozen=True, slots=True)
class Place:
    """An area as other parts need it. `path` holds area ids top-down, its own last."""

    id: int
    code: str
    name: str
    level: str
    kind: str
    parent_id: int | None
    path: tuple[int, ...]
    starts: dt.date
    ends: dt.date | None

    def is_active(self, on: dt.date) -> bool:
        """Whether the area is valid on that day."""
        return self.starts <= on and (self.ends is None or on < self.ends)


@dataclass(frozen=True, slots=True)
class Directory:
    """The whole tree, retired areas included; iterating by_id goes through it in tree order."""

    by_id: Mapping[int, Place]
    by_code: Mapping[str, Place]
    kept: dict[Hashable, Any] = field(default_factory=dict, compare=False, repr=False)

    def worked_out(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What follows from the areas alone: worked out when it is first asked for, kept as long as this copy.

        Nobody changes what is returned. A key that depends on the day names it.
        """
        if key not in self.kept:
            if len(self.kept) >= _MOST_KEPT:
                self.kept.clear()
            self.kept[key] = make()
        return self.kept[key]

    def inside(self, area_id: int) -> tuple[Place, ...]:
        """The area and everything below it, retired areas included, in tree order."""
        return self.worked_out(
            ("inside", area_id), lambda: tuple(one for one in self.by_id.values() if area_id in one.path)
        )

    def path(self, area_id: int) -> tuple[Place, ...]:
        """The areas an area lies in, top-down, itself included. KeyError when there is no such area."""
        return tuple(self.by_id[one] for one in self.by_id[area_id].path)

    def ancestor(self, area_id: int, level: str) -> Place | None:
        """The area of that level the given one lies in or is, None where there is none."""
        return next((place for place in self.path(area_id) if place.level == Level(level)), None)


def _load() -> Directory:
    rows = list(Area.objects.values_list("pk", "code", "name", "level", "kind", "parent_id", "starts", "ends"))
    parent_of = {row[0]: row[5] for row in rows}
    paths: dict[int, tuple[int, ...]] = {}

    def path(pk: int) -> tuple[int, ...]:
        if pk not in paths:
            parent_id = parent_of[pk]
            paths[pk] = (pk,) if parent_id is None else (*path(parent_id), pk)
        return paths[pk]

    by_id = {
        pk: Place(pk, code, name, level, kind, parent_id, path(pk), starts, ends)
        for pk, code, name, level, kind, parent_id, starts, ends in rows
    }
    return Directory(by_id=by_id, by_code={place.code: place for place in by_id.values()})


_areas: Cached[Directory] = Cached(REVISION, _load)


def directory(*, force: bool = False) -> Directory:
    """The areas as this process knows them, at most a second old; `force` asks the database whether they changed."""
    return _areas.get(force=force)


def find(code: str) -> Place | None:
    """The area with that code; an unknown one is looked up again, it may have been made a moment ago."""
    return directory().by_code.get(code) or directory(force=True).by_code.get(code)


def find_id(area_id: int) -> Place | None:
    """The area with that id, like find()."""
    return directory().by_id.get(area_id) or directory(force=True).by_id.get(area_id)


def changed() -> None:
    """Say inside the transaction that areas changed."""
    bump(REVISION)


def undone() -> None:
    """Say inside the transaction that what it changed was rolled back to a savepoint: for others nothing happened."""
    read_anew(REVISION)
