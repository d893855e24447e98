"""What refers to rows, whichever app it belongs to: asked before something is taken back."""

from collections import defaultdict
from collections.abc import Collection

from django.db import connection, models

# Asked with thousands of ids, so written by hand: names of ours only, the ids as one array.
_COUNT = "SELECT {column}, count(*) FROM {table} WHERE {column} = ANY (%s) GROUP BY {column}"


def uses(
    model: type[models.Model], ids: Collection[int], *, besides: Collection[tuple[str, str]] = ()
) -> dict[int, list[str]]:
    """{id: what refers to it, in words}, one statement per foreign key that points at the model.

    besides: (label of a model, field) pairs that do not count, such as ("personnel.Post", "person").
    """
    found: dict[int, list[str]] = defaultdict(list)
    wanted = list(ids)
    for relation in model._meta.get_fields(include_hidden=True):
        if not relation.auto_created or relation.concrete or relation.many_to_many:
            continue
        other, name = relation.related_model, relation.field.name
        if (other._meta.label, name) in besides:
            continue
        quote, column = connection.ops.quote_name, relation.field.column
        asked = _COUNT.format(table=quote(other._meta.db_table), column=quote(column))
        with connection.cursor() as cursor:
            cursor.execute(asked, [wanted])
            counted = cursor.fetchall()
        for pk, number in counted:
            words = f"{other._meta.verbose_name_plural} ({number})"
            if words not in found[pk]:
                found[pk].append(words)
    return dict(found)
