"""What an assessor looks at before publishing: largest movers, outliers, signs of padding, what waits."""

from typing import Any

from assessment import reading
from assessment import review as suspicions
from assessment.models import Adjustment, Run, Score
from assessment.vocabulary import ScoreLevel
from grids.directory import directory
from personnel.jurisdiction import lies_in

MOST = 20


def board(run: Run) -> dict[str, Any]:
    """What an assessor looks at before publishing: largest movers, outliers, unconfirmed items."""
    return {
        "movers": reading.movers(run, count=MOST),
        "outliers": reading.outliers(run)[:MOST],
        "unconfirmed": unconfirmed(run),
        "flags": _flags(run),
    }


def _flags(run: Run) -> list[dict[str, Any]]:
    """Signs of padding, by grid, each leading to the grid's score. They cost nothing by themselves."""
    found = suspicions.flags(run)[:MOST]
    areas = {one.area_id for one in found}
    rows = Score.objects.filter(run=run, level=ScoreLevel.GRID, area_id__in=areas).order_by()
    scores = dict(rows.values_list("area_id", "pk")) if areas else {}
    known = directory().by_id
    return [
        {"name": known[one.area_id].name, "text": one.text, "score": scores.get(one.area_id)}
        for one in found
        if one.area_id in known
    ]


def unconfirmed(run: Run) -> int:
    """Items by hand that nobody confirmed: they do not count."""
    rows = Adjustment.objects.filter(lies_in("area__in", [run.area_id]), period=run.period)
    return rows.filter(confirmed_at__isnull=True, withdrawn_at__isnull=True).count()
