"""The Celery app and the beat schedule: one line per job, with its reason."""

import os

from celery import Celery
from celery.schedules import crontab
from celery.signals import worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gridgov.settings")

app = Celery("gridgov")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def _every(task: str, seconds: float) -> dict:
    """A job at a steady pace. A run nobody fetched in time is dropped: the next one does its work."""
    return {"task": task, "schedule": seconds, "options": {"expires": max(seconds * 2, 10)}}


app.conf.beat_schedule = {
    # Rows whose wake-up was lost (broker away, process killed) are found again within seconds.
    "relay": _every("core.tasks.relay", 5),
    # Timers live in the database as due times; this looks which have come.
    "tick": _every("workorders.tasks.tick", 10),
    # What boards, maps and sheets show is at most so old, and a run without news costs milliseconds.
    "count": _every("workorders.tasks.count", 5),
    # What no event told of is counted at night.
    "count_everything": {
        "task": "workorders.tasks.count_everything",
        "schedule": crontab(hour=2, minute=41),
        "options": {"expires": 3600},
    },
    # Bulk jobs whose message was lost or whose worker died are taken up again.
    "sweep_bulk": _every("workorders.tasks.sweep_bulk", 30),
    # Splits and mergers of areas on their day, within seconds of midnight; one whose worker died goes on.
    "redivide": _every("workorders.tasks.redivide", 15),
    # After areas changed, and on a new day, nobody who opens a map waits for its outlines.
    "draw_ahead": _every("grids.tasks.draw_ahead", 20),
    # Imports and exports whose message was lost or whose worker died; files whose day is over go.
    "exchange": _every("exchange.tasks.sweep", 30),
    # Imported files are personal data: their keeping time is looked at every night.
    "tidy_imports": {
        "task": "exchange.tasks.tidy",
        "schedule": crontab(hour=3, minute=29),
        "options": {"expires": 3600},
    },
    # /readyz believes in the worker only while beat, broker and worker together keep this fresh.
    "heartbeat": _every("core.tasks.heartbeat", 5),
    # Months whose message was lost or whose worker died are computed from the start.
    "assess": _every("assessment.tasks.sweep", 30),
    # My month so far: at most an hour old, computed for everybody at once and never for a single reader.
    "month_so_far": {"task": "assessment.tasks.so_far", "schedule": crontab(minute=23), "options": {"expires": 1800}},
    # Day 1: last month is computed, so that the assessor finds it in the morning; asked again on day 2.
    "open_month": {
        "task": "assessment.tasks.open_month",
        "schedule": crontab(day_of_month="1,2", hour=4, minute=7),
        "options": {"expires": 3600},
    },
    # Old idempotency keys, expired sessions, delivered outbox rows: at night, when nobody waits.
    "tidy": {"task": "core.tasks.tidy", "schedule": crontab(hour=3, minute=17), "options": {"expires": 3600}},
}


@worker_ready.connect
def _first_pulse(sender=None, **kwargs) -> None:
    """A worker that just came up says so at once instead of when beat asks next."""
    with app.connection_for_write() as connection:
        app.send_task("core.tasks.heartbeat", connection=connection, ignore_result=True, expires=30)
