"""Requests against the lean limits of the same run: create, move, lists, detail, at the asked number of orders."""

import itertools
import json
import uuid
from collections.abc import Iterator

from bench import load
from bench.stage import Stage, Web, stage

SECONDS = 6.0
GRIDS, MONTHS, SEED = 1549, 6, 7
MOVED_ORDERS = 300
REPORT = {"description": "小区门口堆放建筑垃圾,影响通行,已经三天没有人清运", "category": "0502"}


def run(*, orders: int) -> Iterator[tuple[str, dict]]:
    """Load a city, then measure every kind of request beside its limit."""
    with stage() as here:
        here.manage(
            "simulate", "--grids", str(GRIDS), "--orders", str(orders), "--months", str(MONTHS), "--seed", str(SEED)
        )
        here.python("bench.limits")
        cast = json.loads(here.python("bench.cast").strip().splitlines()[-1])
        lean = here.web("bench.limits", DJANGO_SETTINGS_MODULE="")
        limits = {
            "insert": measure(here, lean, inserts(cast)),
            "rows": measure(here, lean, same("GET", "/rows/")),
            "hello": measure(here, lean, same("GET", "/hello/")),
        }
        here.end(lean.child)
        site = here.web()
        yield from reading(here, site, cast, limits)
        yield from writing(here, site, cast, limits)


def reading(here: Stage, site: Web, cast: dict, limits: dict) -> Iterator[tuple[str, dict]]:
    """Lists of the centre, filtered, of an ordinary user; the detail with its events."""
    tokens = cast["tokens"]
    lists = (
        ("list", tokens["dispatcher"], "/api/v1/workorders/"),
        ("list_filtered", tokens["dispatcher"], "/api/v1/workorders/?status=closed&category=05"),
        ("list_ordinary", tokens["handler"], "/api/v1/workorders/"),
    )
    for name, token, path in lists:
        found = measure(here, site, same("GET", path, token=token))
        yield name, against(limits["rows"], found, least=0.30, of="a bare list of 50 rows")
    details = (
        load.request("GET", f"/api/v1/workorders/{number}/", token=tokens["dispatcher"])
        for number in itertools.cycle(cast["numbers"])
    )
    yield "detail", against(limits["hello"], measure(here, site, details), least=0.08, of="a bare hello")


def writing(here: Stage, site: Web, cast: dict, limits: dict) -> Iterator[tuple[str, dict]]:
    """Create without and with the worker, and the moves of the straight road."""
    insert, bare = limits["insert"], "a bare validated INSERT"
    yield "report", against(insert, measure(here, site, reports(cast)), least=0.30, of=bare)
    numbers = fresh_orders(site, cast)
    yield "move", against(insert, moves(here, site, cast, numbers), least=0.20, of=bare)
    worker = here.worker()
    yield "report_worker", against(insert, measure(here, site, reports(cast)), least=0.20, of=bare)
    here.end(worker)
    sent = json.loads(here.python("bench.statements").strip().splitlines()[-1])
    most, note = max(sent.values()), json.dumps(sent)
    yield "queue_statements", {"value": most, "unit": "statements (largest)", "limit": 12, "note": note}


def measure(here: Stage, web: Web, requests: Iterator[bytes], seconds: float = SECONDS) -> dict:
    """Rate, 95th percentile and processor time a request, after a short warming up."""
    load.run(web.port, requests, seconds=1.0)
    cpu = web.cpu() + here.database_cpu()
    found = load.run(web.port, requests, seconds=seconds)
    if found.failures:
        raise RuntimeError(f"{len(found.failures)} requests failed, the first: {found.failures[0]}")
    return shown(found, web.cpu() + here.database_cpu() - cpu)


def shown(found: load.Outcome, cpu: float) -> dict:
    """What a run is told by."""
    return {"rate": found.rate, "p95_ms": found.percentile(0.95) * 1000, "cpu_ms": cpu / len(found.latencies) * 1000}


def against(limit: dict, found: dict, *, least: float, of: str) -> dict:
    """A figure as share of a limit measured in the same run; the rate counts, processor time stands beside it."""
    return {
        "value": round(found["rate"] / limit["rate"], 3),
        "unit": f"of {of}",
        "limit": least,
        "at_least": True,
        "note": "{:.0f}/s against {:.0f}/s; p95 {:.0f} ms; CPU {:.1f} ms against {:.1f} ms".format(
            found["rate"], limit["rate"], found["p95_ms"], found["cpu_ms"], limit["cpu_ms"]
        ),
    }


def same(method: str, path: str, token: str = "") -> Iterator[bytes]:
    """One request over and over."""
    return itertools.repeat(load.request(method, path, token=token))


def inserts(cast: dict) -> Iterator[bytes]:
    """Reports to the lean view."""
    return itertools.repeat(load.request("POST", "/insert/", body={**REPORT, "area": cast["grid"]}))


def reports(cast: dict) -> Iterator[bytes]:
    """Reports with a key of their own, as the phone sends them."""
    body, token = {**REPORT, "area": cast["grid"]}, cast["tokens"]["officer"]
    while True:
        yield load.request("POST", "/api/v1/workorders/", token=token, body=body, Idempotency_Key=str(uuid.uuid4()))


def fresh_orders(site: Web, cast: dict) -> list[str]:
    """Orders to move, made through the door."""
    line, supply = load.Line(site.port), reports(cast)
    return [json.loads(line.ask(next(supply))[1])["number"] for _n in range(MOVED_ORDERS)]


def moves(here: Stage, site: Web, cast: dict, numbers: list[str]) -> dict:
    """All orders one step after the other; the figure is over all steps together."""
    done = {"internal_result": "已清运", "public_answer": "已清运", "resolved": True}
    road = (
        ("accept", "acceptor", {"category": "0502"}), ("dispatch", "dispatcher", {"unit": cast["unit"]}),
        ("sign", "handler", {}),
        ("feedback", "handler", done), ("pass_check", "officer", {}),
        ("revisit", "reviewer", {"reached": True, "resolved": True, "satisfaction": 5}),
    )  # fmt: skip
    seconds, latencies, cpu = 0.0, [], web_and_database(here, site)
    for name, role, given in road:
        requests = (
            load.request(
                "POST",
                f"/api/v1/workorders/{number}/moves/{name}/",
                token=cast["tokens"][role],
                body=given,
                Idempotency_Key=str(uuid.uuid4()),
            )
            for number in numbers
        )
        found = load.run(site.port, requests, seconds=60)
        if found.failures:
            raise RuntimeError(f"{name}: {found.failures[0]}")
        seconds, latencies = seconds + found.seconds, latencies + found.latencies
    return shown(load.Outcome(seconds, sorted(latencies), []), web_and_database(here, site) - cpu)


def web_and_database(here: Stage, web: Web) -> float:
    """Processor seconds of both."""
    return web.cpu() + here.database_cpu()
