"""The menus of the two shells: which entries a person's posts open."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from exchange.models import APPROVERS
from pages import base
from personnel.roles import CENTRE_ROLES, FIELD_ROLES, Role

EVERYBODY = frozenset(Role)
_LEADERS = frozenset({Role.INSPECTOR, Role.MANAGER, Role.INSTRUCTOR, Role.CHIEF, Role.DUTY_LEADER, Role.UNIT_HEAD})
_PRINTERS = frozenset({Role.CHIEF, Role.CLERK, Role.INSTRUCTOR, Role.MANAGER, Role.DUTY_LEADER, Role.ADMIN})
_ADMINISTRATORS = frozenset({Role.ADMIN})
_LOG_READERS = frozenset({Role.AUDITOR, Role.SECURITY_ADMIN})
# Who may ask for lists with names, and who decides on them.
_TAKERS = frozenset({Role.ACCEPTOR, Role.DISPATCHER, Role.REVIEWER, Role.HANDLER, Role.UNIT_HEAD, *APPROVERS})
_HANDLERS = frozenset({Role.HANDLER, Role.UNIT_HEAD, Role.CLERK})


@dataclass(frozen=True)
class Entry:
    """One line of a menu. `whole`: current on that very address only. `counter`: a figure of pages.base."""

    label: Any
    url: str
    icon: str
    roles: frozenset = EVERYBODY
    counter: str = ""
    whole: bool = False
    large: bool = False
    needs_staff: bool = False
    current: str = ""
    count: int = 0


@dataclass(frozen=True)
class Section:
    """Entries under one heading."""

    label: Any
    entries: tuple[Entry, ...]


DESK = (
    Section(
        _("Work orders"),
        (
            Entry(_("Today"), "/m/", "today", FIELD_ROLES, whole=True),
            Entry(_("Report"), "/m/report/", "report", FIELD_ROLES),
            Entry(_("Queue"), "/desk/", "desk", CENTRE_ROLES, counter="desk"),
            Entry(_("To handle"), "/inbox/", "inbox", _HANDLERS, counter="inbox"),
            Entry(_("Supervision"), "/board/", "board", _LEADERS, counter="board"),
        ),
    ),
    Section(
        _("Overview"),
        (
            Entry(_("One map"), "/map/", "map"),
            Entry(_("Assessment"), "/assessment/", "score"),
            Entry(_("Signs"), "/signs/", "qr", _PRINTERS),
        ),
    ),
    Section(
        _("Administration"),
        (
            Entry(_("Areas"), "/areas/", "grid", _ADMINISTRATORS),
            Entry(_("Units"), "/units/", "people", _ADMINISTRATORS),
            Entry(_("People"), "/people/", "me", _ADMINISTRATORS),
            Entry(_("Routing table"), "/routing/", "dispatch", _ADMINISTRATORS),
            Entry(_("Categories"), "/taxonomy/", "menu", _ADMINISTRATORS),
            Entry(_("Working calendar"), "/calendar/", "clock", _ADMINISTRATORS),
            Entry(_("Standard texts"), "/texts/", "edit", _ADMINISTRATORS),
            Entry(_("Imports"), "/imports/", "upload", _ADMINISTRATORS),
            Entry(_("Who looked at whose pages"), "/people/log/", "eye", _LOG_READERS),
            Entry(_("Data tables"), "/admin/", "admin", needs_staff=True),
        ),
    ),
    Section(
        _("Mine"),
        (
            Entry(_("Notices"), "/notices/", "bell", counter="unread"),
            Entry(_("Exports"), "/exports/", "download", _TAKERS),
            Entry(_("My account"), "/me/", "me"),
        ),
    ),
)

PHONE = (
    Entry(_("Today"), "/m/", "today", whole=True),
    Entry(_("Report"), "/m/report/", "report", large=True),
    Entry(_("My orders"), "/m/orders/", "orders", counter="mine"),
    Entry(_("Me"), "/me/", "me"),
)


def desk(request: HttpRequest) -> list[Section]:
    """The sections of the left menu for this reader, empty ones left out."""
    sections = (replace(section, entries=tuple(_open(section.entries, request))) for section in DESK)
    return [section for section in sections if section.entries]


def phone(request: HttpRequest) -> list[Entry]:
    """The tabs of the phone's bottom bar."""
    return list(_open(PHONE, request))


def _open(entries: tuple[Entry, ...], request: HttpRequest) -> Iterator[Entry]:
    """The entries this reader may open, each marked with where the reader is and its figure."""
    user = request.user
    if not user.is_authenticated:
        return
    held = base.standing(request).roles
    for entry in entries:
        if not base.exists(entry.url) or (entry.needs_staff and not user.is_staff):
            continue
        if user.is_superuser or entry.roles is EVERYBODY or not entry.roles.isdisjoint(held):
            yield replace(entry, current=_current(entry, request.path), count=base.count(entry.counter, request))


def _current(entry: Entry, path: str) -> str:
    if path == entry.url:
        return "page"
    return "true" if path.startswith(entry.url) and not entry.whole else ""
