"""simulate: a synthetic city and its orders through COPY, made by processes beside the one that writes.

The moments of all orders are drawn first and sorted; slices of them are told as stories by helper processes, each with
a dice of its own made from the seed and the slice, and written in order. Memory stays at a few slices.
"""

import datetime as dt
import multiprocessing
import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

import numpy as np
from django.db import connection

from core import clock, revisions
from core.transactions import be_patient, unit_of_work
from workorders import figures, searching
from workorders.models import WorkOrder
from workorders.simulation import city, loading
from workorders.simulation.planning import HOURS, Planner
from workorders.simulation.world import World

SLICE = 2000
WEEKEND = 0.6
_told: dict = {}  # what a helper process inherits


@dataclass
class Result:
    """What was loaded, and how fast."""

    city: city.City
    orders: int
    events: int
    rows: int
    seconds: float


def run(
    *, grids: int, orders: int, months: int, seed: int, now: dt.datetime, tell: Callable[[str], None], helpers: int = 0
) -> Result:
    """Load the city and its orders in one transaction: all of it or nothing. helpers: processes, 0 for one per core."""
    began = time.monotonic()
    with unit_of_work():
        be_patient()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # checked slice by slice, not kept in memory to the end
        built = city.build(grids)
        tell(f"{built.code}: {grids} grids in {time.monotonic() - began:.1f} s")
        world = World(built.id, on=clock.date_of(now)).warm()
        sites = world.sites(built.district_codes)
        done = Result(built, 0, 0, 0, 0.0)
        [first] = loading.reserve(WorkOrder, 1)
        moments = _moments(orders, months, seed, now)
        for batch in _batches(world, sites, moments, seed, now, helpers or os.cpu_count() or 1):
            loading.send(batch)
            done.orders += batch.texts[0].count("\n")
            done.events += batch.events
            done.rows += batch.rows
            if done.orders % (10 * SLICE) == 0:
                tell(f"{done.orders} orders, {done.rows / (time.monotonic() - began):.0f} rows/s")
        searching.sort_in_all(after=first - 1)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    done.seconds = time.monotonic() - began
    began = time.monotonic()
    counted = figures.count_everything(now)
    tell(f"{counted} orders counted for the boards in {time.monotonic() - began:.1f} s")
    return done


def _moments(orders: int, months: int, seed: int, now: dt.datetime) -> np.ndarray:
    """Seconds since the epoch at which the orders begin, ascending: by day of the week and hour of the day."""
    dice = np.random.default_rng(seed)
    last = clock.date_of(now)
    first = last
    for _month in range(months):
        first = (first.replace(day=1) - dt.timedelta(days=1)).replace(day=min(last.day, 28))
    days = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    weights = np.array([WEEKEND if day.weekday() >= 5 else 1.0 for day in days])
    hours = np.array(HOURS, dtype=float)
    start = int(clock.day(first)[0].timestamp())
    chosen = dice.choice(len(days), size=orders, p=weights / weights.sum()).astype(np.int64) * 86400
    chosen += dice.choice(24, size=orders, p=hours / hours.sum()).astype(np.int64) * 3600
    chosen += dice.integers(0, 3600, size=orders)
    # What would lie ahead of the present moves one day back.
    chosen = np.where(chosen + start >= int(now.timestamp()), np.maximum(chosen - 86400, 0), chosen)
    return np.sort(chosen) + start


def _batches(world, sites, moments, seed, now, helpers: int) -> Iterator[loading.Batch]:
    _told.update(world=world, sites=sites, seed=seed, now=now)
    slices = [moments[at : at + SLICE] for at in range(0, len(moments), SLICE)]
    # A helper is a fork: it has the world at hand and never touches the database, whose connection is its parent's.
    with multiprocessing.get_context("fork").Pool(helpers, initializer=revisions.freeze) as pool:
        waiting = deque()
        for number, part in enumerate(slices):
            ids = loading.reserve(WorkOrder, len(part))
            waiting.append(pool.apply_async(_slice, (number, ids, part.tolist())))
            if len(waiting) > helpers + 1:
                yield waiting.popleft().get()
        while waiting:
            yield waiting.popleft().get()
    _told.clear()


def _slice(number: int, ids: list[int], moments: list[int]) -> loading.Batch:
    dice = Random(f"{_told['seed']} {number}")
    planner = Planner(_told["world"], dice, until=_told["now"], sampling=0.2)
    lives = []
    for pk, moment in zip(ids, moments, strict=True):
        at = dt.datetime.fromtimestamp(moment, tz=clock.ZONE)
        lives.append(planner.life(pk, dice.choice(_told["sites"]), at))
    return loading.batch_of(lives)
