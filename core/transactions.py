"""One command, one transaction: the outermost unit of work opens it, everything inside belongs to it."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, transaction

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(eq=False)
class Unit:
    """The unit of work in progress: known by identity, bound to the connection it was opened on."""

    connection: Any


_current: ContextVar[Unit | None] = ContextVar("unit_of_work", default=None)


def current() -> Unit | None:
    """The unit of work this code runs in, or None outside of any."""
    unit = _current.get()
    return unit if unit is not None and unit.connection is connections[DEFAULT_DB_ALIAS] else None


@contextmanager
def unit_of_work() -> Iterator[Unit]:
    """Run the block in one transaction.

    1. The outermost call opens `transaction.atomic()`: a transaction, or a savepoint in a test that is itself one.
    2. Calls inside it open no savepoint. An exception that leaves them condemns the whole: whoever catches it
       cannot go on writing unless he put a savepoint of his own around the call.
    """
    inside = current()
    if inside is not None:
        with transaction.atomic(savepoint=False):
            yield inside
        return
    with transaction.atomic():
        unit = Unit(connections[DEFAULT_DB_ALIAS])
        token = _current.set(unit)
        try:
            yield unit
        finally:
            _current.reset(token)


def command(function: Callable[P, R]) -> Callable[P, R]:
    """Make a function one unit of work: all of it happens or none of it."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with unit_of_work():
            return function(*args, **kwargs)

    return run


def be_patient() -> None:
    """Let the present transaction take the time a large piece of work takes, also while it thinks."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")
