"""Areas for their administrators: the tree with its outlines; a new outline is drawn or imported and checked first."""

import json
from collections.abc import Mapping
from typing import Any

import shapely
from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from core import clock, wording
from core.errors import Invalid, NotPermitted
from grids import commands, geometry, shapes, surveying
from grids.coordinates import System, shape_to_wgs84
from grids.directory import Place, find
from grids.levels import Level
from grids.models import Area, Boundary
from pages import base, lists
from pages.base import Done, once, page, submitted
from pages.maps import places
from personnel.roles import Role
from workorders.models import WorkOrder

app_name = "areas"
MOST_BYTES = 2_000_000


class OutlineForm(forms.Form):
    """A new outline: written, drawn into the field, or a file."""

    outline = forms.CharField(required=False, max_length=MOST_BYTES, widget=forms.Textarea)
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
        text, field = given.get("outline", ""), "outline"
        if given.get("file"):
            field = "file"
            if given["file"].size > MOST_BYTES:
                raise forms.ValidationError({"file": _("The file is larger than 2 MB.")})
            try:
                text = given["file"].read().decode("utf-8-sig")
            except UnicodeDecodeError:
                raise forms.ValidationError({"file": _("The file is not text.")}) from None
        try:
            raw = json.loads(text)
        except (ValueError, RecursionError):
            raise forms.ValidationError({field: _("This is not GeoJSON. Draw the outline or choose a file.")}) from None
        try:
            shape = geometry.read(self._geometry(raw))
        except Invalid as refusal:
            raise forms.ValidationError({field: [one for many in refusal.errors.values() for one in many]}) from refusal
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


def _administered(request: HttpRequest, code: str = "") -> Place:
    """The area asked for, else the topmost one. 404 outside the reach, NotPermitted for other posts."""
    standing = base.standing(request)
    if not standing.is_superuser and Role.ADMIN not in standing.roles:
        raise NotPermitted(
            "not_your_room", _("This page is for other posts than yours. Your own work starts from your start page.")
        )
    tops = lists.tops_of(standing)
    place = find(code) if code else (tops[0] if tops else None)
    if place is None or not any(top.id in place.path for top in tops):
        raise Http404
    if not standing.is_superuser and standing.holds(Role.ADMIN, path=place.path) is None:
        raise Http404
    return place


@page
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The areas below one, with the size of their outlines."""
    code = request.GET.get("area", "")
    place = _administered(request, code if code.isascii() and code.isdigit() else "")
    below, on = places.children(place), clock.today()
    rows = Boundary.objects.filter(area_id__in=[one.id for one in below], ends=None).values_list(
        "area_id", "wkb", "starts"
    )
    sizes = {pk: (geometry.area_m2(shapely.from_wkb(bytes(wkb))), starts) for pk, wkb, starts in rows}
    context = {
        "frame": base.shell(request),
        "trail": [(_("Areas"), None)],
        "place": place,
        "above": _above(request, place),
        "rows": [
            {
                "name": one.name,
                "code": one.code,
                "level": Level(one.level).label,
                "size": _hectares(sizes[one.id][0]) if one.id in sizes else "",
                "since": wording.day(sizes[one.id][1]) if one.id in sizes else "",
                "below": f"{reverse('areas:index')}?area={one.code}" if _has_below(one, on) else "",
                "edit": reverse("areas:outline", args=[one.code]),
            }
            for one in below
        ],
        "edit": reverse("areas:outline", args=[place.code]),
    }
    return render(request, "areas/index.html", context)


def _above(request: HttpRequest, place: Place) -> list[tuple[str, str]]:
    trail = places.above(place, lists.tops_of(base.standing(request)))
    return [(name, address.replace(reverse("map:index"), reverse("areas:index"), 1)) for name, address in trail]


def _has_below(place: Place, on) -> bool:
    return place.level != Level.MICRO and any(one.level != place.level for one in shapes.floors(place, on))


def _hectares(square_metres: float) -> str:
    return _("%(count)s ha") % {"count": f"{square_metres / 10_000:,.2f}"}


@page
@require_http_methods(["GET", "POST"])
def outline(request: HttpRequest, code: str) -> HttpResponse:
    """An area's outline: as it is, and a new one: looked at first, then confirmed."""
    place = _administered(request, code)
    area = Area.objects.select_related("parent").get(pk=place.id)
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
        "trail": [
            (_("Areas"), f"{reverse('areas:index')}?area={area.parent.code if area.parent else code}"),
            (area.name, None),
        ],
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
    }
    return render(request, "areas/outline.html", context)


def _told(survey: surveying.Survey, form: OutlineForm) -> dict:
    """The survey in figures as the page shows them."""
    gives_way = form.cleaned_data.get("neighbours_give_way")
    return {
        "size": _square(survey.square_metres),
        "before": _square(survey.before) if survey.before is not None else "",
        "change": f"{survey.change:+.2%}" if survey.change is not None else "",
        "taken": [
            {"name": one.name, "code": one.code, "size": _square(one.square_metres), "share": f"{one.share:.2%}"}
            for one in survey.taken
        ],
        "gives_way": gives_way,
        "refused": bool(survey.taken) and not gives_way and form.area.level == Level.GRID,
        "above": survey.above,
        "gap": _square(survey.gap) if survey.gap is not None else "",
        "gap_share": f"{survey.gap_share:.2%}" if survey.gap_share is not None else "",
        "outside": _square(survey.outside) if survey.outside else "",
    }


def _square(square_metres: float) -> str:
    return _("%(count)s m²") % {"count": f"{square_metres:,.0f}"}


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
    around = area.parent or area
    return {
        "current": current.geometry if current else None,
        "proposed": geometry.write(shape) if shape is not None else None,
        "around": reverse(
            "map:outlines",
            args=[around.code, area.level if area.parent else around.level, 16, shapes.revision(clock.today())],
        ),
        "id": area.pk,
        "words": {
            "corner": _("Corner %(number)s; drag it, or remove it with Delete"),
            "count": _("%(count)s corners"),
        },
    }


urlpatterns = [
    path("", index, name="index"),
    path("<area:code>/", outline, name="outline"),
]
