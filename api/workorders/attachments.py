"""Photos of an order: added by whoever sees it while it is open, fetched only by those who see it."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import FileResponse, HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser

from api import shapes
from api.base import JSONRenderer, answered, body_of, known_fields, or_404, point_of
from api.filters import MomentField
from api.problems import NotThere
from api.resource import Resource
from api.workorders.body import attachment_body
from api.workorders.orders import address_of
from core import clock
from core.errors import Invalid
from workorders import commands, imaging
from workorders.commands.attaching import path_of
from workorders.models import Attachment, WorkOrder

_COLUMNS = ("id", "kind", "width", "height", "size", "taken_at", "lon", "lat", "uploaded_at", "by_id")


class JPEG(JSONRenderer):
    """Lets a caller ask for image/jpeg; a refusal is still a problem document."""

    media_type = "image/jpeg"
    format = "jpeg"


class Attachments(Resource):
    """The photos of one order."""

    queryset = Attachment.objects.none()
    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="attachments_create",
        request={"multipart/form-data": shapes.NewAttachment},
        responses={201: shapes.Attachment},
        tags=["workorders"],
    )
    def create(self, request: Any, number: str) -> HttpResponse:
        """Add a photo: JPEG, PNG, WebP or HEIC, at most 8 MB. It is written anew, without what the camera noted."""
        order = or_404(self._orders().filter(number=number).order_by().first())
        given = self._given(request)
        photo = imaging.read_photo(given.pop("file"))
        kept = commands.attach(order, by=request.user, at=self.at, photo=photo, **given)
        paper = {**{name: getattr(kept, name) for name in _COLUMNS}, "by_name": request.user.name}
        return answered(attachment_body(paper, address_of(order.number)), status=201)

    @extend_schema(
        operation_id="attachments_retrieve", responses={(200, "image/jpeg"): OpenApiTypes.BINARY}, tags=["workorders"]
    )
    def fetch(self, request: Any, number: str, id: int) -> FileResponse:
        """The photo."""
        return self._file(number, id, thumbnail=False)

    @extend_schema(
        operation_id="attachments_thumbnail", responses={(200, "image/jpeg"): OpenApiTypes.BINARY}, tags=["workorders"]
    )
    def thumbnail(self, request: Any, number: str, id: int) -> FileResponse:
        """The photo, small."""
        return self._file(number, id, thumbnail=True)

    def _orders(self) -> Any:
        return WorkOrder.objects.visible_to(self.request.user, on=clock.date_of(self.at))

    def _file(self, number: str, pk: int, *, thumbnail: bool) -> FileResponse:
        orders = self._orders().filter(number=number)
        key = Attachment.objects.filter(pk=pk, order__in=orders).values_list("key", flat=True).first()
        path = path_of(or_404(key), thumbnail=thumbnail)
        if not path.is_file():
            raise NotThere
        response = FileResponse(open(path, "rb"), content_type="image/jpeg")
        # The pixels behind a number never change; whoever loses the reach loses the copy within ten minutes.
        response["Cache-Control"] = "private, max-age=600"
        return response

    def _given(self, request: Any) -> dict[str, Any]:
        """The fields beside the photo, read. Raises Invalid naming every one at fault."""
        body = body_of(request)
        known_fields(body, "file", "kind", "taken_at", "lon", "lat")
        errors: dict[str, list] = {}
        file = request.FILES.get("file")
        if file is None:
            errors["file"] = [_("Send the photo as the field “file”.")]
        kind = body.get("kind") or Attachment.Kind.OTHER
        if kind not in Attachment.Kind.values:
            names = {"value": str(kind)[:40], "choices": ", ".join(Attachment.Kind.values)}
            errors["kind"] = [_("“%(value)s” is not one of: %(choices)s.") % names]
        taken_at = self._taken_at(body.get("taken_at"), errors)
        lon, lat = point_of(body, errors)
        if errors:
            raise Invalid(errors=errors)
        return {"file": file, "kind": kind, "taken_at": taken_at, "lon": lon, "lat": lat}

    def _taken_at(self, value: Any, errors: dict) -> datetime | None:
        try:
            moment = MomentField(required=False).clean(value if isinstance(value, str) else None)
        except forms.ValidationError as error:
            errors["taken_at"] = error.messages
            return None
        if moment is not None and moment > self.at:
            errors["taken_at"] = [_("This moment lies in the future.")]
        return moment


class Photos(Attachments):
    """The files of photos, in a format of their own."""

    renderer_classes = (JPEG, JSONRenderer)
