"""What `script/server` runs: the embedded servers, web, worker and beat, watched until somebody says stop.

1. Take the home, end what a killed predecessor left, start the servers.
2. Migrate and load the demo city, unless a stamp says nothing changed since the last time.
3. Start web, worker and beat; start again within seconds whichever dies.
4. On SIGINT or SIGTERM end them in the order in which they need each other: web and beat, worker, broker, database.
"""

import hashlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field

import psycopg2
from django.core.exceptions import ImproperlyConfigured

from gridgov import embedded, environment, processes

_LOOK_SECONDS = 0.3
# A child that dies at once is started again after a growing pause, never a long one.
_PAUSES = (0.2, 1.0, 2.0, 4.0)
_STEADY_SECONDS = 30
_LOG_BYTES = 20 * 1024 * 1024
_DEMO_ACCOUNTS = (
    ("officer", "/m/"),
    ("clerk", "/inbox/"),
    ("acceptor", "/desk/"),
    ("dispatcher", "/desk/"),
    ("handler", "/inbox/"),
    ("reviewer", "/desk/"),
    ("manager", "/board/"),
    ("assessor", "/assessment/"),
    ("admin", "/admin/"),
)


class Stopped(BaseException):
    """Somebody asked us to stop. Not an Exception: nothing on the way may swallow it."""


@dataclass
class Child:
    """One of our own processes and how its restarts went."""

    name: str
    command: list[str]
    env: dict[str, str]
    popen: subprocess.Popen | None = None
    born: float = 0.0
    falls: int = 0
    due: float = 0.0


@dataclass
class Supervisor:
    """Everything that runs for one home."""

    servers: embedded.Servers
    host: str
    port: int
    demo: bool
    web_workers: int
    task_workers: int
    env: dict[str, str] = field(default_factory=dict)
    children: dict[str, Child] = field(default_factory=dict)
    server_falls: dict[str, Child] = field(default_factory=dict)
    looked_at_logs: float = 0.0

    # --- start ---

    def run(self) -> None:
        """Start everything, watch until told to stop, end everything."""
        began = time.monotonic()
        try:
            say(f"State and logs are in {self.servers.home}")
            self.env = {**os.environ, **self.servers.start(), **self._settings()}
            (self.servers.home / "log").mkdir(exist_ok=True)
            self.prepare()
            self.start_children()
            self.watch(began)
        except Stopped:
            pass
        finally:
            ignore_signals()
            self.stop()

    def _settings(self) -> dict[str, str]:
        """What all our processes must agree on."""
        metrics = self.servers.home / "metrics"
        shutil.rmtree(metrics, ignore_errors=True)
        metrics.mkdir(parents=True)
        return {
            "DJANGO_SETTINGS_MODULE": "gridgov.settings",
            "GRIDGOV_DEMO": "1" if self.demo else "0",
            "HOST": self.host,
            "PORT": str(self.port),
            "PYTHONUNBUFFERED": "1",
            "PROMETHEUS_MULTIPROC_DIR": str(metrics),
        }

    def prepare(self) -> None:
        """Migrate and load the demo, in a process of their own whose memory is given back."""
        stamp = self.servers.home / "prepared.json"
        if self.servers.with_database and stamp.exists() and json.loads(stamp.read_text() or "{}") == self._stamp():
            return
        say("Preparing the database (a first start loads the demo city and takes a while)")
        env = {**self.env, "GRIDGOV_PROCESS": "command"}
        child = processes.spawn([sys.executable, "-m", "gridgov.prepare"], env=env, cwd=environment.ROOT)
        try:
            status = child.wait()
        except Stopped:
            processes.end(child)
            raise
        if status:
            raise SystemExit("The database could not be prepared; the reason is above.")
        if self.servers.with_database:
            stamp.write_text(json.dumps(self._stamp()))

    def _stamp(self) -> dict:
        """What the preparation depends on: the migrations there are, the migrations applied, the demo asked for."""
        names = sorted(str(path.relative_to(environment.ROOT)) for path in environment.ROOT.glob("*/migrations/*.py"))
        names.append((environment.ROOT / "requirements.txt").read_text())
        try:
            connection = psycopg2.connect(self.env["DATABASE_URL"], connect_timeout=3)
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*), max(id) FROM django_migrations")
                applied = list(cursor.fetchone())
            connection.close()
        except psycopg2.Error:
            applied = []
        return {"files": hashlib.sha256("\n".join(names).encode()).hexdigest(), "applied": applied, "demo": self.demo}

    def start_children(self) -> None:
        """Start web, worker and beat side by side."""
        python, home = sys.executable, self.servers.home
        (home / "beat").mkdir(exist_ok=True)
        web = {**self.env, "GRIDGOV_PROCESS": "web"}
        task = {**self.env, "GRIDGOV_PROCESS": "task"}
        # Only the web server counts requests; the others would leave files of theirs among its figures.
        task.pop("PROMETHEUS_MULTIPROC_DIR")
        bind = f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
        commands = {
            # Preloaded: the workers share the memory of the imported code. Threads: a slow phone holds one, not all.
            "web": (
                f"-m gunicorn gridgov.wsgi --preload -k gridgov.webserver.Worker -w {self.web_workers} --threads 8"
                " --timeout 60"
                f" --graceful-timeout 6 --keep-alive 5 --no-control-socket --log-level warning"
                f" --config python:gridgov.webserver --bind {bind}",
                web,
            ),
            # Threads, not processes: the jobs mostly wait for the database, and one process is 130 MB, three are 370.
            "worker": (
                f"-m celery -q -A gridgov worker -P threads -c {self.task_workers} -l WARNING"
                f" --without-mingle --without-gossip -n {home.name or 'gridgov'}-{secrets.token_hex(3)}@%h",
                task,
            ),
            "beat": ("-m celery -q -A gridgov beat -l WARNING --pidfile= -s", task),
        }
        for name, (line, env) in commands.items():
            command = [python, *line.split()]
            if name == "beat":
                command.append(str(home / "beat" / "schedule"))
            self.children[name] = Child(name, command, env)
            self._start(self.children[name])

    def _start(self, child: Child) -> None:
        with (self.servers.home / "log" / f"{child.name}.log").open("ab") as output:
            child.popen = processes.spawn(child.command, env=child.env, cwd=environment.ROOT, output=output)
        child.born, child.due = time.monotonic(), 0.0
        self.servers.note(child.name, child.popen)

    # --- watch ---

    def watch(self, began: float) -> None:
        """Look after the children until a signal ends the loop."""
        announced = False
        while True:
            self._look_after_servers()
            for child in self.children.values():
                self._look_after(child)
            if not announced and self.is_ready():
                announced = True
                self.announce(time.monotonic() - began)
            self._trim_logs()
            time.sleep(_LOOK_SECONDS)

    def _look_after(self, child: Child) -> None:
        """Start the child again when it died, a moment later each time it dies at once."""
        now = time.monotonic()
        if child.popen.poll() is None:
            if now - child.born > _STEADY_SECONDS:
                child.falls = 0
            return
        if not child.due:
            pause = _PAUSES[min(child.falls, len(_PAUSES) - 1)]
            child.falls, child.due = child.falls + 1, now + pause
            say(f"{child.name} ended with {child.popen.returncode}; starting it again")
            if child.popen.returncode > 0 and child.falls <= 2:
                # After that it is the same reason again; the log has it all. A signal leaves no reason there.
                self._show_end_of_log(child.name)
        if now >= child.due:
            self._start(child)

    def _look_after_servers(self) -> None:
        """The same for the database and the broker, on the port the others know."""
        for name, start in (("database", self.servers.start_database), ("broker", self.servers.start_broker)):
            popen = self.servers.children.get(name)
            if popen is None or popen.poll() is None:
                continue
            fall = self.server_falls.setdefault(name, Child(name, [], {}))
            now = time.monotonic()
            if now - fall.born > _STEADY_SECONDS:
                fall.falls = 0
            if not fall.due:
                say(f"{name} ended with {popen.returncode}; starting it again")
                fall.due = now + _PAUSES[min(fall.falls, len(_PAUSES) - 1)]
            if now >= fall.due:
                fall.falls, fall.born, fall.due = fall.falls + 1, now, 0.0
                start(wait=False)

    def _show_end_of_log(self, name: str) -> None:
        log = self.servers.home / "log" / f"{name}.log"
        lines = log.read_text(errors="replace").splitlines()[-5:] if log.exists() else []
        for line in lines:
            say(f"  {line}")

    def _trim_logs(self) -> None:
        """Keep one older copy of a log that grew; the writers append, so cutting the file under them is safe."""
        now = time.monotonic()
        if now - self.looked_at_logs < 60:
            return
        self.looked_at_logs = now
        for log in (self.servers.home / "log").glob("*.log"):
            if log.stat().st_size > _LOG_BYTES:
                shutil.copyfile(log, log.with_suffix(".log.1"))
                os.truncate(log, 0)

    @property
    def address(self) -> str:
        """Where people find us."""
        host = {"0.0.0.0": "127.0.0.1", "::": "localhost"}.get(self.host, self.host)  # noqa: S104 - compared, not bound
        return f"http://{host}:{self.port}"

    def is_ready(self) -> bool:
        """Whether everything answers, asked the way an operator would."""
        try:
            with urllib.request.urlopen(f"{self.address}/readyz", timeout=3) as answer:  # noqa: S310 - our own address
                return answer.status == 200
        except (urllib.error.URLError, OSError, ValueError):
            return False

    def announce(self, seconds: float) -> None:
        """Tell where it runs and who may log in."""
        say(f"Gridgov is ready after {seconds:.1f} s: {self.address}/")
        if self.demo:
            say("Demo accounts, password gridgov-demo:")
            for name, page in _DEMO_ACCOUNTS:
                say(f"  {name:<12}{self.address}{page}")
            say(f"  residents   {self.address}/r/")
        say("Ctrl-C stops everything.")

    # --- stop ---

    def stop(self) -> None:
        """End everything, in the order in which one needs the other; nothing is left running."""
        started = [child.popen for child in self.children.values() if child.popen]
        if started:
            say("Stopping")
        # Told together, waited for one by one: web finishes its requests while beat is long gone.
        for name in ("web", "beat"):
            child = self.children.get(name)
            if child and child.popen and child.popen.poll() is None:
                child.popen.send_signal(signal.SIGTERM)
        for name, patience in (("beat", 3), ("web", 8), ("worker", 6)):
            child = self.children.get(name)
            if child and child.popen:
                processes.end(child.popen, patience=patience)
        self.servers.stop()
        if started:
            say("Stopped")


def say(line: str) -> None:
    """One line for the person at the terminal."""
    print(f"[gridgov] {line}", flush=True)  # noqa: T201 - this is the command's output


def raise_on_signals() -> None:
    """Turn the signals that mean stop into one exception."""

    def handle(number, frame) -> None:
        ignore_signals()
        raise Stopped

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handle)


def ignore_signals() -> None:
    """Once we are stopping, asking again does not make it faster."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def take_home(servers: embedded.Servers, patience: float = 60) -> None:
    """Become the owner of the home; a command that uses it for a moment is waited for, another server is not."""
    until = time.monotonic() + patience
    while True:
        try:
            servers.take_lock()
            return
        except embedded.HomeInUse:
            other = servers.running()
            if time.monotonic() > until or "web" in servers.names():
                where = "another script/server" if other else "another process"
                raise SystemExit(
                    f"{servers.home} is in use by {where}. Stop it, or set GRIDGOV_HOME to another folder."
                ) from None
            time.sleep(0.3)


def check_port(host: str, port: int) -> None:
    """Refuse early, in words, when somebody else has the port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SystemExit(
                f"Cannot listen on {host}:{port}: {error.strerror}. Set PORT (and HOST) to a free one."
            ) from None


def main() -> None:
    """Read the environment and run."""
    try:
        database, broker = embedded.needed()
        servers = embedded.Servers(environment.home(), with_database=database, with_broker=broker)
        supervisor = Supervisor(
            servers=servers,
            host=environment.text("HOST", "127.0.0.1"),
            port=environment.number("PORT", 8000, least=1, most=65535),
            demo=environment.flag("GRIDGOV_DEMO", database),
            web_workers=environment.number("WEB_WORKERS", 2, least=1, most=64),
            task_workers=environment.number("TASK_WORKERS", 4, least=1, most=64),
        )
        if not database and not environment.secret("SECRET_KEY"):
            raise ImproperlyConfigured("SECRET_KEY or SECRET_KEY_FILE is required with an external DATABASE_URL.")
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from None
    raise_on_signals()
    try:
        take_home(servers)
        check_port(supervisor.host, supervisor.port)
        supervisor.run()
    except Stopped:
        pass
    except (RuntimeError, ImproperlyConfigured) as error:
        raise SystemExit(f"[gridgov] {error}") from None


if __name__ == "__main__":
    main()
