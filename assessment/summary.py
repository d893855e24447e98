"""Many scores in few figures: grades, indicators over all grids, months one after the other. Nobody is named.

For everybody who may see the run; what stands for one area is read through `visible_to`. Exports and pages share it.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Aggregate, Avg, Count, Max, Min, Sum

from assessment import scoring
from assessment.indicators import BY_CODE
from assessment.models import Run, Score, ScoreItem
from assessment.reading import CENT, narrowed
from assessment.schemes import Rules
from assessment.vocabulary import RunStatus, ScoreLevel
from assessment.wording import grade_words
from grids.directory import Place

PERIODS = 12


@dataclass(frozen=True)
class Grade:
    """How many have a grade. least: the score it begins at."""

    code: str
    name: str
    least: Decimal
    count: int


@dataclass(frozen=True)
class Total:
    """An indicator over all grids it applies to: orders and records counted, points on average."""

    code: str
    name: str
    grids: int
    numerator: int
    denominator: int
    rate: Decimal | None
    points: Decimal
    weight: Decimal


@dataclass(frozen=True)
class Step:
    """A published period of an area: its own score, and how the scores of its grids lie."""

    period: str
    run_id: int
    score: Decimal | None
    count: int
    lowest: Decimal | None
    median: Decimal | None
    highest: Decimal | None


def grades(run: Run, *, level: str, under: Place | None = None, kind: str = "", peer_group: str = "") -> list[Grade]:
    """Every grade of the scheme with its number, the best first."""
    rows = Score.objects.filter(run=run, level=level, score__isnull=False)
    rows = narrowed(rows, run, under=under, kind=kind, peer_group=peer_group)
    counts = dict(rows.order_by().values_list("grade").annotate(number=Count("pk")))
    bands = [(one["code"], Decimal(str(one["from"])).quantize(CENT)) for one in run.version.body["bands"]]
    found = sorted(bands, key=lambda band: -band[1])
    return [Grade(code, grade_words(code), least, counts.get(code, 0)) for code, least in found]


def totals(run: Run, *, under: Place | None = None, kind: str = "", peer_group: str = "") -> list[Total]:
    """Every indicator that applied to some grid, in the order of the registry; one statement."""
    scores = Score.objects.filter(run=run, level=ScoreLevel.GRID, score__isnull=False)
    scores = narrowed(scores, run, under=under, kind=kind, peer_group=peer_group).order_by()
    rows = (
        ScoreItem.objects.filter(score__in=scores.values("pk"), points__isnull=False, part__isnull=True)
        .order_by()
        .values("code")
        .annotate(grids=Count("pk"), good=Sum("numerator"), due=Sum("denominator"), mean=Avg("points"))
    )
    found = {row["code"]: row for row in rows}
    weights = Rules(run.version.body).weights
    return [_total(code, found[code], weights.get(code, 0)) for code in BY_CODE if code in found]


def _total(code: str, row: dict, weight: int) -> Total:
    good, due = row["good"] or 0, row["due"] or 0
    share = scoring.rate(good, due)
    return Total(
        code, str(BY_CODE[code].name), row["grids"], good, due, None if share is None else Decimal(share).scaleb(-4),
        row["mean"].quantize(CENT, ROUND_HALF_UP), Decimal(weight).scaleb(-2),
    )  # fmt: skip


class _Middle(Aggregate):
    """The lower of the two middle values, or the upper one when taken from the other end: exact, unlike a mean."""

    function = "percentile_disc"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s%(way)s)"
    allow_distinct = False


def trend(
    run: Run, *, area: Place, user, on: dt.date, kind: str = "", peer_group: str = "", periods: int = PERIODS
) -> list[Step]:
    """The published periods up to the one of the run, oldest first, each in its latest revision; three statements."""
    rows = Run.objects.visible_to(user, on).filter(
        area_id=run.area_id, span=run.span, status=RunStatus.PUBLISHED, period__lte=run.period
    )  # fmt: skip
    rows = rows.exclude(next_revision__status=RunStatus.PUBLISHED).order_by("-period", "-revision")
    found = dict(list(rows.values_list("pk", "period"))[:periods])
    grids = Score.objects.filter(run__in=list(found), level=ScoreLevel.GRID, score__isnull=False)
    grids = narrowed(grids, run, under=area, kind=kind, peer_group=peer_group)
    spreads = {
        row["run_id"]: row
        for row in grids.order_by()
        .values("run_id")
        .annotate(
            count=Count("pk"),
            lowest=Min("score"),
            highest=Max("score"),
            low=_Middle("score", way=""),
            high=_Middle("score", way=" DESC"),
        )  # fmt: skip
    }
    own = Score.objects.visible_to(user, on).filter(run__in=list(found), level=area.level, area_id=area.id)
    scores = dict(own.order_by().values_list("run_id", "score"))
    steps = [_step(pk, period, scores.get(pk), spreads.get(pk)) for pk, period in found.items()]
    return sorted(steps, key=lambda one: one.period)


def _step(pk: int, period: str, score: Decimal | None, spread: dict | None) -> Step:
    if spread is None:
        return Step(period, pk, score, 0, None, None, None)
    middle = ((spread["low"] + spread["high"]) / 2).quantize(CENT, ROUND_HALF_UP)
    return Step(period, pk, score, spread["count"], spread["lowest"], middle, spread["highest"])
