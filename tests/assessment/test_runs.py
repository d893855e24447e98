"""Runs beside each other, and runs whose worker dies: real threads, a real worker, kill -9."""

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import time
from urllib.parse import quote

import pytest
from celery import current_app
from django.db import connection

from assessment import commands, computing, opening
from assessment.models import Counted, Run, Score, ScoreItem
from assessment.vocabulary import RunStatus
from core import clock
from core.errors import NotAllowedNow
from gridgov import environment
from tests import town as cast
from tests.assessment.months import AFTER, MONTH, at, order

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
AREA = "620105000000"


@pytest.fixture
def month():
    """A town with a late order and some others, committed."""
    town = cast.build()
    for grid, person in ((town.main_grid, town.officer), (town.next_grid, town.neighbour), (town.grid4, town.officer2)):
        for day in range(1, 7):
            order(grid, at(day), officer=person, reporter=person, handled=at(day), closed=at(day, 11), satisfaction=4)
    order(town.main_grid, at(9), unit=town.co, due=at(10), handled=at(10, 18), closed=at(11))
    order(town.far_grid, at(9), unit=town.um2, due=at(10), handled=at(10, 9), closed=at(11))
    return town


def side_by_side(*works) -> list:
    """What each gives back (or raises), all started at the same moment on connections of their own."""
    barrier, found = threading.Barrier(len(works)), [None] * len(works)

    def do(place, work):
        barrier.wait()
        try:
            found[place] = work()
        except NotAllowedNow as refusal:
            found[place] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=one) for one in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def queued(area=AREA) -> Run:
    return commands.start(MONTH, by=None, at=AFTER, area=area)


def test_two_runs_of_the_same_month_at_once(month):
    first, second = queued(), queued()
    done = side_by_side(*(lambda pk=one.pk: commands.carry_out(pk, at=AFTER) for one in (first, second)))
    assert [one.status for one in done] == [RunStatus.COMPUTED] * 2
    assert done[0].checksum == done[1].checksum and done[0].rows == done[1].rows > 0


def test_one_run_given_to_two_workers_is_computed_once(month):
    run = queued()
    done = side_by_side(*[lambda: commands.carry_out(run.pk, at=AFTER)] * 2)
    assert sorted(one is None for one in done) == [False, True]
    assert Score.objects.filter(run=run, level="grid").count() == 4
    assert Counted.objects.filter(run=run).count() == Run.objects.get(pk=run.pk).rows


def test_of_two_publications_at_once_one_is_refused(month):
    runs = [commands.carry_out(queued().pk, at=AFTER) for _run in range(2)]
    done = side_by_side(*(lambda one=one: commands.publish(one, by=month.assessor, at=AFTER) for one in runs))
    refused = [one for one in done if isinstance(one, NotAllowedNow)]
    assert [one.code for one in refused] == ["published"]
    assert Run.objects.filter(status=RunStatus.PUBLISHED).count() == 1


def test_several_areas_at_a_time(month):
    codes = [AREA, "620102000000"]
    found = {one.code: one for one in opening.compute_all(MONTH, [*codes, "620199000000"], at=AFTER)}
    assert found["620199000000"].run is None and found["620199000000"].refusal
    alone = {code: commands.carry_out(queued(code).pk, at=AFTER).checksum for code in codes}
    assert {code: found[code].run.checksum for code in codes} == alone and len(set(alone.values())) == 2


def test_an_area_that_breaks_is_heard_of_and_the_others_are_computed(month, monkeypatch):
    def breaks(run_id, *, at):
        if Run.objects.get(pk=run_id).area.code == AREA:
            raise RuntimeError("broken")
        return commands.carry_out(run_id, at=at)

    monkeypatch.setattr(opening, "carry_out", breaks)
    with pytest.raises(RuntimeError, match="broken"):
        list(opening.compute_all(MONTH, [AREA, "620102000000"], at=AFTER))
    assert Run.objects.get(area__code="620102000000").status == RunStatus.COMPUTED


# -- kill -9 ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def worker(empty_queue):
    """Starts Celery workers on the test's database and broker; ends what is left of them."""
    known = connection.settings_dict
    address = f"{known['HOST']}:{known['PORT']}/{known['NAME']}"
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    env |= {
        "DATABASE_URL": f"postgres://{known['USER']}:{quote(known['PASSWORD'])}@{address}", "GRIDGOV_PROCESS": "task",
    }  # fmt: skip
    started = []

    def start() -> subprocess.Popen:
        line = "-m celery -q -A gridgov worker -P threads -c 1 -l CRITICAL --without-mingle --without-gossip"
        started.append(
            subprocess.Popen(
                [sys.executable, *line.split(), "-n", f"assess{len(started)}@%h"], cwd=environment.ROOT, env=env,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
            )
        )  # fmt: skip
        return started[-1]

    yield start
    for one in started:
        if one.poll() is None:
            os.killpg(one.pid, signal.SIGKILL)
        one.wait()


def until(true, seconds=90) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def asked(sql, *values) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()[0]


def test_a_worker_killed_in_the_middle_leaves_nothing_and_another_one_does_it_again(month, worker):
    expected = commands.carry_out(queued().pk, at=AFTER)
    run = queued()
    # Whoever computes has to wait for this table when half of the work is done: the rows are counted by then.
    gate = connection.copy()
    gate.set_autocommit(False)
    with gate.cursor() as cursor:
        cursor.execute("LOCK TABLE workorders_supervision IN ACCESS EXCLUSIVE MODE")
    first = worker()
    current_app.send_task("assessment.tasks.compute", [run.pk], ignore_result=True)
    waits = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'workorders_supervision'::regclass)"
    until(lambda: asked(waits))
    assert Run.objects.get(pk=run.pk).status == RunStatus.RUNNING
    first.kill()
    first.wait()
    gate.rollback()
    gate.close()
    # The server notices that nobody is there any more, and everything the worker had written is gone.
    until(lambda: asked("SELECT pg_try_advisory_lock(%s, %s)", computing.RUN_LOCK, run.pk))
    asked("SELECT pg_advisory_unlock(%s, %s)", computing.RUN_LOCK, run.pk)
    assert Run.objects.get(pk=run.pk).status == RunStatus.RUNNING
    assert not Counted.objects.filter(run=run).exists() and not Score.objects.filter(run=run).exists()
    Run.objects.filter(pk=run.pk).update(started_at=clock.now() - dt.timedelta(minutes=1))

    worker()
    current_app.send_task("assessment.tasks.sweep", ignore_result=True)
    until(lambda: Run.objects.get(pk=run.pk).status == RunStatus.COMPUTED)
    again = Run.objects.get(pk=run.pk)
    assert (again.checksum, again.rows) == (expected.checksum, expected.rows)
    assert ScoreItem.objects.filter(score__run=run).count() == ScoreItem.objects.filter(score__run=expected).count()
