"""Find a grid or a spot in one's reach, look at its sign, open and close spots."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import clock
from core.errors import NotPermitted
from grids import spots
from grids.directory import Place, directory, find, find_id
from grids.levels import Level
from grids.models import Area, Spot
from pages import base, places
from pages.base import Done, page, submitted
from pages.signs import sheet
from personnel.roles import Role

PRINTERS = (Role.CHIEF, Role.CLERK, Role.INSTRUCTOR, Role.MANAGER, Role.DUTY_LEADER, Role.ADMIN)
# Of one file: it is made while the printer waits.
MOST = 200
_GRIDS = (Level.GRID, Level.MICRO)


# --- who may print what ----------------------------------------------------------------------------------------------


def enter(request: HttpRequest) -> None:
    """Raises NotPermitted for people whose posts print no signs."""
    standing = base.standing(request)
    if not standing.is_superuser and standing.roles.isdisjoint(PRINTERS):
        raise NotPermitted(
            "prints_no_signs", _("Signs are printed by grid leaders, communities, streets and administrators.")
        )


def here(request: HttpRequest, code: str) -> tuple[Place, Spot | None]:
    """The area with this code, or the spot and its grid, in the reader's reach and in use; 404 otherwise."""
    today = clock.today()
    spot = spots.find(code)
    place = find_id(spot.area_id) if spot else find(code)
    if place is None or not place.is_active(today) or (spot is not None and not spot.is_active(today)):
        raise Http404
    if not _reaches(request, place):
        raise Http404
    return place, spot


def grids_in(place: Place) -> list[Place]:
    """The grids in use in or below an area, in the order of their codes."""
    return places.grids_within([place.id], clock.today())


def _reaches(request: HttpRequest, place: Place) -> bool:
    standing = base.standing(request)
    return standing.is_superuser or standing.holds(*PRINTERS, path=place.path) is not None


def _tops(request: HttpRequest) -> list[Place]:
    """Where the reader's printing begins."""
    standing = base.standing(request)
    if standing.is_superuser:
        return list(places.step("", clock.today()).options)
    held = {post.area_id for post in standing.posts if post.role in PRINTERS and post.area_id}
    return [place for place in map(find_id, sorted(held)) if place]


# --- pages -----------------------------------------------------------------------------------------------------------


@never_cache
@page
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """From the areas of one's posts down to a community's grids."""
    enter(request)
    code = request.GET.get("under", "")[:20]
    tops = _tops(request)
    if not code and len(tops) == 1:
        code = tops[0].code
    if not code:
        return render(request, "signs/index.html", {"options": tops, "trail": [(_("Signs"), None)]})
    place, _spot = here(request, code)
    if place.level in _GRIDS:
        return HttpResponseRedirect(reverse("signs:sign", args=[place.code]))
    choice = places.step(place.code, clock.today())
    context = {"place": choice.trail[-1] if choice.trail else place, "trail": _trail(request, place)}
    if all(option.level in _GRIDS for option in choice.options):
        context |= {"grids": _rows(choice.options), "pages": len(sheet.signs_of(request, choice.options))}
    else:
        context["options"] = choice.options
    return render(request, "signs/index.html", context)


def _rows(grids: tuple[Place, ...]) -> list[dict]:
    ids = [grid.id for grid in grids]
    phones = dict(Area.objects.filter(pk__in=ids).values_list("pk", "phone"))
    counts: dict[int, int] = {}
    for area_id in Spot.objects.filter(area__in=ids, ends=None).values_list("area_id", flat=True):
        counts[area_id] = counts.get(area_id, 0) + 1
    return [{"grid": grid, "phone": phones.get(grid.id, ""), "spots": counts.get(grid.id, 0)} for grid in grids]


def _trail(request: HttpRequest, place: Place) -> list[tuple[str, str | None]]:
    """The areas above that are in reach, then the place itself."""
    above = [one for one in directory().path(place.id)[:-1] if _reaches(request, one)]
    start = reverse("signs:index")
    return [
        (_("Signs"), start),
        *((one.name, f"{start}?under={one.code}") for one in above if one.level != Level.CITY),
        (place.name, None),
    ]


class SpotForm(forms.Form):
    """A new spot of a grid."""

    name = forms.CharField(
        label=_lazy("Name of the spot"),
        max_length=spots.NAME_LENGTH,
        help_text=_lazy("As people call it, for example: house 3, entrance 2; north gate of the market."),
    )
    lon = forms.FloatField(
        label=_lazy("Longitude"), required=False, min_value=-180, max_value=180, widget=forms.TextInput
    )
    lat = forms.FloatField(label=_lazy("Latitude"), required=False, min_value=-90, max_value=90, widget=forms.TextInput)


@never_cache
@page
@require_http_methods(["GET", "POST"])
def sign(request: HttpRequest, code: str) -> HttpResponse:
    """The sign as it will look; below a grid's sign its spots, and a form for a new one."""
    enter(request)
    place, spot = here(request, code)
    if place.level not in _GRIDS:
        return HttpResponseRedirect(f"{reverse('signs:index')}?under={place.code}")
    form = SpotForm(request.POST or None)
    if spot is None and submitted(request, form):
        return base.once(request, lambda: _open(request, place, form))
    signs = sheet.signs_of(request, [place])
    shown = next(one for one in signs if one.code == (spot.code if spot else place.code))
    context = {
        "sign": shown,
        "grid": place,
        "spot": spot,
        "spots": Spot.objects.filter(area=place.id, ends=None).order_by("code"),
        "pages": len(signs),
        "steps": sheet.steps(),
        "words": sheet.words(),
        "form": form,
        "trail": _trail(request, place),
    }
    if spot:
        context["trail"][-1:] = [(place.name, reverse("signs:sign", args=[place.code])), (spot.name, None)]
    return render(request, "signs/sign.html", context)


def _open(request: HttpRequest, place: Place, form: SpotForm) -> Done:
    given = form.cleaned_data
    spot = spots.open_spot(
        Area.objects.get(pk=place.id),
        name=given["name"],
        lon=given["lon"],
        lat=given["lat"],
        on=clock.today(),
        by=request.user,
    )
    return Done(reverse("signs:sign", args=[spot.code]), _("The spot has its sign now. Print it and put it up."))


@page
@require_POST
def close(request: HttpRequest, code: str) -> HttpResponse:
    """The sign was taken down."""
    enter(request)
    place, spot = here(request, code)
    if spot is None:
        raise Http404
    back = reverse("signs:sign", args=[place.code])

    def work() -> Done:
        spots.close_spot(spot, on=clock.today(), by=request.user)
        return Done(back, _("The spot is closed. Whoever scans an old sign still reaches the grid."))

    return base.once(request, work)
