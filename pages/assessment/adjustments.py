"""Deductions, bonuses and vetoes by hand: what waits for a second person, entering one, confirming, taking back."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assessment import commands, evidence, items, periods
from assessment.commands.adjusting import FIELD, history, needs_second, rules_of, waiting_ids
from assessment.models import Adjustment, AssessmentEvent
from core import clock
from core.errors import Invalid, NotPermitted
from grids.directory import find_id
from grids.levels import Level
from pages import base, places
from pages.assessment import downloads, reach, wording
from pages.assessment.adjustment_forms import FilterForm, ItemForm, WhichForm, WithdrawForm
from pages.assessment.rooms import rooms
from pages.base import Done, once, page, submitted
from pages.orders import order_url
from personnel.models import Post
from workorders.models import WorkOrder

SIZE, MONTHS = 50, 13
VIEWS = ("waiting", "counting", "withdrawn")


def _home() -> str:
    return reverse("assessment:adjustments")


def _months() -> list[periods.Period]:
    now = periods.month_at(clock.now())
    return [now, *(now.before(number) for number in range(1, MONTHS))]


def need_assessor(request: HttpRequest) -> None:
    """Raises NotPermitted for whoever assesses nothing."""
    if not reach.assessed(request):
        raise NotPermitted()


# -- the list -----------------------------------------------------------------------------------------------------


@page
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """What waits for a second person, what counts, what was taken back; of all months or of one."""
    need_assessor(request)
    form = FilterForm(request.GET, months=_months())
    view = request.GET.get("view") if request.GET.get("view") in VIEWS else VIEWS[0]
    rows = reach.adjustments(request)
    if period := form.cleaned_data.get("period"):
        rows = rows.filter(period=period)
    waiting = waiting_ids(rows)
    shown = {
        "waiting": rows.filter(pk__in=waiting),
        "counting": rows.filter(withdrawn_at__isnull=True).exclude(pk__in=waiting),
        "withdrawn": rows.filter(withdrawn_at__isnull=False),
    }
    labels = {
        "waiting": _("Waiting for a second person"),
        "counting": _("Counting"),
        "withdrawn": pgettext("an item", "Taken back"),
    }
    sheet = Paginator(shown[view].order_by("-period", "-pk"), SIZE).get_page(request.GET.get("page"))
    context = {
        "trail": [(_("Assessment"), reverse("assessment:index")), (_("Items by hand"), None)],
        "rooms": rooms(request, "adjustments"),
        "tabs": [
            {
                "label": labels[name],
                "url": f"?view={name}&period={period or ''}",
                "count": len(waiting) if name == "waiting" else None,
                "current": name == view,
            }
            for name in VIEWS
        ],
        "view": view,
        "filter": form,
        "sheet": sheet,
        "rows": [shown_row(one) for one in sheet],
        "may_enter": not request.user.is_superuser,
        **pages_of(request, sheet),
    }
    return render(request, "assessment/adjustments.html", context)


def pages_of(request: HttpRequest, sheet: Any) -> dict[str, str]:
    """The neighbours of a page of a list, with its filter kept."""

    def address(number: int) -> str:
        query = request.GET.copy()
        query["page"] = str(number)
        return f"?{query.urlencode()}"

    return {
        "previous": address(sheet.previous_page_number()) if sheet.has_previous() else "",
        "next": address(sheet.next_page_number()) if sheet.has_next() else "",
    }


def shown_row(row: Adjustment) -> dict[str, Any]:
    """An item as the list and its page show it."""
    rules = rules_of(row.period)
    waits = row.withdrawn_at is None and row.confirmed_at is None and rules is not None and needs_second(row, rules)
    spec = rules.item(row.code) if rules else None
    points = spec["points"].get(row.variant) if spec else None
    if row.withdrawn_at:
        mark = wording.Mark(pgettext("an item", "Taken back"), "tone-paused", "no")
    elif waits:
        mark = wording.Mark(_("Waiting for a second person"), "tone-soon", "clock")
    elif row.confirmed_at:
        mark = wording.Mark(_("Confirmed"), "tone-ok", "check")
    else:
        mark = wording.Mark(pgettext("an item", "Counts"), "tone-ok", "check")
    place = find_id(row.area_id)
    return {
        "row": row,
        "mark": mark,
        "waits": waits,
        "item": f"{row.code} {items.name_of(row.code)}",
        "case": str(items.CASES.get(row.variant, row.variant)) if row.variant else "",
        "is_veto": row.code in items.BY_CODE and items.BY_CODE[row.code].kind == items.VETO,
        "points": wording.plain(points) if points is not None else "",
        "period": wording.period_words(row.period),
        "grid": place.name if place else "",
        "where": places.where(place) if place else "",
    }


# -- enter --------------------------------------------------------------------------------------------------------


@page
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """First which item of which grid and month, then what happened; the first step stands in the address."""
    need_assessor(request)
    areas = reach.assessed(request)
    grids = [one for one in places.grids_within([one.id for one in areas], clock.today()) if one.level == Level.GRID]
    asked = bool(request.GET.get("code"))
    given = {name: request.GET[name] for name in ("period", "area") if request.GET.get(name)}
    which = WhichForm(request.GET if asked else None, months=_months(), grids=grids, areas=areas, given=given)
    chosen = which.cleaned_data if asked and which.is_valid() else None
    context = {
        "which": which,
        "asked": asked,
        "trail": [
            (_("Assessment"), reverse("assessment:index")),
            (_("Items by hand"), _home()),
            (_("Enter an item"), None),
        ],
        "back": _home(),
    }
    if chosen is None:
        return render(request, "assessment/adjustment_which.html", context)
    month, place, code = periods.read(chosen["period"]), chosen["area"], chosen["code"]
    rules = rules_of(month.text)
    spec = rules.item(code) if rules else None
    officers = _officers(place.path, month)
    form = ItemForm(request.POST or None, request.FILES or None, spec=spec, code=code, officers=officers)
    if submitted(request, form):

        def work() -> Done:
            given = form.cleaned_data
            row = commands.enter(
                period=month.text, area=place.code, code=code, cause=given["cause"], by=request.user, at=clock.now(),
                variant=given.get("variant") or "", count=given.get("count") or 1,
                officer=officers.get(given["officer"]), order=_order(request, given["order"]),
                evidence=given["evidence"],
            )  # fmt: skip
            text = _("Entered. It counts when a second person has confirmed it.")
            waits = rules is not None and needs_second(row, rules)
            return Done(_url(row), text if waits else _("Entered. It counts from the next computation on."))

        return once(request, work)
    context |= {
        "form": form,
        "item": f"{code} {items.name_of(code)}",
        "needs_second": bool(spec and spec.get("two")),
        "is_veto": items.BY_CODE[code].kind == items.VETO,
        "period": wording.period_words(month.text),
        "grid": f"{place.name} · {places.where(place)}",
        "cap": wording.plain(spec.get("cap")) if spec else "",
        "change_url": f"{reverse('assessment:adjustment_new')}?period={month.text}&area={place.code}",
    }
    return render(request, "assessment/adjustment_new.html", context)


def _officers(path: tuple[int, ...], month: periods.Period) -> dict[str, Any]:
    """Who held the grid in the month, by number as the form sends it."""
    posts = Post.objects.between(month.first, month.end).filter(area_id__in=path, role__in=FIELD)
    return {str(one.person_id): one.person for one in posts.select_related("person").order_by("person__name", "pk")}


def _order(request: HttpRequest, number: str) -> WorkOrder | None:
    if not number:
        return None
    found = WorkOrder.objects.visible_to(request.user, clock.today()).filter(number=number).first()
    if found is None:
        raise Invalid(errors={"order": [_("Name the order by its number.")]})
    return found


# -- one item -----------------------------------------------------------------------------------------------------


def _url(row: Adjustment) -> str:
    return reverse("assessment:adjustment", args=[row.pk])


@page
@require_GET
def item(request: HttpRequest, pk: int) -> HttpResponse:
    """One item with its history, and what may be done with it."""
    return _page(request, reach.find_adjustment(request, pk), WithdrawForm())


def _page(request: HttpRequest, row: Adjustment, form: WithdrawForm) -> HttpResponse:
    shown = shown_row(row)
    number = row.order.number if row.order_id else ""
    seen = bool(number) and WorkOrder.objects.visible_to(request.user, clock.today()).filter(number=number).exists()
    open_to_change = row.withdrawn_at is None and not request.user.is_superuser
    context = {
        **shown,
        "shell": base.shell(request),
        "trail": [
            (_("Assessment"), reverse("assessment:index")),
            (_("Items by hand"), _home()),
            (shown["item"], None),
        ],
        "back": _home(),
        "order_url": order_url(request, number) if seen else "",
        "file_name": evidence.name_of(row.evidence),
        "events": [_told(one) for one in history(row)],
        "may_confirm": open_to_change and shown["waits"] and row.entered_by_id != request.user.pk,
        "own": shown["waits"] and row.entered_by_id == request.user.pk,
        "may_withdraw": open_to_change,
        "form": form,
    }
    return render(request, "assessment/adjustment.html", context)


def _told(event: AssessmentEvent) -> dict[str, Any]:
    words = AssessmentEvent.Kind(event.kind).label
    return {"what": words, "who": event.actor_name, "at": event.at, "note": event.data.get("reason", "")}


@page
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """The second person's word."""
    row = reach.find_adjustment(request, pk)

    def work() -> Done:
        commands.confirm(row, by=request.user, at=clock.now())
        return Done(_url(row), _("Confirmed. It counts from the next computation on."))

    return once(request, work)


@page
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an item back, with the reason."""
    row = reach.find_adjustment(request, pk)
    form = WithdrawForm(request.POST or None)
    if submitted(request, form):

        def work() -> Done:
            commands.withdraw(row, by=request.user, at=clock.now(), reason=form.cleaned_data["reason"])
            return Done(_url(row), _("Taken back. It does not count from the next computation on."))

        return once(request, work)
    return _page(request, row, form)


@page
@require_GET
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """The evidence of an item: for assessors, and for whoever it costs or earns points."""
    row = reach.find_evidence(request, pk)
    if not row.evidence:
        raise Http404
    return downloads.send(row.evidence)
