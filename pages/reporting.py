"""The officer's report form: which grids and kinds it offers, and what it hands to the domain's intake."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django import forms
from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from core import clock
from grids import locate
from grids.directory import Place, directory, find
from grids.levels import Level
from pages import pictures, places
from personnel.jurisdiction import Standing, units_directory
from personnel.roles import Role
from workorders import catalogue
from workorders.commands.reporting import put_places
from workorders.models import WorkOrder
from workorders.similar import Similar, similar_to
from workorders.vocabulary import FINAL, Urgency

MOST_PHOTOS, MOST_AFTER, TILES = 6, 3, 6
RECENT = timedelta(days=90)
# Offered while there is no habit yet: what officers report most everywhere.
USUAL = ("0501", "0302", "0303", "0507", "0601", "0102")
OFFICERS = (Role.OFFICER, Role.PART_TIME_OFFICER)
_GRID = (Level.GRID, Level.MICRO)


class ReportForm(forms.Form):
    """What the page asks; `intake` judges it. Only photos are looked at here."""

    photos = pictures.ReadPhotosField(label=_lazy("Photos"), required=False, most=MOST_PHOTOS)
    area = forms.CharField(label=_lazy("Place"), required=False)
    lon = forms.CharField(required=False)
    lat = forms.CharField(required=False)
    fix_lon = forms.CharField(required=False)
    fix_lat = forms.CharField(required=False)
    accuracy = forms.CharField(required=False)
    category = forms.CharField(label=_lazy("Kind"), required=False)
    description = forms.CharField(label=_lazy("What is wrong?"), required=False, widget=forms.Textarea)
    address = forms.CharField(label=_lazy("Where exactly?"), required=False)
    urgency = forms.ChoiceField(
        label=_lazy("Urgency"),
        choices=[
            ("", _lazy("Ordinary")),
            (Urgency.URGENT.value, Urgency.URGENT.label),
            (Urgency.EMERGENCY.value, Urgency.EMERGENCY.label),
        ],
        widget=forms.RadioSelect,
        required=False,
    )
    self_handled = forms.BooleanField(label=_lazy("I have settled it on the spot"), required=False)
    result = forms.CharField(label=_lazy("What did you do?"), required=False, widget=forms.Textarea)
    after = pictures.ReadPhotosField(label=_lazy("Photo of the result"), required=False, most=MOST_AFTER)
    # The phone's outbox sends the words first; so many photos of the result follow.
    after_to_come = forms.IntegerField(required=False, min_value=0, max_value=MOST_AFTER)

    def __init__(self, *args, standing: Standing, **kwargs):
        super().__init__(*args, **kwargs)
        self.standing = standing
        if not settles(standing):
            for name in ("self_handled", "result", "after", "after_to_come"):
                del self.fields[name]

    def clean(self):
        """An officer's own result is shown, not only said."""
        found = super().clean()
        found.setdefault("after", [])
        shown = found["after"] or found.get("after_to_come")
        if found.get("self_handled") and not shown and "after" not in self.errors:
            self.add_error("after", _("Add a photo of the result: somebody else checks it from there."))
        return found

    def add_error(self, field, error):
        """Whatever is wrong with a position is said at the place."""
        super().add_error("area" if field in ("lon", "lat", "fix", "fix_lon", "fix_lat", "accuracy") else field, error)

    @property
    def lost_photos(self) -> bool:
        """Whether photos came that the page cannot show again."""
        return self.is_bound and bool(self.files)

    def raw(self) -> dict:
        """What `intake.read` takes."""
        given = self.cleaned_data
        names = ("area", "lon", "lat", "category", "description", "address", "urgency")
        raw = {name: given[name] for name in names if given.get(name)}
        if given["fix_lon"] and given["fix_lat"] and given["area"]:
            raw["fix"] = {"lon": given["fix_lon"], "lat": given["fix_lat"], "accuracy": given["accuracy"]}
        category = catalogue.find(given["category"]) if given["category"] else None
        if category is not None and not given["description"].strip():
            raw["description"] = category.name
        if given.get("self_handled"):
            raw |= {"self_handled": True, "result": given["result"]}
        return raw


class SameForm(forms.Form):
    """What the report form says of an order that exists already."""

    photos = pictures.ReadPhotosField(required=False, most=MOST_PHOTOS)
    description = forms.CharField(required=False, max_length=3900)


def context(standing: Standing, form: ReportForm, *, area: str = "") -> dict:
    """What the form's template shows beside the form. area: a grid that was chosen on another page."""
    around = grids(standing, chosen=form.data.get("area") or area)
    return {
        "form": form,
        "grids": around,
        "area": form["area"].value() if form.is_bound else around.chosen,
        "kinds": kinds(standing, chosen=form["category"].value() or ""),
        "settles": settles(standing),
    }


def settles(standing: Standing) -> bool:
    """Whether this person may settle things on the spot: officers of a grid."""
    return not standing.roles.isdisjoint(OFFICERS)


# --- the grids -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Grids:
    """The grids of the list: one's own first, then those around them. chosen: the code that is preselected."""

    own: tuple[Place, ...]
    near: tuple[Place, ...]
    chosen: str


def grids(standing: Standing, *, chosen: str) -> Grids:
    """The grids a person mostly reports in: of the posts and the unit, then the rest of the community."""
    on, known = standing.on, directory().by_id
    held = [known[area_id] for area_id in standing.area_ids if area_id in known]
    if not held:
        units = units_directory().by_id
        held = [known[units[pk].area_id] for pk in standing.unit_ids if pk in units]
    own = places.grids_within([place.id for place in held], on)
    around = {place.parent_id for place in held if place.level in _GRID and place.parent_id}
    near = [place for place in places.grids_within(around, on) if place not in own]
    wanted = find(chosen) if chosen else None
    wanted = wanted if wanted and wanted.level in _GRID and wanted.is_active(on) else None
    if wanted is not None and wanted not in (*own, *near):
        near.insert(0, wanted)
    code = wanted.code if wanted else own[0].code if own and held[0].level in _GRID else ""
    return Grids(tuple(own), tuple(near), code)


# --- the kinds -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kind:
    """One category as a tile or in the list. words: what it is found by when typed."""

    code: str
    label: str
    words: str
    self_rule: str


@dataclass(frozen=True)
class Kinds:
    """Tiles, and everything else in its groups. elsewhere: whether the chosen one is not among the tiles."""

    tiles: list[Kind]
    groups: list[tuple[str, list[Kind]]]
    elsewhere: str


def kinds(standing: Standing, *, chosen: str) -> Kinds:
    """The six kinds this person and these grids had most in 90 days as tiles, all others below; one statement."""
    active = {one.code: one for one in catalogue.categories() if one.is_active and one.is_minor}
    tiles = [code for code in (*_habit(standing), *USUAL) if code in active]
    tiles = list(dict.fromkeys(tiles))[:TILES]
    groups: dict[int, tuple[str, list[Kind]]] = {}
    for code, one in active.items():
        if code not in tiles:
            groups.setdefault(one.parent_id, (one.parent.label, []))[1].append(_kind(one))
    elsewhere = active[chosen].label if chosen in active and chosen not in tiles else ""
    return Kinds([_kind(active[code]) for code in tiles], list(groups.values()), elsewhere)


def _kind(one) -> Kind:
    return Kind(one.code, one.label, f"{one.code} {one.name} {one.name_en} {one.initials}".lower(), one.self_rule)


def _habit(standing: Standing) -> list[str]:
    own = [area_id for area_id in standing.area_ids if directory().by_id[area_id].level in _GRID]
    counted = (
        WorkOrder.objects.filter(Q(reporter_id=standing.user.pk) | Q(area_id__in=own))
        .filter(reported_at__gte=clock.now() - RECENT, reported_category__isnull=False)
        .order_by()
        .values_list("reported_category_id")
        .annotate(times=Count("id"))
        .order_by("-times", "reported_category_id")[:TILES]
    )
    return [catalogue.category(pk).code for pk, _times in counted]


# --- the same thing --------------------------------------------------------------------------------------------------


def similar(given: Mapping, *, standing: Standing, at: datetime) -> list[Similar]:
    """Open orders that may tell of what is being written; nothing while place or kind are unknown."""
    place, lon, lat = _place(given, at)
    category = catalogue.find(given.get("category", "")[:4])
    if place is None or category is None or not category.is_minor:
        return []
    order = WorkOrder(
        area_id=place.id,
        lon=lon,
        lat=lat,
        category_id=category.pk,
        title="",
        description=given.get("description", "")[:4000],
        address=given.get("address", "")[:200],
        reported_at=at,
    )
    put_places(order)
    return [one for one in similar_to(order, standing=standing) if one.status not in FINAL][:3]


def _place(given: Mapping, at: datetime) -> tuple[Place | None, float | None, float | None]:
    if given.get("area"):
        place = find(given["area"][:20])
        return (place if place and place.level in _GRID else None), None, None
    lon, lat = places.degrees(given.get("lon"), 180), places.degrees(given.get("lat"), 90)
    if lon is None or lat is None:
        return None, None, None
    return locate.grid_at(lon, lat, on=clock.date_of(at)), lon, lat
