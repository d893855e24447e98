"""Photos: read safely, stored under a random name, then written down."""

import os
import secrets
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from core import clock
from core.errors import NotAllowedNow, NotPermitted
from core.transactions import command
from personnel.jurisdiction import standing_of
from workorders.commands.escalating import reached_the_spot
from workorders.imaging import Photo
from workorders.ledger import locked, record
from workorders.models import Attachment, WorkOrder
from workorders.timekeeping import Timekeeper
from workorders.vocabulary import Status

LATE_PHOTOS = timedelta(days=1)
# A phone without network keeps photos longer than orders stay open.
PROMISED_PHOTOS = timedelta(days=60)


@command
def attach(
    order: WorkOrder,
    *,
    by,
    at: datetime,
    photo: Photo,
    kind: str,
    taken_at: datetime | None = None,
    lon: float | None = None,
    lat: float | None = None,
    promised: bool = False,
) -> Attachment:
    """Keep a photo with an order. What the phone says of time and place comes before what the file says.

    photo: what `imaging.read_photo` made of the sent bytes; the files are on disk before the row exists.
    promised: taken with the report or the step by whoever made it, but held up by the network.
    Whoever sees an open order may add to it. Raises NotPermitted (administrators), NotAllowedNow (a final order).
    """
    order = locked(order)
    if by is not None:
        _check_open(order, by=by, at=at, promised=promised)
    key = secrets.token_hex(16)
    _store(key, photo)
    attachment = Attachment.objects.create(
        order=order,
        kind=kind,
        key=key,
        sha256=photo.sha256,
        perceptual_hash=photo.phash,
        width=photo.width,
        height=photo.height,
        size=len(photo.jpeg),
        taken_at=taken_at or photo.taken_at,
        lon=lon if lon is not None else photo.lon,
        lat=lat if lat is not None else photo.lat,
        by=by,
        uploaded_at=at,
    )
    clocks = Timekeeper(order, at)
    role = "reporter"
    if by is not None:
        standing = standing_of(by, on=clock.date_of(at))
        role = sorted(standing.roles)[0] if standing.roles else "reporter"
        handles = order.officer_id == by.pk or (order.lead_id and standing.in_unit(order.lead_id))
        if handles and order.status == Status.HANDLING:
            reached_the_spot(clocks, order, unit_ids={order.lead_id}, restored=kind == Attachment.Kind.AFTER)
    record(
        order,
        "attached",
        by=by,
        at=at,
        role=role,
        before=order.status,
        clocks=clocks,
        data={"attachment": attachment.pk, "photo": kind},
    )
    return attachment


def _check_open(order: WorkOrder, *, by, at: datetime, promised: bool):
    if by.is_superuser:
        raise NotPermitted("superuser_acts_not", _("System administrators see orders but take no part in them."))
    # The system may close what an officer settled on the spot before his photos have come through a weak network.
    settled = order.self_handled and order.officer_id == by.pk and at < order.reported_at + LATE_PHOTOS
    own = promised and by.pk in (order.reporter_id, order.officer_id) and at < order.reported_at + PROMISED_PHOTOS
    if not (order.is_open or settled or own):
        raise NotAllowedNow("order_is_final", _("This order is closed: photos can no longer be added to it."))


def path_of(key: str, *, thumbnail: bool = False, copy: str = "") -> Path:
    """Where a photo's file lies, or one of its copies."""
    ending = f".{copy}" if copy else ".thumb" if thumbnail else ""
    return Path(settings.MEDIA_ROOT) / "photos" / key[:2] / f"{key}{ending}.jpg"


def _store(key: str, photo: Photo):
    for path, data in ((path_of(key), photo.jpeg), (path_of(key, thumbnail=True), photo.thumbnail)):
        keep_file(path, data)


def keep_file(path: Path, data: bytes):
    """Write a photo's file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    with open(part, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)
