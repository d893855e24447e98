"""Keeping the counts: what changed is taken out as it was counted and put in as it is now.

1. Each event of an order raises its version. `count` looks which orders have events newer than the last cut-off, or
   a lamp that changed by itself, and counts those anew, in batches, one transaction each.
2. `CountedOrder` remembers what of each order stands in the counts, so counting twice changes nothing.
3. Nothing here runs in a request: creating and moving orders costs no more than before.
"""

import datetime as dt

from django.db import connection

from core import clock
from core.transactions import unit_of_work
from workorders.figures import signs
from workorders.models import Cutoff
from workorders.vocabulary import FINAL

# Any number nobody else uses: one counter at a time.
COUNT_LOCK = 7_203_412
BATCH = 2_000
# How long a transaction that writes events may take; longer ones (imports) call `count_everything` themselves.
SETTLED = dt.timedelta(minutes=2)

FLOWS = ("reported", "handled", "timed", "on_time", "closed", "returned", "reworked", "rated", "satisfied", "asked")
FLOWS += ("resolved",)
STOCKS = ("open", "overdue", "soon", "paused", "suspended", "yellow", "red")
_BOOKS_CLOSED = ", ".join(f"'{status}'" for status in sorted(FINAL))

# An order as it should be counted at `at`. The area and all above it: the copies on the order, and the grid of a
# micro-grid.
_AS_IT_IS = f"""
    SELECT o.id AS order_id, o.version, o.area_id, o.category_id, o.lead_id AS unit_id,
        ARRAY(SELECT DISTINCT place FROM unnest(ARRAY[o.city_id, o.district_id, o.street_id, o.community_id,
            CASE WHEN area.level = 'micro' THEN area.parent_id END, o.area_id]) place
            WHERE place IS NOT NULL ORDER BY place) AS places,
        (o.reported_at AT TIME ZONE %(zone)s)::date AS reported_on,
        (o.fed_back_at AT TIME ZONE %(zone)s)::date AS handled_on,
        CASE WHEN o.status = 'closed' THEN (o.closed_at AT TIME ZONE %(zone)s)::date END AS closed_on,
        CASE WHEN o.fed_back_at IS NULL OR (handle.due_at IS NULL AND o.imported) THEN NULL
            ELSE handle.due_at IS NULL OR o.fed_back_at <= handle.due_at END AS on_time,
        o.satisfaction, o.resolved, o.returns > 0 AS returned, o.reworks + o.reopens > 0 AS reworked,
        CASE WHEN o.status IN ({_BOOKS_CLOSED}) THEN '' WHEN o.status = 'suspended' THEN 'suspended'
            WHEN o.clock_paused THEN 'paused' WHEN o.due_at < %(at)s THEN 'red'
            WHEN o.amber_at <= %(at)s THEN 'amber' ELSE 'green' END AS lamp,
        CASE WHEN o.status IN ({_BOOKS_CLOSED}) THEN '' ELSE o.card END AS card,
        CASE WHEN o.status IN ({_BOOKS_CLOSED}) OR o.status = 'suspended' OR o.clock_paused THEN NULL
            WHEN o.due_at < %(at)s THEN NULL WHEN o.amber_at > %(at)s THEN o.amber_at
            ELSE o.due_at END AS turns_at
    FROM workorders_workorder o JOIN grids_area area ON area.id = o.area_id
    LEFT JOIN LATERAL (
        SELECT due_at FROM workorders_clock WHERE order_id = o.id AND kind = 'handle'
        ORDER BY since DESC, id DESC LIMIT 1
    ) handle ON o.fed_back_at IS NOT NULL
"""  # noqa: S608 - the statuses are ours
# What one counted order adds to the days it was reported, handled and closed on.
DAYS_OF = """
    (VALUES
        (c.reported_on, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
        (c.handled_on, 0, 1, (c.on_time IS NOT NULL)::int, COALESCE(c.on_time, false)::int, 0, 0, 0, 0, 0, 0, 0),
        (c.closed_on, 0, 0, 0, 0, 1, c.returned::int, c.reworked::int, (c.satisfaction IS NOT NULL)::int,
            (COALESCE(c.satisfaction, 0) >= 3)::int, (c.resolved IS NOT NULL)::int, COALESCE(c.resolved, false)::int)
    ) days (day, reported, handled, timed, on_time, closed, returned, reworked, rated, satisfied, asked, resolved)
"""
# What one counted order adds to what is open.
OPEN_AS = (
    "1 AS open, (c.lamp = 'red')::int AS overdue, (c.lamp = 'amber')::int AS soon,"
    " (c.lamp IN ('paused', 'suspended'))::int AS paused, (c.lamp = 'suspended')::int AS suspended,"
    " (c.card = 'yellow')::int AS yellow, (c.card = 'red')::int AS red"
)
_COLUMNS = (
    "order_id, version, area_id, places, category_id, unit_id, reported_on, handled_on, closed_on, on_time,"
    " satisfaction, resolved, returned, reworked, lamp, card, turns_at"
)
# An order counts in all its places; by category and by unit only where the roll-ups keep those parts.
_CELLS = """
    CROSS JOIN LATERAL unnest(c.places) place (id) JOIN grids_area up ON up.id = place.id
    CROSS JOIN LATERAL (
        SELECT 0::bigint AS category, 0::bigint AS unit
        UNION ALL SELECT c.category_id, 0 WHERE c.category_id IS NOT NULL AND up.level IN ('city', 'district', 'street')
        UNION ALL SELECT 0, c.unit_id WHERE c.unit_id IS NOT NULL AND up.level IN ('city', 'district', 'street')
    ) part
"""


def _summed(names: tuple[str, ...], source: str) -> str:
    return ", ".join(f"sum(c.sign * {source}.{name})::int AS {name}" for name in names)


def _added(table: str, names: tuple[str, ...]) -> str:
    return ", ".join(f"{name} = {table}.{name} + EXCLUDED.{name}" for name in names)


def _any(names: tuple[str, ...], source: str) -> str:
    return " OR ".join(f"sum(c.sign * {source}.{name}) <> 0" for name in names)


# One statement sees one state of the world: what was counted before, and what is to be counted now.
_RECOUNT = f"""
    WITH fresh AS ({_AS_IT_IS} WHERE o.id = ANY (%(orders)s)),
    stale AS (SELECT * FROM workorders_countedorder WHERE order_id = ANY (%(orders)s)),
    c AS (
        SELECT 1 AS sign, {_COLUMNS} FROM fresh UNION ALL SELECT -1, {_COLUMNS} FROM stale
    ),
    kept AS (
        INSERT INTO workorders_countedorder ({_COLUMNS}) SELECT {_COLUMNS} FROM fresh
        ON CONFLICT (order_id) DO UPDATE SET
            {", ".join(f"{name} = EXCLUDED.{name}" for name in _COLUMNS.split(", ") if name != "order_id")}
    ),
    days AS (
        INSERT INTO workorders_daycount (area_id, category_id, unit_id, day, {", ".join(FLOWS)})
        SELECT place.id, part.category, part.unit, days.day, {_summed(FLOWS, "days")}
        FROM c CROSS JOIN LATERAL {DAYS_OF} {_CELLS} WHERE days.day IS NOT NULL
        GROUP BY 1, 2, 3, 4 HAVING {_any(FLOWS, "days")} ORDER BY 1, 2, 3, 4
        ON CONFLICT (area_id, category_id, unit_id, day) DO UPDATE SET {_added("workorders_daycount", FLOWS)}
    )
    INSERT INTO workorders_opencount (area_id, category_id, unit_id, {", ".join(STOCKS)})
    SELECT place.id, part.category, part.unit, {_summed(STOCKS, "stock")}
    FROM c CROSS JOIN LATERAL (SELECT {OPEN_AS}) stock {_CELLS} WHERE c.lamp <> ''
    GROUP BY 1, 2, 3 HAVING {_any(STOCKS, "stock")} ORDER BY 1, 2, 3
    ON CONFLICT (area_id, category_id, unit_id) DO UPDATE SET {_added("workorders_opencount", STOCKS)}
"""  # noqa: S608 - names of ours only
_CHANGED = """
    SELECT DISTINCT event.order_id FROM workorders_workorderevent event
    JOIN workorders_workorder o ON o.id = event.order_id
    LEFT JOIN workorders_countedorder c ON c.order_id = event.order_id
    WHERE event.id > %(floor)s AND c.version IS DISTINCT FROM o.version
    UNION SELECT order_id FROM workorders_countedorder WHERE turns_at <= %(at)s
    UNION SELECT order_id FROM workorders_countedorder WHERE version = -1
    ORDER BY 1
"""
_DIFFERENT = """
    SELECT o.id FROM workorders_workorder o LEFT JOIN workorders_countedorder c ON c.order_id = o.id
    WHERE c.version IS DISTINCT FROM o.version OR c.turns_at <= %(at)s ORDER BY o.id
"""


def count(at: dt.datetime) -> int:
    """Bring the counts up to `at`, the moment this begins; returns how many orders were counted anew.

    Safe to run twice and side by side: whoever finds the lock taken leaves the work to the other.
    """
    with unit_of_work():
        if not _mine():
            return 0
        cutoff = _cutoff()
        top = _first("SELECT COALESCE(max(id), 0) FROM workorders_workorderevent")
        found = _rows(_CHANGED, {"floor": cutoff.floor, "at": at})
    if not _recount(found, at):
        return 0
    _conclude(at, top)
    return len(found)


def count_everything(at: dt.datetime) -> int:
    """Compare every order with what is counted of it, and count those that differ: after imports, and at night.

    Waits for a counter that is at work; when this returns, boards and maps know every order that was there before.
    """
    with unit_of_work():
        _be_patient()
        top = _first("SELECT COALESCE(max(id), 0) FROM workorders_workorderevent")
        found = _rows(_DIFFERENT, {"at": at})
    _recount(found, at, patiently=True)
    _conclude(at, top)
    signs.forget(at)
    return len(found)


def rebuild(at: dt.datetime) -> int:
    """Throw all counts away and count from nothing; returns the number of orders."""
    with unit_of_work(), connection.cursor() as cursor:
        _be_patient()
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [COUNT_LOCK])
        cursor.execute("TRUNCATE workorders_countedorder, workorders_daycount, workorders_opencount, workorders_risk")
    return count_everything(at)


def spoil(area_ids) -> None:
    """Have the orders of these areas counted anew: their place in the tree changed, which no event tells."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE workorders_countedorder SET version = -1 WHERE area_id = ANY (%s)", [sorted(set(area_ids))]
        )


def _recount(orders: list[int], at: dt.datetime, *, patiently: bool = False) -> bool:
    """Count these orders in batches; False when another counter holds the lock and this one does not wait for it."""
    for start in range(0, len(orders), BATCH):
        with unit_of_work(), connection.cursor() as cursor:
            _be_patient()
            if patiently:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [COUNT_LOCK])
            elif not _mine():
                return False
            batch = orders[start : start + BATCH]
            cursor.execute(_RECOUNT, {"orders": batch, "at": at, "zone": str(clock.ZONE)})
            signs.look(batch, at)
    return True


def _conclude(at: dt.datetime, top: int) -> None:
    """Move the cut-off on. Events below a mark two minutes old cannot arrive any more."""
    with unit_of_work():
        cutoff = _cutoff(lock=True)
        if cutoff.as_of is None or cutoff.as_of < at:
            cutoff.as_of = at
        if cutoff.next_at is None or at - cutoff.next_at >= SETTLED:
            cutoff.floor, cutoff.next_floor, cutoff.next_at = cutoff.next_floor, top, at
        cutoff.save()


def _cutoff(*, lock: bool = False) -> Cutoff:
    Cutoff.objects.get_or_create(pk=1)
    return (Cutoff.objects.select_for_update() if lock else Cutoff.objects).get(pk=1)


def _mine() -> bool:
    return _first("SELECT pg_try_advisory_xact_lock(%s)", [COUNT_LOCK])


def _be_patient() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '10min'; SET LOCAL lock_timeout = '10min'")


def _first(sql: str, values=None):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()[0]


def _rows(sql: str, values) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [row[0] for row in cursor.fetchall()]
