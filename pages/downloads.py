"""Stored files on their way to whoever may see them: always a download, never kept by a proxy."""

from typing import Any

from django.http import FileResponse, Http404, HttpResponse


def send(field: Any, *, name: str, kind: str = "application/octet-stream") -> HttpResponse:
    """The file of a model's field under the name people know it by; 404 where there is none or it is gone."""
    try:
        content = field.open("rb")
    except (FileNotFoundError, ValueError) as error:  # the second: the field is empty
        raise Http404 from error
    answer = FileResponse(content, as_attachment=True, filename=name, content_type=kind)
    answer["Cache-Control"] = "private, no-store"
    return answer
