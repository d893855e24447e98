"""Asking the counts: every number a page, export or sheet shows of orders comes from these functions.

    scope = Scope(area_id, category_id=…, unit_id=…)
    of(scope, period).closed · by_area(scope, period)[area_id].overdue · as_of()

The door sees to it that the area lies in the reader's reach (`reach.scopes_of`); a figure counts every order of it.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, fields
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import connection

from core.revisions import Cached
from grids.directory import REVISION, Place, directory
from grids.levels import Level
from grids.models import Area
from workorders import catalogue
from workorders.figures.counting import DAYS_OF, FLOWS, OPEN_AS, STOCKS
from workorders.figures.periods import Period
from workorders.models import Cutoff

# The parts by category and by unit are kept from the streets upwards; below, and for both at once, `CountedOrder` is
# read.
_KEPT = frozenset({Level.CITY, Level.DISTRICT, Level.STREET})
_FOUR_PLACES = Decimal("0.0001")


@dataclass(frozen=True)
class Scope:
    """Which orders: an area with all below it, of one category (a major one with its minors), led by one unit."""

    area_id: int
    category_id: int | None = None
    unit_id: int | None = None


@dataclass(frozen=True)
class Figures:
    """What is open as of the cut-off, and what happened in the period. docs/figures.md says what each one means.

    Shares are None where there is nothing to share, else exact to four places.
    """

    open: int = 0
    overdue: int = 0
    soon: int = 0
    paused: int = 0
    suspended: int = 0
    yellow: int = 0
    red: int = 0
    reported: int = 0
    handled: int = 0
    timed: int = 0
    on_time: int = 0
    closed: int = 0
    returned: int = 0
    reworked: int = 0
    rated: int = 0
    satisfied: int = 0
    asked: int = 0
    resolved: int = 0
    households: int = 0

    @property
    def cards(self) -> int:
        """Open orders with a card."""
        return self.yellow + self.red

    @property
    def on_time_share(self) -> Decimal | None:
        """Handled on time, of those handled in the period."""
        return _share(self.on_time, self.timed)

    @property
    def satisfaction(self) -> Decimal | None:
        """Satisfied in whatever degree, of those who answered."""
        return _share(self.satisfied, self.rated)

    @property
    def resolution(self) -> Decimal | None:
        """Solved, of the closed orders for which it is known."""
        return _share(self.resolved, self.asked)

    @property
    def returned_share(self) -> Decimal | None:
        """Returned at least once, of the orders closed in the period."""
        return _share(self.returned, self.closed)

    @property
    def per_1000_households(self) -> Decimal | None:
        """Reported in the period for each thousand households."""
        if not self.households:
            return None
        return (Decimal(self.reported * 1000) / self.households).quantize(Decimal("0.01"), ROUND_HALF_UP)

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(**{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self)})


NAMES = tuple(one.name for one in fields(Figures))
# What a map or a table may be asked for: every count and share.
MEASURES = (
    *(name for name in NAMES if name not in ("timed", "asked", "households")),
    *("cards", "on_time_share", "satisfaction", "resolution", "returned_share", "per_1000_households"),
)


def as_of() -> dt.datetime | None:
    """Up to when everything is counted; None before the first time. The worker moves it on every few seconds."""
    return Cutoff.objects.filter(pk=1).values_list("as_of", flat=True).first()


def of(scope: Scope, period: Period) -> Figures:
    """The figures of one scope; three statements at most."""
    return by_areas([scope.area_id], period, category_id=scope.category_id, unit_id=scope.unit_id)[scope.area_id]


def by_area(scope: Scope, period: Period) -> dict[int, Figures]:
    """The figures of the areas directly below: every active one, the empty ones too; a grid stands for itself."""
    ids = [place.id for place in below(directory().by_id[scope.area_id], period.last)]
    return by_areas(ids, period, category_id=scope.category_id, unit_id=scope.unit_id)


def by_areas(
    areas: Iterable[int], period: Period, *, category_id: int | None = None, unit_id: int | None = None
) -> dict[int, Figures]:
    """The figures of any areas, whether or not they lie in each other."""
    ids = list(dict.fromkeys(areas))
    found: dict[int, dict[str, int]] = {pk: {"households": households(pk)} for pk in ids}
    kinds = _minors(category_id)
    levels = {directory().by_id[pk].level for pk in ids}
    if (kinds is None and unit_id is None) or (levels <= _KEPT and (kinds is None or unit_id is None)):
        given = {"areas": ids, "kinds": kinds or [0], "unit": unit_id or 0, **_days(period)}
        for table in (_DAYS_BY_AREA, _OPEN_BY_AREA):
            for pk, row in _rows(table, given):
                found[pk] |= row
    else:
        for pk, row in _from_orders("c.area_id", ids, period, kinds, unit_id):
            for above in directory().by_id[pk].path:
                if above in found:
                    _add(found[above], row)
    return {pk: Figures(**row) for pk, row in found.items()}


def by_category(scope: Scope, period: Period) -> dict[int, Figures]:
    """The figures by minor category, those without any left out. Orders without a category are in `of` only."""
    return _by_part("category_id", scope, period)


def by_unit(scope: Scope, period: Period) -> dict[int, Figures]:
    """The figures by lead unit. Orders no unit leads are in `of` only."""
    return _by_part("unit_id", scope, period)


def by_day(scope: Scope, period: Period) -> dict[dt.date, Figures]:
    """What happened on each day of the period; nothing about what is open, which is known as of now only."""
    kinds, level = _minors(scope.category_id), directory().by_id[scope.area_id].level
    plain = kinds is None and scope.unit_id is None
    if plain or (level in _KEPT and (kinds is None or scope.unit_id is None)):
        given = {"areas": [scope.area_id], "kinds": kinds or [0], "unit": scope.unit_id or 0, **_days(period)}
        rows = _rows(_DAYS_BY_DAY, given)
    else:
        rows = _from_orders("days.day", [scope.area_id], period, kinds, scope.unit_id, stock=False)
    found = dict(rows)
    return {day: Figures(**found.get(day, {})) for day in period.days}


def below(place: Place, on: dt.date) -> list[Place]:
    """The areas directly below that exist that day, in tree order; a grid stands for itself."""
    if place.level in (Level.GRID, Level.MICRO):
        return [place]
    return [one for one in directory().inside(place.id) if one.parent_id == place.id and one.is_active(on)]


def households(area_id: int) -> int:
    """The households of an area: its own figure, else the sum of what lies below it."""
    return _households.get().get(area_id, 0)


# -- statements ----------------------------------------------------------------------------------------------------

_SUMS = ", ".join(f"sum({name})::int AS {name}" for name in FLOWS)
_STOCK_SUMS = ", ".join(f"sum({name})::int AS {name}" for name in STOCKS)
_IN_SCOPE = "area_id = ANY (%(areas)s) AND category_id = ANY (%(kinds)s) AND unit_id = %(unit)s"
_IN_PERIOD = "day >= %(since)s AND day < %(until)s"
_DAYS_BY_AREA = f"SELECT area_id, {_SUMS} FROM workorders_daycount WHERE {_IN_SCOPE} AND {_IN_PERIOD} GROUP BY 1"  # noqa: S608
_DAYS_BY_DAY = f"SELECT day, {_SUMS} FROM workorders_daycount WHERE {_IN_SCOPE} AND {_IN_PERIOD} GROUP BY 1"  # noqa: S608
_OPEN_BY_AREA = f"SELECT area_id, {_STOCK_SUMS} FROM workorders_opencount WHERE {_IN_SCOPE} GROUP BY 1"  # noqa: S608


def _by_part(column: str, scope: Scope, period: Period) -> dict[int, Figures]:
    kinds = _minors(scope.category_id)
    level = directory().by_id[scope.area_id].level
    crossed = (scope.unit_id is not None) if column == "category_id" else (kinds is not None)
    found: dict[int, dict[str, int]] = {}
    if level in _KEPT and not crossed:
        narrow = _narrowed(column, kinds, scope.unit_id)
        where = f"area_id = %(area)s AND {column} > 0{narrow}"
        given = {"area": scope.area_id, "kinds": kinds, "unit": scope.unit_id, **_days(period)}
        for names, table, more in (
            (_SUMS, "workorders_daycount", f" AND {_IN_PERIOD}"),
            (_STOCK_SUMS, "workorders_opencount", ""),
        ):
            sql = f"SELECT {column}, {names} FROM {table} WHERE {where}{more} GROUP BY 1"  # noqa: S608
            for pk, row in _rows(sql, given):
                found.setdefault(pk, {}).update(row)
    else:
        for pk, row in _from_orders(f"c.{column}", [scope.area_id], period, kinds, scope.unit_id):
            if pk is not None:
                _add(found.setdefault(pk, {}), row)
    return {pk: Figures(**row) for pk, row in sorted(found.items()) if any(row.values())}


def _narrowed(column: str, kinds: list[int] | None, unit_id: int | None) -> str:
    if column == "category_id" and kinds is not None:
        return " AND category_id = ANY (%(kinds)s)"
    return " AND unit_id = %(unit)s" if column == "unit_id" and unit_id is not None else ""


def _from_orders(
    key: str, areas: list[int], period: Period, kinds: list[int] | None, unit_id: int | None, *, stock: bool = True
) -> list[tuple[Any, dict[str, int]]]:
    """The same figures from the counted orders themselves, for parts the roll-ups do not keep."""
    where = "c.area_id = ANY (%(under)s)"
    where += " AND c.category_id = ANY (%(kinds)s)" if kinds is not None else ""
    where += " AND c.unit_id = %(unit)s" if unit_id is not None else ""
    given = {"under": _under(areas), "kinds": kinds, "unit": unit_id, **_days(period)}
    sums = ", ".join(f"sum(days.{name})::int AS {name}" for name in FLOWS)
    flows = (
        f"SELECT {key}, {sums} FROM workorders_countedorder c CROSS JOIN LATERAL {DAYS_OF}"  # noqa: S608
        f" WHERE {where} AND days.{_IN_PERIOD.replace('AND day', 'AND days.day')} GROUP BY 1"
    )
    found = _rows(flows, given)
    if stock:
        sql = (
            f"SELECT {key}, {_STOCK_SUMS} FROM workorders_countedorder c CROSS JOIN LATERAL (SELECT {OPEN_AS}) stock"  # noqa: S608
            f" WHERE {where} AND c.lamp <> '' GROUP BY 1"
        )
        found += _rows(sql, given)
    return found


def _rows(sql: str, given: dict) -> list[tuple[Any, dict[str, int]]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        names = [column.name for column in cursor.description[1:]]
        return [(row[0], dict(zip(names, row[1:], strict=True))) for row in cursor.fetchall()]


def _days(period: Period) -> dict[str, dt.date]:
    return {"since": period.since, "until": period.until}


def _add(row: dict[str, int], more: dict[str, int]) -> None:
    for name, value in more.items():
        row[name] = row.get(name, 0) + value


def _under(areas: Iterable[int]) -> list[int]:
    wanted = set(areas)
    return [place.id for place in directory().by_id.values() if not wanted.isdisjoint(place.path)]


def _minors(category_id: int | None) -> list[int] | None:
    """The categories orders may carry that belong to this one; None for all."""
    if category_id is None:
        return None
    return [one.pk for one in catalogue.categories() if category_id in (one.pk, one.parent_id)]


def _share(part: int, whole: int) -> Decimal | None:
    return (Decimal(part) / whole).quantize(_FOUR_PLACES, ROUND_HALF_UP) if whole else None


def _load_households() -> dict[int, int]:
    rows = list(Area.objects.filter(ends=None).values_list("pk", "parent_id", "households", "depth"))
    found: dict[int, int] = {}
    for pk, parent_id, own, _depth in sorted(rows, key=lambda row: -row[3]):
        total = own if own is not None else found.get(pk, 0)
        found[pk] = total
        if parent_id is not None:
            found[parent_id] = found.get(parent_id, 0) + total
    return found


_households: Cached[dict[int, int]] = Cached(REVISION, _load_households)
