"""A list on the page as a file: the same filter, the same order, the same reach, sent while it is made.

@exporting.source("board", BOARD.prefix)
def exported(request):
    return exporting.Wanted(orders, ordering=…, name=…)

if exporting.wanted(request):
    return exporting.answer(request, exported(request))
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from core import clock, wording
from core.papers import excel
from core.papers.excel import Head, Sheet
from exchange.exporting import may_ask
from pages import base
from workorders import exports

TYPES = {
    exports.EXCEL: excel.TYPE,
    exports.CSV: "text/csv; charset=utf-8",
}


@dataclass(frozen=True)
class Wanted:
    """What a list holds. orders: filtered, not yet restricted to the reader."""

    orders: QuerySet
    ordering: str
    name: str


@dataclass(frozen=True)
class Source:
    """A room with a list that can be taken along, and what its address asks for."""

    room: str
    prefix: str
    wanted: Callable[[HttpRequest], Wanted]

    def url(self, request: HttpRequest) -> str:
        """The list itself, from the address that asks for it with names."""
        query = request.GET.copy()
        query.pop("room", None)
        return f"{self.prefix}?{query.urlencode()}"


_sources: dict[str, Source] = {}


def source(room: str, prefix: str) -> Callable[[Any], Any]:
    """Register the function that says what a room's list holds; it also refuses those who may not enter."""

    def register(wanted: Callable[[HttpRequest], Wanted]) -> Callable[[HttpRequest], Wanted]:
        _sources[room] = Source(room, prefix, wanted)
        return wanted

    return register


def source_of(request: HttpRequest) -> Source | None:
    """The list a request for names is about."""
    return _sources.get(request.GET.get("room", ""))


def wanted(request: HttpRequest) -> bool:
    """Whether the address asks for a file instead of the page."""
    return request.GET.get("as") in TYPES


def urls(request: HttpRequest, room: str = "") -> dict[str, str]:
    """The addresses of this very list as files; `clear` asks for names, for those who may see them at all."""
    query = request.GET.copy()
    for name in ("after", "before", "as"):
        query.pop(name, None)
    found = {}
    for kind in TYPES:
        query["as"] = kind
        found[kind] = f"{request.path}?{query.urlencode()}"
    if room and may_ask(base.standing(request)):
        query.pop("as", None)
        query["room"] = room
        found["clear"] = f"{reverse('exports:new')}?{query.urlencode()}"
    return found


def answer(request: HttpRequest, asked: Wanted) -> StreamingHttpResponse:
    """The file."""
    kind, now, name = request.GET["as"], clock.now(), asked.name
    by = request.user.name or request.user.username
    made = exports.pieces(kind, asked.orders, base.standing(request), ordering=asked.ordering, name=name, by=by, at=now)
    return _sent(made, kind, name, now)


def table(request: HttpRequest, heads: Sequence[str], rows: Iterable[Sequence[str]], *, name: str) -> Any:
    """A list of texts as a file: what the administrators' pages show, all of it."""
    kind, now = request.GET["as"], clock.now()
    taken = {"list": name, "name": request.user.name or request.user.username, "moment": wording.moment(now)}
    above = (_("%(list)s. Taken out by %(name)s, %(moment)s.") % taken,)
    sheet = Sheet(name, [Head(str(head) or " ", 24) for head in heads], rows, above=above)
    return _sent(excel.stream([sheet]) if kind == exports.EXCEL else excel.csv(sheet), kind, name, now)


def _sent(made: Iterable[bytes], kind: str, name: str, now: dt.datetime) -> StreamingHttpResponse:
    response = StreamingHttpResponse(wording.in_this_language(made), content_type=TYPES[kind])
    response["Content-Disposition"] = content_disposition_header(True, f"{name} {clock.date_of(now)}.{kind}")
    response["Cache-Control"] = "private, no-store"
    return response
