"""Where things are measured: servers of their own, the site as in production, lean limits beside it."""

import contextlib
import importlib
import os
import secrets
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg2

ROOT = Path(__file__).resolve().parent.parent
WEB_WORKERS = TASK_WORKERS = 2


def run_group(name: str, **options) -> Iterator[tuple[str, dict]]:
    """Measure one group; (name, figure) as they come."""
    module = importlib.import_module(f"bench.{name}_group")
    found = module.run(**options)
    yield from found.items() if isinstance(found, dict) else found


class Stage:
    """PostgreSQL and Valkey for a measurement, with durability on as in production."""

    def __init__(self, servers):
        self.servers = servers
        self.env = {**os.environ, **servers.environ(), "SECRET_KEY": secrets.token_urlsafe(64), "GRIDGOV_DEMO": "0"}
        self.env.pop("SECRET_KEY_FILE", None)
        self.env["DJANGO_SETTINGS_MODULE"] = "gridgov.settings"
        self.children: list[subprocess.Popen] = []

    def manage(self, *arguments: str) -> str:
        """Run a management command; returns what it printed. Raises when it fails."""
        env = {**self.env, "GRIDGOV_PROCESS": "command"}
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=env, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"{arguments[0]}: {done.stderr[-2000:]}{done.stdout[-500:]}")
        return done.stdout

    def python(self, module: str, *arguments: str) -> str:
        """Run one of our modules with Django at hand; returns what it printed."""
        env = {**self.env, "GRIDGOV_PROCESS": "command"}
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments], cwd=ROOT, env=env, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"{module}: {done.stderr[-2000:]}")
        return done.stdout

    def settle(self) -> None:
        """Clean up after a load: the database does it by itself within minutes, in the middle of what is measured."""
        with contextlib.closing(psycopg2.connect(self.env["DATABASE_URL"])) as line:
            line.autocommit = True
            line.cursor().execute("VACUUM ANALYZE")

    def web(self, application: str = "gridgov.wsgi", **env: str) -> "Web":
        """Start gunicorn as script/server does and wait until it answers."""
        port = free_port()
        command = [
            sys.executable, "-m", "gunicorn", application, "--preload", "-k", "gridgov.webserver.Worker",
            "-w", str(WEB_WORKERS), "--threads", "8",
            "--timeout", "60", "--keep-alive", "5", "--no-control-socket", "--log-level", "warning",
            "--bind", f"127.0.0.1:{port}",
        ]  # fmt: skip
        child = subprocess.Popen(
            command, cwd=ROOT, env={**self.env, "GRIDGOV_PROCESS": "web", "PORT": str(port), **env}
        )
        self.children.append(child)
        return Web(child, port)

    def worker(self) -> subprocess.Popen:
        """Start the task worker as script/server does."""
        command = [
            sys.executable, "-m", "celery", "-q", "-A", "gridgov", "worker", "-P", "threads", "-c", str(TASK_WORKERS),
            "-l", "WARNING", "--without-mingle", "--without-gossip", "-n", f"bench-{secrets.token_hex(3)}@%h",
        ]  # fmt: skip
        child = subprocess.Popen(command, cwd=ROOT, env={**self.env, "GRIDGOV_PROCESS": "task"})
        self.children.append(child)
        return child

    def end(self, child: subprocess.Popen) -> None:
        """End one child of ours and wait for it."""
        child.terminate()
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        self.children.remove(child)

    def database_cpu(self) -> float:
        """Seconds of processor time the database's processes have used, ended ones of its main process included."""
        return tree_cpu(self.servers.children["database"].pid)


class Web:
    """A web server under measurement."""

    def __init__(self, child: subprocess.Popen, port: int):
        self.child, self.port = child, port
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                    return
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def cpu(self) -> float:
        """Seconds of processor time the server and its workers have used."""
        return tree_cpu(self.child.pid)


def tree_cpu(pid: int) -> float:
    """User and system seconds of a process and all below it."""
    total = 0.0
    with contextlib.suppress(psutil.Error):
        root = psutil.Process(pid)
        for process in [root, *root.children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                times = process.cpu_times()
                total += times.user + times.system
                if process.pid == pid:
                    total += times.children_user + times.children_system
    return total


def free_port() -> int:
    """A port of the loopback address nobody listens on."""
    import socket

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextlib.contextmanager
def stage():
    """Servers in a temporary home, migrated; everything ends with the block."""
    from gridgov.embedded import Servers

    with tempfile.TemporaryDirectory(prefix="gridgov-bench-", ignore_cleanup_errors=True) as folder:
        servers = Servers(Path(folder))
        servers.start()
        here = Stage(servers)
        try:
            here.manage("migrate", "-v", "0")
            yield here
        finally:
            for child in list(here.children):
                here.end(child)
            servers.stop()
