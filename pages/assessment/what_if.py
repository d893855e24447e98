"""Other weights tried on a run: who would stand where. Nothing is stored."""

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from assessment import what_if as trying
from assessment.indicators import INDICATORS
from assessment.models import Run
from assessment.vocabulary import Span
from core.errors import NotAllowedNow
from pages.assessment import forms, reach, runs, wording
from pages.base import page, submitted

SHOWN_MOVES = 100


@page
@require_http_methods(["GET", "POST"])
def what_if(request: HttpRequest, pk: int) -> HttpResponse:
    """Other weights: who would stand where. Nothing is stored."""
    run = reach.find_run(request, pk)
    reach.need_assessor(request, run)
    if run.status not in runs.READY:
        raise NotAllowedNow("not_computed", _("Wait until the run is computed."))
    if run.span != Span.MONTH:
        raise NotAllowedNow("not_a_month", _("Other weights are tried on a month."))
    form = forms.WeightsForm(request.POST or None, rows=_weights(run))
    result = None
    if submitted(request, form):
        result = _tried(run, {code: weight for code, weight in form.cleaned_data.items() if weight is not None})
    context = {
        "run": run,
        "form": form,
        "result": result,
        "trail": [(_("Assessment"), runs.home()), (runs.title_of(run), runs.url_of(run)), (_("What if"), None)],
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
