"""The supervisors' board: what is going wrong first, each row with its reason and steps; the figures below."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_GET

from core import clock, wording
from grids.directory import directory
from pages import base, detail, exporting, lists, orders, powers
from pages.base import page
from pages.board import charts
from pages.orders import BOARD
from personnel.jurisdiction import Standing, standing_of
from personnel.models import User
from workorders import risks
from workorders.figures import Scope
from workorders.figures.reach import admits, scopes_of
from workorders.models import Risk, WorkOrder
from workorders.vocabulary import Card, Status

# What a supervisor does from a row besides the cards; the first one that is open is the main button.
QUICK = ("resume", "decide", "decide_extension", "dispatch", "lift_supervision", "co_dispatch", "urge")
SIZE = 15
# The worker counts every five seconds; when the cut-off is older than this, the page says that something is wrong.
STALE = dt.timedelta(seconds=30)
K = Risk.Kind


@dataclass(frozen=True)
class View:
    """One list of the board. kinds: the signs it shows, else condition: the orders; figure: its count in `Figures`.

    advice: what it says when it is empty.
    """

    key: str
    label: Any
    advice: Any
    kinds: tuple = ()
    condition: Callable[[], Q] = Q
    ordering: str = "due_at"
    figure: str = ""
    pressing: bool = False

    def orders(self, scopes: list[Scope]) -> QuerySet:
        """The orders of the list, not yet restricted to the reader."""
        if self.kinds:
            found = Risk.objects.filter(risks.in_scopes(scopes), kind__in=self.kinds).order_by()
            return WorkOrder.objects.filter(pk__in=found.values("order_id"))
        return WorkOrder.objects.open().filter(self.condition())


VIEWS = (
    View("risks", _lazy("All risks"), _lazy("Nothing burns in your areas."), kinds=tuple(risks.ORDER)),
    View("overdue", _lazy("Overdue"), _lazy("Nothing in your areas is overdue."), kinds=(K.OVERDUE,), pressing=True),
    View(
        "returned",
        _lazy("Returned twice"),
        _lazy("No order has gone back and forth between units."),
        kinds=(K.RETURNED,),
    ),
    View(
        "unhappy",
        _lazy("Handled, not satisfied"),
        _lazy("No reporter of the last 30 days was dissatisfied."),
        kinds=(K.UNHAPPY,),
        ordering="-reported_at",
    ),
    View(
        "rushed",
        _lazy("Done within a minute"),
        _lazy("Nobody answered an order within a minute."),
        kinds=(K.RUSHED,),
        ordering="-reported_at",
    ),
    View(
        "photo",
        _lazy("Photo used before"),
        _lazy("Every photo of the last 30 days is a new one."),
        kinds=(K.PHOTO,),
        ordering="-reported_at",
    ),
    View(
        "far",
        _lazy("Away from the place"),
        _lazy("Photos and arrivals lie where the orders are."),
        kinds=(K.FAR,),
        ordering="-reported_at",
    ),
    View(
        "own",
        _lazy("Own reports, own closing"),
        _lazy("No officer closes nearly all of the own reports alone."),
        kinds=(K.OWN,),
        ordering="-reported_at",
    ),
    View("disputed", _lazy("To decide"), _lazy("No unit is in dispute."), kinds=(K.DISPUTED,)),
    View("reworked", _lazy("Reworked twice"), _lazy("No order was sent back repeatedly."), kinds=(K.REWORKED,)),
    View(
        "soon",
        _lazy("Due soon"),
        _lazy("Nothing is about to become overdue."),
        condition=lambda: Q(clock_paused=False, amber_at__lte=Now(), due_at__gte=Now()),
        figure="soon",
    ),
    View(
        "cards", _lazy("Cards"), _lazy("No open order carries a card."), condition=lambda: ~Q(card=""), figure="cards"
    ),
    View(
        "suspended",
        _lazy("Suspended"),
        _lazy("The problem store is empty."),
        condition=lambda: Q(status=Status.SUSPENDED),
        figure="suspended",
    ),
    View(
        "review",
        _lazy("Review due"),
        _lazy("No suspended order is due for its review."),
        condition=lambda: Q(status=Status.SUSPENDED, suspended_until__lte=clock.today()),
    ),
    View("all", _lazy("All open"), _lazy("Nothing is open in your areas."), figure="open"),
)
BY_KEY = {view.key: view for view in VIEWS}


@base.counted("board")
def overdue(user: User) -> int:
    """How many orders of this person's areas and units are overdue."""
    return risks.counts(scopes_of(standing_of(user, clock.today()))).get(K.OVERDUE, 0)


@exporting.source("board", BOARD.prefix)
def exported(request: HttpRequest) -> exporting.Wanted:
    """The orders of the list the address asks for."""
    orders.enter(request, BOARD)
    standing = base.standing(request)
    view = BY_KEY.get(request.GET.get("view", ""), VIEWS[0])
    form = lists.FilterForm(request.GET, standing=standing)
    found = form.apply(view.orders(_scopes(form, standing)))
    return exporting.Wanted(found, ordering=view.ordering, name=str(view.label))


@page
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The lists with their counts, one of them in full with the reason on each row, and the figures below."""
    orders.enter(request, BOARD)
    if exporting.wanted(request):
        return exporting.answer(request, exported(request))
    standing, now = base.standing(request), clock.now()
    view = BY_KEY.get(request.GET.get("view", ""), VIEWS[0])
    form = lists.FilterForm(request.GET, standing=standing)
    scopes = _scopes(form, standing)
    whole: dict[str, WorkOrder] = {}

    def offers(order: WorkOrder) -> list[detail.Offer]:
        whole[order.number] = order
        return _offers(order, view, standing=standing, at=now)

    shown = lists.fetch(
        request, form.apply(view.orders(scopes)), url=BOARD.detail, ordering=view.ordering, size=SIZE, offers=offers
    )
    counted = risks.counts(scopes)
    overview = charts.overview(request, scopes)
    context = {
        "room": BOARD,
        "trail": [(BOARD.label, None)],
        "view": view,
        "filter": form,
        "clear_url": f"{BOARD.prefix}?view={view.key}",
        "tabs": [
            {
                "label": one.label,
                "url": _view_url(request, one.key),
                "count": _count(one, counted, overview["sums"]),
                "current": one is view,
                "pressing": one.pressing,
            }
            for one in VIEWS
        ],
        "shown": shown,
        "files": exporting.urls(request, "board"),
        "rows": _rows(shown.rows, whole, now),
        "now": now,
        "as_of": overview["as_of"],
        "is_stale": overview["as_of"] is None or now - overview["as_of"] > STALE,
        **overview,
    }
    return render(request, "board/index.html", context)


def _scopes(form: lists.FilterForm, standing: Standing) -> list[Scope]:
    """What the figures count: the area chosen in the filter, else everything of this person's."""
    code = form.chosen.get("area")
    if not code:
        return scopes_of(standing)
    area = directory().by_code[code]
    wanted = [Scope(area.id)] if admits(standing, Scope(area.id)) else []
    wanted += [Scope(area.id, unit_id=pk) for pk in sorted(standing.unit_ids) if not wanted]
    found = [scope for scope in wanted if admits(standing, scope)]
    if not found:
        raise Http404
    return found


def _count(view: View, counted: dict[str, int], total) -> int | None:
    if view.kinds:
        return sum(counted.get(kind, 0) for kind in view.kinds) if len(view.kinds) == 1 else None
    return getattr(total, view.figure) if view.figure else None


def _view_url(request: HttpRequest, key: str) -> str:
    query = request.GET.copy()
    for name in ("after", "before"):
        query.pop(name, None)
    query["view"] = key
    return f"{BOARD.prefix}?{query.urlencode()}"


@dataclass(frozen=True)
class Reasoned:
    """One row, why it stands here and what can be done. file_url: its case file."""

    row: lists.Row
    reasons: list[str]
    moves: list[detail.Offer]
    file_url: str


def _rows(rows: list[lists.Row], whole: dict[str, WorkOrder], now: dt.datetime) -> list[Reasoned]:
    """The rows of a page with the signs of each, one statement."""
    found: dict[int, list[Risk]] = {}
    for risk in Risk.objects.filter(order__in=[order.pk for order in whole.values()]).order_by("pk"):
        found.setdefault(risk.order_id, []).append(risk)
    told = []
    for row in rows:
        words = reasons(whole[row.number], found.get(whole[row.number].pk, []), now)
        told.append(Reasoned(row, words, [_reasoned(one, words) for one in row.moves], file_url(row.number)))
    return told


def _reasoned(offer: detail.Offer, words: list[str]) -> detail.Offer:
    """A card's notice says what the row says."""
    if offer.name != "supervise":
        return offer
    return replace(offer, url=f"{offer.url}&{urlencode({'reason': ' '.join(words)[:500]})}")


def reasons(order: WorkOrder, found: list[Risk], now: dt.datetime) -> list[str]:
    """Why an order needs attention, what burns first; a card and the problem store are reasons too."""
    words = [risks.why(one, order, now) for one in sorted(found, key=lambda one: risks.ORDER.index(one.kind))]
    if order.card:
        words.append(_("It carries a %(card)s.") % {"card": Card(order.card).label.lower()})
    if order.status == Status.SUSPENDED and order.suspended_until:
        due = order.suspended_until <= clock.date_of(now)
        told = _("The review was due on %(day)s.") if due else _("In the problem store until the review on %(day)s.")
        words.append(told % {"day": wording.day(order.suspended_until)})
    return words


def file_url(number: str) -> str:
    """Where the case file of an order is."""
    return f"{BOARD.prefix}{number}/case/"


def _offers(order: WorkOrder, view: View, *, standing: Standing, at: dt.datetime) -> list[detail.Offer]:
    """The own power first, then urging, yellow and red: each a notice that is already written."""
    names = (*QUICK, "supervise")
    allowed = {move.name: move for move in lists.moves_of(order, standing=standing, at=at, names=names)}
    found = []
    power = powers.of(order, standing, at=at)
    if power and power in allowed and power != "supervise":
        found.append(powers.named(detail.offer(allowed[power], BOARD, order.number), order, standing, at=at))
    if "supervise" in allowed:
        if order.card != Card.RED:
            for card, label in ((Card.YELLOW, _("Yellow card")), (Card.RED, _("Red card"))):
                if card != order.card:
                    offer = detail.offer(allowed["supervise"], BOARD, order.number)
                    found.append(powers.written(offer, label, urlencode({"card": card})))
    for name in ("resume", "lift_supervision", "urge", "decide_extension", "dispatch", "decide", "co_dispatch"):
        if name in allowed and name != power:
            found.append(detail.offer(allowed[name], BOARD, order.number))
    return found[:3]
