"""Assess last month of the city that is loaded, beside the hand-written count; prints one line of JSON."""

import json
import resource
import statistics
import time

import django

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
TIMES = 20


def main() -> None:
    """Three runs each of counting and assessing; the medians are told."""
    django.setup()
    from django.db import connection

    from assessment import commands, explaining, opening, periods
    from assessment.models import Run, Score
    from assessment.what_if import what_if
    from core import clock
    from workorders.models import WorkOrder

    at = clock.now()
    month = periods.month_at(at).before()
    values = {"since": month.since, "until": month.until}
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    counting, assessing, checksums = [], [], set()
    for _time in range(3):
        began = time.monotonic()
        with connection.cursor() as cursor:
            cursor.execute(COUNT, values)
            cursor.fetchall()
        counting.append(time.monotonic() - began)
        began, rows = time.monotonic(), 0
        for code in opening.districts(at, with_assessor=False):
            run = commands.start(month.text, by=None, at=at, area=code)
            run = commands.carry_out(run.pk, at=at)
            rows += run.rows
            checksums.add((code, run.checksum))
        assessing.append(time.monotonic() - began)
    codes = {code for code, _checksum in checksums}
    assert len(checksums) == len(codes), "two runs on the same inputs differ"
    scores = Score.objects.filter(run=run, level="grid").select_related("run__version", "mirrors", "area")
    explained = [_took(lambda one=one: explaining.sheet(one)) for one in scores.order_by("pk")[:TIMES]]
    largest = Run.objects.filter(status="computed").order_by("-rows").first()
    asked = [_took(lambda: what_if(largest, {"M05": 10, "M06": 10})) for _time in range(TIMES)]
    print(
        json.dumps(
            {
                "seconds": statistics.median(assessing),
                "counting_seconds": statistics.median(counting),
                "rows": rows,
                "month": WorkOrder.objects.filter(reported_at__gte=month.since, reported_at__lt=month.until).count(),
                "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                "explain_ms": round(statistics.quantiles(explained, n=20)[-1] * 1000),
                "what_if_ms": round(statistics.quantiles(asked, n=20)[-1] * 1000),
            }
        )
    )


def _took(work) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


if __name__ == "__main__":
    main()
