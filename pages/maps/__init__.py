"""One map: areas filled by a measure, orders and heat on them, the same as a list; and the wall.

`index` is the page, `drawing` the outlines, `live` the figures and points on them, `panel` what a click tells,
`listing` the orders behind a figure, `wall` the display of a command centre.
"""

from django.urls import path, register_converter

from pages.maps import drawing, index, listing, live, panel, wall
from pages.maps.places import BELOW, AreaCode, counts

__all__ = ["BELOW", "counts", "urlpatterns"]

app_name = "map"
register_converter(AreaCode, "area")

urlpatterns = [
    path("", index.view, name="index"),
    path("shapes/<area:code>/", drawing.shape, name="shape"),
    path("outlines/<area:code>/<slug:level>/<int:zoom>/<slug:revision>/", drawing.outlines, name="outlines"),
    path("figures/", live.figures, name="figures"),
    path("points/", live.points, name="points"),
    path("heat/", live.heat, name="heat"),
    path("panel/", panel.view, name="panel"),
    path("list/", listing.view, name="list"),
    path("wall/", wall.refresh, name="wall"),
]
