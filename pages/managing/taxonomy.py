"""The taxonomy: categories with their limits, who leads, who handles at once; the effect of a change is shown first."""

from django import forms
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from core import clock, wording
from pages.assessment.wording import listed
from pages.base import Done, page
from pages.managing import fields, history, limits, skeleton
from pages.managing.skeleton import Action, Callout, Cell, Entry, Listing, Mark
from pages.wording import limit_words
from personnel.departments import Department
from workorders import calendars, catalogue, deadlines
from workorders.administration import categories
from workorders.administration.categories import Given
from workorders.deadlines import STAGE_KINDS, Limit
from workorders.models import Category, Clock, WorkOrder
from workorders.vocabulary import ClockKind, Difficulty, Urgency

app_name = "taxonomy"


class CategoryFilter(forms.Form):
    """Which categories are listed."""

    q = forms.CharField(required=False, max_length=60, widget=forms.TextInput(attrs={"type": "search"}))
    major = forms.ChoiceField(required=False)
    lead = forms.ChoiceField(required=False)
    state = forms.ChoiceField(required=False)

    def __init__(self, data):
        super().__init__(data, auto_id="filter_%s")
        majors = [(one.code, str(one)) for one in catalogue.categories() if not one.is_minor]
        for name, label, choices in (
            ("q", _("Name or code"), None),
            ("major", _("Major category"), [("", _("All")), *majors]),
            ("lead", _("Lead department"), [("", _("All")), *Department.choices]),
            ("state", _("State"), [("", _("In use")), ("out", _("Out of use")), ("all", _("All"))]),
        ):
            self.fields[name].label = label
            if choices:
                self.fields[name].choices = choices
        self.is_valid()

    def apply(self, rows):
        """The categories that match; a major stays above its minors."""
        given = self.cleaned_data
        if words := given.get("q", "").strip():
            named = Q(name__icontains=words) | Q(name_en__icontains=words) | Q(initials__icontains=words)
            rows = rows.filter(named | Q(code__startswith=words))
        if major := given.get("major"):
            rows = rows.filter(Q(code=major) | Q(parent__code=major))
        if lead := given.get("lead"):
            rows = rows.filter(lead=lead)
        state = given.get("state", "")
        return rows if state == "all" else rows.filter(is_active=state != "out")


class CategoryForm(forms.Form):
    """What a category is. category: None for a new one; a major has names only."""

    def __init__(self, data=None, *, category: Category | None = None, is_minor: bool = True, initial=None):
        super().__init__(data, initial=_initial(category) if category else initial)
        add = self.fields.__setitem__
        if category is None:
            majors = [one for one in catalogue.categories() if not one.is_minor and one.is_active]
            choices = [("", _("None: a new major category")), *((one.code, str(one)) for one in majors)]
            add("parent", forms.ChoiceField(label=_("Major category"), choices=choices, required=False))
            add("code", fields.words_field(_("Code"), _("Two digits for a major, four for a minor; for ever."), most=4))
        add("name", fields.words_field(_("Chinese name"), most=60))
        add("name_en", fields.words_field(_("English name"), most=80))
        if is_minor:
            self._add_rules(add)
        if category is not None:
            note = _("Out of use, nobody can choose it any more; orders that carry it keep it.")
            add("is_active", forms.BooleanField(label=_("In use"), help_text=note, required=False))
            if is_minor:
                note = _("Filed orders go to the unit of the routing table without a dispatcher.")
                add("automatic", forms.BooleanField(label=_("Sent by itself"), help_text=note, required=False))
            add("why", fields.words_field(_("Reason"), _("Stands in the history of the category.")))

    def _add_rules(self, add) -> None:
        add("klass", forms.ChoiceField(label=_("Kind of matter"), choices=Category.Klass.choices))
        hard = [one for one in Difficulty.choices if one[0] != Difficulty.BACKLOG]
        add("difficulty", forms.TypedChoiceField(label=_("Difficulty"), choices=hard, coerce=int))
        add("urgency", forms.ChoiceField(label=_("Urgency"), choices=Urgency.choices))
        notes = {
            "contain": _("Only where a measure on site comes first; leave empty otherwise."),
            "restore": _("Only where service is restored before the rest; leave empty otherwise."),
            "handle": _("At the category's own urgency; each step above it halves the limit."),
        }
        for kind in STAGE_KINDS:
            label = _("Limit: %(stage)s") % {"stage": ClockKind(kind).label}
            add(kind, limits.SpanField(label=label, required=kind == "handle", help_text=notes[kind]))
        add("lead", forms.ChoiceField(label=_("Lead department"), choices=Department.choices))
        add("self_rule", forms.ChoiceField(label=_("Self-handling"), choices=Category.SelfRule.choices))
        note = _("Only where the officer tries first; then the order goes on.")
        add("self_limit", limits.SpanField(label=_("Own time of the officer"), required=False, help_text=note))

    def given(self) -> Given:
        """What was entered, as the command takes it."""
        entered = self.cleaned_data
        if "handle" not in entered:
            return Given(name=entered["name"].strip(), name_en=entered["name_en"].strip())
        stages = tuple((kind, entered[kind]) for kind in STAGE_KINDS if entered[kind] is not None)
        tries = entered["self_rule"] == Category.SelfRule.TRIES_FIRST
        names = ("klass", "difficulty", "urgency", "lead", "self_rule")
        return Given(
            name=entered["name"].strip(),
            name_en=entered["name_en"].strip(),
            stages=stages,
            self_limit=entered["self_limit"] if tries else None,
            **{name: entered[name] for name in names},
        )


def _initial(category: Category) -> dict:
    stages = {one["kind"]: Limit.from_json(one) for one in category.stages}
    names = ("name", "name_en", "klass", "difficulty", "urgency", "lead", "self_rule", "is_active")
    return {
        **{name: getattr(category, name) for name in names},
        **stages,
        "self_limit": Limit.from_json(category.self_limit) if category.self_limit else None,
        "automatic": catalogue.is_automatic(category.pk),
    }


@page
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Majors and minors with their limits, who leads, who may handle at once, and how many orders are open."""
    skeleton.tops(request)
    may, filter_form = skeleton.over_all(request), CategoryFilter(request.GET)

    def show(one: Category) -> list[Cell]:
        url = reverse("taxonomy:category", args=[one.code])
        marks = () if one.is_active else (Mark(_("Out of use"), "tone-paused", "history"),)
        if not one.is_minor:
            minors = ngettext("%(count)d category", "%(count)d categories", one.below) % {"count": one.below}
            major = Mark(_("Major category"), "tone-brand", "menu")
            return [Cell(str(one), url, minors, (major, *marks)), Cell("–"), Cell("–"), Cell("–"), Cell("–")]
        if catalogue.is_automatic(one.pk):
            marks += (Mark(_("Sent by itself"), "tone-soon", "dispatch"),)
        return [
            Cell(str(one), url, marks=marks),
            Cell(stages_words(one.stages)),
            Cell(one.get_urgency_display(), soft=one.get_difficulty_display()),
            Cell(Department(one.lead).label if one.lead in Department.values else one.lead or "–"),
            Cell(
                one.get_self_rule_display(),
                soft=limit_words(Limit.from_json(one.self_limit)) if one.self_limit else "",
            ),
        ]

    rows = Category.objects.annotate(below=Count("minors", Q(minors__is_active=True)))
    listing = Listing(
        title=_("Categories"),
        lead=_("What orders are about, and how long each step of handling may take."),
        columns=(_("Category"), _("Time limits"), _("Urgency"), _("Lead department"), _("Self-handling")),
        rows=filter_form.apply(rows).order_by("code"),
        show=show,
        filter=filter_form,
        actions=[Action(_("Add a category"), reverse("taxonomy:new"), "plus", primary=True)] if may else (),
        callouts=() if may else [_looks_only()],
        empty=_("No category matches this filter"),
        advice=_("Choose another major, or look among those out of use."),
    )
    return skeleton.show_list(request, listing)


def _looks_only() -> Callout:
    return Callout(_("This holds for every area. Only an administrator of the whole city may change it."))


def stages_words(stages: list[dict]) -> str:
    """The limits of a category: handling alone without its name."""
    if len(stages) == 1:
        return limit_words(Limit.from_json(stages[0]))
    return listed(f"{ClockKind(one['kind']).label} {limit_words(Limit.from_json(one))}" for one in stages)


@page
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new category; a new major has names only."""
    skeleton.tops(request)
    is_major = (request.POST or request.GET).get("parent", "") == "" and bool(request.POST or "major" in request.GET)
    form = CategoryForm(request.POST or None, is_minor=not is_major, initial={"parent": request.GET.get("parent", "")})

    def work(given: dict) -> Done:
        parent = catalogue.find(given["parent"]) if given["parent"] else None
        made = categories.add_category(
            by=request.user, code=given["code"].strip(), parent=parent, given=form.given(), at=clock.now()
        )
        return Done(reverse("taxonomy:index"), _("%(category)s is in use now.") % {"category": made})

    back = reverse("taxonomy:index")
    entry = Entry(_("Add a category"), form, work, back, _("Add"), trail=[(_("Categories"), back)])
    entry.readonly = not skeleton.over_all(request)
    entry.callouts = [_looks_only()] if entry.readonly else []
    return skeleton.show_form(request, entry)


@page
@require_http_methods(["GET", "POST"])
def category(request: HttpRequest, code: str) -> HttpResponse:
    """One category: change it, take it out of use or back; what that does to open orders is told first."""
    skeleton.tops(request)
    one = skeleton.found(Category.objects.filter(code=code).first())
    form = CategoryForm(request.POST or None, category=one, is_minor=one.is_minor)

    def work(given: dict) -> Done:
        categories.change_category(
            one,
            by=request.user,
            given=form.given(),
            is_active=given["is_active"],
            automatic=given.get("automatic", False),
            why=given["why"],
            at=clock.now(),
        )
        return Done(reverse("taxonomy:index"), _("%(category)s is changed.") % {"category": one})

    back = reverse("taxonomy:index")
    entry = Entry(str(one), form, work, back, trail=[(_("Categories"), back)])
    entry.effect = lambda given: _effect(one, form.given(), given)
    entry.history = history.of(categories.subject_of(one.code))
    entry.readonly = not skeleton.over_all(request)
    entry.callouts = [_looks_only()] if entry.readonly else []
    return skeleton.show_form(request, entry)


def _effect(one: Category, given: Given, entered: dict) -> list[Callout]:
    """What a change does: to the open orders, to what is reported from now on."""
    said = []
    orders = WorkOrder.objects.open().filter(category=one).order_by().count()
    running = Clock.objects.filter(stopped_at=None, order__category=one).order_by().count()
    if one.is_minor:
        words = ngettext(
            "%(count)d order of this category is open.", "%(count)d orders of this category are open.", orders
        )
        kept = _(
            "Their running clocks (%(count)d) keep the due moment they have. The new limit counts for every clock that"
            " starts from now on: of new orders, and of an open one that is dispatched anew or reworked."
        )
        said.append(Callout(wording.joined([words % {"count": orders}, kept % {"count": running}])))
        before = Limit.from_json(one.stages[-1]) if one.stages else None
        after = dict(given.stages).get(STAGE_KINDS[-1])
        if before and after and before != after:
            now, calendar = clock.now(), calendars.working_calendar()
            words = _("Dispatched now, handling would be due at %(after)s instead of %(before)s.") % {
                "before": wording.moment(deadlines.due_at(before, now, calendar)),
                "after": wording.moment(deadlines.due_at(after, now, calendar)),
            }
            said.append(Callout(words, "warn"))
    if one.is_active and not entered["is_active"]:
        said.append(Callout(_("Nobody can choose this category any more. Orders that carry it keep it."), "warn"))
    if entered.get("automatic") and not catalogue.is_automatic(one.pk):
        words = _("From now on filed orders of this category go to the unit of the routing table by themselves.")
        said.append(Callout(words, "warn"))
    return said or [Callout(_("Only names are changed."))]


urlpatterns = [
    path("", index, name="index"),
    path("new/", new, name="new"),
    path("<str:code>/", category, name="category"),
]
