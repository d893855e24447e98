"""Evidence on its way out: always a download, never kept by a proxy."""

from typing import Any

from django.http import FileResponse

from api.base import JSONRenderer
from api.problems import NotThere
from assessment import evidence


class Bytes(JSONRenderer):
    """Lets a caller ask for a file; a refusal is still a problem document."""

    media_type = "application/octet-stream"
    format = "bin"


def sent(field: Any) -> FileResponse:
    """The file of a model's field; 404 where there is none."""
    if not field:
        raise NotThere
    try:
        content = field.open("rb")
    except FileNotFoundError as error:
        raise NotThere from error
    answer = FileResponse(
        content, as_attachment=True, filename=evidence.name_of(field), content_type="application/octet-stream"
    )
    answer["Cache-Control"] = "private, no-store"
    return answer
