"""A trial beside the month without it, a revision beside the one before: who moves, how the scores lie."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from assessment import comparing
from assessment.models import Run
from assessment.reading import Spread
from core.errors import NotAllowedNow
from pages.assessment import reach, runs, wording
from pages.base import page

SHOWN = 100


@page
@require_GET
def compared(request: HttpRequest, pk: int) -> HttpResponse:
    """Who moves against the run it is compared with; for assessors."""
    run = reach.find_run(request, pk)
    reach.need_assessor(request, run)
    if run.status not in runs.READY:
        raise NotAllowedNow("not_computed", _("Wait until the run is computed."))
    base = comparing.base_of(run)
    context: dict[str, Any] = {
        "run": run,
        "base": base,
        "title": runs.title_of(run),
        "start_url": f"{reverse('assessment:start')}?period={run.period}&area={run.area.code}",
        "trail": [
            (_("Assessment"), runs.home()),
            (runs.title_of(run), runs.url_of(run)),
            (_("Who moves"), None),
        ],
    }
    if base is not None:
        found = comparing.compare(run, base)
        moved = found.moved
        context |= {
            "count": len(found.changes),
            "changed": len(moved),
            "rows": [_row(one) for one in moved[:SHOWN]],
            "spreads": [
                (pgettext("a change", "Before"), found.before),
                (pgettext("a change", "After"), found.after),
            ],
            "bands": bands(found.before, found.after),
            "grades": [(wording.GRADES.get(code, code), before, after) for code, before, after in found.grades],
            "base_name": name_of(base),
            "run_name": name_of(run),
        }
    return render(request, "assessment/comparison.html", context)


def name_of(run: Run) -> str:
    """A run by its scheme version, or by its revision."""
    if run.revision > 1:
        return _("Revision %(number)d") % {"number": run.revision}
    words = {"code": run.version.scheme.code, "number": run.version.number}
    return _("%(code)s, version %(number)d") % words


def _row(one: comparing.Change) -> dict[str, Any]:
    return {
        "row": one,
        "url": reverse("assessment:score", args=[one.score_id]),
        "group": wording.group_words(one.peer_group),
        "places": abs(one.places),
    }


def bands(before: Spread, after: Spread) -> list[dict[str, Any]]:
    """Ten points of the scale with how many lie there before and after; shares in percent of the fullest one."""
    both = [(start, one, other) for (start, one), (_start, other) in zip(before.bands, after.bands, strict=True)]
    used = [at for at, (_start, one, other) in enumerate(both) if one or other]
    if not used:
        return []
    most = max(max(one, other) for _start, one, other in both)
    return [
        {
            "words": f"{start}–{start + 10}",
            "before": one,
            "after": other,
            "share_before": round(100 * one / most),
            "share_after": round(100 * other / most),
        }
        for start, one, other in both[used[0] : used[-1] + 1]
    ]
