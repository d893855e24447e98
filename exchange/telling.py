"""Who hears of an export: the approvers that one waits, its asker how it was decided. One notice for each person."""

import datetime as dt

from django.utils.translation import gettext_lazy as _

from core import clock
from exchange import exporting
from exchange.models import ExportRequest
from workorders.models import Notice
from workorders.sentences import NOTICES

# The sentences of our notices stand beside those of the orders, where all of them are read.
NOTICES.update(
    {
        "export_asked": _("%(name)s asks for %(rows)s orders with names and phones: %(reason)s"),
        "export_ready": _("Your export %(number)s was approved by %(approver)s; take the file within 24 hours."),
        "export_refused": _("Your export %(number)s was not approved: %(note)s"),
    }
)


def tell(pk: int, kind: str, *, at: dt.datetime) -> int:
    """Make the notices, none twice. Returns how many are new."""
    found = ExportRequest.objects.select_related("by", "decided_by").get(pk=pk)
    if kind == "export_asked":
        people = exporting.deciders(found.area_id, clock.date_of(at)) - {found.by_id}
    else:
        people = {found.by_id}
    # By person, for which notices have an index; for what their data say they have none.
    told = Notice.objects.filter(person__in=people, kind=kind, data__export=found.pk)
    told = set(told.values_list("person_id", flat=True))
    approver = found.decided_by
    data = {
        "export": found.pk,
        "url": f"/exports/{found.pk}/",
        "number": found.number,
        "name": found.by.name or found.by.username,
        "approver": (approver.name or approver.username) if approver else "",
        "rows": len(found.orders),
        "reason": found.reason,
        "note": found.note,
    }
    rows = [Notice(person_id=one, kind=kind, data=data, created_at=at) for one in sorted(people - told)]
    return len(Notice.objects.bulk_create(rows))
