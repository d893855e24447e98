"""Photos of orders: who sees the order sees its photos, asked on every fetch; some decide what residents see."""

from http import HTTPStatus
from pathlib import Path

from django import forms
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.urls import path
from django.utils.http import parse_etags
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from core import clock
from core.errors import NotPermitted
from pages import base, orders
from pages.base import Done, page, submitted
from workorders import copies, imaging
from workorders.commands import releasing
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


@page
@require_safe
def marked(request: HttpRequest, pk: int) -> HttpResponse:
    """The copy with time, grid and number written into it, to take along."""
    file = copies.marked(_seen(request, pk))
    if file is None:
        raise Http404
    response = _file(file)
    response["Content-Disposition"] = f'attachment; filename="{_seen(request, pk).order.number}-{pk}.jpg"'
    return response


class ReleaseForm(forms.Form):
    """What the resident sees of a photo."""

    shown = forms.ChoiceField(
        label=_lazy("On the resident's page"),
        choices=[
            (Attachment.Shown.LIMITED, _lazy("Small: nobody can be known across a street")),
            (Attachment.Shown.RELEASED, _lazy("Large: I have looked at it, nobody can be known")),
            (Attachment.Shown.WITHHELD, _lazy("Not at all")),
        ],
        widget=forms.RadioSelect,
    )
    cells = forms.TypedMultipleChoiceField(
        label=_lazy("Fields that are made unrecognisable"),
        choices=[(cell, "") for cell in range(copies.RASTER)],
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


@never_cache
@page
@require_http_methods(["GET", "POST"])
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose what residents see of a photo: how large, and which fields nobody should recognise."""
    photo = _seen(request, pk)
    if releasing.releasing_role(photo.order, standing=base.standing(request)) is None:
        words = _("The unit that handles the order and the desks decide what residents see of its photos.")
        raise NotPermitted("releases_not", words)
    back = orders.order_url(request, photo.order.number)
    form = ReleaseForm(request.POST or None, initial={"shown": photo.shown, "cells": photo.masked_cells})
    if submitted(request, form):

        def work() -> Done:
            given = form.cleaned_data
            releasing.release(photo, by=request.user, at=clock.now(), shown=given["shown"], cells=given["cells"])
            return Done(back, _("The resident's page shows the photo so from now on."))

        return base.once(request, work)
    chosen = {int(cell) for cell in form["cells"].value() or () if str(cell).isdigit()}
    rows = [
        [(row * imaging.MASK_COLUMNS + column, row + 1, column + 1) for column in range(imaging.MASK_COLUMNS)]
        for row in range(imaging.MASK_ROWS)
    ]
    context = {
        "form": form,
        "photo": photo,
        "order": photo.order,
        "rows": rows,
        "chosen": chosen,
        "back": back,
        "shell": base.shell(request),
        "trail": [(photo.order.number, back), (_("For the resident"), None)],
    }
    return render(request, "orders/release.html", context)


def _seen(request: HttpRequest, pk: int) -> Attachment:
    """The photo of an order in the reader's reach; 404 otherwise."""
    visible = WorkOrder.objects.visible_to(request.user, clock.today())
    photo = Attachment.objects.select_related("order").filter(pk=pk, order__in=visible).first()
    if photo is None:
        raise Http404
    return photo


def _file(file: Path) -> FileResponse:
    response = FileResponse(file.open("rb"), content_type="image/jpeg", status=HTTPStatus.OK)
    response["Content-Disposition"] = f'inline; filename="{file.name}"'
    return response


urlpatterns = [
    path("<int:pk>/", photo, name="photo"),
    path("<int:pk>/thumbnail/", thumbnail, name="thumbnail"),
    path("<int:pk>/marked/", marked, name="marked"),
    path("<int:pk>/release/", release, name="release"),
]
