"""What check_orders verifies of the counts: each order as it was counted, and every sum of them."""

from collections.abc import Iterator

from django.db import connection

from core import clock
from workorders.figures import counting
from workorders.figures.counting import FLOWS, STOCKS
from workorders.models import Cutoff

_COMPARED = "area_id places category_id unit_id reported_on handled_on closed_on on_time satisfaction resolved returned"
_COMPARED = f"{_COMPARED} reworked card".split()
_SPOILT = f"""
    SELECT o.number, {", ".join(f"c.{name} IS DISTINCT FROM fresh.{name}" for name in _COMPARED)}
    FROM workorders_countedorder c JOIN ({counting._AS_IT_IS}) fresh USING (order_id)
    JOIN workorders_workorder o ON o.id = c.order_id
    WHERE c.version = fresh.version AND ({" OR ".join(f"c.{name} IS DISTINCT FROM fresh.{name}" for name in _COMPARED)})
    ORDER BY o.number LIMIT 100
"""  # noqa: S608 - names of ours only


def _sums(table: str, names: tuple[str, ...], keys: str, source: str, where: str) -> str:
    """The rows of a roll-up that differ from the sums of what was counted."""
    sums = ", ".join(f"sum(added.{name})::int AS {name}" for name in names)
    by_day = "day" in keys
    stored = ", ".join(f"COALESCE(kept.{name}, 0)" for name in names)
    derived = ", ".join(f"COALESCE(fresh.{name}, 0)" for name in names)
    return f"""
        SELECT {keys}, ARRAY[{stored}], ARRAY[{derived}] FROM (SELECT * FROM {table}) kept
        FULL JOIN (
            SELECT place.id AS area_id, part.category AS category_id, part.unit AS unit_id{", added.day" * by_day},
                {sums}
            FROM workorders_countedorder c CROSS JOIN LATERAL {source} added {counting._CELLS}
            WHERE {where} GROUP BY 1, 2, 3{", 4" * by_day}
        ) fresh USING ({keys})
        WHERE ({stored}) IS DISTINCT FROM ({derived}) ORDER BY {keys} LIMIT 100
    """  # noqa: S608 - names of ours only


_DAYS = _sums(
    "workorders_daycount",
    FLOWS,
    "area_id, category_id, unit_id, day",
    f"(SELECT * FROM {counting.DAYS_OF})",  # noqa: S608 - names of ours only
    "added.day IS NOT NULL",
)
_OPEN = _sums(
    "workorders_opencount", STOCKS, "area_id, category_id, unit_id", f"(SELECT {counting.OPEN_AS})",
    "c.lamp <> ''",
)  # fmt: skip


def findings() -> Iterator[str]:
    """Every difference, in words, a hundred of a kind at most."""
    if not Cutoff.objects.filter(as_of__isnull=False).exists():
        return
    with connection.cursor() as cursor:
        cursor.execute(_SPOILT, {"at": clock.now(), "zone": str(clock.ZONE)})
        for number, *differs in cursor.fetchall():
            names = ", ".join(name for name, one in zip(_COMPARED, differs, strict=True) if one)
            yield f"counts: {number} was counted with another {names}"
        for sql, names, keys in ((_DAYS, FLOWS, 4), (_OPEN, STOCKS, 3)):
            cursor.execute(sql)
            for row in cursor.fetchall():
                stored, derived = (dict(zip(names, values, strict=True)) for values in row[keys:])
                wrong = {name: (stored[name], derived[name]) for name in names if stored[name] != derived[name]}
                place = " ".join(str(one) for one in row[:keys])
                words = ", ".join(f"{name} {kept}, should be {right}" for name, (kept, right) in wrong.items())
                yield f"counts: {place}: {words}"
