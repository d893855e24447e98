"""What a person says about an import: here is a file, write it, undo it. The worker does the rest (`working`).

Files are personal data: only their owner and the administrators of the area reach them, and after 30 days they go.
"""

import datetime as dt
from pathlib import PurePath
from typing import Any

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _

from core import clock, outbox
from core.errors import Invalid, NotAllowedNow, NotPermitted
from core.sheets import MOST_BYTES, Outcome
from core.transactions import command
from exchange.kinds import BY_NAME
from exchange.models import Import
from exchange.vocabulary import ImportState, Mode
from grids.directory import Place
from personnel.administration import Kind, administered, administers, record
from personnel.jurisdiction import standing_of

TOPIC = "exchange.import"
UNDO_WITHIN = dt.timedelta(hours=24)
ENDINGS = (".xlsx", ".csv")
S = ImportState


def areas_for(user: Any, on: dt.date) -> list[Place | None]:
    """Inside which areas a person may import; None is everywhere, for superusers. Empty: not at all."""
    return [None] if standing_of(user, on).is_superuser else list(administered(user, on))


@command
def upload(kind: str, *, by: Any, at: dt.datetime, name: str, content: bytes, area: Place | None) -> Import:
    """Keep a file and have it looked at; nothing is written before somebody says so. Raises Invalid, NotPermitted."""
    if area not in areas_for(by, clock.date_of(at)):
        raise NotPermitted("not_administrator", _("Only the administrator of this area may bring data into it."))
    if kind not in BY_NAME:
        raise Invalid(errors={"kind": [_("There is no such kind of file.")]})
    if PurePath(name).suffix.lower() not in ENDINGS:
        raise Invalid(errors={"file": [_("Choose an .xlsx or .csv file.")]})
    if len(content) > MOST_BYTES:
        raise Invalid(errors={"file": [_("The file is larger than 10 MB. Divide it.")]})
    if not content:
        raise Invalid(errors={"file": [_("The file is empty.")]})
    made = Import(kind=kind, by=by, area_id=area.id if area else None, name=PurePath(name).name[-200:])
    made.made_at = made.seen_at = at
    made.file.save(name, ContentFile(content), save=False)
    made.save()
    outbox.add(TOPIC, pk=made.pk)
    return made


@command
def confirm(found: Import, *, by: Any, at: dt.datetime, mode: str) -> Import:
    """Write the rows: all of them or nothing, or the valid ones. Raises Invalid, NotPermitted, NotAllowedNow."""
    found = _own(found, by=by, at=at)
    if mode not in Mode.values:
        raise Invalid(errors={"mode": [_("Choose which rows shall be written.")]})
    if found.state != S.JUDGED:
        raise NotAllowedNow("not_judged", _("This file is not waiting for a decision any more."))
    if mode == Mode.ALL and found.refused:
        raise NotAllowedNow("has_refused", _("Some rows are refused. Correct the file, or import the valid rows only."))
    if not found.new and not found.changed:
        raise NotAllowedNow("nothing_to_do", _("There is nothing to write: every row is there already or refused."))
    found.state, found.mode, found.confirmed_at, found.seen_at, found.attempts = S.RUNNING, mode, at, at, 0
    found.save(update_fields=["state", "mode", "confirmed_at", "seen_at", "attempts"])
    data = {"kind": found.kind, "file": found.name, "mode": mode, "new": found.new, "changed": found.changed}
    record(f"import:{found.pk}", Kind.ADDED, by=by, at=at, area_id=found.area_id, data=data)
    outbox.add(TOPIC, pk=found.pk)
    return found


@command
def discard(found: Import, *, by: Any, at: dt.datetime) -> Import:
    """Leave a file that was only looked at. Raises NotPermitted, NotAllowedNow."""
    found = _own(found, by=by, at=at)
    if found.state != S.JUDGED:
        raise NotAllowedNow("not_judged", _("This file is not waiting for a decision any more."))
    found.state = S.DISCARDED
    found.save(update_fields=["state"])
    return found


@command
def undo(found: Import, *, by: Any, at: dt.datetime) -> Import:
    """Have everything an import wrote taken back, within a day. Raises NotPermitted, NotAllowedNow."""
    found = _own(found, by=by, at=at)
    if found.state != S.DONE:
        raise NotAllowedNow("not_done", _("Only an import that was written can be undone."))
    if not may_undo(found, at):
        raise NotAllowedNow("too_late", _("An import can be undone within 24 hours. Correct it with another file."))
    found.state, found.undone_by, found.seen_at, found.attempts = S.UNDOING, by, at, 0
    found.reason, found.in_the_way = "", []
    found.save(update_fields=["state", "undone_by", "seen_at", "attempts", "reason", "in_the_way"])
    outbox.add(TOPIC, pk=found.pk)
    return found


def may_undo(found: Import, at: dt.datetime) -> bool:
    """Whether it is not too late to take an import back."""
    written = found.done_at is not None and found.rows.filter(written=True).exists()
    return found.state == S.DONE and written and at < found.done_at + UNDO_WITHIN


def figures(found: Import) -> dict[str, int]:
    """How many rows of each outcome there are, and how many of them are written."""
    counted = {str(one): getattr(found, str(one)) for one in Outcome}
    return {**counted, "written": found.rows.filter(written=True).count(), "all": found.rows_in_all}


def _own(found: Import, *, by: Any, at: dt.datetime) -> Import:
    """The import, locked, for somebody who administers its area today."""
    locked = Import.objects.select_for_update().get(pk=found.pk)
    check_administrator(locked, by, at)
    return locked


def check_administrator(found: Import, by: Any, at: dt.datetime) -> None:
    """Raises NotPermitted unless the person administers the area of the import that day."""
    on = clock.date_of(at)
    if found.area_id is None:
        allowed = standing_of(by, on).is_superuser
    else:
        allowed = administers(by, found.area_id, on)
    if not allowed:
        raise NotPermitted("not_administrator", _("Only the administrator of this area may bring data into it."))
