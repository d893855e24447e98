"""Who works on which order just now. A lease, not a lock: it tells colleagues, and runs out by itself."""

import datetime as dt
from dataclasses import dataclass

from django.db import connection

from core.transactions import command
from workorders.deskwork import live
from workorders.models import WorkOrder

LEASE = dt.timedelta(minutes=2)

# One statement: take what is free, has run out or is one's own already, and say who has it now.
_TAKE = """
    WITH given_up AS (
        DELETE FROM workorders_claim WHERE person_id = %(me)s AND order_id <> %(order)s RETURNING order_id
    ),
    taken AS (
        INSERT INTO workorders_claim AS held (order_id, person_id, since, until)
        VALUES (%(order)s, %(me)s, %(at)s, %(until)s)
        ON CONFLICT (order_id) DO UPDATE SET
            since = CASE WHEN held.person_id = excluded.person_id AND held.until > excluded.since
                THEN held.since ELSE excluded.since END,
            person_id = excluded.person_id, until = excluded.until
        WHERE held.person_id = excluded.person_id OR held.until <= excluded.since OR %(force)s
        RETURNING order_id, person_id, since
    )
    SELECT person_id, since, (SELECT array_agg(order_id) FROM given_up) FROM taken
    UNION ALL SELECT person_id, since, (SELECT array_agg(order_id) FROM given_up) FROM workorders_claim
    WHERE order_id = %(order)s AND NOT EXISTS (SELECT FROM taken)
"""


@dataclass(frozen=True)
class Holder:
    """Who holds an order, and since when."""

    person_id: int
    name: str
    since: dt.datetime

    def seconds(self, at: dt.datetime) -> int:
        """For how long."""
        return max(0, int((at - self.since).total_seconds()))


@command
def claim(order: WorkOrder, *, by, at: dt.datetime, force: bool = False) -> Holder | None:
    """Take or renew the lease of an order and give up any other; returns who holds it when that is somebody else.

    force: take it over from a colleague.
    """
    asked = {"order": order.pk, "me": by.pk, "at": at, "until": at + LEASE, "force": force}
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, asked)
        person_id, since, given_up = cursor.fetchone()
    if person_id == by.pk and since == at:
        live.show_claim(order, by=by, at=at, free=given_up or [])
    if person_id == by.pk:
        return None
    return _holders([order.pk], at).get(order.pk)


@command
def release(order: WorkOrder, *, by, at: dt.datetime) -> None:
    """Give the lease up, when it is one's own."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM workorders_claim WHERE order_id = %s AND person_id = %s", [order.pk, by.pk])
        gone = cursor.rowcount
    if gone:
        live.show_claim(order, by=None, at=at, free=[])


def held_by_others(order_ids: list[int], *, me: int, at: dt.datetime) -> dict[int, Holder]:
    """{order id: who works on it}, oneself left out; one statement."""
    return {pk: one for pk, one in _holders(order_ids, at).items() if one.person_id != me}


def _holders(order_ids: list[int], at: dt.datetime) -> dict[int, Holder]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT claim.order_id, claim.person_id, COALESCE(NULLIF(person.name, ''), person.username), claim.since"
            " FROM workorders_claim claim JOIN personnel_user person ON person.id = claim.person_id"
            " WHERE claim.order_id = ANY (%s) AND claim.until > %s",
            [order_ids, at],
        )
        return {pk: Holder(person, name, since) for pk, person, name, since in cursor.fetchall()}


@dataclass(frozen=True)
class Mark:
    """What goes on with an order of a list. move: the step somebody decided on and that still waits, or empty."""

    order_id: int
    person_id: int
    name: str
    move: str


_MARKS = """
    SELECT claim.order_id, person.id, COALESCE(NULLIF(person.name, ''), person.username), ''
    FROM workorders_claim claim JOIN personnel_user person ON person.id = claim.person_id
    WHERE claim.order_id = ANY (%(orders)s) AND claim.until > %(at)s
    UNION ALL
    SELECT held.order_id, person.id, COALESCE(NULLIF(person.name, ''), person.username), held.move
    FROM workorders_heldmove held JOIN personnel_user person ON person.id = held.by_id
    WHERE held.order_id = ANY (%(orders)s) AND held.state = 'waiting'
"""


def marks(order_ids: list[int], *, at: dt.datetime) -> list[Mark]:
    """Who works on these orders and what was decided on them just now; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_MARKS, {"orders": order_ids, "at": at})
        return [Mark(*row) for row in cursor.fetchall()]
