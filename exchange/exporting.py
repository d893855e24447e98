"""Exports with the reporters' names and phones in clear: asked with a purpose, approved by a second person, taken
within a day, each taking written down. Without approval every export is masked. Source: domain §9, Export.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import clock, outbox, vault
from core.errors import Invalid, NotAllowedNow, NotPermitted
from core.transactions import command
from core.vault import RevealLog
from exchange.models import APPROVERS, ExportRequest
from exchange.vocabulary import ExportState
from grids.directory import directory
from personnel.administration import Kind, record
from personnel.jurisdiction import Standing, holdings, standing_of
from workorders.models import WorkOrder
from workorders.revealing import ROLES

MADE, TOLD = "exchange.export", "exchange.told"
# As few people as the purpose needs: a list is narrowed before it is taken along in clear.
MOST = 20_000
LASTS = dt.timedelta(hours=24)
WAITS = dt.timedelta(days=7)
LOG_KIND = "export"
S = ExportState


def may_ask(standing: Standing) -> bool:
    """Whether a person may see reporters in clear at all, one by one; only they may ask for many at once."""
    return not standing.is_superuser and (bool(standing.unit_ids) or not standing.roles.isdisjoint(ROLES))


@command
def ask(ids: Collection[int], *, name: str, reason: str, by: Any, at: dt.datetime) -> ExportRequest:
    """Ask for these orders with names and phones. Raises Invalid, NotPermitted."""
    standing, on = standing_of(by, clock.date_of(at)), clock.date_of(at)
    if not may_ask(standing):
        raise NotPermitted("not_for_you", _("Only those who may see reporters one by one may ask for a list of them."))
    reason = reason.strip()
    if not reason or len(reason) > 200:
        raise Invalid(errors={"reason": [_("Say in at most 200 characters what you need it for.")]})
    if len(ids) > MOST:
        raise Invalid("too_many", too_many_words())
    seen = WorkOrder.objects.visible_to(by, on).filter(pk__in=list(ids)).order_by()
    rows = list(seen.values_list("pk", "area_id"))
    if not rows:
        raise Invalid("nothing_chosen", _("There are no orders in this list."))
    area = _common([area_id for _pk, area_id in rows])
    people = deciders(area, on) - {by.pk}
    if not people:
        words = _("Nobody here may approve it: no duty leader and no security administrator holds a post. Ask your "
                  "administrator.")  # fmt: skip
        raise NotAllowedNow("nobody_approves", words)
    made = ExportRequest.objects.create(
        by=by, area_id=area, name=name[:120], reason=reason, orders=sorted(pk for pk, _area in rows), asked_at=at
    )
    data = {"list": made.name, "rows": len(rows), "reason": reason}
    record(f"export:{made.pk}", Kind.ADDED, by=by, at=at, area_id=area, data=data)
    outbox.add(TOLD, pk=made.pk, kind="export_asked")
    return made


def too_many_words() -> str:
    """Why a list is too long for names in clear."""
    words = ngettext(
        "At most %(most)d order may be taken along with names. Narrow the list first.",
        "At most %(most)d orders may be taken along with names. Narrow the list first.",
        MOST,
    )
    return words % {"most": MOST}


@command
def decide(request: ExportRequest, *, by: Any, at: dt.datetime, approve: bool, note: str = "") -> ExportRequest:
    """Approve or refuse, as a second person. Raises NotPermitted, NotAllowedNow, Invalid (a refusal says why)."""
    found = ExportRequest.objects.select_for_update().get(pk=request.pk)
    if found.by_id == by.pk:
        raise NotPermitted("not_for_oneself", _("Nobody approves an export of his own. Another person has to."))
    if not may_decide(found, standing_of(by, clock.date_of(at))):
        raise NotPermitted("not_approver", _("The duty leader or the security administrator of this area decides."))
    if found.state != S.ASKED or at >= found.asked_at + WAITS:
        raise NotAllowedNow("not_asked", _("This request is not waiting any more."))
    note = note.strip()[:200]
    if not approve and not note:
        raise Invalid(errors={"note": [_("Say why it is refused.")]})
    found.state = S.APPROVED if approve else S.REFUSED
    found.decided_by, found.decided_at, found.note = by, at, note
    found.save(update_fields=["state", "decided_by", "decided_at", "note"])
    data = {"state": found.state, "note": note}
    record(f"export:{found.pk}", Kind.CHANGED, by=by, at=at, area_id=found.area_id, data=data)
    if approve:
        outbox.add(MADE, pk=found.pk)
    else:
        outbox.add(TOLD, pk=found.pk, kind="export_refused")
    return found


def may_decide(request: ExportRequest, standing: Standing) -> bool:
    """Whether this person is the second one: an approver of the whole area of the export, not who asked."""
    path = directory().by_id[request.area_id].path
    return standing.user.pk != request.by_id and standing.holds(*APPROVERS, path=path) is not None


@command
def take(request: ExportRequest, *, by: Any, at: dt.datetime) -> ExportRequest:
    """Note that the file is about to be handed over, to who may see all of it today, too.

    Raises NotPermitted, NotAllowedNow, TooMany.
    """
    on = clock.date_of(at)
    found = ExportRequest.objects.select_for_update().get(pk=request.pk)
    if found.by_id != by.pk:
        raise NotPermitted("not_asker", _("Only the person who asked for this file may take it."))
    over = found.state != S.READY or not found.file or at >= found.expires_at
    # A post that ended this morning takes the reach along, also that into a file made last night.
    if over or not may_ask(standing_of(by, on)) or _within_reach(found, by, on) < found.rows:
        raise NotAllowedNow("expired", _("This file is not there any more. Ask for it again."))
    vault.log_reveal(by, kind=LOG_KIND, subject_id=found.pk, field="file", purpose=found.reason, at=at)
    return found


def _within_reach(found: ExportRequest, by: Any, on: dt.date) -> int:
    return WorkOrder.objects.visible_to(by, on).filter(pk__in=found.orders).order_by().count()


def takings(request: ExportRequest) -> Sequence[RevealLog]:
    """Who took the file and when, newest first."""
    return list(RevealLog.objects.filter(subject_kind=LOG_KIND, subject_id=request.pk).select_related("actor"))


def deciders(area_id: int, on: dt.date) -> set[int]:
    """The people who may approve an export of this area."""
    path = directory().by_id[area_id].path
    return {person for _role, _area, person in holdings(APPROVERS, path, on)}


def _common(areas: Sequence[int]) -> int:
    """The lowest area in which all of these lie; an approver holds a post on it or above."""
    known = directory().by_id
    shared = known[areas[0]].path
    for path in {known[area].path for area in areas}:
        length = next((at for at, (one, other) in enumerate(zip(shared, path, strict=False)) if one != other), None)
        shared = shared[: min(len(shared), len(path)) if length is None else length]
    return shared[-1]
