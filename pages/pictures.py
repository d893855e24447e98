"""Photos that travel with a report: read while the form is checked, stored with the order in the same transaction."""

import datetime as dt

from django.forms import ValidationError
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from pages.fields import PhotosField
from workorders import commands, imaging
from workorders.models import WorkOrder


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


def attach(order: WorkOrder, photos: list[imaging.Photo], *, by, at: dt.datetime, kind: str) -> None:
    """Keep the photos of a form with their order."""
    for photo in photos:
        commands.attach(order, by=by, at=at, photo=photo, kind=kind)
