"""Forms that the phone's outbox sends by script: the same view and the same command, answered in JSON.

The script says whose item it sends (`Gridgov-Person`), under which key (`Idempotency-Key`), when it was made and sent
by the phone's own clock (`Gridgov-Made`, `Gridgov-Sent`), and for a step on an order which version of the order was
looked at (`If-Match`). `pages.base.page` hands such a request to `admit` first; what the view refuses becomes a problem
document, `Done` becomes `{to, text, …facts}`.
"""

import datetime as dt
import uuid
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from core.errors import DomainError, Invalid, NotAllowedNow, NotPermitted, TooLarge
from workorders.models import WorkOrder

# How long an item may have waited on a phone for its own time to be believed.
BELIEVED = dt.timedelta(days=60)
# Below this an item counts as sent when it was made.
AT_ONCE = dt.timedelta(minutes=2)
# What others may do to an order without making a step thought out before it a different one.
HARMLESS = frozenset("comment attached released urge rated remarked overdue carded followed".split())


class Incomplete(DomainError):
    """The network broke off: half a text would pass for a whole one."""

    status = HTTPStatus.REQUEST_TIMEOUT
    default_code = "incomplete"
    default_message = _lazy("The network broke off while this was on its way. It is sent again by itself.")


class NotThere(DomainError):
    """There is no such thing, or it lies outside the reader's reach."""

    status = HTTPStatus.NOT_FOUND
    default_code = "not_found"
    default_message = _lazy("There is nothing here, or it lies outside your reach.")


def by_script(request: HttpRequest) -> bool:
    """Whether the outbox sends this; a browser's own form cannot carry such a header."""
    return request.method in {"POST", "PUT"} and "Gridgov-Person" in request.headers


def admit(request: HttpRequest) -> None:
    """Let in what is whole and belongs to who is logged in. Raises NotPermitted, Incomplete, TooLarge, Invalid."""
    if request.headers["Gridgov-Person"].strip() != str(request.user.pk):
        raise NotPermitted(
            "other_person", _("This was saved by another account. Log in with that account, and it is sent by itself.")
        )
    try:
        arrived = len(request.body)
    except RequestDataTooBig as problem:
        raise TooLarge from problem
    if arrived < int(request.META.get("CONTENT_LENGTH") or 0):
        raise Incomplete
    if key(request) is None:
        raise Invalid("bad_idempotency_key", _("The Idempotency-Key must be a UUID, a new one for each request."))


def key(request: HttpRequest) -> str | None:
    """The item's own UUID; None when there is none or it is spoilt."""
    try:
        return str(uuid.UUID(request.headers.get("Idempotency-Key", "")))
    except ValueError:
        return None


def refused(problem: DomainError) -> HttpResponse:
    """A refusal as the outbox reads it: code, sentence, and the fields at fault."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "code": problem.code,
        "detail": str(problem),
    }
    if problem.errors:
        body["errors"] = {name: [str(one) for one in found] for name, found in problem.errors.items()}
    response = JsonResponse(body, status=problem.status, content_type="application/problem+json")
    if problem.status == HTTPStatus.TOO_MANY_REQUESTS:
        response["Retry-After"] = str(problem.data.get("retry_after", 5))
    return response


# --- times -----------------------------------------------------------------------------------------------------------


def when_made(request: HttpRequest, at: dt.datetime) -> dt.datetime | None:
    """When an item was made, by our clock; None when it was sent at once or the phone says nothing credible.

    Only the distance between two readings of the phone's clock is used, so that a clock that is wrong does no harm.
    """
    made = moment(request, request.headers.get("Gridgov-Made", ""), at)
    return made if made is not None and at - made >= AT_ONCE else None


def moment(request: HttpRequest, said: str, at: dt.datetime) -> dt.datetime | None:
    """A moment the phone noted in milliseconds, by our clock; None when it is not credible."""
    try:
        age = dt.timedelta(milliseconds=int(request.headers.get("Gridgov-Sent", "")) - int(said))
    except (ValueError, OverflowError):
        return None
    return at - max(age, dt.timedelta(0)) if -dt.timedelta(minutes=5) <= age <= BELIEVED else None


# --- steps thought out before something changed ----------------------------------------------------------------------


def refuse_stale(request: HttpRequest, order: WorkOrder) -> None:
    """Refuse a step that was decided on before somebody else moved the order. The order's row is locked.

    Raises NotAllowedNow `order_changed`. One's own steps and what changes nothing for anybody do not count.
    """
    said = request.headers.get("If-Match", request.POST.get("version", "")).strip('" ')
    if not said.isdecimal() or int(said) >= order.version:
        return
    since = order.events.filter(sequence__gt=int(said)).exclude(kind__in=HARMLESS).exclude(actor_id=request.user.pk)
    if since.exists():
        raise NotAllowedNow(
            "order_changed", _("The order was moved on after you looked at it. See what changed, then decide.")
        )
