"""The desk at many orders: first page, counts, search, bulk work, keys, and how soon other screens hear of an event.

desk_queue: thirty people at their desks, each of whom looks at the first page of some view about once a second,
through the running site. Queries, counts and search are measured inside one process: their statements are what grows.
"""

import itertools
import json
import random
import socket
import threading
import time
from collections.abc import Iterator

from bench import desk_keys, load
from bench.requests_group import GRIDS, MONTHS, REPORT, SEED
from bench.stage import Stage, stage

DESKS, EVENTS, ROWS = 200, 40, 500
STAFF, PAUSE, SECONDS = 30, 1.0, 20.0
VIEWS = ("filed", "reported", "waiting", "overdue", "all")


def run(*, orders: int) -> Iterator[tuple[str, dict]]:
    """Load a city, then the figures one after the other."""
    with stage() as here:
        here.manage(
            "simulate", "--grids", str(GRIDS), "--orders", str(orders), "--months", str(MONTHS), "--seed", str(SEED)
        )
        here.settle()
        found = json.loads(here.python("bench.desk", "read").strip().splitlines()[-1])
        yield "desk_queue", _queue(here, orders)
        note = f"{orders} orders; CPU of one page {found['cpu_ms']:.0f} ms beside the database"
        yield "desk_queries", _under(found["queries"], "queries of the first page", 10, note)
        note = f"{found['open']} open orders, four saved views"
        yield "desk_counts", _under(found["counts_ms"], "ms (95th percentile)", 100, note)
        yield "desk_search", _under(found["search_ms"], "ms (95th percentile)", 300, found["slowest"])
        bulk = json.loads(here.python("bench.desk", "bulk", str(ROWS)).strip().splitlines()[-1])
        told = "; ".join(
            "{} {seconds:.1f} s, CPU {cpu:.1f} s, {refused} refused".format(*one, **one[1]) for one in bulk.items()
        )
        slowest = max(one["seconds"] for one in bulk.values())
        yield "desk_bulk", _under(slowest, f"s for {ROWS} orders (accept, dispatch)", 10, told)
        yield "desk_keys", _keys(here)
        yield "desk_push", _push(here)


def _under(value: float, unit: str, limit: float, note: str) -> dict:
    return {"value": round(value, 2), "unit": unit, "limit": limit, "note": note}


def _sessions(here: Stage, count: int) -> list[str]:
    return json.loads(here.python("bench.desk", "sessions", str(count)).strip().splitlines()[-1])["sessions"]


def _queue(here: Stage, orders: int) -> dict:
    """First pages of thirty people, who look at each for a second."""
    site = here.web()
    keys = _sessions(here, STAFF)
    cookie = f"gridgov_session_{site.port}"
    requests = [
        load.request("GET", f"/desk/?view={view}", Cookie=f"{cookie}={key}", Accept="text/html")
        for view in VIEWS
        for key in keys
    ]
    random.Random(SEED).shuffle(requests)  # people look at different views
    load.run(site.port, iter(requests), clients=4, seconds=60)  # each process has what it keeps
    cpu = site.cpu() + here.database_cpu()
    found = load.run(site.port, itertools.cycle(requests), clients=STAFF, pause=PAUSE, seconds=SECONDS)
    if found.failures:
        raise RuntimeError(f"{len(found.failures)} requests failed, the first: {found.failures[0]}")
    spent = (site.cpu() + here.database_cpu() - cpu) / len(found.latencies) * 1000
    here.end(site.child)
    note = (
        f"{orders} orders, {STAFF} people, {found.rate:.0f} pages/s; median {found.percentile(0.5) * 1000:.0f} ms;"
        f" CPU of a page {spent:.0f} ms, database included"
    )
    return _under(found.percentile(0.95) * 1000, "ms (95th percentile)", 200, note)


def _keys(here: Stage) -> dict:
    """From a key to the frame that shows what it did."""
    site = here.web()
    key, found = desk_keys.slowest(site, _sessions(here, 1)[0])
    here.end(site.child)
    note = f"slowest: {key}; " + ", ".join(f"{one} {took:.0f}" for one, took in found.items())
    return _under(found[key], "ms from a key to the painted frame (95th percentile)", 100, note)


def _push(here: Stage) -> dict:
    """Reports while many desks are open: from the answer to the reporter until the screens have it."""
    cast = json.loads(here.python("bench.cast").strip().splitlines()[-1])
    [key] = _sessions(here, 1)
    site, _worker = here.web(), here.worker()
    session = f"gridgov_session_{site.port}={key}"
    time.sleep(8)  # the worker imports the whole product before it takes its first job
    heard: dict[str, list[float]] = {}
    lock, ready = threading.Lock(), threading.Barrier(DESKS + 1)
    threads = [
        threading.Thread(target=_listen, args=(site.port, session, heard, lock, ready), daemon=True)
        for _n in range(DESKS)
    ]
    for thread in threads:
        thread.start()
    ready.wait(120)
    line, told = load.Line(site.port), {}
    body, token = {**REPORT, "area": cast["grid"]}, cast["tokens"]["officer"]
    for _n in range(EVENTS):
        status, answer = line.ask(load.request("POST", "/api/v1/workorders/", token=token, body=body))
        if status != 201:
            raise RuntimeError(answer[:300])
        told[json.loads(answer)["number"]] = time.monotonic()
        time.sleep(0.2)
    time.sleep(5)
    waits = sorted(moment - told[number] for number, moments in heard.items() if number in told for moment in moments)
    wanted = EVENTS * DESKS
    if len(waits) < 0.99 * wanted:
        raise RuntimeError(f"{len(waits)} of {wanted} news arrived")
    note = f"{DESKS} open desks, {EVENTS} events; median {waits[len(waits) // 2]:.2f} s; longest {waits[-1]:.2f} s"
    return _under(waits[int(len(waits) * 0.95)], "s (95th percentile)", 1.0, note)


def _listen(port: int, session: str, heard: dict, lock: threading.Lock, ready: threading.Barrier) -> None:
    """One open desk: a stream read to the end."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as stream:
        stream.sendall(
            f"GET /desk/live/ HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {session}\r\n"
            "Accept: text/event-stream\r\n\r\n".encode()
        )
        left = stream.recv(65536)
        if b" 200 " not in left[:20]:
            raise RuntimeError(left[:300])
        ready.wait(120)
        while True:
            piece = stream.recv(65536)
            if not piece:
                return
            left += piece
            *blocks, left = left.split(b"\n\n")
            now = time.monotonic()
            for block in blocks:
                if b"data: " in block and b'"number"' in block:
                    number = json.loads(block.split(b"data: ", 1)[1].split(b"\n")[0])["number"]
                    with lock:
                        heard.setdefault(number, []).append(now)
