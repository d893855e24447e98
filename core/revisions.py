"""Small tables kept in memory: a number in the database says when a copy has grown old."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import connection, transaction

from core import transactions

T = TypeVar("T")

# The number only has to differ from every earlier one, also from those of transactions that were rolled back:
# the clock of the server gives that, a plain +1 does not.
_BUMP = """
    INSERT INTO core_revision (name, number) VALUES (%s, (extract(epoch FROM clock_timestamp()) * 1e6)::bigint)
    ON CONFLICT (name) DO UPDATE SET number = greatest(core_revision.number + 1, EXCLUDED.number)
"""
_READ = "SELECT number FROM core_revision WHERE name = %s"

_registry: dict[str, list["Cached"]] = {}
_frozen = False


def bump(name: str) -> None:
    """Say inside a transaction that what is cached under `name` changed.

    The unit of work that changed it sees its own change at once; the other threads of this process after the
    commit; other processes within the time their copies may go unchecked. Call it before the first read that
    must see the change.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BUMP, [name])
    unit = transactions.current()
    for cached in _registry.get(name, ()):
        cached._changed_in(unit)
    transaction.on_commit(lambda: _invalidate(name))


def read_anew(name: str) -> None:
    """Let this unit of work forget its own copy, after a change of its own was undone; nobody else hears of it."""
    for cached in _registry.get(name, ()):
        cached._changed_in(transactions.current())


def reset_all() -> None:
    """Forget every copy in this process; tests do so between two cases."""
    for name in list(_registry):
        _invalidate(name)


def freeze() -> None:
    """Take every copy as it is from now on: for a forked helper, whose socket to the database is its parent's."""
    global _frozen
    _frozen = True


def _invalidate(name: str) -> None:
    for cached in _registry.get(name, ()):
        cached.invalidate()


@dataclass(frozen=True)
class _Copy(Generic[T]):
    number: int
    value: T


class _Own(threading.local):
    """What this thread changed and has not committed: the unit of work, and the copy it loaded itself."""

    unit: Any = None
    copy: Any = None


class Cached(Generic[T]):
    """A value loaded by `loader`, reloaded when the revision `name` moved on.

    The number is looked up at most once per `ttl` seconds and process. Values are shared between threads:
    a loader returns something nobody changes.
    """

    def __init__(self, name: str, loader: Callable[[], T], ttl: float = 1.0) -> None:
        self.name, self.loader, self.ttl = name, loader, ttl
        self._copy: _Copy[T] | None = None
        self._checked_at = float("-inf")
        self._generation = 0
        self._lock = threading.RLock()
        self._own = _Own()
        _registry.setdefault(name, []).append(self)

    def get(self, force: bool = False) -> T:
        """The value; `force` looks the number up now."""
        if self._own.unit is not None:
            if self._own.unit is transactions.current():
                if self._own.copy is None:
                    self._own.copy = _Copy(0, self.loader())
                return self._own.copy.value
            self.invalidate()  # that unit of work has ended, well or badly
        copy = self._copy
        if copy is not None and (_frozen or not force and time.monotonic() - self._checked_at < self.ttl):
            return copy.value
        with self._lock:
            generation, checked_at, number = self._generation, time.monotonic(), self._number()
            copy = self._copy
            if copy is None or copy.number != number:
                copy = _Copy(number, self.loader())
                self._copy = copy
            if generation == self._generation:  # nobody committed a change while we were loading
                self._checked_at = checked_at
            return copy.value

    def invalidate(self) -> None:
        """Forget the copy of this process."""
        self._own.unit = self._own.copy = None
        self._generation += 1
        self._checked_at = float("-inf")
        self._copy = None

    def _changed_in(self, unit: Any) -> None:
        if unit is None:
            self.invalidate()
        else:
            self._own.unit, self._own.copy = unit, None

    def _number(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute(_READ, [self.name])
            row = cursor.fetchone()
        return row[0] if row else 0
