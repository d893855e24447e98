"""Lists with names and phones in clear: asking with a purpose, the second person's word, taking the file."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import clock
from core.errors import NotPermitted
from core.papers import excel
from exchange import exporting as asking
from exchange.models import ExportRequest
from exchange.vocabulary import ExportState
from grids.directory import directory
from pages import base, downloads, exporting, paging
from pages.base import Done, once, page, submitted
from workorders.models import WorkOrder

app_name = "exports"
SIZE = 30
S = ExportState


class ReasonForm(forms.Form):
    """What the names are needed for."""

    reason = forms.CharField(
        max_length=200,
        label=_lazy("What do you need it for?"),
        help_text=_lazy("The person who approves reads this, and it stands on the file."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class DecisionForm(forms.Form):
    """Approved, or refused with a reason."""

    # Of several lines, so that Enter in it sends nothing: the first button would approve.
    note = forms.CharField(
        max_length=200,
        required=False,
        label=_lazy("Note"),
        help_text=_lazy("A refusal needs a reason."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )


@dataclass(frozen=True)
class Told:
    """A request as the list shows it."""

    request: ExportRequest
    place: str
    state: str


def _listed(request: HttpRequest) -> Any:
    """The requests within reach."""
    return ExportRequest.objects.visible_to(request.user, clock.today()).select_related("by", "decided_by")


def _state(one: ExportRequest) -> str:
    """The state by the clock: a file whose day is over has expired, whether the sweep was there or not."""
    if one.state == S.READY and one.expires_at <= clock.now():
        return S.EXPIRED
    return one.state


@page
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """What I asked for, and what waits for my word."""
    one_page = paging.newest(request, _listed(request).defer("orders"), size=SIZE)
    known = directory().by_id
    context = {
        "frame": base.shell(request),
        "trail": [(_("Exports"), None)],
        "rows": [Told(one, known[one.area_id].name, S(_state(one)).label) for one in one_page.rows],
        "next": one_page.next,
        "previous": one_page.previous,
    }
    return render(request, "exports/index.html", context)


@page
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Ask for a list with names: how many orders it holds, and the purpose."""
    if not asking.may_ask(base.standing(request)):
        raise NotPermitted("not_for_you", _("Only those who may see reporters one by one may ask for a list of them."))
    source = exporting.source_of(request)
    if source is None:
        raise Http404
    wanted = source.wanted(request)
    seen = WorkOrder.objects.visible_to(request.user, clock.today()).filter(
        pk__in=wanted.orders.order_by().values("pk")
    )
    ids = list(seen.order_by().values_list("pk", flat=True)[: asking.MOST + 1])
    form = ReasonForm(request.POST or None)
    back = source.url(request)
    if submitted(request, form):

        def work() -> Done:
            made = asking.ask(
                ids, name=wanted.name, reason=form.cleaned_data["reason"], by=request.user, at=clock.now()
            )
            text = _("The request %(number)s waits for approval. You are told when it is decided.")
            return Done(reverse("exports:one", args=[made.pk]), text % {"number": made.number})

        return once(request, work)
    context = {
        "frame": base.shell(request),
        "trail": [(_("Exports"), reverse("exports:index")), (_("Ask for a list with names"), None)],
        "form": form,
        "name": wanted.name,
        "count": len(ids),
        "too_many": asking.too_many_words() if len(ids) > asking.MOST else "",
        "back": back,
        "here": request.get_full_path(),
    }
    return render(request, "exports/new.html", context)


def _find(request: HttpRequest, pk: int) -> ExportRequest:
    found = _listed(request).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@page
@require_GET
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """A request with its state: for its asker and for those who may decide."""
    return _shown(request, _find(request, pk), DecisionForm())


def _shown(request: HttpRequest, found: ExportRequest, form: DecisionForm) -> HttpResponse:
    state, now = _state(found), clock.now()
    context = {
        "frame": base.shell(request),
        "trail": [(_("Exports"), reverse("exports:index")), (found.number, None)],
        "found": found,
        "state": S(state),
        "count": len(found.orders),
        "place": directory().by_id[found.area_id].name,
        "form": form,
        "may_decide": state == S.ASKED
        and now < found.asked_at + asking.WAITS
        and asking.may_decide(found, base.standing(request)),
        "may_take": state == S.READY and found.by_id == request.user.pk,
        "takings": asking.takings(found),
        "waiting": state == S.APPROVED,
    }
    alone = request.htmx and not request.htmx.history_restore_request
    return render(request, "exports/_one.html" if alone else "exports/one.html", context)


@page
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve or refuse."""
    found = _find(request, pk)
    form = DecisionForm(request.POST)
    if not submitted(request, form):
        return _shown(request, found, form)
    approve = request.POST.get("decision") == "approve"

    def work() -> Done:
        asking.decide(found, by=request.user, at=clock.now(), approve=approve, note=form.cleaned_data["note"])
        text = _("Approved; the file is being made.") if approve else _("Refused; the person is told why.")
        return Done(reverse("exports:one", args=[pk]), text)

    return once(request, work)


@page
@require_GET
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """The file, for its asker, within its day; each taking is written down first."""
    found = asking.take(_find(request, pk), by=request.user, at=clock.now())
    return downloads.send(found.file, name=f"{found.name} {found.number}.xlsx", kind=excel.TYPE)


urlpatterns = [
    path("", index, name="index"),
    path("new/", new, name="new"),
    path("<int:pk>/", one, name="one"),
    path("<int:pk>/decide/", decide, name="decide"),
    path("<int:pk>/file/", file, name="file"),
]
