"""The door's side of looking at pages as another person: whose pages a request gets, and all that is refused meanwhile.

1. The session says who is looked at and until when; the right to look is judged anew at every request.
2. `request.user` becomes that person, `request.viewing` tells who looks. The API never changes hands: tokens do not
   know of sessions, and through the session it answers the administrator himself, to reading requests only.
3. Refused: every method but GET and HEAD, reveals, files to take away, the pages of an account, the data tables,
   streams, what a phone keeps for later. Whatever a page would still write is refused by the database: the request
   runs in a read-only transaction.
4. It ends by the button, by logging out, after half an hour, or with the right; each end is written down.
"""

import datetime as dt
from dataclasses import dataclass
from http import HTTPStatus

from django.conf import settings
from django.contrib import messages
from django.db import InternalError, connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from core import clock
from core.errors import NotPermitted
from gridgov import failures
from personnel import viewing
from personnel.models import User

KEY = "viewing"
HEADER = "X-Gridgov-Viewing"
# What is open while looking, though it changes something: the ends of it.
LEAVE, LOGOUT = "/people/leave/", "/logout/"
CLOSED = ("/admin/", "/me/", "/desk/live/", "/m/outbox/", "/people/")
READ_ONLY = "25006"


@dataclass(frozen=True)
class Viewing:
    """Somebody looks at somebody's pages."""

    by: User
    person: User
    until: dt.datetime


class ViewAs:
    """Shows an administrator the pages of the person he looks at. Stands behind the log-in wall."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """Let pass, change hands, or refuse."""
        request.viewing = None
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or KEY not in request.session:
            return self.get_response(request)
        if not request.user.is_authenticated:
            del request.session[KEY]
            return self.get_response(request)
        if request.path_info.startswith(("/api/", "/open311/")):
            return self._api(request)
        if request.path_info in (LEAVE, LOGOUT) and request.method == "POST":
            _end(request, "left")
            return self.get_response(request)
        held, how = _held(request)
        if how:
            _end(request, how)
            return _over(request, how)
        request.viewing, request.user = held, held.person
        if words := _refusal(request):
            return _refused(request, words)
        response = self._read_only(request)
        response[HEADER] = "1"
        return response

    def process_exception(self, request, exception):
        """A page that would have written something: said below, outside the broken transaction."""
        cause = getattr(exception, "__cause__", None)
        if request.viewing and isinstance(exception, InternalError) and getattr(cause, "pgcode", "") == READ_ONLY:
            request.would_write = True
            return HttpResponse(status=HTTPStatus.FORBIDDEN)
        return None

    def _read_only(self, request: HttpRequest) -> HttpResponse:
        request.would_write = False
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION READ ONLY")
            response = self.get_response(request)
            # Nothing was written, so nothing is lost; and a statement that was refused has broken it anyhow.
            transaction.set_rollback(True)
        if request.would_write:
            return _refused(request, _("This page would write something down. While you look, nothing is changed."))
        if response.get("Content-Disposition", "").startswith("attachment"):
            response.close()
            return _refused(request, _("Files are not handed out while you look at pages as another person."))
        return response

    def _api(self, request: HttpRequest) -> HttpResponse:
        # Only the scheme the API knows: with any other header it would go on to the session.
        by_token = request.headers.get("Authorization", "").partition(" ")[0].lower() == "token"
        if request.method in {"GET", "HEAD"} or by_token:
            return self.get_response(request)
        return failures.problem(request, HTTPStatus.FORBIDDEN, code="viewing", detail=_nothing_changes())


def _held(request: HttpRequest) -> tuple[Viewing | None, str]:
    """Who is looked at; or why it has ended: "expired", "lapsed"."""
    kept, now = request.session[KEY], clock.now()
    until = dt.datetime.fromisoformat(kept["until"])
    if until <= now:
        return None, "expired"
    person = User.objects.filter(pk=kept["person"]).first()
    if person is None or viewing.refusal(request.user, person, clock.date_of(now)):
        return None, "lapsed"
    return Viewing(request.user, person, until), ""


def _end(request: HttpRequest, how: str) -> None:
    person = User.objects.filter(pk=request.session.pop(KEY)["person"]).first()
    if person is not None:
        viewing.end(person, by=request.user, how=how, at=clock.now())


def _over(request: HttpRequest, how: str) -> HttpResponse:
    """What the first request after the end gets: never what it asked for, it was asked in another person's name."""
    words = {
        "expired": _("Half an hour is over: you see your own pages again."),
        "lapsed": _("You may not look at this person's pages any more: you see your own pages again."),
    }[how]
    if request.method in {"GET", "HEAD"} and not request.htmx and request.accepts("text/html"):
        messages.info(request, words)
        return HttpResponseRedirect("/people/")
    return _refused(request, words)


def _refusal(request: HttpRequest) -> str:
    path = request.path_info
    if request.method not in {"GET", "HEAD"}:
        return _nothing_changes()
    if path.endswith("/reveal/"):
        return _("Names and telephone numbers are not revealed while you look at pages as another person.")
    if path.startswith(CLOSED):
        return _("This page is closed while you look at pages as another person.")
    return ""


def _nothing_changes() -> str:
    return _("You look at pages as another person: nothing is changed. Leave first, then act in your own name.")


def _refused(request: HttpRequest, words: str) -> HttpResponse:
    """A refusal as the page, the strip or the JSON the request can show."""
    problem = NotPermitted("viewing", words)
    if not request.accepts("text/html"):
        response = failures.problem(request, HTTPStatus.FORBIDDEN, code=problem.code, detail=words)
    elif request.htmx:
        response = render(request, "_problem.html", {"problem": problem}, status=problem.status)
        response["HX-Retarget"] = "[data-strips]"
        response["HX-Reswap"] = "innerHTML show:top"
    else:
        response = render(request, "errors/refused.html", {"problem": problem, "back": "/"}, status=problem.status)
    response[HEADER] = "1"
    return response
