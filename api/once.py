"""One POST, one effect: the answer to an Idempotency-Key is made and kept in the transaction of its effect."""

import hashlib
import re
import uuid
from collections.abc import Callable
from typing import Any

import orjson
from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.response import Response

from api.writing import dumps
from core import idempotency, vault
from core.errors import Invalid
from core.idempotency import Result
from core.transactions import unit_of_work

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def answer(request: Any, handler: Callable[[], Any], *, person: int | None) -> HttpResponse:
    """Run the handler in one unit of work, once per key; scope: person (or public), method and path."""
    key = key_of(request)
    if key is None:
        with unit_of_work():
            return _http(_result(handler()))
    scope = f"{person or 'public'} POST {request.path_info}"
    result, replayed = idempotency.once(key, scope, fingerprint(request), lambda: _result(handler()))
    response = _http(result)
    if replayed:
        response["Idempotent-Replay"] = "true"
    return response


def key_of(request: Any) -> str | None:
    """The key in its one spelling, None without the header. Raises Invalid when it is no UUID."""
    given = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if given is None:
        return None
    if not _UUID.fullmatch(given.strip()):
        raise Invalid("bad_idempotency_key", _("The Idempotency-Key must be a UUID, a new one for each request."))
    return str(uuid.UUID(given.strip()))


def fingerprint(request: Any) -> str:
    """A keyed digest of the parsed body: equal JSON, or equal fields and files, whatever the spelling."""
    data = request.data
    if hasattr(data, "lists"):
        files = request.FILES
        fields = {name: values for name, values in data.lists() if name not in files}
        digests = {name: [_digest(file) for file in files.getlist(name)] for name in files}
        data = {"fields": fields, "files": digests}
    text = orjson.dumps(_canonical(data), option=orjson.OPT_SORT_KEYS).decode()
    return vault.keyed_hash(text)


def _canonical(value: Any) -> Any:
    """Numbers written in one way: 1.0 and 1 are the same number."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, dict):
        return {name: _canonical(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_canonical(one) for one in value]
    return value


def _digest(file: Any) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def _result(response: Any) -> Result:
    if isinstance(response, Response):
        return Result(response.status_code, dumps(response.data))
    return Result(response.status_code, response.content, response["Content-Type"])


def _http(result: Result) -> HttpResponse:
    return HttpResponse(result.body, status=result.status, content_type=result.content_type)
