"""Celery carries imports and exports; PostgreSQL decides, and everything may run twice."""

import datetime as dt
import logging

from celery import current_app, shared_task

from core import clock, outbox
from exchange import importing, making, telling, working
from exchange.exporting import MADE, TOLD
from exchange.models import Import, ImportRow

logger = logging.getLogger(__name__)

FILES_KEPT = dt.timedelta(days=30)


@outbox.handler(importing.TOPIC)
def import_waits(pk: int) -> None:
    """An import waits: hand it to a worker. Its transactions are its own, not the relay's."""
    current_app.send_task("exchange.tasks.work", [pk], ignore_result=True)


@outbox.handler(MADE)
def export_waits(pk: int) -> None:
    """An approved export waits for its file."""
    current_app.send_task("exchange.tasks.make", [pk], ignore_result=True)


@outbox.handler(TOLD)
def told(pk: int, kind: str) -> None:
    """Somebody has to hear of an export."""
    telling.tell(pk, kind, at=clock.now())


@shared_task(name="exchange.tasks.work")
def work(pk: int) -> None:
    """Read, write or undo an import; a second worker finds it taken or done."""
    working.work(pk)


@shared_task(name="exchange.tasks.make")
def make(pk: int) -> None:
    """Make the file of an approved export; a second worker finds it made."""
    making.make(pk, at=clock.now())


@shared_task(name="exchange.tasks.sweep")
def sweep() -> int:
    """Take up imports and exports whose message was lost or whose worker died; remove files whose day is over."""
    number = making.expire(clock.now())
    for do, waiting in ((working.work, working.left_behind(clock.now())), (_make, making.left_behind())):
        for pk in waiting:
            try:
                do(pk)
                number += 1
            except Exception:  # one must not stop the others; the next sweep tries it again
                logger.exception("import or export %s failed", pk)
    return number


def _make(pk: int) -> None:
    making.make(pk, at=clock.now())


@shared_task(name="exchange.tasks.tidy")
def tidy() -> int:
    """At night: imported files, their copies and what was quoted from them are kept 30 days."""
    before = clock.now() - FILES_KEPT
    number = 0
    for found in Import.objects.filter(made_at__lt=before).exclude(file=""):
        for file in (found.file, found.marked):
            if file:
                file.delete(save=False)
        found.save(update_fields=["file", "marked"])
        ImportRow.objects.filter(source=found).update(faults=[], made={})
        number += 1
    return number
