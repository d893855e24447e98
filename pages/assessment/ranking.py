"""The ranking of a run: every level, narrowed by area, peer group and name; how the scores lie."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Case, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from assessment import reading
from assessment.models import Run, Score
from assessment.vocabulary import NotRanked, RunStatus, ScoreLevel, Span
from core import clock
from grids.directory import directory, find
from grids.levels import Level
from pages import base, lists
from pages.assessment import forms, reach, review, runs, wording
from pages.base import page

SIZE = 50


@dataclass(frozen=True)
class Ranked:
    """A row of a ranking."""

    score: Score
    grade: wording.Mark | None
    group: str
    why_not: str
    place: str


@page
@require_GET
def ranking(request: HttpRequest, pk: int) -> HttpResponse:
    """The ranking of a level with how scores lie; for assessors, before publication, what to look at first."""
    run = reach.find_run(request, pk)
    named = reach.sees_names(request)
    level = _level(request.GET.get("level", ""), named)
    form = forms.RankingForm(request.GET, areas=areas_of(run), groups=groups_of(run))
    rows = _rows(request, run, level, form)
    sheet = Paginator(rows, SIZE).get_page(request.GET.get("page"))
    assessor = reach.assesses(request, run)
    reviewed = assessor and run.status == RunStatus.COMPUTED and not run.provisional
    context = {
        **runs.progress(run),
        "shell": base.shell(request),
        "back": runs.home(),
        "trail": [(_("Assessment"), runs.home()), (runs.title_of(run), None)],
        "title": runs.title_of(run),
        "levels": _levels(run, level, named),
        "level": level,
        "is_named": level == ScoreLevel.OFFICER,
        "filter": form,
        "clear_url": f"?level={level}",
        "sheet": sheet,
        "rows": [_ranked(one) for one in sheet],
        "previous": _page_url(request, sheet.previous_page_number()) if sheet.has_previous() else "",
        "next": _page_url(request, sheet.next_page_number()) if sheet.has_next() else "",
        "spread": spread_of(run, level, form.chosen("group")),
        "is_assessor": assessor,
        "is_month": run.span == Span.MONTH,
        "review": review.board(request, run) if reviewed else None,
        "may_publish": reviewed and not run.simulated,
        "ready": run.status in runs.READY,
        "workbook_url": _workbook_url(run, form),
        "named": named,
        "leads": reach.leads(request, run),
        "comparable": run.simulated or run.previous_id is not None,
        "may_restart": assessor and run.status in (RunStatus.FAILED, RunStatus.CANCELLED),
        "later": reach.replaced(run),
    }
    return render(request, "assessment/run.html", context)


def _level(given: str, named: bool) -> str:
    if given not in ScoreLevel.values or (given == ScoreLevel.OFFICER and not named):
        return ScoreLevel.GRID
    return given


def _levels(run: Run, level: str, named: bool) -> list[dict]:
    return [
        {"label": one.label, "url": f"?level={one.value}", "current": one == level}
        for one in ScoreLevel
        if one != ScoreLevel.OFFICER or named
    ]


def areas_of(run: Run) -> list[tuple[str, str]]:
    """Streets and communities of the run, for the filter."""
    indent = {Level.DISTRICT: "", Level.STREET: "", Level.COMMUNITY: "\u3000"}
    found = [
        place
        for place in directory().by_id.values()
        if place.level in indent and run.area_id in place.path and place.id != run.area_id
    ]
    found.sort(key=lambda one: one.code)
    if len(found) > lists.MOST_AREAS:
        found = [one for one in found if one.level != Level.COMMUNITY]
    return [(one.code, f"{indent[Level(one.level)]}{one.name}") for one in found]


def groups_of(run: Run) -> list[str]:
    """The peer groups of the run's scheme, in the usual order."""
    return sorted(run.version.body["peer_groups"], key=lambda one: list(wording.GROUPS).index(one)
                  if one in wording.GROUPS else len(wording.GROUPS))  # fmt: skip


def _rows(request: HttpRequest, run: Run, level: str, form: forms.RankingForm) -> QuerySet:
    under = find(form.chosen("area")) if form.chosen("area") else None
    rows = reading.ranking(
        run, level=level, user=request.user, on=clock.today(), under=under, peer_group=form.chosen("group")
    )
    words = form.chosen("q")
    if words:
        rows = rows.filter(Q(name__icontains=words) | Q(code__startswith=words))
    if level == ScoreLevel.GRID and not form.chosen("group"):
        # Ranks hold inside a peer group only: one group after the other.
        order = [When(peer_group=name, then=Value(at)) for at, name in enumerate(groups_of(run))]
        rows = rows.annotate(group=Case(*order, default=Value(len(order)))).order_by("group", "place", "pk")
    return rows


def _ranked(score: Score) -> Ranked:
    why = NotRanked(score.why_not).label if score.why_not else ""
    known = directory().by_id
    path = known[score.area_id].path if score.area_id in known else ()
    above = [known[one].name for one in path if known[one].level in (Level.STREET, Level.COMMUNITY)]
    if score.level not in (ScoreLevel.OFFICER, ScoreLevel.UNIT):
        above = [name for name in above if name != score.name]
    elif score.level == ScoreLevel.OFFICER:
        above.append(score.area.name)
    group = wording.group_words(score.peer_group) if score.peer_group else ""
    return Ranked(score, wording.grade_mark(score), group, str(why), " · ".join(above))


def _page_url(request: HttpRequest, number: int) -> str:
    query = request.GET.copy()
    query["page"] = str(number)
    return f"?{query.urlencode()}"


def _workbook_url(run: Run, form: forms.RankingForm) -> str:
    """The workbook with the same rows as the page."""
    chosen = {name: form.chosen(name) for name in ("area", "group") if form.chosen(name)}
    address = reverse("assessment:workbook", args=[run.pk])
    return f"{address}?{urlencode(chosen)}" if chosen else address


@dataclass(frozen=True)
class Band:
    """Ten points of the scale and how many lie there; share in percent of the fullest one."""

    words: str
    count: int
    share: int


def spread_of(run: Run, level: str, group: str = "") -> dict[str, Any] | None:
    """How the scores of a level lie, for a table with bars; None when there are none."""
    if run.status not in runs.READY:
        return None
    spread = reading.distribution(run, level=level, peer_group=group)
    if not spread.count:
        return None
    most = max(number for _start, number in spread.bands)
    used = [at for at, (_start, number) in enumerate(spread.bands) if number]
    bands = spread.bands[used[0] : used[-1] + 1]
    return {
        "spread": spread,
        "most": most,
        "bands": [Band(f"{start}–{start + 10}", number, round(100 * number / most)) for start, number in bands],
    }
