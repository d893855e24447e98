"""Quarters and years: made from published months and quarters, ranked and published the same way; the annual review."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assessment import commands, periods, spans
from assessment.commands import spanning
from assessment.models import AnnualReview, Run, Score
from assessment.vocabulary import RunStatus, ScoreLevel, Span
from core import clock
from core.errors import Invalid, NotPermitted
from grids.directory import Place, find, find_id
from pages.assessment import reach, runs, wording
from pages.assessment.adjustments import need_assessor, pages_of
from pages.assessment.rooms import rooms
from pages.assessment.span_forms import ReviewFilter, ReviewForm
from pages.base import Done, once, page, submitted
from personnel.jurisdiction import lies_in

MOST_AREAS, SIZE = 12, 30


def _trail(*more: tuple) -> list[tuple]:
    own = reverse("assessment:spans") if more else None
    return [(_("Assessment"), runs.home()), (_("Quarters and years"), own), *more]


# -- quarters and years -------------------------------------------------------------------------------------------


@page
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """This year and the last one with their quarters: what is published, what is missing, what can be made."""
    need_assessor(request)
    areas = _areas(request)
    year = clock.today().year
    wanted = [_year(one) for one in (year, year - 1)]
    wanted = [part for one in wanted for part in (one, *reversed(one.quarters())) if part.since <= clock.now()]
    context = {
        "trail": _trail(),
        "back": runs.home(),
        "rooms": rooms(request, "spans"),
        "tables": [(area, [_row(one) for one in spans.progress(area.id, wanted)]) for area in areas],
        "may_start": not request.user.is_superuser,
        "review_url": reverse("assessment:reviews"),
    }
    return render(request, "assessment/spans.html", context)


def _areas(request: HttpRequest) -> list[Place]:
    """The areas assessed; of many (the administrator's districts) those with runs."""
    areas = reach.assessed(request)
    if len(areas) <= 3:
        return areas
    held = set(reach.runs(request).filter(simulated=False).order_by().values_list("area_id", flat=True).distinct())
    return [one for one in areas if one.id in held][:MOST_AREAS] or areas[:1]


def _year(number: int) -> periods.Period:
    return periods.read(str(number), Span.YEAR)


def _row(one: spans.Progress) -> dict[str, Any]:
    shown = one.current or one.newest
    return {
        "one": one,
        "words": wording.period_words(one.period.text),
        "is_year": one.period.span == Span.YEAR,
        "over": one.period.until <= clock.now(),
        "mark": wording.run_mark(shown) if shown else None,
        "run": shown,
        "waits": one.newest is not None and one.newest.status == RunStatus.COMPUTED and one.newest != one.current,
        "missing": wording.listed(wording.period_words(name) for name in one.missing),
        "count": len(one.parts) - len(one.missing),
        "of": len(one.parts),
    }


@page
@require_POST
def roll_up(request: HttpRequest) -> HttpResponse:
    """Make a quarter or year from its published parts."""
    need_assessor(request)
    if request.user.is_superuser:
        raise NotPermitted()
    period, area = request.POST.get("period", ""), request.POST.get("area", "")

    def work() -> Done:
        run = commands.roll_up(period, by=request.user, at=clock.now(), area=area or None)
        return Done(runs.url_of(run), _("Computed from its published parts. Look at it, then publish it."))

    return once(request, work)


# -- the annual review --------------------------------------------------------------------------------------------


@page
@require_http_methods(["GET", "POST"])
def reviews(request: HttpRequest) -> HttpResponse:
    """What leaders, peers and residents give each grid or officer once a year; a page of rows is saved at once."""
    need_assessor(request)
    assessed = reach.assessed(request)
    chosen = ReviewFilter(request.GET, years=_years(), areas=reach.narrower(one.id for one in assessed))
    year, level = int(chosen.chosen("year") or _years()[0]), chosen.chosen("level") or ScoreLevel.GRID
    rows = _subjects(request, year, level, chosen)
    sheet = Paginator(rows, SIZE).get_page(request.GET.get("page"))
    held = _held(year, list(sheet))
    form = ReviewForm(request.POST or None, rows=[(one, held.get(_key(one))) for one in sheet])
    if submitted(request, form):

        def work() -> Done:
            saved = 0
            for score, marks in form.marks():
                _save(request, year, score, marks)
                saved += 1
            return Done(request.get_full_path(), _("%(count)d reviews were saved.") % {"count": saved})

        return once(request, work)
    context = {
        "trail": _trail((_("Annual review"), None)),
        "back": reverse("assessment:spans"),
        "filter": chosen,
        "form": form,
        "rows": form.rows,
        "sheet": sheet,
        "terms": {
            "review": spanning.REVIEW,
            "quarters": spanning.QUARTERS,
            "leaders": spanning.LEADERS,
            "peers": spanning.PEERS,
            "residents": spanning.RESIDENTS,
        },  # fmt: skip
        "closed": _is_published(year, assessed),
        "may_enter": not request.user.is_superuser,
        **pages_of(request, sheet),
    }
    return render(request, "assessment/reviews.html", context)


def _years() -> list[str]:
    year = clock.today().year
    return [str(year), str(year - 1)]


def _subjects(request: HttpRequest, year: int, level: str, chosen: ReviewFilter) -> QuerySet:
    """The grids or officers of the year's last published month, as they were then."""
    assessed = [one.id for one in reach.assessed(request)]
    held = Run.objects.current().filter(span=Span.MONTH, period__startswith=f"{year}-", area_id__in=assessed)
    last = {run.area_id: run.pk for run in held.order_by("period").only("pk", "area_id")}
    rows = Score.objects.visible_to(request.user, clock.today()).filter(run__in=last.values(), level=level)
    if code := chosen.chosen("area"):
        rows = rows.filter(lies_in("area__in", [find(code).id]))
    if words := chosen.chosen("q"):
        rows = rows.filter(Q(name__icontains=words) | Q(area__name__icontains=words))
    return rows.select_related("area").order_by("area__code", "code", "pk")


def _key(score: Score) -> tuple[int, int | None]:
    return score.area_id, score.officer_id


def _held(year: int, scores: list[Score]) -> dict[tuple, AnnualReview]:
    rows = AnnualReview.objects.filter(year=year, area_id__in={one.area_id for one in scores})
    return {(one.area_id, one.officer_id): one for one in rows}


def _save(request: HttpRequest, year: int, score: Score, marks: dict[str, Any]) -> None:
    place = find_id(score.area_id)
    try:
        commands.review_year(
            year=year, area=place.code, by=request.user, at=clock.now(), officer=score.officer, **marks
        )  # fmt: skip
    except Invalid as refusal:
        errors = {f"{name}.{score.pk}": words for name, words in (refusal.errors or {}).items()}
        raise Invalid(errors=errors) from refusal


def _is_published(year: int, areas: list[Place]) -> bool:
    known = [one.id for one in areas]
    return Run.objects.filter(period=str(year), status=RunStatus.PUBLISHED, area_id__in=known).exists()
