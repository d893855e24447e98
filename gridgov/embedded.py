"""The embedded PostgreSQL and Valkey of a first start: found, set up, started, joined and ended.

Everything lives in one folder, the home. Both listen on 127.0.0.1 only, on free ports, with generated passwords:

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
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from gridgov import binaries, cluster, environment, processes

# In the order they are started.
SERVERS = ("database", "broker")
# SIGINT is PostgreSQL's fast stop: it ends sessions instead of waiting for them.
_END = {"database": signal.SIGINT}


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
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
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
        known = state.get("processes", {})
        if state.get("ready") and all(processes.find(known[name]) for name in SERVERS if name in known):
            return state["environment"]
        return None

    def names(self) -> list[str]:
        """Which processes are written down for this home, by us or by another."""
        return list(self._read("servers.json").get("processes", {}))

    def environ(self) -> dict[str, str]:
        """What a child needs to use these servers."""
        found = {"GRIDGOV_HOME": str(self.home)}
        known, ports = self.secrets(), self.state.get("ports", {})
        if "database" in ports:
            role = cluster.APP_ROLE
            found["DATABASE_URL"] = f"postgres://{role}:{quote(known['app'])}@127.0.0.1:{ports['database']}/{role}"
        if "broker" in ports:
            found["REDIS_URL"] = f"redis://:{quote(known['broker'])}@127.0.0.1:{ports['broker']}/0"
        given = environment.text("SECRET_KEY") or environment.text("SECRET_KEY_FILE")
        if self.with_database and not given:
            # Whoever brings a database of their own brings the key that belongs to its content.
            found["SECRET_KEY_FILE"] = str(self.secret_key())
        return found

    @contextlib.contextmanager
    def in_use(self) -> Iterator[None]:
        """Hold on to the running servers: a command that started them does not end them while others use them."""
        handle = os.open(self._file("users"), os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(handle, fcntl.LOCK_SH)
        try:
            yield
        finally:
            os.close(handle)

    def wait_for_users(self) -> None:
        """Wait until no other command uses these servers."""
        handle = os.open(self._file("users"), os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX)
        os.close(handle)

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
        self.state["ready"] = True
        self._save()
        return self.environ()

    def end_leftovers(self) -> None:
        """End what a killed supervisor left. On Linux the kernel has already told them; they may still be finishing."""
        old = self._read("servers.json").get("processes", {})
        for name in reversed(list(old)):
            process = processes.find(old[name])
            if process:
                processes.end(process, _END.get(name, signal.SIGTERM))
        self._file("servers.json").unlink(missing_ok=True)

    def note(self, name: str, process: subprocess.Popen) -> None:
        """Write down a child, so that the next start can find it even if we are killed."""
        self.children[name] = process
        self.state["processes"][name] = processes.identity(process.pid)
        self._save()

    def _save(self) -> None:
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

    def start_database(self, *, wait: bool = True) -> None:
        """Start PostgreSQL, after creating the cluster, the role and the database on first use."""
        cluster.start(self, wait=wait)

    def start_broker(self, *, wait: bool = True) -> None:
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

        def answers() -> bool:
            with contextlib.suppress(redis.RedisError):
                return bool(client.ping())
            return False

        self.note("broker", child)
        if not wait:
            return
        # Asked again by the loop below; the client's own retries would only sleep longer.
        once = Retry(NoBackoff(), 0)
        client = redis.Redis(port=port, password=password, socket_timeout=1, socket_connect_timeout=1, retry=once)
        processes.wait_until(answers, child, "The embedded Valkey", log)
        client.close()

    def stop(self) -> None:
        """End the servers: the broker first, the database when nobody can ask it any more."""
        for name in reversed(SERVERS):
            child = self.children.pop(name, None)
            if child is not None:
                processes.end(child, _END.get(name, signal.SIGTERM), patience=6)
        self._file("servers.json").unlink(missing_ok=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def needed() -> tuple[bool, bool]:
    """Whether a database and a broker of our own are needed, or addresses of external ones are given."""
    return not environment.text("DATABASE_URL"), not environment.text("REDIS_URL")


@contextlib.contextmanager
def for_command() -> Iterator[None]:
    """Put servers into the environment for one command: given ones, running ones, else some started just for it."""
    database, broker = needed()
    if not database and not broker:
        yield
        return
    servers = Servers(environment.home(), with_database=database, with_broker=broker)
    found, mine = _join_or_start(servers)
    for name, value in found.items():
        os.environ.setdefault(name, value)
    try:
        with servers.in_use():
            yield
    finally:
        if mine:
            servers.wait_for_users()
            servers.stop()


def _join_or_start(servers: Servers, patience: float = 120) -> tuple[dict[str, str], bool]:
    """The environment of the home's servers, and whether we started them. Waits while another process is at it."""
    until = time.monotonic() + patience
    while True:
        found = servers.running()
        if found is not None:
            return found, False
        try:
            return servers.start(), True
        except HomeInUse as error:
            if time.monotonic() > until:
                sys.exit(f"{error} It does not get ready; look into {servers.home / 'log'}.")
            time.sleep(0.2)


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
