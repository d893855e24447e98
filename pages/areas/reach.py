"""Which areas an administrator may change, and how figures of land are written."""

from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from core import clock
from grids import shapes
from grids.directory import Place, find
from grids.levels import Level
from grids.models import Area
from pages.managing import skeleton
from pages.maps import places


def administered(request: HttpRequest, code: str = "") -> Place:
    """The area asked for, else the topmost one. 404 outside the reach, NotPermitted for other posts."""
    tops = skeleton.tops(request)
    place = find(code) if code else next(iter(tops), None)
    if not skeleton.within(tops, place):
        raise Http404
    return place


def area_of(place: Place) -> Area:
    """The row of a place, with its parent."""
    return Area.objects.select_related("parent").get(pk=place.id)


def trail(area: Area, *last: str) -> list[tuple[str, str | None]]:
    """Areas / the area / the step."""
    up = area.parent.code if area.parent else area.code
    steps = [(_("Areas"), f"{reverse('areas:index')}?area={up}")]
    own = reverse("areas:outline", args=[area.code]) if last else None
    return [*steps, (area.name, own), *((words, None) for words in last)]


def above(request: HttpRequest, place: Place) -> list[tuple[str, str]]:
    """The way down from the reader's own area, as links of this room."""
    found = places.above(place, skeleton.tops(request))
    return [(name, address.replace(reverse("map:index"), reverse("areas:index"), 1)) for name, address in found]


def around(area: Area) -> str:
    """Where the drawing finds the outlines beside an area."""
    beside = area.parent or area
    level = area.level if area.parent else beside.level
    return reverse("map:outlines", args=[beside.code, level, 16, shapes.revision(clock.today())])


def square(square_metres: float) -> str:
    """Land in square metres."""
    return _("%(count)s m²") % {"count": f"{square_metres:,.0f}"}


def hectares(square_metres: float) -> str:
    """Land in hectares."""
    return _("%(count)s ha") % {"count": f"{square_metres / 10_000:,.2f}"}


def has_below(place: Place, on: Any) -> bool:
    """Whether there is a level below that has areas."""
    return place.level != Level.MICRO and any(one.level != place.level for one in shapes.floors(place, on))
