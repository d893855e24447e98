"""Pages of lists.

A list reads one row per order and no second table: names of areas, categories and units come from what this process
keeps in memory. A page of a reader with several ways of reach (areas, units, own reports) is the merge of one index
walk per way, so the ordinary user's page and a deep page cost what the first page of everything costs.
"""

from dataclasses import dataclass

from django.db.models import Case, Q, QuerySet, SmallIntegerField, Value, When

from personnel.jurisdiction import Standing
from workorders.models.reach import Way, visible_condition, ways_of_reach
from workorders.vocabulary import URGENCY_RANK

LIST_FIELDS = (
    "id",
    "number",
    "status",
    "level",
    "area_id",
    "lon",
    "lat",
    "address",
    "category_id",
    "title",
    "description",
    "source",
    "urgency",
    "difficulty",
    "reporter_name_masked",
    "reporter_phone_masked",
    "reported_at",
    "accepted_at",
    "dispatched_at",
    "signed_at",
    "fed_back_at",
    "checked_at",
    "closed_at",
    "due_at",
    "due_kind",
    "amber_at",
    "clock_paused",
    "card",
    "lead_id",
    "co_units",
    "follow_officer_id",
    "follow_officer__name",
    "returns",
    "reworks",
    "extensions_granted",
    "urges",
    "satisfaction",
    "resolved",
)
# What `ordering` may be → the total order behind it.
ORDERINGS = {
    "-reported_at": ("-reported_at", "-id"),
    "due_at": ("due_at", "id"),
    "-urgency": ("-urgency_rank", "-reported_at", "-id"),
}


@dataclass(frozen=True)
class Page:
    """One page of rows in reading order, and whether there are more on the far side and on the near side."""

    rows: list[dict]
    has_more: bool


def fetch_page(
    base: QuerySet,
    standing: Standing,
    *,
    ordering: str = "-reported_at",
    size: int,
    after: tuple | None = None,
    backwards: bool = False,
) -> Page:
    """A page of the orders of `base` (filtered, not yet restricted to the reader) that this person sees.

    after: the sort values of the row the page starts behind, None for the first page; backwards: read towards the
    start. Rows hold LIST_FIELDS (and `urgency_rank` when sorted by it).
    """
    order_by = ORDERINGS[ordering]
    if backwards:
        order_by = tuple(field[1:] if field.startswith("-") else f"-{field}" for field in order_by)
    columns = LIST_FIELDS
    if ordering == "-urgency":
        base, columns = base.annotate(urgency_rank=_RANK), (*LIST_FIELDS, "urgency_rank")
    if after is not None:
        base = base.filter(_behind(order_by, after))
    rows = _rows(base, standing, ordering, order_by, size + 1, columns, after)
    return Page(rows[:size][::-1] if backwards else rows[:size], len(rows) > size)


_RANK = Case(
    *[When(urgency=urgency, then=Value(rank)) for urgency, rank in URGENCY_RANK.items()],
    output_field=SmallIntegerField(),
)


def _rows(base, standing, ordering, order_by, most, columns, after) -> list[dict]:
    if standing.is_superuser:
        return list(base.order_by(*order_by).values(*columns)[:most])
    if ordering != "-reported_at":
        return list(base.filter(visible_condition(standing)).order_by(*order_by).values(*columns)[:most])
    walks = [_walk(base, way, order_by, most, after) for way in ways_of_reach(standing)]
    ids = {row[0] for row in walks[0].union(*walks[1:], all=True)}
    return list(base.model.objects.filter(pk__in=ids).order_by(*order_by).values(*columns)[:most]) if ids else []


def _walk(base: QuerySet, way: Way, order_by: tuple, most: int, after: tuple | None) -> QuerySet:
    """The ids of the first rows one way shows, along the index of that way."""
    if not way.through:
        return base.filter(way.condition).order_by(*order_by).values_list("pk", "reported_at")[:most]
    condition, newest_first = way.condition, order_by[0].startswith("-")
    if after is not None:
        condition &= Q(**{f"assignments__reported_at__{'lte' if newest_first else 'gte'}": after[0]})
    sign = "-" if newest_first else ""
    found = base.filter(condition).order_by(f"{sign}assignments__reported_at", f"{sign}pk")
    return found.values_list("pk", "assignments__reported_at").distinct()[:most]


def _behind(order_by: tuple, after: tuple) -> Q:
    """Rows that sort after the given values: a > x, or a = x and b > y, and so on."""
    found, equal = Q(), Q()
    for field, value in zip(order_by, after, strict=True):
        name = field.lstrip("-")
        if value is None:  # due_at may be missing; PostgreSQL sorts missing last when ascending
            ahead = Q(pk__in=()) if not field.startswith("-") else Q(**{f"{name}__isnull": False})
            same = Q(**{f"{name}__isnull": True})
        else:
            ahead = Q(**{f"{name}__{'lt' if field.startswith('-') else 'gt'}": value})
            if name == "due_at" and not field.startswith("-"):
                ahead |= Q(due_at__isnull=True)
            same = Q(**{name: value})
        found |= equal & ahead
        equal &= same
    first = order_by[0].lstrip("-")
    if first == "reported_at":  # a plain bound lets the index start at the right place
        found &= Q(**{f"reported_at__{'lte' if order_by[0].startswith('-') else 'gte'}": after[0]})
    return found
