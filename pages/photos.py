"""Photos of orders: who sees the order sees its photos, asked on every fetch."""

from http import HTTPStatus
from pathlib import Path

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.urls import path
from django.utils.http import parse_etags
from django.views.decorators.http import require_safe

from core import clock
from pages.base import page
from workorders.commands.attaching import path_of
from workorders.models import Attachment, WorkOrder

app_name = "photos"


@page
@require_safe
def photo(request: HttpRequest, pk: int) -> HttpResponse:
    """The photo as it is kept: re-encoded, without what the camera wrote."""
    return _send(request, pk, thumbnail=False)


@page
@require_safe
def thumbnail(request: HttpRequest, pk: int) -> HttpResponse:
    """The small picture of a photo."""
    return _send(request, pk, thumbnail=True)


def _send(request: HttpRequest, pk: int, *, thumbnail: bool) -> HttpResponse:
    """The file, 404 outside the reader's reach. A browser keeps its copy but asks each time whether it still may."""
    orders = WorkOrder.objects.visible_to(request.user, clock.today())
    key = Attachment.objects.filter(pk=pk, order__in=orders).values_list("key", flat=True).first()
    file = path_of(key, thumbnail=thumbnail) if key else None
    if file is None or not file.is_file():
        raise Http404
    tag = f'"{key}{"-small" if thumbnail else ""}"'
    if tag in parse_etags(request.headers.get("If-None-Match", "")):
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = _file(file)
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    return response


def _file(file: Path) -> FileResponse:
    response = FileResponse(file.open("rb"), content_type="image/jpeg", status=HTTPStatus.OK)
    response["Content-Disposition"] = f'inline; filename="{file.name}"'
    return response


urlpatterns = [
    path("<int:pk>/", photo, name="photo"),
    path("<int:pk>/thumbnail/", thumbnail, name="thumbnail"),
]
