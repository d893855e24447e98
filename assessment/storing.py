"""Writing a run's result by COPY, and its checksum: the same rows give the same text."""

import hashlib
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import connection

from assessment.charging import Found, cause_json
from assessment.scoring import text

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
        chunk = results[start : start + 5000]
        _copy("assessment_score", SCORE_COLUMNS, (_score(run_id, one) for one in chunk))
        _copy("assessment_scoreitem", ITEM_COLUMNS, (line for one in chunk for line in _items(one)))
        _copy("assessment_charge", CHARGE_COLUMNS, (line for one in chunk for line in _charges(one)))
        for one in chunk:
            digest.update(_canonical(one).encode())
    return digest.hexdigest()


def _reserve(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('assessment_score', 'id')) FROM generate_series(1, %s)", [count]
        )
        return sorted(pk for (pk,) in cursor.fetchall())


def _copy(table: str, columns: Sequence[str], lines: Iterable[tuple]) -> None:
    buffer = io.StringIO()
    for line in lines:
        buffer.write("\t".join("\\N" if cell is None else str(cell) for cell in line))
        buffer.write("\n")
    buffer.seek(0)
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor:
        cursor.copy_expert(f'COPY "{table}" ({names}) FROM STDIN', buffer)


def _score(run_id: int, one: Result) -> tuple:
    values = "{" + ",".join("NULL" if value is None else str(value) for value in one.values) + "}"
    return (
        one.pk, run_id, one.level, one.area_id, one.unit_id, one.officer_id, one.name.translate(_ESCAPES), one.code,
        one.community_id, one.street_id, one.district_id, one.peer_group, one.active_days, one.workload, one.why_not,
        text(one.indicator_points), text(one.bonus), text(one.deductions), text(one.score), text(one.plain_mean),
        "t" if one.veto else "f", one.grade, one.rank, one.of, one.mirrors.pk if one.mirrors else None, values,
    )  # fmt: skip


def _items(one: Result):
    for position, row in enumerate(one.rows):
        yield (
            one.pk, row.code, position, row.part.pk if row.part else None, row.numerator, row.denominator,
            text(row.rate, 4), text(row.value, 4), text(row.weight), text(row.points), _details(row),
        )  # fmt: skip


def _details(row: Row) -> str:
    return json.dumps(row.details, sort_keys=True).translate(_ESCAPES) if row.details else "{}"


def _charges(one: Result):
    for charge in one.charges:
        yield (
            one.pk, charge.code, charge.fact, text(charge.full), text(charge.points),
            cause_json(charge.cause).translate(_ESCAPES), charge.order_id, charge.adjustment_id,
            charge.at.isoformat() if charge.at else None,
        )  # fmt: skip


def _canonical(one: Result) -> str:
    lines = ["|".join(map(str, _score(0, one)[2:-2]))]
    lines += ["|".join(map(str, line[1:3] + line[4:])) for line in _items(one)]
    lines += ["|".join(map(str, line[1:])) for line in _charges(one)]
    return "\n".join(lines) + "\n"
