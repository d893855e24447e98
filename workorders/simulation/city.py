"""A synthetic city for load tests: districts, streets, communities and square grids, with units and a full staff."""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, sqrt

import shapely
from django.contrib.auth.hashers import make_password
from django.db import connection

from core.errors import NotAllowedNow
from grids import directory, events, tree
from grids.levels import Kind, Level
from grids.models import Area, Boundary
from personnel.departments import Department, unit_code
from personnel.jurisdiction import units_changed
from personnel.models import Post, Unit, User
from personnel.roles import FIELD_ROLES, Role
from workorders.seeding import seed_routes
from workorders.simulation.loading import Table, reserve

PASSWORD = "gridgov-demo"  # noqa: S105 - the same public password as the demo's
SINCE = dt.date(2020, 1, 1)
GRIDS, COMMUNITIES, STREETS, DISTRICTS = 5, 8, 10, 99  # of one above: at most
SIDE = 0.004
_WEST, _SOUTH = 110.0, 30.0
_LOCAL = (Department.COMMUNITY, Department.STREET)
_CENTRE = (Role.ACCEPTOR, Role.DISPATCHER, Role.REVIEWER, Role.DUTY_LEADER, Role.INSPECTOR, Role.ASSESSOR)


@dataclass
class City:
    """What was built. number: 1 for the first synthetic city of a database; prefix: of its accounts."""

    id: int
    code: str
    number: int
    prefix: str
    district_codes: list[str]


def build(grids: int) -> City:
    """Build the city in the present transaction."""
    number = _free_number()
    rows = list(_rows(grids, number))
    areas = _areas(rows)
    _boundaries([areas[row["code"]] for row in rows if row["level"] == Level.GRID], number)
    units = _units(rows, areas)
    districts = [row["code"] for row in rows if row["level"] == Level.DISTRICT]
    for code in districts:
        seed_routes(areas[code], on=SINCE)
    prefix = "sim" if number == 1 else f"sim{number}"
    _staff(rows, areas, units, prefix)
    city = areas[rows[0]["code"]]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE grids_area, grids_boundary, personnel_unit, personnel_post, personnel_user")
    return City(city.pk, city.code, number, prefix, districts)


def _free_number() -> int:
    taken = set(Area.objects.filter(level=Level.CITY, code__startswith="99").values_list("code", flat=True))
    for number in range(1, 100):
        if f"99{number:02d}00000000" not in taken:
            return number
    raise NotAllowedNow("no_free_city", "There are 99 synthetic cities already.")


def _rows(grids: int, number: int) -> Iterator[dict]:
    """The areas top-down, each with its parent's code, in the order of their codes."""
    per_community = max(GRIDS, ceil(grids / (COMMUNITIES * STREETS * DISTRICTS)))
    city = f"99{number:02d}00000000"
    yield _row(city, f"模拟{number}市", Level.CITY, None)
    left = grids
    for d in range(1, DISTRICTS + 1):
        district = f"{city[:4]}{d:02d}000000"
        yield _row(district, f"模拟{d}区", Level.DISTRICT, city)
        for s in range(1, STREETS + 1):
            street = f"{district[:6]}{s:03d}000"
            yield _row(street, f"模拟{d}-{s}街道", Level.STREET, district)
            for c in range(1, COMMUNITIES + 1):
                community = f"{street[:9]}{c:03d}"
                yield _row(community, f"模拟{d}-{s}-{c}社区", Level.COMMUNITY, street)
                for g in range(1, min(per_community, left) + 1):
                    name = f"模拟{d}-{s}-{c}第{g}网格"
                    yield _row(f"{community}{g:03d}", name, Level.GRID, community)
                left -= min(per_community, left)
                if not left:
                    return


def _row(code: str, name: str, level: str, parent: str | None) -> dict:
    return {"code": code, "name": name, "level": str(level), "parent": parent}


def _areas(rows: list[dict]) -> dict[str, Area]:
    new = []
    for row in rows:
        grid = row["level"] == Level.GRID
        more = {"kind": Kind.URBAN, "households": 400, "population": 1000} if grid else {}
        new.append(Area(code=row["code"], name=row["name"], level=row["level"], starts=SINCE, **more))
    tree.graft(new, {row["code"]: row["parent"] for row in rows})
    events.record(events.Kind.IMPORTED, None, by=None, what="simulated", created=len(new), updated=0)
    directory.changed()
    return {area.code: area for area in new}


def _boundaries(grids: list[Area], number: int):
    """Squares in rows, west to east, north to south."""
    width = ceil(sqrt(len(grids)))
    rows = []
    for place, area in enumerate(grids):
        west = round(_WEST + place % width * SIDE, 6)
        north = round(_SOUTH + 2 * number - place // width * SIDE, 6)
        east, south = round(west + SIDE, 6), round(north - SIDE, 6)
        shape = shapely.box(west, south, east, north)
        rows.append(
            {
                "area_id": area.pk,
                "starts": SINCE,
                "ends": None,
                "geometry": json.loads(shapely.to_geojson(shape)),
                "wkb": shapely.to_wkb(shape),
                "min_lon": west,
                "min_lat": south,
                "max_lon": east,
                "max_lat": north,
            }
        )
    _copy(Table(Boundary), rows)


def _units(rows: list[dict], areas: dict[str, Area]) -> dict[str, Unit]:
    found = []
    for row in rows:
        level = row["level"]
        if level in (Level.CITY, Level.DISTRICT):
            kinds = [kind for kind in Department if kind not in _LOCAL]
        elif level == Level.STREET:
            kinds = [Department.STREET]
        else:
            kinds = [Department.COMMUNITY] if level == Level.COMMUNITY else []
        for kind in kinds:
            code = unit_code(row["code"], level, kind)
            name = f"{row['name']} {kind.value}"
            found.append(Unit(code=code, name=name, kind=kind.value, area=areas[row["code"]], starts=SINCE))
    Unit.objects.bulk_create(found, batch_size=2000)
    units_changed()
    return {unit.code: unit for unit in found}


def _staff(rows: list[dict], areas: dict[str, Area], units: dict[str, Unit], prefix: str):
    seats: list[tuple[str, str, str | None, str | None]] = []  # account, role, area code, unit code
    counted: dict[str, int] = {}

    def seat(role: str, area: str | None = None, unit: str | None = None):
        counted[role] = counted.get(role, 0) + 1
        # The first holder of a role is called by it alone; officers are counted besides.
        name = f"{prefix}-{role}" if counted[role] == 1 else f"{prefix}-{role}-{counted[role]}"
        seats.append((name, str(role), area, unit))

    for row in rows:
        code, level = row["code"], row["level"]
        if level in (Level.CITY, Level.DISTRICT):
            for role in _CENTRE:
                if level == Level.DISTRICT:
                    seat(role, code)
                else:
                    seats.append((f"{prefix}-city-{role}", str(role), code, None))
        elif level == Level.STREET:
            seat(Role.INSTRUCTOR, code)
            seat(Role.MANAGER, code)
        elif level == Level.COMMUNITY:
            seat(Role.CLERK, code)
            seat(Role.CHIEF, code)
        else:
            seat(Role.OFFICER, code)
            if counted[Role.OFFICER] == 1:
                for role in sorted(FIELD_ROLES - {Role.OFFICER, Role.CHIEF}):
                    seat(role, code)
    district = next(row["code"] for row in rows if row["level"] == Level.DISTRICT)
    for role in (Role.AUDITOR, Role.SECURITY_ADMIN, Role.ADMIN):
        seat(role, district)
    names = sorted(units, key=lambda code: code != unit_code(district, Level.DISTRICT, Department.URBAN_MANAGEMENT))
    for code in names:
        seat(Role.HANDLER, unit=code)
    seat(Role.UNIT_HEAD, unit=names[0])
    _write_staff(seats, areas, units)


def _write_staff(seats, areas, units):
    people, posts = Table(User, with_id=True), Table(Post)
    password = make_password(PASSWORD)
    ids = reserve(User, len(seats))
    joined = dt.datetime.combine(SINCE, dt.time(), tzinfo=dt.UTC)
    same = {**people.blank, "password": password, "is_demo": True, "date_joined": joined}
    users = [
        {**same, "id": pk, "username": name, "name": f"模拟{name.partition('-')[2]}"}
        for pk, (name, *_rest) in zip(ids, seats, strict=True)
    ]
    _copy(people, users)
    _copy(
        posts,
        [
            {
                **posts.blank,
                "person_id": pk,
                "role": role,
                "area_id": areas[area].pk if area else None,
                "unit_id": units[unit].pk if unit else None,
                "starts": SINCE,
                "ends": None,
            }
            for pk, (_name, role, area, unit) in zip(ids, seats, strict=True)
        ],
    )


def _copy(table: Table, rows: list[dict]):
    with connection.cursor() as cursor:
        table.copy(cursor, table.text(rows))
