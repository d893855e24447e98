"""Words in orders: which orders contain a piece of text of two characters and more, quickly among a million.

1. `workorders_ordertext` holds for each order the pairs of neighbouring letters of its texts as numbers, with a GIN
   index. The pairs of what is searched narrow a million orders to a few; the texts themselves decide.
2. The worker sorts a new order in after the commit. Orders it has not come to yet stand in the outbox and are looked
   at one by one, so a report is found at once.
3. What very many orders contain is not worth the index: then the list is walked newest first and soon has its page.

Besides its pairs an order carries the pieces of four digits of its number, its areas, and its reporter's phone (by the
keyed hash), each in a range of numbers no letters use.
"""

import re

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from core import vault
from personnel.jurisdiction import Standing, units_directory

LEAST = 2
# More hits than this and walking the list is quicker than looking each of them up.
MOST = 4000
BATCH = 2000
FIELDS = ("number", "title", "description", "external_id")
PHONE = re.compile(r"\+?\d{7,15}")

# One place computes the numbers, for what is kept and for what is asked: functions of the database.
FUNCTIONS = """
CREATE OR REPLACE FUNCTION workorders_grams(words text) RETURNS integer[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT COALESCE(array_agg(DISTINCT gram), '{}') FROM (
        SELECT ((ascii(letter) & 65535)::bigint * 65536
            + (ascii(lead(letter) OVER (ORDER BY place)) & 65535))::bit(32)::integer AS gram
        FROM unnest(string_to_array(lower(words), NULL)) WITH ORDINALITY AS letters (letter, place)
    ) pairs WHERE gram IS NOT NULL
$$;
CREATE OR REPLACE FUNCTION workorders_digits(digits text) RETURNS integer[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT COALESCE(array_agg(DISTINCT 65536 + substr(digits, place, 4)::integer), '{}')
    FROM generate_series(1, length(digits) - 3) place WHERE substr(digits, place, 4) ~ '^[0-9]{4}$'
$$;
CREATE OR REPLACE FUNCTION workorders_area_gram(area bigint) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT 131072 + (area % 524288)::integer
$$;
CREATE OR REPLACE FUNCTION workorders_phone_gram(hash text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT 1048576 + ('x' || lpad(left(hash, 5), 8, '0'))::bit(32)::integer
$$;
"""
NO_FUNCTIONS = """
DROP FUNCTION IF EXISTS workorders_grams(text);
DROP FUNCTION IF EXISTS workorders_digits(text);
DROP FUNCTION IF EXISTS workorders_area_gram(bigint);
DROP FUNCTION IF EXISTS workorders_phone_gram(text);
"""
_SORT_IN = """
    INSERT INTO workorders_ordertext (order_id, grams)
    SELECT o.id, workorders_grams(concat_ws(chr(1), o.title, o.description, o.external_id))
        || workorders_digits(o.number)
        || ARRAY (
            SELECT workorders_area_gram(area)
            FROM unnest(ARRAY [o.area_id, o.community_id, o.street_id, o.district_id, o.city_id]) area
            WHERE area IS NOT NULL
        ) || CASE WHEN o.reporter_phone_hash ~ '^[0-9a-f]{5}'
            THEN ARRAY [workorders_phone_gram(o.reporter_phone_hash)] ELSE '{}'::integer[] END
    FROM workorders_workorder o WHERE <which> ON CONFLICT (order_id) DO UPDATE SET grams = EXCLUDED.grams
"""
_ONE = _SORT_IN.replace("<which>", "o.id = %s")
_RANGE = _SORT_IN.replace("<which>", "o.id > %s AND o.id <= %s")
_THESE = _SORT_IN.replace("<which>", "o.id = ANY (%s)")
_WITHIN = _SORT_IN.replace("<which>", "o.area_id = ANY (%s)")
# What the worker has not come to yet: sorting in and marking the row done are one transaction.
_NEW = """
    SELECT (payload ->> 'order')::bigint FROM core_outbox WHERE done_at IS NULL AND NOT dead AND topic = %(topic)s
    UNION ALL SELECT (payload ->> 'order')::bigint FROM core_outbox WHERE dead AND topic = %(topic)s LIMIT %(most)s
"""
REPORTED = "workorders.reported"


def sort_in(order_id: int) -> None:
    """Make one order findable by its words; again when its texts, its place or its phone changed."""
    with connection.cursor() as cursor:
        cursor.execute(_ONE, [order_id])


def sort_in_these(order_ids: list[int]) -> None:
    """Make some orders findable anew, after they went to other areas."""
    with connection.cursor() as cursor:
        cursor.execute(_THESE, [order_ids])


def sort_in_within(areas: list[int]) -> None:
    """Make the orders of these areas findable anew, after the areas moved."""
    with connection.cursor() as cursor:
        cursor.execute(_WITHIN, [areas])


def sort_in_all(*, after: int = 0, tell=lambda done: None) -> int:
    """Make all orders with a larger id findable, in batches; returns how many. Safe to repeat."""
    done = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                "SELECT max(id) FROM (SELECT id FROM workorders_workorder WHERE id > %s ORDER BY id LIMIT %s) next",
                [after, BATCH],
            )
            last = cursor.fetchone()[0]
            if last is None:
                return done
            cursor.execute(_RANGE, [after, last])
            after, done = last, done + cursor.rowcount
            tell(done)


def containing(orders: QuerySet, words: str, standing: Standing, *, phones: bool = False) -> QuerySet:
    """The orders of which number, title, description or external id contain the words, without regard to case.

    Words of one character narrow nothing. phones: a whole phone number finds the reporter's orders too. What is
    outside the reader's reach is left to the caller; `standing` only says where to look first.
    """
    condition = condition_of(words, standing, phones=phones)
    return orders if condition is None else orders.filter(condition)


def condition_of(words: str, standing: Standing, *, phones: bool = False) -> Q | None:
    """The same as a condition; None when there is nothing to look for."""
    words = words.replace("\x00", "").strip()
    if len(words) < LEAST:
        return None
    found = Q()
    for name in FIELDS:
        found |= Q(**{f"{name}__icontains": words})
    phone = re.sub(r"[\s-]", "", words)
    hashed = vault.keyed_hash(phone) if phones and PHONE.fullmatch(phone) else ""
    if hashed:
        found |= Q(reporter_phone_hash=hashed)
    candidates = _candidates(words, hashed, standing)
    return found if candidates is None else Q(pk__in=RawSQL("SELECT unnest(%s::bigint[])", [candidates])) & found  # noqa: S611


def _candidates(words: str, hashed: str, standing: Standing) -> list[int] | None:
    """Ids that may match, newest not sorted in yet included; None when they are too many to be of use."""
    digits = words.isascii() and words.isdigit()
    if digits and len(words) < 4:
        return None
    # One of these sets has to be contained: the text's pairs, the number's pieces, the phone.
    sets, values = ["workorders_grams(%s)"], [words]
    if digits:
        sets, values = [*sets, "workorders_digits(%s)"], [*values, words]
    if hashed:
        sets, values = [*sets, "ARRAY [workorders_phone_gram(%s)]"], [*values, hashed]
    with connection.cursor() as cursor:
        cursor.execute(_NEW, {"topic": REPORTED, "most": MOST + 1})
        newest = [pk for (pk,) in cursor.fetchall()]
        if len(newest) > MOST:
            return None
        found = _matching(cursor, sets, values, None)
        places = _places(standing)
        if found is None and places:
            found = _matching(cursor, sets, values, places)
            if found is not None:
                found += _own(cursor, standing)
    return None if found is None or len(found) > 2 * MOST else list({*found, *newest})


def _matching(cursor, sets: list[str], values: list, places: list[int] | None) -> list[int] | None:
    """Ids of the orders sorted in that carry one of the sets, in one of the places; None when there are too many."""
    inside = [" || workorders_area_gram(%s)"] if places else [""]
    wanted, given = [], []
    for one, value in zip(sets, values, strict=True):
        for place in places or [None]:
            wanted.append(f"grams @> ({one}{inside[0]})")
            given += [value] if place is None else [value, place]
    sql = f"SELECT order_id FROM workorders_ordertext WHERE {' OR '.join(wanted)} LIMIT %s"  # noqa: S608 - ours only
    cursor.execute(sql, [*given, MOST + 1])
    found = [pk for (pk,) in cursor.fetchall()]
    return None if len(found) > MOST else found


def _places(standing: Standing) -> list[int]:
    """The areas a person's orders lie in, own reports apart; units take orders of their own area and below."""
    if standing.is_superuser:
        return []
    units = units_directory().by_id
    return sorted({*standing.area_ids, *(units[pk].area_id for pk in standing.unit_ids if pk in units)})[:8]


def _own(cursor, standing: Standing) -> list[int]:
    """What a person sees wherever it lies: own reports, and what was given to the person by name."""
    cursor.execute(
        "(SELECT id FROM workorders_workorder WHERE reporter_id = %s ORDER BY reported_at DESC LIMIT %s)"
        " UNION (SELECT order_id FROM workorders_assignment WHERE officer_id = %s LIMIT %s)",
        [standing.user.pk, MOST + 1, standing.user.pk, MOST + 1],
    )
    return [pk for (pk,) in cursor.fetchall()]
