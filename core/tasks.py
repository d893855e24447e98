"""The ground floor's own jobs: deliver the outbox, show a sign of life, throw away what is past its time."""

import datetime as dt

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore

from core import clock, idempotency, outbox
from core.models import Outbox, Pulse

DELIVERED_KEPT = dt.timedelta(days=30)


@shared_task(name="core.tasks.relay", ignore_result=True)
def relay() -> int:
    """Deliver what is due; rung by the waker and by the sweep."""
    return outbox.relay()


@shared_task(name="core.tasks.heartbeat", ignore_result=True)
def heartbeat(name: str = "worker") -> None:
    """Note that a worker took a task just now; readyz reads it."""
    Pulse.objects.update_or_create(name=name, defaults={"at": clock.now()})


@shared_task(name="core.tasks.tidy", ignore_result=True)
def tidy() -> dict[str, int]:
    """Delete what is past its keeping time: idempotency keys, delivered outbox rows, ended sessions."""
    at = clock.now()
    SessionStore.clear_expired()
    return {"keys": idempotency.tidy(at), "outbox": _tidy_outbox(at)}


def _tidy_outbox(at: dt.datetime, batch: int = 5000) -> int:
    total = 0
    while True:
        old = Outbox.objects.filter(done_at__lt=at - DELIVERED_KEPT).order_by("done_at").values("pk")[:batch]
        number, _ = Outbox.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()
        total += number
        if number < batch:
            return total
