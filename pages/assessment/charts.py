"""The overview of a run for those who lead: how scores lie, areas beside each other, the months before, the indicators.

Every chart stands beside a table with the same figures, which is all there is without script.
"""

from typing import Any

from django import forms as django_forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_GET

from assessment import reading, summary
from assessment.exports.workbook import need_ready
from assessment.models import Run
from assessment.models.score import NAMED_TO
from assessment.vocabulary import ScoreLevel
from assessment.wording import standing_words
from core import clock
from core.errors import NotPermitted
from grids.directory import Place, directory
from grids.levels import Kind, Level
from pages import base, lists
from pages.assessment import ranking, reach, runs, wording
from pages.base import page

SIZE = 25
# The levels that are set beside each other, the widest first.
COMPARED = (ScoreLevel.DISTRICT, ScoreLevel.STREET, ScoreLevel.COMMUNITY)
# Tones of tokens.css; the best grade first. Grades have their names in the table: colour is never all.
TONES = ("ok", "brand", "soon", "late")
DESK = "base_desk.html"


class OverviewForm(django_forms.Form):
    """The bar above the charts. Whatever is not understood narrows nothing."""

    area = django_forms.ChoiceField(label=_lazy("Area"))
    kind = django_forms.ChoiceField(label=_lazy("Kind of grid"), required=False)
    group = django_forms.ChoiceField(label=_lazy("Peer group"), required=False)

    def __init__(self, data: Any, *, areas: list[Place], groups: list[str]):
        given = {name: data.get(name, "") for name in ("kind", "group")}
        codes = {one.code: one for one in areas}
        self.place = codes.get(data.get("area", ""), areas[0])
        super().__init__({**given, "area": self.place.code}, auto_id="filter_%s")
        indent = {Level.COMMUNITY: "\u3000"}
        self.fields["area"].choices = [(one.code, f"{indent.get(one.level, '')}{one.name}") for one in areas]
        self.fields["kind"].choices = [("", _("All")), *((one.value, one.label) for one in Kind)]
        self.fields["group"].choices = [("", _("All")), *((one, wording.group_words(one)) for one in groups)]
        self.is_valid()

    @property
    def chosen(self) -> dict[str, str]:
        """Kind and peer group as the queries take them."""
        return {
            "kind": self.cleaned_data.get("kind", ""),
            "peer_group": self.cleaned_data.get("group", ""),
        }


@page
@require_GET
def overview(request: HttpRequest, pk: int) -> HttpResponse:
    """Charts and tables of a run, of an area the reader leads."""
    run = reach.find_run(request, pk)
    areas = led(request, run)
    if not areas:
        raise NotPermitted()
    need_ready(run)
    form = OverviewForm(request.GET, areas=areas, groups=ranking.groups_of(run))
    place, shell = form.place, base.shell(request)
    spread = _spread(run, place, form.chosen)
    compared = _compared(request, run, place)
    steps = _steps(request, run, place, form.chosen)
    context = {
        "shell": shell,
        "drawn": shell == DESK,
        "back": runs.url_of(run),
        "trail": [(_("Assessment"), runs.home()), (runs.title_of(run), runs.url_of(run)), (_("Overview"), None)],
        "run": run,
        "title": runs.title_of(run),
        "state": standing_words(run),
        "place": place,
        "filter": form,
        "narrowed": any(form.chosen.values()),
        "clear_url": reverse("assessment:charts", args=[run.pk]),
        "spread": spread,
        "compared": compared,
        "steps": steps,
        "totals": summary.totals(run, under=place, **form.chosen),
        "figures": [one["chart"] for one in (spread, compared, steps) if one],
    }
    return render(request, "assessment/charts.html", context)


def led(request: HttpRequest, run: Run) -> list[Place]:
    """The areas of the run over which the reader leads, down to communities; the widest first.

    A narrow area tells whose grid is meant: figures of areas nobody entrusted to the reader are not shown here.
    """
    standing = base.standing(request)
    found = [one for one in directory().by_id.values() if one.level in _LEVELS and run.area_id in one.path]
    if not standing.is_superuser:
        found = [one for one in found if standing.holds(*NAMED_TO, path=one.path) is not None]
    if len(found) > lists.MOST_AREAS:
        found = [one for one in found if one.level != Level.COMMUNITY]
    # Each community stands below its street.
    found.sort(key=lambda one: one.code)
    widest = min((_LEVELS.index(one.level) for one in found), default=0)
    return sorted(found, key=lambda one: _LEVELS.index(one.level) != widest)


_LEVELS = (Level.CITY, Level.DISTRICT, Level.STREET, Level.COMMUNITY)


# -- how scores lie ---------------------------------------------------------------------------------------------------


def _spread(run: Run, place: Place, chosen: dict[str, str]) -> dict[str, Any] | None:
    """Grids in each ten points with the grade these belong to, and how many have which grade."""
    spread = reading.distribution(run, level=ScoreLevel.GRID, under=place, **chosen)
    if not spread.count:
        return None
    grades = summary.grades(run, level=ScoreLevel.GRID, under=place, **chosen)
    used = [at for at, (_start, number) in enumerate(spread.bands) if number]
    rows = []
    for start, number in spread.bands[used[0] : used[-1] + 1]:
        at = next((at for at, one in enumerate(grades) if start >= one.least), len(grades) - 1)
        rows.append({"words": f"{start}–{start + 10}", "count": number, "grade": grades[at].name, "tone": _tone(at)})
    return {
        "spread": spread,
        "rows": rows,
        "grades": grades,
        "chart": {
            "name": "spread",
            "form": "columns",
            "labels": [row["words"] for row in rows],
            "tones": [row["tone"] for row in rows],
            "series": [{"name": _("Grids"), "values": [row["count"] for row in rows]}],
        },
    }


def _tone(at: int) -> str:
    return TONES[min(at, len(TONES) - 1)]


# -- areas beside each other ------------------------------------------------------------------------------------------


def _compared(request: HttpRequest, run: Run, place: Place) -> dict[str, Any] | None:
    """The areas below one, by place, a page of them: the ranking the reader also sees in full."""
    levels = [one for one in COMPARED if _LEVELS.index(one.value) > _LEVELS.index(place.level)]
    if not levels:
        return None
    asked = request.GET.get("level", "")
    level = next((one for one in levels if one == asked), levels[0])
    rows = reading.ranking(run, level=level, user=request.user, on=clock.today(), under=place)
    sheet = Paginator(rows, SIZE).get_page(request.GET.get("page"))
    listed = [
        {"score": one, "grade": wording.grade_mark(one), "url": reverse("assessment:score", args=[one.pk])}
        for one in sheet
    ]
    if not listed:
        return None
    ranked = [one["score"] for one in listed if one["score"].score is not None]
    return {
        "level": level.label,
        "rows": listed,
        "tabs": [
            {"label": one.label, "url": _url(request, level=one.value, page=None), "current": one == level}
            for one in levels
        ],
        "previous": _url(request, page=sheet.previous_page_number()) if sheet.has_previous() else "",
        "next": _url(request, page=sheet.next_page_number()) if sheet.has_next() else "",
        "total": sheet.paginator.count,
        "chart": {
            "name": "compared",
            "form": "bars",
            "full": 100,
            "labels": [one.name for one in ranked],
            "series": [{"name": _("Score"), "values": [one.score for one in ranked]}],
        },
    }


def _url(request: HttpRequest, **changed: Any) -> str:
    query = request.GET.copy()
    for name, value in changed.items():
        query.pop(name, None)
        if value is not None:
            query[name] = str(value)
    return f"?{query.urlencode()}"


# -- the months before ------------------------------------------------------------------------------------------------


def _steps(request: HttpRequest, run: Run, place: Place, chosen: dict[str, str]) -> dict[str, Any] | None:
    """The published periods: the area's own score and how its grids lie."""
    steps = summary.trend(run, area=place, user=request.user, on=clock.today(), **chosen)
    if not steps:
        return None
    series = (
        (place.name, "score"),
        (_("Median of the grids"), "median"),
        (_("Highest grid"), "highest"),
        (_("Lowest grid"), "lowest"),
    )
    return {
        "rows": [
            {
                "step": one,
                "words": wording.period_words(one.period),
                "url": reverse("assessment:run", args=[one.run_id]),
            }
            for one in reversed(steps)
        ],
        "chart": {
            "name": "steps",
            "form": "lines",
            "labels": [one.period for one in steps],
            "series": [{"name": str(name), "values": [getattr(one, field) for one in steps]} for name, field in series],
        },
    }
