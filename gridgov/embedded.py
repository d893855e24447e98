"""The embedded PostgreSQL and Valkey of a first start: found, set up, started, joined and ended.

Everything lives in one folder, the home. Both servers listen on 127.0.0.1 only, on free ports, with generated passwords:

    home/lock           held by whoever started the servers
    home/servers.json   0600; addresses and processes of the running servers, removed when they end
    home/secrets.json   0600; the generated passwords
    home/secret_key     0600; the generated SECRET_KEY
    home/postgres/      the database; home/valkey/ the broker's append-only file; home/log/ what the servers say
"""

import contextlib
import fcntl
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import redis

from gridgov import binaries, cluster, environment, processes


class HomeInUse(RuntimeError):
    """Another process runs the servers of this home."""


@dataclass
class Servers:
    """The servers of one home. `start()` once, `stop()` once; `running()` sees those that another process started."""

    home: Path
    # Tests give durability away for speed; nothing else does.
    throwaway: bool = False
    with_database: bool = True
    with_broker: bool = True
    children: dict[str, subprocess.Popen] = field(default_factory=dict)
    state: dict = field(default_factory=dict)
    _lock: int | None = None

    def __post_init__(self) -> None:
        self.home = Path(self.home)

    # --- the folder ---

    def _file(self, name: str) -> Path:
        return self.home / name

    def _write(self, name: str, content: str) -> Path:
        """Write a file only we may read, whole or not at all."""
        path = self._file(name)
        draft = path.with_name(f".{name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        return path

    def _read(self, name: str) -> dict:
        try:
            return json.loads(self._file(name).read_text())
        except (OSError, ValueError):
            return {}

    def secrets(self) -> dict[str, str]:
        """The generated passwords, made on first use."""
        known = self._read("secrets.json")
        wanted = {"owner", "app", "broker"}
        if not wanted <= set(known):
            known = {**{name: secrets.token_urlsafe(24) for name in wanted}, **known}
            self._write("secrets.json", json.dumps(known))
        return known

    def secret_key(self) -> Path:
        """The file with this home's SECRET_KEY, made on first use."""
        path = self._file("secret_key")
        if not path.exists():
            self._write("secret_key", secrets.token_urlsafe(64))
        return path

    def take_lock(self) -> None:
        """Become the one process that runs this home's servers; the lock goes with the process, however it ends."""
        self.home.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._file("lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            raise HomeInUse(f"Another process already runs the servers of {self.home}.") from None
        self._lock = handle

    # --- what others see ---

    def running(self) -> dict[str, str] | None:
        """The environment of the servers that run for this home right now, or None."""
        state = self._read("servers.json")
        if state.get("environment") and all(processes.find(known) for known in state.get("processes", {}).values()):
            return state["environment"]
        return None

    def environ(self) -> dict[str, str]:
        """What a child needs to use these servers."""
        found = {"GRIDGOV_HOME": str(self.home), "SECRET_KEY_FILE": str(self.secret_key())}
        known, ports = self.secrets(), self.state.get("ports", {})
        if "database" in ports:
            found["DATABASE_URL"] = f"postgres://{cluster.APP_ROLE}:{quote(known['app'])}@127.0.0.1:{ports['database']}/{cluster.APP_ROLE}"
        if "broker" in ports:
            found["REDIS_URL"] = f"redis://:{quote(known['broker'])}@127.0.0.1:{ports['broker']}/0"
        return found

    # --- life ---

    def start(self) -> dict[str, str]:
        """Take the home, end what a killed predecessor left, start the servers; returns their environment."""
        if self._lock is None:
            self.take_lock()
        self.end_leftovers()
        self._file("log").mkdir(exist_ok=True)
        self.state = {"ports": {}, "processes": {}}
        try:
            if self.with_database:
                self.start_database()
            if self.with_broker:
                self.start_broker()
        except BaseException:
            self.stop()
            raise
        return self.environ()

    def end_leftovers(self) -> None:
        """End servers whose supervisor was killed. On Linux the kernel has already told them; they may still be finishing."""
        old = self._read("servers.json").get("processes", {})
        for name in reversed(list(old)):
            process = processes.find(old[name])
            if process:
                processes.end(process, signal.SIGINT if name == "database" else signal.SIGTERM)
        self._file("servers.json").unlink(missing_ok=True)

    def note(self, name: str, process: subprocess.Popen) -> None:
        """Write down a child, so that the next start can find it even if we are killed."""
        self.children[name] = process
        self.state["processes"][name] = processes.identity(process.pid)
        self.state["environment"] = self.environ()
        self._write("servers.json", json.dumps(self.state))

    def port(self, name: str) -> int:
        """The port of a server: the same one again after a restart within one life, else a free one."""
        ports = self.state["ports"]
        if name not in ports:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                ports[name] = probe.getsockname()[1]
        return ports[name]

    def start_database(self) -> None:
        """Start PostgreSQL, after creating the cluster, the role and the database on first use."""
        cluster.start(self)

    def start_broker(self) -> None:
        """Start Valkey (or Redis): append-only file, nothing evicted, password, loopback only."""
        folder, log = self._file("valkey"), self._file("log") / "valkey.log"
        folder.mkdir(exist_ok=True, mode=0o700)
        password, port = self.secrets()["broker"], self.port("broker")
        # The password goes by a file: a command line can be read by every user of the machine.
        lines = [
            "bind 127.0.0.1",
            f"port {port}",
            f"dir {json.dumps(str(folder))}",
            f"requirepass {password}",
            f"appendonly {'no' if self.throwaway else 'yes'}",
            "appendfsync everysec",
            'save ""',
            "maxmemory-policy noeviction",
            "daemonize no",
            "tcp-keepalive 60",
            "always-show-logo no",
        ]
        config = self._write("valkey.conf", "\n".join(lines) + "\n")
        with log.open("ab") as output:
            child = processes.spawn([binaries.broker(), config], cwd=self.home, output=output)
        client = redis.Redis(port=port, password=password, socket_timeout=1, socket_connect_timeout=1)

        def answers() -> bool:
            with contextlib.suppress(redis.RedisError):
                return bool(client.ping())
            return False

        self.note("broker", child)
        processes.wait_until(answers, child, "The embedded Valkey", log)
        client.close()

    def stop(self) -> None:
        """End the servers: the broker first, the database when nobody can ask it any more."""
        for name, how in (("broker", signal.SIGTERM), ("database", signal.SIGINT)):
            child = self.children.pop(name, None)
            if child is not None:
                processes.end(child, how, patience=10)
        self._file("servers.json").unlink(missing_ok=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def needed() -> tuple[bool, bool]:
    """Whether a database and a broker of our own are needed, or addresses of external ones are given."""
    return not environment.text("DATABASE_URL"), not environment.text("REDIS_URL")


@contextlib.contextmanager
def for_command() -> Iterator[None]:
    """Put servers into the environment for one command: given ones, running ones, else ones started for it and ended after it."""
    database, broker = needed()
    if not database and not broker:
        yield
        return
    servers = Servers(environment.home(), with_database=database, with_broker=broker)
    found = servers.running()
    mine = found is None
    if mine:
        try:
            found = servers.start()
        except HomeInUse as error:
            sys.exit(f"{error} They are starting or stopping; try again in a moment.")
    if not database and not (environment.text("SECRET_KEY") or environment.text("SECRET_KEY_FILE")):
        found.pop("SECRET_KEY_FILE", None)
    for name, value in found.items():
        os.environ.setdefault(name, value)
    try:
        yield
    finally:
        if mine:
            servers.stop()


@contextlib.contextmanager
def throwaway() -> Iterator[Servers]:
    """Servers for a test run, in a temporary folder that goes with them."""
    with tempfile.TemporaryDirectory(prefix="gridgov-test-", ignore_cleanup_errors=True) as folder:
        servers = Servers(Path(folder), throwaway=True)
        try:
            servers.start()
            yield servers
        finally:
            servers.stop()
