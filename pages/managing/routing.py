"""The routing table: its rows, what it says about one problem in one place and why, and what no row names."""

import datetime as dt
from collections import Counter

from django import forms
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from core import clock, wording
from grids.directory import Place, directory, find
from grids.levels import Level
from grids.models import Area
from pages import options
from pages.assessment.wording import listed
from pages.base import Done, page
from pages.managing import fields, history, skeleton
from pages.managing.skeleton import Action, Callout, Cell, Entry, Listing, Mark
from personnel.departments import Department
from personnel.jurisdiction import units_directory
from personnel.models import Unit
from workorders import catalogue
from workorders.administration import routes
from workorders.models import Category, Route, WorkOrder
from workorders.vocabulary import Status

app_name = "routing"
EVERY = "*"
NAMED = 5


class RouteFilter(forms.Form):
    """Which rows are listed."""

    q = forms.CharField(required=False, max_length=60, widget=forms.TextInput(attrs={"type": "search"}))
    area = forms.ChoiceField(required=False)
    category = forms.ChoiceField(required=False)
    state = forms.ChoiceField(required=False)

    def __init__(self, data, *, tops):
        super().__init__(data, auto_id="filter_%s")
        self.fields["q"].label = _("Unit")
        self.fields["area"].label = _("Area")
        self.fields["area"].choices = fields.area_choices(tops)
        self.fields["category"] = fields.category_field(_("Category"), none=_("All"), plain=True)
        self.fields["state"].label = _("State")
        self.fields["state"].choices = [("", _("Hold today or later")), ("all", _("All"))]
        self.is_valid()

    def apply(self, rows, today: dt.date):
        """The rows that match."""
        given = self.cleaned_data
        if words := given.get("q", "").strip():
            rows = rows.filter(Q(unit__name__icontains=words) | Q(unit__code__icontains=words))
        if place := find(given["area"]) if given.get("area") else None:
            rows = rows.filter(area__in=Area.objects.order_by().under(place.id).values("pk"))
        if category := catalogue.find(given["category"]) if given.get("category") else None:
            rows = rows.filter(Q(category=category) | Q(category__parent=category))
        return rows if given.get("state") == "all" else rows.filter(Q(ends=None) | Q(ends__gt=today))


class TryForm(forms.Form):
    """A problem and a place."""

    def __init__(self, data, *, tops):
        super().__init__(data, auto_id="try_%s", prefix="try")
        self.fields["category"] = fields.category_field(_("Category"), majors=False, plain=True)
        self.fields["place"] = fields.AreaField(
            tops=tops, label=_("Place"), help_text=_("Name or code of a grid or of an area above it.")
        )


class RouteForm(forms.Form):
    """A row of the table: new, or another unit for one that holds."""

    def __init__(self, data=None, *, tops, row: Route | None = None, initial=None):
        super().__init__(data, initial=initial)
        if row is None:
            self.fields["category"] = fields.category_field(_("Category"), none=_("Every category"))
            self.fields["area"] = fields.AreaField(tops=tops, label=_("Area"), help_text=_("Name or code."))
            self.fields["unit"] = fields.unit_field(_("Unit"), tops, above=True)
        else:
            places = list(directory().path(row.area_id))
            own = [unit for unit in fields.units_of(places[:1]) if unit.area_id in {place.id for place in places}]
            self.fields["unit"] = forms.ChoiceField(
                label=_("From then on"), required=False, widget=fields.SearchableSelect(),
                choices=[("", _("No unit: the row ends")), *options.grouped(own)],
            )  # fmt: skip
        self.fields["starts"] = fields.day_field(
            _("From"), _("Orders that were dispatched already stay where they are."), initial=clock.today()
        )


def _rows(request: HttpRequest):
    rows = Route.objects.select_related("area", "category", "unit")
    return rows if request.user.is_superuser else rows.filter(skeleton.inside(request, "area__in"))


def _of(category: Category | None) -> str:
    return str(category) if category else _("Every category")


@page
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The rows of the reader's areas, or the categories no row names; above them the trial of one case."""
    tops, today = skeleton.tops(request), clock.today()
    on_gaps = request.GET.get("view") == "gaps"
    tried = TryForm(request.GET if "try-place" in request.GET else None, tops=tops)
    answer = _answer(tried.cleaned_data, today) if tried.is_bound and tried.is_valid() else []
    here = reverse("routing:index")
    listing = Listing(
        title=_("Routing table"),
        lead=_(
            "The nearest area wins; in one area the minor before its major, and that before “every category”. Where no"
            " row holds, the street office takes the order."
        ),
        columns=(),
        rows=[],
        show=list,
        tabs=[
            {"label": _("Rows"), "url": here, "current": not on_gaps, "count": None},
            {"label": _("Without a unit"), "url": f"{here}?view=gaps", "current": on_gaps, "count": None},
        ],
        actions=[Action(_("Add a row"), reverse("routing:new"), "plus", primary=True)],
        more={"template": "managing/routing.html", "tried": tried, "answer": answer},
    )
    (_list_gaps if on_gaps else _list_rows)(request, listing, tops)
    return skeleton.show_list(request, listing)


def _list_rows(request: HttpRequest, listing: Listing, tops: list[Place]) -> None:
    today = clock.today()
    listing.filter = RouteFilter(request.GET, tops=tops)

    def show(row: Route) -> list[Cell]:
        over = row.ends is not None and row.ends <= today
        mark = skeleton.span(row.starts, row.ends, today)
        closed = not units_directory().by_id[row.unit_id].is_active(max(today, row.starts)) and not over
        shut = Mark(_("Unit closed"), "tone-late", "danger")
        return [
            Cell(_of(row.category), "" if over else reverse("routing:row", args=[row.pk])),
            Cell(row.area.name, soft=Level(row.area.level).label),
            Cell(row.unit.name, soft=row.unit.code, marks=(shut,) if closed else ()),
            Cell(wording.day(row.starts), marks=(mark,) if mark else (), css="figures"),
            Cell(wording.day(row.ends) if row.ends else "–", css="figures"),
        ]

    listing.columns = (_("Category"), _("Area"), _("Unit"), _("From"), _("Until (excluded)"))
    listing.rows = listing.filter.apply(_rows(request), today).order_by("area__code", "category__code", "-starts", "pk")
    listing.show = show
    listing.empty, listing.advice = _("No row matches this filter"), _("Choose another area, or add a row.")


def _list_gaps(request: HttpRequest, listing: Listing, tops: list[Place]) -> None:
    gaps, communities = routes.gaps(tops, on=clock.today())

    def show(gap: routes.Gap) -> list[Cell]:
        add = f"{reverse('routing:new')}?category={gap.category.code}"
        return [
            Cell(str(gap.category), add, Department(gap.category.lead).label if gap.category.lead else ""),
            Cell(_where(gap.missing, communities)),
            Cell(_where(gap.closed, communities)),
        ]

    listing.columns = (_("Category"), _("No row"), _("The row names a closed unit"))
    listing.rows, listing.show = gaps, show
    listing.empty = _("Every category reaches a unit")
    listing.advice = _("Each category in use is routed in each community.")


def _where(places, communities: Counter) -> str:
    """These communities in words: a district or street whose communities are all among them goes by its own name."""
    missing = Counter(pk for place in places for pk in place.path)
    whole = {pk for pk, count in missing.items() if count == communities[pk]}
    known = directory().by_id
    named = {next(pk for pk in place.path if pk in whole) for place in places}
    names = [place.name for pk, place in known.items() if pk in named]
    words = listed(names[:NAMED])
    if len(names) > NAMED:
        words = _("%(names)s and %(count)d more") % {"names": words, "count": len(names) - NAMED}
    return words or "–"


def _answer(given: dict, today: dt.date) -> list[Callout]:
    """Which unit the product would propose first, and by which row."""
    category, place = catalogue.find(given["category"]), given["place"]
    said = []
    row = catalogue.routed(category.pk, place.id, on=today)
    unit = units_directory().by_id.get(row.unit_id) if row else None
    if unit is not None and unit.is_active(today):
        by = _of(catalogue.category(row.category_id) if row.category_id else None)
        where = directory().by_id[row.area_id].name
        why = _("The row “%(category)s” in %(area)s is the nearest that holds.") % {"category": by, "area": where}
        said.append(Callout(why, "ok", _("%(unit)s (%(note)s)") % {"unit": unit.name, "note": unit.code}))
    else:
        if unit is not None:
            said.append(Callout(_("The row names %(unit)s, which is closed.") % {"unit": unit.name}, "warn"))
        street = directory().ancestor(place.id, Level.STREET)
        office = units_directory().of_area(street.id, Department.STREET, today) if street else None
        why = _("No row holds; the street office takes what has no owner.")
        if office is not None:
            said.append(Callout(why, "warn", office.name))
        else:
            said.append(Callout(_("No row holds, and there is no street office: a dispatcher decides."), "danger"))
    if catalogue.is_automatic(category.pk):
        said.append(Callout(_("Filed orders of this category are sent by themselves.")))
    return said


@page
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new row; where one holds for the same area and category, it is replaced from that day."""
    tops = skeleton.tops(request)
    asked = {name: request.GET[name] for name in ("category", "area") if name in request.GET}
    form = RouteForm(request.POST or None, tops=tops, initial=asked)

    def work(given: dict) -> Done:
        category = catalogue.find(given["category"]) if given["category"] else None
        return _set(request, category, Area.objects.get(pk=given["area"].id), given)

    back = reverse("routing:index")
    entry = Entry(_("Add a row"), form, work, back, trail=[(_("Routing table"), back)])
    return skeleton.show_form(request, entry)


def _set(request: HttpRequest, category: Category | None, area: Area, given: dict) -> Done:
    unit = Unit.objects.get(code=given["unit"])
    made = routes.set_route(
        by=request.user, category=category, area=area, unit=unit, starts=given["starts"], at=clock.now()
    )
    words = _("From %(day)s: %(category)s in %(area)s goes to %(unit)s.") % {
        "day": wording.day(made.starts), "category": _of(category), "area": area.name, "unit": unit.name,
    }  # fmt: skip
    return Done(reverse("routing:index"), words)


@page
@require_http_methods(["GET", "POST"])
def row(request: HttpRequest, pk: int) -> HttpResponse:
    """One row: from a day on another unit, or none."""
    tops = skeleton.tops(request)
    one = skeleton.found(_rows(request).filter(pk=pk).first())
    form = RouteForm(request.POST or None, tops=tops, row=one, initial={"unit": one.unit.code})

    def work(given: dict) -> Done:
        if given["unit"]:
            return _set(request, one.category, one.area, given)
        routes.end_route(one, by=request.user, on=given["starts"], at=clock.now())
        words = _("The row ends on %(day)s.") % {"day": wording.day(given["starts"])}
        return Done(reverse("routing:index"), words)

    back = reverse("routing:index")
    entry = Entry(_("Change the row"), form, work, back, trail=[(_("Routing table"), back)])
    entry.facts = [
        (_("Category"), _of(one.category)),
        (_("Area"), one.area.name),
        (_("Unit"), one.unit.name),
        (_("From"), wording.day(one.starts)),
    ]
    entry.history = history.of(routes.subject_of(one.area, one.category))
    entry.effect = lambda given: _effect(one, given)
    return skeleton.show_form(request, entry)


def _effect(one: Route, given: dict) -> list[Callout]:
    """Where the problems of a row would go, as the same function of the product tells it."""
    waiting = _filed(one)
    words = ngettext(
        "%(count)d order is filed there and not dispatched: it is proposed to the new unit.",
        "%(count)d orders are filed there and not dispatched: they are proposed to the new unit.",
        waiting,
    ) % {"count": waiting}
    if given["unit"]:
        return [Callout(words)]
    place = (one.category_id, one.area_id)
    above = catalogue.routed(*place, on=given["starts"], without=place)
    if above is not None:
        note = _("Then the row in %(area)s holds: %(unit)s.") % {
            "area": directory().by_id[above.area_id].name, "unit": units_directory().by_id[above.unit_id].name,
        }  # fmt: skip
        return [Callout(note)]
    return [Callout(_("Then no row holds here; the street office takes what has no owner."), "warn")]


def _filed(one: Route) -> int:
    rows = WorkOrder.objects.within(one.area_id).filter(status=Status.FILED).order_by()
    if one.category_id:
        rows = rows.filter(Q(category_id=one.category_id) | Q(category__parent_id=one.category_id))
    return rows.count()


urlpatterns = [
    path("", index, name="index"),
    path("new/", new, name="new"),
    path("<int:pk>/", row, name="row"),
]
