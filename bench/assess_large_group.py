"""The assessment of a whole province's worth: 30 000 grids, a million orders in the month. Only when asked for."""

from collections.abc import Iterator

from bench.assess_group import GRIDS, city, figure

# Two months back, so that last month is there whole.
LARGE_GRIDS, LARGE_ORDERS, MONTHS = 30_000, 1_000_000, 2


def run(*, orders: int) -> Iterator[tuple[str, dict]]:
    """Time, memory, and growth per grid against the small city."""
    large, small = city(LARGE_GRIDS, LARGE_ORDERS, MONTHS), city(GRIDS, orders, MONTHS)
    yield "assess_large", figure(large, seconds=120)
    yield "assess_memory", {"value": large["memory_mb"], "unit": "MB of the worker", "limit": 600}
    growth = (large["seconds"] / LARGE_GRIDS) / (small["seconds"] / GRIDS)
    note = "{:.2f} s for {} orders, {:.2f} s for {}".format(
        large["seconds"], large["month"], small["seconds"], small["month"]
    )
    yield "assess_growth", {"value": round(growth, 2), "unit": "× the time per grid", "limit": 1.0, "note": note}
