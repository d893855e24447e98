"""The demo city's units and people: the cast everybody logs in as, and a full staff around it."""

import datetime as dt
from dataclasses import dataclass, field
from random import Random

from django.contrib.auth.hashers import make_password

from core import clock
from core.events import GENESIS
from grids.levels import Level
from grids.models import Area
from personnel.departments import Department, unit_code
from personnel.jurisdiction import units_changed
from personnel.models import Post, PostEvent, Unit, User
from personnel.roles import Role
from workorders.demo import names
from workorders.demo.areas import DISTRICTS, is_village, short_name
from workorders.seeding import seed_routes

PASSWORD = "gridgov-demo"  # noqa: S105 - the demo's public password
MAIN_GRID, MAIN_COMMUNITY, MAIN_STREET = "620105006001001", "620105006001", "620105006000"
CITY, SECOND_GRID = "620100000000", "620102001001001"
SINCE = dt.date(2021, 3, 1)
# Departments have no part of their own in the centres below; these three sit at every level's own places.
_LOCAL = (Department.COMMUNITY, Department.STREET)
DISTRICT_KINDS = tuple(kind for kind in Department if kind not in _LOCAL)
_BODIES = {
    "UM": "城市管理局",
    "HC": "住房和城乡建设局",
    "PC": "社会治安综合治理中心",
    "PS": "公安分局",
    "JU": "司法局",
    "CA": "民政局",
    "HR": "人力资源和社会保障局",
    "MS": "市场监督管理局",
    "EM": "应急管理局",
    "FR": "消防救援大队",
    "EE": "生态环境分局",
    "HE": "卫生健康局",
    "TR": "交通运输局",
    "WA": "水务局",
    "AG": "农业农村局",
    "ED": "教育局",
    "LR": "自然资源分局",
    "VA": "退役军人事务局",
    "DF": "残疾人联合会",
    "WF": "妇女联合会",
    "UT": "公用事业服务中心",
    "GA": "园林绿化中心",
    "CU": "文化和旅游局",
    "FI": "金融工作办公室",
    "MB": "医疗保障局",
    "PR": "宣传部",
    "CC": "指挥中心",
}

# user name, name, role, code of the area or unit
CAST = (
    ("officer", "王小梅", Role.OFFICER, MAIN_GRID),
    ("officer2", "李强", Role.OFFICER, SECOND_GRID),
    ("chief", "陈建国", Role.CHIEF, MAIN_GRID),
    ("instructor", "欧阳娜", Role.INSTRUCTOR, MAIN_STREET),
    ("manager", "褚伟", Role.MANAGER, MAIN_STREET),
    ("clerk", "冯丽", Role.CLERK, MAIN_COMMUNITY),
    ("acceptor", "沈静", Role.ACCEPTOR, DISTRICTS[0]),
    ("dispatcher", "韩磊", Role.DISPATCHER, DISTRICTS[0]),
    ("reviewer", "朱琳", Role.REVIEWER, DISTRICTS[0]),
    ("assessor", "秦明", Role.ASSESSOR, DISTRICTS[0]),
    ("inspector", "蒋严", Role.INSPECTOR, DISTRICTS[0]),
    ("auditor", "尤真", Role.AUDITOR, DISTRICTS[0]),
    ("duty", "杨帆", Role.DUTY_LEADER, DISTRICTS[0]),
    ("dispatcher2", "曹宁", Role.DISPATCHER, DISTRICTS[1]),
    ("handler", "吕涛", Role.HANDLER, "620105-UM"),
    ("handler2", "张伟", Role.HANDLER, "620105-HC"),
)
_CENTRE = (Role.ACCEPTOR, Role.DISPATCHER, Role.REVIEWER, Role.DUTY_LEADER, Role.INSPECTOR, Role.ASSESSOR)


@dataclass
class Staff:
    """People and posts to be written."""

    password: str
    users: list[User] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)

    def add(self, username: str, name: str, role: str, place, starts: dt.date = SINCE, ends: dt.date | None = None):
        """A person with one post."""
        user = User(username=username, name=name, password=self.password, is_demo=True)
        self.users.append(user)
        self.post(user, role, place, starts, ends)
        return user

    def post(self, user: User, role: str, place, starts: dt.date, ends: dt.date | None = None):
        """One more post."""
        where = {"unit": place} if isinstance(place, Unit) else {"area": place}
        self.posts.append(Post(person=user, role=role, starts=starts, ends=ends, **where))

    def store(self):
        """Write them."""
        User.objects.bulk_create(self.users, batch_size=1000)
        for post in self.posts:
            post.person_id = post.person.pk
        Post.objects.bulk_create(self.posts, batch_size=1000)
        PostEvent.objects.bulk_create([_appointed(post) for post in self.posts], batch_size=1000)


def _appointed(post: Post) -> PostEvent:
    """The event every post begins with."""
    place = post.area or post.unit
    return PostEvent(
        post=post,
        kind=PostEvent.Kind.APPOINTED,
        at=clock.day(post.starts)[0],
        area_name=place.name,
        data={
            "person": post.person_id,
            "role": post.role,
            "place": place.code,
            "starts": post.starts,
            "ends": post.ends,
        },
    ).seal(GENESIS, 1)


def load(rotation: dt.date) -> None:
    """Units with their routes, the cast, and a full staff. rotation: the day on which officers changed places."""
    city = Area.objects.get(code=CITY)
    areas = list(Area.objects.under(city).order_by("code"))
    areas = [one for one in areas if one.code == CITY or one.code[:6] in {code[:6] for code in DISTRICTS}]
    units = _units(areas)
    for code in DISTRICTS:
        seed_routes(next(one for one in areas if one.code == code), on=SINCE)
    _people(areas, units, rotation)


def _units(areas: list[Area]) -> dict[str, Unit]:
    found = []
    for area in areas:
        place = short_name(area.name) if area.level == Level.COMMUNITY else area.name
        if area.level in (Level.CITY, Level.DISTRICT):
            for kind in DISTRICT_KINDS:
                body = (
                    _BODIES[kind.value] if area.level == Level.DISTRICT else _BODIES[kind.value].replace("分局", "局")
                )
                found.append(_unit(area, kind, f"{place}{body}"))
        elif area.level == Level.STREET:
            body = "人民政府" if area.name.endswith("镇") else "办事处"
            found.append(_unit(area, Department.STREET, f"{place}{body}"))
            found.append(_unit(area, Department.POLICE, f"{place}派出所"))
        elif area.level == Level.COMMUNITY:
            body = "村民委员会" if is_village(area.name) else "社区居民委员会"
            found.append(_unit(area, Department.COMMUNITY, f"{place}{body}"))
    Unit.objects.bulk_create(found, batch_size=1000)
    units_changed()
    return {unit.code: unit for unit in found}


def _unit(area: Area, kind: Department, name: str) -> Unit:
    return Unit(code=unit_code(area.code, area.level, kind), name=name, kind=kind.value, area=area, starts=SINCE)


def _people(areas: list[Area], units: dict[str, Unit], rotation: dt.date):
    staff = Staff(make_password(PASSWORD))
    by_code = {area.code: area for area in areas}
    places = {**by_code, **units}
    taken = set()
    for username, name, role, code in CAST:
        starts = rotation if username == "officer" else SINCE
        staff.add(username, name, role, places[code], starts)
        taken.add((role, code))
    staff.users.append(
        User(
            username="admin", name="系统管理员", password=staff.password, is_demo=True, is_staff=True, is_superuser=True
        )
    )
    made = names.people("gridgov demo")
    cast_names = {name for _username, name, *_rest in CAST}
    made = (name for name in made if name not in cast_names)
    _centres(staff, by_code, made)
    _streets(staff, areas, made, taken)
    _communities(staff, areas, made, taken)
    _units_staff(staff, units, made)
    _officers(staff, areas, made, rotation)
    # A scheme is drafted by one assessor and approved by two others: with the city's there are three.
    staff.add(f"assessor-{DISTRICTS[0][:6]}-2", next(made), Role.ASSESSOR, by_code[DISTRICTS[0]])
    staff.store()


def _centres(staff, by_code, made):
    for code in (CITY, *DISTRICTS):
        for role in _CENTRE:
            seats = 2 if role in (Role.ACCEPTOR, Role.DISPATCHER, Role.REVIEWER) and code != CITY else 1
            cast = code == DISTRICTS[0] or (code == DISTRICTS[1] and role == Role.DISPATCHER)
            for seat in range(1, seats + 1 - int(cast)):
                staff.add(f"{role.value}-{code[:6]}-{seat}", next(made), role, by_code[code])


def _streets(staff, areas, made, taken):
    for area in areas:
        if area.level == Level.STREET:
            for role in (Role.INSTRUCTOR, Role.MANAGER):
                if (role, area.code) not in taken:
                    staff.add(f"{role.value}-{area.code[:9]}", next(made), role, area)


def _communities(staff, areas, made, taken):
    for area in areas:
        if area.level == Level.COMMUNITY:
            if (Role.CLERK, area.code) not in taken:
                staff.add(f"clerk-{area.code}", next(made), Role.CLERK, area)
            if area.code != MAIN_COMMUNITY:
                staff.add(f"chief-{area.code}", next(made), Role.CHIEF, area)


def _units_staff(staff, units, made):
    for code, unit in units.items():
        if unit.kind == Department.COMMAND_CENTRE:
            continue
        if code not in ("620105-UM", "620105-HC"):
            staff.add(f"handler-{code}", next(made), Role.HANDLER, unit)
        if unit.kind not in (Department.COMMUNITY,):
            staff.add(f"head-{code}", next(made), Role.UNIT_HEAD, unit)


def _officers(staff: Staff, areas, made, rotation: dt.date):
    """An officer for nearly every grid: a few vacant, some part-time, some who changed places."""
    dice = Random("gridgov demo officers")
    before = None
    for area in (one for one in areas if one.level == Level.GRID):
        fate = dice.random()
        if area.code == MAIN_GRID:
            # Whoever held the main grid before the cast's officer went to the grid beside it, and sent its officer off.
            before = staff.add(f"officer-{area.code}", next(made), Role.OFFICER, area, SINCE, rotation)
        elif area.code == f"{MAIN_COMMUNITY}002":
            staff.add(f"former-{area.code}", next(made), Role.OFFICER, area, SINCE, rotation)
            staff.post(before, Role.OFFICER, area, rotation)
        elif area.code == SECOND_GRID:
            continue
        elif fate < 0.025:
            staff.add(f"former-{area.code}", next(made), Role.OFFICER, area, SINCE, rotation)
        elif fate < 0.09:
            staff.add(f"part-{area.code}", next(made), Role.PART_TIME_OFFICER, area)
        elif fate < 0.17:
            changed = dice.choice((rotation, SINCE + dt.timedelta(days=400)))
            staff.add(f"former-{area.code}", next(made), Role.OFFICER, area, SINCE, changed)
            staff.add(f"officer-{area.code}", next(made), Role.OFFICER, area, changed)
        else:
            staff.add(f"officer-{area.code}", next(made), Role.OFFICER, area)
            if fate > 0.8:
                staff.add(f"part-{area.code}", next(made), Role.PART_TIME_OFFICER, area)
