"""Orders put straight into the tables, with the moments a test is about; and a computed month."""

import datetime as dt
import itertools

from assessment import commands
from assessment.models import Run, Score
from assessment.vocabulary import ScoreLevel
from core import clock, outbox
from workorders.models import Category, Clock, WorkOrder, WorkOrderEvent

MONTH = "2026-09"
# The first working moments after the month: day 1 of October is a holiday, nobody minds here.
AFTER = dt.datetime(2026, 10, 8, 9, 0, tzinfo=clock.ZONE)
_numbers = itertools.count(1)


def at(day: int, hour: int = 10, minute: int = 0, month: int = 9) -> dt.datetime:
    """A local moment of 2026."""
    return dt.datetime(2026, month, day, hour, minute, tzinfo=clock.ZONE)


def order(
    grid,
    reported,
    *,
    officer=None,
    unit=None,
    due=None,
    handled=None,
    closed=None,
    began=None,
    status=None,
    source="officer",
    reporter=None,
    satisfaction=None,
    sign_due=None,
    signed=None,
    category="0502",
    **more,
) -> WorkOrder:
    """One order with its handling clock; on the spot when nothing is due."""
    place = {one.level: one for one in grid.get_ancestors(include_self=True)}
    status = status or ("closed" if closed else "revisiting" if handled else "handling")
    row = WorkOrder.objects.create(
        number=f"T{next(_numbers):08d}", status=status, level="district", area=grid, community_id=place["community"].pk,
        street_id=place["street"].pk, district_id=place["district"].pk, city_id=place["city"].pk,
        category=Category.objects.get(code=category), title="t", description="d", source=source, reporter=reporter,
        reported_at=reported, dispatched_at=began or reported if due or handled else None, signed_at=signed,
        fed_back_at=handled, closed_at=closed, officer=officer, lead=unit, satisfaction=satisfaction, **more,
    )  # fmt: skip
    limit = {"amount": 1, "unit": "wd"}
    if due:
        Clock.objects.create(
            order=row, kind="handle", unit=unit, limit=limit, own_limit=limit, since=began or reported, due_at=due,
            stopped_at=handled,
        )  # fmt: skip
    if sign_due:
        Clock.objects.create(
            order=row, kind="sign", unit=unit, limit=limit, own_limit=limit, since=began or reported, due_at=sign_due,
            stopped_at=signed,
        )  # fmt: skip
    return row


def events(row: WorkOrder, *steps: tuple) -> None:
    """Events of an order: (kind, moment) or (kind, moment, {"after": status, "data": {…}}), in their order."""
    WorkOrderEvent.objects.bulk_create(
        WorkOrderEvent(order=row, kind=kind, at=moment, sequence=number, **(more[0] if more else {}))
        for number, (kind, moment, *more) in enumerate(steps, start=1)
    )


def computed(town, *, period=MONTH, when=AFTER, area="620105000000", **more) -> Run:
    """The month, computed by the system."""
    run = commands.start(period, by=None, at=when, area=area, **more)
    return commands.carry_out(run.pk, at=when)


def published(town, *, when=AFTER) -> Run:
    """The month, computed and published by the assessor."""
    run = commands.publish(computed(town, when=when), by=town.assessor, at=when)
    outbox.drain()
    return Run.objects.get(pk=run.pk)


def score_of(run, subject, level=ScoreLevel.GRID) -> Score:
    """The score of an area, a person or a unit."""
    names = {ScoreLevel.OFFICER: "officer", ScoreLevel.UNIT: "unit"}
    rows = Score.objects.select_related("run__version", "mirrors", "area")
    return rows.get(run=run, level=level, **{names.get(level, "area"): subject})


def figures(run, subject, level=ScoreLevel.GRID) -> dict[str, tuple]:
    """{code: (numerator, denominator, points)} of a score's rows."""
    score = score_of(run, subject, level)
    source = score.mirrors or score
    return {
        one.code: (one.numerator, one.denominator, None if one.points is None else str(one.points))
        for one in source.items.all()
    }
