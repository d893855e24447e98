"""Writing a run's result by COPY, and its checksum: the same rows give the same text."""

import datetime as dt
import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connection

from assessment.charging import Found, cause_json
from assessment.scoring import text

_encode = json.JSONEncoder(sort_keys=True).encode
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
SCORE_COLUMNS = (
    "id", "run_id", "level", "area_id", "unit_id", "officer_id", "name", "code", "community_id", "street_id",
    "district_id", "peer_group", "active_days", "workload", "why_not", "indicator_points", "bonus", "deductions",
    "score", "plain_mean", "veto", "grade", "rank", "of", "mirrors_id", "values",
)  # fmt: skip
ITEM_COLUMNS = (
    "score_id", "code", "position", "part_id", "numerator", "denominator", "rate", "value", "weight", "points",
    "details",
)  # fmt: skip
CHARGE_COLUMNS = ("score_id", "code", "fact", "full", "points", "cause", "order_id", "adjustment_id", "at")


@dataclass(slots=True)
class Row:
    """One explained row. rate, value: ten-thousandths; weight, points: hundredths. part: a score within the run."""

    code: str
    numerator: int | None = None
    denominator: int | None = None
    rate: int | None = None
    value: int | None = None
    weight: int | None = None
    points: int | None = None
    details: dict | None = None
    part: "Result | None" = None


@dataclass(slots=True, eq=False)
class Result:
    """A score to be stored; points in hundredths."""

    level: str
    area_id: int
    code: str
    name: str
    unit_id: int | None = None
    officer_id: int | None = None
    community_id: int | None = None
    street_id: int | None = None
    district_id: int | None = None
    peer_group: str = ""
    active_days: int = 0
    workload: int = 0
    why_not: str = ""
    indicator_points: int | None = None
    bonus: int = 0
    deductions: int = 0
    score: int | None = None
    plain_mean: int | None = None
    veto: bool = False
    grade: str = ""
    rank: int | None = None
    of: int = 0
    mirrors: "Result | None" = None
    values: list = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    charges: list[Found] = field(default_factory=list)
    tie: tuple = ()
    pk: int = 0


def store(run_id: int, results: Sequence[Result]) -> str:
    """Write scores with their rows and charges; returns the checksum over everything but the numbers of rows."""
    for result, pk in zip(results, _reserve(len(results)), strict=True):
        result.pk = pk
    digest = hashlib.sha256()
    for start in range(0, len(results), 5000):
        scores, items, charges = [], [], []
        for one in results[start : start + 5000]:
            own = _score(one)
            mirrored = _whole(one.mirrors and one.mirrors.pk)
            scores.append(f"{one.pk}\t{run_id}\t{own}\t{mirrored}\t{_array(one.values)}\n")
            digest.update(own.encode())
            for position, row in enumerate(one.rows):
                figures = _item(row)
                items.append(f"{one.pk}\t{row.code}\t{position}\t{_whole(row.part and row.part.pk)}\t{figures}\n")
                digest.update(f"\n{row.code}\t{figures}".encode())
            for charge in one.charges:
                line = _charge(charge)
                charges.append(f"{one.pk}\t{line}\n")
                digest.update(f"\n{line}".encode())
            digest.update(b"\n\n")
        _copy("assessment_score", SCORE_COLUMNS, scores)
        _copy("assessment_scoreitem", ITEM_COLUMNS, items)
        _copy("assessment_charge", CHARGE_COLUMNS, charges)
    return digest.hexdigest()


def forget(run_ids: Sequence[int]) -> None:
    """Delete what unpublished runs stored; a published one refuses."""
    with connection.cursor() as cursor:
        for table in ("assessment_scoreitem", "assessment_charge"):
            cursor.execute(
                f"DELETE FROM {table} WHERE score_id IN (SELECT id FROM assessment_score WHERE run_id = ANY(%s))",  # noqa: S608
                [list(run_ids)],
            )
        for table in ("assessment_score", "assessment_counted"):
            cursor.execute(f"DELETE FROM {table} WHERE run_id = ANY(%s)", [list(run_ids)])  # noqa: S608


def _reserve(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('assessment_score', 'id')) FROM generate_series(1, %s)", [count]
        )
        return sorted(pk for (pk,) in cursor.fetchall())


def _copy(table: str, columns: Sequence[str], lines: Sequence[str]) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor:
        cursor.copy_expert(f'COPY "{table}" ({names}) FROM STDIN', io.StringIO("".join(lines)))


# Cells as COPY reads them; every line that goes into the checksum is made of what the run found, never of row numbers.


def _whole(number: int | None) -> str:
    return "\\N" if number is None else str(number)


def _number(amount: int | None, places: int = 2) -> str:
    return "\\N" if amount is None else text(amount, places)


def _array(values: Sequence[int | None]) -> str:
    return "{" + ",".join("NULL" if value is None else str(value) for value in values) + "}"


def _score(one: Result) -> str:
    cells = (
        one.level, _whole(one.area_id), _whole(one.unit_id), _whole(one.officer_id), one.name.translate(_ESCAPES),
        one.code.translate(_ESCAPES), _whole(one.community_id), _whole(one.street_id), _whole(one.district_id),
        one.peer_group, _whole(one.active_days), _whole(one.workload), one.why_not, _number(one.indicator_points),
        _number(one.bonus), _number(one.deductions), _number(one.score), _number(one.plain_mean),
        "t" if one.veto else "f", one.grade, _whole(one.rank), _whole(one.of),
    )  # fmt: skip
    return "\t".join(cells)


def _item(row: Row) -> str:
    details = _encode(row.details).translate(_ESCAPES) if row.details else "{}"
    return (
        f"{_whole(row.numerator)}\t{_whole(row.denominator)}\t{_number(row.rate, 4)}\t{_number(row.value, 4)}"
        f"\t{_number(row.weight)}\t{_number(row.points)}\t{details}"
    )


def _charge(charge: Found) -> str:
    cells = (
        charge.code, charge.fact, _number(charge.full), _number(charge.points),
        cause_json(charge.cause).translate(_ESCAPES), _whole(charge.order_id), _whole(charge.adjustment_id),
        charge.at.astimezone(dt.UTC).isoformat() if charge.at else "\\N",
    )  # fmt: skip
    return "\t".join(cells)
