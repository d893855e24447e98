"""Assess last month of the city that is loaded, beside the hand-written count; prints one line of JSON."""

import json
import resource
import statistics
import time

import django
import psutil

from bench.stage import tree_cpu

COUNT = """
    SELECT o.area_id, count(*) FILTER (WHERE o.fed_back_at IS NOT NULL),
        count(*) FILTER (WHERE o.fed_back_at <= COALESCE(h.due_at, o.fed_back_at))
    FROM workorders_workorder o
    LEFT JOIN LATERAL (
        SELECT k.due_at FROM workorders_clock k WHERE k.order_id = o.id AND k.kind = 'handle' AND NOT k.is_rework
        ORDER BY k.since DESC LIMIT 1
    ) h ON TRUE
    WHERE o.status NOT IN ('voided', 'merged', 'suspended', 'declined') AND o.reported_at < %(until)s
        AND (o.closed_at >= %(since)s OR o.closed_at IS NULL)
        AND LEAST(h.due_at, o.fed_back_at) >= %(since)s AND LEAST(h.due_at, o.fed_back_at) < %(until)s
    GROUP BY o.area_id
"""
RUNS, TIMES = 5, 20


def main() -> None:
    """Some runs each of counting and assessing, in turn; the medians are told, and what the processors did."""
    django.setup()
    from django.db import connection

    from assessment import explaining, opening, periods
    from assessment.models import Run, Score
    from assessment.what_if import what_if
    from core import clock
    from workorders.models import WorkOrder

    at = clock.now()
    month = periods.month_at(at).before()
    codes = opening.districts(at, with_assessor=False)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("SELECT pg_backend_pid()")
        database = psutil.Process(cursor.fetchone()[0]).ppid()
    counting, assessing, checksums, rows = Meter(database), Meter(database), set(), 0
    for _time in range(RUNS):
        with counting, connection.cursor() as cursor:
            cursor.execute(COUNT, {"since": month.since, "until": month.until})
            cursor.fetchall()
        with assessing:
            runs = [one.run for one in opening.compute_all(month.text, codes, at=at)]
        rows = sum(run.rows for run in runs)
        checksums |= {(run.area_id, run.checksum) for run in runs}
    assert len(checksums) == len(codes), "two runs on the same inputs differ"
    largest = Run.objects.filter(status="computed").order_by("-rows", "-pk").first()
    scores = Score.objects.filter(run=largest, level="grid").select_related("run__version", "mirrors", "area")
    explained = [_took(lambda one=one: explaining.sheet(one)) for one in scores.order_by("pk")[:TIMES]]
    asked = [_took(lambda: what_if(largest, {"M05": 10, "M06": 10})) for _time in range(TIMES)]
    print(
        json.dumps(
            {
                "seconds": statistics.median(assessing.seconds),
                "counting_seconds": statistics.median(counting.seconds),
                "cpu": statistics.median(assessing.cpu),
                "counting_cpu": statistics.median(counting.cpu),
                "rows": rows,
                "month": WorkOrder.objects.filter(reported_at__gte=month.since, reported_at__lt=month.until).count(),
                "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                "explain_ms": round(statistics.quantiles(explained, n=20)[-1] * 1000),
                "what_if_ms": round(statistics.quantiles(asked, n=20)[-1] * 1000),
            }
        )
    )


class Meter:
    """Seconds on the clock and of the processors, ours and the database's, of each time something was done."""

    def __init__(self, database: int):
        self.database, self.seconds, self.cpu = database, [], []

    def __enter__(self) -> "Meter":
        self._began = time.monotonic(), tree_cpu(self.database) + time.process_time()
        return self

    def __exit__(self, *_error) -> None:
        began, cpu = self._began
        self.seconds.append(time.monotonic() - began)
        self.cpu.append(tree_cpu(self.database) + time.process_time() - cpu)


def _took(work) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


if __name__ == "__main__":
    main()
