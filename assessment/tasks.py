"""Celery computes months: what was queued, what a dead worker left behind, the month's opening and the month so far."""

import logging

from celery import current_app, shared_task

from assessment.telling import tell_published
from core import clock, outbox

logger = logging.getLogger(__name__)


@outbox.handler("assessment.run")
def queued(run: int) -> None:
    """A run waits: hand it to a worker. It is computed in a transaction of its own, not in the relay's."""
    current_app.send_task("assessment.tasks.compute", [run], ignore_result=True)


@outbox.handler("assessment.published")
def published(run: int) -> None:
    """A month was published: everybody assessed hears of it."""
    tell_published(run, at=clock.now())


@shared_task(name="assessment.tasks.compute")
def compute(run: int) -> None:
    """Compute a queued run; a second worker finds it taken."""
    from assessment.commands import carry_out

    try:
        carry_out(run, at=clock.now())
    except Exception:
        logger.exception("assessment run %s failed", run)


@shared_task(name="assessment.tasks.sweep")
def sweep() -> int:
    """Take up runs whose message was lost or whose worker died."""
    from assessment.commands import carry_out, take_up_again

    waiting = take_up_again(at=clock.now())
    for run in waiting:
        try:
            carry_out(run, at=clock.now())
        except Exception:
            logger.exception("assessment run %s failed", run)
    return len(waiting)


@shared_task(name="assessment.tasks.open_month")
def open_month() -> int:
    """Day 1: compute the month that is over, for every district that has somebody to review it."""
    from assessment import opening

    return opening.open_month(at=clock.now())


@shared_task(name="assessment.tasks.so_far")
def so_far() -> int:
    """Every hour: the month so far, in place of the last one."""
    from assessment import opening

    return opening.so_far(at=clock.now())
