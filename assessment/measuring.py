"""Looking at a period's orders and records once, setting the bits of every indicator, and adding them up.

A fixed number of statements, however many grids there are. `SEEN` is what the conditions of the registry speak of.
"""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db import connection

from assessment.counting import COMPLAINT_SOURCES, FEWEST_ANSWERS, REPORTED_NOW
from assessment.hierarchy import Hierarchy
from assessment.indicators import BIT, INDICATORS, Indicator, Measurement
from assessment.periods import Period
from core import clock
from workorders import calendars, deadlines
from workorders.vocabulary import Urgency

COLUMNS = (
    "what", "order_id", "record_id", "area_id", "unit_id", "officer_id", "category_id", "source", "own", "here",
    "reported_at", "sign_due", "signed_at", "began_at", "due_at", "handled_at", "close_due", "closed_at", "answered_at",
    "satisfaction", "reworks", "delays", "difficulty", "weight", "status", "unsettled",
)  # fmt: skip

# The first reply the check accepted and the first close; where an order was reopened the events say when that was.
_ORDERS = """
    SELECT 'order' AS what, o.id AS order_id, NULL::bigint AS record_id, p.grid_id AS area_id, o.lead_id AS unit_id,
        COALESCE(o.officer_id, o.follow_officer_id) AS officer_id, o.category_id, o.source,
        o.officer_id IS NOT NULL AS own,
        COALESCE(o.officer_id IS NOT NULL OR o.lead_id = p.committee_id, FALSE) AS here,
        o.reported_at, s.due_at AS sign_due, CASE WHEN o.signed_at < %(cut_off)s THEN o.signed_at END AS signed_at,
        h.since AS began_at, h.due_at, r.handled_at, COALESCE(c.close_due, h.due_at, r.handled_at) AS close_due,
        r.closed_at, CASE WHEN o.satisfaction IS NOT NULL THEN COALESCE(g.at, o.closed_at) END AS answered_at,
        o.satisfaction, o.reworks, o.extensions_granted AS delays, o.difficulty, 1 AS weight, o.status,
        o.status NOT IN ('closed', 'declined', 'merged', 'voided') AS unsettled,
        o.reporter_id IS NOT NULL AS by_person,
        o.status = 'merged' AND EXISTS (
            SELECT FROM workorders_workorder m WHERE m.id = o.main_id AND m.reporter_id = o.reporter_id
        ) AS own_duplicate,
        o.follow_officer_id IS NOT NULL AS followed, FALSE AS done, COALESCE(b.denominators, 0) AS before
    FROM workorders_workorder o
    JOIN assess_place p ON p.area_id = o.area_id
    LEFT JOIN LATERAL (
        SELECT k.since, k.due_at FROM workorders_clock k
        WHERE k.order_id = o.id AND k.kind = 'handle' AND NOT k.is_rework ORDER BY k.since DESC, k.id DESC LIMIT 1
    ) h ON o.dispatched_at IS NOT NULL
    LEFT JOIN LATERAL (
        SELECT k.due_at FROM workorders_clock k
        WHERE k.order_id = o.id AND k.kind = 'sign' AND NOT k.was_returned ORDER BY k.since DESC, k.id DESC LIMIT 1
    ) s ON o.lead_id IS NOT NULL
    LEFT JOIN workorders_rating g ON g.order_id = o.id
    LEFT JOIN LATERAL (
        SELECT CASE WHEN t.handled < %(cut_off)s THEN t.handled END AS handled_at,
            CASE WHEN t.closed < %(cut_off)s THEN t.closed END AS closed_at
        FROM (
            SELECT CASE WHEN o.reopens = 0 THEN o.fed_back_at ELSE (
                SELECT max(e.at) FROM workorders_workorderevent e WHERE e.order_id = o.id AND e.kind = 'feedback'
                AND e.sequence < (
                    SELECT min(x.sequence) FROM workorders_workorderevent x
                    WHERE x.order_id = o.id AND x.kind = 'pass_check'
                )
            ) END AS handled,
            CASE WHEN o.reopens = 0 THEN o.closed_at ELSE (
                SELECT min(e.at) FROM workorders_workorderevent e WHERE e.order_id = o.id AND e.after = 'closed'
            ) END AS closed
        ) t
    ) r ON TRUE
    LEFT JOIN assess_closing c ON c.urgency = o.urgency
        AND c.day = (COALESCE(h.due_at, r.handled_at) AT TIME ZONE 'Asia/Shanghai')::date
        AND COALESCE(h.due_at, r.handled_at) >= c.since AND COALESCE(h.due_at, r.handled_at) < c.until
    LEFT JOIN assess_before b ON b.order_id = o.id
    WHERE o.district_id = ANY(%(districts)s) AND (
        (o.reported_at >= %(since)s AND o.reported_at < %(until)s)
        OR (o.closed_at >= %(since)s AND o.reported_at < %(since)s)
        OR (o.status NOT IN ('closed', 'declined', 'merged', 'voided') AND o.reported_at < %(since)s)
    )
"""

_RECORDS = """
    SELECT f.kind, f.order_id, f.id, p.grid_id, NULL::bigint, f.officer_id, NULL::bigint, f.kind, FALSE, FALSE,
        (f.on::timestamp AT TIME ZONE 'Asia/Shanghai'), NULL::timestamptz, NULL::timestamptz, NULL::timestamptz,
        NULL::timestamptz, (f.done_on::timestamp AT TIME ZONE 'Asia/Shanghai'), NULL::timestamptz, NULL::timestamptz,
        NULL::timestamptz, NULL::smallint, 0, 0, 0,
        CASE WHEN f.kind = 'visit' THEN (%(visit_weights)s::jsonb ->> f.level)::int ELSE 1 END, f.level, f.provisional,
        TRUE, FALSE, FALSE, f.done, 0
    FROM assessment_factrecord f JOIN assess_place p ON p.area_id = f.area_id
    WHERE f.on >= %(first)s AND f.on < %(end)s AND f.entered_at < %(cut_off)s
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


@dataclass
class Sums:
    """What was counted, by subject id and indicator; and how many orders each subject had."""

    grids: dict[int, dict[str, Measurement]] = field(default_factory=dict)
    units: dict[int, dict[str, Measurement]] = field(default_factory=dict)
    officers: dict[int, dict[str, Measurement]] = field(default_factory=dict)
    workload: dict[str, dict[int, int]] = field(default_factory=dict)


def bounds(period: Period, cut_off: dt.datetime) -> dict:
    """The parameters the conditions speak of."""
    return {
        "since": period.since,
        "until": min(period.until, cut_off),
        "cut_off": cut_off,
        "first": period.first,
        "end": min(period.end, clock.date_of(cut_off) + dt.timedelta(days=1)),
        "year_ago": period.before(11).since,
    }


def look(run, period: Period, hierarchy: Hierarchy, visit_weights: Mapping[str, int]) -> int:
    """Store a `Counted` row for every order and record of the period that counts anywhere; returns how many."""
    values = bounds(period, run.cut_off) | {
        "run": run.pk,
        "districts": sorted(hierarchy.districts),
        "visit_weights": json.dumps(visit_weights),
    }
    with connection.cursor() as cursor:
        _lay_out(cursor, run, period, hierarchy)
        cursor.execute(_insert(f"{_ORDERS} UNION ALL {_RECORDS}"), values)
        rows = cursor.rowcount
        few = _grids_with_few_answers(cursor, run.pk, hierarchy)
        if few:
            bit = 1 << BIT["S02"]
            names = ", ".join(COLUMNS)
            cursor.execute(
                f"INSERT INTO assessment_counted (run_id, excused, denominators, numerators, {names})"  # noqa: S608
                f" SELECT %(run)s, '', {bit}, CASE WHEN satisfaction >= 3 THEN {bit} ELSE 0 END, {names}"
                f" FROM ({_OLDER_ANSWERS}) seen",
                values | {"grids": few},
            )
            rows += cursor.rowcount
    return rows


def _insert(seen: str) -> str:
    """The statement that sets the bits of the whole registry. Rows that count nowhere but may cost are kept too."""
    denominators = " | ".join(
        f"CASE WHEN {one.denominator} THEN {1 << place} ELSE 0 END" for place, one in enumerate(INDICATORS)
    )
    numerators = " | ".join(
        f"CASE WHEN denominators & {1 << place} <> 0 AND ({one.numerator}) THEN {1 << place} ELSE 0 END"
        for place, one in enumerate(INDICATORS)
    )
    names = ", ".join(COLUMNS)
    # OFFSET 0 keeps the planner from writing every expression out again wherever it is used: one pass, not sixteen.
    kept = f"denominators <> 0 OR reworks > 0 OR ({REPORTED_NOW} AND source IN {COMPLAINT_SOURCES})"
    return (
        f"INSERT INTO assessment_counted (run_id, excused, denominators, numerators, {names})"  # noqa: S608
        f" SELECT %(run)s, '', denominators, {numerators}, {names}"
        f" FROM (SELECT *, ({denominators}) & ~before AS denominators FROM ({seen} OFFSET 0) seen OFFSET 0) bits"
        f" WHERE {kept}"
    )


def _lay_out(cursor, run, period: Period, hierarchy: Hierarchy) -> None:
    """The small tables the big statement joins: places, closing times by day, what earlier months have counted."""
    lay_places(run, period, hierarchy)
    cursor.execute(
        "CREATE TEMP TABLE IF NOT EXISTS assess_closing (urgency text, day date, since timestamptz, until timestamptz,"
        " close_due timestamptz) ON COMMIT DROP;"
        "CREATE TEMP TABLE IF NOT EXISTS assess_before (order_id bigint, denominators bigint) ON COMMIT DROP;"
        "TRUNCATE assess_closing, assess_before"
    )
    closing = closing_table(period)
    cursor.execute(
        "INSERT INTO assess_closing"
        " SELECT * FROM unnest(%s::text[], %s::date[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[])",
        [list(column) for column in zip(*closing, strict=True)],
    )
    cursor.execute(
        "INSERT INTO assess_before SELECT c.order_id, bit_or(c.denominators & %s) FROM assessment_counted c"
        " JOIN assessment_run r ON r.id = c.run_id WHERE r.status = 'published' AND r.span = 'month' AND r.period < %s"
        " AND r.period >= %s AND c.unsettled AND c.order_id IS NOT NULL AND c.area_id = ANY(%s) GROUP BY c.order_id",
        [once_bits(), period.text, period.before(12).text, sorted(grid.id for grid in hierarchy.grids)],
    )
    cursor.execute("ANALYZE assess_closing; ANALYZE assess_before")


def lay_places(run, period: Period, hierarchy: Hierarchy) -> None:
    """The temporary table of places: each area where orders may lie, its grid, community and committee."""
    of = {grid.id: grid for grid in hierarchy.grids}
    places = sorted(hierarchy.places.items())
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE IF NOT EXISTS assess_place (area_id bigint, grid_id bigint, community_id bigint,"
            " committee_id bigint) ON COMMIT DROP; TRUNCATE assess_place"
        )
        cursor.execute(
            "INSERT INTO assess_place SELECT t.a, t.g, t.c, u.id"
            " FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS t(a, g, c)"
            " LEFT JOIN (SELECT DISTINCT ON (area_id) id, area_id FROM personnel_unit WHERE kind = 'CO' AND starts < %s"
            " AND (ends IS NULL OR ends > %s) ORDER BY area_id, starts DESC, id) u ON u.area_id = t.c",
            [
                [place for place, _grid in places],
                [grid for _place, grid in places],
                [of[grid].community_id for _place, grid in places],
                period.end,
                period.first,
            ],
        )
        cursor.execute("ANALYZE assess_place")


def once_bits() -> int:
    """The indicators in which an order counts in one period only."""
    return sum(1 << place for place, one in enumerate(INDICATORS) if "LEAST(" in one.denominator)


def closing_table(period: Period) -> list[tuple]:
    """When an order handled by its due time should be closed: check and revisit follow, in working time.

    Rows (urgency, local day, since, until, closing due): for handling times in since <= t < until of that day. Only
    times that can lead into the period are listed; later ones never come before the close itself.
    """
    calendar = calendars.working_calendar()
    rows = []
    for urgency in Urgency.values:
        check, revisit = deadlines.clock("check", urgency), deadlines.clock("revisit", urgency)

        def closing(at: dt.datetime, check=check, revisit=revisit) -> dt.datetime:
            checked = deadlines.due_at(check, at, calendar) if check else at
            return deadlines.due_at(revisit, checked, calendar) if revisit else checked

        day = period.first - dt.timedelta(days=45)
        while day < period.end:
            rows += [(urgency, day, *row) for row in _stretches(closing, *clock.day(day))]
            day += dt.timedelta(days=1)
    return rows


def _stretches(function, since: dt.datetime, until: dt.datetime) -> list[tuple]:
    """A rising step function of time as (since, until, value) rows, exact to the second."""
    found = []
    while since < until:
        value, low, high = function(since), since, until
        if function(until - dt.timedelta(seconds=1)) != value:
            while high - low > dt.timedelta(seconds=1):
                middle = low + dt.timedelta(seconds=int((high - low).total_seconds()) // 2)
                low, high = (middle, high) if function(middle) == value else (low, middle)
        found.append((since, high, value))
        since = high
    return found


def _grids_with_few_answers(cursor, run_id: int, hierarchy: Hierarchy) -> list[int]:
    bit = 1 << BIT["S02"]
    cursor.execute(
        f"SELECT area_id FROM assessment_counted WHERE run_id = %s AND denominators & {bit} <> 0"  # noqa: S608
        f" GROUP BY area_id HAVING count(*) >= {FEWEST_ANSWERS}",
        [run_id],
    )
    enough = {area_id for (area_id,) in cursor.fetchall()}
    return [grid.id for grid in hierarchy.grids if grid.id not in enough]


# -- adding up -------------------------------------------------------------------------------------------------------


def add_up(run, period: Period) -> Sums:
    """The measurements of every grid, unit and officer of a run, from its counted rows; three statements."""
    found = Sums()
    values = {"run": run.pk, "since": period.since}
    subjects = (
        ("grids", "area_id", list(INDICATORS), "TRUE"),
        ("units", "unit_id", [one for one in INDICATORS if one.of_units], "unit_id IS NOT NULL"),
        ("officers", "officer_id", [one for one in INDICATORS if one.of_officers], "officer_id IS NOT NULL"),
    )
    with connection.cursor() as cursor:
        for name, column, indicators, where in subjects:
            cursor.execute(_sums(column, indicators, where, name), values)
            table, load = {}, {}
            for subject, orders, older, *numbers in cursor.fetchall():
                load[subject] = orders
                table[subject] = _measured(indicators, numbers, older=name == "grids" and older > 0)
            setattr(found, name, table)
            found.workload[name] = load
    return found


def _sums(column: str, indicators: Iterable[Indicator], where: str, name: str) -> str:
    parts = []
    for one in indicators:
        bit = 1 << BIT[one.code]
        condition = f"denominators & {bit} <> 0{scope_of(one, name)}"
        good = f"{condition} AND numerators & {bit} <> 0"
        parts += [f"count(*) FILTER (WHERE {good})", f"count(*) FILTER (WHERE {condition})"]
        if one.weighted:
            parts += [
                f"coalesce(sum(weight) FILTER (WHERE {good}), 0)",
                f"coalesce(sum(weight) FILTER (WHERE {condition}), 0)",
            ]
    older = f"count(*) FILTER (WHERE answered_at < %(since)s AND denominators & {1 << BIT['S02']} <> 0)"
    columns = ", ".join(
        [column, "count(*) FILTER (WHERE what = 'order' AND (here OR reported_at >= %(since)s))", older, *parts]
    )
    return f"SELECT {columns} FROM assessment_counted WHERE run_id = %(run)s AND {where} GROUP BY {column}"  # noqa: S608


def scope_of(one: Indicator, name: str) -> str:
    """Which rows of an indicator belong to a grid, to a unit (what it led) or to an officer (what he handled)."""
    if name == "grids":
        return " AND here" if one.only_here else ""
    this_month = " AND answered_at >= %(since)s" if one.code == "S02" else ""
    if name == "officers" and one.only_here:
        return " AND own"
    return this_month


def _measured(indicators, numbers: list, *, older: bool) -> dict[str, Measurement]:
    found, numbers = {}, iter(numbers)
    for one in indicators:
        numerator, denominator = next(numbers), next(numbers)
        good, due = (int(next(numbers)), int(next(numbers))) if one.weighted else (numerator, denominator)
        if denominator:
            found[one.code] = Measurement(numerator, denominator, good, due, 12 if one.fewest and older else 1)
    return found
