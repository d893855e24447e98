"""Whether a queue stays quick: the first page and page 1000 at 100 000 orders beside the first page at 1 000."""

import itertools
import json

from bench import load
from bench.requests_group import GRIDS, MONTHS, SEED, measure, same
from bench.stage import Stage, Web, stage

FEW = 1000
PAGES = 1000
LIST = "/api/v1/workorders/?page_size=50"


def run(*, orders: int) -> dict[str, dict]:
    """Measure the same request in a small and in a large city."""
    small = _city(FEW, deep=False)
    large = _city(orders, deep=True)
    return {
        "queue_growth": _growth(small["first"], large["first"], "first page"),
        "queue_deep": _growth(small["first"], large["deep"], f"page {PAGES}"),
    }


def _growth(small: dict, large: dict, what: str) -> dict:
    return {
        "value": round(small["rate"] / large["rate"], 2),
        "unit": f"× the first page at {FEW}",
        "limit": 1.3,
        "note": "{}: {:.0f}/s against {:.0f}/s; CPU {:.1f} ms against {:.1f} ms".format(
            what, large["rate"], small["rate"], large["cpu_ms"], small["cpu_ms"]
        ),
    }


def _city(orders: int, *, deep: bool) -> dict[str, dict]:
    with stage() as here:
        here.manage(
            "simulate", "--grids", str(GRIDS), "--orders", str(orders), "--months", str(MONTHS), "--seed", str(SEED)
        )
        cast = json.loads(here.python("bench.cast").strip().splitlines()[-1])
        site, token = here.web(), cast["tokens"]["dispatcher"]
        found = {"first": measure(here, site, same("GET", LIST, token=token))}
        if deep:
            found["deep"] = _deep(here, site, token)
        return found


def _deep(here: Stage, site: Web, token: str) -> dict:
    """Walk to the page the way a reader does, then ask for it over and over."""
    line, path = load.Line(site.port), LIST
    for _page in range(PAGES - 1):
        status, body = line.ask(load.request("GET", path, token=token))
        following = json.loads(body)["next"]
        if status != 200 or not following:
            break
        path = following[following.index("/api/") :]
    return measure(here, site, itertools.repeat(load.request("GET", path, token=token)))
