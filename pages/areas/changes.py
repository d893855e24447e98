"""Splits and mergers that were decided on: those that wait, can be called off; those that are over, with what moved."""

from django.core.paginator import Paginator
from django.db.models import F
from django.db.models.lookups import In
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core import clock
from grids.directory import directory, find
from pages import base, orders
from pages.areas import reach
from pages.base import Done, once, page
from workorders import redividing
from workorders.commands import redividing as commands
from workorders.models import Redivision, RehomedOrder, WorkOrder

SIZE, MOST_SHOWN = 50, 100
TONES = {"planned": "tone-brand", "moving": "tone-brand", "done": "tone-ok", "cancelled": "", "refused": "tone-late"}


def _found(request: HttpRequest, pk: int) -> Redivision:
    plan = Redivision.objects.visible_to(request.user, clock.today()).select_related("by", "cancelled_by").filter(pk=pk)
    found = plan.first()
    if found is None:
        raise Http404
    reach.administered(request, directory().by_id[found.area_id].code)
    return found


def _row(plan: Redivision) -> dict:
    known = directory().by_id
    return {
        "plan": plan,
        "kind": plan.get_kind_display(),
        "state": plan.get_state_display(),
        "tone": TONES[plan.state],
        "before": _(", ").join(known[pk].name for pk in plan.olds if pk in known),
        "after": _(", ").join(one["name"] for one in plan.body["parts"]),
        "url": reverse("areas:change", args=[plan.pk]),
    }


@page
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The newest first; those that wait stand on top."""
    reach.administered(request)
    rows = Redivision.objects.visible_to(request.user, clock.today())
    rows = rows.order_by(In(F("state"), redividing.WAITING).desc(), "-made_at", "-pk")
    sheet = Paginator(rows, SIZE).get_page(request.GET.get("page"))
    context = {
        "frame": base.shell(request),
        "trail": [(_("Areas"), reverse("areas:index")), (_("Splits and mergers"), None)],
        "rows": [_row(one) for one in sheet],
        "previous": f"?page={sheet.previous_page_number()}" if sheet.has_previous() else "",
        "next": f"?page={sheet.next_page_number()}" if sheet.has_next() else "",
    }
    return render(request, "areas/changes.html", context)


@page
@require_GET
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them: what became of it, and the orders that went over."""
    plan = _found(request, pk)
    moved = RehomedOrder.objects.filter(redivision=plan)
    seen = WorkOrder.objects.visible_to(request.user, clock.today())
    shown = moved.filter(order__in=seen).select_related("order", "after").order_by("pk")[:MOST_SHOWN]
    parts = [{**one, "link": reverse("areas:outline", args=[one["code"]])} for one in plan.body["parts"]]
    context = {
        "frame": base.shell(request),
        "trail": [
            (_("Areas"), reverse("areas:index")),
            (_("Splits and mergers"), reverse("areas:changes")),
            (directory().by_id[plan.area_id].name, None),
        ],
        **_row(plan),
        "olds": [
            {"name": directory().by_id[one].name, "link": reverse("areas:outline", args=[directory().by_id[one].code])}
            for one in plan.olds
        ],
        "parts": [one if find(one["code"]) else {**one, "link": ""} for one in parts],
        "moved": moved.count(),
        "orders": [
            {"number": one.order.number, "title": one.order.title, "to": one.after.name,
             "url": orders.order_url(request, one.order.number)}
            for one in shown
        ],
        "waits": plan.state == Redivision.State.PLANNED,
        "cancel": reverse("areas:cancel", args=[plan.pk]),
    }  # fmt: skip
    return render(request, "areas/change.html", context)


@page
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Call it off before its day."""
    plan = _found(request, pk)

    def work() -> Done:
        commands.cancel(plan, by=request.user, at=clock.now())
        return Done(reverse("areas:change", args=[plan.pk]), _("It is called off. Nothing was changed."))

    return once(request, work)
