"""Orders that were brought over by mistake: voided, with an event that says so, and their numbers free again.

Events are never deleted, so the orders stay: void, in nobody's queue and in no figure.
"""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from core.sheets import Fault
from workorders import ledger
from workorders.models import Assignment, Attachment, WorkOrder
from workorders.vocabulary import Status


def in_the_way(versions: Mapping[int, int]) -> list[Fault]:
    """Orders on which anything happened since. versions: {order: number of its events when it came over}."""
    # Locked, so that nothing happens between the question and `take_back`.
    rows = WorkOrder.objects.select_for_update().filter(pk__in=list(versions)).order_by("pk")
    rows = rows.values_list("pk", "number", "version")
    worked = [number for pk, number, version in rows if version != versions[pk]]
    pictured = Attachment.objects.filter(order__in=list(versions)).order_by("order")
    pictured = set(pictured.values_list("order__number", flat=True)) - set(worked)
    return [Fault(number, _("was worked on since")) for number in worked] + [
        Fault(number, _("has photos by now")) for number in sorted(pictured)
    ]


def take_back(ids: list[int], *, by, at) -> None:
    """Void the orders, inside the present transaction."""
    for pk in ids:
        order = ledger.locked(WorkOrder(pk=pk))
        before, order.status, order.external_id = order.status, Status.VOIDED, ""
        order.due_at, order.due_kind, order.amber_at, order.suspended_until = None, "", None, None
        ledger.record(order, "import_undone", by=by, at=at, role="import", before=before)
    open_parts = Assignment.objects.filter(order__in=ids, ended_at=None)
    open_parts.update(ended_at=at, outcome=Assignment.Outcome.TAKEN_BACK)
