"""A run: started, watched, stopped, published."""

from collections import Counter
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assessment import commands, periods
from assessment.models import Run, Score
from assessment.vocabulary import RunStatus, ScoreLevel
from core import clock
from core.errors import NotAllowedNow, NotPermitted
from pages.assessment import forms, reach, review, wording
from pages.assessment.overview import BUSY
from pages.base import Done, once, page, submitted

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


def home() -> str:
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
    context = {"form": form, "trail": [(_("Assessment"), home()), (_("Compute a month"), None)]}
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
        return Done(home(), _("The computation was cancelled. Nothing of it is kept."))

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
        "unconfirmed": review.unconfirmed(run),
        "trail": [(_("Assessment"), home()), (title_of(run), url_of(run)), (_("Publish"), None)],
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
