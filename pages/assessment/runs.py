"""A run: started, watched, reviewed, ranked, published; and other weights tried on it."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Case, Count, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assessment import commands, periods, reading
from assessment import review as suspicions
from assessment import what_if as trying
from assessment.indicators import INDICATORS
from assessment.models import Adjustment, Run, Score
from assessment.vocabulary import NotRanked, RunStatus, ScoreLevel
from core import clock
from core.errors import NotAllowedNow, NotPermitted
from grids.directory import directory, find
from grids.levels import Level
from pages import base, lists
from pages.assessment import forms, reach, wording
from pages.assessment.overview import BUSY
from pages.base import Done, once, page, submitted
from personnel.jurisdiction import lies_in

SIZE = 50
MOST = 20
SHOWN_MOVES = 100
BACK_MONTHS = 13
READY = (RunStatus.COMPUTED, RunStatus.PUBLISHED)
STEPS = {
    "looking": _lazy("Counting orders and records"),
    "adding": _lazy("Adding up"),
    "charging": _lazy("Deductions and bonuses"),
    "rating": _lazy("Rating and ranking"),
    "storing": _lazy("Storing"),
    "done": _lazy("Computed"),
}


def _home() -> str:
    return reverse("assessment:index")


def url_of(run: Run) -> str:
    """The page of a run."""
    return reverse("assessment:run", args=[run.pk])


def title_of(run: Run) -> str:
    """Its month and area."""
    return _("%(period)s, %(area)s") % {"period": wording.period_words(run.period), "area": run.area.name}


# -- start, watch, stop -------------------------------------------------------------------------------------------


@page
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Compute a month, or the present one so far."""
    areas = reach.assessed(request)
    if not areas:
        raise NotPermitted()
    now = periods.month_at(clock.now())
    months = [now, *(now.before(number) for number in range(1, BACK_MONTHS))]
    given = request.POST or None
    initial = {"period": request.GET.get("period") or months[1].text, "area": request.GET.get("area") or areas[0].code}
    form = forms.StartForm(given, months=months, areas=areas, initial=initial)
    if submitted(request, form):

        def work() -> Done:
            chosen = form.cleaned_data
            run = commands.start(chosen["period"], by=request.user, at=clock.now(), area=chosen["area"])
            return Done(url_of(run), _("The month is being computed. You can leave this page; it goes on."))

        return once(request, work)
    context = {"form": form, "trail": [(_("Assessment"), _home()), (_("Compute a month"), None)]}
    return render(request, "assessment/start.html", context)


@page
@require_GET
def state(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a run is, as a fragment that asks again until it is over; then the page shows itself anew."""
    run = reach.find_run(request, pk)
    response = render(request, "assessment/_progress.html", progress(run))
    if run.status not in BUSY:
        response["HX-Refresh"] = "true"
    return response


def progress(run: Run) -> dict[str, Any]:
    """What the progress fragment shows."""
    return {"run": run, "mark": wording.run_mark(run), "step": STEPS.get(run.step, ""), "busy": run.status in BUSY}


@page
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop it."""
    run = reach.find_run(request, pk)

    def work() -> Done:
        commands.cancel(run, by=request.user, at=clock.now())
        return Done(_home(), _("The computation was cancelled. Nothing of it is kept."))

    return once(request, work)


@page
@require_POST
def restart(request: HttpRequest, pk: int) -> HttpResponse:
    """Do a failed or cancelled run again from the start."""
    run = reach.find_run(request, pk)

    def work() -> Done:
        commands.restart(run, by=request.user, at=clock.now())
        return Done(url_of(run), _("The month is being computed anew."))

    return once(request, work)


# -- the ranking --------------------------------------------------------------------------------------------------


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
    form = forms.RankingForm(request.GET, areas=_areas(run), groups=_groups(run))
    rows = _rows(request, run, level, form)
    sheet = Paginator(rows, SIZE).get_page(request.GET.get("page"))
    assessor = reach.assesses(request, run)
    context = {
        **progress(run),
        "shell": base.shell(request),
        "back": _home(),
        "trail": [(_("Assessment"), _home()), (title_of(run), None)],
        "title": title_of(run),
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
        "review": review(run) if assessor and run.status == RunStatus.COMPUTED and not run.provisional else None,
        "may_publish": assessor and run.status == RunStatus.COMPUTED and not run.provisional and not run.simulated,
        "ready": run.status in READY,
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


def _areas(run: Run) -> list[tuple[str, str]]:
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


def _groups(run: Run) -> list[str]:
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
        order = [When(peer_group=name, then=Value(at)) for at, name in enumerate(_groups(run))]
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


@dataclass(frozen=True)
class Band:
    """Ten points of the scale and how many lie there; share in percent of the fullest one."""

    words: str
    count: int
    share: int


def spread_of(run: Run, level: str, group: str = "") -> dict[str, Any] | None:
    """How the scores of a level lie, for a table with bars; None when there are none."""
    if run.status not in READY:
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


def review(run: Run) -> dict[str, Any]:
    """What an assessor looks at before publishing: largest movers, outliers, unconfirmed items."""
    return {
        "movers": reading.movers(run, count=MOST),
        "outliers": reading.outliers(run)[:MOST],
        "unconfirmed": _unconfirmed(run),
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


def _unconfirmed(run: Run) -> int:
    """Items by hand that nobody confirmed: they do not count."""
    rows = Adjustment.objects.filter(lies_in("area__in", [run.area_id]), period=run.period)
    return rows.filter(confirmed_at__isnull=True, withdrawn_at__isnull=True).count()


# -- publish ------------------------------------------------------------------------------------------------------


@page
@require_http_methods(["GET", "POST"])
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """The summary, the month typed once more, and the month is frozen."""
    run = reach.find_run(request, pk)
    reach.need_assessor(request, run)
    form = forms.PublishForm(request.POST or None, period=run.period)
    if submitted(request, form):

        def work() -> Done:
            commands.publish(run, by=request.user, at=clock.now())
            return Done(url_of(run), _("Published. Everybody assessed is told; it now changes by appeals only."))

        return once(request, work)
    if run.status == RunStatus.PUBLISHED and request.problem is None:
        raise NotAllowedNow("published", _("This run is published already."))
    context = {
        "run": run,
        "form": form,
        "summary": summary(run),
        "unconfirmed": _unconfirmed(run),
        "trail": [(_("Assessment"), _home()), (title_of(run), url_of(run)), (_("Publish"), None)],
    }
    return render(request, "assessment/publish.html", context)


def summary(run: Run) -> list[dict[str, Any]]:
    """Of every level: how many are ranked and not, how many vetoes, the grades; one statement."""
    rows = Score.objects.filter(run=run).order_by().values("level", "grade").annotate(
        count=Count("pk"), ranked=Count("pk", filter=Q(score__isnull=False)), vetoes=Count("pk", filter=Q(veto=True))
    )  # fmt: skip
    found: dict[str, Counter] = {}
    grades: dict[str, list] = {}
    for row in rows:
        of_level = found.setdefault(row["level"], Counter())
        of_level.update(count=row["count"], ranked=row["ranked"], vetoes=row["vetoes"])
        if row["grade"]:
            grades.setdefault(row["level"], []).append((row["grade"], row["count"]))
    order = list(wording.GRADES)
    return [
        {
            "level": one.label,
            "grades": [
                (wording.GRADES.get(code, code), number)
                for code, number in sorted(
                    grades.get(one, []), key=lambda pair: order.index(pair[0]) if pair[0] in order else len(order)
                )
            ],
            "unranked": found[one]["count"] - found[one]["ranked"],
            "ranked": found[one]["ranked"],
            "vetoes": found[one]["vetoes"],
        }
        for one in ScoreLevel
        if one in found
    ]


# -- what if ------------------------------------------------------------------------------------------------------


@page
@require_http_methods(["GET", "POST"])
def what_if(request: HttpRequest, pk: int) -> HttpResponse:
    """Other weights: who would stand where. Nothing is stored."""
    run = reach.find_run(request, pk)
    reach.need_assessor(request, run)
    if run.status not in READY:
        raise NotAllowedNow("not_computed", _("Wait until the run is computed."))
    form = forms.WeightsForm(request.POST or None, rows=_weights(run))
    result = None
    if submitted(request, form):
        result = _tried(run, {code: weight for code, weight in form.cleaned_data.items() if weight is not None})
    context = {
        "run": run,
        "form": form,
        "result": result,
        "trail": [(_("Assessment"), _home()), (title_of(run), url_of(run)), (_("What if"), None)],
    }
    return render(request, "assessment/what_if.html", context)


def _weights(run: Run) -> list[dict]:
    given = run.version.body["indicators"]
    return [
        {
            "code": one.code,
            "name": str(one.name),
            "klass": one.klass,
            "weight": wording.plain(given[one.code]["weight"]),
        }
        for one in INDICATORS
        if one.code in given
    ]


def _tried(run: Run, weights: dict[str, Decimal]) -> dict[str, Any]:
    moved = trying.what_if(run, weights)
    changed = sorted((one for one in moved if one.change), key=lambda one: (-abs(one.change), one.rank, one.code))
    return {
        "all": len(moved),
        "changed": len(changed),
        "rows": [
            {
                "url": reverse("assessment:score", args=[one.score_id]),
                "name": one.name,
                "group": wording.group_words(one.peer_group),
                "before": Decimal(one.before).scaleb(-2),
                "score": Decimal(one.score).scaleb(-2),
                "rank_before": one.rank_before,
                "rank": one.rank,
                "of": one.of,
                "change": one.change,
                "places": abs(one.change),
            }
            for one in (changed or moved)[:SHOWN_MOVES]
        ],
    }
