"""Figures for Prometheus: what the requests cost, and how the rest of the house is doing."""

import os
import time

from django.http import HttpResponse
from django.utils import timezone
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess

_own = CollectorRegistry()
REQUESTS = Counter("gridgov_requests_total", "Requests answered.", ("method", "route", "status"), registry=_own)
SECONDS = Histogram(
    "gridgov_request_seconds",
    "Time to answer.",
    ("route",),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.5, 3, 10),
    registry=_own,
)


def forget(pid: int) -> None:
    """Drop the live figures of a worker that is gone."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.mark_process_dead(pid)


class Measure:
    """Counts every request by the route that answered it; a route is a pattern, so no number or token gets into it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """Answer and count."""
        began = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        route = match.route if match else "none"
        REQUESTS.labels(request.method if request.method in _METHODS else "OTHER", route, response.status_code).inc()
        SECONDS.labels(route).observe(time.perf_counter() - began)
        return response


_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


def page(parts: dict[str, bool]) -> HttpResponse:
    """All figures in Prometheus' text form. parts: what /readyz says."""
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.MultiProcessCollector(registry)
        figures = generate_latest(registry)
    else:
        figures = generate_latest(_own)
    return HttpResponse(
        figures + generate_latest(_house(parts)), content_type="text/plain; version=0.0.4; charset=utf-8"
    )


def _house(parts: dict[str, bool]) -> CollectorRegistry:
    """What is read at the moment of asking."""
    registry = CollectorRegistry()
    up = Gauge("gridgov_part_ready", "1 when the part works.", ("part",), registry=registry)
    for name, ready in parts.items():
        up.labels(name).set(int(ready))
    if parts.get("database") and parts.get("migrations"):
        from core.models import Outbox, Pulse

        waiting = Outbox.objects.filter(done_at=None, dead=False)
        oldest = waiting.order_by("pk").values_list("created_at", flat=True).first()
        now = timezone.now()
        Gauge("gridgov_outbox_waiting", "Rows not told yet.", registry=registry).set(waiting.count())
        Gauge("gridgov_outbox_oldest_seconds", "Age of the oldest row not told yet.", registry=registry).set(
            (now - oldest).total_seconds() if oldest else 0
        )
        Gauge("gridgov_outbox_dead", "Rows given up.", registry=registry).set(Outbox.objects.filter(dead=True).count())
        age = Gauge("gridgov_pulse_age_seconds", "Time since the last sign of life.", ("part",), registry=registry)
        for name, at in Pulse.objects.values_list("name", "at"):
            age.labels(name).set((now - at).total_seconds())
    return registry
