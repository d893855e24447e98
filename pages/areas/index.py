"""The areas below one, with the size of their outlines, and what can be done with them."""

import shapely
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from core import clock, wording
from grids import geometry
from grids.levels import Level
from grids.models import Boundary
from pages import base
from pages.areas import reach
from pages.base import page
from pages.maps import places
from workorders import redividing


@page
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The areas below one, with the size of their outlines."""
    code = request.GET.get("area", "")
    place = reach.administered(request, code if code.isascii() and code.isdigit() else "")
    below, on = places.children(place), clock.today()
    rows = Boundary.objects.filter(area_id__in=[one.id for one in below], ends=None).values_list(
        "area_id", "wkb", "starts"
    )
    sizes = {pk: (geometry.area_m2(shapely.from_wkb(bytes(wkb))), starts) for pk, wkb, starts in rows}
    waiting = redividing.waiting().visible_to(request.user, on).count()
    context = {
        "frame": base.shell(request),
        "trail": [(_("Areas"), None)],
        "place": place,
        "above": reach.above(request, place),
        "rows": [
            {
                "name": one.name,
                "code": one.code,
                "level": Level(one.level).label,
                "size": reach.hectares(sizes[one.id][0]) if one.id in sizes else "",
                "since": wording.day(sizes[one.id][1]) if one.id in sizes else "",
                "below": f"{reverse('areas:index')}?area={one.code}" if reach.has_below(one, on) else "",
                "open": reverse("areas:outline", args=[one.code]),
            }
            for one in below
        ],
        "open": reverse("areas:outline", args=[place.code]),
        "new": f"{reverse('areas:new')}?under={place.code}" if place.level != Level.MICRO else "",
        "changes": reverse("areas:changes"),
        "waiting": waiting,
    }
    return render(request, "areas/index.html", context)
