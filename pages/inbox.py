"""What a unit has to do, and what a community's clerk decides: one list, by tabs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from core import clock
from pages import base, detail, exporting, lists, orders, phrases
from pages.base import page
from pages.orders import INBOX
from personnel.jurisdiction import Standing, standing_of
from personnel.models import User
from personnel.roles import Role
from workorders import searching
from workorders.models import WorkOrder
from workorders.models.reach import area_condition
from workorders.together import sign_each
from workorders.turns import helping, open_parts, waiting_condition
from workorders.vocabulary import Status

app_name = "inbox"
S = Status
# Steps offered on a row; the rest is on the order's page.
QUICK = ("sign", "feedback", "accept", "pass_check", "decide_extension")


@dataclass(frozen=True)
class Tab:
    """One tab. advice: what the empty tab says."""

    key: str
    label: Any
    condition: Callable[[Standing], Q]
    advice: Any
    ordering: str = "due_at"
    counted: bool = True
    final: bool = False


def _lead(standing: Standing, **more) -> Q:
    return Q(lead_id__in=sorted(standing.unit_ids), **more)


def _called_in(standing: Standing) -> Q:
    return Q(Exists(open_parts(standing).filter(order=OuterRef("pk"))))


def _returned(standing: Standing) -> Q:
    return Q(returned_units__overlap=sorted(standing.unit_ids)) & ~_lead(standing)


UNIT_TABS = (
    Tab(
        "sign",
        _lazy("To sign"),
        lambda who: _lead(who, status=S.DISPATCHED),
        _lazy("Whatever is dispatched to your unit appears here first."),
    ),
    Tab(
        "handling",
        pgettext_lazy("inbox", "Being handled"),
        lambda who: _lead(who, status__in=(S.HANDLING, S.SUSPENDED)),
        _lazy("Orders you have signed for stay here until you feed back."),
    ),
    Tab(
        "feedback",
        _lazy("Feed back now"),
        lambda who: _lead(who, status=S.HANDLING, clock_paused=False, amber_at__lte=Now()),
        _lazy("Orders stand here as soon as four fifths of their time have passed."),
    ),
    Tab("co", _lazy("Co-handling"), _called_in, _lazy("Here you are called in by other units.")),
    Tab(
        "returned",
        _lazy("Returned"),
        _returned,
        _lazy("Orders your unit has returned, until they are settled."),
        ordering="-reported_at",
    ),
    Tab(
        "done",
        _lazy("Done"),
        lambda who: _lead(who, status__in=(S.FED_BACK, S.REVISITING, S.CLOSED)),
        _lazy("What your unit has fed back, checked or closed."),
        ordering="-reported_at",
        counted=False,
        final=True,
    ),
)


def _own(standing: Standing) -> Q:
    """The orders of the communities this clerk works for."""
    found = Q(pk__in=())
    for post in standing.posts:
        if post.role == Role.CLERK and post.area_id:
            found |= area_condition(post.area_id)
    return found


CLERK_TABS = (
    Tab(
        "accept",
        _lazy("To accept"),
        lambda who: _own(who) & Q(status=S.REPORTED),
        _lazy("Reports of your community that nobody has accepted yet."),
    ),
    Tab(
        "sample",
        _lazy("To check"),
        lambda who: _own(who) & Q(status=S.FED_BACK) & ~Q(officer_id=who.user.pk),
        _lazy("What officers settled themselves and what was fed back, waiting for a look on the spot."),
    ),
    Tab(
        "extensions",
        _lazy("More time asked"),
        lambda who: _own(who) & Q(extension_pending=True) & (Q(officer__isnull=False) | Q(lead__kind="CO")),
        _lazy("Requests for more time you decide on."),
    ),
    Tab(
        "community",
        _lazy("My community"),
        _own,
        _lazy("Every order of your community."),
        ordering="-reported_at",
        counted=False,
        final=True,
    ),
)


def tabs_of(standing: Standing) -> list[Tab]:
    """The tabs this person's posts open; superusers see what units see."""
    found = list(CLERK_TABS) if Role.CLERK in standing.roles else []
    if standing.unit_ids or not found:
        found += UNIT_TABS
    return found


def orders_of(tab: Tab, standing: Standing) -> QuerySet:
    """The orders of a tab, not yet restricted to the reader."""
    found = WorkOrder.objects.all() if tab.final else WorkOrder.objects.open()
    return found.filter(tab.condition(standing))


@base.counted("inbox")
def waiting(user: User) -> int:
    """What waits for this person."""
    standing = standing_of(user, clock.today())
    seen = WorkOrder.objects.visible_to(user, clock.today())
    return seen.open().filter(waiting_condition(standing)).order_by().count()


@exporting.source("inbox", INBOX.prefix)
def exported(request: HttpRequest) -> exporting.Wanted:
    """The orders of the tab the address asks for."""
    orders.enter(request, INBOX)
    standing = base.standing(request)
    tabs = tabs_of(standing)
    tab = next((one for one in tabs if one.key == request.GET.get("tab")), None)
    if tab is None:
        figures = _counts(request, tabs, standing)
        tab = next((one for one in tabs if figures.get(one.key)), tabs[0])
    words = request.GET.get("q", "").strip()[:80]
    found = searching.containing(orders_of(tab, standing), words, standing)
    return exporting.Wanted(found, ordering=tab.ordering, name=str(tab.label))


@page
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The tabs with their counts, and the orders of one of them."""
    orders.enter(request, INBOX)
    standing, now = base.standing(request), clock.now()
    tabs = tabs_of(standing)
    figures = _counts(request, tabs, standing)
    first = next((one for one in tabs if figures.get(one.key)), tabs[0])
    tab = next((one for one in tabs if one.key == request.GET.get("tab")), first)
    words = request.GET.get("q", "").strip()[:80]

    if exporting.wanted(request):
        return exporting.answer(request, exported(request))
    parts: dict[str, Part | None] = {}
    helps = helping(standing) if tab.key == "co" else {}

    def offers(order: WorkOrder) -> list[detail.Offer]:
        parts[order.number] = part_of(order, standing)
        names = [helps[order.pk]] if order.pk in helps else QUICK
        allowed = lists.moves_of(order, standing=standing, at=now, names=names)
        return [detail.offer(move, INBOX, order.number) for move in allowed[:1]]

    shown = lists.fetch(
        request,
        searching.containing(orders_of(tab, standing), words, standing),
        url=INBOX.detail,
        ordering=tab.ordering,
        offers=offers,
    )
    context = {
        "room": INBOX,
        "trail": [(INBOX.label, None)],
        "tab": tab,
        "tabs": [
            {"label": one.label, "url": f"?tab={one.key}", "count": figures.get(one.key), "current": one is tab}
            for one in tabs
        ],
        "shown": shown,
        "files": exporting.urls(request, "inbox"),
        "rows": [(row, parts[row.number]) for row in shown.rows],
        "may_sign": tab.key == "sign" and not standing.is_superuser,
        "now": now,
        "q": words,
    }
    return render(request, "inbox/index.html", context)


@dataclass(frozen=True)
class Part:
    """Which part the reader's unit has in an order: the lead, or it helps."""

    label: Any
    main: bool


def part_of(order: WorkOrder, standing: Standing) -> Part | None:
    """主办 or 协办; None for orders the reader's units have no part in, such as those of a clerk's community."""
    if order.lead_id in standing.unit_ids:
        return Part(_lazy("Lead"), main=True)
    helps = standing.unit_ids.intersection((*order.co_units, *order.whistled_units))
    return Part(_lazy("Co-handler"), main=False) if helps else None


@page
@require_POST
def sign_many(request: HttpRequest) -> HttpResponse:
    """Sign for the chosen orders; the answer says of each what came of it."""
    orders.enter(request, INBOX)
    if request.problem is not None:
        raise request.problem
    results = sign_each(request.POST.getlist("number"), by=request.user, at=clock.now())
    failed = sum(1 for one in results if one.refusal)
    context = {
        "room": INBOX,
        "results": results,
        "done": len(results) - failed,
        "failed": failed,
        "trail": [(INBOX.label, INBOX.prefix), (_lazy("Signing for several orders"), None)],
    }
    return render(request, "inbox/signed.html", context)


def _counts(request: HttpRequest, tabs: list[Tab], standing: Standing) -> dict[str, int]:
    """How many orders each counted tab holds; one statement."""
    figures = {tab.key: Count("pk", filter=tab.condition(standing)) for tab in tabs if tab.counted}
    return WorkOrder.objects.visible_to(request.user, clock.today()).open().order_by().aggregate(**figures)


urlpatterns = [
    path("", index, name="index"),
    path("sign/", sign_many, name="sign_many"),
    path("texts/<int:pk>/used/", phrases.used_page(INBOX), name="text_used"),
    *orders.urls(INBOX, beside=phrases.offered),
]
