"""Report without an account: find the grid, say what is wrong, get a code and a link."""

from dataclasses import replace
from http import HTTPStatus

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_GET, require_http_methods

from core import clock
from grids import spots, succession
from grids.directory import Place, find, find_id
from grids.levels import Level
from grids.models import Spot
from pages import base, pictures, places, progress
from pages.base import Done, submitted
from pages.public import door
from pages.public.door import MOST_PHOTOS, AskedForm, question_for, resident_page, sender_of
from workorders import catalogue, commands, floodgate, intake
from workorders.models import Attachment
from workorders.vocabulary import Source

# What residents mostly report, as chips; everything else they may report stands in the list below, in groups.
COMMON = ("0501", "0502", "0507", "0601", "0603", "0604", "0701", "0302")
GROUPS = (
    (_lazy("Cleanliness and street"), ("0503", "0504", "0505", "0506", "0508")),
    (_lazy("Roads and public facilities"), ("0602", "0605", "0606", "0607")),
    (_lazy("Safety"), ("0301", "0303", "0304", "0305", "0402", "0403", "0404", "0405", "0407", "0201", "0202")),
    (_lazy("Air, water, noise"), ("0702", "0703", "0704", "0705")),
    (_lazy("Neighbours and estate"), ("0102", "0103", "0206", "1403")),
    (_lazy("Water, power, heating"), ("0804", "1305")),
    (_lazy("Shops, food, work"), ("1201", "1203", "1204", "1205")),
    (_lazy("Help and advice"), ("0801", "0802", "0803", "0805", "0807", "0808")),
    (_lazy("Suggestions and thanks"), ("1401", "1405")),
)


class ReportForm(AskedForm):
    """A resident's report; the domain's `intake` judges what it says."""

    photos = pictures.ReadPhotosField(label=_lazy("Photo"), required=False, most=MOST_PHOTOS)
    category = forms.CharField(label=_lazy("What is it about?"), required=False)
    other_category = forms.CharField(label=_lazy("Something else"), required=False)
    description = forms.CharField(
        label=_lazy("What is wrong?"), error_messages={"required": _lazy("Please fill this in.")}, widget=forms.Textarea
    )
    address = forms.CharField(label=_lazy("Where exactly?"), required=False)
    reporter_phone = forms.CharField(
        label=_lazy("Phone"),
        required=False,
        help_text=_lazy("With a phone we can ask back, and you find your report again by its last four digits."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )
    reporter_name = forms.CharField(
        label=_lazy("How may we call you?"), required=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    # People do not see this field; programs fill it in.
    website = forms.CharField(required=False)

    @property
    def kind(self) -> str:
        """The category that was chosen, from the list before the chips."""
        return self.cleaned_data["other_category"] or self.cleaned_data["category"]

    def clean(self):
        """Only what residents may report, and no programs."""
        found = super().clean()
        if found.get("website"):
            raise forms.ValidationError(_("Please leave the field “Website” empty, and send it again."))
        allowed = {code for _label, codes in GROUPS for code in codes} | {*COMMON, ""}
        if self.kind not in allowed:
            self.add_error("category", _("Choose one of the kinds below, or leave it open."))
        return found

    def add_error(self, field, error):
        """What the domain says of the place belongs to none of our fields."""
        super().add_error(field if field in self.fields else None, error)

    @property
    def lost_photos(self) -> bool:
        """Whether photos came that the page cannot show again."""
        return self.is_bound and bool(self.files)


def kinds() -> dict:
    """The chips and the groups of the list, in the reader's language; retired categories left out."""
    named = {category.code: category.label for category in catalogue.categories() if category.is_active}

    def pick(codes):
        return [(code, named[code]) for code in codes if code in named]

    return {"common": pick(COMMON), "groups": [(label, pick(codes)) for label, codes in GROUPS]}


@resident_page
@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    """Find the grid: by position, by name or code, or step by step."""
    code = "".join(request.GET.get("q", "").split())
    if spots.is_code(code) or (find(code) if code.isdigit() and len(code) >= 12 else None):
        return HttpResponseRedirect(reverse("public:report", args=[code]))
    return _choose(request)


def _choose(request: HttpRequest, *, why: str = "", instead: tuple[Place, ...] = (), status: int = HTTPStatus.OK):
    today, words = clock.today(), request.GET.get("q", "")[:40]
    context = {
        "why": why,
        "instead": instead,
        "q": words,
        "found": places.search(words, today),
        "choice": places.step(request.GET.get("under", "")[:20], today),
        "leaves": (Level.GRID, Level.MICRO),
        "choose_url": reverse("public:choose"),
        "to": reverse("public:choose"),
        "end": "/",
    }
    return render(request, "public/choose.html", context, status=status)


@resident_page
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, code: str) -> HttpResponse:
    """Report something in this grid or at this spot; what their QR codes open."""
    now = clock.now()
    spot = spots.find(code)
    grid = _grid_of(spot) if spot else find(code)
    if grid is not None and grid.level not in (Level.GRID, Level.MICRO):
        return HttpResponseRedirect(f"{reverse('public:choose')}?under={grid.code}")
    if spot is None and grid is not None:
        heir = succession.heir_at(grid, None, None, clock.date_of(now))
        if heir not in (None, grid) and request.method == "GET":  # the sign of a grid that was merged leads on
            return HttpResponseRedirect(reverse("public:report", args=[heir.code]))
        grid = heir or grid  # what was written on the old grid's page arrives in the new one
    if grid is None or not grid.is_active(clock.date_of(now)):
        return _not_a_grid(request, grid, code)
    here = spot if spot and spot.is_active(clock.date_of(now)) else None
    form = ReportForm(request.POST or None, request.FILES or None, initial={"address": here.name if here else ""})
    if submitted(request, form):
        return base.once(request, lambda: _report(request, grid, here, form))
    sender = sender_of(request)
    context = {
        "form": form,
        "grid": grid,
        "spot": here,
        "where": places.where(grid),
        "question": question_for(request, asked=floodgate.asks_residents(sender, spot=_spot_key(grid, here), at=now)),
        **kinds(),
    }
    if request.problem is not None and request.problem.status == HTTPStatus.TOO_MANY_REQUESTS:
        context["phone"] = floodgate.number_to_call(grid)
    return render(request, "public/report.html", context)


def _grid_of(spot: Spot) -> Place | None:
    """The grid a spot lies in today; where its grid was split or merged away, the heir that holds its position."""
    grid = find_id(spot.area_id)
    return grid and (succession.heir_at(grid, spot.lon, spot.lat, clock.today()) or grid)


def _spot_key(grid: Place, spot: Spot | None) -> str:
    return spot.code if spot else grid.code


def _not_a_grid(request: HttpRequest, grid: Place | None, code: str) -> HttpResponse:
    if grid is None:
        why = _("This code leads to no grid. It may be mistyped, or the sign is an old one. Choose your grid here.")
        if spots.looks_like_code(code) and not spots.is_code(code):
            why = _("One of the figures of this code is wrong. Compare it with the sign, or choose your grid here.")
        return _choose(request, why=why, status=HTTPStatus.NOT_FOUND)
    on = clock.today()
    instead = tuple(succession.heirs(grid, on))
    why = _("“%(grid)s” is not in use any more. Choose the grid that took its place.") % {"grid": grid.name}
    return _choose(request, why=why, instead=instead, status=HTTPStatus.NOT_FOUND)


def _report(request: HttpRequest, grid: Place, spot: Spot | None, form: ReportForm) -> Done:
    now, given = clock.now(), form.cleaned_data
    names = ("description", "address", "reporter_phone", "reporter_name")
    raw = {name: given[name] for name in names} | {"area": grid.code, "category": form.kind, "source": Source.PUBLIC}
    checked = intake.read(raw, standing=None, at=now)
    if spot is not None:
        # The sign says where its reader stands, better than a grid does.
        checked = replace(checked, lon=spot.lon, lat=spot.lat, address=checked.address or spot.name)
    sender = sender_of(request)
    floodgate.admit_resident(sender, spot=_spot_key(grid, spot), grid=grid.code, answered=form.answered, at=now)
    receipt = commands.report_publicly(checked, at=now)
    pictures.attach(receipt.order, form, "photos", by=None, at=now, kind=Attachment.Kind.REPORT)
    return Done(reverse("public:receipt", args=[receipt.token]))


@resident_page
@require_GET
def receipt(request: HttpRequest, token: str) -> HttpResponse:
    """What a resident keeps: the code, the link, and when to expect what."""
    found = door.found(token)
    if found is None:
        return door.lost(request)
    order = found.order
    limit = progress.usual_limit(order)
    link = request.build_absolute_uri(reverse("public:track", args=[token]))
    context = {"report": found, "order": order, "link": link, "limit": limit, "by_code": bool(found.last4_hash)}
    return render(request, "public/receipt.html", context)
