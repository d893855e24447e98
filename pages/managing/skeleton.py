"""What the administrators' pages share: who may enter, a list with its filter, a form with its effect shown first."""

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from core import clock
from core.errors import NotPermitted
from grids.directory import Place
from pages import base, exporting
from pages.base import Done, once, submitted
from personnel.administration import administered, administers_all
from personnel.jurisdiction import lies_in
from personnel.roles import Role

SIZE, FILE_SIZE = 50, 500
CONFIRMED = "confirmed"


@dataclass(frozen=True)
class Mark:
    """A state as a word, a tone and a shape."""

    word: str
    tone: str = ""
    icon: str = "dot"


@dataclass(frozen=True)
class Cell:
    """One cell of a list: its text, perhaps a link, a second line, marks."""

    text: Any = ""
    url: str = ""
    soft: str = ""
    marks: tuple[Mark, ...] = ()
    css: str = ""


@dataclass(frozen=True)
class Action:
    """A way on from a page."""

    label: str
    url: str
    icon: str = ""
    primary: bool = False
    danger: bool = False


@dataclass(frozen=True)
class Callout:
    """A sentence that stands out. kind: info, warn, danger, ok."""

    text: str
    kind: str = "info"
    heading: str = ""


@dataclass
class Listing:
    """A list as the page shows it; `rows` may be a queryset, `show` makes the cells of one row.

    prepare: looks up for a whole page what `show` needs of each row.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Any] | QuerySet
    show: Callable[[Any], Sequence[Cell]]
    lead: str = ""
    actions: Sequence[Action] = ()
    callouts: Sequence[Callout] = ()
    prepare: Callable[[list], None] | None = None
    filter: Form | None = None
    tabs: Sequence[dict] = ()
    empty: str = ""
    advice: str = ""
    trail: Sequence[tuple] = ()
    more: dict = field(default_factory=dict)


# -- who may enter ----------------------------------------------------------------------------------------------------


def tops(request: HttpRequest, *also: Role) -> list[Place]:
    """The topmost areas the reader administers. Raises NotPermitted for everybody else; `also` lets other posts in."""
    held = base.standing(request)
    if not held.is_superuser and not held.roles & {Role.ADMIN, *also}:
        raise NotPermitted(
            "not_your_room", _("This page is for other posts than yours. Your own work starts from your start page.")
        )
    return administered(request.user, clock.today())


def over_all(request: HttpRequest) -> bool:
    """Whether the reader may change what holds for every area."""
    return administers_all(request.user, clock.today())


def inside(request: HttpRequest, path: str) -> Q:
    """The condition that the area at `path` (ending in "__in") lies in what the reader administers."""
    return lies_in(path, [place.id for place in administered(request.user, clock.today())])


def within(places: Iterable[Place], place: Place | None) -> bool:
    """Whether a place lies in or below one of these."""
    return place is not None and not {one.id for one in places}.isdisjoint(place.path)


def found(row: Any) -> Any:
    """The row, else 404."""
    if row is None:
        raise Http404
    return row


# -- lists ------------------------------------------------------------------------------------------------------------


def show_list(request: HttpRequest, one: Listing) -> HttpResponse:
    """A page of a list, fifty rows at a time; all of it as a file."""
    if exporting.wanted(request):
        return exporting.table(request, one.columns, _texts(one), name=str(one.title))
    sheet = Paginator(one.rows, SIZE).get_page(request.GET.get("page"))
    shown = list(sheet.object_list)
    if one.prepare:
        one.prepare(shown)

    def address(number: int) -> str:
        query = request.GET.copy()
        query["page"] = str(number)
        return f"{request.path}?{query.urlencode()}"

    context = {
        "frame": base.shell(request),
        "trail": [*one.trail, (one.title, None)],
        "list": one,
        "files": exporting.urls(request),
        "rows": [list(zip(one.columns, one.show(row), strict=True)) for row in shown],
        "sheet": sheet,
        "previous": address(sheet.previous_page_number()) if sheet.has_previous() else "",
        "next": address(sheet.next_page_number()) if sheet.has_next() else "",
        **one.more,
    }
    return render(request, one.more.get("template", "managing/list.html"), context)


def _texts(one: Listing) -> Iterator[list[str]]:
    """Every row of a list as texts, looked up some hundreds at a time."""
    for part in Paginator(one.rows, FILE_SIZE):
        rows = list(part.object_list)
        if one.prepare:
            one.prepare(rows)
        for row in rows:
            yield [_said(cell) for cell in one.show(row)]


def _said(cell: Cell) -> str:
    return " · ".join(str(words) for words in (cell.text, cell.soft, *(mark.word for mark in cell.marks)) if words)


def span(starts: dt.date, ends: dt.date | None, today: dt.date) -> Mark | None:
    """Whether something that holds from–to is still to come or over; nothing when it holds today."""
    if starts > today:
        return Mark(_("to come"), "tone-brand", "clock")
    if ends is not None and ends <= today:
        return Mark(_("ended"), "tone-paused", "history")
    return None


# -- forms ------------------------------------------------------------------------------------------------------------


@dataclass
class Entry:
    """A form on a page of its own. work: does it and says what happened. effect: shown first, saved when seen."""

    title: str
    form: Form
    work: Callable[[dict], Done]
    back: str
    submit: str = ""
    trail: Sequence[tuple] = ()
    callouts: Sequence[Callout] = ()
    facts: Sequence[tuple[str, Any]] = ()
    effect: Callable[[dict], Sequence[Callout]] | None = None
    danger: bool = False
    history: Sequence[Any] = ()
    readonly: bool = False


def show_form(request: HttpRequest, one: Entry) -> HttpResponse:
    """The form; what was entered is carried out once, with an effect to see only after it was seen as it is now."""
    seen: Sequence[Callout] = ()
    mark = ""
    if one.readonly and request.method == "POST":
        raise NotPermitted()
    if submitted(request, one.form):
        mark = _entered(request)
        if one.effect is None or request.POST.get(CONFIRMED) == mark:
            return once(request, lambda: one.work(one.form.cleaned_data))
        seen = one.effect(one.form.cleaned_data)
    for field_of_form in one.form.fields.values() if one.readonly else ():
        field_of_form.disabled = True
    context = {
        "frame": base.shell(request),
        "trail": [*one.trail, (one.title, None)],
        "entry": one,
        "form": one.form,
        "seen": seen,
        "mark": mark if seen else "",
        "submit": (one.submit or _("Save")) if seen or one.effect is None else _("Show the effect"),
    }
    return render(request, "managing/form.html", context)


def _entered(request: HttpRequest) -> str:
    """A mark of what was entered: another value asks for another look at the effect."""
    left_out = {CONFIRMED, base.FORM_KEY, "csrfmiddlewaretoken"}
    values = {name: request.POST.getlist(name) for name in sorted(request.POST) if name not in left_out}
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()[:16]
