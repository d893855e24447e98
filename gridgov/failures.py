"""The answers when nothing could be answered: no template, no session, no database is needed to give them."""

import json
import sys
from http import HTTPStatus

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.html import escape
from django.utils.translation import get_language
from django.utils.translation import gettext as _

RETRY_SECONDS = 5


def _wants_json(request: HttpRequest) -> bool:
    return request.path_info.startswith(("/api/", "/open311/")) or not request.accepts("text/html")


def problem(request: HttpRequest, status: HTTPStatus, *, code: str, detail: str = "") -> HttpResponse:
    """`application/problem+json`, as every error of the API."""
    body = {
        "type": "about:blank",
        "title": status.phrase,
        "status": int(status),
        "detail": detail or status.description,
        "code": code,
    }
    return HttpResponse(json.dumps(body, ensure_ascii=False), status=status, content_type="application/problem+json")


def _page(status: HTTPStatus, heading: str, advice: str) -> HttpResponse:
    body = (
        f'<!doctype html><html lang="{get_language() or "zh-hans"}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(heading)}</title></head>'
        f"<body><main><h1>{escape(heading)}</h1><p>{escape(advice)}</p></main></body></html>"
    )
    return HttpResponse(body, status=status)


def unavailable(request: HttpRequest) -> HttpResponse:
    """503: the database is away or too busy. Nothing was stored; the same request may be sent again."""
    advice = _("The service is not available right now. Nothing was lost; please try again in a few seconds.")
    if _wants_json(request):
        response = problem(request, HTTPStatus.SERVICE_UNAVAILABLE, code="unavailable", detail=advice)
    else:
        response = _page(HTTPStatus.SERVICE_UNAVAILABLE, _("Not available right now"), advice)
    response["Retry-After"] = str(RETRY_SECONDS)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 where the reason is the database; Django calls this inside its except block."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return unavailable(request)
    advice = _("Something went wrong on our side. It has been written down; please try again later.")
    if _wants_json(request):
        return problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, code="internal_error", detail=advice)
    return _page(HTTPStatus.INTERNAL_SERVER_ERROR, _("Something went wrong"), advice)
