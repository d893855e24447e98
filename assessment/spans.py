"""Quarters and years beside their parts: what is there, what is missing, whether a part was revised since."""

from dataclasses import dataclass

from assessment import periods
from assessment.models import Run, ScoreItem
from assessment.vocabulary import RunStatus, Span


@dataclass(frozen=True)
class Progress:
    """A quarter or year of an area. parts: [(period, its published run or None)]; current: what people look at;
    newest: the last computation, maybe not published; outdated: a part was revised after `current` was computed."""

    period: periods.Period
    parts: list[tuple[str, Run | None]]
    current: Run | None
    newest: Run | None
    outdated: bool

    @property
    def missing(self) -> list[str]:
        """The parts that are not published."""
        return [name for name, run in self.parts if run is None]

    @property
    def can_roll_up(self) -> bool:
        """Whether computing it (again) would be allowed."""
        return not self.missing and (self.current is None or self.outdated)


def parts_of(period: periods.Period) -> list[str]:
    """A quarter is made of months, a year of quarters."""
    parts = period.months() if period.span == Span.QUARTER else period.quarters()
    return [one.text for one in parts]


def progress(area_id: int, wanted: list[periods.Period]) -> list[Progress]:
    """How far these quarters and years are; three statements for all of them."""
    names = {one.text for one in wanted} | {part for one in wanted for part in parts_of(one)}
    runs = list(
        Run.objects.filter(area_id=area_id, period__in=names, simulated=False, provisional=False)
        .filter(status__in=(RunStatus.PUBLISHED, RunStatus.COMPUTED))
        .select_related("version__scheme", "area")
        .defer("version__body")
        .order_by("pk")
    )
    # Later ones replace earlier ones: revisions are numbered upwards.
    held = {run.period: run for run in sorted(runs, key=lambda run: run.revision) if run.status == RunStatus.PUBLISHED}
    newest = {run.period: run for run in runs}
    spans = [held[one.text].pk for one in wanted if one.text in held]
    used: dict[int, set[int]] = {}
    pairs = ScoreItem.objects.filter(score__run__in=spans, part__isnull=False).order_by()
    for run_id, part in pairs.values_list("score__run_id", "part__run_id").distinct():
        used.setdefault(run_id, set()).add(part)
    found = []
    for one in wanted:
        parts = [(name, held.get(name)) for name in parts_of(one)]
        current = held.get(one.text)
        present = {run.pk for _name, run in parts if run is not None}
        outdated = current is not None and used.get(current.pk, set()) != present
        found.append(Progress(one, parts, current, newest.get(one.text), outdated))
    return found
