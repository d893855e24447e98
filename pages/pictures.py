"""Photos that travel with a report: read while the form is checked, stored with the order in the same transaction."""

import datetime as dt

from django.forms import Form, ValidationError
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from pages.fields import PhotosField
from workorders import commands, imaging
from workorders.models import WorkOrder

# A form is filled in within a day; clocks of phones run a little ahead.
BELIEVED, SKEW = dt.timedelta(days=1), dt.timedelta(minutes=5)


class ReadPhotosField(PhotosField):
    """Photos, judged by content before anything is stored; a bad one is said beside the field.

    Browsers never keep chosen files when a page comes back, so templates ask for them again (`lost_photos`).
    """

    default_error_messages = {"empty": _("The file is empty. Take the photo again and send it once more.")}

    def clean(self, data, initial=None) -> list[imaging.Photo]:
        """What `imaging.read_photo` made of each file; each file is opened once per request."""
        return [_read(file) for file in super().clean(data, initial)]


def _read(file) -> imaging.Photo:
    if getattr(file, "photo", None) is None:
        file.seek(0)
        try:
            file.photo = imaging.read_photo(file)
        except DomainError as problem:
            raise ValidationError(problem.message, code=problem.code) from problem
    return file.photo


def attach(order: WorkOrder, form: Form, name: str, *, by, at: dt.datetime, kind: str) -> None:
    """Keep the photos of a valid form's field with their order."""
    photos = form.cleaned_data.get(name) or []
    for photo, taken in zip(photos, _moments(form, name, len(photos), at), strict=True):
        commands.attach(order, by=by, at=at, photo=photo, kind=kind, taken_at=taken)


def _moments(form: Form, name: str, count: int, at: dt.datetime) -> list[dt.datetime | None]:
    """When the camera took each photo, as pictures.js says; it makes photos smaller, which drops what the file said."""
    said = form.data.getlist(f"{name}_taken") if hasattr(form.data, "getlist") else []
    if len(said) != count:
        return [None] * count
    return [_moment(one, at) for one in said]


def _moment(said: str, at: dt.datetime) -> dt.datetime | None:
    try:
        moment = parse_datetime(said)
    except ValueError:
        return None
    believed = moment is not None and moment.tzinfo is not None and at - BELIEVED <= moment <= at + SKEW
    return min(moment, at) if believed else None
