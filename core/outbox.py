"""What must be told after a commit. The row is the truth, the broker only the bell.

1. `add` writes a row in the transaction of the change and, after the commit, sets a flag. No broker call here.
2. A daemon thread, one per process, started at the first need and after a fork, sees the flag and publishes the
   task `core.tasks.relay`. Many flags make one message. A dead broker costs the thread time, nobody else.
3. The relay takes due rows one by one under FOR UPDATE SKIP LOCKED and runs the handler in the same transaction
   that marks the row done: the effect happens once, however many relays run and wherever they die.
4. A handler that fails is undone; its row waits longer each time and is given up after `MAX_ATTEMPTS`.
5. A sweep calls the relay every few seconds for rows whose bell was lost.
"""

import contextlib
import datetime as dt
import json
import logging
import os
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

from celery import current_app
from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from core import clock
from core.inserting import insert
from core.models import Outbox
from core.transactions import command, unit_of_work

logger = logging.getLogger(__name__)

RELAY = "core.tasks.relay"
MAX_ATTEMPTS = 12
LONGEST_WAIT = dt.timedelta(minutes=10)
BATCH = 50

Handler = Callable[..., Any]
_handlers: dict[str, Handler] = {}
_relaying = threading.local()


def handler(topic: str) -> Callable[[Handler], Handler]:
    """Register the function that tells `topic`; it gets the payload as keyword arguments and may fail."""

    def register(function: Handler) -> Handler:
        known = _handlers.setdefault(topic, function)
        if known is not function and (known.__module__, known.__qualname__) != (
            function.__module__,
            function.__qualname__,
        ):
            raise ValueError(f"two handlers for {topic}")
        _handlers[topic] = function
        return function

    return register


def add(topic: str, **payload: Any) -> Outbox:
    """Write down, in the current transaction, what must be told once it is committed. Payloads hold ids."""
    row = prepared(topic, **payload)
    insert(row)
    return row


def prepared(topic: str, **payload: Any) -> Outbox:
    """The row `add` writes, for a command that stores it together with its other rows."""
    if not connection.in_atomic_block:
        raise RuntimeError("an outbox row belongs to the transaction of its change")
    if not getattr(_relaying, "active", False):  # the running relay finds what its handlers add
        transaction.on_commit(_waker.wake, robust=True)
    return Outbox(topic=topic, payload=payload)


def relay(limit: int | None = None, *, at: dt.datetime | None = None) -> int:
    """Deliver due rows until none is left or `limit` were done; rows another relay holds are passed over.

    at: take this for the present moment. Returns how many were done.
    """
    return _relay(limit, at, raising=False)


def drain(limit: int | None = None) -> int:
    """Deliver what is due here and now, and let the first failing handler speak: for tests and benchmarks."""
    return _relay(limit, None, raising=True)


def retry(rows: Any) -> int:
    """Give rows that wait or were given up a new start; `rows` is a queryset. Returns how many."""
    with unit_of_work():
        number = rows.filter(done_at=None).update(next_at=Now(), attempts=0, dead=False)
        transaction.on_commit(_waker.wake, robust=True)
    return number


def _relay(limit: int | None, at: dt.datetime | None, *, raising: bool) -> int:
    done, last = 0, 0
    _relaying.active = True
    try:
        while ids := _due(last, at):
            for last in ids:
                if limit is not None and done >= limit:
                    return done
                done += _deliver(last, at, raising=raising)
        return done
    finally:
        _relaying.active = False


def _waiting(at: dt.datetime | None) -> QuerySet[Outbox]:
    """Rows that are due at that moment, by the database's clock when none is given."""
    return Outbox.objects.filter(done_at=None, dead=False, next_at__lte=at or Now())


def _due(after: int, at: dt.datetime | None) -> list[int]:
    """The next due rows behind one; a row committed later with a smaller number rang a bell of its own."""
    return list(_waiting(at).filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH])


def _deliver(pk: int, at: dt.datetime | None, *, raising: bool) -> int:
    """Run one row's handler and mark the row done, in one transaction. Returns 1 when done here, else 0."""
    topic = ""
    try:
        with unit_of_work(), connection.cursor() as cursor:
            cursor.execute(_TAKE, [pk, at])
            found = cursor.fetchone()
            if found is None:
                return 0
            topic, payload = found
            _handler_of(topic)(**json.loads(payload))
            cursor.execute(_DONE, [clock.now(), pk])
    except Exception:
        if raising or not topic:
            raise
        logger.exception("outbox row %s (%s) failed", pk, topic)
        _put_off(pk, at or clock.now())
        return 0
    return 1


# Sent for every row, so written by hand.
_TAKE = """
    SELECT topic, payload::text FROM core_outbox
    WHERE id = %s AND done_at IS NULL AND NOT dead AND next_at <= COALESCE(%s, STATEMENT_TIMESTAMP())
    FOR UPDATE SKIP LOCKED
"""
_DONE = "UPDATE core_outbox SET done_at = %s, attempts = attempts + 1 WHERE id = %s"


@command
def _put_off(pk: int, at: dt.datetime) -> None:
    """After a failure, whose effects are undone by now: wait longer, or give up."""
    row = Outbox.objects.select_for_update().get(pk=pk)
    if row.done_at is not None:  # another relay had more luck meanwhile
        return
    row.attempts += 1
    row.last_error = traceback.format_exc(limit=-8)[-4000:]
    row.next_at = at + min(dt.timedelta(seconds=2**row.attempts), LONGEST_WAIT)
    row.dead = row.attempts >= MAX_ATTEMPTS
    row.save(update_fields=["attempts", "last_error", "next_at", "dead"])


def _handler_of(topic: str) -> Handler:
    if topic not in _handlers:
        raise LookupError(f"nobody tells {topic}")
    return _handlers[topic]


class Waker:
    """The bell: a flag, and a daemon thread that turns it into one message to the broker."""

    def __init__(self, publish: Callable[[], None], *, pause: float = 0.1, after_failure: float = 2.0) -> None:
        self.publish, self.pause, self.after_failure = publish, pause, after_failure
        self._reset()

    def _reset(self) -> None:
        self._flag = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._pid = os.getpid()

    def wake(self) -> None:
        """Set the flag; never blocks on the broker and never raises."""
        if self._pid != os.getpid():
            self._reset()
        self._flag.set()
        if self._thread is None or not self._thread.is_alive():
            with self._lock:
                if self._thread is None or not self._thread.is_alive():
                    self._thread = threading.Thread(target=self._run, name="outbox-waker", daemon=True)
                    self._thread.start()

    def _run(self) -> None:
        failing = False
        while True:
            self._flag.wait()
            self._flag.clear()
            try:
                self.publish()
            except Exception as error:  # the row is safe; the bell is rung again, and the sweep comes anyway
                if not failing:
                    logger.warning("the broker cannot be reached, the outbox waits: %s", error)
                failing = True
                time.sleep(self.after_failure)
                self._flag.set()
            else:
                if failing:
                    logger.warning("the broker is back")
                failing = False
                time.sleep(self.pause)


class Rope:
    """The way to the broker, kept from one message to the next: opening it costs more than all else a report does."""

    def __init__(self) -> None:
        self._broker: Any = None
        self._timeout = 1.0

    def pull(self) -> None:
        """One message to the broker, or an exception within a few seconds, also from a broker that is frozen.

        A connection that was kept may have died with its broker: then a new one is tried before giving up.
        """
        kept = self._broker is not None
        try:
            self._send()
        except Exception:
            self.drop()
            if not kept:
                raise
            self.pull()

    def drop(self) -> None:
        """Let go of the connection; the next message opens another."""
        broker, self._broker = self._broker, None
        if broker is not None:
            with contextlib.suppress(Exception):  # it is of no use any more, whatever it says
                broker.close()

    def _send(self) -> None:
        if self._broker is None:
            options = {
                **current_app.conf.broker_transport_options,
                "socket_timeout": self._timeout,
                "socket_connect_timeout": self._timeout,
                "retry_on_timeout": False,
                "max_retries": 0,
            }
            self._broker = current_app.connection_for_write(connect_timeout=self._timeout, transport_options=options)
        current_app.send_task(RELAY, connection=self._broker, ignore_result=True, retry=False, expires=60)


def _after_fork() -> None:
    """A child has neither its parent's thread nor a connection it could share."""
    _waker._reset()
    _rope._broker = None


_rope = Rope()
_waker = Waker(_rope.pull)
os.register_at_fork(after_in_child=_after_fork)
