"""New areas, and what of an area may be set right; closing one that nothing stands on any more."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_http_methods

from core import clock, wording
from core.transactions import unit_of_work
from grids import commands, cutting
from grids.levels import KINDS, PARENT_LEVEL, Level
from grids.levels import Kind as GridKind
from grids.models import Area
from pages import base, orders
from pages.areas import reach
from pages.base import Done, once, page, submitted
from personnel.roles import Role
from workorders import redividing
from workorders.commands import places as commands_of_orders
from workorders.models import Route, WorkOrder

MOST_LISTED = 20


class AreaForm(forms.Form):
    """What an area is called and who lives there; a new one has its code and its first day too."""

    code = forms.CharField(
        label=_lazy("Code"), max_length=17, help_text=_lazy("The next one that is free. Codes are never used twice."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip
    name = forms.CharField(label=pgettext_lazy("area", "Name"), max_length=80)
    kind = forms.ChoiceField(label=_lazy("Kind"))
    households = forms.IntegerField(label=_lazy("Households"), required=False, min_value=0)
    population = forms.IntegerField(label=_lazy("Population"), required=False, min_value=0)
    phone = forms.CharField(label=_lazy("Phone of the post"), required=False, max_length=30)
    starts = forms.DateField(
        label=_lazy("Valid from"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )

    def __init__(self, *args, level: str, is_new: bool, **kwargs):
        super().__init__(*args, **kwargs)
        kinds = KINDS[Level(level)]
        self.fields["kind"].choices = [(kind, GridKind(kind).label) for kind in kinds]
        if not kinds:
            del self.fields["kind"]
        if not is_new:
            del self.fields["code"], self.fields["starts"]


def level_below(parent: Area) -> Level:
    """The level of what stands directly under an area."""
    return next(level for level, above in PARENT_LEVEL.items() if above == parent.level)


@page
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new area under the one named."""
    code = request.GET.get("under", "")
    parent = reach.area_of(reach.administered(request, code if code.isascii() and code.isdigit() else ""))
    if parent.level == Level.MICRO:
        return base.done(request, reverse("areas:index"), _("Nothing stands below a micro-grid."))
    level = level_below(parent)
    free = cutting.free_codes(parent.code, level, redividing.codes_in_use(parent.pk), 1)
    start = {"code": free[0] if free else "", "starts": clock.today()}
    form = AreaForm(request.POST or None, level=level, is_new=True, initial=start)
    if submitted(request, form):

        def work() -> Done:
            area = commands.create_area(parent=parent, by=request.user, **form.cleaned_data)
            words = _("%(name)s is there now. Draw its outline, so that reports find it.")
            return Done(reverse("areas:outline", args=[area.code]), words % {"name": area.name})

        return once(request, work)
    context = {
        "frame": base.shell(request),
        "trail": reach.trail(parent, _("New area")),
        "heading": _("New %(level)s in %(name)s") % {"level": level.label, "name": parent.name},
        "form": form,
        "button": _("Open the area"),
        "back": f"{reverse('areas:index')}?area={parent.code}",
    }
    return render(request, "areas/edit.html", context)


@page
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Name, kind, households, population, phone."""
    area = reach.area_of(reach.administered(request, code))
    fields = ("name", "kind", "households", "population", "phone")
    form = AreaForm(
        request.POST or None, level=area.level, is_new=False, initial={name: getattr(area, name) for name in fields}
    )
    home = reverse("areas:outline", args=[code])
    if submitted(request, form):

        def work() -> Done:
            given: dict[str, Any] = dict(form.cleaned_data)
            with unit_of_work():
                commands.rename_area(area, name=given.pop("name"), by=request.user)
                commands.amend_area(area, by=request.user, **given)
            return Done(home, _("The area was set right."))

        return once(request, work)
    context = {
        "frame": base.shell(request),
        "trail": reach.trail(area, _("Set right")),
        "heading": area.name,
        "form": form,
        "button": _("Save"),
        "back": home,
    }
    return render(request, "areas/edit.html", context)


class CloseForm(forms.Form):
    """The first day the area is not there any more."""

    on = forms.DateField(
        label=_lazy("Closed for good from"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )


@page
@require_http_methods(["GET", "POST"])
def close(request: HttpRequest, code: str) -> HttpResponse:
    """Close an area for good; what still stands on it is listed and has to go first."""
    area, on = reach.area_of(reach.administered(request, code)), clock.today()
    form = CloseForm(request.POST or None, initial={"on": on})
    home = reverse("areas:outline", args=[code])
    if submitted(request, form):

        def work() -> Done:
            commands_of_orders.retire_area(area, on=form.cleaned_data["on"], by=request.user)
            words = _("%(name)s is closed from %(day)s on.")
            return Done(home, words % {"name": area.name, "day": wording.day(form.cleaned_data["on"])})

        return once(request, work)
    open_orders = WorkOrder.objects.open().within(area.pk)
    seen = WorkOrder.objects.visible_to(request.user, on).open().within(area.pk)
    posts = commands_of_orders.posts_left(area, on).select_related("person")
    below = Area.objects.filter(parent=area, ends=None)
    context = {
        "frame": base.shell(request),
        "trail": reach.trail(area, _("Close the area")),
        "area": area,
        "form": form,
        "orders": [
            {"number": one.number, "title": one.title, "url": orders.order_url(request, one.number)}
            for one in seen.order_by("due_at", "pk").only("number", "title")[:MOST_LISTED]
        ],
        "order_count": open_orders.count(),
        "posts": [{"role": Role(one.role).label, "name": one.person.name} for one in posts[:MOST_LISTED]],
        "post_count": posts.count(),
        "below": [
            {"name": one.name, "url": reverse("areas:outline", args=[one.code])}
            for one in below.order_by("code")[:MOST_LISTED]
        ],
        "below_count": below.count(),
        "routes": Route.objects.filter(area=area, ends=None).count(),
        "divisible": area.level in redividing.LEVELS,
        "back": home,
    }
    return render(request, "areas/close.html", context)
