"""The desk's figures that are measured beside the database: `read`, `bulk N`, `sessions N`. Prints JSON."""

import json
import sys
import time

import django

WORDS = "垃圾 路灯 建筑垃圾 井盖 漏水 物业 噪音 电动车 没有的词 占道经营 2026 桶满".split()
TIMES = 12
SAVED = ("view=filed&category=05", "view=all&urgency=urgent", "view=overdue&source=hotline", "view=soon")


def main(what: str, *arguments: str) -> dict:
    """Measure as the dispatcher of the busiest district, where `bench.cast` reports."""
    from django.db.models import Count

    from core import clock
    from personnel.jurisdiction import holders
    from personnel.roles import Role
    from workorders.models import WorkOrder

    district = WorkOrder.objects.values_list("district_id").annotate(n=Count("pk")).order_by("-n")[0][0]
    person = holders(Role.DISPATCHER, [district], clock.today()).first()
    return {"read": _read, "bulk": _bulk, "sessions": _sessions}[what](person, *arguments)


def _read(person) -> dict:
    from django.conf import settings
    from django.core.cache import cache
    from django.db import connection
    from django.test import Client, RequestFactory
    from django.test.utils import CaptureQueriesContext

    from core import clock
    from pages import base
    from pages.desk import viewing
    from personnel.jurisdiction import standing_of
    from workorders import reading, searching
    from workorders.models import SavedView, WorkOrder

    settings.ALLOWED_HOSTS = ["*"]
    client, standing = Client(), standing_of(person, clock.today())
    client.force_login(person)
    for number, query in enumerate(SAVED):
        SavedView.objects.create(owner=person, name=f"bench {number}", query=query, made_at=clock.now())
    client.get("/desk/?view=filed")
    with CaptureQueriesContext(connection) as caught:
        cache.delete(base.own_figures(person))
        client.get("/desk/?view=filed")
    queries = [one for one in caught.captured_queries if "core_revision" not in one["sql"]]
    began = time.process_time()
    for _n in range(TIMES):
        client.get("/desk/?view=filed")
    cpu = (time.process_time() - began) / TIMES * 1000
    request = RequestFactory().get("/desk/")
    request.user = person
    saved = list(SavedView.objects.filter(owner=person))

    def count():
        cache.delete(base.own_figures(person))
        viewing.counts(request, saved)

    counts = _timed(count)
    number = WorkOrder.objects.order_by("-pk").values_list("number", flat=True)[3]
    found = {}
    for words in (*WORDS, number, number[-6:]):

        def search(words=words):
            orders = searching.containing(WorkOrder.objects.all(), words, standing, phones=True)
            reading.fetch_page(orders, standing, size=50)

        found[words] = _timed(search)
    slowest = max(found, key=lambda words: found[words][-1])
    return {
        "cpu_ms": cpu,
        "queries": len(queries),
        "counts_ms": _p95(counts),
        "open": WorkOrder.objects.open().visible_to(person, clock.today()).count(),
        "search_ms": _p95(sorted(one for times in found.values() for one in times)),
        "slowest": f"slowest: {slowest} {found[slowest][-1]:.0f} ms",
    }


def _bulk(person, count: str) -> dict:
    """Accept fresh reports of the district, then dispatch them, as two jobs; the slower one counts."""
    from core import clock, outbox
    from grids.models import Area
    from personnel.jurisdiction import holders, standing_of
    from personnel.models import Unit
    from personnel.roles import Role
    from workorders import commands, intake
    from workorders.deskwork import bulk
    from workorders.models import WorkOrder

    now = clock.now()
    [district] = standing_of(person, clock.today()).area_ids
    acceptor = holders(Role.ACCEPTOR, [district], clock.today()).first()
    grid = Area.objects.under(Area.objects.get(pk=district)).filter(level="grid", ends=None).order_by("code").first()
    unit = Unit.objects.filter(area=district, ends=None).order_by("code").first()
    raw = {"description": "小区门口堆放建筑垃圾", "category": "0502", "area": grid.code, "source": "hotline"}
    checked = intake.read(raw, standing=standing_of(acceptor, clock.today()), at=now)
    orders = [commands.report(checked, by=acceptor, at=now) for _n in range(int(count))]
    outbox.drain()
    found = {}
    for move, by, given in (("accept", acceptor, {"category": "0502"}), ("dispatch", person, {"unit": unit.code})):
        began, burnt = time.monotonic(), time.process_time()
        job = bulk.start(move, WorkOrder.objects.filter(pk__in=[one.pk for one in orders]), by=by, at=now, given=given)
        bulk.carry_out(job.pk)
        found[move] = {
            "seconds": time.monotonic() - began,
            "cpu": time.process_time() - burnt,
            "refused": job.rows.filter(state="refused").count(),
        }
    return found


def _sessions(person, count: str) -> dict:
    """Sessions of people who work at a desk, the first one this person's."""
    from django.conf import settings
    from django.test import Client

    from personnel.models import User
    from personnel.roles import CENTRE_ROLES

    staff = User.objects.filter(posts__role__in=CENTRE_ROLES, is_active=True).exclude(pk=person.pk).distinct()
    found = []
    for one in [person, *staff.order_by("pk")[: int(count) - 1]]:
        client = Client()
        client.force_login(one)
        found.append(client.cookies[settings.SESSION_COOKIE_NAME].value)
    return {"sessions": found}


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
