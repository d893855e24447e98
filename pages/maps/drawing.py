"""Outlines for maps. An address names the revision it is good for, so a browser keeps it until that changes."""

import json

import shapely
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from core import clock
from grids import shapes
from grids.directory import Place, find
from grids.levels import Level
from pages.base import page
from pages.maps.places import box_of

YEAR = 365 * 24 * 3600
JSON = "application/geo+json"


@page
@require_GET
def shape(request: HttpRequest, code: str) -> HttpResponse:
    """The outline of one area, as finely as it is stored."""
    place, on = _place(code), clock.today()
    text, _level = shapes.collection(place, place.level, shapes.ZOOMS[-1], on)
    response = HttpResponse(text, content_type=JSON)
    response["Cache-Control"] = "private, max-age=300"
    return response


@page
@require_GET
def outlines(request: HttpRequest, code: str, level: str, zoom: int, revision: str) -> HttpResponse:
    """The outlines of one level below an area, fit for a zoom; with `box` of what lies there.

    Cached for good where the revision in the address is the present one; an old address gets the present outlines and
    is not kept.
    """
    place, on = _place(code), clock.today()
    if level not in Level.values or zoom not in shapes.ZOOMS or Level.values.index(level) < _floor_of(place):
        raise Http404
    box = box_of(request.GET.get("box", ""))
    found = shapes.sheet(place, level, zoom, on, shapes.snapped(box, zoom) if box else None)
    tag = f'W/"{found.tag}"'  # weak: the same outlines, compressed or not
    present = revision == shapes.revision(on)
    if request.headers.get("If-None-Match", "").removeprefix("W/") == tag.removeprefix("W/"):
        response: HttpResponse = HttpResponseNotModified()
    elif "gzip" in request.headers.get("Accept-Encoding", ""):
        response = HttpResponse(found.packed, content_type=JSON)
        response["Content-Encoding"] = "gzip"
    else:
        response = HttpResponse(found.body, content_type=JSON)
    patch_vary_headers(response, ["Accept-Encoding"])
    response["ETag"] = tag
    response["Cache-Control"] = f"private, max-age={YEAR}, immutable" if present else "private, no-cache"
    return response


def _floor_of(place: Place) -> int:
    return Level.values.index(place.level)


def _place(code: str) -> Place:
    place = find(code)
    if place is None:
        raise Http404
    return place


def geometry_of(text: str) -> list:
    """The geometries of a GeoJSON text as shapes."""
    return [shapely.geometry.shape(one["geometry"]) for one in json.loads(text)["features"]]
