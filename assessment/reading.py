"""What pages, API and exports read of runs and scores: the same functions for all three."""

import datetime as dt
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Coalesce

from assessment import periods
from assessment.models import Run, Score
from assessment.vocabulary import RunStatus, ScoreLevel
from grids.directory import Place

LAST_PLACE = 2**31 - 1
CENT = Decimal("0.01")


def ranking(
    run: Run, *, level: str, user, on: dt.date, under: Place | None = None, kind: str = "", peer_group: str = ""
) -> QuerySet:
    """The scores of a level this person may see, by place (`place`, ties by `pk`); unranked ones last."""
    rows = Score.objects.visible_to(user, on).filter(run=run, level=level)
    rows = narrowed(rows, run, under=under, kind=kind, peer_group=peer_group)
    rows = rows.annotate(place=Coalesce("rank", Value(LAST_PLACE)))
    return rows.select_related("area", "unit", "officer").order_by("place", "pk")


def narrowed(rows: QuerySet, run: Run, *, under: Place | None = None, kind: str = "", peer_group: str = "") -> QuerySet:
    """The scores of an area and all below it, of grids of one kind, or of one peer group."""
    if under is not None and under.id != run.area_id:
        inside = Q(area_id=under.id)
        for name in ("community_id", "street_id", "district_id"):
            inside |= Q(**{name: under.id})
        rows = rows.filter(inside)
    if peer_group:
        rows = rows.filter(peer_group=peer_group)
    return rows.filter(area__kind=kind) if kind else rows


def latest(period: str, *, user, on: dt.date) -> Run | None:
    """The run of a period people look at: its latest published revision, else what they may see of it."""
    runs = Run.objects.visible_to(user, on).filter(period=period, simulated=False)
    published = runs.filter(status=RunStatus.PUBLISHED).order_by("-revision", "-pk").first()
    return published or runs.filter(status=RunStatus.COMPUTED).order_by("-pk").first()


def own_scores(user, *, on: dt.date, months: int = 6) -> list[Score]:
    """A person's scores as officer: the last published months and the present one so far, newest first."""
    rows = (
        Score.objects.visible_to(user, on)
        .filter(officer=user, run__span="month", run__simulated=False)
        .filter(Q(run__status=RunStatus.PUBLISHED) | Q(run__provisional=True, run__status=RunStatus.COMPUTED))
        .exclude(run__next_revision__status=RunStatus.PUBLISHED)
    )
    found: dict[tuple, Score] = {}
    for score in rows.select_related("run", "area").order_by("-run__period", "-run_id"):
        found.setdefault((score.run.period, score.run.area_id), score)
    return list(found.values())[: months + 1]


def last_published(level: str, area_ids: Sequence[int], *, user, on: dt.date) -> dict[int, Score]:
    """The latest published monthly score of each area, {area id: score}; areas without one are left out."""
    rows = (
        Score.objects.visible_to(user, on)
        .current()
        .filter(level=level, area_id__in=area_ids, run__span="month", run__simulated=False, score__isnull=False)
        .filter(officer__isnull=True, run__status=RunStatus.PUBLISHED)
        .select_related("run")
        .order_by("run__period", "run__revision", "pk")
    )
    return {score.area_id: score for score in rows}


@dataclass(frozen=True)
class Spread:
    """How scores lie: number, quartiles, and how many in each ten points."""

    count: int
    lowest: Decimal | None
    median: Decimal | None
    highest: Decimal | None
    bands: list[tuple[int, int]]


def distribution(run: Run, *, level: str, peer_group: str = "", under: Place | None = None, kind: str = "") -> Spread:
    """The anonymous distribution of a level, narrowed if wanted; for everybody who may see the run."""
    rows = Score.objects.filter(run=run, level=level, score__isnull=False)
    rows = narrowed(rows, run, under=under, kind=kind, peer_group=peer_group)
    scores = sorted(rows.order_by().values_list("score", flat=True))
    bands = Counter(min(int(score) // 10 * 10, 110) for score in scores)
    return Spread(
        len(scores), scores[0] if scores else None, median(scores), scores[-1] if scores else None,
        [(start, bands.get(start, 0)) for start in range(0, 120, 10)],
    )  # fmt: skip


def median(scores: Sequence[Decimal]) -> Decimal | None:
    """The middle, to 0.01, rounded half up like every score."""
    return Decimal(statistics.median(scores)).quantize(CENT, ROUND_HALF_UP) if scores else None


def history(score: Score, months: int = 6) -> list[dict[str, Any]]:
    """The subject's published months before, each with its peer group's median: [{period, score, median}]."""
    first = periods.read(score.run.period)
    since = first.before(months).text if first.span == "month" else "2000-01"
    rows = Score.objects.current().filter(
        level=score.level, code=score.code, run__span=score.run.span, run__period__lt=score.run.period,
        run__period__gte=since,
    ).select_related("run").order_by("run__period")  # fmt: skip
    return [
        {
            "period": one.run.period,
            "score": one.score,
            "median": distribution(one.run, level=one.level, peer_group=one.peer_group).median,
        }
        for one in rows
    ]


def movers(run: Run, *, count: int = 20) -> list[tuple[Score, Decimal]]:
    """The grids whose score moved most against the month before: [(score, change)], for review."""
    before = periods.read(run.period).before()
    earlier = dict(
        Score.objects.current()
        .filter(run__period=before.text, level=ScoreLevel.GRID, score__isnull=False)
        .filter(area_id__in=Score.objects.filter(run=run).values("area"))
        .values_list("area_id", "score")
    )
    rows = Score.objects.filter(run=run, level=ScoreLevel.GRID, score__isnull=False).select_related("area")
    changes = [(one, one.score - earlier[one.area_id]) for one in rows if one.area_id in earlier]
    return sorted(changes, key=lambda pair: (-abs(pair[1]), pair[0].code))[:count]


def outliers(run: Run) -> list[Score]:
    """Ranked grids far from the middle of their peer group: beyond one and a half times the middle half's width."""
    found = []
    rows = Score.objects.filter(run=run, level=ScoreLevel.GRID, score__isnull=False).select_related("area")
    groups: dict[str, list[Score]] = {}
    for one in rows.order_by("code"):
        groups.setdefault(one.peer_group, []).append(one)
    for group in groups.values():
        if len(group) < 8:
            continue
        low, _middle, high = statistics.quantiles([one.score for one in group], n=4)
        margin = (high - low) * Decimal("1.5")
        found += [one for one in group if not low - margin <= one.score <= high + margin]
    return sorted(found, key=lambda one: (one.score, one.code))
