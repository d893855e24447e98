"""Figures of the tree: import and point → grid, in an empty database."""

import json

from bench.stage import stage


def run(*, orders: int) -> dict[str, dict]:
    """Measure both in one stage; `orders` plays no part."""
    with stage() as here:
        return {
            name: json.loads(here.python("bench.areas", name).strip().splitlines()[-1])
            for name in ("import_areas", "locate")
        }
