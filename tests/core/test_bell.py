"""The bell with real brokers: a worker that answers, a port nobody listens on, a server that is frozen."""

import os
import socket
import subprocess
import sys
import threading
import time
from functools import partial

import pytest
from celery import current_app
from django.conf import settings
from django.db import connection, transaction

from core import clock, outbox, tasks
from core.models import IdempotencyKey, Outbox, Pulse


@pytest.fixture
def broker_at(monkeypatch):
    """Point the app at another broker for the test."""

    def point(port):
        url = f"redis://127.0.0.1:{port}/0"
        monkeypatch.setattr(current_app, "connection_for_write", partial(current_app.connection_for_write, url))

    return point


def test_message_reaches_the_broker():
    outbox.Rope().pull()


def test_port_nobody_listens_on_is_an_exception(broker_at):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        broker_at(unused.getsockname()[1])
        with pytest.raises(Exception):  # noqa: B017 - whatever the client library says
            outbox.Rope().pull()


def test_frozen_broker_is_an_exception_too(broker_at):
    with socket.create_server(("127.0.0.1", 0)) as frozen:
        broker_at(frozen.getsockname()[1])
        with pytest.raises(Exception):  # noqa: B017
            outbox.Rope().pull()


@pytest.mark.django_db(transaction=True)
def test_request_does_not_notice_a_frozen_broker(broker_at, monkeypatch):
    pulled, rope = [], outbox.Rope()

    def pull():
        try:
            rope.pull()
        finally:
            pulled.append(1)

    monkeypatch.setattr(rope, "_timeout", 60.0)
    monkeypatch.setattr(outbox, "_waker", outbox.Waker(pull, after_failure=0.1))
    with socket.create_server(("127.0.0.1", 0)) as frozen:
        broker_at(frozen.getsockname()[1])
        for number in range(30):
            with transaction.atomic():
                outbox.add("test.topic", number=number)
        assert not pulled  # the broker has not answered yet
        assert Outbox.objects.count() == 30


@pytest.mark.django_db
def test_heartbeat_leaves_one_row_that_moves():
    tasks.heartbeat()
    first = Pulse.objects.get(name="worker").at
    tasks.heartbeat()
    assert Pulse.objects.get(name="worker").at > first


@pytest.mark.django_db
def test_tidy_deletes_what_is_past_its_time_and_nothing_else():
    at = clock.now()
    old, young = at - tasks.DELIVERED_KEPT * 2, at
    for done in (old, young, None):
        Outbox.objects.create(topic="t", created_at=old, next_at=old, done_at=done)
    Outbox.objects.create(topic="dead", created_at=old, next_at=old, dead=True)
    for key, created in (("old", old), ("young", young)):
        IdempotencyKey.objects.create(key=key, scope="s", request_hash="h", status=200, created_at=created)
    assert tasks.tidy() == {"keys": 1, "outbox": 1}
    assert list(Outbox.objects.values_list("topic", "done_at")) == [("t", young), ("t", None), ("dead", None)]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_real_worker_tells_every_row(tmp_path, monkeypatch, empty_queue):
    """With a real worker on this database and a real broker between; how soon is measured by script/bench told."""
    monkeypatch.setattr(outbox, "_waker", outbox.Waker(outbox.Rope().pull))
    plugin = tmp_path / "told_plugin.py"
    plugin.write_text(
        "from core import clock, outbox\n"
        "from core.models import Pulse\n"
        "@outbox.handler('test.told')\n"
        "def told(name):\n"
        "    Pulse.objects.create(name=name, at=clock.now())\n"
    )
    database = connection.settings_dict
    environment = {
        **os.environ,
        "DATABASE_URL": "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database),
        "PYTHONPATH": f"{tmp_path}{os.pathsep}{settings.BASE_DIR}",
        "GRIDGOV_PROCESS": "task",
    }
    program = [sys.executable, "-m", "celery", "-A", "gridgov.celery", "worker", "-c", "2", "-l", "WARNING"]
    program += ["--without-mingle", "--without-gossip", "--include", "told_plugin"]
    with open(tmp_path / "log", "wb") as log:
        worker = subprocess.Popen(program, env=environment, cwd=settings.BASE_DIR, stdout=log, stderr=log)
    try:
        told_by("warm up", 60, tmp_path)
        sent = []
        for number in range(100):
            start = time.monotonic()
            name = f"told {number}"
            with transaction.atomic():
                outbox.add("test.told", name=name)
            sent.append(name)
            time.sleep(max(0.0, 0.05 - (time.monotonic() - start)))
        end = time.monotonic() + 20
        while Pulse.objects.filter(name__in=sent).count() < len(sent) and time.monotonic() < end:
            time.sleep(0.05)
        seen = set(Pulse.objects.values_list("name", flat=True))
        missing = [name for name in sent if name not in seen]
        assert not missing, (
            missing,
            list(Outbox.objects.filter(done_at=None).values()),
            (tmp_path / "log").read_text(),
        )
    finally:
        worker.terminate()
        worker.wait(30)


def told_by(name, seconds, folder):
    """Wait until the worker is up and has told something."""
    with transaction.atomic():
        outbox.add("test.told", name=name)
    end = time.monotonic() + seconds
    while not Pulse.objects.filter(name=name).exists():
        assert time.monotonic() < end, (folder / "log").read_text()[-2000:]
        time.sleep(0.1)
        outbox._waker.wake()


def test_threads_of_this_file_are_daemons():
    assert all(thread.daemon for thread in threading.enumerate() if thread.name == "outbox-waker")
