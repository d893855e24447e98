"""What an assessor looks at before publishing: largest movers, outliers, signs of padding, what waits."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpRequest

from assessment import periods, reading
from assessment import review as suspicions
from assessment.commands.adjusting import waiting_ids
from assessment.models import Adjustment, Run, Score
from assessment.vocabulary import ScoreLevel, Span
from core import clock
from grids.directory import directory
from pages.assessment import wording
from pages.orders import order_url
from personnel.jurisdiction import lies_in
from personnel.models import Post
from personnel.roles import Role
from workorders.models import WorkOrder

MOST, FIRST, ORDERS = 40, 6, 4


def board(request: HttpRequest, run: Run) -> dict[str, Any]:
    """What is looked at first, each list with its first few rows and the rest behind them."""
    is_month = run.span == Span.MONTH
    before = before_of(run)
    movers = reading.movers(run, count=MOST) if is_month else _movers(run, before)
    outliers = reading.outliers(run)[:MOST]
    flags = _flags(request, run) if is_month else []
    return {
        "before": wording.period_words(before) if before else "",
        "movers": _split([one for one in movers if one[1]]),
        "outliers": _split(outliers),
        "flags": _split(flags),
        "is_month": is_month,
        "unconfirmed": unconfirmed(run) if is_month else 0,
        "vacant": _split(_vacant(run)) if is_month else None,
    }


def _split(rows: Sequence) -> dict[str, Any]:
    return {"first": rows[:FIRST], "rest": rows[FIRST:], "count": len(rows), "more": len(rows) >= MOST}


def before_of(run: Run) -> str:
    """The period of the same length before the run's."""
    span = periods.read(run.period)
    if span.span == Span.MONTH:
        return span.before().text
    if span.span == Span.YEAR:
        return str(span.first.year - 1)
    earlier = periods.month_of(span.first.year, span.first.month).before()
    return f"{earlier.first.year}-Q{(earlier.first.month + 2) // 3}"


def _movers(run: Run, before: str) -> list[tuple[Score, Decimal]]:
    """The grids whose score moved most against the quarter or year before."""
    earlier = Run.objects.current().filter(area_id=run.area_id, period=before).first()
    if earlier is None:
        return []
    held = dict(
        Score.objects.filter(run=earlier, level=ScoreLevel.GRID, score__isnull=False)
        .order_by()
        .values_list("area_id", "score")
    )
    rows = Score.objects.filter(run=run, level=ScoreLevel.GRID, score__isnull=False)
    found = [(one, one.score - held[one.area_id]) for one in rows if one.area_id in held]
    return sorted(found, key=lambda pair: (-abs(pair[1]), pair[0].code))[:MOST]


def _vacant(run: Run) -> list[Score]:
    """The grids nobody held in the month: what only an officer can do is not applicable there."""
    month = periods.read(run.period)
    held = Post.objects.between(month.first, month.end).filter(role__in=(Role.OFFICER, Role.PART_TIME_OFFICER))
    rows = Score.objects.filter(run=run, level=ScoreLevel.GRID).exclude(area_id__in=held.order_by().values("area_id"))
    return list(rows.order_by("code")[:MOST])


def _flags(request: HttpRequest, run: Run) -> list[dict[str, Any]]:
    """Signs of padding, by grid, each with its orders. They cost nothing by themselves."""
    found = suspicions.flags(run)[:MOST]
    areas = {one.area_id for one in found}
    rows = Score.objects.filter(run=run, level=ScoreLevel.GRID, area_id__in=areas).order_by()
    scores = dict(rows.values_list("area_id", "pk")) if areas else {}
    shown = {order for one in found for order in one.orders[:ORDERS]}
    numbers = WorkOrder.objects.visible_to(request.user, clock.today()).filter(pk__in=shown).order_by()
    numbers = dict(numbers.values_list("pk", "number")) if shown else {}
    known = directory().by_id
    return [
        {
            "name": known[one.area_id].name,
            "text": one.text,
            "score": scores.get(one.area_id),
            "orders": [
                (numbers[order], order_url(request, numbers[order]))
                for order in one.orders[:ORDERS]
                if order in numbers
            ],
            "more": max(0, len(one.orders) - ORDERS),
        }
        for one in found
        if one.area_id in known
    ]


def unconfirmed(run: Run) -> int:
    """Items by hand that wait for a second person: they do not count."""
    rows = Adjustment.objects.filter(lies_in("area__in", [run.area_id]), period=run.period)
    return len(waiting_ids(rows))
