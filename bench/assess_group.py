"""The monthly assessment beside one hand-written statement that only counts handled and on-time per grid.

1 549 grids, the asked number of orders a month, ten months in the table.
"""

import json
from collections.abc import Iterator

from bench.stage import stage

GRIDS, MONTHS, SEED = 1_549, 10, 7


def run(*, orders: int) -> Iterator[tuple[str, dict]]:
    """Load a city, assess its last month, explain scores, ask what-if."""
    found = city(GRIDS, orders, MONTHS)
    yield "assess_small", figure(found, seconds=10)
    ratio = found["seconds"] / found["counting_seconds"]
    yield "assess_small_ratio", {
        "value": round(ratio, 2), "unit": "× one counting statement", "limit": 2.5, "note": note_of(found),
    }  # fmt: skip
    yield "explain", {"value": found["explain_ms"], "unit": "ms p95, a score's sheet", "limit": 300}
    yield "what_if", {"value": found["what_if_ms"], "unit": "ms p95", "limit": 300}


def figure(found: dict, *, seconds: float) -> dict:
    """The time itself; beside it the counting of the same run."""
    return {"value": round(found["seconds"], 2), "unit": "s", "limit": seconds, "note": note_of(found)}


def note_of(found: dict) -> str:
    """What was counted beside it, and how much there was to do."""
    return "{:.2f} s against {:.2f} s of counting (CPU {:.1f} s, {:.1f} s); {} orders of the month, {} rows/s".format(
        found["seconds"], found["counting_seconds"], found["cpu"], found["counting_cpu"], found["month"],
        round(found["rows"] / found["seconds"]),
    )  # fmt: skip


def city(grids: int, orders_a_month: int, months: int) -> dict:
    """What bench.assess measured in a city of its own."""
    with stage() as here:
        here.manage(
            "simulate", "--grids", str(grids), "--orders", str(orders_a_month * months), "--months", str(months),
            "--seed", str(SEED),
        )  # fmt: skip
        return json.loads(here.python("bench.assess").strip().splitlines()[-1])
