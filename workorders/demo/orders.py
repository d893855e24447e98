"""The demo city's orders: three calendar months and the present one, and what a tour through the city needs."""

import datetime as dt
from collections.abc import Iterator
from random import Random

from core import clock
from workorders import worktime
from workorders.demo.areas import DISTRICTS
from workorders.demo.people import MAIN_GRID
from workorders.demo.photos import Album
from workorders.models import WorkOrder
from workorders.simulation import loading
from workorders.simulation.course import CALM
from workorders.simulation.life import Life
from workorders.simulation.planning import Planner
from workorders.simulation.stories import ASKED, RETURNED
from workorders.simulation.world import Site, World
from workorders.vocabulary import FINAL, Status

S = Status
SEED = "gridgov demo orders"
# Orders of a grid in a whole month: (fewest, most).
BUSY, QUIET = (6, 19), (0, 2)

# What must be there to be looked at: how far back in working hours it began, how it is told, what comes of it.
# Kept in the main grid and in some others: (status at the end, where it is held, way, category, hours back).
TOUR = (
    (S.REPORTED, S.REPORTED, "unit", "0603", (0.2, 1.2)),
    (S.REPORTED, S.REPORTED, "unit", "0604", (0.2, 1.5)),
    (S.VERIFYING, S.VERIFYING, "unit", "0701", (1.0, 3.0)),
    (S.FILED, S.FILED, "unit", "0502", (1.5, 3.5)),
    (S.FILED, S.FILED, "unit", "0601", (0.4, 0.9)),
    (S.FILED, RETURNED, "unit", "0504", (4.0, 8.0)),
    (S.DISPATCHED, S.DISPATCHED, "unit", "0502", (3.0, 6.0)),
    (S.DISPATCHED, S.DISPATCHED, "unit", "0601", (1.0, 1.8)),
    (S.HANDLING, S.HANDLING, "unit", "0603", (6.0, 14.0)),
    (S.HANDLING, S.HANDLING, "unit", "0601", (6.0, 16.0)),
    (S.HANDLING, ASKED, "unit", "0603", (16.0, 24.0)),
    (S.HANDLING, ASKED, "unit", "0103", (24.0, 40.0)),
    (S.HANDLING, ASKED, "unit", "1403", (40.0, 60.0)),
    (S.HANDLING, S.HANDLING, "self", "0501", (0.8, 2.2)),
    (S.SUSPENDED, S.SUSPENDED, "unit", "0505", (40.0, 90.0)),
    (S.FED_BACK, S.FED_BACK, "unit", "0502", (8.0, 20.0)),
    (S.FED_BACK, S.FED_BACK, "community", "0205", (10.0, 30.0)),
    (S.FED_BACK, S.FED_BACK, "spot", "0302", (0.5, 2.5)),
    (S.REVISITING, S.REVISITING, "unit", "0502", (14.0, 28.0)),
    (S.REVISITING, S.REVISITING, "unit", "0601", (20.0, 45.0)),
    (S.DECLINED, "", "declined", "", (6.0, 20.0)),
    (S.VOIDED, "", "voided", "", (3.0, 20.0)),
)
_TRIES = 40


def months(now: dt.datetime) -> list[dt.date]:
    """The firsts of the three calendar months before this one, and of this one."""
    found = [clock.date_of(now).replace(day=1)]
    for _month in range(3):
        found.append((found[-1] - dt.timedelta(days=1)).replace(day=1))
    return found[::-1]


def load(city_id: int, now: dt.datetime, album: Album) -> list[Life]:
    """Make and write the orders; returns their lives."""
    world = World(city_id, on=clock.date_of(now))
    dice = Random(SEED)
    planner = Planner(world, dice, until=now)
    planner.photos = album
    sites = {site.code: site for site in world.sites(DISTRICTS)}
    beginnings = sorted(_beginnings(planner, sites.values(), now), key=lambda one: (one[0], one[1].code))
    tour = list(_tour_sites(sites, dice))
    ids = iter(loading.reserve(WorkOrder, len(beginnings) + len(tour) * len(TOUR)))
    lives = [_told(planner, next(ids), site, at, wanted, now) for at, site, wanted in beginnings]
    for site in tour:
        for row in TOUR:
            life = _staged(planner, next(ids), site, row, now)
            if life is not None:
                lives.append(life)
    loading.store(lives)
    album.store()
    return lives


def _beginnings(planner: Planner, sites, now: dt.datetime) -> Iterator[tuple[dt.datetime, Site, dict]]:
    dice = planner.dice
    for site in sites:
        fewest, most = BUSY if site.code.startswith(DISTRICTS[0][:6]) else QUIET
        is_main = site.code == MAIN_GRID
        for first in months(now):
            since, until = clock.month(first.year, first.month)
            lived = min((now - since) / (until - since), 1)
            for _order in range(round(dice.randint(fewest, most) * lived)):
                at = planner.moment(first + dt.timedelta(days=dice.randrange((until - since).days)))
                if at < now:
                    yield at, site, {"odds": CALM} if is_main else {}
        if is_main:
            yield from _overdue(planner.world, site, months(now)[2])


def _overdue(world: World, site: Site, first: dt.date) -> Iterator[tuple[dt.datetime, Site, dict]]:
    """The two orders last month's officer of the main grid finished late, by less than what brings a card."""
    calendar = world.calendar
    for number, (code, hour, minutes) in ((6, ("0501", 9, 70)), (11, ("0503", 10, 45))):
        day = clock.date_of(worktime.nth_workday_end(calendar, clock.day(first)[0], number))
        at = clock.day(day)[0] + dt.timedelta(hours=hour, minutes=12)
        yield at, site, {"way": "self", "code": code, "source": "patrol", "odds": CALM, "late_minutes": minutes}


def _tour_sites(sites: dict[str, Site], dice: Random) -> Iterator[Site]:
    """The main grid, some others of its district, one or two of the other."""
    yield sites[MAIN_GRID]
    for district, count in zip(DISTRICTS, (5, 2), strict=True):
        others = [site for code, site in sites.items() if code.startswith(district[:6]) and code != MAIN_GRID]
        yield from dice.sample(others, count)


def _told(planner: Planner, pk: int, site: Site, at: dt.datetime, wanted: dict, now: dt.datetime) -> Life:
    """An ordinary order. What began in the main grid before this month is over and was done once: told again until it
    is, whatever the dice say and the orders' numbers, by which some are sampled."""
    life = planner.life(pk, site, at, **wanted)
    tries = _TRIES if site.code == MAIN_GRID and at < clock.day(months(now)[-1])[0] else 0
    while tries and (life.order.status not in FINAL or life.order.reworks):
        planner.photos.forget(pk)
        life = planner.life(pk, site, at, **wanted)
        tries -= 1
    return life


def _staged(planner: Planner, pk: int, site: Site, row: tuple, now: dt.datetime) -> Life | None:
    """An order that stands today where the tour wants one; told again until it does."""
    status, hold, way, code, (fewest, most) = row
    for _try in range(_TRIES):
        hours = planner.dice.uniform(fewest, most)
        at = worktime.add_working(planner.world.calendar, now, -hours * 3600)
        at = min(at, now - dt.timedelta(minutes=4)).replace(microsecond=0)
        pictured = site.code == MAIN_GRID and way == "unit" and code.startswith(("05", "06"))
        life = planner.life(pk, site, at, way=way, code=code, hold=str(hold), odds=CALM, pictured=pictured)
        asked, returned = hold == ASKED, hold == RETURNED
        if (life.order.status, life.order.extension_pending, life.order.returns) == (status, asked, returned):
            return life
        planner.photos.forget(pk)
    return None
