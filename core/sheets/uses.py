"""What refers to rows, whichever app it belongs to: asked before something is taken back."""

from collections import defaultdict
from collections.abc import Collection

from django.db import models
from django.db.models import Count


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
        rows = other._base_manager.filter(**{f"{name}__in": wanted}).order_by()
        for pk, number in rows.values_list(name).annotate(number=Count("pk")):
            words = f"{other._meta.verbose_name_plural} ({number})"
            if words not in found[pk]:
                found[pk].append(words)
    return dict(found)
