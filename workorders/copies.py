"""Copies of photos: with a watermark for the file, reduced and masked for residents. The stored photo stays as it is.

A copy is made when it is first asked for and kept beside the photo. What it shows is part of its name, so a copy made
before a field was masked is never sent afterwards.
"""

import hashlib
from pathlib import Path

from django.utils.translation import gettext as _

from core import clock
from grids.directory import directory
from workorders import imaging
from workorders.commands.attaching import keep_file, path_of
from workorders.models import Attachment

# At this size nobody is known across a street and no number plate is read; large ones were looked at by somebody.
LIMITED_SIDE, RELEASED_SIDE, SMALL_SIDE = 480, 1280, 240
RASTER = imaging.MASK_COLUMNS * imaging.MASK_ROWS


def for_resident(photo: Attachment, *, small: bool = False) -> Path | None:
    """The copy for the page behind a resident's link; None when it is withheld or its file is gone.

    A resident's own photo is as large as a released one: who holds the link has sent it. Masks hold for it, too.
    """
    if photo.shown == Attachment.Shown.WITHHELD:
        return None
    large = photo.by_id is None or photo.shown == Attachment.Shown.RELEASED
    side = SMALL_SIDE if small else RELEASED_SIDE if large else LIMITED_SIDE
    cells = sorted(set(photo.masked_cells))
    return _copy(photo, f"resident-{side}-{_digest(cells)}", side=side, cells=cells)


def marked(photo: Attachment) -> Path | None:
    """The copy with time, grid and number written into it; for papers and for whoever takes a photo out of here."""
    lines = watermark(photo)
    return _copy(photo, f"marked-{_digest(lines)}", lines=lines)


def watermark(photo: Attachment) -> list[str]:
    """The lines of the watermark: when, where, which order."""
    at = clock.local(photo.taken_at or photo.uploaded_at)
    when = f"{at:%Y-%m-%d %H:%M}" if photo.taken_at else _("received %(moment)s") % {"moment": f"{at:%Y-%m-%d %H:%M}"}
    grid = directory().by_id[photo.order.area_id]
    above = directory().by_id.get(grid.parent_id)
    return [when, f"{above.name if above else ''} {grid.name}".strip(), photo.order.number]


def _digest(parts: list) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def _copy(photo: Attachment, name: str, **order) -> Path | None:
    path, original = path_of(photo.key, copy=name), path_of(photo.key)
    if not path.is_file():
        if not original.is_file():
            return None
        keep_file(path, imaging.copy_of(original.read_bytes(), **order))
    return path
