"""`script/server` as a person uses it: start, fall, stop, start again after the worst. One instance for all of it."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

import psutil
import pytest

from gridgov import environment

pytestmark = pytest.mark.slow


class Instance:
    """One `script/server` without the demo, in a home of its own."""

    def __init__(self, home):
        self.home = home
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "DJANGO"))},
            "GRIDGOV_HOME": str(home),
            "PORT": str(self.port),
            "GRIDGOV_DEMO": "0",
        }
        for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "STATEMENT_TIMEOUT"):
            self.env.pop(name, None)
        self.process = None

    def start(self):
        """Start and wait until ready."""
        log = (self.home.parent / f"{self.home.name}.log").open("ab")
        self.process = subprocess.Popen(
            ["script/server"], cwd=environment.ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True
        )
        log.close()
        until(lambda: self.ask("/readyz")[0] == 200, 90, self.log)

    def stop(self):
        """Ask it to stop; returns its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(25)

    def log(self):
        """What it said so far."""
        return (self.home.parent / f"{self.home.name}.log").read_text()

    def ask(self, path):
        """Status and headers of one GET; 0 when nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status, answer.headers
        except urllib.error.HTTPError as error:
            return error.code, error.headers
        except OSError:
            return 0, {}

    def known(self, name):
        """The number of one of its processes."""
        return json.loads((self.home / "servers.json").read_text())["processes"][name]["pid"]

    def left(self):
        """Processes that still belong to this home."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.environ().get("GRIDGOV_HOME") == str(self.home) or process.cwd().startswith(str(self.home)):
                    found.append(" ".join(process.cmdline()))
        return found


def until(true, seconds, explain=lambda: ""):
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, explain()
        time.sleep(0.1)


@pytest.fixture(scope="module")
def instance(tmp_path_factory):
    """A running instance for the tests of this file; they leave it running."""
    instance = Instance(tmp_path_factory.mktemp("server") / "home")
    instance.start()
    yield instance
    if instance.process.poll() is None:
        instance.process.terminate()
        instance.process.wait(30)


def test_it_serves_and_tells_where(instance):
    assert instance.ask("/healthz")[0] == 200
    assert instance.ask("/static/vendor/leaflet/leaflet.js")[0] == 200
    until(lambda: f"http://127.0.0.1:{instance.port}/" in instance.log(), 5)
    assert instance.ask("/static/vendor/leaflet/leaflet.css")[1]["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["web", "worker", "beat", "broker", "database"])
def test_whatever_dies_is_started_again_within_five_seconds(instance, name):
    before = instance.known(name)
    os.kill(before, signal.SIGKILL)
    until(lambda: instance.known(name) != before, 5, instance.log)
    until(lambda: instance.ask("/readyz")[0] == 200, 25, instance.log)


def test_without_the_database_it_says_503_and_recovers_by_itself(instance):
    supervisor = instance.process.pid
    os.kill(supervisor, signal.SIGSTOP)
    try:
        os.kill(instance.known("database"), signal.SIGKILL)
        time.sleep(0.3)
        status, headers = instance.ask("/m/")
        if status != 503:  # a log-in wall that needed no database may answer first; the readiness never does
            status, headers = instance.ask("/readyz")
        assert (status, bool(headers["Retry-After"])) == (503, True)
    finally:
        os.kill(supervisor, signal.SIGCONT)
    until(lambda: instance.ask("/readyz")[0] == 200, 25, instance.log)


def test_a_command_joins_the_running_servers(instance):
    done = subprocess.run(
        ["script/manage", "shell", "-v0", "-c", "from gridgov import health; print(health.parts())"],
        cwd=environment.ROOT,
        env=instance.env,
        capture_output=True,
        text=True,
    )
    assert "'worker': True" in done.stdout, done.stderr
    assert instance.ask("/healthz")[0] == 200


def test_a_second_server_on_the_same_home_is_refused_in_words(instance):
    done = subprocess.run(["script/server"], cwd=environment.ROOT, env=instance.env, capture_output=True, text=True)
    assert done.returncode == 1
    assert "in use" in done.stderr and "Traceback" not in done.stderr


def test_a_second_home_runs_beside_it_and_a_taken_port_is_refused(instance, tmp_path):
    other = Instance(tmp_path / "other")
    busy = subprocess.run(
        ["script/server"],
        cwd=environment.ROOT,
        env={**other.env, "PORT": str(instance.port)},
        capture_output=True,
        text=True,
    )
    assert busy.returncode == 1 and "Set PORT" in busy.stderr and "Traceback" not in busy.stderr
    other.start()
    assert instance.ask("/readyz")[0] == other.ask("/readyz")[0] == 200
    other.stop()
    assert other.left() == []
    assert instance.ask("/readyz")[0] == 200


def test_after_kill_9_the_next_start_is_clean_and_a_stop_leaves_nothing(instance):
    instance.process.kill()
    instance.process.wait()
    instance.start()
    assert instance.stop() == 0
    assert instance.left() == []
    assert "Traceback" not in instance.log()
    for log in (instance.home / "log").glob("*.log"):
        if log.stem in {"beat", "web"}:
            assert "Traceback" not in log.read_text(), log
