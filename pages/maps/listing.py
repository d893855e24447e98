"""The orders behind a figure of the map or the wall: the same conditions the counts follow, as a list."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_GET

from core import clock
from pages import base, lists, orders
from pages.base import page
from pages.maps.places import Asked, must_ask, url
from workorders.vocabulary import FINAL, Status


@dataclass(frozen=True)
class Behind:
    """The orders one figure counts. in_period: whether the period narrows it."""

    name: str
    label: Any
    condition: Callable[[Asked], Q]
    in_period: bool = False
    ordering: str = "due_at"


def _running() -> Q:
    return ~Q(status__in=[*sorted(FINAL), Status.SUSPENDED]) & Q(clock_paused=False)


def _during(name: str) -> Callable[[Asked], Q]:
    def condition(asked: Asked) -> Q:
        since, until = asked.period.moments
        return Q(**{f"{name}__gte": since, f"{name}__lt": until})

    return condition


BEHIND = (
    Behind("open", _lazy("Open orders"), lambda asked: ~Q(status__in=sorted(FINAL))),
    Behind("overdue", _lazy("Overdue orders"), lambda asked: _running() & Q(due_at__lt=clock.now())),
    Behind(
        "soon", _lazy("Orders due soon"),
        lambda asked: _running() & Q(amber_at__lte=clock.now(), due_at__gte=clock.now()),
    ),
    Behind("cards", _lazy("Open orders with a card"), lambda asked: ~Q(status__in=sorted(FINAL)) & ~Q(card="")),
    Behind("reported", _lazy("Reported orders"), _during("reported_at"), True, "-reported_at"),
    Behind("handled", _lazy("Handled orders"), _during("fed_back_at"), True, "-reported_at"),
    Behind(
        "closed", _lazy("Closed orders"), lambda asked: Q(status=Status.CLOSED) & _during("closed_at")(asked), True,
        "-reported_at",
    ),
)  # fmt: skip
BY_NAME = {one.name: one for one in BEHIND}


def behind(asked: Asked, name: str) -> QuerySet:
    """The orders behind a figure."""
    found = asked.orders().filter(BY_NAME[name].condition(asked))
    if asked.box is not None:
        west, south, east, north = asked.box
        found = found.filter(lon__gte=west, lon__lte=east, lat__gte=south, lat__lte=north)
    return found


def address(asked: Asked, name: str, **changes: Any) -> str:
    """Where the list behind a figure is."""
    return f"{reverse('map:list')}?{asked.query(show=name, **changes)}"


@page
@require_GET
def view(request: HttpRequest) -> HttpResponse:
    """The list, with how many there are."""
    asked, now = must_ask(request), clock.now()
    one = BY_NAME.get(request.GET.get("show", ""), BEHIND[0])
    found = behind(asked, one.name)
    shown = lists.fetch(request, found, url=lambda number: orders.order_url(request, number), ordering=one.ordering)
    parts = [asked.category_words]
    if asked.unit is not None:
        parts.append(asked.unit.name)
    if one.in_period:
        parts.append(asked.period_words)
    if asked.box is not None:
        parts.append(_("inside the part of the map that was chosen"))
    context = {
        "frame": base.shell(request),
        "place": asked.place,
        "one": one,
        "parts": parts,
        "count": found.order_by().count(),
        "shown": shown,
        "now": now,
        "trail": [(_("One map"), url(asked.place)), (one.label, None)],
        "others": [
            {"label": other.label, "url": address(asked, other.name), "current": other is one} for other in BEHIND
        ],
    }
    return render(request, "maps/list.html", context)
