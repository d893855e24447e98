"""What people draw, paste or upload, read as outlines in stored coordinates."""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from core.errors import Invalid

MOST_BYTES = 2_000_000


def read(text: str, file: UploadedFile | None, field: str) -> tuple[Any, str]:
    """The JSON of a file, else of the text, and the field it came from. Raises ValidationError."""
    if file:
        field = "file"
        if file.size > MOST_BYTES:
            raise forms.ValidationError({"file": _("The file is larger than 2 MB.")})
        try:
            text = file.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise forms.ValidationError({"file": _("The file is not text.")}) from None
    try:
        return json.loads(text), field
    except (ValueError, RecursionError):
        raise forms.ValidationError({field: _("This is not GeoJSON. Draw the outline or choose a file.")}) from None


def refused(field: str, refusal: Invalid) -> forms.ValidationError:
    """What the domain says of a geometry, at the field it came from."""
    return forms.ValidationError({field: [one for many in refusal.errors.values() for one in many]})


def features(raw: Any) -> list[tuple[Any, Mapping[str, Any]]]:
    """(geometry, properties) of everything in a collection, a feature or a bare geometry."""
    if not isinstance(raw, Mapping):
        return []
    if raw.get("type") == "FeatureCollection":
        return [one for inner in raw.get("features") or () for one in features(inner)]
    if raw.get("type") == "GeometryCollection":
        return [one for inner in raw.get("geometries") or () for one in features(inner)]
    if raw.get("type") == "Feature":
        given = raw.get("properties")
        return [(raw.get("geometry"), given if isinstance(given, Mapping) else {})]
    return [(raw, {})]
