"""The queue: one view of it, filtered, page by page, with what colleagues are doing on its rows."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core import clock
from grids.levels import Level
from pages import base, callers, detail, exporting, lists, orders
from pages.base import page
from pages.desk import viewing
from pages.orders import DESK
from personnel.jurisdiction import Standing
from workorders import intake, reading, workflow
from workorders.deskwork import claims, holding
from workorders.models import WorkOrder

SIZE = 50
# News a screen under a filter asks about at once; after more it loads its list anew.
MOST_ARRIVED = 100
MAP_ZOOM = 12
KEYS_COOKIE = "gridgov_keys"


@dataclass(frozen=True)
class Mark:
    """What a colleague, or oneself, is doing on a row: words, and whether a step is on its way."""

    words: str = ""
    held: bool = False


NOTHING = Mark()


def asked_for(query: QueryDict, standing: Standing) -> tuple[viewing.View, lists.FilterForm]:
    """The view and the filter of an address."""
    return viewing.asked_for(query), lists.FilterForm(query, standing=standing)


def _wanted(view: viewing.View, form: lists.FilterForm, standing: Standing) -> exporting.Wanted:
    """What the list of a view and a filter holds; page, file and the choice of all of it start here."""
    found = form.apply(viewing.orders_of(view, standing))
    return exporting.Wanted(found, ordering=form.chosen.get("ordering", view.ordering), name=str(view.label))


def whole(query: QueryDict, standing: Standing, most: int) -> list[str]:
    """The numbers of a list from its beginning, more than its first page: for one step on all of them."""
    wanted = _wanted(*asked_for(query, standing), standing)
    page = reading.fetch_page(wanted.orders, standing, ordering=wanted.ordering, size=most)
    return [row["number"] for row in page.rows]


def queue(request: HttpRequest) -> dict:
    """The queue the address asks for: views with counts, filter, rows."""
    standing, now = base.standing(request), clock.now()
    view, form = asked_for(request.GET, standing)
    suffix = f"?{request.GET.urlencode()}" if request.GET else ""
    held, not_done = holding.own_of(request.user)
    wanted = _wanted(view, form, standing)
    shown = lists.fetch(
        request,
        wanted.orders,
        url=lambda number: f"{DESK.detail(number)}{suffix}",
        ordering=wanted.ordering,
        size=SIZE,
        at=DESK.prefix,
    )
    return {
        "view": view,
        "tabs": viewing.tabs(request, view.key),
        "filter": form,
        "shown": shown,
        "marks": marks([row.id for row in shown.rows], request.user),
        "now": now,
        "opened": request.resolver_match.kwargs.get("number", ""),
        "clear_url": f"{DESK.prefix}?view={view.key}",
        "may_enter": not standing.roles.isdisjoint(intake.CENTRE),
        "held": held,
        "not_done": not_done,
        "arrivals": " ".join(view.arrivals(standing)),
        "outlines": _outlines(standing),
        "keys": request.COOKIES.get(KEYS_COOKIE) != "off",
        "here": request.get_full_path(),
        "files": exporting.urls(request, "desk"),
    }


@exporting.source("desk", DESK.prefix)
def exported(request: HttpRequest) -> exporting.Wanted:
    """The orders of the view the address asks for."""
    orders.enter(request, DESK)
    standing = base.standing(request)
    return _wanted(*asked_for(request.GET, standing), standing)


def _outlines(standing: Standing) -> str:
    """Where the map beside the queue gets the communities it lies on; the latest ones, whatever their revision."""
    tops = lists.tops_of(standing)
    return reverse("map:outlines", args=[tops[0].code, Level.COMMUNITY, MAP_ZOOM, "now"]) if tops else ""


def marks(ids: list[int], reader) -> dict[int, Mark]:
    """{order id: what is going on there just now}; one statement."""
    found = dict.fromkeys(ids, NOTHING)
    for one in claims.marks(ids, at=clock.now()):
        if one.move:
            words = {"name": one.name, "step": workflow.BY_NAME[one.move].label}
            found[one.order_id] = Mark(_("%(step)s, decided by %(name)s just now") % words, held=True)
        elif one.person_id != reader.pk and found[one.order_id] is NOTHING:
            found[one.order_id] = Mark(_("%(name)s is working on it") % {"name": one.name})
    return found


@page
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The queue; beside it a place for the order that is opened."""
    orders.enter(request, DESK)
    if callers.phone_in(request.GET.get("q", "")):  # typed into the address by hand, or an old link
        return HttpResponseRedirect(_address(request, request.GET))
    if exporting.wanted(request):
        return exporting.answer(request, exported(request))
    context = queue(request) | {"trail": [(_("Queue"), None)], "room": DESK}
    return render(request, "desk/index.html", context)


@page
@require_POST
def find(request: HttpRequest) -> HttpResponse:
    """The search box and the filter: on to the list, with a phone number sealed."""
    orders.enter(request, DESK)
    return HttpResponseRedirect(_address(request, request.POST))


def _address(request: HttpRequest, asked: QueryDict) -> str:
    """The list's address for what was asked; empty fields are left out."""
    query = QueryDict(mutable=True)
    for name in (*viewing.KEPT, "caller"):
        if asked.get(name, "").strip():
            query[name] = asked[name].strip()
    if query.get("q"):  # a new search takes the place of the last caller
        query.pop("caller", None)
        phone = callers.phone_in(query["q"])
        if phone:
            del query["q"]
            query["caller"] = callers.sealed(phone, by=request.user, at=clock.now())
    return f"{DESK.prefix}?{query.urlencode()}" if query else DESK.prefix


@page
@require_GET
def row(request: HttpRequest, number: str) -> HttpResponse:
    """One row as it is now, for a screen that heard of news about it."""
    orders.enter(request, DESK)
    order = detail.find(request, number)
    values = {name: _value(order, name) for name in reading.LIST_FIELDS}
    suffix = f"?{request.GET.urlencode()}" if request.GET else ""
    now = clock.now()
    context = {
        "row": lists.row_of(values, url=f"{DESK.detail(number)}{suffix}", now=now),
        "marks": marks([order.pk], request.user),
        "now": now,
        "opened": "",
    }
    return render(request, "desk/_row.html", context)


@page
@require_GET
def arrived(request: HttpRequest) -> HttpResponse:
    """Which of these orders belong to the list somebody looks at, for a screen under a filter that heard of them."""
    orders.enter(request, DESK)
    standing = base.standing(request)
    found = _wanted(*asked_for(request.GET, standing), standing).orders.visible_to(request.user, clock.today())
    found = found.filter(number__in=request.GET.get("arrived", "").split(",")[:MOST_ARRIVED])
    return JsonResponse({"numbers": list(found.order_by().values_list("number", flat=True))})


def _value(order: WorkOrder, name: str):
    found = order
    for part in name.split("__"):
        found = getattr(found, part) if found is not None else None
    return found


def exists(request: HttpRequest, number: str) -> WorkOrder:
    """The order within reach, without what only its page needs. Raises Http404."""
    order = WorkOrder.objects.visible_to(request.user, clock.today()).filter(number=number)
    found = order.defer("reporter_name", "reporter_phone").first()
    if found is None:
        raise Http404
    return found
