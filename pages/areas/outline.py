"""One area: its outline, how those below it fit together, and a new outline, checked first, then confirmed."""

import json
from collections.abc import Mapping
from typing import Any

import shapely
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core import clock, wording
from core.errors import Invalid
from grids import commands, geometry, surveying
from grids.coordinates import System, shape_to_wgs84
from grids.levels import Level
from grids.models import Area, Boundary
from pages import base
from pages.areas import geojson, reach
from pages.base import Done, once, page, submitted
from workorders import redividing
from workorders.models import WorkOrder

MOST_MENDED = 50


class OutlineForm(forms.Form):
    """A new outline: written, drawn into the field, or a file."""

    outline = forms.CharField(required=False, max_length=geojson.MOST_BYTES, widget=forms.Textarea)
    file = forms.FileField(required=False)
    coordinates = forms.ChoiceField(choices=System.choices, initial=System.WGS84)
    on = forms.DateField(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    neighbours_give_way = forms.BooleanField(required=False)
    confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, area: Area, **kwargs):
        super().__init__(*args, auto_id="outline_%s", **kwargs)
        self.area, self.shape = area, None
        labels = {
            "outline": _("Outline"),
            "file": _("GeoJSON file"),
            "coordinates": _("Coordinate system"),
            "on": _("Valid from"),
            "neighbours_give_way": _("Neighbours give way: what the outline covers of them is cut off them"),
        }
        for name, label in labels.items():
            self.fields[name].label = label
        self.fields["outline"].help_text = _(
            "GeoJSON: a Polygon or MultiPolygon, a feature, or a collection that holds this area's code. Draw it on"
            " the map, or paste it."
        )

    def clean(self):
        """The outline, read strictly and turned into stored coordinates."""
        given = super().clean()
        raw, field = geojson.read(given.get("outline", ""), given.get("file"), "outline")
        try:
            shape = geometry.read(self._geometry(raw))
        except Invalid as refusal:
            raise geojson.refused(field, refusal) from refusal
        self.shape = shape_to_wgs84(shape, given.get("coordinates") or System.WGS84)
        return given

    def _geometry(self, raw: Any) -> Any:
        if isinstance(raw, Mapping) and raw.get("type") == "FeatureCollection":
            features = [one for one in raw.get("features") or () if isinstance(one, Mapping)]
            mine = [one for one in features if self.area.code in map(str, (one.get("properties") or {}).values())]
            chosen = mine or features
            if len(chosen) != 1:
                message = _("The file has %(count)d features and none of them names the code %(code)s.")
                raise Invalid(errors={"geometry": [message % {"count": len(features), "code": self.area.code}]})
            raw = chosen[0]
        return raw.get("geometry") if isinstance(raw, Mapping) and raw.get("type") == "Feature" else raw


@page
@require_http_methods(["GET", "POST"])
def outline(request: HttpRequest, code: str) -> HttpResponse:
    """An area's outline: as it is, and a new one: looked at first, then confirmed."""
    area = reach.area_of(reach.administered(request, code))
    current = Boundary.objects.filter(area=area, ends=None).first()
    start = {"on": clock.today(), "outline": json.dumps(current.geometry) if current else ""}
    form = OutlineForm(request.POST or None, request.FILES or None, area=area, initial=start)
    survey = None
    if submitted(request, form):
        given = form.cleaned_data
        if given["confirmed"]:

            def work() -> Done:
                commands.set_boundary(
                    area, geometry=geometry.write(form.shape), on=given["on"], by=request.user,
                    neighbours_give_way=given["neighbours_give_way"],
                )  # fmt: skip
                words = _("The new outline of %(name)s is valid from %(day)s.")
                return Done(
                    reverse("areas:outline", args=[code]), words % {"name": area.name, "day": wording.day(given["on"])}
                )

            return once(request, work)
        survey = surveying.survey(area, form.shape, on=given["on"])
    elif form.is_bound and form.shape is not None:  # refused by the command: shown beside what was measured
        survey = surveying.survey(area, form.shape, on=form.cleaned_data.get("on") or clock.today())
    context = {
        "frame": base.shell(request),
        "trail": reach.trail(area),
        "area": area,
        "level": Level(area.level).label,
        "form": form,
        "survey": _told(survey, form) if survey else None,
        "checked": survey is not None and request.problem is None,
        "written": json.dumps(geometry.write(form.shape)) if form.shape is not None else "",
        "given": form.cleaned_data if survey else {},
        "moves": _moves(request, area, form.shape) if survey else None,
        "versions": Boundary.objects.filter(area=area).only("starts", "ends").order_by("-starts"),
        "config": _config(area, current, form.shape),
        "closed": area.ends is not None and area.ends <= clock.today(),
        "successors": area.successors.order_by("code"),
        "predecessors": area.predecessors.order_by("code"),
        "waiting": redividing.waiting().filter(olds__contains=[area.pk]).first(),
        "divisible": area.level in redividing.LEVELS and area.ends is None,
        "report": _report(request, area),
    }
    return render(request, "areas/outline.html", context)


def _report(request: HttpRequest, area: Area) -> dict | None:
    """How the outlines of the grids below fit together; of more than a community only when it is asked for."""
    if area.level in (Level.GRID, Level.MICRO):
        return None
    if area.level != Level.COMMUNITY and "report" not in request.GET:
        return {"ask": "?report=1#mosaic"}
    found = surveying.mosaic(area, Level.GRID, on=clock.today())
    rows = [
        {
            "what": _("Overlap"),
            "names": [one.one, one.two],
            "size": one.square_metres,
            "share": one.share,
            "mend": one.two,
            "tone": "tone-late",
        }
        for one in found.shared
    ] + [
        {
            "what": _("Gap"),
            "names": [one.beside] if one.beside else [],
            "size": one.square_metres,
            "share": one.share,
            "mend": one.beside or area,
            "tone": "tone-soon",
        }
        for one in found.gaps or ()
    ]
    rows.sort(key=lambda row: -row["size"])
    return {
        "found": found,
        "rows": [
            {**row, "size": reach.square(row["size"]), "share": f"{row['share']:.2%}"} for row in rows[:MOST_MENDED]
        ],
        "more": max(len(rows) - MOST_MENDED, 0),
        "overlap": reach.square(sum(one.square_metres for one in found.shared)),
        "gap": reach.square(sum(one.square_metres for one in found.gaps)) if found.gaps is not None else "",
        "gap_share": f"{sum(one.share for one in found.gaps):.2%}" if found.gaps is not None else "",
    }


def _told(survey: surveying.Survey, form: OutlineForm) -> dict:
    """The survey in figures as the page shows them."""
    gives_way = form.cleaned_data.get("neighbours_give_way")
    return {
        "size": reach.square(survey.square_metres),
        "before": reach.square(survey.before) if survey.before is not None else "",
        "change": f"{survey.change:+.2%}" if survey.change is not None else "",
        "taken": [
            {"name": one.name, "code": one.code, "size": reach.square(one.square_metres), "share": f"{one.share:.2%}"}
            for one in survey.taken
        ],
        "gives_way": gives_way,
        "refused": bool(survey.taken) and not gives_way and form.area.level == Level.GRID,
        "above": survey.above,
        "gap": reach.square(survey.gap) if survey.gap is not None else "",
        "gap_share": f"{survey.gap_share:.2%}" if survey.gap_share is not None else "",
        "outside": reach.square(survey.outside) if survey.outside else "",
    }


def _moves(request: HttpRequest, area: Area, shape) -> dict[str, int]:
    """Open orders on the other side of the new line. They stay where they were reported; new ones follow the line."""
    west, south, east, north = shape.bounds
    seen = WorkOrder.objects.visible_to(request.user, clock.today())
    open_orders = seen.open().filter(lon__isnull=False).order_by()
    mine = list(open_orders.filter(area=area).values_list("lon", "lat"))
    near = list(
        open_orders.filter(lon__gte=west, lon__lte=east, lat__gte=south, lat__lte=north)
        .filter(area__level=area.level).exclude(area=area).values_list("lon", "lat")[:5000]
    )  # fmt: skip
    shapely.prepare(shape)
    return {
        "left": sum(not shapely.intersects_xy(shape, lon, lat) for lon, lat in mine),
        "inside": sum(bool(shapely.intersects_xy(shape, lon, lat)) for lon, lat in near),
    }


def _config(area: Area, current: Boundary | None, shape) -> dict:
    """What the drawing script needs: the outlines around, and its words."""
    return {
        "current": current.geometry if current else None,
        "proposed": geometry.write(shape) if shape is not None else None,
        "around": reach.around(area),
        "id": area.pk,
        "words": {
            "corner": _("Corner %(number)s; drag it, or remove it with Delete"),
            "count": _("%(count)s corners"),
        },
    }
