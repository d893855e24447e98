"""One step on many orders: choose, look at what would happen to each, send, see what became of each."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from core import clock
from core.errors import Invalid
from pages import base, options, orders
from pages.base import Done, once, page
from pages.desk import queue
from pages.moves import MoveForm
from pages.orders import DESK
from personnel.jurisdiction import Standing
from workorders import workflow
from workorders.deskwork import bulk
from workorders.models import BulkJob, WorkOrder
from workorders.vocabulary import WorkState


class ChoiceForm(forms.Form):
    """Which step the chosen orders shall take."""

    move = forms.ChoiceField(widget=forms.RadioSelect)

    def __init__(self, *args, names: list[str], **kwargs):
        super().__init__(*args, auto_id="bulk_%s", **kwargs)
        self.fields["move"].label = _("What shall be done?")
        self.fields["move"].choices = [(name, workflow.BY_NAME[name].label) for name in names]


@page
@require_http_methods(["POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """The steps that are open for the chosen orders; with a step chosen its form and, order by order, its effect."""
    orders.enter(request, DESK)
    standing, now = base.standing(request), clock.now()
    numbers = request.POST.getlist("number")
    if "whole" in request.POST:
        numbers = queue.whole(QueryDict(request.POST.get("list", "")), standing, bulk.MOST)
    chosen = bulk.visible(numbers, standing)
    if not chosen:
        raise Invalid("nothing_chosen", _("Choose at least one order."))
    open_for = _open_for(chosen, standing, now)
    name = request.POST.get("move", "")
    context = {
        "chosen": chosen,
        "choice": ChoiceForm(request.POST if name in open_for else None, names=list(open_for)),
        "open_for": [(workflow.BY_NAME[one], count) for one, count in open_for.items()],
        "room": DESK,
        "trail": [(_("Queue"), DESK.prefix), (_("Several orders"), None)],
        "next": base.next_of(request, DESK.prefix),
    }
    if name not in open_for:
        return render(request, "desk/bulk.html", context)
    given_now = "given" in request.POST
    form = MoveForm(
        name, _example(name, chosen, standing, now), standing=standing, at=now, data=request.POST if given_now else None
    )
    _fit(form, chosen)
    context |= {"form": form, "move": workflow.BY_NAME[name]}
    ready = (given_now and form.is_valid()) or not form.fields
    given = form.given() if given_now and form.is_bound and form.is_valid() else {}
    if ready and request.problem is None and "go" in request.POST:

        def work() -> Done:
            job = bulk.start(name, chosen, by=request.user, at=now, given=given)
            return Done(
                f"{DESK.prefix}bulk/{job.pk}/",
                _("The worker has begun with %(count)d orders.") % {"count": len(chosen)},
            )

        return once(request, work)
    if ready:
        rows = bulk.preview(name, chosen, standing=standing, at=now, given=given)
        context |= {
            "rows": rows,
            "going": sum(row.goes for row in rows),
            "staying": sum(not row.goes for row in rows),
            "effect": form.effect,
        }
    return render(request, "desk/bulk.html", context)


def _open_for(chosen: list[WorkOrder], standing: Standing, now) -> dict[str, int]:
    """{step: for how many of the orders it is open}, those of no order left out."""
    found: dict[str, int] = {}
    for order in chosen:
        for move in workflow.allowed_moves(order, standing=standing, at=now):
            if move.name in bulk.MOVES:
                found[move.name] = found.get(move.name, 0) + 1
    return {name: found[name] for name in bulk.MOVES if name in found}


def _example(name: str, chosen: list[WorkOrder], standing: Standing, now) -> WorkOrder:
    """The first of the orders for which the step is open: its form stands for all of them."""
    for order in chosen:
        if any(move.name == name for move in workflow.allowed_moves(order, standing=standing, at=now)):
            return order
    return chosen[0]


def _fit(form: MoveForm, chosen: list[WorkOrder]) -> None:
    """Leave out what fits one order only: officers of its grid, a limit of its own."""
    form.hints.clear()
    for name in ("limit", "co_units", "suggested_unit", "officer"):
        form.fields.pop(name, None)
    if form.move.name == "dispatch":
        units = {unit.id: unit for order in chosen for unit in options.units_of(order)}
        form.fields["unit"].choices = [("", _("Choose who shall handle it")), *options.grouped(list(units.values()))]
        form.fields["unit"].help_text = ""


@page
@require_GET
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """What became of each order of a job; the part alone for HTMX, which asks until it is done."""
    orders.enter(request, DESK)
    found = BulkJob.objects.filter(pk=pk, by=request.user).first()
    if found is None:
        raise Http404
    rows = list(
        found.rows.select_related("order").defer("order__reporter_name", "order__reporter_phone").order_by("pk")
    )
    states = [row.state for row in rows]
    context = {
        "job": found,
        "move": workflow.BY_NAME[found.move],
        "rows": rows,
        "done": states.count(WorkState.DONE),
        "refused": [row for row in rows if row.state == WorkState.REFUSED],
        "waiting": states.count(WorkState.WAITING),
        "room": DESK,
        "trail": [(_("Queue"), DESK.prefix), (_("Several orders"), None)],
        "next": DESK.prefix,
    }
    alone = request.htmx and not request.htmx.history_restore_request
    return render(request, "desk/_job.html" if alone else "desk/job.html", context)
