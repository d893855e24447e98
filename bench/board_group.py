"""The board from its roll-ups, and a long list as an Excel file, in a city of 1 549 grids."""

import json
from collections.abc import Iterator

from bench.stage import stage

GRIDS, MONTHS, SEED = 1_549, 6, 7


def run(*, orders: int) -> Iterator[tuple[str, dict]]:
    """Load a city, count it, look at its board, take its orders along."""
    with stage() as here:
        here.manage(
            "simulate", "--grids", str(GRIDS), "--orders", str(orders), "--months", str(MONTHS), "--seed", str(SEED)
        )
        found = json.loads(here.python("bench.board").strip().splitlines()[-1])
    city = found["board_city"]
    note = "median {:.0f} ms, CPU {:.0f} ms; a month's sheet {:.0f} ms".format(
        city["median"], city["cpu"], found["sheet_city"]["median"]
    )
    yield "board", {"value": round(city["p95"]), "unit": "ms p95, a whole city", "limit": 200, "note": note}
    yield (
        "count",
        {
            "value": round(found["idle_sweep_ms"], 1),
            "unit": "ms, a look when nothing happened",
            "limit": 500,
            "note": "{} orders counted from nothing in {:.0f} s".format(found["orders"], found["count_all_seconds"]),
        },
    )
    yield (
        "export",
        {
            "value": round(found["export_seconds"], 1),
            "unit": f"s for {found['export_rows']} rows",
            "limit": 60,
            "note": "{:.1f} MB".format(found["export_bytes"] / 1e6),
        },
    )
    yield "export_memory", {"value": round(found["memory_mb"]), "unit": "MB, the whole process", "limit": 300}
