"""What starts by itself: the month on its first day after, and the month so far."""

import datetime as dt

from assessment import periods, storing
from assessment.commands import carry_out, start
from assessment.models import Run
from assessment.vocabulary import RunStatus
from core import clock
from core.errors import NotAllowedNow
from core.transactions import unit_of_work
from grids.directory import directory
from grids.levels import Level
from personnel.models import Post
from personnel.roles import Role


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
