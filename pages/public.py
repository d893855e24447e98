"""The resident's pages, without an account and without JavaScript: report in a grid, follow, add to it, rate it."""

import hmac
from http import HTTPStatus

from django import forms
from django.core.exceptions import BadRequest
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from core import clock
from core.errors import Invalid, NotAllowedNow
from grids.directory import Place, find
from grids.levels import Level
from grids.models import Area
from pages import base, pictures, places, progress, wording
from pages.base import Done, page, submitted
from workorders import catalogue, commands, floodgate, intake
from workorders.commands.attaching import path_of
from workorders.commands.public import REASONS, last4_hash
from workorders.models import Attachment, PublicReport
from workorders.vocabulary import Source

app_name = "public"

MOST_PHOTOS = 3
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
REASON_WORDS = {
    "not_solved": _lazy("The problem is still there"),
    "slow": _lazy("It took too long"),
    "attitude": _lazy("Unfriendly or careless"),
    "unclear": _lazy("The answer does not say enough"),
    "other": _lazy("Something else"),
}


# --- report ----------------------------------------------------------------------------------------------------------


class ReportForm(forms.Form):
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


@never_cache
@page
@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    """Find the grid: by position, by name, or step by step."""
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


@never_cache
@page
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, code: str) -> HttpResponse:
    """Report something in this grid; what its QR code opens."""
    grid, today = find(code), clock.today()
    if grid is not None and grid.level not in (Level.GRID, Level.MICRO):
        return HttpResponseRedirect(f"{reverse('public:choose')}?under={grid.code}")
    if grid is None or not grid.is_active(today):
        return _not_a_grid(request, grid)
    form = ReportForm(request.POST or None, request.FILES or None)
    if submitted(request, form):
        return base.once(request, lambda: _report(request, grid, form))
    context = {"form": form, "grid": grid, "where": places.where(grid), **kinds()}
    return render(request, "public/report.html", context)


def _not_a_grid(request: HttpRequest, grid: Place | None) -> HttpResponse:
    if grid is None:
        why = _("This code leads to no grid. It may be mistyped, or the sign is an old one. Choose your grid here.")
        return _choose(request, why=why, status=HTTPStatus.NOT_FOUND)
    on = clock.today()
    heirs = Area.objects.filter(predecessors=grid.id).order_by("code").values_list("code", flat=True)
    instead = tuple(place for place in map(find, heirs) if place and place.is_active(on))
    why = _("“%(grid)s” is not in use any more. Choose the grid that took its place.") % {"grid": grid.name}
    return _choose(request, why=why, instead=instead, status=HTTPStatus.NOT_FOUND)


def _report(request: HttpRequest, grid: Place, form: ReportForm) -> Done:
    now, given = clock.now(), form.cleaned_data
    names = ("description", "address", "reporter_phone", "reporter_name")
    raw = {name: given[name] for name in names} | {"area": grid.code, "category": form.kind, "source": Source.PUBLIC}
    checked = intake.read(raw, standing=None, at=now)
    floodgate.admit_report(address=places.address_of(request), grid=grid.code, at=now)
    receipt = commands.report_publicly(checked, at=now)
    pictures.attach(receipt.order, form, "photos", by=None, at=now, kind=Attachment.Kind.REPORT)
    return Done(reverse("public:receipt", args=[receipt.token]))


@never_cache
@page
@require_GET
def receipt(request: HttpRequest, token: str) -> HttpResponse:
    """What a resident keeps: the code, the link, and when to expect what."""
    found = _found(token)
    if found is None:
        return _lost(request)
    order = found.order
    limit = progress.usual_limit(order)
    link = request.build_absolute_uri(reverse("public:track", args=[token]))
    context = {"report": found, "order": order, "link": link, "limit": limit, "by_code": bool(found.last4_hash)}
    return render(request, "public/receipt.html", context)


# --- follow ----------------------------------------------------------------------------------------------------------


class RemarkForm(forms.Form):
    """Something to add while the matter is open."""

    text = forms.CharField(label=_lazy("What do you want to add?"), required=False, widget=forms.Textarea)
    photos = pictures.ReadPhotosField(label=_lazy("Photo"), required=False, most=MOST_PHOTOS)

    def clean(self):
        """Words or a photo; not more words than a report may have."""
        found, most = super().clean(), intake.DESCRIPTION_LENGTH
        text = found.get("text", "").replace("\x00", "").strip()
        if not text and not self.files:
            self.add_error("text", _("Write something, or add a photo."))
        if len(text) > most:
            words = _("This may have %(most)d characters; yours has %(count)d. Please shorten it.")
            self.add_error("text", words % {"most": most, "count": len(text)})
        return {**found, "text": text}

    @property
    def lost_photos(self) -> bool:
        """Whether photos came that the page cannot show again."""
        return self.is_bound and bool(self.files)


class RateForm(forms.Form):
    """The resident's answer, once."""

    resolved = forms.ChoiceField(
        label=_lazy("Is the problem solved?"),
        choices=[("true", _lazy("Yes, it is solved")), ("false", _lazy("No, not yet"))],
        widget=forms.RadioSelect,
    )
    satisfaction = forms.TypedChoiceField(
        label=_lazy("How satisfied are you?"),
        choices=[(grade, label) for grade, label in sorted(wording.GRADES.items(), reverse=True)],
        coerce=int,
        widget=forms.RadioSelect,
    )
    reasons = forms.MultipleChoiceField(
        label=_lazy("If something was wrong, what was it?"),
        choices=[(reason, REASON_WORDS[reason]) for reason in REASONS],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    note = forms.CharField(
        label=_lazy("Anything you want to say"), required=False, max_length=1000, widget=forms.Textarea
    )


@never_cache
@page
@require_http_methods(["GET", "POST"])
def track(request: HttpRequest, token: str) -> HttpResponse:
    """How far it is, add something, rate it. POST: `step` is `remark` or `rate`."""
    found = _found(token)
    if found is None:
        return _lost(request)
    step = request.POST.get("step", "")
    if request.method == "POST" and step not in ("remark", "rate"):
        raise BadRequest
    data, files = request.POST or None, request.FILES or None
    remark_form = RemarkForm(data if step == "remark" else None, files, auto_id="remark_%s")
    rate_form = RateForm(data if step == "rate" else None, auto_id="rate_%s")
    if step == "remark" and submitted(request, remark_form):
        return base.once(request, lambda: _remark(request, found, remark_form))
    if step == "rate" and submitted(request, rate_form):
        return base.once(request, lambda: _rate(request, found, rate_form))
    shown = progress.of(found.order, at=clock.now())
    rating = shown.followed.rating
    if step and not (shown.followed.may_add if step == "remark" else shown.followed.may_rate):
        request.problem_form = None  # the page has no such form any more: the refusal goes to the top
    context = {
        "report": found,
        "shown": shown,
        "remarks": progress.remarks(found.order),
        "rating_words": wording.GRADES[rating.satisfaction] if rating else "",
        "remark_form": remark_form,
        "rate_form": rate_form,
    }
    return render(request, "public/track.html", context)


def _remark(request: HttpRequest, found: PublicReport, form: RemarkForm) -> Done:
    now, given = clock.now(), form.cleaned_data
    floodgate.admit_addition(address=places.address_of(request), token=found.token, at=now)
    if given["text"]:
        commands.remark(found.order, at=now, text=given["text"])
    elif not progress.of(found.order, at=now).followed.may_add:
        raise NotAllowedNow("order_is_final", _("This matter is closed. Rate it, or report it anew."))
    pictures.attach(found.order, form, "photos", by=None, at=now, kind=Attachment.Kind.OTHER)
    return Done(reverse("public:track", args=[found.token]), _("Thank you. The people working on it can read it now."))


def _rate(request: HttpRequest, found: PublicReport, form: RateForm) -> Done:
    now, given = clock.now(), form.cleaned_data
    floodgate.admit_addition(address=places.address_of(request), token=found.token, at=now)
    resolved = given["resolved"] == "true"
    order = commands.rate(
        found.order,
        at=now,
        resolved=resolved,
        satisfaction=given["satisfaction"],
        reasons=given["reasons"],
        note=given["note"],
    )
    words = _("Thank you for your answer.")
    if order.reopen_requested_at is not None:
        words = _("We are sorry. A request to take the matter up again has been made; a leader decides on it.")
    return Done(reverse("public:track", args=[found.token]), words)


@require_GET
def photo(request: HttpRequest, token: str, pk: int) -> HttpResponse:
    """A photo the resident may see; `?small=1` its thumbnail."""
    found = _found(token)
    shown = progress.photos(found.order).filter(pk=pk).first() if found else None
    file = path_of(shown.key, thumbnail="small" in request.GET) if shown else None
    if file is None or not file.is_file():
        raise Http404
    return FileResponse(open(file, "rb"), content_type="image/jpeg")


# --- find it again ---------------------------------------------------------------------------------------------------


class FindForm(forms.Form):
    """The code of a report and the last four digits of the phone given with it."""

    code = forms.CharField(
        label=_lazy("Code"),
        help_text=_lazy("10 letters and digits"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    last4 = forms.CharField(
        label=_lazy("Last four digits of your phone"),
        max_length=10,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": "4"}),
    )


@never_cache
@page
@require_http_methods(["GET", "POST"])
def find_again(request: HttpRequest) -> HttpResponse:
    """From the code and four digits to the report. A wrong code and wrong digits get the same answer."""
    form = FindForm(request.POST or None)
    if submitted(request, form):
        code = "".join(form.cleaned_data["code"].split()).replace("-", "").upper()
        floodgate.admit_lookup(address=places.address_of(request), code=code, at=clock.now())
        found = PublicReport.objects.filter(code=code).first()
        given, kept = last4_hash(form.cleaned_data["last4"].strip()), found.last4_hash if found else ""
        # Both comparisons are always made, so that the time taken says nothing.
        if not hmac.compare_digest(given or "-", kept or "+" * len(given or "-")) or found is None:
            raise Invalid("not_found", _("No report has this code with these digits. Check both and try again."))
        return base.done(request, reverse("public:track", args=[found.token]))
    return render(request, "public/find.html", {"form": form})


def _found(token: str) -> PublicReport | None:
    return (
        PublicReport.objects.select_related("order__lead", "order__category", "order__area").filter(token=token).first()
    )


def _lost(request: HttpRequest) -> HttpResponse:
    """A link that leads to no report: the way to find it by code."""
    return render(request, "public/find.html", {"form": FindForm(), "lost": True}, status=HTTPStatus.NOT_FOUND)


urlpatterns = [
    path("r/", choose, name="choose"),
    path("r/locate/", places.locate_view, name="locate"),
    path("r/<str:code>/", report, name="report"),
    path("t/", find_again, name="find"),
    path("t/<str:token>/", track, name="track"),
    path("t/<str:token>/receipt/", receipt, name="receipt"),
    path("t/<str:token>/photos/<int:pk>/", photo, name="photo"),
]
