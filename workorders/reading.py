"""Pages of lists.

A list reads one row per order and no second table: names of areas, categories and units come from what this process
keeps in memory. A page of a reader with several ways of reach (areas, units, own reports) is the merge of one index
walk per way, so the ordinary user's page and a deep page cost what the first page of everything costs.
"""

from dataclasses import dataclass

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db import connection
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
    # By due time a unit's orders are not found along an index: its few open ones are sorted.
    if ordering == "-urgency" or (ordering == "due_at" and standing.unit_ids):
        seen = base if standing.is_superuser else base.filter(visible_condition(standing))
        return list(seen.order_by(*order_by).values(*columns)[:most])
    try:
        asked = _asked(base)
    except EmptyResultSet:
        return []
    by = ", ".join(f"{_TABLE}.{name.lstrip('-')} {'DESC' if name.startswith('-') else 'ASC'}" for name in order_by)
    ways = [None] if standing.is_superuser else ways_of_reach(standing)
    walks = [_walk(way, *asked, by=by, order_by=order_by, most=most, after=after) for way in ways]
    sql = _PAGE.format(walks=" UNION ALL ".join(text for text, _values in walks), by=by)
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for _text, values in walks for value in values] + [most])
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


# The rows of a page, by hand: Django takes longer to write these statements than PostgreSQL to answer them. The ids are
# an array made first, so that no plan walks all orders to find the few.
_TABLE = "workorders_workorder"
_SHOWN = ", ".join("follower.name" if name == "follow_officer__name" else f"{_TABLE}.{name}" for name in LIST_FIELDS)
_PAGE = f"""
    SELECT {_SHOWN} FROM {_TABLE} LEFT JOIN personnel_user follower ON follower.id = {_TABLE}.follow_officer_id
    WHERE {_TABLE}.id = ANY (ARRAY (SELECT id FROM ({{walks}}) ids))
    ORDER BY {{by}} LIMIT %s
"""  # noqa: S608 - names of ours only


def _asked(base: QuerySet) -> tuple[str, list]:
    """What the filters ask of a row, as SQL that names the table of orders; filters that join become a set of ids."""
    query = base.query.clone()
    query.get_initial_alias()
    if sum(1 for uses in query.alias_refcount.values() if uses) > 1:
        query = base.model.objects.order_by().filter(pk__in=base.order_by().values("pk")).query
        query.get_initial_alias()
    try:
        sql, params = query.get_compiler(connection=connection).compile(query.where)
    except FullResultSet:
        return "TRUE", []
    return sql or "TRUE", list(params)


def _walk(way: Way | None, asked: str, given: list, *, by: str, order_by: tuple, most: int, after) -> tuple[str, list]:
    """The ids of the first rows one way shows, along the index of that way; None: of all orders."""
    [(lookup, value)] = way.condition.children if way else [("", None)]
    if way is None or not way.through:
        mine, values = (f"{_TABLE}.{lookup} = %s AND ", [value]) if way else ("", [])
        sql = f"(SELECT {_TABLE}.id FROM {_TABLE} WHERE {mine}{asked} ORDER BY {by} LIMIT %s)"  # noqa: S608 - ours only
        return sql, [*values, *given, most]
    column = lookup.removeprefix("assignments__")
    if order_by[0].lstrip("-") != "reported_at":  # an officer has few parts
        sql = (
            f"(SELECT {_TABLE}.id FROM {_TABLE} WHERE {_TABLE}.id IN"  # noqa: S608 - names of ours only
            f" (SELECT part.order_id FROM workorders_assignment part WHERE part.{column} = %s)"
            f" AND {asked} ORDER BY {by} LIMIT %s)"
        )
        return sql, [value, *given, most]
    down, bound, values = "DESC" if order_by[0].startswith("-") else "ASC", "", [value]
    if after is not None:
        bound, values = f" AND part.reported_at {'<' if down == 'DESC' else '>'}= %s", [value, after[0]]
    sql = (
        f"(SELECT id FROM (SELECT DISTINCT part.order_id AS id, part.reported_at FROM workorders_assignment part"  # noqa: S608
        f" JOIN {_TABLE} ON {_TABLE}.id = part.order_id WHERE part.{column} = %s{bound} AND {asked}"
        f" ORDER BY part.reported_at {down}, part.order_id {down} LIMIT %s) parts)"
    )
    return sql, [*values, *given, most]


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
