"""Standard texts beside an order: offered where forms are filled in, counted when they are put into one."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from pages import base, orders
from pages.base import page
from workorders.deskwork import texts
from workorders.models import WorkOrder


def looks_only(request: HttpRequest) -> bool:
    """Whether the reader works nowhere: superusers, and administrators who look at the pages as somebody else."""
    return base.standing(request).is_superuser or getattr(request, "viewing", None) is not None


def offered(request: HttpRequest, order: WorkOrder, context: dict) -> dict:
    """The texts for whoever has a step on the open order, for `orders/_texts.html`."""
    acts = order.is_open and bool(context["primary"] or context["second"]) and not looks_only(request)
    return {"texts": texts.texts_for(order, base.standing(request)) if acts else []}


def used_page(room) -> Callable[..., HttpResponse]:
    """The view of a room that counts a text."""

    @page
    @require_POST
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        """Count that a standard text was put into a form."""
        orders.enter(request, room)
        texts.used(pk)
        return HttpResponse(status=204)

    return view
