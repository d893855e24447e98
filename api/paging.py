"""Lists by cursor: `{results, next, previous}` and, with `?count=1`, the exact number within the reader's reach.

A cursor holds the sort values of the row the page starts behind. A deep page costs what the first one costs, and a row
that arrives meanwhile neither repeats nor hides another one.
"""

import base64
import binascii
import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.pagination import BasePagination

from api.base import answered
from core.errors import Invalid

PAGE_SIZE, LARGEST_PAGE = 50, 200
_YES = frozenset(("1", "true", "yes"))


@dataclass(frozen=True)
class Cursor:
    """Where a page starts: behind the row with these sort values (None: at the beginning), read this way round."""

    after: tuple | None = None
    backwards: bool = False

    def pack(self) -> str:
        """As it stands in the address."""
        text = orjson.dumps(["b" if self.backwards else "f", *self.after])
        return base64.urlsafe_b64encode(text).decode().rstrip("=")


def flag(request: Any, name: str) -> bool:
    """Whether a yes-or-no parameter says yes."""
    return request.query_params.get(name, "").lower() in _YES


def size_of(request: Any) -> int:
    """`page_size`. Raises Invalid outside 1–200."""
    given = request.query_params.get("page_size")
    if given in (None, ""):
        return PAGE_SIZE
    size = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
    if not 1 <= size <= LARGEST_PAGE:
        words = _("A page holds 1 to %(most)d rows.") % {"most": LARGEST_PAGE}
        raise Invalid("bad_page_size", words, errors={"page_size": [words]})
    return size


def cursor_of(request: Any, *kinds: type) -> Cursor:
    """`cursor`, with values of these kinds; each may be missing. Raises Invalid for one that is not of this list."""
    given = request.query_params.get("cursor")
    if not given:
        return Cursor()
    try:
        way, *values = orjson.loads(base64.urlsafe_b64decode(given + "=" * (-len(given) % 4)))
        if way not in ("f", "b") or len(values) != len(kinds):
            raise ValueError
        return Cursor(tuple(_value(value, kind) for value, kind in zip(values, kinds, strict=True)), way == "b")
    except (ValueError, TypeError, binascii.Error) as error:
        words = _("This cursor does not belong to this list. Start from the first page.")
        raise Invalid("bad_cursor", words, errors={"cursor": [words]}) from error


def _value(value: Any, kind: type) -> Any:
    if value is None:
        return None
    if kind is dt.datetime:
        moment = dt.datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError
        return moment
    if type(value) is not kind or (kind is int and abs(value) >= 2**63) or (kind is str and "\x00" in value):
        raise ValueError
    return value


def page(
    request: Any,
    results: list,
    *,
    cursor: Cursor,
    has_more: bool,
    first: tuple | None,
    last: tuple | None,
    count: int | None = None,
) -> HttpResponse:
    """The answer of a list. first, last: sort values of the outer rows; has_more: on the far side of the reading."""
    following = last is not None and (has_more or cursor.backwards)
    preceding = first is not None and cursor.after is not None and (has_more or not cursor.backwards)
    body = {
        "results": results,
        "next": _address(request, Cursor(last)) if following else None,
        "previous": _address(request, Cursor(first, backwards=True)) if preceding else None,
    }
    if count is not None:
        body["count"] = count
    return answered(body)


def _address(request: Any, cursor: Cursor) -> str:
    query = request.query_params.copy()
    query["cursor"] = cursor.pack()
    return f"{request.build_absolute_uri(request.path)}?{query.urlencode()}"


def listed(request: Any, rows: QuerySet, *, by: str, kind: type, show: Callable[[Sequence], list]) -> HttpResponse:
    """A page of a queryset sorted by one unique column; `by` with a minus for descending.

    show: makes the answers of a page of rows, all at once, so that it needs no statement per row.
    """
    size, cursor = size_of(request), cursor_of(request, kind)
    column, descending = by.lstrip("-"), by.startswith("-") != cursor.backwards
    found = rows.order_by(f"-{column}" if descending else column)
    if cursor.after is not None:
        found = found.filter(Q(**{f"{column}__{'lt' if descending else 'gt'}": cursor.after[0]}))
    fetched = list(found[: size + 1])
    kept = fetched[:size][::-1] if cursor.backwards else fetched[:size]
    ends = [(getattr(row, column) if not isinstance(row, dict) else row[column],) for row in (kept[:1] + kept[-1:])]
    return page(
        request,
        show(kept),
        cursor=cursor,
        has_more=len(fetched) > size,
        first=ends[0] if ends else None,
        last=ends[-1] if ends else None,
        count=rows.order_by().count() if flag(request, "count") else None,
    )


def listed_from_memory(request: Any, rows: Sequence, *, by: Callable[[Any], str], show: Callable[[Sequence], list]):
    """A page of rows this process holds, sorted by a unique text."""
    size, cursor = size_of(request), cursor_of(request, str)
    rows = sorted(rows, key=by, reverse=cursor.backwards)
    start = cursor.after[0] if cursor.after is not None else None
    behind = [row for row in rows if start is None or (by(row) < start if cursor.backwards else by(row) > start)]
    kept = behind[:size][::-1] if cursor.backwards else behind[:size]
    return page(
        request,
        show(kept),
        cursor=cursor,
        has_more=len(behind) > size,
        first=(by(kept[0]),) if kept else None,
        last=(by(kept[-1]),) if kept else None,
        count=len(rows) if flag(request, "count") else None,
    )


class Pages(BasePagination):
    """What the schema says of every list; the paging itself is done by the functions above."""

    def get_paginated_response_schema(self, schema: dict) -> dict:
        """The shape of a page."""
        link = {"type": "string", "format": "uri", "nullable": True}
        properties = {"results": schema, "next": link, "previous": link}
        count = {"type": "integer", "description": "With ?count=1: how many rows there are within your reach."}
        return {"type": "object", "required": list(properties), "properties": {**properties, "count": count}}

    def get_schema_operation_parameters(self, view: Any) -> list[dict]:
        """The parameters of a page."""
        whole = {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": PAGE_SIZE}
        return [
            _parameter("cursor", {"type": "string"}, "From the `next` or `previous` address of a page."),
            _parameter("page_size", whole, "Rows per page."),
            _parameter("count", {"type": "integer", "enum": [1]}, "1 adds the exact number of rows."),
        ]


def _parameter(name: str, schema: dict, words: str) -> dict:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": words}
