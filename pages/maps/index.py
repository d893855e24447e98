"""The page of the map: what to show, the map, the same as a list, and what a click tells. Works as a list by itself."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from core import clock
from grids import shapes
from grids.levels import Level
from pages import base, lists, options, orders
from pages.base import page
from pages.fields import QuickSelect
from pages.maps import listing, live, measures, places, wall
from pages.maps.config import config
from pages.maps.places import DAYS, DAYS_BACK, Asked
from pages.orders import BOARD, DESK

MOST_ROWS = 60


class ShownForm(forms.Form):
    """What the map shows. Whatever is not understood shows what is usual."""

    measure = forms.ChoiceField(required=False)
    level = forms.ChoiceField(required=False)
    points = forms.ChoiceField(required=False)
    category = forms.ChoiceField(required=False, widget=QuickSelect)
    days = forms.ChoiceField(required=False)

    def __init__(self, data, *, levels: list[str]):
        super().__init__(data, auto_id="map_%s")
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"
        labels = {
            "measure": _("Areas by"),
            "level": _("Level"),
            "points": _("Orders"),
            "category": _("Category"),
            "days": _("Period"),
        }
        for name, label in labels.items():
            self.fields[name].label = label
        self.fields["measure"].choices = [(one.name, one.label) for one in measures.MEASURES]
        self.fields["level"].choices = [("", _("As the zoom fits")), *((one, Level(one).label) for one in levels)]
        self.fields["points"].choices = [
            ("open", _("Open orders")),
            ("reported", _("Reported in the period")),
            ("heat", _("Heat and hot spots")),
            ("none", _("No orders")),
        ]
        self.fields["category"].choices = [("", _("All")), *options.categories(with_majors=True)]
        self.fields["days"].choices = [(str(days), _("%(days)d days") % {"days": days}) for days in DAYS]
        for name, usual in (("measure", "open"), ("points", "open"), ("days", "30")):
            self.fields[name].initial = usual

    def chosen(self, name: str) -> str:
        """What was chosen, else what is usual."""
        value = self.data.get(name, "")
        known = dict(self.fields[name].choices)
        return value if value in known else self.fields[name].initial or ""


@page
@require_GET
def view(request: HttpRequest) -> HttpResponse:
    """The map of one area of the reader's reach; with `screen=1` the wall."""
    standing = base.standing(request)
    tops = lists.tops_of(standing)
    asked = places.asked(request)
    if asked is None:
        return render(request, "maps/index.html", {"frame": base.shell(request), "trail": [(_("One map"), None)]})
    if request.GET.get("screen") == "1":
        return wall.show(request, asked)
    today, place = clock.today(), asked.place
    floors = shapes.floors(place, today)
    given = request.GET.copy()
    form = ShownForm(given, levels=[one.level for one in floors])
    for name in ("measure", "points", "days"):
        given[name] = form.chosen(name)
    measure = measures.chosen(form.chosen("measure"), asked)
    level = live.level_of(asked)
    room = orders.room_of(request)
    hot = live.hot_spots(asked) if form.chosen("points") == "heat" else []
    context = {
        "frame": base.shell(request),
        "trail": [(_("One map"), None)],
        "place": place,
        "form": form,
        "asked": asked,
        "above": places.above(place, tops) if place not in tops else [],
        "tops": [(one, places.url(one)) for one in tops if one.id not in place.path],
        "rows": _rows(asked, measure, level),
        "measure": measure,
        "words": live.words_of(asked, measure),
        "level_label": Level(level).label,
        "hot": hot,
        "shows_heat": form.chosen("points") == "heat",
        "cutoff": measures.cutoff(),
        "wall_url": f"{reverse('map:index')}?area={place.code}&screen=1",
        "room": room if room in (DESK, BOARD) else None,
        "list_url": listing.address(asked, "open"),
        "config": config(asked, floors),
        "day": asked.day,
        "days_back": DAYS_BACK,
    }
    return render(request, "maps/index.html", context)


def _rows(asked: Asked, measure: measures.Measure, level: str) -> dict:
    """The list twin as the server writes it: the areas of the level, those to look at first on top."""
    found = measures.values(asked, measure, level)
    known = {one.id: one for one in shapes.of_level(asked.place, level, clock.today())}
    classes = measures.classes(measure, found.values())
    shown = [pk for pk in found if pk in known]
    real = sorted((pk for pk in shown if found[pk] is not None), key=lambda pk: (found[pk], known[pk].code))
    if not measure.low_first:
        real.reverse()
    order = [*real, *(pk for pk in shown if found[pk] is None)]
    rows = [
        {
            "id": pk,
            "name": known[pk].name,
            "value": measure.words(found[pk]) if found[pk] is not None else "–",
            "band": classes.of(found[pk]),
            "url": f"{reverse('map:panel')}?{asked.query(area=known[pk].code)}",
        }
        for pk in order[:MOST_ROWS]
    ]
    return {"shown": rows, "more": len(order) - len(rows), "legend": classes.legend(found.values())}
