"""The assessment of a whole province's worth: 30 000 grids, a million orders in the month. Only when asked for."""

from collections.abc import Iterator

from bench.assess_group import GRIDS, city, figures

LARGE_GRIDS, LARGE_ORDERS = 30_000, 1_000_000


def run(*, orders: int) -> Iterator[tuple[str, dict]]:
    """Time, memory, and growth per order against the small city."""
    large, small = city(LARGE_GRIDS, LARGE_ORDERS, 1), city(GRIDS, orders, 1)
    yield from figures("assess_large", large, seconds=120)
    yield "assess_memory", {"value": large["memory_mb"], "unit": "MB of the worker", "limit": 600}
    growth = (large["seconds"] / large["month"]) / (small["seconds"] / small["month"])
    yield "assess_growth", {"value": round(growth, 2), "unit": "× the time per order", "limit": 1.1}
