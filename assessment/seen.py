"""What a run looks at: the orders and records of a period, one row each, with the moments that count (SQL).

`CANDIDATES` are four sets without overlap, each found through an index: reported in the period; reported before and
closed since it began; reported before and still open; closed before and rated in the period.
"""

from assessment import counting
from workorders.vocabulary import OPEN

# What `Counted` keeps of a row.
COLUMNS = (
    "what", "order_id", "record_id", "area_id", "unit_id", "officer_id", "category_id", "source", "own", "here",
    "reported_at", "sign_due", "signed_at", "began_at", "due_at", "handled_at", "close_due", "closed_at", "answered_at",
    "satisfaction", "reworks", "delays", "difficulty", "weight", "status", "unsettled",
)  # fmt: skip
# What only the conditions need.
MORE = ("alive", "reported_now", "by_person", "own_duplicate", "followed", "done")
# A resident rates for so many days after the close, see workorders.commands.reviewing.within_rating_time.
RATING_DAYS = 14

_USED = (
    "id", "area_id", "lead_id", "officer_id", "follow_officer_id", "category_id", "source", "reported_at", "signed_at",
    "dispatched_at", "fed_back_at", "closed_at", "satisfaction", "reworks", "reopens", "extensions_granted",
    "difficulty", "status", "reporter_id", "main_id", "urgency", "self_handled",
)  # fmt: skip
_FINAL = "('closed', 'declined', 'merged', 'voided')"
# Named one by one, the open ones are found by status and day; what was reported since is not even read.
_OPEN = tuple(sorted(str(one) for one in OPEN))
_OF = "o.district_id = ANY(%(districts)s)"
_READ = f"SELECT {', '.join(f'o.{name}' for name in _USED)} FROM"  # noqa: S608 - made of constants

CANDIDATES = f"""
    {_READ} workorders_workorder o WHERE {_OF} AND o.reported_at >= %(since)s AND o.reported_at < %(until)s
    UNION ALL
    {_READ} workorders_workorder o
    WHERE {_OF} AND o.reported_at < %(since)s AND o.closed_at >= %(since)s AND o.status = 'closed'
    UNION ALL
    {_READ} workorders_workorder o WHERE {_OF} AND o.reported_at < %(since)s AND o.status IN {_OPEN}
    UNION ALL
    {_READ} workorders_rating g JOIN workorders_workorder o ON o.id = g.order_id
    WHERE {_OF} AND o.reported_at < %(since)s AND o.status = 'closed'
        AND o.closed_at >= %(since)s - interval '{RATING_DAYS + 1} days' AND o.closed_at < %(since)s
        AND g.at >= %(since)s AND g.at < LEAST(%(until)s, %(since)s + interval '{RATING_DAYS + 1} days')
"""

# Parts of an order were split off by the centre: nobody reported them. The reply the check accepted first, and the
# first close: where an order was done again, its events say when. A clock that was stopped while it stood still has
# not run out; one that stands still now runs out nobody knows when.
_ORDERS = f"""
    SELECT 'order' AS what, o.id AS order_id, NULL::bigint AS record_id, p.grid_id AS area_id, o.lead_id AS unit_id,
        COALESCE(o.officer_id, o.follow_officer_id) AS officer_id, o.category_id, o.source,
        o.officer_id IS NOT NULL AS own,
        (o.officer_id IS NOT NULL OR COALESCE(o.lead_id = p.committee_id, FALSE)) AS here,
        o.reported_at, k.sign[2] AS sign_due, CASE WHEN o.signed_at < %(cut_off)s THEN o.signed_at END AS signed_at,
        k.handle[1] AS began_at, k.handle[2] AS due_at,
        CASE WHEN COALESCE(e.handled, o.fed_back_at) < %(cut_off)s THEN COALESCE(e.handled, o.fed_back_at) END
            AS handled_at,
        COALESCE(c.close_due, k.handle[2], e.handled, o.fed_back_at) AS close_due,
        CASE WHEN COALESCE(e.closed, o.closed_at) < %(cut_off)s THEN COALESCE(e.closed, o.closed_at) END AS closed_at,
        CASE WHEN o.satisfaction IS NOT NULL THEN COALESCE(g.at, o.closed_at) END AS answered_at,
        o.satisfaction, o.reworks, o.extensions_granted AS delays, o.difficulty, 1 AS weight, o.status,
        o.status NOT IN {_FINAL} AS unsettled,
        {counting.ALIVE} AS alive, o.reported_at >= %(since)s AND o.reported_at < %(until)s AS reported_now,
        o.reporter_id IS NOT NULL AND q.part_id IS NULL AS by_person,
        o.status = 'merged' AND COALESCE(
            (SELECT m.reporter_id FROM workorders_workorder m WHERE m.id = o.main_id) = o.reporter_id, FALSE
        ) AS own_duplicate,
        o.follow_officer_id IS NOT NULL AS followed, FALSE AS done, COALESCE(b.denominators, 0) AS before
    FROM ({CANDIDATES}) o
    LEFT JOIN assess_rehomed h ON h.order_id = o.id
    JOIN assess_place p ON p.area_id = COALESCE(h.area_id, o.area_id)
    LEFT JOIN LATERAL (
        SELECT max(ARRAY[k.since, CASE
                WHEN k.paused_at IS NULL OR k.paused_at > k.due_at THEN k.due_at
                WHEN k.stopped_at IS NOT NULL THEN k.due_at + (k.stopped_at - k.paused_at)
            END]) FILTER (WHERE k.kind = 'handle' AND NOT k.is_rework) AS handle,
            max(ARRAY[k.since, k.due_at]) FILTER (WHERE k.kind = 'sign' AND NOT k.was_returned) AS sign
        FROM workorders_clock k
        WHERE k.order_id = o.id AND k.kind IN ('handle', 'sign') AND o.dispatched_at IS NOT NULL
            AND NOT (o.self_handled AND o.fed_back_at IS NOT DISTINCT FROM o.dispatched_at)
    ) k ON TRUE
    LEFT JOIN LATERAL (
        SELECT r.at FROM workorders_rating r WHERE r.order_id = o.id AND o.satisfaction IS NOT NULL OFFSET 0
    ) g ON TRUE
    LEFT JOIN workorders_orderpart q ON q.part_id = o.id
    LEFT JOIN LATERAL (
        SELECT max(v.at) FILTER (WHERE v.kind = 'feedback' AND v.sequence < f.passed) AS handled,
            min(v.at) FILTER (WHERE v.after = 'closed') AS closed
        FROM workorders_workorderevent v, (
            SELECT min(x.sequence) AS passed FROM workorders_workorderevent x
            WHERE x.order_id = o.id AND x.kind = 'pass_check'
        ) f
        WHERE v.order_id = o.id AND o.reworks + o.reopens > 0
    ) e ON o.reworks + o.reopens > 0
    LEFT JOIN assess_closing c ON c.urgency = o.urgency
        AND c.day = (COALESCE(k.handle[2], e.handled, o.fed_back_at) AT TIME ZONE interval '8 hours')::date
        AND COALESCE(k.handle[2], e.handled, o.fed_back_at) >= c.since
        AND COALESCE(k.handle[2], e.handled, o.fed_back_at) < c.until
    LEFT JOIN assess_before b ON b.order_id = o.id
"""  # noqa: S608 - made of constants

_RECORDS = """
    SELECT f.kind AS what, f.order_id, f.id AS record_id, p.grid_id AS area_id, NULL::bigint AS unit_id, f.officer_id,
        NULL::bigint AS category_id, f.kind AS source, FALSE AS own, FALSE AS here,
        (f.on::timestamp AT TIME ZONE 'Asia/Shanghai') AS reported_at, NULL::timestamptz AS sign_due,
        NULL::timestamptz AS signed_at, NULL::timestamptz AS began_at, NULL::timestamptz AS due_at,
        (f.done_on::timestamp AT TIME ZONE 'Asia/Shanghai') AS handled_at, NULL::timestamptz AS close_due,
        NULL::timestamptz AS closed_at, NULL::timestamptz AS answered_at, NULL::smallint AS satisfaction, 0 AS reworks,
        0 AS delays, 0 AS difficulty,
        CASE WHEN f.kind = 'visit' THEN (%(visit_weights)s::jsonb ->> f.level)::int ELSE 1 END AS weight,
        f.level AS status, f.provisional AS unsettled, FALSE AS alive, FALSE AS reported_now, TRUE AS by_person,
        FALSE AS own_duplicate, FALSE AS followed, f.done, 0 AS before
    FROM assessment_factrecord f JOIN assess_place p ON p.area_id = f.area_id
    WHERE f.on >= %(first)s AND f.on < %(end)s AND f.entered_at < %(cut_off)s AND f.voided_at IS NULL
"""

# Satisfaction of a grid with few answers looks back twelve months.
_OLDER_ANSWERS = """
    SELECT 'order' AS what, o.id AS order_id, NULL::bigint AS record_id, p.grid_id AS area_id, o.lead_id AS unit_id,
        COALESCE(o.officer_id, o.follow_officer_id) AS officer_id, o.category_id, o.source,
        o.officer_id IS NOT NULL AS own, FALSE AS here, o.reported_at, NULL::timestamptz AS sign_due,
        NULL::timestamptz AS signed_at, NULL::timestamptz AS began_at, NULL::timestamptz AS due_at,
        NULL::timestamptz AS handled_at, NULL::timestamptz AS close_due, o.closed_at,
        COALESCE(g.at, o.closed_at) AS answered_at, o.satisfaction, o.reworks, o.extensions_granted AS delays,
        o.difficulty, 1 AS weight, o.status, FALSE AS unsettled
    FROM workorders_workorder o
    JOIN assess_place p ON p.area_id = o.area_id
    LEFT JOIN workorders_rating g ON g.order_id = o.id
    WHERE p.grid_id = ANY(%(grids)s) AND o.area_id = p.area_id AND o.satisfaction IS NOT NULL
        AND o.reported_at < %(since)s AND COALESCE(g.at, o.closed_at) >= %(year_ago)s
        AND COALESCE(g.at, o.closed_at) < %(since)s
"""
_STORED = ", ".join(COLUMNS)
_KEPT = f"denominators <> 0 OR reworks > 0 OR (reported_now AND source IN {counting.COMPLAINT_SOURCES})"


def counting_statement(what: str, denominators: str, numerators: str) -> str:
    """Store the orders or the records a run sees, every row with the bits of its indicators.

    Orders that count nowhere but may cost are kept. OFFSET 0 keeps the planner from writing a fact out again wherever
    it is used. The order of the rows is fixed.
    """
    if what == "orders":
        source, kept = _ORDERS, _KEPT
        facts = ", ".join(f"({condition}) AS {name}" for name, condition in counting.FACTS.items())
    else:
        source, kept = _RECORDS, "denominators <> 0"
        facts = ", ".join(f"FALSE AS {name}" for name in counting.FACTS)
    return (
        f"INSERT INTO assessment_counted (run_id, excused, denominators, numerators, {_STORED})"  # noqa: S608
        f" SELECT %(run)s, '', denominators, {numerators}, {_STORED} FROM ("
        f" SELECT *, ({denominators}) & ~before AS denominators FROM ("
        f" SELECT *, {facts} FROM ({source} OFFSET 0) seen OFFSET 0) facts OFFSET 0) bits"
        f" WHERE {kept} ORDER BY area_id, order_id, record_id"
    )


def older_answers_statement(bit: int) -> str:
    """Store the answers of the twelve months before of grids with few of them."""
    return (
        f"INSERT INTO assessment_counted (run_id, excused, denominators, numerators, {_STORED})"  # noqa: S608
        f" SELECT %(run)s, '', {bit}, CASE WHEN {counting.SATISFIED} THEN {bit} ELSE 0 END, {_STORED}"
        f" FROM ({_OLDER_ANSWERS}) seen ORDER BY area_id, order_id"
    )
