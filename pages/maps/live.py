"""What changes on the map: the class of each area, the orders gathered into clusters, heat. All within the reach."""

import numpy as np
import shapely
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from core import clock, wording
from grids import shapes
from grids.directory import directory
from pages.base import page
from pages.maps import measures
from pages.maps.drawing import geometry_of
from pages.maps.places import Asked, must_ask
from workorders import clusters

# Sides of the squares heat is counted by, by how far across the area is.
SIDES_M = ((6_000, 150), (15_000, 300), (60_000, 600), (10_000_000, 2000))
MOST_HOT = 50
POINTS = ("open", "reported")


@gzip_page
@page
@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    """The class and value of each area of a level, for the box in view; geometry is never sent with it."""
    asked = must_ask(request)
    measure = measures.chosen(request.GET.get("measure", ""), asked)
    today = clock.today()
    drawn, level = shapes.drawn(asked.place, level_of(asked), today, asked.box)
    found = measures.values(asked, measure, level)
    classes = measures.classes(measure, found.values())
    shown = [(one, found[one.id]) for one in drawn if one.id in found]
    at = measures.cutoff()
    answer = {
        "revision": shapes.revision(today),
        "level": level,
        "measure": measure.name,
        "label": str(measure.label),
        "words": words_of(asked, measure),
        "cutoff": wording.moment(at) if at else "",
        "legend": classes.legend(found.values()),
        "ids": [one.id for one, _value in shown],
        "classes": "".join(classes.of(value) for _one, value in shown),
        "values": ["" if value is None else measure.words(value) for _one, value in shown],
    }
    return _answer(answer)


def level_of(asked: Asked) -> str:
    """The level asked for where the area has it, else the one right below."""
    levels = [floor.level for floor in shapes.floors(asked.place, clock.today())]
    if asked.level in levels:
        return asked.level
    return levels[0] if levels else asked.place.level


def words_of(asked: Asked, measure: measures.Measure) -> str:
    """What is counted, in words: measure, category, period."""
    if measure.name == "score":
        return str(measure.label)
    period = _("now") if measure.live else asked.period_words
    return _("%(measure)s, %(category)s, %(period)s") % {
        "measure": measure.label, "category": asked.category_words, "period": period,
    }  # fmt: skip


@page
@require_GET
def points(request: HttpRequest) -> HttpResponse:
    """Orders gathered by cells: those open now, or those reported in the period."""
    asked, now = must_ask(request), clock.now()
    orders, words = shown_orders(asked, request.GET.get("points", ""))
    found = clusters.clusters(orders, zoom_of(request), now=now, box=asked.box)
    count = sum(one.count for one in found)
    answer = {
        "words": words,
        "told": ngettext("%(count)d order on the map", "%(count)d orders on the map", count) % {"count": count},
        "points": [[one.lon, one.lat, one.count, one.overdue, one.number] for one in found],
        "side": 360 / 256 / 2 ** zoom_of(request) * clusters.CELL_PX,
    }
    return _answer(answer)


def shown_orders(asked: Asked, name: str) -> tuple:
    """The orders drawn as points, and what they are in words. A past day shows what was reported on it."""
    if name != "reported" and asked.day is None:
        return asked.orders().open(), _("open orders, %(category)s") % {"category": asked.category_words}
    since, until = asked.period.moments
    words = _("orders reported %(period)s, %(category)s")
    words = words % {"period": asked.period_words, "category": asked.category_words}
    return asked.orders().filter(reported_at__gte=since, reported_at__lt=until), words


def zoom_of(request: HttpRequest) -> float:
    """The zoom of the map, in half steps."""
    try:
        zoom = float(request.GET.get("zoom", ""))
    except ValueError:
        return 12.0
    return min(max(round(zoom * 2) / 2, 3.0), 20.0) if zoom == zoom else 12.0


@page
@require_GET
def heat(request: HttpRequest) -> HttpResponse:
    """How closely orders of the period lie, by squares, with the hot spots."""
    asked = must_ask(request)
    found = heat_of(asked)
    most = max(found.counts.values(), default=0)
    hot = {tuple(one.box): one for one in found.hot}
    cells = []
    for (column, row), count in found.counts.items():
        box = found.box_of(column, row)
        spot = hot.get(tuple(box))
        cells.append(
            [*(round(one, 5) for one in box), count, -(-count * 4 // most), spot.is_very_clear + 1 if spot else 0]
        )
    return _answer({"cells": cells, "words": shown_orders(asked, "reported")[1]})


def heat_of(asked: Asked) -> clusters.Heat:
    """Squares and hot spots of the orders reported in the period."""
    orders, _words = shown_orders(asked, "reported")
    text, _level = shapes.collection(asked.place, asked.place.level, shapes.ZOOMS[2], clock.today())
    outlines = geometry_of(text)
    whole = shapely.union_all(outlines) if outlines else shapely.Polygon()
    shapely.prepare(whole)

    def inside(points: np.ndarray) -> np.ndarray:
        return shapely.contains_xy(whole, points)

    west, south, east, north = whole.bounds if not whole.is_empty else (0, 36, 0.1, 36.1)
    across = (north - south) * 111_000
    side = next(side for most, side in SIDES_M if across <= most)
    return clusters.heat(orders, side_m=side, at_lat=(south + north) / 2, inside=inside)


def hot_spots(asked: Asked) -> list[dict]:
    """The hot spots as rows of a table, the clearest first."""
    known, rows = directory(), []
    for number, one in enumerate(heat_of(asked).hot[:MOST_HOT], start=1):
        path = [place.name for place in known.path(one.area_id)]
        box = ",".join(f"{edge:.6f}" for edge in one.box)
        query = asked.query(box=box, show="reported")
        rows.append(
            {
                "number": number,
                "place": " · ".join(path[-2:]),
                "count": one.count,
                "around": one.around,
                "words": _("very clear") if one.is_very_clear else _("clear"),
                "z": f"{one.z:.1f}",
                "url": f"{reverse('map:list')}?{query}",
            }
        )
    return rows


def _answer(answer: dict) -> HttpResponse:
    response = JsonResponse(answer, json_dumps_params={"ensure_ascii": False, "separators": (",", ":")})
    response["Cache-Control"] = "private, no-store"
    return response
