"""The supervisors' board: what is late, carded, sent back or left lying, and the steps that move it."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_GET

from core import clock
from grids.directory import directory
from grids.levels import Level
from pages import base, detail, lists, maps, orders
from pages.base import page
from pages.orders import BOARD
from personnel.jurisdiction import units_directory
from personnel.models import User
from workorders.models import WorkOrder
from workorders.models.reach import area_condition
from workorders.vocabulary import FINAL, Status

app_name = "board"
# What a supervisor does from a row, the first one that is open as the main button.
QUICK = ("decide", "decide_extension", "dispatch", "lift_supervision", "supervise", "urge", "co_dispatch")
MOST_QUICK = 2
DISSATISFIED_DAYS = 30
MOST_UNITS = 12
SIZE = 15


@dataclass(frozen=True)
class View:
    """One list of the board. advice: what it says when it is empty."""

    key: str
    label: Any
    condition: Callable[[], Q]
    advice: Any
    ordering: str = "due_at"
    final: bool = False
    pressing: bool = False


def _dissatisfied() -> Q:
    """Whose reporter was not satisfied, closed of late or still being asked."""
    since = clock.now() - dt.timedelta(days=DISSATISFIED_DAYS)
    unhappy = (
        Q(satisfaction__lte=2) | Q(resolved=False, satisfaction__isnull=False) | Q(reopen_requested_at__isnull=False)
    )
    return unhappy & (Q(closed_at__gte=since) | ~Q(status__in=sorted(FINAL)))


VIEWS = (
    View(
        "overdue",
        _lazy("Overdue"),
        lambda: Q(clock_paused=False, due_at__lt=Now()),
        _lazy("Nothing in your areas is overdue."),
        pressing=True,
    ),
    View(
        "soon",
        _lazy("Due soon"),
        lambda: Q(clock_paused=False, amber_at__lte=Now(), due_at__gte=Now()),
        _lazy("Nothing is about to become overdue."),
    ),
    View("cards", _lazy("Cards"), lambda: ~Q(card=""), _lazy("No open order carries a card.")),
    View(
        "returned",
        _lazy("Returned twice"),
        lambda: Q(returns__gte=2),
        _lazy("No order has gone back and forth between units."),
    ),
    View(
        "disputed", _lazy("To decide"), lambda: Q(status=Status.FILED, returns__gte=1), _lazy("No unit is in dispute.")
    ),
    View("reworked", _lazy("Reworked twice"), lambda: Q(reworks__gte=2), _lazy("No order was sent back repeatedly.")),
    View(
        "suspended",
        _lazy("Suspended"),
        lambda: Q(status=Status.SUSPENDED),
        _lazy("The problem store is empty."),
    ),
    View(
        "dissatisfied",
        _lazy("Dissatisfied"),
        _dissatisfied,
        _lazy("No reporter of the last 30 days was dissatisfied."),
        ordering="-reported_at",
        final=True,
    ),
    View(
        "all",
        _lazy("All open"),
        lambda: Q(),
        _lazy("Nothing is open in your areas."),
        ordering="due_at",
    ),
)
BY_KEY = {view.key: view for view in VIEWS}


def orders_of(view: View) -> QuerySet:
    """The orders of a list, not yet restricted to the reader."""
    found = WorkOrder.objects.all() if view.final else WorkOrder.objects.open()
    return found.filter(view.condition())


@base.counted("board")
def overdue(user: User) -> int:
    """How many orders in this person's reach are overdue."""
    return WorkOrder.objects.visible_to(user, clock.today()).overdue(clock.now()).order_by().count()


@page
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The lists with their counts, one of them in full, and two small tables: by area and by unit."""
    orders.enter(request, BOARD)
    standing, now = base.standing(request), clock.now()
    view = BY_KEY.get(request.GET.get("view", ""), BY_KEY["overdue"])
    back = f"{BOARD.prefix}?view={view.key}"
    form = lists.FilterForm(request.GET, standing=standing)

    def offers(order: WorkOrder) -> list[detail.Offer]:
        allowed = lists.moves_of(order, standing=standing, at=now, names=QUICK)
        if order.card:
            allowed = [move for move in allowed if move.name != "supervise"]
        return [detail.offer(move, BOARD, order.number) for move in allowed[:MOST_QUICK]]

    shown = lists.fetch(
        request, form.apply(orders_of(view)), url=BOARD.detail, ordering=view.ordering, size=SIZE, offers=offers
    )
    seen = WorkOrder.objects.visible_to(request.user, clock.today())
    figures = _counts(seen)
    context = {
        "room": BOARD,
        "trail": [(BOARD.label, None)],
        "view": view,
        "filter": form,
        "clear_url": back,
        "tabs": [
            {
                "label": one.label,
                "url": _view_url(request, one.key),
                "count": figures.get(one.key),
                "current": one is view,
                "pressing": one.pressing,
            }
            for one in VIEWS
        ],
        "shown": shown,
        "now": now,
        "areas": _by_area(standing, seen, now),
        "units": _by_unit(seen, now),
    }
    return render(request, "board/index.html", context)


def _view_url(request: HttpRequest, key: str) -> str:
    query = request.GET.copy()
    for name in ("after", "before"):
        query.pop(name, None)
    query["view"] = key
    return f"{BOARD.prefix}?{query.urlencode()}"


def _counts(seen: QuerySet) -> dict[str, int]:
    """The figures of the lists of open orders; one statement."""
    figures = {view.key: Count("pk", filter=view.condition()) for view in VIEWS if not view.final and view.condition()}
    return seen.open().order_by().aggregate(all=Count("pk"), **figures)


@dataclass(frozen=True)
class Share:
    """What is open, late and carded in one area or with one unit."""

    name: str
    url: str
    open: int
    overdue: int
    cards: int


def _by_area(standing, seen: QuerySet, now: dt.datetime) -> list[Share]:
    """The areas below the reader's own, the most overdue first; one statement."""
    tops = lists.tops_of(standing)
    if not tops:
        return []
    place = tops[0]
    rows = maps.counts(seen.filter(area_condition(place.id)), maps.BELOW[Level(place.level)], now)
    known = directory().by_id
    found = [
        Share(known[pk].name, f"?view=all&area={known[pk].code}", row["open"], row["overdue"], row["cards"])
        for pk, row in rows.items()
        if pk in known
    ]
    return sorted(found, key=lambda one: (-one.overdue, -one.open, one.name))[:MOST_UNITS]


def _by_unit(seen: QuerySet, now: dt.datetime) -> list[Share]:
    """The units that lead open orders, the most overdue first; one statement."""
    rows = maps.counts(seen.filter(lead__isnull=False), "lead", now)
    known = units_directory().by_id
    found = [
        Share(known[pk].name, "", row["open"], row["overdue"], row["cards"]) for pk, row in rows.items() if pk in known
    ]
    return sorted(found, key=lambda one: (-one.overdue, -one.open, one.name))[:MOST_UNITS]


urlpatterns = [path("", index, name="index"), *orders.urls(BOARD)]
