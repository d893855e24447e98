"""The desk's figures that are measured beside the database: `read`, `bulk N`, `session`. Prints JSON."""

import json
import sys
import time

import django

WORDS = "垃圾 路灯 建筑垃圾 井盖 漏水 物业 噪音 电动车 没有的词 占道经营 2026 桶满".split()
TIMES = 12


def main(what: str, *arguments: str) -> dict:
    """Measure as the dispatcher of the busiest district."""
    from core import clock
    from personnel.jurisdiction import holders
    from personnel.roles import Role
    from workorders.models import WorkOrder

    district = WorkOrder.objects.order_by("-pk").values_list("district_id", flat=True).first()
    person = holders(Role.DISPATCHER, [district], clock.today()).first()
    return {"read": _read, "bulk": _bulk, "session": _session}[what](person, *arguments)


def _read(person) -> dict:
    from django.conf import settings
    from django.db import connection
    from django.test import Client, RequestFactory
    from django.test.utils import CaptureQueriesContext

    from core import clock
    from pages.desk import viewing
    from personnel.jurisdiction import standing_of
    from workorders import reading, searching
    from workorders.models import WorkOrder

    settings.ALLOWED_HOSTS = ["*"]
    client, standing = Client(), standing_of(person, clock.today())
    client.force_login(person)
    queue = _timed(lambda: client.get("/desk/?view=filed"))
    with CaptureQueriesContext(connection) as caught:
        client.get("/desk/?view=filed")
    queries = [one for one in caught.captured_queries if "core_revision" not in one["sql"]]
    request = RequestFactory().get("/desk/")
    request.user = person
    counts = _timed(lambda: viewing.counts(request, []))
    number = WorkOrder.objects.order_by("-pk").values_list("number", flat=True)[3]
    found = {}
    for words in (*WORDS, number, number[-6:]):

        def search(words=words):
            orders = searching.containing(WorkOrder.objects.all(), words, standing, phones=True)
            reading.fetch_page(orders, standing, size=50)

        found[words] = _timed(search)
    slowest = max(found, key=lambda words: found[words][-1])
    return {
        "queue_ms": _p95(queue),
        "queries": len(queries),
        "counts_ms": _p95(counts),
        "open": WorkOrder.objects.open().visible_to(person, clock.today()).count(),
        "search_ms": _p95(sorted(one for times in found.values() for one in times)),
        "slowest": f"slowest: {slowest} {found[slowest][-1]:.0f} ms",
    }


def _bulk(person, count: str) -> dict:
    from core import clock, outbox
    from workorders.deskwork import bulk
    from workorders.models import WorkOrder

    outbox.drain()
    orders = list(WorkOrder.objects.open().visible_to(person, clock.today()).order_by("-pk")[: int(count)])
    began = time.monotonic()
    job = bulk.start("comment", orders, by=person, at=clock.now(), given={"text": "请今日内处理"})
    bulk.carry_out(job.pk)
    return {"seconds": time.monotonic() - began, "refused": job.rows.filter(state="refused").count()}


def _session(person) -> dict:
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(person)
    return {"session": client.cookies[settings.SESSION_COOKIE_NAME].value}


def _timed(work) -> list[float]:
    """Milliseconds of repeated runs, sorted; the first one fills what is kept in memory and does not count."""
    work()
    found = []
    for _n in range(TIMES):
        began = time.perf_counter()
        work()
        found.append((time.perf_counter() - began) * 1000)
    return sorted(found)


def _p95(times: list[float]) -> float:
    return times[min(len(times) - 1, int(len(times) * 0.95))]


if __name__ == "__main__":
    django.setup()
    print(json.dumps(main(*sys.argv[1:])))  # noqa: T201 - this is how the parent process hears of it
