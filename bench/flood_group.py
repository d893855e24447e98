"""A flood at the residents' door while officers work: one device that sends 200 reports a second, many that send one.

flood_officers: 95th percentile of the officers' requests during the flood over the same without it.
flood_accepted: share of the reports of 500 residents, five a second from as many addresses, that are taken meanwhile.
"""

import http.client
import itertools
import json
import multiprocessing
import re
import threading
import time
import urllib.parse
import uuid
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

from bench import load
from bench.requests_group import MONTHS, SEED, reports
from bench.stage import Web, stage

GRIDS, ORDERS = 500, 2000
SECONDS, OFFICERS, RESIDENTS, ATTACK = 40, 10, 5, 200
FORM = {"category": "0502", "description": "楼道门口有一堆装修垃圾,已经好几天", "other_category": "", "website": ""}


def run(*, orders: int) -> Iterator[tuple[str, dict]]:
    """Ten officers' requests a second, first alone, then with the flood; `orders` plays no part."""
    with stage() as here:
        here.manage(
            "simulate", "--grids", str(GRIDS), "--orders", str(ORDERS), "--months", str(MONTHS), "--seed", str(SEED)
        )
        cast = json.loads(here.python("bench.cast").strip().splitlines()[-1])
        web, _worker = here.web(PROXY_COUNT="1"), here.worker()
        time.sleep(8)  # the worker imports the whole product before it takes its first job
        officers(web, cast, seconds=5)
        before = officers(web, cast, seconds=SECONDS)
        # Processes of their own: in ours, their threads would make the officers' answers wait to be looked at.
        with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as outside:
            attacker = outside.submit(attack, web.port, cast["grids"][0], SECONDS)
            residents = outside.submit(visit, web.port, cast["grids"][1:], SECONDS)
            during = officers(web, cast, seconds=SECONDS)
            attacker.result()
            told = residents.result()
        usual, now = before.percentile(0.95) * 1000, during.percentile(0.95) * 1000
        note = f"{now:.0f} ms against {usual:.0f} ms; median {during.percentile(0.5) * 1000:.0f} ms"
        yield "flood_officers", {"value": round(now / usual, 2), "unit": "of the usual p95", "limit": 1.5, "note": note}
        share = sum(status in (302, 303) for status in told) / len(told)
        note = f"{len(told)} reports, one from each of as many devices"
        yield (
            "flood_accepted",
            {"value": round(share, 3), "unit": "taken", "limit": 0.99, "at_least": True, "note": note},
        )


def paced(rate: float, seconds: float, supply: Iterator) -> Iterator:
    """Hand out so many a second."""
    began = time.monotonic()
    for number in range(int(rate * seconds)):
        time.sleep(max(0.0, began + number / rate - time.monotonic()))
        yield next(supply)


def officers(web: Web, cast: dict, *, seconds: float) -> load.Outcome:
    """Lists, details and reports as phones ask for them; every one has to be answered."""
    token = cast["tokens"]["officer"]
    mine = load.request("GET", "/api/v1/workorders/?page_size=20", token=token)
    both = itertools.chain.from_iterable(zip(itertools.repeat(mine), reports(cast), strict=False))
    found = load.run(web.port, paced(OFFICERS, seconds, both), clients=6, seconds=seconds + 10)
    if found.failures:
        raise RuntimeError(found.failures[0])
    return found


class Device:
    """A browser with an address of its own that has opened a grid's page."""

    def __init__(self, port: int, grid: str, address: str):
        self.path, self.line = f"/r/{grid}/", http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"X-Forwarded-For": address}
        self.line.request("GET", self.path, headers=self.headers)
        answer = self.line.getresponse()
        page, cookies = answer.read().decode(), answer.headers.get_all("Set-Cookie") or []
        self.headers["Cookie"] = "; ".join(cookie.split(";")[0] for cookie in cookies)
        self.token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]

    def body(self) -> str:
        """One more report, filled in."""
        given = {**FORM, "csrfmiddlewaretoken": self.token, "form_key": str(uuid.uuid4())}
        return urllib.parse.urlencode(given)

    def send(self) -> int:
        """Send it; returns the status."""
        headers = {**self.headers, "Content-Type": "application/x-www-form-urlencoded"}
        self.line.request("POST", self.path, self.body(), headers)
        answer = self.line.getresponse()
        answer.read()
        return answer.status

    def raw(self) -> Iterator[bytes]:
        """Reports without end, as bytes."""
        while True:
            data = self.body().encode()
            lines = [f"POST {self.path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(data)}"]
            lines += [f"{name}: {value}" for name, value in self.headers.items()]
            lines.append("Content-Type: application/x-www-form-urlencoded")
            yield "\r\n".join(lines).encode() + b"\r\n\r\n" + data


def attack(port: int, grid: str, seconds: float) -> None:
    """One device, as fast as asked; what it is answered is its own business."""
    supply = paced(ATTACK, seconds, Device(port, grid, "203.0.113.9").raw())
    load.run(port, supply, clients=16, seconds=seconds, ok=lambda status: True)


def visit(port: int, grids: list[str], seconds: float) -> list[int]:
    """People who scan the sign of their grid, each from an address of his own, and send one report."""
    lock, told = threading.Lock(), []
    everybody = paced(RESIDENTS, seconds, enumerate(itertools.cycle(grids)))

    def next_ones() -> None:
        while True:
            with lock:
                number, grid = next(everybody, (0, ""))  # the others wait here for the pace
            if not grid:
                return
            status = Device(port, grid, f"10.{number % 200}.{number // 200}.{number % 250 + 1}").send()
            with lock:
                told.append(status)

    threads = [threading.Thread(target=next_ones) for _n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told
