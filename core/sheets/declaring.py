"""What a kind of table says of itself, and what is found out about its rows."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db import models
from django.utils.translation import pgettext_lazy


class Outcome(models.TextChoices):
    """What a row does when it is imported."""

    NEW = "new", pgettext_lazy("row", "New")
    CHANGED = "changed", pgettext_lazy("row", "Changed")
    UNCHANGED = "unchanged", pgettext_lazy("row", "Unchanged")
    REFUSED = "refused", pgettext_lazy("row", "Refused")


class Unreadable(Exception):
    """The file as a whole cannot be used; the text says why."""


@dataclass(frozen=True)
class Column:
    """One column: its head for programs, its head for people, what stands in it.

    choices: gives (stored word, label) pairs; a cell may hold either. also: words beyond them that files have always
    had. size: its width in the template.
    """

    name: str
    label: Any
    help: Any
    required: bool = False
    choices: Callable[[], Iterable[tuple[str, Any]]] | None = None
    example: str = ""
    size: int = 20
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One row: {column: text}, every column that is in the file, blanks around texts removed."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Table:
    """The rows of a file. present: the columns it has; heads: {column: its place}; head_line: where they stand."""

    rows: list[Row]
    present: frozenset[str]
    heads: dict[str, int] = field(default_factory=dict)
    head_line: int = 1

    def only(self, lines: set[int]) -> "Table":
        """The same table with these lines alone."""
        return Table([row for row in self.rows if row.line in lines], self.present, self.heads, self.head_line)


@dataclass(frozen=True)
class Scope:
    """Who imports, when, and inside which area (None: everywhere)."""

    by: Any
    at: dt.datetime
    area_id: int | None

    def reaches(self, path: Iterable[int]) -> bool:
        """Whether an area with this path (ids top-down, its own last) lies inside."""
        return self.area_id is None or self.area_id in path


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a row: the column it is about ("" for the whole row), the reason in words."""

    column: str
    reason: str


@dataclass
class Verdict:
    """What becomes, or became, of one row. key: what it is about; made: what taking it back needs, as plain JSON."""

    line: int
    outcome: str
    key: str = ""
    faults: tuple[Fault, ...] = ()
    made: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Made:
    """A row that was written, as it is kept for taking it back."""

    line: int
    key: str
    outcome: str
    made: dict


class Sheet(Protocol):
    """One kind of table. The rules behind it are those of the commands and of the command line."""

    name: str
    label: Any
    about: Any
    columns: Sequence[Column]
    # How many rows are written in one transaction.
    batch: int

    def judge(self, table: Table, scope: Scope) -> list[Verdict]:
        """What would become of each row, in the order in which they are written. Writes nothing."""

    def write(self, table: Table, scope: Scope) -> list[Verdict]:
        """Judge once more and write what is good, inside the present transaction."""

    def in_the_way(self, rows: Sequence[Made], scope: Scope) -> list[Fault]:
        """Why rows cannot be taken back: column holds the row's key. Empty when all of them can."""

    def take_back(self, rows: Sequence[Made], scope: Scope) -> None:
        """Undo what was written, inside the present transaction; asked only when nothing is in the way."""

    def finish(self, scope: Scope) -> None:
        """What follows when all of it was written or taken back, after the commit."""
