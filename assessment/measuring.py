"""Looking at a period's orders and records once, setting the bits of every indicator, and adding them up.

A fixed number of statements, however many grids there are. What the conditions of the registry speak of: `seen`.
"""

import datetime as dt
import io
import json
import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db import connection

from assessment import seen
from assessment.counting import FEWEST_ANSWERS
from assessment.hierarchy import Hierarchy
from assessment.indicators import BIT, INDICATORS, Indicator, Measurement
from assessment.indicators.registry import bits_then
from assessment.models import Run
from assessment.periods import Period
from assessment.vocabulary import RunStatus, Span
from core import clock
from workorders import calendars, deadlines
from workorders.vocabulary import Urgency

# Handling times so many days before and after a period may have their closing time in it, or be closed in it.
BACK = AHEAD = 45
_closing: dict[str, tuple] = {}
_closing_worked_out = threading.Lock()


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
        cursor.execute(seen.counting_statement("orders", *_bits("orders")), values)
        rows = cursor.rowcount
        cursor.execute(seen.counting_statement("records", *_bits("records")), values)
        rows += cursor.rowcount
        few = _grids_with_few_answers(cursor, run.pk, hierarchy)
        if few:
            cursor.execute(seen.older_answers_statement(1 << BIT["S02"]), values | {"grids": few})
            rows += cursor.rowcount
    return rows


def _bits(what: str) -> tuple[str, str]:
    """The expressions that set the bits of the registry: each condition once, for all indicators that have it.

    What only records can count in is left out for orders, and the other way round.
    """
    of_denominator, of_numerator = defaultdict(int), defaultdict(int)
    for place, one in enumerate(INDICATORS):
        if one.counts_records if what == "records" else one.counts_orders:
            of_denominator[one.denominator] |= 1 << place
            of_numerator[one.numerator] |= 1 << place
    denominators = (f"CASE WHEN {condition} THEN {mask} ELSE 0 END" for condition, mask in of_denominator.items())
    numerators = (
        f"CASE WHEN denominators & {mask} <> 0 AND ({condition}) THEN denominators & {mask} ELSE 0 END"
        for condition, mask in of_numerator.items()
    )
    return " | ".join(denominators), " | ".join(numerators)


def _lay_out(cursor, run, period: Period, hierarchy: Hierarchy) -> None:
    """The small tables the big statement joins: places, closing times by day, what earlier months have counted."""
    lay_places(run, period, hierarchy)
    cursor.execute(
        "CREATE TEMP TABLE IF NOT EXISTS assess_closing (urgency text, day date, since timestamptz, until timestamptz,"
        " close_due timestamptz) ON COMMIT DROP;"
        "CREATE TEMP TABLE IF NOT EXISTS assess_before (order_id bigint, denominators bigint) ON COMMIT DROP;"
        "TRUNCATE assess_closing, assess_before"
    )
    cursor.copy_expert("COPY assess_closing FROM STDIN", io.StringIO(closing_table(period)))
    earlier = Run.objects.filter(
        status=RunStatus.PUBLISHED, span=Span.MONTH, period__lt=period.text, period__gte=period.before(12).text
    )
    of_codes = defaultdict(list)
    for pk, codes in earlier.order_by("pk").values_list("pk", "codes"):
        of_codes[tuple(codes)].append(pk)
    for codes, runs in of_codes.items():
        cursor.execute(
            f"INSERT INTO assess_before SELECT order_id, bit_or({bits_then('denominators', codes, INDICATORS)} & %s)"  # noqa: S608
            " FROM assessment_counted WHERE run_id = ANY(%s) AND area_id = ANY(%s) AND unsettled"
            " AND order_id IS NOT NULL GROUP BY order_id",
            [once_bits(), runs, sorted({place for place, _community in hierarchy.places.values()})],
        )
    cursor.execute("ANALYZE assess_closing; ANALYZE assess_before")


def lay_places(run, period: Period, hierarchy: Hierarchy) -> None:
    """The temporary table of places: each area where orders may lie, the area it counts for, and its committee."""
    places = sorted(hierarchy.places.items())
    communities = [community for _area, (_counts_for, community) in places]
    with connection.cursor() as cursor:
        # Orders that went to a new grid after the period lay in the old one while it lasted.
        cursor.execute(
            "CREATE TEMP TABLE IF NOT EXISTS assess_rehomed (order_id bigint, area_id bigint) ON COMMIT DROP;"
            " TRUNCATE assess_rehomed"
        )
        cursor.execute(
            "INSERT INTO assess_rehomed SELECT DISTINCT ON (order_id) order_id, before_id"
            " FROM workorders_rehomedorder WHERE at >= %s ORDER BY order_id, at, id",
            [period.until],
        )
        cursor.execute(
            "CREATE TEMP TABLE IF NOT EXISTS assess_place (area_id bigint, grid_id bigint, committee_id bigint)"
            " ON COMMIT DROP; TRUNCATE assess_place"
        )
        cursor.execute(
            "INSERT INTO assess_place SELECT t.a, t.g, u.id"
            " FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS t(a, g, c)"
            " LEFT JOIN (SELECT DISTINCT ON (area_id) id, area_id FROM personnel_unit"
            " WHERE kind = 'CO' AND area_id = ANY(%s) AND starts < %s AND (ends IS NULL OR ends > %s)"
            " ORDER BY area_id, starts DESC, id) u ON u.area_id = t.c",
            [
                [area for area, _place in places],
                [counts_for for _area, (counts_for, _community) in places],
                communities,
                sorted({one for one in communities if one is not None}),
                period.end,
                period.first,
            ],
        )
        cursor.execute("ANALYZE assess_place")


def once_bits() -> int:
    """The indicators in which an order counts in one period only."""
    return sum(1 << place for place, one in enumerate(INDICATORS) if one.counts_once)


def closing_table(period: Period) -> str:
    """When an order handled by its due time should be closed: check and revisit follow, in working time.

    Lines of urgency, local day, since, until, closing due, as COPY reads them: for handling times in since <= t < until
    of that day. Kept for the next run of the period, as long as the calendar stays the same.
    """
    calendar = calendars.working_calendar()
    # Districts that begin together wait for the first one instead of working it out beside it.
    with _closing_worked_out:
        known_for, lines = _closing.get(period.text, (None, ""))
        if known_for is not calendar:
            lines = "".join("\t".join(map(str, row)) + "\n" for row in _closing_rows(period, calendar))
            _closing.clear()
            _closing[period.text] = (calendar, lines)
    return lines


def _closing_rows(period: Period, calendar) -> list[tuple]:
    rows = []
    for urgency in Urgency.values:
        check, revisit = deadlines.clock("check", urgency), deadlines.clock("revisit", urgency)

        def closing(at: dt.datetime, check=check, revisit=revisit) -> dt.datetime:
            checked = deadlines.due_at(check, at, calendar) if check else at
            return deadlines.due_at(revisit, checked, calendar) if revisit else checked

        day = period.first - dt.timedelta(days=BACK)
        while day < period.end + dt.timedelta(days=AHEAD):
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
    """What a subject's rows have in common is looked for first: the many counters run over kinds of rows, not rows."""
    parts = []
    for one in indicators:
        bit = 1 << BIT[one.code]
        condition = f"denominators & {bit} <> 0{scope_of(one, name)}"
        good = f"{condition} AND numerators & {bit} <> 0"
        parts += [_sum("rows", good), _sum("rows", condition)]
        if one.weighted:
            parts += [_sum("rows * weight", good), _sum("rows * weight", condition)]
    older = f"answered_at < %(since)s AND denominators & {1 << BIT['S02']} <> 0"
    columns = ", ".join(["subject", _sum("rows", "is_load"), _sum("rows", older), *parts])
    return (
        f"SELECT {columns} FROM ("  # noqa: S608 - made of the registry
        f" SELECT {column} AS subject, denominators, numerators, weight, own, here,"
        " what = 'order' AND (here OR reported_at >= %(since)s) AS is_load,"
        " LEAST(answered_at, %(since)s) AS answered_at, count(*)::int AS rows"
        f" FROM assessment_counted WHERE run_id = %(run)s AND {where} GROUP BY 1, 2, 3, 4, 5, 6, 7, 8"
        ") kinds GROUP BY subject"
    )


def _sum(what: str, condition: str) -> str:
    return f"coalesce(sum({what}) FILTER (WHERE {condition}), 0)"


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
