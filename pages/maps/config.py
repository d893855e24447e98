"""What the scripts of map and wall need to know: addresses, levels, tiles, and texts in the reader's language."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from core import clock
from grids import shapes
from grids.levels import Level
from pages.maps.places import Asked


def config(asked: Asked, floors: list[shapes.Floor]) -> dict:
    """What the script needs to know."""
    place, today = asked.place, clock.today()
    tiles = settings.MAP_TILES
    outlines = reverse("map:outlines", args=[place.code, "grid", 99, "REV"])
    return {
        "area": place.code,
        "bounds": shapes.bounds(place, today),
        "floors": [{"level": one.level, "count": one.count, "label": str(Level(one.level).label)} for one in floors],
        "zooms": shapes.ZOOMS,
        "most": shapes.MOST,
        "revision": shapes.revision(today),
        "outlines": outlines.replace("/grid/99/REV/", "/"),
        "figures": reverse("map:figures"),
        "points": reverse("map:points"),
        "heat": reverse("map:heat"),
        "panel": reverse("map:panel"),
        "today": today.isoformat(),
        "tiles": tiles and {
            "url": tiles.url, "labels": tiles.labels, "subdomains": tiles.subdomains,
            "system": tiles.coordinates, "attribution": tiles.attribution, "deepest": tiles.deepest,
        },
        "words": {
            "none": _("No outline is stored for these areas. The list shows the same figures."),
            "failed": _("The map could not be loaded. The list shows the same figures."),
            "orders": _("%(count)s orders, %(overdue)s overdue"),
            "all": _("The whole period"),
            "day": _("%(year)d-%(month)02d-%(day)02d"),
            "more": _("%(count)s more areas; zoom in to list them."),
            "outside": _("There is nothing of your areas at this point."),
            "level": _("Level: %(level)s"),
            "nothing": _("–"),
            "picture": _("one-map"),
        },
    }  # fmt: skip
