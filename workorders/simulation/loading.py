"""Writing lives into the database by COPY, table by table."""

import io
import json
from collections.abc import Iterable

from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models

from core import vault
from core.vault import EncryptedTextField
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


def _text(value) -> str:
    return str(value).translate(_ESCAPES)


def _moment(value) -> str:
    return value.isoformat()


def _json(value) -> str:
    return _JSON.encode(value).translate(_ESCAPES)


def _array(value) -> str:
    quoted = ('"' + str(one).replace("\\", "\\\\").replace('"', '\\"') + '"' for one in value)
    return ("{" + ",".join(quoted) + "}").translate(_ESCAPES)


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
    if isinstance(field, models.CharField | models.TextField):
        return _text
    return str


class Table:
    """One table's columns, and rows of dicts as COPY text."""

    def __init__(self, model, *, with_id: bool = False):
        fields = [field for field in model._meta.concrete_fields if with_id or not field.primary_key]
        self.name = model._meta.db_table
        self.columns = [field.column for field in fields]
        self._writers = [(field.attname, _writer(field)) for field in fields]

    def text(self, rows: Iterable[dict]) -> str:
        """The rows as COPY reads them."""
        lines = []
        for row in rows:
            cells = []
            for name, write in self._writers:
                value = row[name]
                cells.append("\\N" if value is None else write(value))
            lines.append("\t".join(cells))
        lines.append("")
        return "\n".join(lines)

    def copy(self, cursor, text: str):
        """Send COPY text."""
        if text:
            columns = ", ".join(f'"{column}"' for column in self.columns)
            cursor.copy_expert(f'COPY "{self.name}" ({columns}) FROM STDIN', io.StringIO(text))


# In the order in which they refer to each other.
ORDERS, EVENTS = Table(WorkOrder, with_id=True), Table(WorkOrderEvent)
CLOCKS, PAUSES = Table(Clock, with_id=True), Table(Pause)
ASSIGNMENTS, EXTENSIONS, SUPERVISIONS = Table(Assignment), Table(Extension), Table(Supervision)
PUBLIC, RATINGS = Table(PublicReport), Table(Rating)
TABLES = (ORDERS, EVENTS, CLOCKS, PAUSES, ASSIGNMENTS, EXTENSIONS, SUPERVISIONS, PUBLIC, RATINGS)


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


def texts_of(lives, clock_ids: Iterable[int]) -> tuple[list[str], int]:
    """COPY text for each of `TABLES`, and how many rows. clock_ids: as many ids as the lives have clocks, or more."""
    ids = iter(clock_ids)
    clocks, pauses = [], []
    for life in lives:
        for one in life.clocks.clocks:
            pk = next(ids)
            clocks.append(_clock_row(one, pk, life.order.id))
            pauses.extend(
                {"clock_id": pk, "since": since, "until": until, "reason": reason}
                for since, until, reason in one.pauses
            )
    groups = (
        [life.order.__dict__ for life in lives],
        [row for life in lives for row in life.events],
        clocks,
        pauses,
        [row for life in lives for row in life.assignments],
        [row for life in lives for row in life.extensions],
        [row for life in lives for row in life.supervisions],
        [life.public for life in lives if life.public],
        [life.rating for life in lives if life.rating],
    )
    texts = [table.text(rows) if rows else "" for table, rows in zip(TABLES, groups, strict=True)]
    return texts, sum(len(rows) for rows in groups)


def store(lives) -> int:
    """Write the lives inside the present transaction; returns the number of rows."""
    texts, count = texts_of(lives, reserve(Clock, sum(len(life.clocks.clocks) for life in lives)))
    send(texts)
    return count


def send(texts: list[str]):
    """COPY what `texts_of` made."""
    with connection.cursor() as cursor:
        for table, text in zip(TABLES, texts, strict=True):
            table.copy(cursor, text)


def _clock_row(one, pk: int, order_id: int) -> dict:
    return {
        "id": pk,
        "order_id": order_id,
        "kind": one.kind,
        "unit_id": one.unit_id,
        "limit": one.limit.to_json(),
        "since": one.since,
        "due_at": one.due_at,
        "stopped_at": one.stopped_at,
        "paused_at": one.paused_at,
        "is_rework": one.is_rework,
        "was_returned": one.was_returned,
        "own_limit": one.own_limit.to_json(),
        "urgency_steps": one.urgency_steps,
        "was_paused": bool(one.pauses),
    }
