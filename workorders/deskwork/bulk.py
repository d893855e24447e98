"""One step on many orders: judged row by row before, carried out row by row by the worker, each row by itself.

1. `preview` says for every order what would happen, or why not.
2. `start` keeps the job and its rows and tells the worker after the commit.
3. `carry_out` does one row after the other, a handful in each transaction, every row with its own result. A second
   worker, or one that takes the job up after the first died, finds the rows that are done and goes on with the others.
"""

import datetime as dt
import logging
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import override

from core import clock, outbox
from core.errors import DomainError, Invalid, NotPermitted
from core.transactions import command, unit_of_work
from personnel.jurisdiction import Standing
from workorders import inputs, ledger, workflow
from workorders.commands import perform
from workorders.commands.dispatching import check_unit
from workorders.deskwork import holding
from workorders.models import BulkJob, BulkRow, WorkOrder
from workorders.vocabulary import WorkState

logger = logging.getLogger(__name__)

MOST = 500
# So many orders are locked together, for some tenths of a second: a commit costs as much as the step itself.
HANDFUL = 10
# Steps that mean the same for every order. Inputs that differ from order to order belong to the order's own page.
MOVES = ("accept", "dispatch", "decline", "urge", "pass_check", "supervise", "comment", "close")
TOPIC = "workorders.bulk"
# A job whose worker gave no sign for so long is taken up again.
SILENT = dt.timedelta(seconds=60)


@dataclass(frozen=True)
class Preview:
    """One row before the job: where the order would go, or the reason why it stays. unit: whose it becomes."""

    order: WorkOrder
    refusal: str = ""

    @property
    def goes(self) -> bool:
        """Whether the step is open for it."""
        return not self.refusal


def visible(numbers: list[str], standing: Standing) -> list[WorkOrder]:
    """The orders with these numbers within reach, in the order asked. Raises Invalid when there are too many."""
    numbers = list(dict.fromkeys(numbers))
    if len(numbers) > MOST:
        raise Invalid("too_many", _("Choose at most %(most)d orders at once.") % {"most": MOST})
    seen = WorkOrder.objects.visible_to(standing.user, standing.on).filter(number__in=numbers)
    found = {order.number: order for order in seen.defer("reporter_name", "reporter_phone")}
    return [found[number] for number in numbers if number in found]


def preview(name: str, orders: list[WorkOrder], *, standing: Standing, at: dt.datetime, given: dict) -> list[Preview]:
    """What the step would do to each order; the judge's words where it is refused. Nothing is changed."""
    held = holding.held_on([order.pk for order in orders])
    return [Preview(order, _refusal(name, order, held, standing=standing, at=at, given=given)) for order in orders]


def _refusal(name: str, order: WorkOrder, held: dict, *, standing: Standing, at: dt.datetime, given: dict) -> str:
    if order.pk in held:
        return _("Somebody has just decided on this order.")
    try:
        workflow.check(name, order, standing=standing, at=at)
        read = inputs.read(workflow.BY_NAME[name], given, order=order, by=standing.user, at=at)
        unit = read.get("unit")
        if unit is not None:
            check_unit(order, unit, on=clock.date_of(at))
            if unit.pk in order.returned_units and order.returns < 2:
                return _("%(unit)s has returned this order. Choose another unit.") % {"unit": unit.name}
    except DomainError as refusal:
        return str(refusal)
    return ""


@command
def start(name: str, orders: list[WorkOrder], *, by, at: dt.datetime, given: dict) -> BulkJob:
    """Keep the job; the worker does it after the commit. Raises Invalid, KeyError: no such move."""
    if name not in MOVES:
        raise KeyError(name)
    if not orders:
        raise Invalid("nothing_chosen", _("Choose at least one order."))
    if len(orders) > MOST:
        raise Invalid("too_many", _("Choose at most %(most)d orders at once.") % {"most": MOST})
    job = BulkJob.objects.create(move=name, given=holding.plain(given), by=by, made_at=at)
    BulkRow.objects.bulk_create([BulkRow(job=job, order=order) for order in orders])
    outbox.add(TOPIC, job=job.pk)
    return job


def carry_out(pk: int) -> int:
    """Do the rows that wait. Returns how many were done here; a job another worker is at is left to it."""
    done = 0
    while ids := _next_rows(pk):
        # Whose job it is, and what that person holds, is looked up for each handful, not for each row.
        job = BulkJob.objects.select_related("by").get(pk=pk)
        with override(job.by.language):
            here = _do(ids, job)
        if not here:
            break
        done += here
    return done


def _next_rows(pk: int) -> list[int]:
    """The next rows, with a sign of life on the job; the job is marked done when there are none."""
    now = clock.now()
    waiting = list(
        BulkRow.objects.filter(job=pk, state=WorkState.WAITING).order_by("pk").values_list("pk", flat=True)[:HANDFUL]
    )
    BulkJob.objects.filter(pk=pk, done_at=None).update(seen_at=now, **({} if waiting else {"done_at": now}))
    return waiting


def _do(ids: list[int], job: BulkJob) -> int:
    """A handful of rows in one transaction, each behind a savepoint of its own: the step, or the reason why not."""
    with unit_of_work():
        # By the orders' ids, as everybody locks several orders.
        rows = BulkRow.objects.select_for_update(skip_locked=True).filter(pk__in=ids, state=WorkState.WAITING)
        rows = list(rows.order_by("order_id"))
        orders = [row.order_id for row in rows]
        reach = WorkOrder.objects.visible_to(job.by, clock.today()).filter(pk__in=orders)
        seen, held = set(reach.order_by().values_list("pk", flat=True)), holding.held_on(orders)
        for row in rows:
            try:
                with transaction.atomic():
                    if row.order_id not in seen:
                        raise NotPermitted("out_of_reach", _("The order lies outside your reach now."))
                    if row.order_id in held:
                        raise holding.held_already(held[row.order_id])
                    order = ledger.locked(WorkOrder(pk=row.order_id))
                    perform(job.move, order, by=job.by, at=clock.now(), given=job.given)
                row.state = WorkState.DONE
            except DomainError as refusal:
                row.state, row.reason = WorkState.REFUSED, str(refusal)
        BulkRow.objects.bulk_update(rows, ["state", "reason"])
    return len(rows)


def left_behind(at: dt.datetime) -> list[int]:
    """Jobs that are not done and whose worker is silent."""
    silent = Q(seen_at__lt=at - SILENT) | Q(seen_at=None, made_at__lt=at - SILENT)
    return list(BulkJob.objects.filter(silent, done_at=None).values_list("pk", flat=True))
