"""What is going wrong, found by the worker while it counts: each sign with what it rests on. Source: domain §4.4, §11.

Signs never score and never change an order; they say where an inspector should look first (`workorders.risks`).
"""

import datetime as dt

from django.db import connection
from django.db.models import Q

from workorders.models import CountedOrder, Risk
from workorders.vocabulary import FINAL

# Answers younger than this, photos older than that: what came before is history.
RECENT_DAYS, PHOTO_DAYS = 30, 90
RUSHED_SECONDS, FAR_METRES, NEAR_BITS = 60, 300, 6
OWN_FEWEST, OWN_SHARE = 10, 0.9
_BOOKS_CLOSED = ", ".join(f"'{status}'" for status in sorted(FINAL))
_METRES = "111320 * sqrt(power(({lat})::float - o.lat, 2) + power((({lon})::float - o.lon) * cos(radians(o.lat)), 2))"

# Each yields order, kind, what it rests on; `mine` are the orders in question.
_SIGNS = (
    f"""SELECT o.id, 'overdue', '{{}}'::jsonb FROM mine o
        WHERE o.status NOT IN ({_BOOKS_CLOSED}) AND NOT o.clock_paused AND o.due_at < %(at)s""",  # noqa: S608
    f"SELECT o.id, 'returned', '{{}}' FROM mine o WHERE o.status NOT IN ({_BOOKS_CLOSED}) AND o.returns >= 2",  # noqa: S608
    "SELECT o.id, 'disputed', '{}' FROM mine o WHERE o.status = 'filed' AND o.returns >= 1",
    f"SELECT o.id, 'reworked', '{{}}' FROM mine o WHERE o.status NOT IN ({_BOOKS_CLOSED}) AND o.reworks >= 2",  # noqa: S608
    f"""SELECT o.id, 'unhappy', '{{}}' FROM mine o
        WHERE (o.satisfaction <= 2 OR (o.resolved = false AND o.satisfaction IS NOT NULL)
            OR o.reopen_requested_at IS NOT NULL)
        AND (o.status NOT IN ({_BOOKS_CLOSED}) OR o.closed_at >= %(recent)s)""",  # noqa: S608
    f"""SELECT o.id, 'rushed', jsonb_build_object('seconds', extract(epoch FROM o.fed_back_at - o.dispatched_at)::int)
        FROM mine o WHERE NOT o.self_handled AND NOT o.imported AND o.fed_back_at >= %(recent)s
        AND o.fed_back_at - o.dispatched_at < make_interval(secs => {RUSHED_SECONDS})""",  # noqa: S608
    f"""SELECT DISTINCT ON (far.id) far.id, 'far', jsonb_build_object('metres', far.metres::int, 'what', far.what)
        FROM (
            SELECT o.id, o.reported_at, 'photo' AS what, {_METRES.format(lat="a.lat", lon="a.lon")} AS metres
            FROM mine o JOIN workorders_attachment a ON a.order_id = o.id
            WHERE o.lat IS NOT NULL AND a.lat IS NOT NULL AND a.kind IN ('before', 'after')
            UNION ALL
            SELECT o.id, o.reported_at, 'arrival', (part.arrived ->> 'metres')::float
            FROM mine o JOIN workorders_assignment part ON part.order_id = o.id
            WHERE part.arrived ->> 'metres' IS NOT NULL
            UNION ALL
            SELECT o.id, o.reported_at, 'phone', {_METRES.format(lat="o.fix ->> 'lat'", lon="o.fix ->> 'lon'")}
            FROM mine o WHERE o.lat IS NOT NULL AND jsonb_typeof(o.fix) = 'object'
        ) far WHERE far.metres > {FAR_METRES} AND far.reported_at >= %(old)s ORDER BY far.id, far.metres DESC""",  # noqa: S608
    f"""SELECT DISTINCT ON (a.order_id) a.order_id, 'photo', jsonb_build_object('number', other.number)
        FROM mine o JOIN workorders_attachment a ON a.order_id = o.id
        JOIN workorders_attachment b ON b.order_id <> a.order_id AND b.uploaded_at <= a.uploaded_at
            AND b.uploaded_at >= a.uploaded_at - make_interval(days => {PHOTO_DAYS})
        JOIN workorders_workorder other ON other.id = b.order_id
        WHERE a.uploaded_at >= %(recent)s AND other.district_id = o.district_id
            AND o.main_id IS DISTINCT FROM other.id AND other.main_id IS DISTINCT FROM o.id
            AND length(a.perceptual_hash) = 16 AND length(b.perceptual_hash) = 16
            AND bit_count(('x' || a.perceptual_hash)::bit(64)) BETWEEN 4 AND 60
            AND bit_count(('x' || a.perceptual_hash)::bit(64) # ('x' || b.perceptual_hash)::bit(64)) <= {NEAR_BITS}
        ORDER BY a.order_id, b.uploaded_at, b.id""",  # noqa: S608
)
_LOOK = f"""
    WITH mine AS (SELECT * FROM workorders_workorder WHERE id = ANY (%(orders)s)),
    signs (order_id, kind, data) AS ({" UNION ALL ".join(f"({sign})" for sign in _SIGNS)}),
    gone AS (
        DELETE FROM workorders_risk r WHERE r.order_id = ANY (%(orders)s) AND r.kind <> 'own'
        AND NOT EXISTS (SELECT FROM signs WHERE signs.order_id = r.order_id AND signs.kind = r.kind)
    )
    INSERT INTO workorders_risk (order_id, kind, places, unit_id, found_at, data)
    SELECT signs.order_id, signs.kind, c.places, c.unit_id, %(at)s, signs.data
    FROM signs JOIN workorders_countedorder c ON c.order_id = signs.order_id
    ON CONFLICT (order_id, kind) DO UPDATE SET places = EXCLUDED.places, unit_id = EXCLUDED.unit_id,
        data = EXCLUDED.data
"""  # noqa: S608 - names and figures of ours only
# One order stands for the officer: the newest one nobody looked at.
_OFFICERS = """
    SELECT DISTINCT officer_id FROM workorders_workorder
    WHERE id = ANY (%(orders)s) AND self_handled AND officer_id = reporter_id AND reported_at >= %(recent)s
"""
_OWN = f"""
    WITH gone AS (
        DELETE FROM workorders_risk r USING workorders_workorder o
        WHERE r.kind = 'own' AND o.id = r.order_id AND o.officer_id = ANY (%(officers)s)
    )
    SELECT DISTINCT ON (o.officer_id) o.id, month.own, month.reports, month.sampled
    FROM workorders_workorder o JOIN (
        SELECT reporter_id, count(*) AS reports, count(*) FILTER (WHERE sampled) AS sampled,
            count(*) FILTER (WHERE self_handled AND officer_id = reporter_id) AS own
        FROM workorders_workorder WHERE reporter_id = ANY (%(officers)s) AND reported_at >= %(recent)s GROUP BY 1
    ) month ON month.reporter_id = o.officer_id
    WHERE o.reporter_id = ANY (%(officers)s) AND o.officer_id = o.reporter_id AND o.self_handled AND NOT o.sampled
        AND o.reported_at >= %(recent)s AND month.reports >= {OWN_FEWEST} AND month.own >= month.reports * {OWN_SHARE}
    ORDER BY o.officer_id, o.reported_at DESC, o.id DESC
"""  # noqa: S608 - figures of ours only


def look(orders: list[int], at: dt.datetime) -> None:
    """Note the signs of these orders, which have just been counted, and forget those that no longer hold."""
    given = {"orders": orders, "at": at, "recent": at - dt.timedelta(days=RECENT_DAYS)}
    given["old"] = at - dt.timedelta(days=PHOTO_DAYS)
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, given)
        cursor.execute(_OFFICERS, given)
        officers = [row[0] for row in cursor.fetchall()]
        if not officers:
            return
        cursor.execute(_OWN, given | {"officers": officers})
        for order_id, own, reports, sampled in cursor.fetchall():
            _note_own(order_id, {"own": own, "reports": reports, "sampled": sampled}, at)


def _note_own(order_id: int, data: dict, at: dt.datetime) -> None:
    counted = CountedOrder.objects.filter(pk=order_id).first()
    if counted is not None:
        Risk.objects.create(
            order_id=order_id,
            kind=Risk.Kind.OWN,
            places=counted.places,
            unit_id=counted.unit_id,
            found_at=at,
            data=data,
        )


def forget(at: dt.datetime) -> int:
    """At night: signs about answers and photos that are history by now; returns how many."""
    recent = (Risk.Kind.UNHAPPY, Risk.Kind.RUSHED, Risk.Kind.PHOTO, Risk.Kind.OWN)
    old = Q(kind__in=recent, found_at__lt=at - dt.timedelta(days=RECENT_DAYS))
    old |= Q(kind=Risk.Kind.FAR, found_at__lt=at - dt.timedelta(days=PHOTO_DAYS))
    return Risk.objects.filter(old).exclude(kind=Risk.Kind.UNHAPPY, order__closed_at=None).delete()[0]
