"""One map: the areas of the reader's reach with what is open in them, as a table and as a map of outlines.

Figures come from one grouped statement over the orders the reader sees; outlines from a copy in the cache.
"""

import datetime as dt
import json
from dataclasses import dataclass

import shapely
from django.core.cache import cache
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, register_converter, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from core import clock
from core.models import Revision
from grids.directory import REVISION, Place, directory, find
from grids.levels import Level
from grids.models import Boundary
from pages import base, lists, orders
from pages.base import page
from workorders.models import WorkOrder
from workorders.models.reach import area_condition

app_name = "map"

BELOW = {
    Level.CITY: "district",
    Level.DISTRICT: "street",
    Level.STREET: "community",
    Level.COMMUNITY: "area",
    Level.GRID: "area",
    Level.MICRO: "area",
}
# Outlines of grids are joined to those of the areas above them up to so many; beyond that only stored ones are drawn.
MOST_JOINED = 5000
# How much finer than this (degrees) an outline of a level is not drawn.
_FINENESS = {Level.DISTRICT: 0.0005, Level.STREET: 0.0002, Level.COMMUNITY: 0.00005}
SHAPES_KEPT = 24 * 3600
BANDS = 4


class AreaCode:
    """Codes of areas in addresses."""

    regex = "[0-9]{12,17}"

    def to_python(self, value: str) -> str:
        """As it is."""
        return value

    to_url = to_python


register_converter(AreaCode, "area")


@dataclass(frozen=True)
class Figure:
    """What is open in one area. band: 0 (nothing) to 4 (most), relative to its neighbours."""

    code: str
    name: str
    url: str
    open: int
    overdue: int
    cards: int
    band: int


def counts(seen: QuerySet, column: str, now: dt.datetime) -> dict[int, dict[str, int]]:
    """Open orders, overdue ones and those with a card, by a column; one statement."""
    rows = seen.open().order_by().values(f"{column}_id")
    rows = rows.annotate(
        open=Count("pk"),
        overdue=Count("pk", filter=Q(due_at__lt=now, clock_paused=False)),
        cards=Count("pk", filter=~Q(card="")),
    )
    return {row[f"{column}_id"]: row for row in rows}


def children(place: Place) -> list[Place]:
    """The areas directly below that exist today; a grid stands for itself."""
    today = clock.today()
    found = [one for one in directory().by_id.values() if one.parent_id == place.id and one.is_active(today)]
    return found if place.level not in (Level.GRID, Level.MICRO) else [place]


@page
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The areas below one area of the reader's reach, with their figures and their outlines."""
    standing, now = base.standing(request), clock.now()
    tops = lists.tops_of(standing)
    place = _chosen(request, tops)
    figures: list[Figure] = []
    if place is not None:
        seen = WorkOrder.objects.visible_to(request.user, clock.today()).filter(area_condition(place.id))
        figures = _figures(children(place), counts(seen, BELOW[Level(place.level)], now))
    room = orders.room_of(request)
    context = {
        "frame": base.shell(request),
        "place": place,
        "trail": [(_("One map"), None)],
        "above": _above(place, tops) if place and place not in tops else [],
        "tops": [(one, _url(one)) for one in tops if place is None or one.id not in place.path],
        "figures": figures,
        "total": {name: sum(getattr(one, name) for one in figures) for name in ("open", "overdue", "cards")},
        "by_code": {one.code: {"open": one.open, "overdue": one.overdue, "band": one.band} for one in figures},
        "bands": _legend(figures),
        "orders_url": f"{room.prefix}?area={place.code}" if place and room.name in ("desk", "board") else "",
        "shapes_url": reverse("map:shapes", args=[place.code]) if place else "",
        "is_last": place is not None and place.level in (Level.GRID, Level.MICRO),
        "now": now,
    }
    return render(request, "maps/index.html", context)


def _chosen(request: HttpRequest, tops: list[Place]) -> Place | None:
    """The area asked for, else the reader's own; 404 outside the reach, None for people without any."""
    code = request.GET.get("area", "")
    if not code:
        return tops[0] if tops else None
    place = find(code) if code.isascii() and code.isdigit() else None
    if place is None or not any(top.id in place.path for top in tops):
        raise Http404
    return place


def _url(place: Place) -> str:
    return f"{reverse('map:index')}?area={place.code}"


def _above(place: Place, tops: list[Place]) -> list[tuple[str, str]]:
    """The way down from the reader's own area to this one."""
    own = {top.id for top in tops}
    path_down = directory().path(place.id)
    start = next((at for at, one in enumerate(path_down) if one.id in own), len(path_down) - 1)
    return [(one.name, _url(one)) for one in path_down[start:]]


def _figures(areas: list[Place], rows: dict[int, dict[str, int]]) -> list[Figure]:
    most = max((rows[one.id]["open"] for one in areas if one.id in rows), default=0)
    found = []
    for one in areas:
        row = rows.get(one.id, {"open": 0, "overdue": 0, "cards": 0})
        band = -(-row["open"] * BANDS // most) if row["open"] else 0
        found.append(Figure(one.code, one.name, _url(one), row["open"], row["overdue"], row["cards"], band))
    return found


def _legend(figures: list[Figure]) -> list[tuple[int, str]]:
    """The bands that occur, each with the figures it stands for."""
    found = []
    for band in range(BANDS + 1):
        inside = [one.open for one in figures if one.band == band]
        if inside:
            low, high = min(inside), max(inside)
            found.append((band, str(low) if low == high else f"{low}–{high}"))
    return found


# -- outlines ------------------------------------------------------------------------------------------------------


@page
@require_GET
def shape(request: HttpRequest, code: str) -> HttpResponse:
    """The outline of one area."""
    return _json(_collection(_place(code), "one"))


@page
@require_GET
def shapes(request: HttpRequest, code: str) -> HttpResponse:
    """The outlines of the areas directly below one."""
    return _json(_collection(_place(code), "below"))


def _place(code: str) -> Place:
    place = find(code)
    if place is None:
        raise Http404
    return place


def _json(text: str) -> HttpResponse:
    response = HttpResponse(text, content_type="application/geo+json")
    response["Cache-Control"] = "private, max-age=300"
    return response


def _collection(place: Place, which: str) -> str:
    """The GeoJSON text, kept until the tree or an outline changes."""
    number = Revision.objects.filter(name=REVISION).values_list("number", flat=True).first() or 0
    key = f"map-shapes:{which}:{place.code}:{number}:{clock.today()}"
    text = cache.get(key)
    if text is None:
        text = json.dumps(_outlines([place] if which == "one" else children(place)), separators=(",", ":"))
        cache.set(key, text, timeout=SHAPES_KEPT)
    return text


def _outlines(areas: list[Place]) -> dict:
    """A FeatureCollection of these areas: stored outlines, else those of their grids joined; one statement."""
    wanted = {one.id for one in areas}
    under: dict[int, int] = {}
    for one in directory().by_id.values():
        own = wanted.intersection(one.path)
        if one.level == Level.GRID and own:
            under[one.id] = own.pop()
    ids = wanted | set(under) if len(under) <= MOST_JOINED else wanted
    rows = Boundary.objects.filter(area_id__in=ids, ends__isnull=True).values_list("area_id", "wkb")
    stored = {area_id: shapely.from_wkb(bytes(wkb)) for area_id, wkb in rows}
    parts: dict[int, list] = {}
    for area_id, outline in stored.items():
        if area_id not in wanted and under.get(area_id) not in stored:
            parts.setdefault(under[area_id], []).append(outline)
    features = []
    for one in areas:
        outline = stored.get(one.id)
        if outline is None and one.id in parts:
            outline = shapely.union_all(parts[one.id])
        if outline is None or outline.is_empty:
            continue
        fineness = _FINENESS.get(Level(one.level), 0)
        drawn = shapely.set_precision(shapely.simplify(outline, fineness) if fineness else outline, 0.00001)
        features.append(
            {
                "type": "Feature",
                "properties": {"code": one.code, "name": one.name},
                "geometry": json.loads(shapely.to_geojson(drawn)),
            }
        )
    return {"type": "FeatureCollection", "features": features}


urlpatterns = [
    path("", index, name="index"),
    path("shapes/<area:code>/", shape, name="shape"),
    path("shapes/<area:code>/below/", shapes, name="shapes"),
]
