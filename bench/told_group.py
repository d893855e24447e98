"""`told`: seconds from a report to its notice, at 20 reports a second with the worker running."""

import json
import time

from bench import load
from bench.requests_group import GRIDS, MONTHS, SEED, reports
from bench.stage import stage

RATE, SECONDS = 20, 15


def run(*, orders: int) -> dict[str, dict]:
    """Report at a steady rate, wait for the last notice, and read from the database how long each one took."""
    with stage() as here:
        here.manage(
            "simulate",
            "--grids",
            str(GRIDS),
            "--orders",
            str(min(orders, 10_000)),
            "--months",
            str(MONTHS),
            "--seed",
            str(SEED),
        )
        cast = json.loads(here.python("bench.cast").strip().splitlines()[-1])
        site, _worker = here.web(), here.worker()
        time.sleep(8)  # the worker imports the whole product before it takes its first job
        sent = load.run(site.port, _paced(reports(cast)), clients=4, seconds=SECONDS + 5)
        if sent.failures:
            raise RuntimeError(sent.failures[0])
        time.sleep(5)
        waits = json.loads(here.python("bench.waits", str(len(sent.latencies))).strip().splitlines()[-1])
        p95 = waits[int(len(waits) * 0.95)]
        note = f"{len(sent.latencies)} reports; median {waits[len(waits) // 2]:.2f} s; longest {waits[-1]:.2f} s"
        return {"told": {"value": round(p95, 3), "unit": "s (95th percentile)", "limit": 1.0, "note": note}}


def _paced(requests):
    """Hand out one request every twentieth of a second."""
    began = time.monotonic()
    for number in range(RATE * SECONDS):
        time.sleep(max(0.0, began + number / RATE - time.monotonic()))
        yield next(requests)
