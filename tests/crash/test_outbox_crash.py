"""Reports come in while workers and web processes are killed with -9: nothing is lost, nothing happens twice."""

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from urllib.parse import quote

import psutil
import pytest
from django.db import connection

from core import clock
from core.models import IdempotencyKey, Outbox
from gridgov import environment
from personnel.models import ApiToken
from tests import town as cast
from workorders.models import Assignment, Clock, Notice, WorkOrder, WorkOrderEvent

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
KILLS = 11
CLIENTS = ("officer", "part_timer", "officer", "part_timer")
# Reports that are kept and fed back in one step close by themselves: more for a worker to die in.
SETTLED = {"category": "0501", "self_handled": True, "result": "已清扫"}


class Site:
    """Real web, worker and beat processes on the test's database and broker."""

    def __init__(self, folder):
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        known = connection.settings_dict
        address = f"{known['HOST']}:{known['PORT']}/{known['NAME']}"
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST")},
            "DATABASE_URL": f"postgres://{known['USER']}:{quote(known['PASSWORD'])}@{address}",
            "PYTHONPATH": str(environment.ROOT),
        }
        self.log = (folder / "processes.log").open("ab")
        self.forge = self._spawn("-m tests.crash.forge", "task", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.web = None
        self.start_web()
        self.beat = self._fork(f"beat -l WARNING --pidfile= -s {folder / 'schedule'}")
        self.start_worker()

    def _spawn(self, line, process, **more):
        return subprocess.Popen(
            [sys.executable, *line.split()],
            cwd=environment.ROOT,
            env={**self.env, "GRIDGOV_PROCESS": process},
            start_new_session=True,
            **{"stdout": self.log, "stderr": self.log, **more},
        )

    def _fork(self, line) -> int:
        self.forge.stdin.write(line.encode() + b"\n")
        self.forge.stdin.flush()
        return int(self.forge.stdout.readline())

    def start_web(self):
        """The master with one worker of eight threads, as script/server starts it."""
        self.web = self._spawn(
            "-m gunicorn gridgov.wsgi --preload -k gthread -w 1 --threads 8 --no-control-socket --log-level critical"
            f" --bind 127.0.0.1:{self.port}",
            "web",
        )

    def start_worker(self):
        """A Celery worker as script/server starts it."""
        name = uuid.uuid4().hex[:6]
        self.worker = self._fork(
            f"worker -P threads -c 2 -l CRITICAL --without-mingle --without-gossip -n {name}@crash"
        )

    def kill_worker(self):
        """kill -9, and another one takes its place."""
        os.kill(self.worker, signal.SIGKILL)
        self.start_worker()

    def kill_web(self) -> int:
        """kill -9 for the process that answers; the master starts another one. Returns how many were hit."""
        hit = psutil.Process(self.web.pid).children()
        for child in hit:
            child.kill()
        return len(hit)

    def stop(self):
        """End everything we started."""
        for process in (self.forge, self.web):
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
        for stream in (self.forge.stdin, self.forge.stdout, self.log):
            stream.close()

    def answers(self) -> bool:
        """Whether somebody takes requests."""
        door = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            door.request("GET", "/healthz")
            return door.getresponse().status == 200
        except OSError:
            return False
        finally:
            door.close()


@pytest.fixture
def site(tmp_path):
    """Processes that end with the test, before its tables are emptied."""
    built = Site(tmp_path)
    try:
        until(built.answers, 60)
        yield built
    finally:
        built.stop()


def until(true, seconds):
    """Wait for a condition; returns how long it took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, f"not within {seconds} s"
        time.sleep(0.05)
    return time.monotonic() - began


class Client(threading.Thread):
    """A person whose phone sends one report after another, each until it is acknowledged."""

    def __init__(self, port, token, done):
        super().__init__(daemon=True)
        self.port, self.token, self.done = port, token, done
        self.numbers, self.odd, self.tries = {}, [], 0

    def run(self):
        while not self.done.is_set():
            key = str(uuid.uuid4())
            body = {"description": f"楼下堆了建筑垃圾 {key}", "category": "0502", "area": "620105006001001"}
            if self.tries % 3 == 0:
                body |= SETTLED
            self.numbers[key] = self.send(key, json.dumps(body))
            time.sleep(0.05)  # leave the processor to those who are started anew

    def send(self, key, body) -> str | None:
        for _again in range(400):
            self.tries += 1
            door = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
            try:
                headers = {"Authorization": f"Token {self.token}", "Idempotency-Key": key}
                door.request("POST", "/api/v1/workorders/", body, {**headers, "Content-Type": "application/json"})
                answer = door.getresponse()
                status, text = answer.status, answer.read()
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
                continue
            finally:
                door.close()
            if status == 201:
                return json.loads(text)["number"]
            if status not in (409, 429, 500, 502, 503):
                self.odd.append((status, text))
                return None
            time.sleep(0.1)
        return None


def test_nothing_is_lost_and_nothing_doubled_while_processes_are_killed(site):
    town = cast.build()
    tokens = [ApiToken.issue(getattr(town, name), clock.now())[0] for name in CLIENTS]
    done = threading.Event()
    clients = [Client(site.port, token, done) for token in tokens]
    for client in clients:
        client.start()
    chance, hits = random.Random(1), 0
    until(lambda: Notice.objects.exists(), 60)  # everybody is at work

    def told() -> int:
        return Outbox.objects.exclude(done_at=None).count()

    def answered() -> int:
        return sum(len(client.numbers) for client in clients)

    for _kill in range(KILLS):
        time.sleep(chance.uniform(0, 0.3))
        before = told()
        site.kill_worker()
        until(lambda before=before: told() > before, 30)  # the next one works; it dies at its work as well
        time.sleep(chance.uniform(0, 0.3))
        before = answered()
        hits += site.kill_web()
        until(lambda before=before: answered() > before, 30)
    assert hits >= KILLS
    done.set()
    for client in clients:
        client.join(60)

    acknowledged = {key: number for client in clients for key, number in client.numbers.items()}
    assert [client.odd for client in clients] == [[]] * len(clients)
    assert None not in acknowledged.values() and len(acknowledged) > 2 * KILLS
    stored = {order.description.split()[-1]: order.number for order in WorkOrder.objects.all()}
    assert stored == acknowledged and WorkOrder.objects.count() == len(acknowledged)  # none lost, none doubled
    assert IdempotencyKey.objects.count() == len(acknowledged)

    until(lambda: not Outbox.objects.filter(done_at=None).exists(), 60)
    assert not Outbox.objects.filter(dead=True).exists()
    check_effects(town)
    print(f"{len(acknowledged)} reports in {sum(client.tries for client in clients)} tries, {hits} web kills")  # noqa: T201


def check_effects(town):
    """Each order has its story once, and each acceptor one notice of each report that waited for acceptance."""
    waiting = set(WorkOrder.objects.filter(status="reported").values_list("pk", flat=True))
    told = Counter(Notice.objects.filter(kind="report").values_list("order_id", "person_id"))
    assert told == Counter((pk, person.pk) for pk in waiting for person in (town.acceptor, town.clerk))
    for order in WorkOrder.objects.prefetch_related("events"):
        kinds = [event.kind for event in order.events.all()]
        if order.pk in waiting:
            assert kinds == ["report"]
        elif order.sampled:
            assert kinds == ["report", "self_handle", "feedback"] and order.status == "fed_back"
        else:
            assert kinds == ["report", "self_handle", "feedback", "pass_check", "close"] and order.status == "closed"
        assert [event.sequence for event in order.events.all()] == list(range(1, order.version + 1))
    assert not [event for event in WorkOrderEvent.objects.all() if event.hash != event.digest()]
    running = Counter(Clock.objects.filter(stopped_at=None).values_list("order_id", flat=True))
    still_open = set(WorkOrder.objects.open().values_list("pk", flat=True))
    assert running == Counter(still_open)
    assert set(Counter(Assignment.objects.values_list("order_id", flat=True)).values()) <= {1}


def test_the_web_master_itself_may_be_killed(site):
    town = cast.build()
    done = threading.Event()
    client = Client(site.port, ApiToken.issue(town.officer, clock.now())[0], done)
    client.start()
    until(lambda: WorkOrder.objects.count() >= 3, 60)
    site.web.kill()
    site.web.wait()
    children = len(client.numbers)
    site.start_web()
    until(lambda: len(client.numbers) > children + 3, 60)
    done.set()
    client.join(60)
    assert set(client.numbers.values()) == set(WorkOrder.objects.values_list("number", flat=True))
    until(lambda: not Outbox.objects.filter(done_at=None).exists(), 60)
    check_effects(town)
