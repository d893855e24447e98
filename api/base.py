"""JSON in and out, and how refusals are answered. Settings name these; the base viewset is in `resource.py`."""

import math
from collections.abc import Mapping
from typing import Any

import orjson
from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from api.problems import NotThere, problem_response
from api.writing import dumps
from core.errors import Invalid

__all__ = (
    "JSONParser",
    "JSONRenderer",
    "answered",
    "body_of",
    "known_fields",
    "or_404",
    "point_of",
    "problem_response",
)


class JSONRenderer(BaseRenderer):
    """Answers are JSON, written by orjson."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: dict | None = None) -> bytes:
        """The bytes of an answer; nothing for nothing."""
        return b"" if data is None else dumps(data)


class JSONParser(BaseParser):
    """Bodies are JSON, read by orjson: half characters, NaN and nests without end are refused here."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: dict | None = None) -> Any:
        """The value; ParseError when it is none."""
        raw = stream.read()
        try:
            return orjson.loads(raw) if raw.strip() else {}
        except orjson.JSONDecodeError as error:
            raise ParseError from error


def answered(value: Any, status: int = 200) -> HttpResponse:
    """An answer of plain values, written at once."""
    return HttpResponse(dumps(value), status=status, content_type="application/json")


def body_of(request: Any) -> Mapping[str, Any]:
    """The fields of a body: a JSON object, or a form (a field given more than once is a list). Raises Invalid."""
    data = request.data
    if hasattr(data, "lists"):
        return {name: values[0] if len(values) == 1 else values for name, values in data.lists()}
    if not isinstance(data, Mapping):
        raise Invalid("not_an_object", _("Send a JSON object with the fields as its members."))
    return data


def known_fields(body: Mapping[str, Any], *names: str) -> None:
    """Refuse members nobody reads: a slip of the pen is not passed over in silence. Raises Invalid."""
    unknown = {name: [_("This field is not known.")] for name in body if name not in names}
    if unknown:
        raise Invalid(errors=unknown)


def point_of(body: Mapping[str, Any], errors: dict[str, list]) -> tuple[float | None, float | None]:
    """`lon` and `lat` of a body, both or neither; what is wrong is added to `errors`."""
    lon, lat = _degrees(body, "lon", 180, errors), _degrees(body, "lat", 90, errors)
    if (lon is None) != (lat is None) and not errors:
        errors["lon" if lon is None else "lat"] = [_("A place has lon and lat.")]
    return lon, lat


def _degrees(body: Mapping[str, Any], name: str, most: int, errors: dict[str, list]) -> float | None:
    value = body.get(name)
    if value in (None, ""):
        return None
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not -most <= number <= most:
        errors[name] = [_("This must be a number of degrees.")]
        return None
    return number


def or_404(found: Any) -> Any:
    """What was found; outside the reader's reach there is nothing."""
    if found is None:
        raise NotThere
    return found
