"""Two runs of the same month beside each other: who moves, how the scores lie before and after.

For the trial of a scheme and for revisions. Reads what both runs stored; nothing is computed or kept.
"""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from assessment import reading
from assessment.models import Run, Score
from assessment.reading import Spread
from assessment.vocabulary import RunStatus, ScoreLevel


@dataclass(frozen=True)
class Change:
    """One subject in both runs; score and rank are None where it is not ranked. places: won (positive) or lost."""

    score_id: int
    code: str
    name: str
    peer_group: str
    before: Decimal | None
    after: Decimal | None
    rank_before: int | None
    rank: int | None

    @property
    def places(self) -> int:
        """Places won or lost in the peer group; 0 where one of the ranks is missing."""
        return self.rank_before - self.rank if self.rank and self.rank_before else 0

    @property
    def points(self) -> Decimal | None:
        """Points won or lost."""
        return None if self.before is None or self.after is None else self.after - self.before

    @property
    def moved(self) -> bool:
        """Whether its place changed, or whether it has one at all."""
        return self.rank != self.rank_before


@dataclass(frozen=True)
class Comparison:
    """What differs between two runs on one level. grades: [(code, before, after)], the best first."""

    base: Run
    changes: list[Change]
    before: Spread
    after: Spread
    grades: list[tuple[str, int, int]]

    @property
    def moved(self) -> list[Change]:
        """Those whose place changed, the farthest first; who came in or fell out of the ranking before them."""
        found = [one for one in self.changes if one.moved]
        return sorted(found, key=lambda one: (one.places != 0, -abs(one.places), one.code))


def base_of(run: Run) -> Run | None:
    """What a run is compared with: a revision with the one before, a trial with what the month is without it."""
    if run.previous_id:
        return run.previous
    rows = Run.objects.filter(area_id=run.area_id, period=run.period, simulated=False, provisional=False)
    rows = rows.exclude(pk=run.pk).select_related("version__scheme", "area")
    published = rows.filter(status=RunStatus.PUBLISHED).order_by("-revision").first()
    return published or rows.filter(status=RunStatus.COMPUTED).order_by("-pk").first()


def compare(run: Run, base: Run, *, level: str = ScoreLevel.GRID) -> Comparison:
    """Every subject of the run beside the same one of the base; four statements."""
    earlier = {
        code: (score, rank, grade)
        for code, score, rank, grade in Score.objects.filter(run=base, level=level)
        .order_by()
        .values_list("code", "score", "rank", "grade")
    }
    now = Score.objects.filter(run=run, level=level).order_by("peer_group", "rank", "code")
    changes, after = [], Counter()
    for pk, code, name, group, score, rank, grade in now.values_list(
        "pk", "code", "name", "peer_group", "score", "rank", "grade"
    ):
        before = earlier.get(code, (None, None, ""))
        changes.append(Change(pk, code, name, group, before[0], score, before[1], rank))
        after[grade] += 1
    counts = Counter(grade for _score, _rank, grade in earlier.values())
    bands = [band["code"] for band in (*run.version.body["bands"], *base.version.body["bands"])]
    return Comparison(
        base, changes, reading.distribution(base, level=level), reading.distribution(run, level=level),
        [(code, counts[code], after[code]) for code in dict.fromkeys(bands)],
    )  # fmt: skip
