"""Refusals as `application/problem+json` (RFC 9457), translated once for the whole door."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.response import Response

from api.writing import dumps
from core.errors import DomainError, Invalid, NotPermitted, TooLarge, TooMany

CONTENT_TYPE = "application/problem+json"


class NoIdentity(DomainError):
    """Nobody is logged in, or not with what was shown."""

    status = 401
    default_code = "not_authenticated"
    default_message = gettext_lazy("Log in first: send the token you got from auth/token/.")


class NotThere(DomainError):
    """There is no such thing, or it lies outside the reader's reach: one answer for both."""

    status = 404
    default_code = "not_found"
    default_message = gettext_lazy("There is nothing here, or it lies outside your reach.")


class WrongMethod(DomainError):
    """The address knows other methods."""

    status = 405
    default_code = "method_not_allowed"
    default_message = gettext_lazy("This address does not take this method.")


class NotAcceptable(DomainError):
    """The caller wants another format than we speak."""

    status = 406
    default_code = "not_acceptable"
    default_message = gettext_lazy("Answers are JSON: send Accept: application/json.")


class WrongKind(DomainError):
    """The body is of a kind this address does not read."""

    status = 415
    default_code = "unsupported_media_type"
    default_message = gettext_lazy("This address does not read bodies of this kind. Look at the documentation.")


def problem_response(exception: Exception, context: dict) -> Response | None:
    """The answer for a refusal; None leaves a failure of ours (500, 503) to the middleware and Django."""
    problem = as_problem(exception)
    if problem is None:
        return None
    response = Response(body_of(problem), status=problem.status, content_type=CONTENT_TYPE)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = "Token"
    if problem.status == HTTPStatus.TOO_MANY_REQUESTS:
        response["Retry-After"] = str(problem.data.get("retry_after", 1))
    return response


def as_problem(exception: Exception) -> DomainError | None:
    """Any refusal as one of the domain; None for what is not a refusal."""
    if isinstance(exception, DomainError):
        return exception
    if isinstance(exception, Http404 | exceptions.NotFound):
        return NotThere()
    if isinstance(exception, exceptions.APIException):
        return _of_framework(exception)
    if isinstance(exception, PermissionDenied):
        return NotPermitted()
    if isinstance(exception, RequestDataTooBig):
        return TooLarge()
    if isinstance(exception, SuspiciousOperation | MultiPartParserError):
        return _malformed()
    return None


def _malformed() -> Invalid:
    return Invalid("malformed", _("The body cannot be read. Send it as the documentation describes."))


def _of_framework(exception: exceptions.APIException) -> DomainError | None:
    if isinstance(exception, exceptions.ParseError):
        return _malformed()
    if isinstance(exception, exceptions.NotAuthenticated):
        return NoIdentity()
    if isinstance(exception, exceptions.AuthenticationFailed):
        return NoIdentity("bad_token", str(exception.detail))
    if isinstance(exception, exceptions.PermissionDenied):
        return NotPermitted()
    if isinstance(exception, exceptions.MethodNotAllowed):
        return WrongMethod()
    if isinstance(exception, exceptions.NotAcceptable):
        return NotAcceptable()
    if isinstance(exception, exceptions.UnsupportedMediaType):
        return WrongKind()
    if isinstance(exception, exceptions.Throttled):
        return TooMany(retry_after=int(exception.wait or 1))
    if isinstance(exception, exceptions.ValidationError):
        fields = exception.detail if isinstance(exception.detail, dict) else {}
        return Invalid(errors={name: [str(one) for one in found] for name, found in fields.items()})
    return None


def body_of(problem: DomainError) -> dict[str, Any]:
    """The members of the problem document; `errors` by field and `data` only where there are any."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": str(problem),
        "code": problem.code,
    }
    if problem.errors:
        body["errors"] = {field: [str(message) for message in found] for field, found in problem.errors.items()}
    if problem.data:
        body["data"] = problem.data
    return body


def plain_response(request: HttpRequest, problem: DomainError) -> HttpResponse:
    """The same answer outside of the framework's views."""
    return HttpResponse(dumps(body_of(problem)), status=problem.status, content_type=CONTENT_TYPE)


def unknown_address(request: HttpRequest, **_path: str) -> HttpResponse:
    """404 for every address below /api/ that is none of ours."""
    words = None if request.path_info.endswith("/") else _("There is nothing here. All addresses end with a slash.")
    return plain_response(request, NotThere("no_such_address", words))
