"""The views of the queue: those everybody at the desk has, and those people saved for themselves or for others."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import clock
from core.errors import Invalid
from grids.directory import directory
from pages import base, callers, lists, orders
from pages.base import Done, once, page, submitted
from pages.orders import DESK
from personnel.jurisdiction import Standing, standing_of, units_directory
from personnel.models import User
from personnel.roles import Role
from workorders import catalogue
from workorders.models import SavedView, WorkOrder
from workorders.turns import waiting_condition
from workorders.vocabulary import FINAL, Status

S = Status
# Two reports of one kind in one grid within this time may be the same thing.
TWIN_SPAN = dt.timedelta(days=7)
# How many saved views stand beside the others; more than that nobody reads.
MOST_SAVED = 8
SAVED = "saved-"
# Seconds the figures beside the views may be old; whoever has just done something sees them anew at once.
COUNTED_FOR = 5
KEPT = ("view", "q", "status", "category", "area", "urgency", "source", "overdue", "ordering")


@dataclass(frozen=True)
class View:
    """A view of the queue. `counted`: its figure stands beside it. `final`: it shows orders that have ended."""

    key: str
    label: Any
    condition: Callable[[Standing], Q]
    ordering: str = "due_at"
    counted: bool = True
    final: bool = False
    pressing: bool = False
    statuses: tuple = ()

    def arrivals(self, standing: Standing) -> tuple:
        """The statuses that bring an order into this view: what the bar of new orders counts."""
        if self.key == "waiting":
            return tuple(status for role, status in _ARRIVES if role in standing.roles)
        return self.statuses


_ARRIVES = (
    (Role.ACCEPTOR, Status.REPORTED),
    (Role.DISPATCHER, Status.FILED),
    (Role.REVIEWER, Status.REVISITING),
)


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
    View("reported", _lazy("To accept"), lambda who: Q(status__in=(S.REPORTED, S.VERIFYING)), statuses=(S.REPORTED,)),
    View("filed", _lazy("To dispatch"), lambda who: Q(status=S.FILED), statuses=(S.FILED,)),
    View("returned", _lazy("Returned"), lambda who: Q(status=S.FILED, returns__gte=1)),
    View("soon", _lazy("Due soon"), lambda who: _running(amber_at__lte=Now(), due_at__gte=Now())),
    View("overdue", _lazy("Overdue"), lambda who: _running(due_at__lt=Now()), pressing=True),
    View("twins", _lazy("Likely duplicates"), _twin, ordering="-reported_at"),
    View("cards", _lazy("Supervised"), lambda who: ~Q(card="")),
    View("check", _lazy("To check"), lambda who: Q(status=S.FED_BACK), statuses=(S.FED_BACK,)),
    View("revisit", _lazy("To revisit"), lambda who: Q(status=S.REVISITING), statuses=(S.REVISITING,)),
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
    View(
        "all",
        _lazy("All"),
        lambda who: Q(),
        ordering="-reported_at",
        counted=False,
        final=True,
        statuses=(S.REPORTED,),
    ),
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


@dataclass(frozen=True)
class Tab:
    """A view as the row of tabs shows it."""

    key: str
    label: Any
    url: str
    count: int | None
    current: bool
    pressing: bool = False
    own: int = 0


def asked_for(query: QueryDict) -> View:
    """The view of an address; a search without one looks everywhere."""
    searched = query.get("q") or query.get("caller")
    return BY_KEY.get(query.get("view", ""), BY_KEY["all" if searched else "waiting"])


def orders_of(view: View, standing: Standing) -> QuerySet:
    """The orders of a view, not yet restricted to the reader."""
    found = WorkOrder.objects.all() if view.final else WorkOrder.objects.open()
    return found.filter(view.condition(standing))


def counts(request: HttpRequest, saved: list[SavedView]) -> dict[str, int]:
    """How many orders each counted view holds for this reader, a few seconds old at most."""
    standing = base.standing(request)
    asked = (standing.on, standing.posts, [(one.pk, one.query) for one in saved])
    kept = cache.get(base.own_figures(request.user))
    if kept is None or kept[0] != asked:
        kept = (asked, _counted(request, saved))
        cache.set(base.own_figures(request.user), kept, timeout=COUNTED_FOR)
    base.say_count("desk", request, kept[1]["waiting"])
    return kept[1]


def _counted(request: HttpRequest, saved: list[SavedView]) -> dict[str, int]:
    """The figures themselves; one statement, two for duty leaders."""
    standing = base.standing(request)
    figures = {
        view.key: Count("pk", filter=view.condition(standing)) if view.condition(standing) else Count("pk")
        for view in VIEWS
        if view.counted
    }
    for one in saved:
        condition = _condition_of(one, standing)
        if condition is not None:
            figures[f"saved_{one.pk}"] = Count("pk", filter=condition)
    seen = WorkOrder.objects.visible_to(request.user, clock.today()).order_by()
    found = seen.open().aggregate(**figures)
    if Role.DUTY_LEADER in standing.roles:  # whose business they are; most of them lie among the closed ones
        found["reopen"] = seen.filter(BY_KEY["reopen"].condition(standing)).count()
    return found


def _condition_of(saved: SavedView, standing: Standing) -> Q | None:
    """What a saved view asks of an open order; None where its figure would cost too much: words, ended orders."""
    query = QueryDict(saved.query)
    view = BY_KEY.get(query.get("view", ""), BY_KEY["all"])
    # Beside the areas, what the form understands follows from the categories in use.
    in_use = tuple(one.pk for one in catalogue.categories() if one.is_active)
    key = ("saved view", saved.query, standing.posts, standing.on, in_use)
    chosen = directory().worked_out(key, lambda: lists.FilterForm(query, standing=standing).chosen)
    if chosen.get("q") or view.key in ("closed", "reopen"):
        return None
    condition = view.condition(standing) & lists.condition_of(chosen)
    return condition or Q(pk__isnull=False)


@base.counted("desk")
def waiting(user: User) -> int:
    """What waits for this person at the desk."""
    standing = standing_of(user, clock.today())
    seen = WorkOrder.objects.visible_to(user, clock.today())
    return seen.open().filter(waiting_condition(standing)).order_by().count()


def tabs(request: HttpRequest, current: str) -> list[Tab]:
    """All views of this reader with their figures; the current one is marked."""
    saved = saved_of(base.standing(request))
    figures = counts(request, saved)
    found = [
        Tab(one.key, one.label, _view_url(request, one.key), figures.get(one.key), one.key == current, one.pressing)
        for one in VIEWS
    ]
    asked = _plain(request.GET)
    for one in saved:
        own = one.pk if one.owner_id == request.user.pk else 0
        url = f"{DESK.prefix}?{one.query}"
        found.append(
            Tab(f"{SAVED}{one.pk}", one.name, url, figures.get(f"saved_{one.pk}"), one.query == asked, own=own)
        )
    if any(tab.current for tab in found[len(VIEWS) :]):
        found = [tab if tab.key.startswith(SAVED) else Tab(**{**vars(tab), "current": False}) for tab in found]
    return found


def _view_url(request: HttpRequest, key: str) -> str:
    """The same filter in another view."""
    query = request.GET.copy()
    for name in ("after", "before", "ordering", "status"):
        query.pop(name, None)
    query["view"] = key
    return f"{DESK.prefix}?{query.urlencode()}"


# -- saved views ---------------------------------------------------------------------------------------------------


def saved_of(standing: Standing) -> list[SavedView]:
    """The reader's own views and those shared with the reader's roles, units and areas; one statement."""
    known = directory().by_id
    above = {pk for area in standing.area_ids if area in known for pk in known[area].path}
    shared = Q(unit__in=sorted(standing.unit_ids)) | (
        Q(area__in=sorted(above)) & (Q(role="") | Q(role__in=sorted(standing.roles)))
    )
    found = SavedView.objects.filter(Q(owner=standing.user) | shared)
    return list(found.order_by("pk")[:MOST_SAVED])


def _plain(query: QueryDict) -> str:
    """A filter as it is kept: what is known, in one order, without whole phone numbers."""
    kept = QueryDict(mutable=True)
    for name in KEPT:
        value = query.get(name, "").strip()
        if value and not (name == "q" and callers.phone_in(value)):
            kept[name] = value
    return kept.urlencode()


class SaveForm(forms.Form):
    """A name for the present filter, and for whom."""

    name = forms.CharField(max_length=30)
    shared = forms.ChoiceField(required=False)
    query = forms.CharField(max_length=400, widget=forms.HiddenInput)

    def __init__(self, *args, standing: Standing, **kwargs):
        super().__init__(*args, auto_id="save_%s", **kwargs)
        self.fields["name"].label, self.fields["shared"].label = _("Name of the view"), _("Who sees it")
        self.fields["shared"].choices = [("", _("Only me")), *shares_of(standing)]


def shares_of(standing: Standing) -> list[tuple[str, str]]:
    """With whom this person may share a view: the colleagues in the same role, the unit, everybody in the area."""
    known, units, found = directory().by_id, units_directory().by_id, []
    for post in standing.posts:
        if post.area_id in known:
            words = {"role": Role(post.role).label, "area": known[post.area_id].name}
            found.append((f"role:{post.role}:{post.area_id}", _("Everybody who is %(role)s in %(area)s") % words))
            found.append((f"area:{post.area_id}", _("Everybody at the desk in %(area)s") % words))
        if post.unit_id in units:
            found.append((f"unit:{post.unit_id}", _("Everybody in %(unit)s") % {"unit": units[post.unit_id].name}))
    return list(dict.fromkeys(found))


@page
@require_http_methods(["GET", "POST"])
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the present filter under a name."""
    orders.enter(request, DESK)
    standing = base.standing(request)
    form = SaveForm(request.POST or None, standing=standing, initial={"query": _plain(request.GET)})
    if submitted(request, form):

        def work() -> Done:
            made = _save(form.cleaned_data, by=request.user)
            return Done(f"{DESK.prefix}?{made.query}", _("The view “%(name)s” was saved.") % {"name": made.name})

        return once(request, work)
    context = {"form": form, "room": DESK, "trail": [(_("Queue"), DESK.prefix), (_("Save this view"), None)]}
    alone = request.htmx and not request.htmx.history_restore_request
    return render(request, "desk/_save_dialog.html" if alone else "desk/save.html", context)


def _save(chosen: dict, *, by: User) -> SavedView:
    kind, _colon, rest = chosen["shared"].partition(":")
    share: dict[str, Any] = {}
    if kind == "role":
        role, _colon, area = rest.partition(":")
        share = {"role": role, "area_id": int(area)}
    elif kind in ("area", "unit"):
        share = {f"{kind}_id": int(rest)}
    query = _plain(QueryDict(chosen["query"]))
    try:
        with transaction.atomic():
            return SavedView.objects.create(owner=by, name=chosen["name"], query=query, made_at=clock.now(), **share)
    except IntegrityError as error:
        message = _("You have a view of this name already. Choose another name.")
        raise Invalid("known_name", message, errors={"name": [message]}) from error


@page
@require_POST
def delete_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw an own view away."""
    orders.enter(request, DESK)

    def work() -> Done:
        SavedView.objects.filter(pk=pk, owner=request.user).delete()
        return Done(DESK.prefix, _("The view was deleted."))

    return once(request, work)


@page
@require_GET
def tabs_part(request: HttpRequest) -> HttpResponse:
    """The row of views with fresh figures, for a screen that heard of news."""
    orders.enter(request, DESK)
    current = asked_for(request.GET).key
    return render(request, "desk/_views.html", {"tabs": tabs(request, current), "room": DESK})
