"""`script/bench [name …]`: measure, print a table, write bench/results.json.

Names that belong together are measured in one setting, because a ratio needs both its sides from one run:
`requests` gives report, report_worker, move, list, list_filtered, list_ordinary, detail and queue_statements,
`queue` gives queue_growth and queue_deep.
"""

import argparse
import json
import sys
from pathlib import Path

from bench import stage

RESULTS = Path(__file__).with_name("results.json")
GROUPS = {
    "start": ("start_cold", "start_warm", "memory"),
    "areas": ("import_areas", "locate"),
    "requests": (
        "report", "report_worker", "move", "list", "list_filtered", "list_ordinary", "detail", "queue_statements",
    ),
    "queue": ("queue_growth", "queue_deep"),
    "told": ("told",),
    "desk": ("desk_queue", "desk_queries", "desk_counts", "desk_search", "desk_bulk", "desk_keys", "desk_push"),
    "board": ("board", "count", "export", "export_memory"),
    "phone": ("phone_budget", "phone_save", "phone_offline"),
    "public": ("public_budget", "public_weight", "public_requests"),
    "flood": ("flood_officers", "flood_accepted"),
    "map": ("map_first", "map_pan", "map_json", "wall"),
    "assess": ("assess_small", "assess_small_ratio", "explain", "what_if"),
    "assess_large": ("assess_large", "assess_memory", "assess_growth"),
}  # fmt: skip
# A million orders take their time.
ONLY_BY_NAME = ("assess_large",)


def main() -> int:
    """Run the groups the names ask for; exit 1 when a figure misses its limit."""
    names = [name for group in GROUPS.values() for name in group]
    parser = argparse.ArgumentParser(
        prog="script/bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join([*GROUPS, *names]))
    parser.add_argument("--orders", type=int, default=100_000, help="orders behind the requests (default 100000)")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - {*names, *GROUPS}
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    wanted = arguments.names or [group for group in GROUPS if group not in ONLY_BY_NAME]
    found: dict[str, dict] = {}
    for group, members in GROUPS.items():
        if group in wanted or not set(members).isdisjoint(wanted):
            asked = members if group in wanted else set(members).intersection(wanted)
            for name, figure in stage.run_group(group, orders=arguments.orders):
                if name in asked:
                    found[name] = judged(figure)
                    show(name, found[name])
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    RESULTS.write_text(json.dumps(kept | found, indent=2, ensure_ascii=False, sort_keys=True) + "\n")
    return 0 if all(figure["ok"] for figure in found.values()) else 1


def judged(figure: dict) -> dict:
    """{value, unit, limit, ratio, ok}: `at_least` says that more is better."""
    better_more = figure.pop("at_least", False)
    ratio = figure["value"] / figure["limit"] if figure["limit"] else 0.0
    return {**figure, "ratio": round(ratio, 3), "ok": ratio >= 1 if better_more else ratio <= 1}


def show(name: str, figure: dict) -> None:
    """One line per figure, as soon as it is known."""
    mark = "ok  " if figure["ok"] else "MISS"
    what = f"{mark} {name:18} {figure['value']:>10} {figure['unit']:<28}"
    print(f"{what} limit {figure['limit']:<8} {figure.get('note', '')}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
