"""A list on the page as a file: the same filter, the same order, the same reach, sent while it is made.

if exporting.wanted(request):
    return exporting.answer(request, orders, ordering=…, name=str(view.label))
"""

from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.http import content_disposition_header

from core import clock
from core.wording import in_this_language
from pages import base
from workorders import exports

TYPES = {
    exports.EXCEL: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    exports.CSV: "text/csv; charset=utf-8",
}


def wanted(request: HttpRequest) -> bool:
    """Whether the address asks for a file instead of the page."""
    return request.GET.get("as") in TYPES


def urls(request: HttpRequest) -> dict[str, str]:
    """The addresses of this very list as files."""
    query = request.GET.copy()
    for name in ("after", "before", "as"):
        query.pop(name, None)
    found = {}
    for kind in TYPES:
        query["as"] = kind
        found[kind] = f"{request.path}?{query.urlencode()}"
    return found


def answer(request: HttpRequest, orders: QuerySet, *, ordering: str, name: str) -> StreamingHttpResponse:
    """The file. orders: filtered, not yet restricted to the reader."""
    kind, now = request.GET["as"], clock.now()
    by = request.user.name or request.user.username
    made = exports.pieces(kind, orders, base.standing(request), ordering=ordering, name=name, by=by, at=now)
    response = StreamingHttpResponse(in_this_language(made), content_type=TYPES[kind])
    response["Content-Disposition"] = content_disposition_header(True, f"{name} {clock.date_of(now)}.{kind}")
    response["Cache-Control"] = "private, no-store"
    return response
