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
    yield from figures("assess_small", found, seconds=10)
    yield "explain", {"value": found["explain_ms"], "unit": "ms p95, a score's sheet", "limit": 300}
    yield "what_if", {"value": found["what_if_ms"], "unit": "ms p95", "limit": 300}


def figures(name: str, found: dict, *, seconds: float) -> Iterator[tuple[str, dict]]:
    """The time itself, and beside the counting of the same run."""
    ratio = found["seconds"] / found["counting_seconds"]
    note = "{:.2f} s against {:.2f} s of counting (CPU {:.1f} s, {:.1f} s); {} orders of the month, {} rows/s".format(
        found["seconds"], found["counting_seconds"], found["cpu"], found["counting_cpu"], found["month"],
        round(found["rows"] / found["seconds"]),
    )  # fmt: skip
    yield name, {"value": round(found["seconds"], 2), "unit": "s", "limit": seconds, "note": note}
    yield f"{name}_ratio", {"value": round(ratio, 2), "unit": "× one counting statement", "limit": 2.5, "note": note}


def city(grids: int, orders_a_month: int, months: int) -> dict:
    """What bench.assess measured in a city of its own."""
    with stage() as here:
        here.manage(
            "simulate", "--grids", str(grids), "--orders", str(orders_a_month * months), "--months", str(months),
            "--seed", str(SEED),
        )  # fmt: skip
        return json.loads(here.python("bench.assess").strip().splitlines()[-1])
