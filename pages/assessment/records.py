"""Records: patrols, visits, disputes, samples, duties, missed discoveries; listed, entered, corrected, imported."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assessment import commands, periods
from assessment.commands.recording import history
from assessment.models import AssessmentEvent, FactRecord
from assessment.vocabulary import RecordKind
from core import clock
from grids.directory import find, find_id
from grids.levels import Level
from pages import places
from pages.assessment import reach, wording
from pages.assessment.adjustments import need_assessor, pages_of
from pages.assessment.record_forms import FilterForm, RecordForm, VoidForm
from pages.assessment.rooms import rooms
from pages.base import Done, once, page, submitted
from pages.orders import order_url
from personnel.jurisdiction import lies_in

SIZE, MONTHS = 50, 13


def home() -> str:
    """The list."""
    return reverse("assessment:records")


def trail(*more: tuple) -> list[tuple]:
    """Assessment / records / …"""
    return [(_("Assessment"), reverse("assessment:index")), (_("Records"), home() if more else None), *more]


def _months() -> list[periods.Period]:
    now = periods.month_at(clock.now())
    return [now, *(now.before(number) for number in range(1, MONTHS))]


@page
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The records of a month, by kind, area and whether they were fulfilled."""
    need_assessor(request)
    assessed = reach.assessed(request)
    form = FilterForm(request.GET, months=_months(), areas=reach.narrower(one.id for one in assessed))
    month = periods.read(form.chosen("period") or _months()[0].text)
    rows = reach.records(request).filter(on__gte=month.first, on__lt=month.end)
    if code := form.chosen("area"):
        rows = rows.filter(lies_in("area__in", [find(code).id]))
    if words := form.chosen("q"):
        rows = rows.filter(Q(key__icontains=words) | Q(note__icontains=words))
    counts = _counts(rows.filter(voided_at=None))
    kind = form.chosen("kind")
    if kind:
        rows = rows.filter(kind=kind)
    if done := form.chosen("done"):
        rows = rows.filter(done=done == "yes")
    sheet = Paginator(rows.order_by("-on", "-pk"), SIZE).get_page(request.GET.get("page"))
    context = {
        "trail": trail(),
        "rooms": rooms(request, "records"),
        "back": reverse("assessment:index"),
        "filter": form,
        "counts": counts,
        "sheet": sheet,
        "rows": [_listed(request, one) for one in sheet],
        "may_enter": not request.user.is_superuser,
        **pages_of(request, sheet),
    }
    return render(request, "assessment/records.html", context)


def _counts(rows: QuerySet) -> list[dict[str, Any]]:
    """Of every kind: how many were due and how many were fulfilled; one statement."""
    found = rows.order_by().values("kind").annotate(due=Count("pk"), done=Count("pk", filter=Q(done=True)))
    by_kind = {one["kind"]: one for one in found}
    return [
        {"label": kind.label, "due": by_kind[kind]["due"], "done": by_kind[kind]["done"]}
        for kind in RecordKind
        if kind in by_kind
    ]


def _listed(request: HttpRequest, row: FactRecord) -> dict[str, Any]:
    place = find_id(row.area_id)
    return {
        "row": row,
        "kind": RecordKind(row.kind).label,
        "grid": place.name if place else "",
        "where": places.where(place) if place else "",
        "mark": _mark(row),
        "url": reverse("assessment:record", args=[row.pk]),
    }


def _mark(row: FactRecord) -> wording.Mark:
    if row.voided_at is not None:
        return wording.Mark(_("Void"), "", "close")
    if row.void_asked_at is not None:
        return wording.Mark(_("To be voided"), "tone-soon", "warn")
    if row.kind == RecordKind.MISSED:
        return wording.Mark(_("Missed"), "tone-late", "warn")
    if not row.done:
        return wording.Mark(_("Not fulfilled"), "tone-late", "warn")
    if row.provisional:
        return wording.Mark(_("Provisional"), "tone-brand", "clock")
    return wording.Mark(_("Fulfilled"), "tone-ok", "check")


@page
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Enter one record by hand."""
    need_assessor(request)
    areas = reach.assessed(request)
    grids = [one for one in places.grids_within([one.id for one in areas], clock.today()) if one.level == Level.GRID]
    initial = {"on": clock.today(), "kind": request.GET.get("kind", "")}
    form = RecordForm(request.POST or None, grids=grids, areas=areas, initial=initial)
    if submitted(request, form):

        def work() -> Done:
            row = commands.note(by=request.user, at=clock.now(), **form.values())
            return Done(f"{home()}?period={row.on:%Y-%m}&kind={row.kind}", _("The record was entered."))

        return once(request, work)
    context = {
        "form": form,
        "back": home(),
        "heading": _("Enter a record"),
        "trail": trail((_("Enter a record"), None)),
    }
    return render(request, "assessment/record.html", context)


@page
@require_http_methods(["GET", "POST"])
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """One record; what came of it can be set right until its month is published."""
    row = reach.find_record(request, pk)
    initial = {
        "done": "yes" if row.done else "no",
        "done_on": row.done_on,
        "level": row.level,
        "officer": row.officer.username if row.officer else "",
        "order": row.order.number if row.order else "",
        "note": row.note,
    }
    form = RecordForm(request.POST or None, initial=initial, row=row)
    if submitted(request, form):

        def work() -> Done:
            commands.correct(row, by=request.user, at=clock.now(), **form.values())
            return Done(f"{home()}?period={row.on:%Y-%m}&kind={row.kind}", _("The record was set right."))

        return once(request, work)
    shown = _listed(request, row)
    seen = row.order_id and reach.sees_order(request, row.order_id)
    context = {
        **shown,
        "form": form,
        "back": home(),
        "heading": f"{shown['kind']} · {row.key}",
        "trail": trail((row.key, None)),
        "order_url": order_url(request, row.order.number) if seen else "",
        "may_correct": not request.user.is_superuser and row.voided_at is None,
        "void": VoidForm(prefix="void"),
        "asked_by_me": row.void_asked_by_id == request.user.pk,
        "history": [_happened(event) for event in history(row)],
    }
    return render(request, "assessment/record.html", context)


def _happened(event: AssessmentEvent) -> dict[str, Any]:
    return {
        "label": AssessmentEvent.Kind(event.kind).label,
        "by": event.actor_name,
        "at": event.at,
        "reason": event.data.get("reason", ""),
    }


@page
@require_POST
def void(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask to void a record entered by mistake, or decide on what somebody else asked for."""
    row = reach.find_record(request, pk)
    back, step = reverse("assessment:record", args=[pk]), request.POST.get("step", "")

    def work() -> Done:
        if step == "ask":
            commands.ask_void(row, by=request.user, at=clock.now(), reason=request.POST.get("void-reason", ""))
            return Done(back, _("A second person looks at it; until then it counts."))
        commands.decide_void(row, by=request.user, at=clock.now(), agree=step == "agree")
        return Done(back, _("The record is void.") if step == "agree" else _("The record stands."))

    return once(request, work)
