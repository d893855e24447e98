"""Five hundred small towns from dice: districts of one city, written straight into the tables.

Every town has its own dice made from its number, so that one can be looked at alone. Moments lie thick around the edges
of September 2026; orders go every way an order can go.
"""

import datetime as dt
import itertools
from dataclasses import dataclass, field
from random import Random

from assessment.models import Adjustment, FactRecord
from core import revisions
from grids.models import Area
from personnel.models import Post, Unit, User
from tests.assessment.lives import HOUR, Lives
from tests.assessment.months import AFTER
from workorders.models import Category, Clock, Rating, Supervision, WorkOrder, WorkOrderEvent

SINCE = dt.date(2020, 1, 1)
FIRST, END = dt.date(2026, 9, 1), dt.date(2026, 10, 1)
ITEMS = (
    ("K01", ""), ("K02", ""), ("K02", "emergency"), ("K07", ""), ("K07", ""), ("K08", ""), ("K09", ""),
    ("K13", "wrong"), ("K14", ""), ("B01", ""), ("B03", "city"), ("B03", "province"), ("B04", ""), ("B05", ""),
    ("V02", ""),
)  # fmt: skip


@dataclass
class Rows:
    """What is written in the end, by table."""

    areas: list = field(default_factory=list)
    units: list = field(default_factory=list)
    users: list = field(default_factory=list)
    posts: list = field(default_factory=list)
    orders: list = field(default_factory=list)
    clocks: list = field(default_factory=list)
    events: list = field(default_factory=list)
    ratings: list = field(default_factory=list)
    cards: list = field(default_factory=list)
    records: list = field(default_factory=list)
    items: list = field(default_factory=list)


def build(count: int, *, seed: str = "towns") -> Area:
    """Write a city of so many towns; returns it."""
    rows, keys = Rows(), Keys()
    city = _area(rows, keys, "980000000000", "city", None)
    categories = list(Category.objects.filter(code__in=("0502", "0501", "0201")).values_list("pk", flat=True))
    assert len(categories) == 3
    for number in range(count):
        Town(rows, keys, city, number, categories, Random(f"{seed} {number}")).build()
    _number(rows.areas)
    for model, found in (
        (Area, rows.areas), (Unit, rows.units), (User, rows.users), (Post, rows.posts), (WorkOrder, rows.orders),
        (Clock, rows.clocks), (WorkOrderEvent, rows.events), (Rating, rows.ratings), (Supervision, rows.cards),
        (FactRecord, rows.records), (Adjustment, rows.items),
    ):  # fmt: skip
        model.objects.bulk_create(found, batch_size=2000)
    revisions.reset_all()
    return city


class Keys:
    """Keys chosen here, so that rows can refer to each other before they are written."""

    def __init__(self):
        self._of: dict = {}

    def next(self, model) -> int:
        if model not in self._of:
            last = model.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
            self._of[model] = itertools.count(last + 100_000)
        return next(self._of[model])


def _area(rows, keys, code, level, parent, kind="", starts=SINCE, ends=None) -> Area:
    one = Area(
        pk=keys.next(Area), code=code, name=f"{level} {code}", level=level, kind=kind, parent=parent, starts=starts,
        ends=ends,
    )  # fmt: skip
    rows.areas.append(one)
    return one


def _number(areas: list[Area]) -> None:
    """Places in the tree; areas come depth first."""
    tree = (Area.objects.order_by("-tree_id").values_list("tree_id", flat=True).first() or 0) + 1
    open_, number = [], 0
    for one in areas:
        while open_ and one.parent is not open_[-1]:
            number += 1
            open_.pop().rght = number
        number += 1
        one.tree_id, one.lft, one.depth = tree, number, len(open_)
        open_.append(one)
    while open_:
        number += 1
        open_.pop().rght = number


class Town(Lives):
    """One district with a street or two, communities, grids, people, orders, records, manual items."""

    def __init__(self, rows: Rows, keys: Keys, city: Area, number: int, categories: list[int], dice: Random):
        self.rows, self.keys, self.city, self.number = rows, keys, city, number
        self.categories, self.dice = categories, dice
        self.units: list[Unit] = []
        self.committees: dict[int, Unit] = {}
        self.grids: list[Area] = []
        self.above: dict[int, list[Area]] = {}
        self.officers: dict[int, list[User]] = {}

    def build(self) -> None:
        """Write the town into the rows."""
        dice, code = self.dice, f"98{self.number + 1:04d}"
        district = _area(self.rows, self.keys, f"{code}000000", "district", self.city)
        self.units = [self._unit(f"{code}-{kind}", kind, district) for kind in ("UM", "HC")]
        for s in range(dice.choice((1, 1, 2))):
            street = _area(self.rows, self.keys, f"{code}{s + 1:03d}000", "street", district)
            for c in range(dice.choice((1, 2))):
                community = _area(self.rows, self.keys, f"{street.code[:9]}{c + 1:03d}", "community", street)
                if not self._chance(0.1):
                    self.committees[community.pk] = self._unit(f"{community.code}-CO", "CO", community)
                for g in range(dice.choice((1, 2, 3))):
                    self._grid(f"{community.code}{g + 1:03d}", community, street, district)
        self._people()
        for _order in range(dice.randint(5, 25)):
            self._order()
        self._records()
        self._items()

    def _unit(self, code, kind, area) -> Unit:
        one = Unit(pk=self.keys.next(Unit), code=code, name=code, kind=kind, area=area, starts=SINCE)
        self.rows.units.append(one)
        return one

    def _grid(self, code, community, street, district) -> None:
        dice, starts, ends = self.dice, SINCE, None
        if self._chance(0.15):
            starts = dt.date(2026, 9, dice.choice((2, 15, 16, 17, 20)))
        elif self.grids and self._chance(0.1):
            ends = dt.date(2026, 9, dice.choice((1, 15, 16, 28)))
        kind = dice.choice(("urban", "urban", "rural", "dedicated"))
        grid = _area(self.rows, self.keys, code, "grid", community, kind, starts, ends)
        self.grids.append(grid)
        self.above[grid.pk] = [community, street, district]

    def _people(self) -> None:
        dice, before = self.dice, None
        for place, grid in enumerate(self.grids):
            people = []
            for number in range(dice.choice((0, 1, 1, 1, 2))):
                person = User(
                    pk=self.keys.next(User), username=f"t{self.number}g{place}p{number}", name=f"人{place}{number}"
                )
                self.rows.users.append(person)
                people.append(person)
                self._post(person, grid)
            if before is not None and self._chance(0.2):
                self._post(before, grid)
                people.append(before)
            before = people[0] if people else before
            self.officers[grid.pk] = people

    def _post(self, person, grid) -> None:
        starts, ends = SINCE, None
        if self._chance(0.3):
            starts = dt.date(2026, 9, self.dice.randint(1, 28))
        elif self._chance(0.3):
            ends = dt.date(2026, 9, self.dice.randint(2, 30))
        role = self.dice.choice(("officer", "part_time_officer"))
        self.rows.posts.append(Post(person=person, role=role, area=grid, starts=starts, ends=ends))

    # -- records and items by hand

    def _records(self) -> None:
        dice = self.dice
        for grid in self.grids:
            for kind in ("patrol", "visit", "dispute", "sample", "attendance", "missed"):
                if self._chance(0.5):
                    continue
                for number in range(dice.randint(1, 6)):
                    officer = dice.choice([None, *self.officers[grid.pk]])
                    self.rows.records.append(
                        FactRecord(
                            kind=kind, area=grid, officer=officer, done=self._chance(0.7), key=f"{kind}{number}",
                            on=FIRST + dt.timedelta(days=dice.randint(-1, 30)), entered_at=AFTER - 24 * HOUR,
                            level=dice.choice(("red", "yellow", "green")) if kind == "visit" else "",
                            note=f"{number}",
                        )
                    )  # fmt: skip

    def _items(self) -> None:
        dice = self.dice
        first, second = self.rows.users[0], self.rows.users[1]
        for grid in self.grids:
            for _item in range(dice.choice((0, 0, 0, 1, 2, 4))):
                code, case = dice.choice(ITEMS)
                self.rows.items.append(
                    Adjustment(
                        pk=self.keys.next(Adjustment), period=dice.choice(("2026-09", "2026-09", "2026-08", "2026-06")),
                        area=grid, code=code, variant=case, count=dice.choice((1, 1, 2, 3)), cause="查实",
                        entered_by=first, entered_at=AFTER - dice.randint(1, 99) * HOUR,
                        confirmed_by=second if self._chance(0.7) else None,
                        withdrawn_at=AFTER if self._chance(0.1) else None,
                    )
                )  # fmt: skip
