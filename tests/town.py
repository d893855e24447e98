"""The cast: one small city. Tests start here and add what they are about.

    兰州市                                     city
      安宁区 620105                            district     UM HC CC
        银滩路街道                              street       ST
          农大社区                              community    CO    grids main_grid, next_grid
          石磊庄社区                            community2   CO    grid3
        培黎街道                                street2      ST
          培黎社区                              community3   CO    grid4
      城关区 620102                            district2    UM CC
        酒泉路街道                              street3      ST
          畅家巷社区                            community4   CO    grids far_grid, grid6

The six grids are squares of 0.01° in one row from 103.70°E, 36.10°N, in the order of the list above, and tile it.
"""

import datetime as dt
import functools
from types import SimpleNamespace

import shapely
from django.contrib.auth.hashers import make_password

from core import clock, revisions
from grids.models import Area, Boundary
from personnel.models import Post, Unit, User
from personnel.roles import Role

PASSWORD = "gridgov-demo"
SINCE = dt.date(2020, 1, 1)
SIDE, WEST, SOUTH = 0.01, 103.70, 36.10

# attribute, code, name, level, kind, parent's attribute; depth first, siblings by code
AREAS = (
    ("city", "620100000000", "兰州市", "city", "", None),
    ("district2", "620102000000", "城关区", "district", "", "city"),
    ("street3", "620102001000", "酒泉路街道", "street", "", "district2"),
    ("community4", "620102001001", "畅家巷社区", "community", "", "street3"),
    ("far_grid", "620102001001001", "畅家巷一网格", "grid", "urban", "community4"),
    ("grid6", "620102001001002", "畅家巷二网格", "grid", "urban", "community4"),
    ("district", "620105000000", "安宁区", "district", "", "city"),
    ("street2", "620105001000", "培黎街道", "street", "", "district"),
    ("community3", "620105001005", "培黎社区", "community", "", "street2"),
    ("grid4", "620105001005001", "培黎一网格", "grid", "urban", "community3"),
    ("street", "620105006000", "银滩路街道", "street", "", "district"),
    ("community", "620105006001", "农大社区", "community", "", "street"),
    ("main_grid", "620105006001001", "农大一网格", "grid", "urban", "community"),
    ("next_grid", "620105006001002", "农大二网格", "grid", "urban", "community"),
    ("community2", "620105006002", "石磊庄社区", "community", "", "street"),
    ("grid3", "620105006002001", "石磊庄一网格", "grid", "rural", "community2"),
)
# the squares, west to east
ROW = ("main_grid", "next_grid", "grid3", "grid4", "far_grid", "grid6")

# attribute, code, name, area's attribute
UNITS = (
    ("um", "620105-UM", "安宁区城市管理局", "district"),
    ("hc", "620105-HC", "安宁区住房和城乡建设局", "district"),
    ("cc", "620105-CC", "安宁区指挥中心", "district"),
    ("st", "620105006-ST", "银滩路街道办事处", "street"),
    ("st2", "620105001-ST", "培黎街道办事处", "street2"),
    ("co", "620105006001-CO", "农大社区居委会", "community"),
    ("co2", "620105006002-CO", "石磊庄社区居委会", "community2"),
    ("co3", "620105001005-CO", "培黎社区居委会", "community3"),
    ("um2", "620102-UM", "城关区城市管理局", "district2"),
    ("cc2", "620102-CC", "城关区指挥中心", "district2"),
    ("st3", "620102001-ST", "酒泉路街道办事处", "street3"),
    ("co4", "620102001001-CO", "畅家巷社区居委会", "community4"),
)

# attribute and user name, name, role, attribute of the area or unit
PEOPLE = (
    ("officer", "王小梅", Role.OFFICER, "main_grid"),
    ("officer2", "李强", Role.OFFICER, "far_grid"),
    ("neighbour", "赵敏", Role.OFFICER, "next_grid"),
    ("part_timer", "孙阿姨", Role.PART_TIME_OFFICER, "main_grid"),
    ("chief", "陈建国", Role.CHIEF, "main_grid"),
    ("police", "周正", Role.POLICE, "main_grid"),
    ("building_head", "吴大爷", Role.BUILDING_HEAD, "main_grid"),
    ("informant", "郑洁", Role.INFORMANT, "main_grid"),
    ("clerk", "冯丽", Role.CLERK, "community"),
    ("instructor", "欧阳娜", Role.INSTRUCTOR, "street"),
    ("manager", "褚伟", Role.MANAGER, "street"),
    ("elsewhere", "卫东", Role.MANAGER, "street2"),  # the one on the wrong street
    ("inspector", "蒋严", Role.INSPECTOR, "district"),
    ("acceptor", "沈静", Role.ACCEPTOR, "district"),
    ("dispatcher", "韩磊", Role.DISPATCHER, "district"),
    ("duty", "杨帆", Role.DUTY_LEADER, "district"),
    ("reviewer", "朱琳", Role.REVIEWER, "district"),
    ("assessor", "秦明", Role.ASSESSOR, "district"),
    ("auditor", "尤真", Role.AUDITOR, "district"),
    ("security_admin", "许安", Role.SECURITY_ADMIN, "district"),
    ("system_admin", "何平", Role.ADMIN, "district"),
    ("handler", "吕涛", Role.HANDLER, "um"),
    ("head", "施勇", Role.UNIT_HEAD, "um"),
    ("handler2", "张伟", Role.HANDLER, "hc"),
    ("acceptor2", "孔亮", Role.ACCEPTOR, "district2"),
    ("dispatcher2", "曹宁", Role.DISPATCHER, "district2"),
    ("far_handler", "严肃", Role.HANDLER, "um2"),
)


class Town(SimpleNamespace):
    """Areas, units and people as attributes; `on` is the day the town was built for, `password` everybody's."""

    @property
    def grids(self) -> list[Area]:
        """The six grids, west to east."""
        return [getattr(self, name) for name in ROW]

    @property
    def people(self) -> list[User]:
        """Everybody with a post today, the administrator and the former officer left out."""
        return [getattr(self, name) for name, *_ in PEOPLE]

    def inside(self, grid: Area) -> tuple[float, float]:
        """The middle of a grid as (lon, lat)."""
        column = [one.pk for one in self.grids].index(grid.pk)
        return round(WEST + (column + 0.5) * SIDE, 6), round(SOUTH + 0.5 * SIDE, 6)

    def role(self, role: str) -> User:
        """The first person of the cast who holds the role."""
        return next(getattr(self, name) for name, _, held, _ in PEOPLE if held == role)


def build(on: dt.date | None = None) -> Town:
    """Build the city in a handful of statements; posts hold since 2020, the former officer's ended on `on`."""
    on = on or clock.today()
    town = Town(on=on, password=PASSWORD)
    _areas(town)
    _boundaries(town)
    units = [
        Unit(code=code, name=name, kind=code[-2:], area=getattr(town, area), starts=SINCE)
        for _, code, name, area in UNITS
    ]
    for (attribute, *_), unit in zip(UNITS, Unit.objects.bulk_create(units), strict=True):
        setattr(town, attribute, unit)
    _people(town)
    revisions.reset_all()
    return town


def _areas(town: Town) -> None:
    nodes = {
        attribute: Area(code=code, name=name, level=level, kind=kind) for attribute, code, name, level, kind, _ in AREAS
    }
    below: dict[str | None, list[str]] = {}
    for attribute, *_, parent in AREAS:
        below.setdefault(parent, []).append(attribute)
    tree = (Area.objects.order_by("-tree_id").values_list("tree_id", flat=True).first() or 0) + 1

    def number(attribute: str, depth: int, left: int) -> int:
        right = left + 1
        for child in below.get(attribute, ()):
            right = number(child, depth + 1, right) + 1
        node = nodes[attribute]
        node.tree_id, node.depth, node.lft, node.rght = tree, depth, left, right
        return right

    number("city", 0, 1)
    for depth in range(5):  # parents have their numbers before their children are written
        floor = [row for row in AREAS if nodes[row[0]].depth == depth]
        for attribute, *_, parent in floor:
            nodes[attribute].parent = nodes[parent] if parent else None
        Area.objects.bulk_create([nodes[row[0]] for row in floor])
    for attribute, node in nodes.items():
        setattr(town, attribute, node)
    town.grid = town.main_grid


def _boundaries(town: Town) -> None:
    rows = []
    for column, attribute in enumerate(ROW):
        west, east = round(WEST + column * SIDE, 6), round(WEST + (column + 1) * SIDE, 6)
        north = round(SOUTH + SIDE, 6)
        square = shapely.box(west, SOUTH, east, north)
        rows.append(
            Boundary(
                area=getattr(town, attribute),
                starts=SINCE,
                geometry=shapely.geometry.mapping(square),
                wkb=shapely.to_wkb(square),
                min_lon=west,
                min_lat=SOUTH,
                max_lon=east,
                max_lat=north,
            )
        )
    Boundary.objects.bulk_create(rows)


def _people(town: Town) -> None:
    password = _hashed()
    users = [User(username=username, name=name, password=password, is_demo=True) for username, name, *_ in PEOPLE]
    users.append(User(username="former", name="金辉", password=password, is_demo=True))
    users.append(
        User(username="admin", name="管理员", password=password, is_staff=True, is_superuser=True, is_demo=True)
    )
    for user in User.objects.bulk_create(users):
        setattr(town, user.username, user)
    posts = []
    for username, _, role, place in PEOPLE:
        where = {"unit" if isinstance(getattr(town, place), Unit) else "area": getattr(town, place)}
        posts.append(Post(person=getattr(town, username), role=role, starts=SINCE, **where))
    posts.append(Post(person=town.former, role=Role.OFFICER, area=town.main_grid, starts=SINCE, ends=town.on))
    Post.objects.bulk_create(posts)


@functools.cache
def _hashed() -> str:
    return make_password(PASSWORD)
