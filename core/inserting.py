"""New rows by a statement that is written once per model: on the hottest paths Django's own INSERT costs more than
PostgreSQL's. Values go through the same fields, so encryption, JSON and defaults are as ever; no signals are sent."""

import datetime as dt
import functools
from collections.abc import Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models.expressions import DatabaseDefault

# Values that go to the database as they are, whichever of these fields holds them; all others go the field's own way.
_PLAIN_FIELDS = frozenset(
    {
        models.BooleanField,
        models.CharField,
        models.DateTimeField,
        models.FloatField,
        models.ForeignKey,
        models.PositiveIntegerField,
        models.PositiveSmallIntegerField,
        models.TextField,
    }
)
_PLAIN_VALUES = frozenset({bool, float, int, str, type(None)})


def insert(row: models.Model) -> None:
    """Store one new row and give it its number. Raises what `save` raises."""
    insert_all((row,))


def insert_all(rows: Sequence[models.Model], *, unless_known: bool = False) -> None:
    """Store new rows of one model in one statement. Either all of them have a primary key, or none.

    What the database fills in (the key, columns with a default of its own) is put on the rows. unless_known: rows that
    would break a uniqueness are passed over, and then nothing is put on the rows.
    """
    if not rows:
        return
    first = rows[0]
    filled = _filled(first)
    head, fields, placeholders, tail = _statement(type(first), filled)
    if unless_known:
        tail, filled = "ON CONFLICT DO NOTHING", ()
    values = [_value(field, row) for row in rows for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(f"{head} {', '.join([placeholders] * len(rows))} {tail}", values)
        returned = cursor.fetchall() if filled else [()] * len(rows)
    for row, found in zip(rows, returned, strict=True):
        for field, value in zip(filled, found, strict=True):
            setattr(row, field.attname, value)
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def insert_together(*groups: Sequence[models.Model]) -> None:
    """Store new rows of several models in one statement; rows may refer to each other by keys of their own.

    What the database would fill in stays unknown: such a row is stored and its object is done with. Raises what `save`
    raises, and then nothing is stored.
    """
    texts, values, present = [], [], [group for group in groups if group]
    for group in present:
        first = group[0]
        filled = _filled(first)
        head, fields, placeholders, _tail = _statement(type(first), filled)
        texts.append(f"{head} {', '.join([placeholders] * len(group))}")
        values += [_value(field, row) for row in group for field in fields]
    if not texts:
        return
    *before, last = texts
    parts = ", ".join(f"part{number} AS ({text})" for number, text in enumerate(before))
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {parts} {last}" if before else last, values)
    for group in present:
        for row in group:
            row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def _value(field: models.Field, row: models.Model) -> Any:
    """What the statement gets for one column."""
    if type(field) in _PLAIN_FIELDS:
        value = row.__dict__.get(field.attname, field)
        kind = type(value)
        if kind in _PLAIN_VALUES or (kind is dt.datetime and value.tzinfo is not None):
            return value
    return field.get_db_prep_save(field.pre_save(row, True), connection)


def _filled(row: models.Model) -> tuple[Any, ...]:
    """The fields the database gives a value: the key, columns with a default of its own."""
    return tuple(
        field
        for field in _fillable(type(row))
        if isinstance(getattr(row, field.attname), DatabaseDefault) or (field.primary_key and row.pk is None)
    )


@functools.cache
def _fillable(model: type[models.Model]) -> tuple[Any, ...]:
    return tuple(field for field in model._meta.concrete_fields if field.primary_key or field.has_db_default())


@functools.cache
def _statement(model: type[models.Model], filled: tuple) -> tuple[str, list[Any], str, str]:
    """The statement up to its values, the fields it fills, the placeholders of one row, and what it returns."""
    quote, fields = connection.ops.quote_name, [one for one in model._meta.concrete_fields if one not in filled]
    columns = ", ".join(quote(field.column) for field in fields)
    placeholders = ", ".join(
        field.get_placeholder(None, None, connection) if hasattr(field, "get_placeholder") else "%s" for field in fields
    )
    head = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES"  # noqa: S608 - names of ours only
    tail = "RETURNING " + ", ".join(quote(field.column) for field in filled) if filled else ""
    return head, fields, f"({placeholders})", tail
