"""Lists of what happened, newest first, a page at a time: `?before=` names the last id of the page before."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest


@dataclass(frozen=True)
class Page:
    """The rows of a page and the addresses around it, empty where there is no such page."""

    rows: list[Any]
    next: str
    previous: str


def before_of(request: HttpRequest) -> int | None:
    """The id the address names; None on the first page, and for anything that is no id."""
    given = request.GET.get("before", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None


def newest(request: HttpRequest, found: QuerySet, *, size: int) -> Page:
    """A page of rows in the order of their ids; `previous` leads to the first one."""
    before = before_of(request)
    found = found.order_by("-pk")
    rows = list((found if before is None else found.filter(pk__lt=before))[: size + 1])
    more = f"?before={rows[size - 1].pk}" if len(rows) > size else ""
    return Page(rows[:size], more, request.path if before is not None else "")
