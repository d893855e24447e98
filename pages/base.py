"""What every page shares: refusals translated once, forms that have one effect, and what the shells show of the reader.

@page
def close(request, number):
    order = ...
    form = CloseForm(request.POST or None)
    if submitted(request, form):
        return once(request, lambda: Done(to=..., text=...command(order, by=request.user, at=clock.now(), ...)))
    return render(request, "inbox/close.html", {"form": form})
"""

import functools
import hashlib
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from core import clock, idempotency
from core.errors import DomainError, Invalid, NotAllowedNow
from core.transactions import unit_of_work
from grids.directory import find_id
from pages import sending
from personnel import roles
from personnel.jurisdiction import Standing, standing_of, units_directory

FORM_KEY = "form_key"
MODE_COOKIE = "gridgov_letters"
LARGE = "large"
YEAR = 365 * 24 * 3600


# --- refusals --------------------------------------------------------------------------------------------------------


def page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate every view: a DomainError becomes the same page once more, with the refusal and the values kept.

    1. The view raised: `request.problem` holds the refusal, its transaction is gone.
    2. The view runs again; `submitted` now says no, puts the refusal on the form's fields, and the view shows its page.
    3. It raises again (a view without a page of its own): a page that says why and leads back; for HTMX a strip.
    The answer carries the status of the refusal. What the phone's outbox sends is answered in JSON, see `sending`.
    """

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.problem = None
        if sending.by_script(request):
            return _for_script(request, functools.partial(view, request, *args, **kwargs))
        try:
            response = view(request, *args, **kwargs)
        except DomainError as problem:
            request.problem = problem
            try:
                response = view(request, *args, **kwargs)
            except DomainError as again:
                return refused(request, again)
        if request.problem is not None and response.status_code == HTTPStatus.OK:
            response.status_code = request.problem.status
        return response

    return guarded


def _for_script(request: HttpRequest, view: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer for the outbox; what was answered under the same key before is answered again, whatever is now."""
    try:
        sending.admit(request)
        return answered_before(request) or view()
    except (DomainError, Http404) as problem:
        # A twin may have been answered while this one was looked at: then that is the answer.
        refusal = problem if isinstance(problem, DomainError) else sending.NotThere()
        return answered_before(request) or sending.refused(refusal)


def refused(request: HttpRequest, problem: DomainError) -> HttpResponse:
    """A refusal without a form to show it on: a strip in the page for HTMX, else a page with the way back."""
    context = {"problem": problem}
    if not request.htmx:
        return render(request, "errors/refused.html", {**context, "back": back_of(request)}, status=problem.status)
    response = render(request, "_problem.html", context, status=problem.status)
    response["HX-Retarget"] = "[data-strips]"
    response["HX-Reswap"] = "innerHTML show:top"
    return response


def submitted(request: HttpRequest, form: BaseForm) -> bool:
    """Whether the form came, is valid and was not refused yet.

    What was refused goes to the form and the fields it names. The template shows it with `{% error_summary form %}`;
    the strip at the top of the page then stays silent.
    """
    if request.method != "POST":
        return False
    if request.problem is None and form.is_valid():
        return True
    form.is_valid()
    if sending.by_script(request):
        raise Invalid(errors={name: [str(one) for one in found] for name, found in form.errors.items()})
    request.problem = request.problem or Invalid()
    request.problem_form = form
    for name, found in (request.problem.errors or {}).items():
        form.add_error(name if name in form.fields else None, found)
    return False


# --- one form, one effect --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Done:
    """What a form led to: the address to go on to, the sentence that says what happened, and facts for scripts."""

    to: str
    text: str = ""
    facts: dict = field(default_factory=dict)


def done(request: HttpRequest, to: str, text: str = "", facts: dict | None = None) -> HttpResponse:
    """Say what happened and go on, in the way the request can follow."""
    cache.delete(own_figures(request.user))
    if sending.by_script(request):
        return JsonResponse({"to": str(to), "text": str(text), **(facts or {})})
    if request.htmx and facts and "stays" in facts:  # the page goes on by itself: it hears what happened
        response = HttpResponse(status=HTTPStatus.NO_CONTENT)
        response["HX-Trigger"] = json.dumps({facts["stays"]: {"text": str(text), "to": str(to), **facts}})
        return response
    if text:
        messages.success(request, text)
    if not request.htmx:
        return HttpResponseRedirect(to)
    response = HttpResponse(status=HTTPStatus.NO_CONTENT)
    response["HX-Redirect"] = to
    return response


def once(request: HttpRequest, work: Callable[[], Done]) -> HttpResponse:
    """Do `work` in one transaction, once per form key: a form sent twice goes on to where the first one led.

    The form holds `{% form_key %}`. A form without the key (a script, an old page) is simply carried out.
    """
    key = _posted_key(request)
    if key is None:
        with unit_of_work():
            result = work()
        return done(request, result.to, result.text, result.facts)

    def kept() -> idempotency.Result:
        result = work()
        said = {"to": str(result.to), "text": str(result.text), "facts": result.facts}
        return idempotency.Result(HTTPStatus.OK, json.dumps(said).encode())

    try:
        answer, _replayed = idempotency.once(key, _scope(request), _fingerprint(request), kept)
    except NotAllowedNow as problem:
        if problem.code != "idempotency_conflict":
            raise
        raise _other_words() from problem
    return done(request, **json.loads(answer.body))


def _scope(request: HttpRequest) -> str:
    return f"{request.user.pk or 'public'} {request.method} {request.path_info}"


def _other_words() -> NotAllowedNow:
    return NotAllowedNow(
        "idempotency_conflict",
        _("This form was already sent, with other words. Look whether it arrived before you send it again."),
    )


def answered_before(request: HttpRequest) -> HttpResponse | None:
    """The answer of an earlier sending, given before the view looks at what the world is like by now."""
    key = _posted_key(request)
    earlier = idempotency.answered(key, _scope(request), _fingerprint(request)) if key else None
    return done(request, **json.loads(earlier.body)) if earlier else None


def key_of(request: HttpRequest) -> str:
    """The key for the form that is about to be shown: the one it came with while it is corrected, else a new one."""
    problem = getattr(request, "problem", None)
    if problem is not None and problem.code != "idempotency_conflict":
        return _posted_key(request) or str(uuid.uuid4())
    return str(uuid.uuid4())


def _posted_key(request: HttpRequest) -> str | None:
    if sending.by_script(request):
        return sending.key(request)
    try:
        return str(uuid.UUID(request.POST.get(FORM_KEY, "")))
    except ValueError:
        return None


def _fingerprint(request: HttpRequest) -> str:
    """A digest of what was entered, files included, without the marks of the form itself."""
    digest = hashlib.sha256()
    for name in sorted(set(request.POST) - {FORM_KEY, "csrfmiddlewaretoken"}):
        digest.update(json.dumps([name, request.POST.getlist(name)]).encode())
    for name in sorted(request.FILES):
        for file in request.FILES.getlist(name):
            content = hashlib.sha256()
            for chunk in file.chunks():
                content.update(chunk)
            file.seek(0)
            digest.update(f"{name} {content.hexdigest()}".encode())
    return digest.hexdigest()


# --- the reader ------------------------------------------------------------------------------------------------------


def standing(request: HttpRequest) -> Standing:
    """What the reader holds today; remembered on the person, so asking again costs nothing."""
    return standing_of(request.user, clock.today())


@dataclass(frozen=True)
class HeldPost:
    """A post as the page head names it."""

    role: str
    place: str
    home: str


def posts(request: HttpRequest) -> list[HeldPost]:
    """The reader's posts of today in words, each with the page it opens."""
    if not request.user.is_authenticated:
        return []
    held = []
    for post in standing(request).posts:
        place = find_id(post.area_id) if post.area_id else units_directory().by_id.get(post.unit_id)
        role = roles.Role(post.role)
        held.append(HeldPost(role=role.label, place=place.name if place else "", home=roles.SEATS[role].home))
    return held


def home(request: HttpRequest) -> str:
    """Where the reader starts from; the account page when that address is not there (yet) or not theirs."""
    address = roles.home_of(standing(request).roles, is_superuser=request.user.is_superuser)
    if address.startswith("/admin/") and not request.user.is_staff:
        return "/me/"
    return address if exists(address) else "/me/"


def shell(request: HttpRequest) -> str:
    """The template a page for everybody extends: the phone's for people whose work is in the field, else the desk's."""
    if not request.user.is_authenticated:
        return "base_public.html"
    return "base_phone.html" if home(request) == "/m/" else "base_desk.html"


def exists(path: str) -> bool:
    """Whether an address is routed at all; menus show no entry that leads nowhere."""
    return _routed(path, settings.ROOT_URLCONF)


@functools.lru_cache(maxsize=256)
def _routed(path: str, urlconf: str) -> bool:
    try:
        resolve(path, urlconf)
    except Resolver404:
        return False
    return True


def back_of(request: HttpRequest) -> str:
    """The page the reader came from, when it is one of ours; else the start page."""
    came_from = request.headers.get("Referer", "")
    safe = url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure())
    return came_from if safe else "/"


def next_of(request: HttpRequest, default: str = "/") -> str:
    """The `next` address of a form or link, when it is one of ours."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    return target if url_has_allowed_host_and_scheme(target, None) else default


def is_large(request: HttpRequest) -> bool:
    """Whether this browser chose large letters."""
    return request.COOKIES.get(MODE_COOKIE) == LARGE


def remember(response: HttpResponse, name: str, value: str) -> None:
    """Keep a choice in this browser for a year."""
    response.set_cookie(name, value, max_age=YEAR, secure=settings.HTTPS, httponly=True, samesite="Lax")


# --- figures in menus ------------------------------------------------------------------------------------------------

_counters: dict[str, Callable[[Any], int]] = {}


def counted(name: str) -> Callable:
    """Register a figure the shells show: `@counted("unread")` on a function of the user gives the bell's."""

    def register(counter: Callable[[Any], int]) -> Callable[[Any], int]:
        _counters[name] = counter
        return counter

    return register


def count(name: str, request: HttpRequest) -> int:
    """A registered figure for the reader, asked for once per request; 0 for strangers and for figures nobody gives."""
    if name not in _counters or not request.user.is_authenticated:
        return 0
    found = request.__dict__.setdefault("_counts", {})
    if name not in found:
        found[name] = _counters[name](request.user)
    return found[name]


def say_count(name: str, request: HttpRequest, figure: int) -> None:
    """A page that knows a registered figure already tells the menus."""
    request.__dict__.setdefault("_counts", {})[name] = figure


def own_figures(user: Any) -> str:
    """Where figures of one person may be kept for some seconds; `done` forgets them."""
    return f"own-figures:{user.pk}"
