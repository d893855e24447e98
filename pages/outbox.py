"""What the phone's outbox asks for beside the forms it sends: who is logged in, where a photo goes, what became of it.

Reports, steps and remarks go to the addresses of their own forms, see `sending`. Photos follow one by one:
PUT outbox/<order>/photos/<key>/ with the bytes as body. The same bytes for the same order are kept once, for good,
whatever the key, so that a photo may be sent as often as the network wants.
"""

import datetime as dt
import hashlib
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from core import clock
from core.errors import Invalid, NotPermitted
from core.transactions import unit_of_work
from pages import base, detail, mine, orders, places, reporting, sending
from pages.base import page
from pages.moves import MoveForm
from pages.orders import PHONE
from workorders import commands, imaging, workflow
from workorders.ledger import locked
from workorders.models import Attachment, WorkOrder
from workorders.vocabulary import Status

MOST_ASKED = 100
# Steps an officer may take from the copy in the pocket, and what can follow on one that was just taken there.
OFFLINE = tuple("verified sign self_handle feedback pass_check fail_check return request_extension escalate".split())
FOLLOWS = {"sign": "feedback", "self_handle": "feedback"}
_UNSEEN = frozenset({Status.REPORTED, Status.VERIFYING})
_TURNED_AWAY = frozenset({Status.DECLINED, Status.VOIDED, Status.MERGED})


@page
@require_GET
def outbox(request: HttpRequest) -> HttpResponse:
    """What this phone still has to send and what has arrived: the page is empty, the phone fills it in."""
    context = {"shell": base.shell(request), "trail": [(_("Outbox"), None)], "back": base.home(request)}
    return render(request, "phone/outbox.html", context)


@page
@require_GET
def whoami(request: HttpRequest) -> HttpResponse:
    """Whose session this is, and a fresh token for the forms of it."""
    return JsonResponse({"person": request.user.pk, "name": request.user.name, "csrf": get_token(request)})


@page
@require_http_methods(["PUT"])
def photo(request: HttpRequest, number: str, key: Any) -> HttpResponse:
    """Keep one photo with its order; the same bytes once."""
    order, at = detail.find(request, number), clock.now()
    kind = request.GET.get("kind", "")
    if kind not in Attachment.Kind.values:
        raise Invalid(errors={"kind": [_("This field is not known.")]})
    if not sending.by_script(request):
        raise NotPermitted
    digest = hashlib.sha256(request.body).hexdigest()
    found = _kept(order, kind, digest)
    if found is None:
        read = imaging.read_photo(request.body)
        with unit_of_work():
            order = locked(order)
            found = _kept(order, kind, digest)
            if found is None:
                kept = commands.attach(
                    order, by=request.user, at=at, photo=read, kind=kind, promised=True, **_circumstances(request, at)
                )
                found = kept.pk
    return JsonResponse({"photo": found})


def _kept(order: WorkOrder, kind: str, digest: str) -> int | None:
    return Attachment.objects.filter(order=order, kind=kind, sha256=digest).values_list("pk", flat=True).first()


def _circumstances(request: HttpRequest, at: dt.datetime) -> dict:
    """When and where a photo was taken, as far as the phone knows."""
    lon, lat = places.degrees(request.GET.get("lon"), 180), places.degrees(request.GET.get("lat"), 90)
    placed = lon is not None and lat is not None
    return {
        "taken_at": sending.moment(request, request.GET.get("taken", ""), at),
        "lon": lon if placed else None,
        "lat": lat if placed else None,
    }


@page
@require_GET
def receipts(request: HttpRequest) -> HttpResponse:
    """How the orders stand that this phone reported: received, accepted, turned away, closed."""
    numbers = request.GET.getlist("number")[:MOST_ASKED]
    found = WorkOrder.objects.visible_to(request.user, clock.today()).filter(number__in=numbers).order_by()
    rows = [
        {"number": order.number, "state": _standing_of(order.status), "words": order.get_status_display()}
        for order in found.only("number", "status")
    ]
    return JsonResponse({"orders": rows})


def _standing_of(status: str) -> str:
    if status in _UNSEEN:
        return "received"
    if status in _TURNED_AWAY:
        return "turned_away"
    return "closed" if status == Status.CLOSED else "accepted"


@page
@require_GET
def changes(request: HttpRequest, number: str) -> HttpResponse:
    """What others did to an order since a version of it, and what can be done now: a part of a page."""
    order = detail.find(request, number)
    said = request.GET.get("since", "")
    since = int(said) if said.isdecimal() and len(said) < 9 else 0
    events = order.events.filter(sequence__gt=since).exclude(actor_id=request.user.pk).order_by("sequence")
    allowed = workflow.allowed_moves(order, standing=base.standing(request), at=clock.now())
    context = {
        "order": order,
        "version": order.version,
        "lines": [detail.line(event) for event in events],
        "moves": [detail.offer(move, PHONE, number) for move in allowed if move.name in OFFLINE],
        "url": orders.order_url(request, number),
    }
    return render(request, "phone/_changes.html", context)


@page
@require_GET
def pocket(request: HttpRequest) -> HttpResponse:
    """Today's orders with the forms of their steps, and the report: for reading and acting without network."""
    orders.enter(request, PHONE)
    standing, now = base.standing(request), clock.now()

    def steps(order: WorkOrder) -> list[dict]:
        allowed = {move.name for move in workflow.allowed_moves(order, standing=standing, at=now)}
        names = [name for name in OFFLINE if name in allowed]
        names += [after for name, after in FOLLOWS.items() if name in allowed and after not in allowed]
        return [
            {
                "name": name,
                "form": MoveForm(name, order, standing=standing, at=now),
                "url": PHONE.move(order.number, name),
                "after": next((first for first in names if FOLLOWS.get(first) == name and name not in allowed), ""),
                "order": order,
            }
            for name in names
        ]

    shown = mine.waiting(request, mine.TODAY_SIZE, offers=steps)
    form = reporting.ReportForm(standing=standing)
    context = reporting.context(standing, form) | {"rows": shown.rows, "now": now, "room": PHONE, "home": "/m/"}
    return render(request, "phone/_pocket.html", context)


urlpatterns = [
    path("", outbox, name="outbox"),
    path("whoami/", whoami, name="whoami"),
    path("receipts/", receipts, name="receipts"),
    path("pocket/", pocket, name="pocket"),
    path("<order:number>/changes/", changes, name="changes"),
    path("<order:number>/photos/<uuid:key>/", photo, name="outbox_photo"),
]
