"""Celery carries the loop: who must hear, what follows by itself, timers.

PostgreSQL decides; every task may run twice.
"""

import json
import logging
from datetime import timedelta

from celery import current_app, shared_task
from django.db import connection
from django.utils import translation

from core import clock, outbox
from core.transactions import unit_of_work
from grids.directory import find_id
from workorders import searching, telling
from workorders.commands import redividing
from workorders.deskwork import bulk, holding, live
from workorders.models import Delivery, WorkOrder, WorkOrderEvent
from workorders.vocabulary import Source, Status

logger = logging.getLogger(__name__)

# Any number nobody else uses: one sweep of timers at a time.
TICK_LOCK = 7_203_411
TICK_BATCH = 200
# A channel is asked so often; the waits between are 8 s, half a minute, two minutes, eight minutes.
DELIVERY_TRIES = 5
DELIVERY_WAIT = timedelta(seconds=2)


@outbox.handler("workorders.reported")
def reported(order: int, sequence: int) -> None:
    """After a report: propose a unit, tell the acceptors; of what an officer settled, tell the checkers or close it."""
    happened = _event(order, sequence)
    searching.sort_in(order)
    _follow_its_area(happened.order)
    _suggest(happened.order)
    if happened.kind != "feedback" or not _close_if_settled(happened.order):
        telling.tell(happened)
        live.show(happened)


@outbox.handler("workorders.moved")
def moved(order: int, sequence: int) -> None:
    """After a move: tell whoever has to act; a dispatched hotline order gets its follow-up officer."""
    from workorders.commands import follow

    happened = _event(order, sequence)
    if happened.kind == "feedback" and _close_if_settled(happened.order):
        return
    if happened.kind == "pass_check" and happened.actor_id is None:  # closed in the same moment: nobody has to revisit
        return
    telling.tell(happened)
    live.show(happened)
    _follow_its_area(happened.order)
    if happened.kind == "accept":
        _dispatch_by_rule(happened.order)
    if happened.kind in ("dispatch", "decide") and happened.order.source == Source.HOTLINE:
        follow(happened.order, at=clock.now())


def _event(order: int, sequence: int) -> WorkOrderEvent:
    """The event with its order; the reporter's name and phone stay where they are."""
    events = WorkOrderEvent.objects.select_related("order").defer("order__reporter_name", "order__reporter_phone")
    return events.get(order=order, sequence=sequence)


@outbox.handler(holding.TOPIC)
def held(held: int) -> None:
    """A step of the desk that nobody took back is carried out."""
    holding.carry_out(held, at=clock.now())


@outbox.handler(bulk.TOPIC)
def bulk_waits(job: int) -> None:
    """A bulk job waits: hand it to a worker. Its rows are done in transactions of their own, not in the relay's."""
    current_app.send_task("workorders.tasks.carry_out_bulk", [job], ignore_result=True)


@shared_task(name="workorders.tasks.carry_out_bulk")
def carry_out_bulk(job: int) -> None:
    """Do the rows of a bulk job; a second worker finds them done."""
    bulk.carry_out(job)


@shared_task(name="workorders.tasks.sweep_bulk")
def sweep_bulk() -> int:
    """Take up bulk jobs whose message was lost or whose worker died."""
    waiting = bulk.left_behind(clock.now())
    for job in waiting:
        try:
            bulk.carry_out(job)
        except Exception:  # one job must not stop the others; the next sweep tries it again
            logger.exception("bulk job %s failed", job)
    return len(waiting)


@outbox.handler("workorders.deliver")
def deliver(notices: list[int]) -> None:
    """Let the channels carry notices. What one of them refuses is tried again later, up to five times."""
    from workorders.channels import CHANNELS
    from workorders.sentences import notice_text

    rows = Delivery.objects.select_for_update(skip_locked=True, of=("self",)).select_related("notice__person")
    refused = {}
    for delivery in rows.filter(notice_id__in=notices, sent_at__isnull=True, attempts__lt=DELIVERY_TRIES):
        delivery.attempts += 1
        try:
            with translation.override(delivery.notice.person.language):
                CHANNELS[delivery.channel](delivery.notice, notice_text(delivery.notice))
            delivery.sent_at = clock.now()
        except Exception as error:  # noqa: BLE001 - whatever a channel raises is its own, and kept for the operator
            logger.warning("delivery %s by %s failed", delivery.pk, delivery.channel, exc_info=True)
            delivery.last_error = repr(error)[:200]
            if delivery.attempts < DELIVERY_TRIES:
                refused[delivery.notice_id] = max(delivery.attempts, refused.get(delivery.notice_id, 0))
        delivery.save(update_fields=["attempts", "sent_at", "last_error"])
    if refused:
        again = outbox.add("workorders.deliver", notices=sorted(refused))
        again.next_at = clock.now() + DELIVERY_WAIT * 4 ** max(refused.values())
        again.save(update_fields=["next_at"])


@outbox.handler(redividing.TOPIC)
def redivision_goes_on(redivision: int) -> None:
    """More orders go over than fit the transaction of the split: hand the rest to a worker."""
    current_app.send_task("workorders.tasks.redivide", ignore_result=True)


@shared_task(name="workorders.tasks.redivide")
def redivide() -> int:
    """Carry out the splits and mergers whose day has come; what is done is found done."""
    waiting = redividing.due(clock.now())
    for one in waiting:
        try:
            redividing.carry_out(one, at=clock.now())
        except Exception:  # one of them must not stop the others; the next sweep tries it again
            logger.exception("redivision %s failed", one)
    return len(waiting)


@shared_task(name="workorders.tasks.tick")
def tick() -> int:
    """Fire the timers that have come, in small batches; a second scheduler finds the lock taken or nothing to do."""
    from workorders.commands import fire

    fired, failed = 0, []
    while True:
        with unit_of_work():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [TICK_LOCK])
                if not cursor.fetchone()[0]:
                    return fired
            now = clock.now()
            due = WorkOrder.objects.filter(next_timer_at__lte=now).exclude(pk__in=failed)
            due = due.order_by("next_timer_at", "pk")[:TICK_BATCH]
            ids = list(due.values_list("pk", flat=True))
        for pk in ids:
            try:
                fire(WorkOrder(pk=pk), at=clock.now())
                fired += 1
            except Exception:  # one order must not stop the others; the next sweep tries it again
                logger.exception("timers of order %s failed", pk)
                failed.append(pk)
        if len(ids) < TICK_BATCH:
            return fired


@shared_task(name="workorders.tasks.count")
def count() -> int:
    """Bring the counts behind boards and maps up to date; pages show up to when."""
    from workorders import figures

    return figures.count(clock.now())


@shared_task(name="workorders.tasks.count_everything")
def count_everything() -> int:
    """At night: whatever no event told of."""
    from workorders import figures

    return figures.count_everything(clock.now())


def _close_if_settled(order: WorkOrder) -> bool:
    """What an officer settled himself and nobody samples is passed and closed at once. A second run finds it closed.

    Returns whether nobody has to look at it.
    """
    from workorders.commands import close, pass_check

    if not order.self_handled or order.sampled:
        return False
    if order.status == Status.FED_BACK:
        now = clock.now()
        close(pass_check(order, by=None, at=now), by=None, at=now, settled=True)
    return True


def _follow_its_area(order: WorkOrder) -> None:
    """What was on its way when its grid was divided, or is taken up again later, goes where the others went."""
    place = find_id(order.area_id)
    if place is not None and not place.is_active(clock.today()) and order.is_open:
        redividing.rehome(order, at=clock.now())


def _suggest(order: WorkOrder) -> None:
    """Keep what the routing table proposes, for the dispatcher's eye."""
    from personnel.jurisdiction import units_directory
    from workorders import catalogue

    if order.category_id is None:
        return
    unit_id = catalogue.routed_unit(order.category_id, order.area_id, on=clock.date_of(order.reported_at))
    if unit_id is not None:
        unit = units_directory().by_id[unit_id]
        proposed = json.dumps({"unit": unit.code, "name": unit.name, "reason": "routing"})
        with connection.cursor() as cursor:
            cursor.execute("UPDATE workorders_workorder SET suggestion = %s WHERE id = %s", [proposed, order.pk])


def _dispatch_by_rule(order: WorkOrder) -> None:
    """A filed order of a category that is switched on goes to the routing table's unit, as the system's dispatch."""
    from personnel.jurisdiction import units_directory
    from workorders import catalogue
    from workorders.commands import dispatch

    if order.status != Status.FILED or order.returns or not catalogue.is_automatic(order.category_id):
        return
    now = clock.now()
    unit_id = catalogue.routed_unit(order.category_id, order.area_id, on=clock.date_of(now))
    unit = units_directory().by_id.get(unit_id)
    if unit is not None and unit.is_active(clock.date_of(now)):
        dispatch(order, by=None, at=now, unit=unit.as_model(), rule=catalogue.category(order.category_id).code)
