"""What a click on the map tells, beside it and never over it: an area with its figures and orders, or one order."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from core import clock
from grids import locate
from grids.directory import Place, directory, find
from grids.levels import Level
from pages import base, lists, orders
from pages.base import page
from pages.maps import listing, measures
from pages.maps.places import Asked, must_ask, url
from workorders import reading
from workorders.models import WorkOrder

FEW = 8


@page
@require_GET
def view(request: HttpRequest) -> HttpResponse:
    """`order` a number, `at` a point with `level`, `box` a part of the map, else the area itself."""
    asked = must_ask(request)
    if request.GET.get("order"):
        context = _order(request, asked, request.GET["order"])
    elif asked.box is not None:
        context = _part(request, asked)
    else:
        place = _place_at(asked, request.GET["at"]) if request.GET.get("at") else asked.place
        context = _area(request, asked.at(place)) if place is not None else {"outside": True}
    context |= {"frame": base.shell(request), "now": clock.now(), "place": asked.place}
    context["trail"] = [(_("One map"), url(asked.place)), (context.get("heading") or _("Outside all areas"), None)]
    return render(request, "maps/_panel.html" if request.htmx else "maps/panel.html", context)


def _place_at(asked: Asked, text: str) -> Place | None:
    """The area of the level asked for that contains a point, within what the map shows."""
    try:
        lon, lat = (float(part) for part in text.split(","))
    except ValueError:
        raise Http404 from None
    level = asked.level or Level.GRID
    found = locate.area_at(lon, lat, clock.today(), level=level)
    return found if found is not None and asked.place.id in found.path else None


def _area(request: HttpRequest, asked: Asked) -> dict:
    place = asked.place
    [figures] = measures.of_areas(asked, [place.id]).values()
    score = measures.assessment_reading.last_published(
        place.level, [place.id], user=request.user, on=asked.standing.on
    ).get(place.id)
    facts = [
        (_("Open"), str(figures.open), listing.address(asked, "open")),
        (_("Overdue"), str(figures.overdue), listing.address(asked, "overdue")),
        (_("Cards"), str(figures.cards), listing.address(asked, "cards")),
        (_("Reported %(period)s") % {"period": asked.period_words}, str(figures.reported),
         listing.address(asked, "reported")),
    ]  # fmt: skip
    for label, name in (
        (_("Reported per 1,000 households"), "per_1000_households"),
        (_("Handled on time"), "on_time_share"),
        (_("Satisfied reporters"), "satisfaction"),
    ):
        value = getattr(figures, name)
        facts.append((label, measures.BY_NAME[name].words(value) if value is not None else "–", ""))
    if score is not None:
        facts.append((_("Score of %(month)s") % {"month": score.run.period}, f"{score.score:.2f}", ""))
    path = directory().path(place.id)
    return {
        "heading": place.name,
        "above": " · ".join(one.name for one in path[:-1]),
        "kind": Level(place.level).label,
        "facts": facts,
        "cutoff": measures.cutoff(),
        "rows": _rows(request, asked, "open"),
        "rows_heading": _("Due next"),
        "more_url": listing.address(asked, "open"),
        "into_url": url(place) if place.level not in (Level.GRID, Level.MICRO) and place.id != _top(request) else "",
    }


def _top(request: HttpRequest) -> int | None:
    place = find(request.GET.get("area", ""))
    return place.id if place and not request.GET.get("at") else None


def _part(request: HttpRequest, asked: Asked) -> dict:
    name = "reported" if request.GET.get("points") == "reported" or asked.day is not None else "open"
    found = listing.behind(asked, name)
    box = ",".join(f"{edge:.6f}" for edge in asked.box)
    return {
        "heading": _("Part of the map"),
        "above": f"{listing.BY_NAME[name].label} · {asked.category_words}",
        "facts": [(_("Orders here"), str(found.order_by().count()), listing.address(asked, name, box=box))],
        "rows": _rows(request, asked, name),
        "rows_heading": _("Due next") if name == "open" else _("Newest"),
        "more_url": listing.address(asked, name, box=box),
    }


def _rows(request: HttpRequest, asked: Asked, name: str) -> list[lists.Row]:
    now = clock.now()
    page_ = reading.fetch_page(
        listing.behind(asked, name), asked.standing, ordering=listing.BY_NAME[name].ordering, size=FEW
    )
    return [lists.row_of(row, url=orders.order_url(request, row["number"]), now=now) for row in page_.rows]


def _order(request: HttpRequest, asked: Asked, number: str) -> dict:
    found = WorkOrder.objects.filter(number=number)
    rows = reading.fetch_page(found, asked.standing, size=1).rows if number.isascii() and number.isdigit() else []
    if not rows:
        raise Http404
    row = lists.row_of(rows[0], url=orders.order_url(request, number), now=clock.now())
    return {"heading": row.title, "one": row}
