"""The standard texts the desk and the inbox offer: by category, status and unit; the most used first."""

from django import forms
from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from core import clock
from pages import options
from pages.base import Done, page
from pages.managing import fields, history, skeleton
from pages.managing.skeleton import Action, Callout, Cell, Entry, Listing, Mark
from personnel.models import Unit
from workorders import catalogue
from workorders.administration import texts
from workorders.models import StandardText
from workorders.vocabulary import Status

app_name = "texts"


class TextFilter(forms.Form):
    """Which texts are listed."""

    q = forms.CharField(required=False, max_length=60, widget=forms.TextInput(attrs={"type": "search"}))
    status = forms.ChoiceField(required=False)
    state = forms.ChoiceField(required=False)

    def __init__(self, data, *, tops):
        super().__init__(data, auto_id="filter_%s")
        self.fields["q"].label = _("Words")
        self.fields["category"] = fields.category_field(_("Category"), none=_("All"), plain=True)
        self.fields["status"].label = _("Status of the order")
        self.fields["status"].choices = [("", _("All")), *Status.choices]
        self.fields["unit"] = fields.unit_field(_("Unit"), tops, none=_("All"), plain=True)
        self.fields["state"].label = _("State")
        self.fields["state"].choices = [("", _("In use")), ("out", _("Out of use")), ("all", _("All"))]
        self.order_fields(["q", "category", "status", "unit", "state"])
        self.is_valid()

    def apply(self, rows):
        """The texts that match."""
        given = self.cleaned_data
        if words := given.get("q", "").strip():
            rows = rows.filter(text__icontains=words)
        if category := catalogue.find(given["category"]) if given.get("category") else None:
            rows = rows.filter(Q(category=category) | Q(category__parent=category))
        for name, column in (("status", "status"), ("unit", "unit__code")):
            if given.get(name):
                rows = rows.filter(**{column: given[name]})
        state = given.get("state", "")
        return rows if state == "all" else rows.filter(is_active=state != "out")


class TextForm(forms.Form):
    """A text and where it is offered."""

    def __init__(self, data=None, *, tops, may_all: bool, text: StandardText | None = None):
        start = {
            "text": text.text, "category": text.category.code if text.category else "", "status": text.status,
            "unit": text.unit.code if text.unit else "", "is_active": text.is_active,
        } if text else {}  # fmt: skip
        super().__init__(data, initial=start)
        self.fields["text"] = fields.words_field(_("Text"), _("A whole sentence."), most=texts.MOST_LETTERS, rows=4)
        self.fields["category"] = fields.category_field(_("Category"), none=_("Every category"))
        self.fields["status"] = forms.ChoiceField(
            label=_("Status of the order"), required=False, choices=[("", _("Every status")), *Status.choices]
        )
        if may_all:
            self.fields["unit"] = fields.unit_field(_("Unit"), tops, none=_("Every unit"))
        else:
            groups = options.grouped(fields.units_of(tops))
            self.fields["unit"] = forms.ChoiceField(label=_("Unit"), choices=groups, widget=fields.SearchableSelect())
        if text:
            for name, row in (("category", text.category), ("unit", text.unit)):
                fields.keep_choice(self.fields[name], start[name], row)
            self.fields["is_active"] = forms.BooleanField(label=_("In use"), required=False)


def _rows(request: HttpRequest):
    rows = StandardText.objects.select_related("category", "unit")
    if request.user.is_superuser:
        return rows
    return rows.filter(Q(unit=None) | skeleton.inside(request, "unit__area__in"))


@page
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The texts of the reader's units, and those of everybody."""
    tops, may_all = skeleton.tops(request), skeleton.over_all(request)
    filter_form = TextFilter(request.GET, tops=tops)
    note = Callout(_("Texts of every unit are changed by administrators of the whole city."))

    def show(one: StandardText) -> list[Cell]:
        marks = () if one.is_active else (Mark(_("Out of use"), "tone-paused", "history"),)
        mine = may_all or one.unit_id is not None
        return [
            Cell(one.text, reverse("texts:text", args=[one.pk]) if mine else "", marks=marks),
            Cell(one.category or _("Every category")),
            Cell(one.get_status_display() or _("Every status")),
            Cell(one.unit or _("Every unit")),
            Cell(one.uses, css="figures"),
        ]

    listing = Listing(
        title=_("Standard texts"),
        lead=_("Usual sentences for notes, reasons and answers. The finer a text fits an order, the earlier it comes."),
        columns=(_("Text"), _("Category"), _("Status of the order"), _("Unit"), _("Times used")),
        rows=filter_form.apply(_rows(request)).order_by(F("uses").desc(), "pk"),
        show=show,
        filter=filter_form,
        actions=[Action(_("Write a text"), reverse("texts:new"), "plus", primary=True)],
        callouts=() if may_all else [note],
        empty=_("No text matches this filter"),
        advice=_("Choose another category or unit, or write one."),
    )
    return skeleton.show_list(request, listing)


@page
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Write a text."""
    return skeleton.show_form(request, _entry(request, None, _("Write a text")))


@page
@require_http_methods(["GET", "POST"])
def text(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a text, take it out of use or back."""
    skeleton.tops(request)
    one = skeleton.found(_rows(request).filter(pk=pk).first())
    entry = _entry(request, one, _("Change the text"))
    entry.history = history.of(texts.subject_of(one))
    entry.readonly = one.unit_id is None and not skeleton.over_all(request)
    return skeleton.show_form(request, entry)


def _entry(request: HttpRequest, one: StandardText | None, title: str) -> Entry:
    tops, may_all = skeleton.tops(request), skeleton.over_all(request)
    form = TextForm(request.POST or None, tops=tops, may_all=may_all, text=one)

    def work(given: dict) -> Done:
        texts.save_text(
            one,
            by=request.user,
            words=given["text"],
            category=catalogue.find(given["category"]) if given["category"] else None,
            status=given["status"],
            unit=Unit.objects.get(code=given["unit"]) if given["unit"] else None,
            is_active=given.get("is_active", True),
            at=clock.now(),
        )
        return Done(reverse("texts:index"), _("Saved."))

    back = reverse("texts:index")
    return Entry(title, form, work, back, trail=[(_("Standard texts"), back)])


urlpatterns = [
    path("", index, name="index"),
    path("new/", new, name="new"),
    path("<int:pk>/", text, name="text"),
]
