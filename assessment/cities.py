"""The districts of a city beside each other: each has its own run, the published ones of a period are compared here."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q

from assessment import scoring
from assessment.models import Run, Score
from assessment.vocabulary import ScoreLevel
from grids.directory import Place, directory
from grids.levels import Level


@dataclass(frozen=True)
class DistrictRow:
    """A district in a period. score: None where nothing is published, or not for this reader's eyes.

    rank: its place among all published districts of the city; grids: how many of its grids are ranked.
    """

    place: Place
    score: Score | None
    rank: int | None = None
    grids: int = 0


@dataclass(frozen=True)
class CityPeriod:
    """The districts by place, those without a result last; of: how many are published.

    mean: of all published districts, each as heavy as it has ranked grids; plain_mean: each alike.
    """

    rows: list[DistrictRow]
    of: int
    mean: Decimal | None
    plain_mean: Decimal | None


def districts(period: str, *, city: Place, user, on: dt.date) -> CityPeriod:
    """The published results of a city's districts. Places and means are of all, scores are those the reader may see."""
    known = directory().by_id.values()
    below = [one for one in known if one.level == Level.DISTRICT and city.id in one.path]
    below.sort(key=lambda one: one.code)
    published = Score.objects.current().filter(
        run__period=period, level=ScoreLevel.DISTRICT, area_id__in=[one.id for one in below], score__isnull=False
    )
    cents = {area_id: scoring.hundredths(score) for area_id, score in published.values_list("area_id", "score")}
    ranks = scoring.ranks({area_id: (score,) for area_id, score in cents.items()})
    grids = _ranked_grids(period, list(cents))
    seen = {one.area_id: one for one in published.visible_to(user, on).select_related("run")}
    rows = [
        DistrictRow(one, seen.get(one.id), ranks.get(one.id) if one.id in seen else None, grids.get(one.id, 0))
        for one in below
    ]
    rows.sort(key=lambda one: (one.score is None, one.rank or 0, one.place.code))
    mean = scoring.weighted_mean((score, grids.get(area_id, 0)) for area_id, score in cents.items())
    plain = scoring.mean(list(cents.values()))
    return CityPeriod(rows, len(cents), _decimal(mean), _decimal(plain))


def published_periods(city: Place, *, user, on: dt.date) -> list[str]:
    """The periods in which a district of the city the reader sees is published, the newest first."""
    known = directory().by_id.values()
    below = [one.id for one in known if one.level == Level.DISTRICT and city.id in one.path]
    rows = Score.objects.visible_to(user, on).filter(level=ScoreLevel.DISTRICT, area_id__in=below)
    rows = rows.filter(run__in=Run.objects.current().order_by().values("pk"))
    return sorted(set(rows.order_by().values_list("run__period", flat=True)), reverse=True)


def _ranked_grids(period: str, district_ids: list[int]) -> dict[int, int]:
    rows = Score.objects.current().filter(run__period=period, district_id__in=district_ids, level=ScoreLevel.GRID)
    counted = rows.order_by().values("district_id").annotate(ranked=Count("pk", filter=Q(score__isnull=False)))
    return {row["district_id"]: row["ranked"] for row in counted}


def _decimal(cents: int | None) -> Decimal | None:
    return None if cents is None else Decimal(cents).scaleb(-2)
