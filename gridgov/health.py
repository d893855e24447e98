"""What operations ask: is the process up, can the service work, how is it doing."""

import datetime as dt
import functools
import secrets
from ipaddress import ip_address

import redis
from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from redis.backoff import NoBackoff
from redis.retry import Retry

from gridgov import failures, measures

# Beat asks for a sign of life every 5 seconds; two lost in a row, and the worker counts as away.
PULSE_SECONDS = 12
WORKER, DEMO = "worker", "demo"


@functools.cache
def _broker() -> redis.Redis:
    once = Retry(NoBackoff(), 0)
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1, retry=once)


def broker_answers() -> bool:
    """Whether the broker says pong within a second."""
    try:
        return bool(_broker().ping())
    except (redis.RedisError, OSError):
        return False


class _Migrations:
    """Whether all migrations are applied; once that is so it stays so for this process, which cannot learn new ones."""

    done = False

    @classmethod
    def applied(cls) -> bool:
        if not cls.done:
            executor = MigrationExecutor(connection)
            cls.done = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        return cls.done


def pulse_at(name: str) -> dt.datetime | None:
    """The last sign of life of a part."""
    from core.models import Pulse

    try:
        return Pulse.objects.values_list("at", flat=True).get(name=name)
    except ObjectDoesNotExist:
        return None


def demo_is_loaded() -> bool:
    """Whether the demo city was loaded into this database. The note lies in the database and travels with a backup."""
    return pulse_at(DEMO) is not None


def note_demo_loaded() -> None:
    """Write down that the demo city is complete."""
    from core.models import Pulse

    Pulse.objects.update_or_create(name=DEMO, defaults={"at": timezone.now()})


def parts() -> dict[str, bool]:
    """Every part the service needs, and whether it is there."""
    found = {"database": False, "migrations": False, "broker": broker_answers(), "worker": False}
    if settings.DEMO:
        found["demo"] = False
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        found["database"] = True
        found["migrations"] = _Migrations.applied()
        if found["migrations"]:
            at = pulse_at(WORKER)
            found["worker"] = at is not None and timezone.now() - at < dt.timedelta(seconds=PULSE_SECONDS)
            if settings.DEMO:
                found["demo"] = demo_is_loaded()
    except (DatabaseError, InterfaceError):
        # What is not known to work does not work.
        pass
    return found


@never_cache
def healthz(request):
    """The process answers; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
def readyz(request):
    """Every part by name; 503 and the missing ones while any is missing."""
    found = parts()
    missing = [name for name, there in found.items() if not there]
    response = JsonResponse({"ready": not missing, "parts": found, "missing": missing}, status=503 if missing else 200)
    if missing:
        response["Retry-After"] = str(failures.RETRY_SECONDS)
        # Probes ask every second while something starts; that is no error of the request.
        response._has_been_logged = True
    return response


@never_cache
def metrics(request):
    """Figures for Prometheus: from this machine without a proxy in between, or with the token."""
    if not _may_measure(request):
        return HttpResponse("Not for you.\n", status=403, content_type="text/plain")
    return measures.page(parts())


def _may_measure(request) -> bool:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    if settings.METRICS_TOKEN and given and secrets.compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
        return True
    try:
        near = ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
    # A proxy on the same machine makes every stranger look near.
    return near and "HTTP_X_FORWARDED_FOR" not in request.META
