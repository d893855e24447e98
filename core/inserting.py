"""New rows by a statement that is written once per model: on the hottest paths Django's own INSERT costs more than
PostgreSQL's. Values go through the same fields, so encryption, JSON and defaults are as ever; no signals are sent."""

import functools
from collections.abc import Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models.expressions import DatabaseDefault


def insert(row: models.Model) -> None:
    """Store one new row and give it its number. Raises what `save` raises."""
    insert_all((row,))


def insert_all(rows: Sequence[models.Model]) -> None:
    """Store new rows of one model in one statement. Either all of them have a primary key, or none.

    What the database fills in (the key, columns with a default of its own) is put on the rows.
    """
    if not rows:
        return
    first = rows[0]
    filled = tuple(
        field
        for field in first._meta.concrete_fields
        if isinstance(getattr(first, field.attname), DatabaseDefault) or (field.primary_key and first.pk is None)
    )
    head, fields, placeholders, tail = _statement(type(first), filled)
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for row in rows for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(f"{head} {', '.join([placeholders] * len(rows))} {tail}", values)
        returned = cursor.fetchall() if filled else [()] * len(rows)
    for row, found in zip(rows, returned, strict=True):
        for field, value in zip(filled, found, strict=True):
            setattr(row, field.attname, value)
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


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
