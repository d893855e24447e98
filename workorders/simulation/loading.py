"""Writing lives into the database by COPY, table by table."""

import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models

from core import vault
from core.vault import EncryptedTextField
from workorders import searching
from workorders.models import (
    Assignment,
    Clock,
    Extension,
    Pause,
    PublicReport,
    Rating,
    Supervision,
    WorkOrder,
    WorkOrderEvent,
)

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=DjangoJSONEncoder().default)
_encrypted: dict[str, str] = {}


class Written(str):
    """JSON text that needs no more encoding."""


def _text(value) -> str:
    text = str(value)
    if "\\" in text or "\n" in text or "\t" in text or "\r" in text:
        return text.translate(_ESCAPES)
    return text


def _moment(value) -> str:
    return value.isoformat()


def _json(value) -> str:
    return value if isinstance(value, Written) else _text(_JSON.encode(value))


def _array(value) -> str:
    quoted = ('"' + str(one).replace("\\", "\\\\").replace('"', '\\"') + '"' for one in value)
    return _text("{" + ",".join(quoted) + "}")


def _bytes(value) -> str:
    return "\\\\x" + bytes(value).hex()


@cache
def _limit(limit) -> Written:
    return Written(_JSON.encode(limit.to_json()))


def _secret(value) -> str:
    if not value:
        return ""
    if value not in _encrypted:
        _encrypted[value] = vault.encrypt(value)
    return _encrypted[value]


def _writer(field):
    if isinstance(field, EncryptedTextField):
        return _secret
    if isinstance(field, models.JSONField):
        return _json
    if isinstance(field, ArrayField):
        return _array
    if isinstance(field, models.BooleanField):
        return lambda value: "t" if value else "f"
    if isinstance(field, models.DateTimeField | models.DateField):
        return _moment
    if isinstance(field, models.BinaryField):
        return _bytes
    if isinstance(field, models.CharField | models.TextField):
        return _text
    return str


class Table:
    """One table's columns, and rows of dicts as COPY text."""

    def __init__(self, model, *, with_id: bool = False):
        fields = [field for field in model._meta.concrete_fields if with_id or not field.primary_key]
        self.name = model._meta.db_table
        self.columns = [field.column for field in fields]
        self.blank = {field.attname: field.get_default() for field in fields}
        self._writers = []
        for field in fields:
            write, value = _writer(field), self.blank[field.attname]
            self._writers.append((field.attname, write, value, "\\N" if value is None else write(value)))

    def text(self, rows: Iterable[dict]) -> str:
        """The rows as COPY reads them."""
        lines = []
        for row in rows:
            cells = []
            for name, write, blank, blank_text in self._writers:
                value = row[name]
                if value is blank:  # most columns of most rows
                    cells.append(blank_text)
                else:
                    cells.append("\\N" if value is None else write(value))
            lines.append("\t".join(cells))
        lines.append("")
        return "\n".join(lines)

    def copy(self, cursor, text: str):
        """Send COPY text."""
        if text:
            columns = ", ".join(f'"{column}"' for column in self.columns)
            cursor.copy_expert(f'COPY "{self.name}" ({columns}) FROM STDIN', io.StringIO(text))


# In the order in which they refer to each other. Clocks that stood still carry their ids, for their pauses.
ORDERS, EVENTS = Table(WorkOrder, with_id=True), Table(WorkOrderEvent)
CLOCKS, STOOD_STILL, PAUSES = Table(Clock), Table(Clock, with_id=True), Table(Pause)
ASSIGNMENTS, EXTENSIONS, SUPERVISIONS = Table(Assignment), Table(Extension), Table(Supervision)
PUBLIC, RATINGS = Table(PublicReport), Table(Rating)
TABLES = (ORDERS, EVENTS, CLOCKS, ASSIGNMENTS, EXTENSIONS, SUPERVISIONS, PUBLIC, RATINGS)


@dataclass
class Batch:
    """COPY text for each of `TABLES`; clocks that stood still wait for ids: [(row, pauses)]. rows, events: how many."""

    texts: list[str]
    paused: list[tuple[dict, list]]
    rows: int
    events: int


def batch_of(lives) -> Batch:
    """What is to be written for these lives; needs no database."""
    clocks, paused = [], []
    for life in lives:
        for one in life.clocks.clocks:
            row = _clock_row(one, life.order.id)
            if one.pauses:
                paused.append((row, one.pauses))
            else:
                clocks.append(row)
    groups = (
        [life.order.__dict__ for life in lives],
        [row for life in lives for row in life.events],
        clocks,
        [row for life in lives for row in life.assignments],
        [row for life in lives for row in life.extensions],
        [row for life in lives for row in life.supervisions],
        [life.public for life in lives if life.public],
        [life.rating for life in lives if life.rating],
    )
    texts = [table.text(rows) if rows else "" for table, rows in zip(TABLES, groups, strict=True)]
    rows = sum(map(len, groups)) + sum(1 + len(pauses) for _row, pauses in paused)
    return Batch(texts, paused, rows, len(groups[1]))


def send(batch: Batch) -> None:
    """Write a batch inside the present transaction."""
    ids = reserve(Clock, len(batch.paused))
    clocks = [{**row, "id": pk} for pk, (row, _pauses) in zip(ids, batch.paused, strict=True)]
    pauses = [
        {"clock_id": pk, "since": since, "until": until, "reason": reason}
        for pk, (_row, stops) in zip(ids, batch.paused, strict=True)
        for since, until, reason in stops
    ]
    with connection.cursor() as cursor:
        for table, text in zip(TABLES, batch.texts, strict=True):
            table.copy(cursor, text)
        STOOD_STILL.copy(cursor, STOOD_STILL.text(clocks) if clocks else "")
        PAUSES.copy(cursor, PAUSES.text(pauses) if pauses else "")


def store(lives) -> None:
    """Write lives inside the present transaction, findable by their words."""
    send(batch_of(lives))
    if lives:
        searching.sort_in_all(after=min(life.order.id for life in lives) - 1)


def reserve(model, count: int) -> list[int]:
    """Ids of the table nobody else gets, ascending."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return sorted(row[0] for row in cursor.fetchall())


def _clock_row(one, order_id: int) -> dict:
    return {
        "order_id": order_id,
        "kind": one.kind,
        "unit_id": one.unit_id,
        "limit": _limit(one.limit),
        "since": one.since,
        "due_at": one.due_at,
        "stopped_at": one.stopped_at,
        "paused_at": one.paused_at,
        "is_rework": one.is_rework,
        "was_returned": one.was_returned,
        "own_limit": _limit(one.own_limit),
        "urgency_steps": one.urgency_steps,
        "was_paused": bool(one.pauses),
    }
