"""The demo city's orders: three calendar months and the present one, and what the tour through the city needs."""

import datetime as dt
from collections.abc import Iterator
from random import Random

from core import clock
from workorders.demo.areas import DISTRICTS
from workorders.demo.people import MAIN_GRID
from workorders.models import WorkOrder
from workorders.simulation import loading
from workorders.simulation.life import Life
from workorders.simulation.planning import Planner
from workorders.simulation.stories import CALM
from workorders.simulation.world import Site, World

SEED = "gridgov demo orders"
# Orders of a grid in a whole month: (fewest, most).
BUSY, QUIET = (6, 19), (0, 2)


def months(now: dt.datetime) -> list[dt.date]:
    """The firsts of the three calendar months before this one, and of this one."""
    first = clock.date_of(now).replace(day=1)
    found = [first]
    for _month in range(3):
        found.append((found[-1] - dt.timedelta(days=1)).replace(day=1))
    return found[::-1]


def load(city_id: int, now: dt.datetime) -> list[Life]:
    """Make and write the orders; returns those still open."""
    world = World(city_id, on=clock.date_of(now))
    dice = Random(SEED)
    planner = Planner(world, dice, until=now)
    beginnings = sorted(_beginnings(world, dice, now), key=lambda one: (one[0], one[1].code))
    ids = iter(loading.reserve(WorkOrder, len(beginnings)))
    lives = [planner.life(next(ids), site, at, **wanted) for at, site, wanted in beginnings]
    loading.store(lives)
    return [life for life in lives if life.is_open]


def _beginnings(world: World, dice: Random, now: dt.datetime) -> Iterator[tuple[dt.datetime, Site, dict]]:
    planner = Planner(world, dice, until=now)
    for district, (fewest, most) in zip(DISTRICTS, (BUSY, QUIET), strict=True):
        for site in world.sites([district]):
            for first in months(now):
                wanted = {"odds": CALM} if site.code == MAIN_GRID else {}
                since, until = clock.month(first.year, first.month)
                days = (until - since).days
                lived = min((now - since) / (until - since), 1)
                count = round(dice.randint(fewest, most) * lived)
                for _order in range(count):
                    day = first + dt.timedelta(days=dice.randrange(days))
                    at = planner.moment(day)
                    if at < now:
                        yield at, site, dict(wanted)
