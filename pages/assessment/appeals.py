"""Appeals: entered at a row of a score, waiting in a queue, decided in up to two steps."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from assessment import commands, evidence, items
from assessment.indicators import BY_CODE
from assessment.models import Appeal, Score
from assessment.vocabulary import AppealState, Fact
from core import clock
from grids.directory import find_id
from pages import base
from pages.assessment import downloads, explain, forms, reach, wording
from pages.assessment.rooms import WAITING, rooms
from pages.base import Done, once, page, submitted
from pages.orders import order_url
from personnel.roles import Role

MOST = 200


def item_words(code: str) -> str:
    """An indicator, deduction or bonus by its name."""
    return f"{code} {BY_CODE[code].name}" if code in BY_CODE else f"{code} {items.name_of(code)}"


# -- enter --------------------------------------------------------------------------------------------------------


@page
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, pk: int) -> HttpResponse:
    """Contest one row: `item` with `order` or `charge` in the address say which."""
    score = reach.find_score(request, pk)
    item, order = request.GET.get("item", "")[:20], request.GET.get("order", "")[:40]
    charge = _charge(score, request.GET.get("charge", ""))
    if charge is not None:
        item, order = charge.code, charge.order.number if charge.order_id else ""
    if item not in BY_CODE and item not in items.BY_CODE:
        raise Http404
    form = forms.AppealForm(request.POST or None, request.FILES or None)
    if submitted(request, form):

        def work() -> Done:
            commands.appeal(
                score, by=request.user, at=clock.now(), item=item, order=order,
                charge=charge.pk if charge else None, reason=form.cleaned_data["reason"],
                evidence=form.cleaned_data["evidence"],
            )  # fmt: skip
            return Done(explain.url_of(score), _("Your appeal is with the assessor, who has to answer it in time."))

        return once(request, work)
    context = {
        "shell": base.shell(request),
        "back": explain.url_of(score),
        "trail": explain.trail_of(score, (_("Appeal"), None)),
        "score": score,
        "form": form,
        "item": item_words(item),
        "order": order,
        "charge": charge,
        "until": explain.appeals_open(request, score),
        "period": wording.period_words(score.run.period),
    }
    return render(request, "assessment/appeal.html", context)


def _charge(score: Score, given: str):
    if not given.isdecimal() or len(given) > 18:
        return None
    source = score.mirrors or score
    found = source.charges.select_related("order").filter(pk=int(given)).first()
    if found is None:
        raise Http404
    return found


# -- the queue ----------------------------------------------------------------------------------------------------


@page
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """Those that wait, the most pressing first; or those decided. People without the post see their own."""
    decided = request.GET.get("view") == "decided"
    rows = reach.appeals(request)
    counts = {False: rows.filter(state__in=WAITING), True: rows.exclude(state__in=WAITING)}
    shown = counts[decided].order_by("-at", "-pk") if decided else counts[decided].order_by("answer_due", "pk")
    context = {
        "shell": base.shell(request),
        "back": reverse("assessment:index"),
        "trail": [(_("Assessment"), reverse("assessment:index")), (_("Appeals"), None)],
        "rooms": rooms(request, "appeals"),
        "tabs": [
            {"label": _("To decide"), "url": "?", "count": counts[False].order_by().count(), "current": not decided},
            {"label": _("Decided"), "url": "?view=decided", "count": None, "current": decided},
        ],
        "decided": decided,
        "rows": [_listed(row) for row in shown[:MOST]],
    }
    return render(request, "assessment/appeals.html", context)


def _listed(row: Appeal) -> dict:
    late = row.state in WAITING and row.answer_due < clock.now()
    return {
        "row": row,
        "mark": wording.appeal_mark(row),
        "item": item_words(row.item),
        "period": wording.period_words(row.score.run.period),
        "who": row.by.name or row.by.username,
        "lamp": "red" if late else "green",
        "waits": row.state in WAITING,
    }


# -- decide -------------------------------------------------------------------------------------------------------


@page
@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """One appeal with what was said so far; whoever decides this step finds the form."""
    row = reach.find_appeal(request, pk)
    form = forms.RuleForm(request.POST or None)
    if submitted(request, form):

        def work() -> Done:
            decided = commands.rule(
                row, by=request.user, at=clock.now(), uphold=form.cleaned_data["uphold"],
                answer=form.cleaned_data["answer"],
            )  # fmt: skip
            upheld = decided.state == AppealState.UPHELD
            text = _("Upheld. A revision with the fact set right is being computed; both stay.")
            return Done(reverse("assessment:appeals"), text if upheld else _("Refused. Your reason was recorded."))

        return once(request, work)
    visible = explain.visible_numbers(request, {row.order.number}) if row.order_id else set()
    seen = Score.objects.visible_to(request.user, clock.today()).filter(pk=row.score_id).exists()
    context = {
        **_listed(row),
        "shell": base.shell(request),
        "back": reverse("assessment:appeals"),
        "trail": [
            (_("Assessment"), reverse("assessment:index")),
            (_("Appeals"), reverse("assessment:appeals")),
            (item_words(row.item), None),
        ],
        "form": form,
        "fact": Fact(row.fact).label,
        "order_url": order_url(request, row.order.number) if visible else "",
        "score_url": reverse("assessment:score", args=[row.score_id]) if seen else "",
        "file_name": evidence.name_of(row.evidence),
        "may_rule": row.state in WAITING and row.by_id != request.user.pk and _may_rule(request, row),
        "may_ask_again": row.state == AppealState.REFUSED and row.by_id == request.user.pk,
    }
    return render(request, "assessment/decide.html", context)


def _may_rule(request: HttpRequest, row: Appeal) -> bool:
    """Whether the form is worth showing; the command judges, also level and second person."""
    if row.state == AppealState.SECOND and row.first_by_id == request.user.pk:
        return False
    place = find_id(row.score.area_id)
    return place is not None and base.standing(request).holds(Role.ASSESSOR, path=place.path) is not None


@page
@require_http_methods(["GET", "POST"])
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a refused appeal to the second step."""
    row = reach.find_appeal(request, pk)
    form = forms.AgainForm(request.POST or None)
    if submitted(request, form):

        def work() -> Done:
            commands.ask_again(row, by=request.user, at=clock.now(), reason=form.cleaned_data["reason"])
            return Done(reverse("assessment:decide", args=[row.pk]), _("Another person decides now."))

        return once(request, work)
    context = {
        **_listed(row),
        "shell": base.shell(request),
        "back": reverse("assessment:decide", args=[row.pk]),
        "trail": [
            (_("Assessment"), reverse("assessment:index")),
            (_("Appeals"), reverse("assessment:appeals")),
            (_("Second step"), None),
        ],
        "form": form,
    }
    return render(request, "assessment/again.html", context)


@page
@require_GET
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """The evidence that came with an appeal, always as a download."""
    row = reach.find_appeal(request, pk)
    if not row.evidence:
        raise Http404
    return downloads.send(row.evidence)
