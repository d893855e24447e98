"""What starts by itself: the month on its first day after, and the month so far."""

import datetime as dt
import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue

from django.db import connection

from assessment import periods, storing
from assessment.commands import carry_out, start
from assessment.models import Run
from assessment.vocabulary import RunStatus
from core import clock
from core.errors import DomainError, NotAllowedNow
from core.transactions import unit_of_work
from grids.directory import directory
from grids.levels import Level
from personnel.models import Post
from personnel.roles import Role
from workorders import calendars, worktime

# Two for each of two processors: while one waits for the disk or the database the other goes on, and what they read
# they read side by side, once.
AT_ONCE = 4


# Working days of the next month until a month is published. Source: domain §6.5.
PUBLISH_DAYS = 3


def publish_by(month: periods.Period) -> dt.datetime:
    """Until when a month should be reviewed and published."""
    last = month.until - dt.timedelta(seconds=1)
    return worktime.nth_workday_end(calendars.working_calendar(), last, PUBLISH_DAYS)


def districts(at: dt.datetime, *, with_assessor: bool = True) -> list[str]:
    """Codes of the districts that have grids and, unless told otherwise, an assessor; in their order."""
    known = directory(force=True)
    on = clock.date_of(at)
    grids = [place for place in known.by_id.values() if place.level == Level.GRID and place.is_active(on)]
    found = {known.ancestor(place.id, Level.DISTRICT) for place in grids} - {None}
    if with_assessor:
        posts = Post.objects.on(on).filter(role=Role.ASSESSOR, area_id__in=[place.id for place in found])
        held = set(posts.order_by().values_list("area_id", flat=True))
        found = {place for place in found if place.id in held}
    return sorted(place.code for place in found)


@dataclass(frozen=True)
class Computed:
    """What came of one area: its run, or why there is none."""

    code: str
    run: Run | None
    seconds: float
    refusal: str = ""


def compute_all(period: str, codes: Sequence[str], *, at: dt.datetime, scheme: str | None = None) -> Iterator[Computed]:
    """Compute a month of several areas, a few at a time, the largest first; results as they come."""

    def one(code: str) -> Computed:
        began = time.monotonic()
        try:
            run = start(period, by=None, at=at, area=code, scheme=scheme)
            run = carry_out(run.pk, at=at) or _waited(run)
        except DomainError as error:
            return Computed(code, None, time.monotonic() - began, str(error))
        return Computed(code, run, time.monotonic() - began)

    waiting, found = iter(_largest_first(codes)), SimpleQueue()

    def in_thread() -> None:
        """One area after the other on one connection: a new one would have to learn the tables again."""
        try:
            for code in waiting:
                found.put(one(code))
        except BaseException as error:
            found.put(error)
        finally:
            connection.close()

    # Another thread has another connection: it would not see what a surrounding transaction has not committed.
    if len(codes) < 2 or connection.in_atomic_block:
        yield from map(one, codes)
        return
    threads = min(2 * (os.cpu_count() or 1), AT_ONCE, len(codes))
    with ThreadPoolExecutor(max_workers=threads) as pool:
        for _thread in range(threads):
            pool.submit(in_thread)
        for _code in codes:
            done = found.get()
            if isinstance(done, BaseException):
                raise done
            yield done


def _largest_first(codes: Sequence[str]) -> list[str]:
    """The areas with most below them first: what is left for the end is small, and nobody waits long for the last."""
    known = directory()
    size = Counter(known.by_id[one].code for place in known.by_id.values() for one in place.path)
    return sorted(codes, key=lambda code: -size[code])


def _waited(run: Run) -> Run:
    """A worker took it first: wait for it."""
    while True:
        run.refresh_from_db()
        if run.status not in (RunStatus.QUEUED, RunStatus.RUNNING):
            return run
        time.sleep(0.2)


def open_month(*, at: dt.datetime) -> int:
    """Start last month's runs where there is none yet. Returns how many."""
    month = periods.month_at(at).before()
    started = 0
    for code in districts(at):
        done = Run.objects.filter(area__code=code, period=month.text, simulated=False, provisional=False)
        if done.exists():
            continue
        try:
            start(month.text, by=None, at=at, area=code)
            started += 1
        except NotAllowedNow:
            continue
    return started


def so_far(*, at: dt.datetime) -> int:
    """Compute the present month provisionally; the one before it goes when the new one is there."""
    month = periods.month_at(at)
    made = 0
    for code in districts(at):
        try:
            run = start(month.text, by=None, at=at, area=code)
        except NotAllowedNow:
            continue
        if carry_out(run.pk, at=at) is None:
            continue
        made += 1
        with unit_of_work():
            old = Run.objects.filter(area=run.area, provisional=True, by=None, pk__lt=run.pk, simulated=False)
            gone = list(old.filter(status__in=(RunStatus.COMPUTED, RunStatus.FAILED)).values_list("pk", flat=True))
            storing.forget(gone)
            Run.objects.filter(pk__in=gone).delete()
    return made
