"""The taxonomy and the routing table as this process knows them: cached, reloaded when a row changes."""

from dataclasses import dataclass
from types import MappingProxyType

from core.revisions import Cached
from grids.directory import directory
from workorders.models.category import Category, Route
from workorders.models.desk import AutoDispatch


def _load_categories():
    rows = list(Category.objects.select_related("parent").order_by("code"))
    return MappingProxyType({row.pk: row for row in rows}), MappingProxyType({row.code: row for row in rows})


def _load_routes():
    table = {}
    for route in Route.objects.order_by("pk").values_list("category_id", "area_id", "unit_id", "starts", "ends"):
        table.setdefault((route[0], route[1]), []).append(route[2:])
    return table


def _load_automatic():
    return frozenset(AutoDispatch.objects.filter(is_active=True).values_list("category_id", flat=True))


_automatic = Cached("automatic_dispatch", _load_automatic)
_categories = Cached("categories", _load_categories)
_routes = Cached("routes", _load_routes)


def category(pk: int) -> Category:
    """The category with this id; do not change the object."""
    by_id = _categories.get()[0]
    return by_id[pk] if pk in by_id else _categories.get(force=True)[0][pk]


def find(code: str) -> Category | None:
    """The category with this code, retired ones included."""
    found = _categories.get()[1].get(code)
    return found or _categories.get(force=True)[1].get(code)


def categories() -> list[Category]:
    """All categories, by code."""
    return list(_categories.get()[1].values())


@dataclass(frozen=True, slots=True)
class Routed:
    """What the routing table says: the unit, and the row that says so (category None: for every category)."""

    unit_id: int
    area_id: int
    category_id: int | None


def routed(
    category_id: int | None, area_id: int, *, on, without: tuple[int | None, int] | None = None
) -> Routed | None:
    """The row of the routing table that holds: the nearest area first; there the minor, then its major, then any.

    without: a (category, area) whose rows are left out, as if they had ended.
    """
    table = _routes.get()
    chain = [category_id]
    if category_id is not None:
        chain += [category(category_id).parent_id, None]
    for place in reversed(directory().path(area_id)):
        for wanted in chain:
            for unit_id, starts, ends in table.get((wanted, place.id), ()) if (wanted, place.id) != without else ():
                if starts <= on and (ends is None or on < ends):
                    return Routed(unit_id, place.id, wanted)
    return None


def areas_with_routes() -> frozenset[int]:
    """The areas that have rows of their own in the routing table, of any day."""
    return frozenset(area_id for _category_id, area_id in _routes.get())


def routed_unit(category_id: int | None, area_id: int, *, on) -> int | None:
    """The unit the routing table names; None where no row holds."""
    found = routed(category_id, area_id, on=on)
    return found.unit_id if found else None


def is_automatic(category_id: int | None) -> bool:
    """Whether filed orders of this category follow the routing table by themselves; switched on one by one."""
    return category_id is not None and category_id in _automatic.get()
