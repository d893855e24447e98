"""What the rules deduct and add, and what people entered: found once, applied under every cap. Source: domain §6.4."""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from django.db import connection

from assessment import counting, items, scoring
from assessment.indicators import BIT
from assessment.measuring import bounds
from assessment.models import Adjustment, Appeal, Charge
from assessment.periods import Period
from assessment.schemes import Rules
from assessment.vocabulary import AppealState, Fact

# So many of a grid in a quarter are a veto.
FALSE_REPORTS = 3
_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False).encode
_M05, _M06 = 1 << BIT["M05"], 1 << BIT["M06"]

_LATE = f"""
    SELECT c.area_id, c.order_id, c.own, c.began_at, c.due_at, c.handled_at, (
        SELECT CASE WHEN bool_or(s.card = 'red') THEN 'red' ELSE max(s.card) END FROM workorders_supervision s
        WHERE s.order_id = c.order_id AND s.rule = 'overdue' AND s.at < %(cut_off)s
    )
    FROM assessment_counted c
    WHERE c.run_id = %(run)s AND c.here AND c.denominators & {_M05} <> 0 AND c.numerators & {_M05} = 0
"""  # noqa: S608 - made of constants

_REWORKS = """
    SELECT area_id, order_id, at, kind, satisfaction, number, card FROM (
        SELECT c.area_id, c.order_id, e.at, e.kind, (e.data ->> 'satisfaction')::int AS satisfaction,
            row_number() OVER (PARTITION BY c.order_id ORDER BY e.sequence) AS number, (
                SELECT max(s.card) FROM workorders_supervision s
                WHERE s.order_id = c.order_id AND s.rule = 'rework' AND s.at = e.at
            ) AS card
        FROM assessment_counted c JOIN workorders_workorderevent e ON e.order_id = c.order_id
        WHERE c.run_id = %(run)s AND c.here AND c.reworks > 0 AND (
            e.kind = 'fail_check' OR (e.kind = 'revisit' AND e.data ->> 'rework' = 'true')
        )
    ) t WHERE at >= %(since)s AND at < %(until)s
"""

_CARDS = """
    SELECT p.grid_id, o.id, max(s.at), CASE WHEN bool_or(s.card = 'red') THEN 'red' ELSE 'yellow' END
    FROM workorders_supervision s JOIN workorders_workorder o ON o.id = s.order_id
    LEFT JOIN assess_rehomed h ON h.order_id = o.id
    JOIN assess_place p ON p.area_id = COALESCE(h.area_id, o.area_id)
    WHERE s.rule = '' AND s.at >= %(since)s AND s.at < %(until)s AND o.district_id = ANY(%(districts)s)
        AND (o.officer_id IS NOT NULL OR o.lead_id = p.committee_id)
    GROUP BY p.grid_id, o.id
"""

# Few grids hear of one kind of thing three times: only for those the place of the orders is looked up.
_SPOTS = f"""
    SELECT c.area_id, min(c.order_id), max(c.reported_at), count(*)
    FROM (
        SELECT area_id, order_id, category_id, reported_at, count(*) OVER (PARTITION BY area_id, category_id) AS alike
        FROM assessment_counted
        WHERE run_id = %(run)s AND what = 'order' AND source IN {counting.COMPLAINT_SOURCES}
            AND reported_at >= %(since)s AND status NOT IN ('declined', 'voided')
    ) c JOIN workorders_workorder o ON o.id = c.order_id
    WHERE c.alike >= 3 AND (o.lon IS NOT NULL OR o.address <> '')
        AND NOT EXISTS (SELECT FROM workorders_orderpart q WHERE q.part_id = o.id)
    GROUP BY c.area_id, c.category_id, round(o.lon::numeric, 3), round(o.lat::numeric, 3),
        CASE WHEN o.lon IS NULL THEN o.address END
    HAVING count(*) >= 3
"""  # noqa: S608 - made of constants

_VISITS = """
    SELECT c.area_id, c.status, c.reported_at, f.note FROM assessment_counted c
    JOIN assessment_factrecord f ON f.id = c.record_id
    WHERE c.run_id = %(run)s AND c.what = 'visit' AND NOT f.done
"""

_DIFFICULT = f"""
    SELECT area_id, order_id, closed_at, difficulty, handled_at, due_at FROM assessment_counted
    WHERE run_id = %(run)s AND here AND difficulty >= 3 AND denominators & {_M06} <> 0 AND numerators & {_M06} <> 0
        AND closed_at >= %(since)s
"""  # noqa: S608 - made of constants


@dataclass(frozen=True)
class Found:
    """A deduction or bonus before any cap. full: hundredths; cause: what its sentence is made of."""

    area_id: int
    code: str
    fact: str
    full: int
    cause: dict = field(default_factory=dict)
    order_id: int | None = None
    adjustment_id: int | None = None
    at: dt.datetime | None = None
    points: int = 0

    @property
    def key(self) -> tuple:
        """The order in which caps are reached: by item, then by time."""
        return (self.code, self.at.isoformat() if self.at else "", self.order_id or 0, self.adjustment_id or 0)


def find(run, period: Period, rules: Rules, districts: Iterable[int]) -> dict[int, list[Found]]:
    """Everything that costs or earns a grid of the run something, by grid; a fixed number of statements."""
    values = bounds(period, run.cut_off) | {"run": run.pk, "districts": sorted(districts)}
    found: list[Found] = []
    for sql, read in (
        (_LATE, _late),
        (_REWORKS, _rework),
        (_CARDS, _card),
        (_SPOTS, _spot),
        (_VISITS, _visit),
        (_DIFFICULT, _difficult),
    ):
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            for row in cursor.fetchall():
                one = read(rules, *row)
                if one is not None and one.full:
                    found.append(one)
    return _by_grid([*found, *_entered(period, rules), *_false_reports(period, rules)])


def _late(rules, area_id, order_id, own, began_at, due_at, handled_at, card):
    choices = {"K04": rules.cost("K04")}
    cause = {"due": due_at.isoformat(), "at": handled_at.isoformat() if handled_at else None}
    if card:
        choices["K05"] = rules.cost("K05", card)
    if own and began_at and (handled_at is None or handled_at > due_at + (due_at - began_at)):
        choices["K03"] = rules.cost("K03")
    return _dearest(Fact.LATE, choices, area_id, order_id, due_at, {**cause, **({"card": card} if card else {})})


def _rework(rules, area_id, order_id, at, kind, satisfaction, number, card):
    choices = {"K06": rules.cost("K06", "third" if number >= 3 else "first")}
    if card:
        choices["K05"] = rules.cost("K05", card)
    if kind == "revisit" and satisfaction is not None and satisfaction <= 2:
        choices["K10"] = rules.cost("K10")
    return _dearest(Fact.REWORK, choices, area_id, order_id, at, {"rework": number, "card": card})


def _dearest(fact, choices, area_id, order_id, at, cause):
    code = min(items.ONE_OF[fact], key=lambda one: choices.get(one, 0))
    return Found(area_id, code, str(fact), choices.get(code, 0), cause, order_id, at=at)


def _card(rules, area_id, order_id, at, card):
    return Found(area_id, "K05", str(Fact.CARD), rules.cost("K05", card), {"card": card}, order_id, at=at)


def _spot(rules, area_id, order_id, at, count):
    return Found(area_id, "K11", str(Fact.SPOT), rules.cost("K11"), {"complaints": count}, order_id, at=at)


def _visit(rules, area_id, level, at, note):
    return Found(area_id, "K12", str(Fact.RECORD), rules.cost("K12", level), {"level": level, "note": note}, at=at)


def _difficult(rules, area_id, order_id, at, difficulty, handled_at, due_at):
    on_time = handled_at is not None and (due_at is None or handled_at <= due_at)
    if difficulty < 4 and not on_time:
        return None
    amount = rules.cost("B02", "backlog" if difficulty >= 4 else "")
    return Found(area_id, "B02", str(Fact.MERIT), amount, {"difficulty": difficulty}, order_id, at=at)


def _entered(period: Period, rules: Rules) -> list[Found]:
    """Items entered by hand: confirmed where a second person is asked for, and not withdrawn."""
    rows = Adjustment.objects.filter(period=period.text, withdrawn_at__isnull=True).order_by("pk")
    found = []
    for row in rows:
        spec = rules.item(row.code)
        if spec is None or (spec.get("two") and row.confirmed_by_id is None):
            continue
        amount = rules.cost(row.code, row.variant) * row.count
        cause = {"text": row.cause, "count": row.count, "case": row.variant}
        found.append(
            Found(row.area_id, row.code, str(Fact.MANUAL), amount, cause, row.order_id, row.pk, row.entered_at)
        )
    return found


def _false_reports(period: Period, rules: Rules) -> list[Found]:
    """The veto that follows from the third confirmed false report of a grid in a quarter, in the month it comes.

    What an appeal struck out in an earlier month of the quarter does not count; see `standing_veto` for this month's.
    """
    spec = rules.item("K07")
    if spec is None or rules.item("V03") is None:
        return []
    months = [one.text for one in period.quarter().months() if one.text <= period.text]
    rows = Adjustment.objects.filter(code="K07", period__in=months, withdrawn_at__isnull=True)
    if spec.get("two"):
        rows = rows.filter(confirmed_by__isnull=False)
    rows = rows.exclude(pk__in=Appeal.objects.filter(state=AppealState.UPHELD, item="K07").values("charge__adjustment"))
    before, now, last = defaultdict(int), defaultdict(int), {}
    for area_id, month, count, at in rows.order_by("pk").values_list("area_id", "period", "count", "entered_at"):
        if month == period.text:
            now[area_id] += count
            last[area_id] = at
        else:
            before[area_id] += count
    return [
        Found(area_id, "V03", str(Fact.MANUAL), 0, {"false_reports": before[area_id] + number}, at=last[area_id])
        for area_id, number in now.items()
        if before[area_id] + number >= FALSE_REPORTS
    ]


def standing_veto(rows: Sequence[Found]) -> list[Found]:
    """The rows of a grid, with the veto of its false reports waived where appeals left fewer than three of them."""
    struck = [one for one in rows if one.code == "K07" and "waived" in one.cause]
    number = sum(one.cause.get("count", 1) for one in struck)
    return [
        replace(one, cause={**one.cause, "waived": struck[-1].cause["waived"]})
        if one.code == "V03" and struck and one.cause["false_reports"] - number < FALSE_REPORTS
        else one
        for one in rows
    ]


def _by_grid(found: Iterable[Found]) -> dict[int, list[Found]]:
    table = defaultdict(list)
    for one in found:
        table[one.area_id].append(one)
    return {area_id: sorted(rows, key=lambda one: one.key) for area_id, rows in table.items()}


def of_run(run) -> dict[int, list[Found]]:
    """What an earlier run found, before its caps: a revision starts from the same facts."""
    rows = Charge.objects.filter(score__run=run, score__level="grid").exclude(code__in=items.LIMITS)
    rows = rows.order_by("pk").values_list(
        "score__area_id", "code", "fact", "full", "cause", "order_id", "adjustment_id", "at"
    )
    return _by_grid(
        Found(area, code, fact, scoring.hundredths(full), cause, order, adjustment, at)
        for area, code, fact, full, cause, order, adjustment, at in rows
    )


def apply(found: Sequence[Found], rules: Rules) -> tuple[list[Found], int, int, bool]:
    """(rows with their points after every cap, bonus, deductions (negative), whether a veto is among them).

    A row an appeal waived (`waived` in its cause) gives nothing and takes nothing of a cap.
    """
    by_code: dict[str, list[Found]] = defaultdict(list)
    for one in found:
        by_code[one.code].append(one)
    rows: list[Found] = []
    for code, group in sorted(by_code.items()):
        amounts = scoring.capped([0 if "waived" in one.cause else one.full for one in group], rules.cap(code))
        rows += [replace(one, points=amount) for one, amount in zip(group, amounts, strict=True)]
    total = {}
    for sign, cap in ((1, rules.limit("bonus_cap")), (-1, rules.limit("deduction_cap"))):
        places = [n for n, one in enumerate(rows) if one.points * sign > 0]
        amounts = scoring.capped([rows[n].points for n in places], cap)
        for n, amount in zip(places, amounts, strict=True):
            rows[n] = replace(rows[n], points=amount)
        total[sign] = sum(amounts)
    veto = any(items.BY_CODE[one.code].kind == items.VETO and "waived" not in one.cause for one in rows)
    return rows, total[1], total[-1], veto


def cause_json(cause: dict) -> str:
    """A cause as it is stored: the same text for the same cause."""
    return _encode(cause)
