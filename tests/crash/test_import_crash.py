"""An import whose worker is killed with -9 while it writes: what it had not finished is gone, the next one goes on."""

import datetime as dt
import os
import subprocess
import sys
from urllib.parse import quote

import pytest
from django.db import connection, transaction

from core import clock
from exchange import importing, tasks, working
from exchange.models import Import, ImportRow
from gridgov import environment
from grids import tree
from grids.models import Area
from tests import town as cast

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
COMMUNITY = "620105006001"
# A worker that stands still when its second batch of ten is written and marked, but not committed.
WORKER = """
import sys, time
from dataclasses import replace
import django
django.setup()
from exchange import kinds, working
kinds.BY_NAME["grids"] = replace(kinds.BY_NAME["grids"], batch=10)
note, batches = working._note, []
def held(*given):
    note(*given)
    batches.append(given)
    if len(batches) == 2:
        print("held", flush=True)
        time.sleep(600)
working._note = held
working.work(int(sys.argv[1]))
"""


@pytest.fixture
def judged():
    """Thirty new grids, looked at by their administrator."""
    town = cast.build()
    rows = [f"{COMMUNITY}{n},网格{n},urban,{COMMUNITY}" for n in range(101, 131)]
    content = "\n".join(["code,name,kind,parent_code", *rows]).encode()
    [area] = importing.areas_for(town.system_admin, clock.today())
    found = importing.upload("grids", by=town.system_admin, at=clock.now(), name="a.csv", content=content, area=area)
    working.work(found.pk)
    return Import.objects.get(pk=found.pk)


def begun(found, mode) -> subprocess.Popen:
    """A process that holds the second batch of this import."""
    importing.confirm(found, by=found.by, at=clock.now(), mode=mode)
    known = connection.settings_dict
    address = f"{known['HOST']}:{known['PORT']}/{known['NAME']}"
    url = f"postgres://{known['USER']}:{quote(known['PASSWORD'])}@{address}"
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(found.pk)], cwd=environment.ROOT, stdout=subprocess.PIPE,
        env={**os.environ, "DATABASE_URL": url, "GRIDGOV_PROCESS": "task"},
    )  # fmt: skip
    assert worker.stdout.readline() == b"held\n"
    return worker


@pytest.mark.parametrize(("mode", "kept"), [("valid", 10), ("all", 0)])
def test_a_killed_worker_leaves_the_rest_to_the_next(judged, mode, kept):
    before = Area.objects.count()
    worker = begun(judged, mode)
    try:
        tasks.work(judged.pk)  # another worker finds it taken, and does not wait
        assert Area.objects.count() == before + kept and worker.poll() is None
    finally:
        worker.kill()
        worker.wait()
        worker.stdout.close()
    with transaction.atomic():  # comes back when the server has noticed that nobody is there any more
        Import.objects.select_for_update().get(pk=judged.pk)
    assert Area.objects.count() == before + kept
    Import.objects.update(seen_at=clock.now() - dt.timedelta(minutes=2))
    assert tasks.sweep() == 1
    found = Import.objects.get(pk=judged.pk)
    assert (found.state, Area.objects.count()) == ("done", before + 30) and tree.check() == []
    assert ImportRow.objects.filter(source=found, written=True).count() == 30
