"""Other weights on a computed run: new ranks and who moves. Nothing is stored."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assessment import scoring
from assessment.models import Run, Score, ScoreItem
from assessment.rating import rank
from assessment.schemes import Rules, with_weights
from assessment.storing import Result
from assessment.vocabulary import ScoreLevel

_KEPT = 4
_held: OrderedDict[int, list] = OrderedDict()


@dataclass(frozen=True)
class Moved:
    """A grid under other weights. Points in hundredths; change: places won (positive) or lost."""

    score_id: int
    area_id: int
    code: str
    name: str
    peer_group: str
    before: int
    score: int
    rank_before: int
    rank: int
    of: int

    @property
    def change(self) -> int:
        """Places won or lost."""
        return self.rank_before - self.rank


def what_if(run: Run, weights: Mapping[str, Any]) -> list[Moved]:
    """Every ranked grid of the run under these weights (those not named stay), by new rank. Raises Invalid."""
    old = Rules(run.version.body)
    rules = with_weights(old, weights)
    codes, force, results = old.codes, {}, []
    limits = rules.limit("lowest"), rules.limit("highest"), rules.limit("veto_score")
    ties = rules.body["ties"]
    rows = _rows(run)
    for _pk, area_id, _code, _name, group, extra, veto, _before, _place, values, applicable, rates in rows:
        if applicable not in force:
            spread = scoring.spread(rules.weights, rules.classes, [codes[n] for n in applicable])
            force[applicable] = [(n, spread[codes[n]]) for n in applicable if codes[n] in spread]
        total = extra + sum((2 * weight * values[n] + 10_000) // 20_000 for n, weight in force[applicable])
        total = min(max(total, limits[0]), limits[1])
        result = Result(ScoreLevel.GRID, area_id, "", "", peer_group=group)
        result.score = min(total, limits[2]) if veto else total
        result.tie = tuple(rates.get(code, -1) for code in ties)
        results.append(result)
    rank(results)
    found = [
        Moved(row[0], row[1], row[2], row[3], row[4], row[7], one.score, row[8], one.rank, one.of)
        for row, one in zip(rows, results, strict=True)
    ]
    return sorted(found, key=lambda one: (one.peer_group, one.rank, one.code))


def _rows(run: Run) -> list[tuple]:
    """The ranked grids of a run as plain tuples, kept: a computed run does not change."""
    if run.pk in _held and _held[run.pk][0] == run.checksum:
        _held.move_to_end(run.pk)
        return _held[run.pk][1]
    scores = Score.objects.filter(run=run, level=ScoreLevel.GRID, score__isnull=False).order_by("code")
    scores = scores.values_list(
        "pk", "area_id", "code", "name", "peer_group", "bonus", "deductions", "veto", "score", "rank", "values"
    )
    rates: dict[int, dict[str, int]] = {}
    ties = ScoreItem.objects.filter(
        score__run=run, score__level=ScoreLevel.GRID, code__in=run.version.body["ties"], rate__isnull=False
    )
    for pk, code, share in ties.values_list("score_id", "code", "rate"):
        rates.setdefault(pk, {})[code] = int(share * 10_000)
    rows = []
    for pk, area_id, code, name, group, bonus, deductions, veto, score, place, values in scores:
        applicable = tuple(n for n, value in enumerate(values) if value is not None)
        extra = int((bonus + deductions) * 100)
        rows.append(
            (
                pk,
                area_id,
                code,
                name,
                group,
                extra,
                veto,
                int(score * 100),
                place,
                values,
                applicable,
                rates.get(pk, {}),
            )
        )
    _held[run.pk] = (run.checksum, rows)
    while len(_held) > _KEPT:
        _held.popitem(last=False)
    return rows
