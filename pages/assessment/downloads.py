"""Stored evidence on its way to whoever may see it: always a download, never kept by a proxy."""

from typing import Any

from django.http import FileResponse, Http404, HttpResponse

from assessment import evidence


def send(field: Any) -> HttpResponse:
    """The file of a model's field; 404 where it is gone."""
    try:
        content = field.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    answer = FileResponse(
        content, as_attachment=True, filename=evidence.name_of(field), content_type="application/octet-stream"
    )
    answer["Cache-Control"] = "private, no-store"
    return answer
