"""The centre's desk: one queue with saved views, the order beside it, and the form for a caller's report."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_GET, require_http_methods

from core import clock
from grids.directory import directory
from grids.levels import Level
from pages import base, lists, options, orders
from pages.base import Done, once, page, submitted
from pages.fields import SearchableSelect
from pages.orders import DESK
from personnel.jurisdiction import Standing, standing_of
from personnel.models import User
from personnel.roles import Role
from workorders import commands, intake
from workorders.models import WorkOrder
from workorders.turns import waiting_condition
from workorders.vocabulary import FINAL, Source, Status, Urgency

app_name = "desk"
S = Status
# Two reports of one kind in one grid within this time may be the same thing.
TWIN_SPAN = dt.timedelta(days=7)


@dataclass(frozen=True)
class View:
    """A saved view of the queue. `counted`: its figure stands beside it. `final`: it shows orders that have ended."""

    key: str
    label: Any
    condition: Callable[[Standing], Q]
    ordering: str = "due_at"
    counted: bool = True
    final: bool = False
    pressing: bool = False


def _running(**more) -> Q:
    return Q(clock_paused=False, **more)


def _twin(standing: Standing) -> Q:
    """Reported or filed, and another open order of the same category lies in the same grid."""
    other = WorkOrder.objects.open().filter(
        area_id=OuterRef("area_id"),
        category_id=OuterRef("category_id"),
        reported_at__gte=OuterRef("reported_at") - TWIN_SPAN,
        reported_at__lte=OuterRef("reported_at") + TWIN_SPAN,
    )
    return Q(status__in=(S.REPORTED, S.FILED)) & Q(Exists(other.exclude(pk=OuterRef("pk"))))


VIEWS = (
    View("waiting", _lazy("Waits for me"), waiting_condition),
    View("reported", _lazy("To accept"), lambda who: Q(status__in=(S.REPORTED, S.VERIFYING))),
    View("filed", _lazy("To dispatch"), lambda who: Q(status=S.FILED)),
    View("returned", _lazy("Returned"), lambda who: Q(status=S.FILED, returns__gte=1)),
    View("soon", _lazy("Due soon"), lambda who: _running(amber_at__lte=Now(), due_at__gte=Now())),
    View("overdue", _lazy("Overdue"), lambda who: _running(due_at__lt=Now()), pressing=True),
    View("twins", _lazy("Likely duplicates"), _twin, ordering="-reported_at"),
    View("cards", _lazy("Supervised"), lambda who: ~Q(card="")),
    View("check", _lazy("To check"), lambda who: Q(status=S.FED_BACK)),
    View("revisit", _lazy("To revisit"), lambda who: Q(status=S.REVISITING)),
    View("extensions", _lazy("More time asked"), lambda who: Q(extension_pending=True)),
    View("suspended", _lazy("Suspended"), lambda who: Q(status=S.SUSPENDED)),
    View(
        "reopen",
        _lazy("Asked to reopen"),
        lambda who: Q(reopen_requested_at__isnull=False),
        ordering="-reported_at",
        counted=False,
        final=True,
    ),
    View("all", _lazy("All"), lambda who: Q(), ordering="-reported_at", counted=False, final=True),
    View(
        "closed",
        _lazy("Ended"),
        lambda who: Q(status__in=sorted(FINAL)),
        ordering="-reported_at",
        counted=False,
        final=True,
    ),
)
BY_KEY = {view.key: view for view in VIEWS}


def orders_of(view: View, standing: Standing) -> QuerySet:
    """The orders of a view, not yet restricted to the reader."""
    found = WorkOrder.objects.all() if view.final else WorkOrder.objects.open()
    return found.filter(view.condition(standing))


def counts(request: HttpRequest) -> dict[str, int]:
    """How many orders each counted view holds for this reader; one statement, two for duty leaders."""
    standing = base.standing(request)
    figures = {
        view.key: Count("pk", filter=view.condition(standing)) if view.condition(standing) else Count("pk")
        for view in VIEWS
        if view.counted
    }
    seen = WorkOrder.objects.visible_to(request.user, clock.today()).order_by()
    found = seen.open().aggregate(**figures)
    if Role.DUTY_LEADER in standing.roles:  # whose business they are; most of them lie among the closed ones
        found["reopen"] = seen.filter(BY_KEY["reopen"].condition(standing)).count()
    return found


@base.counted("desk")
def waiting(user: User) -> int:
    """What waits for this person at the desk."""
    standing = standing_of(user, clock.today())
    seen = WorkOrder.objects.visible_to(user, clock.today())
    return seen.open().filter(waiting_condition(standing)).order_by().count()


# -- the queue -----------------------------------------------------------------------------------------------------


def queue(request: HttpRequest) -> dict:
    """The queue the address asks for: views with counts, filter, rows."""
    standing, now = base.standing(request), clock.now()
    view = BY_KEY.get(request.GET.get("view", ""), BY_KEY["all" if request.GET.get("q") else "waiting"])
    form = lists.FilterForm(request.GET, standing=standing, phones=True)
    suffix = f"?{request.GET.urlencode()}" if request.GET else ""
    shown = lists.fetch(
        request,
        form.apply(orders_of(view, standing)),
        url=lambda number: f"{DESK.detail(number)}{suffix}",
        ordering=form.chosen.get("ordering", view.ordering),
        at=DESK.prefix,
    )
    figures = counts(request)
    return {
        "view": view,
        "views": [(one, _view_url(request, one.key), figures.get(one.key)) for one in VIEWS],
        "filter": form,
        "shown": shown,
        "now": now,
        "clear_url": f"{DESK.prefix}?view={view.key}",
        "may_enter": not standing.roles.isdisjoint(intake.CENTRE),
    }


def _view_url(request: HttpRequest, key: str) -> str:
    """The same filter in another view."""
    query = request.GET.copy()
    for name in ("after", "before", "ordering", "status"):
        query.pop(name, None)
    query["view"] = key
    return f"{DESK.prefix}?{query.urlencode()}"


@page
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The queue; beside it a place for the order that is opened."""
    orders.enter(request, DESK)
    context = queue(request) | {"trail": [(_("Queue"), None)], "room": DESK}
    return render(request, "desk/index.html", context)


# -- a caller's report ---------------------------------------------------------------------------------------------


class CallForm(forms.Form):
    """What a caller tells; `workorders.intake` judges it."""

    description = forms.CharField(max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))
    category = forms.ChoiceField(required=False, widget=SearchableSelect(words=options.search_words))
    area = forms.ChoiceField(widget=SearchableSelect())
    address = forms.CharField(max_length=200, required=False)
    urgency = forms.ChoiceField(choices=Urgency.choices, required=False, widget=forms.RadioSelect)
    reporter_name = forms.CharField(max_length=40, required=False)
    reporter_phone = forms.CharField(max_length=20, required=False, widget=forms.TextInput(attrs={"type": "tel"}))
    source = forms.ChoiceField(initial=Source.HOTLINE, widget=forms.RadioSelect)
    external_id = forms.CharField(max_length=80, required=False)

    def __init__(self, *args, standing: Standing, **kwargs):
        super().__init__(*args, auto_id="call_%s", **kwargs)
        sources = (Source.HOTLINE, Source.LEADER, Source.DEPARTMENT, Source.OTHER)
        words = {
            "description": (_("What is the matter?"), _("In the caller's words: what, since when, how bad.")),
            "category": (_("Category"), _("Left open, the acceptor chooses it.")),
            "area": (_("Grid"), _("Type the name of the community or the grid.")),
            "address": (_("Where exactly"), _("House, entrance, landmark.")),
            "urgency": (_("Urgency"), _("Without a choice the category's own urgency holds.")),
            "reporter_name": (_("Name of the caller"), ""),
            "reporter_phone": (_("Phone of the caller"), _("For the revisit. Shown masked to everybody else.")),
            "source": (_("Where it comes from"), ""),
            "external_id": (_("Number at the hotline"), _("Entered once only: a second order with it is refused.")),
        }
        for name, (label, help_text) in words.items():
            self.fields[name].label, self.fields[name].help_text = label, help_text
        self.fields["source"].choices = [(one.value, one.label) for one in sources]
        self.fields["category"].choices = [("", _("Not known yet")), *options.categories()]
        self.fields["area"].choices = [("", _("Choose a grid")), *grids_of(standing)]


def grids_of(standing: Standing) -> list[tuple[str, list[tuple[str, str]]]]:
    """The grids of the reader's areas as the groups of a select, one for each community."""
    tops, today = {place.id for place in lists.tops_of(standing)}, clock.today()
    known, groups = directory().by_id, {}
    for place in known.values():
        if place.level == Level.GRID and place.is_active(today) and not tops.isdisjoint(place.path):
            community = known[place.parent_id]
            groups.setdefault(community.id, (community.name, []))[1].append(
                (place.code, f"{place.name} · {community.name}")
            )
    return list(groups.values())


@page
@require_http_methods(["GET", "POST"])
def enter_call(request: HttpRequest) -> HttpResponse:
    """Enter an order for somebody who called, or for a leader or a department."""
    orders.enter(request, DESK)
    standing = base.standing(request)
    form = CallForm(request.POST or None, standing=standing)
    if submitted(request, form):

        def work() -> Done:
            now = clock.now()
            raw = {name: value for name, value in form.cleaned_data.items() if value}
            order = commands.report(intake.read(raw, standing=standing, at=now), by=request.user, at=now)
            return Done(DESK.detail(order.number), _("%(number)s was entered.") % {"number": order.number})

        return once(request, work)
    context = {"form": form, "room": DESK, "trail": [(_("Queue"), DESK.prefix), (_("Enter an order"), None)]}
    return render(request, "desk/enter.html", context)


urlpatterns = [
    path("", index, name="index"),
    path("new/", enter_call, name="new"),
    *orders.urls(DESK, around=queue),
]
