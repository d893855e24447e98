"""Units for their administrators: open, change, close; who holds which post in them, from when until when."""

import datetime as dt

from django import forms
from django.db.models import Count, F, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from core import clock, wording
from grids.directory import directory, find
from grids.levels import Level
from grids.models import Area
from pages import base
from pages.base import Done, page
from pages.managing import fields, history, posts, skeleton
from pages.managing.skeleton import Action, Callout, Cell, Entry, Listing
from personnel import commands
from personnel.departments import Department
from personnel.models import Post, Unit, User
from personnel.roles import Role, fits_unit
from workorders.administration import units as closing
from workorders.models import Route, WorkOrder

app_name = "units"
# Those who hold one are listed before those who held one.
MOST_POSTS = 200


class UnitFilter(forms.Form):
    """Which units are listed."""

    q = forms.CharField(required=False, max_length=60, widget=forms.TextInput(attrs={"type": "search"}))
    area = forms.ChoiceField(required=False)
    kind = forms.ChoiceField(required=False)
    state = forms.ChoiceField(required=False)

    def __init__(self, data, *, tops):
        super().__init__(data, auto_id="filter_%s")
        for name, label in (
            ("q", _("Name or code")), ("area", _("Area")), ("kind", _("Kind of unit")), ("state", _("State")),
        ):  # fmt: skip
            self.fields[name].label = label
        self.fields["area"].choices = fields.area_choices(tops)
        self.fields["kind"].choices = [("", _("All")), *Department.choices]
        self.fields["state"].choices = [("", _("Open today")), ("closed", _("Closed or to come")), ("all", _("All"))]
        self.is_valid()

    def apply(self, units, today: dt.date):
        """The units that match."""
        given = self.cleaned_data
        if words := given.get("q", "").strip():
            units = units.filter(Q(name__icontains=words) | Q(code__icontains=words))
        if place := find(given["area"]) if given.get("area") else None:
            units = units.filter(area__in=Area.objects.order_by().under(place.id).values("pk"))
        if kind := given.get("kind"):
            units = units.filter(kind=kind)
        held = Q(ends=None) | Q(ends__gt=today)
        if given.get("state", "") == "":
            return units.filter(held, starts__lte=today)
        return units.exclude(held, starts__lte=today) if given["state"] == "closed" else units


class NewUnit(forms.Form):
    """A unit that is set up; its code follows from area and kind."""

    def __init__(self, data=None, *, tops):
        super().__init__(data)
        self.fields["area"] = fields.AreaField(
            tops=tops, levels=fields.ABOVE_THE_GRID, label=_("Area"),
            help_text=_("Name or code; the unit stands below it for ever."),
        )  # fmt: skip
        self.fields["kind"] = forms.ChoiceField(label=_("Kind of unit"), choices=Department.choices)
        self.fields["name"] = fields.words_field(_("What it is called"), most=80)
        self.fields["phone"] = fields.words_field(_("Telephone of the office"), most=30, required=False)
        self.fields["starts"] = fields.day_field(_("From"), initial=clock.today())


class ChangeUnit(forms.Form):
    """Name and telephone."""

    def __init__(self, data=None, *, unit: Unit):
        super().__init__(data, initial={"name": unit.name, "phone": unit.phone})
        self.fields["name"] = fields.words_field(_("What it is called"), most=80)
        self.fields["phone"] = fields.words_field(_("Telephone of the office"), most=30, required=False)


class Appoint(forms.Form):
    """A post in a unit."""

    def __init__(self, data=None, *, people):
        super().__init__(data)
        self.fields["person"] = fields.PersonField(
            offered=people, label=_("Person"), help_text=_("User name, or a name from the list.")
        )
        roles = [(role.value, role.label) for role in Role if fits_unit(role)]
        self.fields["role"] = forms.ChoiceField(label=_("Role"), choices=roles)
        self.fields["starts"] = fields.day_field(_("From"), initial=clock.today())
        self.fields["ends"] = fields.day_field(_("Until (excluded)"), _("Leave empty when it is open."), required=False)


def _units(request: HttpRequest):
    units = Unit.objects.select_related("area")
    return units if request.user.is_superuser else units.filter(skeleton.inside(request, "area__in"))


def _find(request: HttpRequest, code: str) -> Unit:
    skeleton.tops(request)
    return skeleton.found(_units(request).filter(code=code).first())


@page
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The units of the reader's areas."""
    tops, today = skeleton.tops(request), clock.today()
    filter_form = UnitFilter(request.GET, tops=tops)
    held = Q(posts__starts__lte=today) & (Q(posts__ends=None) | Q(posts__ends__gt=today))
    rows = filter_form.apply(_units(request), today).annotate(people=Count("posts__person", held, distinct=True))

    def show(unit: Unit) -> list[Cell]:
        mark = skeleton.span(unit.starts, unit.ends, today)
        return [
            Cell(unit.name, reverse("units:unit", args=[unit.code]), unit.code, (mark,) if mark else ()),
            Cell(unit.get_kind_display()),
            Cell(unit.area.name, soft=Level(unit.area.level).label),
            Cell(unit.people, css="figures"),
            Cell(unit.phone or "–", css="figures"),
        ]

    listing = Listing(
        title=_("Units"),
        columns=(_("Unit"), _("Kind of unit"), _("Area"), _("People"), _("Telephone")),
        rows=rows.order_by("code", "pk"),
        show=show,
        filter=filter_form,
        actions=[Action(_("Set up a unit"), reverse("units:new"), "plus", primary=True)],
        empty=_("No unit matches this filter"),
        advice=_("Choose another area or kind, or set up a unit."),
    )
    return skeleton.show_list(request, listing)


@page
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Set up a unit."""
    form = NewUnit(request.POST or None, tops=skeleton.tops(request))

    def work(given: dict) -> Done:
        area = Area.objects.get(pk=given["area"].id)
        unit = commands.open_unit(by=request.user, at=clock.now(), **{**given, "area": area})
        words = _("%(unit)s is set up with the code %(code)s.") % {"unit": unit.name, "code": unit.code}
        return Done(reverse("units:unit", args=[unit.code]), words)

    back = reverse("units:index")
    entry = Entry(_("Set up a unit"), form, work, back, _("Set up"), trail=[(_("Units"), back)])
    return skeleton.show_form(request, entry)


@page
@require_GET
def unit(request: HttpRequest, code: str) -> HttpResponse:
    """One unit: facts, people with their days, what was changed."""
    row, today = _find(request, code), clock.today()
    rows = Post.objects.filter(unit=row).select_related("person")
    held, earlier = posts.by_time(rows.order_by(F("ends").desc(nulls_first=True), "-starts", "-pk")[:MOST_POSTS], today)
    led = WorkOrder.objects.open().filter(lead=row).order_by().count()
    routes = Route.objects.filter(Q(ends=None) | Q(ends__gt=today), unit=row).count()
    context = {
        "frame": base.shell(request),
        "trail": [(_("Units"), reverse("units:index")), (row.name, None)],
        "unit": row,
        "mark": skeleton.span(row.starts, row.ends, today),
        "facts": [
            (_("Code"), row.code),
            (_("Kind of unit"), row.get_kind_display()),
            (_("Area"), " › ".join(place.name for place in directory().path(row.area_id))),
            (_("Telephone"), row.phone or "–"),
            (_("From"), wording.day(row.starts)),
            *([(_("Until (excluded)"), wording.day(row.ends))] if row.ends else []),
            (_("Open orders it leads"), led),
            (_("Rows of the routing table"), routes),
        ],
        "held": held,
        "earlier": earlier,
        "history": history.of(f"unit:{row.code}"),
    }
    return render(request, "managing/unit.html", context)


@page
@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """Change, close or staff one unit."""
    row = _find(request, code)
    back = reverse("units:unit", args=[row.code])
    entries = {"change": _change, "close": _close, "appoint": _appoint}
    if name not in entries:
        raise Http404
    entry = entries[name](request, row, back)
    entry.trail = [(_("Units"), reverse("units:index")), (row.name, back)]
    return skeleton.show_form(request, entry)


def _change(request: HttpRequest, row: Unit, back: str) -> Entry:
    def work(given: dict) -> Done:
        commands.change_unit(row, by=request.user, at=clock.now(), **given)
        return Done(back, _("Saved."))

    return Entry(_("Change the unit"), ChangeUnit(request.POST or None, unit=row), work, back)


def _close(request: HttpRequest, row: Unit, back: str) -> Entry:
    form = posts.OnDay(
        request.POST or None, label=_("Closed from"), help_text=_("The first day on which the unit does not exist.")
    )

    def work(given: dict) -> Done:
        closing.close_unit(row, by=request.user, on=given["on"], at=clock.now())
        words = _("%(unit)s is closed from %(day)s.") % {"unit": row.name, "day": wording.day(given["on"])}
        return Done(back, words)

    note = _("A unit is closed when nobody holds a post in it, no open order is with it and no row names it.")
    entry = Entry(_("Close the unit"), form, work, back, _("Close the unit"), danger=True)
    entry.callouts = [Callout(note, "warn")]
    return entry


def _appoint(request: HttpRequest, row: Unit, back: str) -> Entry:
    people = User.objects.visible_to(request.user, clock.today())

    def work(given: dict) -> Done:
        post = commands.appoint(given["person"], by=request.user, unit=row, at=clock.now(), **_without(given, "person"))
        return Done(back, posts.said(post))

    return Entry(_("Give a post"), Appoint(request.POST or None, people=people), work, back, _("Give the post"))


def _without(given: dict, *names: str) -> dict:
    return {name: value for name, value in given.items() if name not in names}


urlpatterns = [
    path("", index, name="index"),
    path("new/", new, name="new"),
    path("posts/<int:pk>/<slug:name>/", posts.step, name="post_step"),
    path("<str:code>/", unit, name="unit"),
    path("<str:code>/<slug:name>/", step, name="step"),
]
