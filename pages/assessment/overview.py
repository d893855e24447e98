"""The first page: for assessors the months and how far each is, for everybody else the own result."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from assessment import opening, periods
from assessment.models import Appeal, Run, Score
from assessment.vocabulary import RunStatus, Span
from core import clock
from grids.directory import Place
from pages import base
from pages.assessment import reach, wording
from pages.assessment.rooms import rooms
from pages.base import page

MONTHS = 6
BUSY = (RunStatus.QUEUED, RunStatus.RUNNING)
FEW = 12


@dataclass
class Month:
    """A month of an area. current: what people see; newest: the last attempt; both may be the same run or None."""

    period: str
    words: str
    area: Place
    over: bool
    newest: Run | None = None
    current: Run | None = None
    mark: wording.Mark | None = None
    runs: list = field(default_factory=list)

    @property
    def publish_by(self) -> Any:
        """Until when a month that was computed and is over should be published; None when it is."""
        waits = self.over and self.current is None and self.newest is not None
        return opening.publish_by(periods.read(self.period)) if waits else None

    @property
    def lamp(self) -> str:
        """How pressing that is."""
        return "red" if clock.now() > self.publish_by else "green"

    @property
    def can_start(self) -> bool:
        """Whether computing it (again) is offered."""
        return self.current is None and (self.newest is None or self.newest.status not in BUSY)


@page
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Months for assessors; others go straight to the own result."""
    areas = reach.assessed(request)
    if not areas:
        return _own(request)
    # One area in full; of several (the administrator's districts) those with runs.
    since = periods.month_at(clock.now()).before(MONTHS - 1)
    found = list(
        reach.runs(request)
        .filter(simulated=False, span=Span.MONTH, period__gte=since.text)
        .defer("version__body")
        .order_by("-pk")[:500]
    )
    held = {run.area_id for run in found}
    shown = areas if len(areas) <= 3 else [one for one in areas if one.id in held][:FEW] or areas[:1]
    context = {
        "trail": [(_("Assessment"), None)],
        "months": [_month(area, month, found) for month in _months() for area in shown],
        "several": len(shown) > 1,
        "rooms": rooms(request, "index"),
        "may_start": not request.user.is_superuser,
    }
    return render(request, "assessment/index.html", context)


def _months() -> list[periods.Period]:
    now = periods.month_at(clock.now())
    return [now, *(now.before(number) for number in range(1, MONTHS))]


def _month(area: Place, month: periods.Period, found: list[Run]) -> Month:
    row = Month(month.text, wording.period_words(month.text), area, month.until <= clock.now())
    row.runs = [run for run in found if run.area_id == area.id and run.period == month.text]
    row.newest = next(iter(row.runs), None)
    published = [run for run in row.runs if run.status == RunStatus.PUBLISHED]
    row.current = max(published, key=lambda run: run.revision, default=None)
    shown = row.newest if row.newest is not None and row.newest.status in BUSY else row.current or row.newest
    row.newest = shown
    row.mark = wording.run_mark(shown) if shown else None
    return row


# -- one's own ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Result:
    """One score as the own page lists it."""

    score: Score
    words: str
    provisional: bool
    grade: wording.Mark | None


def own_results(request: HttpRequest, *spans: str) -> list[Result]:
    """The reader's scores of late: as officer, of the areas and units of their posts; newest first. One statement.

    spans: months unless quarters and years are asked for.
    """
    standing = base.standing(request)
    since = periods.month_at(clock.now()).before(MONTHS).text if not spans else str(clock.today().year - 1)
    mine = Q(officer=request.user)
    if standing.area_ids:
        mine |= Q(area_id__in=sorted(standing.area_ids), officer__isnull=True, unit__isnull=True)
    if standing.unit_ids:
        mine |= Q(unit_id__in=sorted(standing.unit_ids))
    state = Q(run__status=RunStatus.PUBLISHED) | Q(run__provisional=True, run__status=RunStatus.COMPUTED)
    rows = (
        Score.objects.visible_to(request.user, clock.today())
        .filter(mine & state, run__simulated=False, run__span__in=spans or (Span.MONTH,), run__period__gte=since)
        .exclude(run__next_revision__status=RunStatus.PUBLISHED)
        .select_related("run", "area")
        .order_by("-run__period", "-run_id", "pk")
    )
    kept: dict[tuple, Score] = {}
    for score in rows[:200]:
        kept.setdefault((score.run.period, score.level, score.code), score)
    return [
        Result(one, wording.period_words(one.run.period), one.run.provisional, wording.grade_mark(one))
        for one in kept.values()
    ]


def _own(request: HttpRequest) -> HttpResponse:
    """The newest published score of an officer, or of the one area or unit; a list where there are several."""
    results = own_results(request)
    as_officer = [one for one in results if one.score.officer_id == request.user.pk]
    choice = as_officer or results
    subjects = {(one.score.level, one.score.code) for one in choice}
    if len(subjects) == 1:
        published = [one for one in choice if not one.provisional]
        return redirect("assessment:score", pk=(published or choice)[0].score.pk)
    return redirect("assessment:mine")


@page
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """Every recent result of the reader's posts, and the rankings they may look at."""
    results = own_results(request)
    rows = reach.runs(request).filter(simulated=False, status=RunStatus.PUBLISHED)
    rankings = rows.exclude(next_revision__status=RunStatus.PUBLISHED).defer("version__body").order_by("-period", "-pk")
    context = {
        "shell": base.shell(request),
        "trail": [(_("Assessment"), None)],
        "back": base.home(request),
        "results": results,
        "spans": own_results(request, Span.QUARTER, Span.YEAR),
        "rankings": [(run, wording.period_words(run.period)) for run in rankings[:FEW]],
        "appeals": [(row, wording.appeal_mark(row)) for row in _own_appeals(request)],
        "appeals_url": reverse("assessment:appeals"),
    }
    return render(request, "assessment/mine.html", context)


def _own_appeals(request: HttpRequest) -> list[Appeal]:
    return list(reach.appeals(request).filter(by=request.user)[:FEW])
