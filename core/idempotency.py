"""One key, one effect: a request sent again answers what the first one answered.

1. Key, effect and answer are one transaction and one commit.
2. Who works under a key holds a lock on it until the commit, so a twin waits for the end of the first.
3. The first committed: the second reads its answer. It was rolled back: the second does the work.
4. Whatever is refused rolls everything back, the key included, so the key is free again.
"""

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext_lazy as _

from core import clock
from core.errors import Invalid, NotAllowedNow
from core.inserting import insert_together
from core.models import IdempotencyKey
from core.transactions import unit_of_work
from core.vault import decrypt

WAIT_SECONDS = 10
KEY_LENGTH = 200
KEPT = dt.timedelta(days=8)
# A phone may lie in a drawer between a lost answer and the next try; what it sends leaves only a few words behind.
KEPT_FOR_PHONES = dt.timedelta(days=100)

# One round trip: wait for a twin at most so long, put the limits back, read what an earlier request left.
_CLAIM = """
    SET LOCAL lock_timeout = %s; SET LOCAL statement_timeout = %s;
    SELECT pg_advisory_xact_lock(%s);
    SET LOCAL lock_timeout TO DEFAULT; SET LOCAL statement_timeout TO DEFAULT;
    SELECT request_hash, status, body, content_type FROM core_idempotencykey WHERE scope = %s AND key = %s
"""
_LOCK_NOT_AVAILABLE = "55P03"


@dataclass(frozen=True)
class Result:
    """What a request answered."""

    status: int
    body: bytes
    content_type: str = "application/json"

    @property
    def is_success(self) -> bool:
        """Only such answers are kept."""
        return 200 <= self.status < 300


def once(
    key: str, scope: str, request_hash: str, work: Callable[[], Result], *, wait_seconds: float = WAIT_SECONDS
) -> tuple[Result, bool]:
    """Do `work` unless it was done under this key and scope; returns the result and whether it is a replay.

    scope: person (or public) + method + path. request_hash: of the parsed body.
    Raises Invalid for a key of no use, NotAllowedNow `idempotency_conflict` when the key came with another body,
    `idempotency_in_progress` when the first request took longer than the wait.
    """
    if not 0 < len(key) <= KEY_LENGTH:
        raise Invalid("invalid_idempotency_key", _("An idempotency key has 1 to 200 characters; use a UUID."))
    with unit_of_work():
        known = _claim(key, scope, wait_seconds)
        if known is not None:
            first_hash, status, body, content_type = known
            if first_hash != request_hash:
                raise NotAllowedNow(
                    "idempotency_conflict", _("This key was used for another request. Send a new one with a new key.")
                )
            return Result(status, decrypt(body).encode() if body else b"", content_type), True
        result = work()
        if result.is_success:
            kept = {"status": result.status, "body": result.body.decode(), "content_type": result.content_type}
            row = IdempotencyKey(key=key, scope=scope, request_hash=request_hash, created_at=clock.now(), **kept)
            insert_together([row])
        else:
            transaction.set_rollback(True)
        return result, False


def answered(key: str, scope: str, request_hash: str) -> Result | None:
    """What the same request was answered before; None when the key is new, still at work, or came with other words."""
    row = IdempotencyKey.objects.filter(scope=scope, key=key, request_hash=request_hash, status__isnull=False).first()
    return Result(row.status, row.body.encode(), row.content_type) if row else None


def tidy(at: dt.datetime, batch: int = 5000) -> int:
    """Delete keys that are older than their keeping time at the moment `at`. Returns how many."""
    total = 0
    while True:
        old = IdempotencyKey.objects.filter(created_at__lt=at - KEPT).order_by("created_at")
        old = old.exclude(scope__contains=" POST /m/", created_at__gte=at - KEPT_FOR_PHONES)
        number, _per_model = IdempotencyKey.objects.filter(
            pk__in=list(old.values_list("pk", flat=True)[:batch])
        ).delete()
        total += number
        if number < batch:
            return total


def _claim(key: str, scope: str, wait_seconds: float) -> tuple | None:
    """Lock the key until the commit; what was answered under it before, None when it is new."""
    wait = int(wait_seconds * 1000)
    digest = hashlib.sha256(f"{scope}\n{key}".encode()).digest()
    lock = int.from_bytes(digest[:8], "big", signed=True)
    try:
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM, [wait, wait + 2000, lock, scope, key])
            return cursor.fetchone()
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", None) != _LOCK_NOT_AVAILABLE:
            raise
        raise NotAllowedNow(
            "idempotency_in_progress", _("The first request with this key is still at work. Ask again in a moment.")
        ) from error
