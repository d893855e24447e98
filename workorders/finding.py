"""One order by its number, for somebody who sees it. Asked by every request on an order, so written by hand."""

import functools

from django.db import connection

from personnel.jurisdiction import Standing
from workorders.models import WorkOrder
from workorders.models.reach import ways_of_reach

# What no step reads and no page shows stays where it is: the clear name and phone are asked for by name only.
LEFT_OUT = frozenset(("reporter_name", "reporter_phone"))


def find(number: str, standing: Standing, *, lock: bool = False) -> WorkOrder | None:
    """The order with this number if it is within reach, by the same ways lists are read; superusers see all.

    lock: take its row lock until the transaction ends.
    """
    sql, names, converters = _select()
    seen, values = _seen(standing)
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} AND {seen}{' FOR UPDATE OF o' if lock else ''}", [number, *values])
        row = cursor.fetchone()
    if row is None:
        return None
    row = list(row)
    for at, convert in converters:
        row[at] = convert(row[at], None, connection)
    return WorkOrder.from_db(connection.alias, names, row)


@functools.cache
def _select() -> tuple[str, list[str], list[tuple]]:
    """The statement up to the reader's reach, the attributes it fills, and what makes values of them."""
    fields = [field for field in WorkOrder._meta.concrete_fields if field.name not in LEFT_OUT]
    columns = ", ".join(f"o.{connection.ops.quote_name(field.column)}" for field in fields)
    converters = [(at, field.from_db_value) for at, field in enumerate(fields) if hasattr(field, "from_db_value")]
    sql = f"SELECT {columns} FROM {WorkOrder._meta.db_table} o WHERE o.number = %s"  # noqa: S608 - names of ours only
    return sql, [field.attname for field in fields], converters


def _seen(standing: Standing) -> tuple[str, list]:
    if standing.is_superuser:
        return "TRUE", []
    own, parts, values = [], [], ([], [])
    for way in ways_of_reach(standing):
        [(lookup, value)] = way.condition.children
        (parts if way.through else own).append(f"{lookup.removeprefix('assignments__')} = %s")
        values[way.through].append(value)
    part = "EXISTS (SELECT FROM workorders_assignment WHERE order_id = o.id AND (" + " OR ".join(parts) + "))"
    return f"({' OR '.join([*own, part])})", [*values[0], *values[1]]
