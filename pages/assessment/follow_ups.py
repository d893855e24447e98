"""What poor months call for: whom it is about, what a person decided, and why."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods

from assessment import commands, use
from assessment.commands.appealing import appeals_until
from assessment.models import FollowUp, Score
from assessment.vocabulary import FollowUpKind
from core import clock
from core.errors import NotPermitted
from pages import base
from pages.assessment import reach, wording
from pages.assessment.adjustments import pages_of
from pages.assessment.forms import FollowUpForm
from pages.assessment.rooms import rooms
from pages.base import Done, once, page, submitted

SIZE = 50
CHOICES = {
    FollowUpKind.TALK: (_lazy("A talk is held and training offered"), _lazy("No talk: the reason stands below")),
    FollowUpKind.CONTRACT: (_lazy("The end of the contract is proposed"), _lazy("Stays in service")),
}


@dataclass(frozen=True)
class Shown:
    """A follow-up with the words of its months and its decision, if there is one. until: may be contested so long."""

    due: use.Due
    months: str
    decided: FollowUp | None
    outcome: Any
    until: Any
    url: str


def outcome_words(row: FollowUp) -> Any:
    """What was decided."""
    return CHOICES[FollowUpKind(row.kind)][0 if row.agreed else 1]


def of_score(score: Score) -> list[Shown]:
    """What one published score calls for, decided or not."""
    return _shown(use.due([score]))


def _shown(found: Sequence[use.Due]) -> list[Shown]:
    rows = FollowUp.objects.filter(officer__in={one.score.officer_id for one in found}).select_related("by")
    decided = {(row.officer_id, row.period, row.kind): row for row in rows}
    until = {run.pk: appeals_until(run) for run in {one.score.run for one in found}}
    return [_row(one, decided.get(one.key), until[one.score.run_id]) for one in found]


def _row(one: use.Due, row: FollowUp | None, until: dt.datetime) -> Shown:
    return Shown(
        one, wording.listed(wording.period_words(month) for month in one.months), row,
        outcome_words(row) if row else "", until if row is None and until >= clock.now() else None,
        reverse("assessment:follow_up", args=[one.score.pk, str(one.kind)]),
    )  # fmt: skip


@page
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Those that wait for a person, or those decided."""
    if not reach.assessed(request):
        raise NotPermitted()
    decided = request.GET.get("view") == "decided"
    open_now = reach.follow_ups(request)
    rows = FollowUp.objects.visible_to(request.user, clock.today()).exclude(officer=request.user)
    rows = rows.select_related("score__area", "by").order_by("-at", "-pk")
    sheet = Paginator(rows if decided else open_now, SIZE).get_page(request.GET.get("page"))
    context = {
        "trail": [(_("Assessment"), reverse("assessment:index")), (_("Follow-ups"), None)],
        "rooms": rooms(request, "follow_ups"),
        "tabs": [
            {"label": pgettext("a follow-up", "To decide"), "url": "?", "count": len(open_now), "current": not decided},
            {"label": pgettext("a follow-up", "Decided"), "url": "?view=decided", "count": None, "current": decided},
        ],
        "decided": decided,
        "sheet": sheet,
        "rows": [(one, wording.period_words(one.period), outcome_words(one)) for one in sheet]
        if decided
        else _shown(list(sheet)),
        **pages_of(request, sheet),
    }
    return render(request, "assessment/follow_ups.html", context)


@page
@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """One officer's poor months, and what a person decides about them."""
    score = reach.find_score(request, pk)
    found = [one for one in of_score(score) if one.due.kind == kind] if score.officer_id else []
    if not found or not (reach.assesses(request, score.run) or score.officer_id == request.user.pk):
        raise Http404
    shown = found[0]
    form = FollowUpForm(request.POST or None, choices=CHOICES[FollowUpKind(kind)])
    if submitted(request, form):

        def work() -> Done:
            commands.follow_up(
                score, kind=kind, agreed=form.cleaned_data["agreed"], reason=form.cleaned_data["reason"],
                by=request.user, at=clock.now(),
            )  # fmt: skip
            return Done(reverse("assessment:follow_ups"), _("Your decision was recorded; the officer can read it."))

        return once(request, work)
    own = score.officer_id == request.user.pk
    home = reverse("assessment:score", args=[score.pk]) if own else reverse("assessment:follow_ups")
    context = {
        "shell": base.shell(request),
        "back": home,
        "trail": [
            (_("Assessment"), reverse("assessment:index")),
            (score.name if own else _("Follow-ups"), home),
            (shown.due.kind.label, None),
        ],
        "one": shown,
        "score": score,
        "form": form,
        "may_decide": shown.decided is None and not own and not request.user.is_superuser,
    }
    return render(request, "assessment/follow_up.html", context)
