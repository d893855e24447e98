"""The file of an approved export: names and phones in clear where its reader may see them, marked on every page."""

import datetime as dt
import tempfile
from collections.abc import Iterator
from typing import Any

from django.core.files import File
from django.utils.translation import gettext as _
from django.utils.translation import override

from core import clock, outbox, wording
from core.papers import excel
from core.papers.excel import Sheet
from core.transactions import unit_of_work
from exchange.exporting import LASTS, TOLD, WAITS
from exchange.models import ExportRequest
from exchange.vocabulary import ExportState
from personnel.jurisdiction import Standing, standing_of
from workorders import exports
from workorders.models import WorkOrder
from workorders.reading import LIST_FIELDS
from workorders.revealing import may_reveal

PAGE = 1_000
S = ExportState


def make(pk: int, *, at: dt.datetime) -> bool:
    """Make the file of an approved request and tell who asked for it. False: another worker did, or it is decided."""
    with unit_of_work():
        rows = ExportRequest.objects.select_for_update(skip_locked=True, of=("self",))
        found = rows.select_related("by", "decided_by").filter(pk=pk, state=S.APPROVED).first()
        if found is None:
            return False
        standing = standing_of(found.by, clock.date_of(at))
        with override(found.by.language), tempfile.TemporaryFile() as target:
            sheet = _sheet(found, standing, at)
            for piece in excel.stream([sheet]):
                target.write(piece)
            target.seek(0)
            found.file.save("export.xlsx", File(target), save=False)
        found.rows = sheet.rows.count
        found.state, found.ready_at, found.expires_at = S.READY, at, at + LASTS
        found.save(update_fields=["file", "rows", "state", "ready_at", "expires_at"])
        outbox.add(TOLD, pk=found.pk, kind="export_ready")
    return True


def _sheet(found: ExportRequest, standing: Standing, at: dt.datetime) -> Sheet:
    said = {
        "number": found.number,
        "name": found.by.name or found.by.username,
        "approver": found.decided_by.name or found.decided_by.username,
        "moment": wording.moment(at),
    }
    mark = _("Personal data · %(number)s · %(name)s · %(moment)s") % said
    above = (
        _("Personal data. Approval %(number)s: asked by %(name)s, approved by %(approver)s, made %(moment)s.") % said,
        _("Purpose: %(purpose)s. Use it for nothing else, do not pass it on, delete it afterwards.")
        % {"purpose": found.reason},
    )
    return Sheet(found.name, exports.heads(), _Rows(found, standing), above=above, mark=mark)


class _Rows:
    """The rows of a request, made while they are written; `count` says how many there were."""

    def __init__(self, found: ExportRequest, standing: Standing):
        self.found, self.standing, self.count = found, standing, 0

    def __iter__(self) -> Iterator[list[Any]]:
        words, ids = exports.words(), list(reversed(self.found.orders))
        fields = (*LIST_FIELDS, "reporter_name", "reporter_phone")
        for first in range(0, len(ids), PAGE):
            # What left the asker's reach since stays out.
            seen = WorkOrder.objects.visible_to(self.standing.user, self.standing.on)
            for row in seen.filter(pk__in=ids[first : first + PAGE]).order_by("-pk").values(*fields):
                if may_reveal(WorkOrder(area_id=row["area_id"], lead_id=row["lead_id"]), standing=self.standing):
                    row["reporter_name_masked"] = row["reporter_name"]
                    row["reporter_phone_masked"] = row["reporter_phone"]
                self.count += 1
                yield words.row(row)


def left_behind() -> list[int]:
    """Approved requests without a file: their message was lost, or their worker died."""
    return list(ExportRequest.objects.filter(state=S.APPROVED).order_by("pk").values_list("pk", flat=True))


def expire(at: dt.datetime) -> int:
    """Remove the files whose day is over and the requests nobody answered. Returns how many."""
    number = 0
    for found in ExportRequest.objects.filter(state=S.READY, expires_at__lte=at):
        found.file.delete(save=False)
        found.state = S.EXPIRED
        found.save(update_fields=["file", "state"])
        number += 1
    number += ExportRequest.objects.filter(state=S.ASKED, asked_at__lte=at - WAITS).update(state=S.EXPIRED)
    return number
