"""The periodic sheets 日清、周会、月调度、季分析、年总结 on the board: web, Word and PDF from one description."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from core import clock
from grids.directory import Place, directory
from pages import base, lists, orders, papers
from pages.base import page
from pages.orders import BOARD
from personnel.jurisdiction import Standing, units_directory
from workorders.figures import Period, Scope, periods
from workorders.figures.reach import admits, scopes_of
from workorders.papers import periodic

PREFIX = f"{BOARD.prefix}reports/"


class WhichForm(forms.Form):
    """Which sheet, for which area, about which day's period."""

    kind = forms.ChoiceField(choices=[], initial=periods.MONTH)
    on = forms.DateField(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    area = forms.ChoiceField(required=False)

    def __init__(self, data, *, standing: Standing):
        super().__init__(data, auto_id="sheet_%s")
        self.fields["kind"].choices = list(periodic.TITLES.items())
        self.fields["area"].choices = [("", _("All I am responsible for")), *lists.areas_of(standing)]
        for name, label in (("kind", _("Sheet")), ("on", _("A day of the period")), ("area", _("Area"))):
            self.fields[name].label = label


@page
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Which sheets there are: those of the running periods and of the ones before, and a form for any other."""
    orders.enter(request, BOARD)
    standing = base.standing(request)
    form = WhichForm(request.GET or None, standing=standing)
    if form.is_bound and form.is_valid():
        period = periods.of(form.cleaned_data["kind"], form.cleaned_data["on"])
        place = directory().by_code.get(form.cleaned_data["area"])
        return base.done(request, _url(period, place))
    today = clock.today()
    rows = [
        (periodic.TITLES[kind], [(_words(one), _url(one, None)) for one in _recent(kind, today)])
        for kind in periods.KINDS
    ]
    if not form.is_bound:
        form.fields["on"].initial = today
    context = {"room": BOARD, "rows": rows, "form": form, "trail": [(BOARD.label, BOARD.prefix), (_("Sheets"), None)]}
    return render(request, "board/reports.html", context)


@page
@require_GET
def sheet(request: HttpRequest, period: str) -> HttpResponse:
    """One sheet."""
    orders.enter(request, BOARD)
    standing = base.standing(request)
    try:
        days = periods.read(period)
    except ValueError as error:
        raise Http404 from error
    scope = _scope(request, standing)
    place = directory().by_id[scope.area_id]
    issuer = units_directory().by_id[scope.unit_id].name if scope.unit_id else place.name
    paper = periodic.sheet(scope, days, issuer=issuer, at=clock.now())
    asked = place if request.GET.get("area") else None
    context = {
        "room": BOARD,
        "before_url": _url(days.before(), asked),
        "after_url": _url(days.after(), asked) if days.until <= clock.today() else "",
        "title": periodic.title(days),
        "words": _words(days),
        "trail": [(BOARD.label, BOARD.prefix), (_("Sheets"), PREFIX), (periodic.title(days), None)],
    }
    return papers.answer(request, paper, template="board/sheet.html", context=context, name=paper.title + days.code)


def _scope(request: HttpRequest, standing: Standing) -> Scope:
    """The area asked for, else the reader's own; 404 outside the reach."""
    own = scopes_of(standing)
    if not own:
        raise Http404
    place = directory().by_code.get(request.GET.get("area", ""))
    if place is None:
        if request.GET.get("area"):
            raise Http404
        return own[0]
    for scope in (Scope(place.id), *(Scope(place.id, unit_id=pk) for pk in sorted(standing.unit_ids))):
        if admits(standing, scope):
            return scope
    raise Http404


def _recent(kind: str, today) -> list[Period]:
    now = periods.of(kind, today)
    return [now, now.before(), now.before().before()]


def _words(period: Period) -> str:
    return periodic.period_words(period)


def _url(period: Period, place: Place | None) -> str:
    return f"{PREFIX}{period.code}/{f'?area={place.code}' if place else ''}"
