"""What stands beside an order at the desk, and what its keys do: leases, steps to be taken back."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core import clock
from pages import base, orders, phrases
from pages.base import Done, done, once, page
from pages.desk import queue
from pages.moves import MoveForm
from pages.orders import DESK
from workorders import workflow
from workorders.deskwork import claims, holding, suggesting
from workorders.models import WorkOrder
from workorders.vocabulary import Status


def beside(request: HttpRequest, order: WorkOrder, context: dict) -> dict:
    """Who works on the order, which units are proposed, which texts are usual. Opening it takes the lease."""
    now = clock.now()
    held = holding.held_on([order.pk]).get(order.pk)
    looks = phrases.looks_only(request)  # works nowhere, takes nothing
    acts = not looks and order.is_open and bool(context["primary"] or context["second"])
    if acts:
        holder = claims.claim(order, by=request.user, at=now)
    else:
        holder = claims.held_by_others([order.pk], me=request.user.pk, at=now).get(order.pk)
    may_dispatch = context["primary"] is not None and context["primary"].name == "dispatch"
    likely = order.status in (Status.REPORTED, Status.VERIFYING, Status.FILED)
    return {
        "desk_part": "desk/_beside.html",
        "holder": holder,
        "holder_seconds": holder.seconds(now) if holder else 0,
        "claims": acts,
        "held_here": held,
        "held_label": workflow.BY_NAME[held.move].label if held else "",
        "held_mine": held is not None and held.by_id == request.user.pk,
        "proposals": suggesting.proposals(order, similar=context["similar"], at=now) if likely else [],
        "may_dispatch": may_dispatch,
        **phrases.offered(request, order, context),
    }


def hold(request: HttpRequest, order: WorkOrder, form: MoveForm) -> HttpResponse:
    """Keep the step of a valid form for ten seconds, so that Z can take it back."""

    def work() -> Done:
        held = holding.hold(form.move.name, order, by=request.user, at=clock.now(), given=form.given())
        words = _("%(step)s: %(number)s. Carried out in ten seconds.") % {"step": form.verb, "number": order.number}
        seconds = int(holding.HELD_FOR.total_seconds())
        facts = {"stays": "desk:held", "number": order.number, "held": held.pk, "seconds": seconds}
        return Done(DESK.detail(order.number), words, facts)

    return once(request, work)


@page
@require_POST
def claim(request: HttpRequest, number: str) -> HttpResponse:
    """Renew the lease of an open order; `force` takes it over from a colleague. Answers the line of who has it."""
    orders.enter(request, DESK)
    order, now = queue.exists(request, number), clock.now()
    if base.standing(request).is_superuser:  # looks everywhere, works nowhere
        holder = claims.held_by_others([order.pk], me=request.user.pk, at=now).get(order.pk)
    else:
        holder = claims.claim(order, by=request.user, at=now, force="force" in request.POST)
    context = {"holder": holder, "holder_seconds": holder.seconds(now) if holder else 0, "order": order, "claims": True}
    return render(request, "desk/_presence.html", context)


@page
@require_POST
def release(request: HttpRequest, number: str) -> HttpResponse:
    """Give the lease up, when the order is closed or the window goes away."""
    orders.enter(request, DESK)
    claims.release(queue.exists(request, number), by=request.user, at=clock.now())
    return HttpResponse(status=204)


@page
@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Take the last step back, while it is not carried out."""
    orders.enter(request, DESK)
    last = holding.waiting_of(request.user)
    pk = int(request.POST["held"]) if request.POST.get("held", "").isdecimal() else last.pk if last else 0
    held = holding.take_back(pk, by=request.user, at=clock.now())
    words = _("Taken back: %(step)s, %(number)s. Nobody was told.")
    text = words % {"step": workflow.BY_NAME[held.move].label, "number": held.order.number}
    facts = {"stays": "desk:undone", "number": held.order.number}
    return done(request, base.next_of(request, DESK.detail(held.order.number)), text, facts)


@page
@require_POST
def seen(request: HttpRequest) -> HttpResponse:
    """Put the steps that could not be carried out away."""
    orders.enter(request, DESK)
    holding.seen(request.user)
    return done(request, base.next_of(request, DESK.prefix))


@page
@require_POST
def keys(request: HttpRequest) -> HttpResponse:
    """Switch the single keys on or off in this browser."""
    orders.enter(request, DESK)
    off = request.POST.get("keys") == "off"
    response = done(
        request, base.next_of(request, DESK.prefix), _("The keys are off.") if off else _("The keys are on.")
    )
    base.remember(response, queue.KEYS_COOKIE, "off" if off else "on")
    return response
