"""The monthly assessment beside one hand-written statement that only counts handled and on-time per grid.

assess_small: 1 549 grids and the asked number of orders a month, a year in the table. assess_large (only when asked
for by name): 30 000 grids, a million orders in the month. assess_growth: time per order of the second over the first.
"""

import json

from bench.stage import stage

SEED = 7
SMALL, LARGE = (1_549, 10), (30_000, 1)
LARGE_ORDERS = 1_000_000


def run(*, orders: int, large: bool = False) -> dict[str, dict]:
    """Load a city, assess its last month, explain a score, ask what-if."""
    found = _city(SMALL[0], orders, SMALL[1])
    figures = _figures("assess_small", found, seconds=10)
    figures["explain"] = {"value": found["explain_ms"], "unit": "ms p95, a score's sheet", "limit": 300}
    figures["what_if"] = {"value": found["what_if_ms"], "unit": "ms p95", "limit": 300}
    if large:
        big = _city(LARGE[0], LARGE_ORDERS, LARGE[1])
        figures |= _figures("assess_large", big, seconds=120)
        figures["assess_memory"] = {"value": big["memory_mb"], "unit": "MB of the worker", "limit": 600}
        growth = (big["seconds"] / big["month"]) / (found["seconds"] / found["month"])
        figures["assess_growth"] = {"value": round(growth, 2), "unit": "× the time per order", "limit": 1.1}
    return figures


def _figures(name: str, found: dict, *, seconds: float) -> dict[str, dict]:
    ratio = found["seconds"] / found["counting_seconds"]
    note = "{:.2f} s against {:.2f} s of counting; {} orders of the month, {} rows, {:.0f} rows/s".format(
        found["seconds"], found["counting_seconds"], found["month"], found["rows"], found["rows"] / found["seconds"]
    )
    return {
        name: {"value": round(found["seconds"], 2), "unit": "s", "limit": seconds, "note": note},
        f"{name}_ratio": {"value": round(ratio, 2), "unit": "× one counting statement", "limit": 2.5, "note": note},
    }


def _city(grids: int, orders_a_month: int, months: int) -> dict:
    with stage() as here:
        here.manage(
            "simulate", "--grids", str(grids), "--orders", str(orders_a_month * months), "--months", str(months),
            "--seed", str(SEED),
        )  # fmt: skip
        return json.loads(here.python("bench.assess").strip().splitlines()[-1])
