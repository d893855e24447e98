"""The addresses of the pages, one module per address; a room that is not built has no address."""

from importlib.util import find_spec

from django.urls import include, path

ROOMS = (
    ("m/", "pages.phone"),
    ("desk/", "pages.desk"),
    ("inbox/", "pages.inbox"),
    ("board/", "pages.board"),
    ("map/", "pages.maps"),
    ("assessment/", "pages.assessment"),
    ("signs/", "pages.signs"),
    ("areas/", "pages.areas"),
    ("units/", "pages.managing.units"),
    ("people/", "pages.managing.people"),
    ("routing/", "pages.managing.routing"),
    ("taxonomy/", "pages.managing.taxonomy"),
    ("calendar/", "pages.managing.calendar"),
    ("texts/", "pages.managing.texts"),
    ("imports/", "pages.imports"),
    ("exports/", "pages.exports"),
    ("notices/", "pages.notices"),
    ("photos/", "pages.photos"),
    ("", "pages.public"),
    ("", "pages.account"),
    ("", "pages.pwa"),
)

urlpatterns = [path(prefix, include(module)) for prefix, module in ROOMS if find_spec(module)]
