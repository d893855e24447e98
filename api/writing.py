"""Values to JSON: the one writer behind every answer."""

from typing import Any

import orjson
from django.utils.functional import Promise


def dumps(value: Any) -> bytes:
    """JSON; moments carry an offset, decimals are written as text."""
    return orjson.dumps(value, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, Promise):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in an answer")
