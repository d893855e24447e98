"""What the lives of orders take place in: grids with their ancestors, people with their posts, units, categories."""

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from random import Random
from types import SimpleNamespace

import shapely

from core import vault
from grids.directory import directory
from grids.levels import Kind, Level
from grids.models import Boundary
from personnel.jurisdiction import UnitRef, units_directory
from personnel.models import Post
from personnel.roles import Role
from workorders import calendars, catalogue, deadlines
from workorders.commands.public import CODE_LETTERS
from workorders.simulation.life import Person
from workorders.timekeeping import handling_limits

# Names reports from the hotline and from residents carry; obviously made up, like the numbers.
REPORTERS = ("王女士", "李先生", "张先生", "刘女士", "陈阿姨", "杨先生", "赵女士", "周师傅", "孙先生", "马女士")


@dataclass(frozen=True, slots=True)
class Site:
    """A grid where orders lie. points: a few (lon, lat) inside it."""

    id: int
    code: str
    name: str
    kind: str
    community_id: int
    street_id: int
    district_id: int
    city_id: int
    points: tuple[tuple[float, float], ...]

    @property
    def is_rural(self) -> bool:
        """Whether the places in it have village names."""
        return self.kind == Kind.RURAL


class World:
    """A city as the stories need it; read once, then asked without the database."""

    def __init__(self, city_id: int, *, on: dt.date):
        self.city_id, self.on = city_id, on
        self.calendar = calendars.working_calendar()
        self.categories = {one.code: one for one in catalogue.categories() if one.is_minor and one.is_active}
        self._stages: dict = {}
        self._steps: dict = {}
        self._masks: dict[str, tuple[str, str]] = {}
        self._suggestions: dict = {}
        self._read_posts()

    def _read_posts(self):
        people: dict[int, Person] = {}
        held = defaultdict(list)
        rows = Post.objects.filter(person__is_active=True).order_by("starts", "pk")
        rows = rows.values_list("role", "area_id", "unit_id", "starts", "ends", "person_id", "person__name")
        for role, area_id, unit_id, starts, ends, person_id, name in rows:
            person = people.setdefault(person_id, Person(person_id, name))
            held[role, area_id, unit_id].append((starts, ends, person))
        self.people, self._held = people, dict(held)

    @cached_property
    def units(self) -> dict[int, UnitRef]:
        """Every unit."""
        return dict(units_directory().by_id)

    @cached_property
    def _units_of(self) -> dict[tuple[int, str], UnitRef]:
        return {(unit.area_id, unit.kind): unit for unit in self.units.values()}

    def sites(self, district_codes: Iterable[str]) -> list[Site]:
        """The grids of these districts in the order of their codes, each with a few points inside."""
        wanted = set(district_codes)
        found = []
        for place in directory().by_id.values():
            above = {one.level: one for one in directory().path(place.id)}
            if place.level == Level.GRID and above[Level.DISTRICT].code in wanted:
                found.append((place, above))
        shapes = Boundary.objects.filter(area__in=[place.id for place, _above in found], ends=None)
        shapes = {area_id: shapely.from_wkb(bytes(wkb)) for area_id, wkb in shapes.values_list("area_id", "wkb")}
        return [
            Site(
                place.id,
                place.code,
                place.name,
                place.kind,
                above[Level.COMMUNITY].id,
                above[Level.STREET].id,
                above[Level.DISTRICT].id,
                above[Level.CITY].id,
                points_in(shapes.get(place.id), place.code),
            )
            for place, above in sorted(found, key=lambda row: row[0].code)
        ]

    # -- people

    def holders(self, role: str, on: dt.date, *, area_id: int | None = None, unit_id: int | None = None):
        """The people who hold the role there that day, in the order in which they came."""
        rows = self._held.get((str(role), area_id, unit_id), ())
        return [person for starts, ends, person in rows if starts <= on and (ends is None or on < ends)]

    def officer(self, site: Site, on: dt.date) -> tuple[Person, str] | None:
        """The officer of a grid that day, full-time before part-time, with the role; None: vacant."""
        for role in (Role.OFFICER, Role.PART_TIME_OFFICER):
            found = self.holders(role, on, area_id=site.id)
            if found:
                return found[0], role.value
        return None

    def leaves(self, person: Person, role: str, on: dt.date, *, area_id: int) -> dt.date | None:
        """The day from which somebody who holds the role there on a day holds it no more; None: no end is set."""
        rows = self._held.get((str(role), area_id, None), ())
        ends = [end for starts, end, one in rows if one.id == person.id and starts <= on and (end is None or on < end)]
        return None if None in ends else max(ends, default=None)

    def chief(self, site: Site, on: dt.date) -> Person | None:
        """The grid leader of the grid, else of the community."""
        found = self.holders(Role.CHIEF, on, area_id=site.id) or self.holders(Role.CHIEF, on, area_id=site.community_id)
        return found[0] if found else None

    def one(self, dice: Random, role: str, on: dt.date, *, area_id=None, unit_id=None) -> Person | None:
        """Somebody who holds the role there."""
        found = self.holders(role, on, area_id=area_id, unit_id=unit_id)
        return dice.choice(found) if found else None

    # -- units, limits, personal data

    def unit_for(self, category, site: Site) -> UnitRef | None:
        """The unit of the category's lead department nearest to the site."""
        for area_id in (site.community_id, site.street_id, site.district_id, site.city_id):
            unit = self._units_of.get((area_id, category.lead))
            if unit is not None:
                return unit
        return None

    def unit(self, area_id: int, kind: str) -> UnitRef | None:
        """The unit of a kind in an area."""
        return self._units_of.get((area_id, kind))

    def suggestion(self, category, site: Site) -> dict | None:
        """What the default routing table proposes, as the worker writes it after a report."""
        key = (category.pk, site.community_id)
        if key not in self._suggestions:
            unit = self.unit_for(category, site)
            found = {"unit": unit.code, "name": unit.name, "reason": "routing"} if unit else None
            self._suggestions[key] = found
        return self._suggestions[key]

    def warm(self) -> "World":
        """Look up now what the lives will ask for; from here on the database is not needed."""
        for category in self.categories.values():
            for urgency in deadlines.URGENCIES:
                self.handling_limits(SimpleNamespace(category_id=category.pk, urgency=urgency))
        self.unit(self.city_id, "CC")
        return self

    def handling_limits(self, order, limit=None):
        """`timekeeping.handling_limits`, remembered."""
        key = (order.category_id, order.urgency, limit)
        if key not in self._stages:
            self._stages[key] = handling_limits(order, limit=limit)
        return self._stages[key]

    def urgency_steps(self, order) -> int:
        """How many steps an order lies above its category."""
        return deadlines.urgency_steps(order.category.urgency, order.urgency)

    def put_reporter(self, order, name: str, fields: dict):
        """Name and phone of the reporter with their masked forms."""
        phone = fields.get("reporter_phone", "")
        if (name, phone) not in self._masks:
            hashed = vault.keyed_hash(phone) if phone else ""
            self._masks[name, phone] = vault.mask_name(name), vault.mask_phone(phone), hashed
        order.reporter_name, order.reporter_phone = name, phone
        masked = self._masks[name, phone]
        order.reporter_name_masked, order.reporter_phone_masked, order.reporter_phone_hash = masked

    def resident(self, dice: Random) -> dict:
        """A made-up reporter with a made-up number."""
        return {"reporter_name": dice.choice(REPORTERS), "reporter_phone": f"138000{dice.randint(0, 299):05d}"}

    @staticmethod
    def secret(order_id: int) -> dict:
        """Token and code of a resident's report: from the vault's key, so that nobody reckons them from the number."""
        digits = vault.keyed_hash(f"made-up report {order_id}")
        code = "".join(CODE_LETTERS[int(digits[i : i + 4], 16) % 32] for i in range(0, 40, 4))
        return {"token": digits[-32:], "code": code}

    @staticmethod
    def last4(fields: dict) -> str:
        """The keyed hash of the last four digits of the reporter's phone."""
        phone = fields.get("reporter_phone", "")
        return vault.keyed_hash(f"last4:{phone[-4:]}") if phone else ""


def points_in(shape, seed: str, count: int = 4) -> tuple[tuple[float, float], ...]:
    """A few points inside an outline, the same for the same seed."""
    if shape is None:
        return ()
    dice = Random(hashlib.sha256(seed.encode()).hexdigest())
    west, south, east, north = shape.bounds
    shapely.prepare(shape)
    found = []
    for _try in range(60):
        lon, lat = round(dice.uniform(west, east), 6), round(dice.uniform(south, north), 6)
        if shapely.contains_xy(shape, lon, lat):
            found.append((lon, lat))
            if len(found) == count:
                return tuple(found)
    middle = shapely.point_on_surface(shape)
    return tuple(found) or ((round(middle.x, 6), round(middle.y, 6)),)
