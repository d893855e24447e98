"""The board, its counts and an export in the city that is loaded; prints one line of JSON."""

import json
import os
import resource
import statistics
import time

import django

TIMES, ROWS = 30, 100_000


def main() -> None:
    """Count everything, look at the board over and over, take a hundred thousand rows along."""
    os.environ["ALLOWED_HOSTS"] = "testserver"
    django.setup()
    from django.db import connection
    from django.db.models import Count
    from django.test import Client

    from core import clock
    from personnel.jurisdiction import holders, standing_of
    from personnel.models import User
    from personnel.roles import Role
    from workorders import exports, figures
    from workorders.figures import counting
    from workorders.models import WorkOrder

    found = {"orders": WorkOrder.objects.count()}
    began = time.monotonic()
    counting.rebuild(clock.now())
    found["count_all_seconds"] = time.monotonic() - began
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    found["idle_sweep_ms"] = _median(lambda: figures.count(clock.now()))

    today = clock.today()
    district = WorkOrder.objects.values_list("district_id").annotate(n=Count("pk")).order_by("-n")[0][0]
    leader = holders(Role.DUTY_LEADER, [district], today).first() or holders(Role.DISPATCHER, [district], today).first()
    admin = User.objects.filter(is_superuser=True).first()
    if admin is None:
        admin = User.objects.create_superuser(username="bench-admin", password="bench-admin-0815")  # noqa: S106
    for name, person in (("leader", leader), ("city", admin)):
        client = Client()
        client.force_login(person)
        answer = client.get("/board/")
        found[f"board_{name}"] = _timed(client, "/board/") if answer.status_code == 200 else None
        found[f"sheet_{name}"] = _timed(client, "/board/reports/2026-10/") if answer.status_code == 200 else None

    exports.MOST = ROWS
    began, size = time.monotonic(), 0
    made = exports.pieces(
        exports.EXCEL, WorkOrder.objects.all(), standing_of(admin, today), ordering="-reported_at", name="bench",
        by="bench", at=clock.now(),
    )  # fmt: skip
    for piece in made:
        size += len(piece)
    found["export_seconds"], found["export_bytes"] = time.monotonic() - began, size
    found["export_rows"] = min(ROWS, found["orders"])
    found["memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(found))


def _timed(client, address: str) -> dict[str, float]:
    """p95 of the wall time and the median of the processor time, in milliseconds."""
    walls, burnt = [], []
    for _time in range(TIMES):
        wall, cpu = time.monotonic(), time.process_time()
        assert client.get(address).status_code == 200
        walls.append((time.monotonic() - wall) * 1000)
        burnt.append((time.process_time() - cpu) * 1000)
    return {"p95": statistics.quantiles(walls, n=20)[18], "median": statistics.median(walls),
            "cpu": statistics.median(burnt)}  # fmt: skip


def _median(work) -> float:
    walls = []
    for _time in range(5):
        began = time.monotonic()
        work()
        walls.append((time.monotonic() - began) * 1000)
    return statistics.median(walls)


if __name__ == "__main__":
    main()
