"""The embedded PostgreSQL cluster: made once, checked, started. `embedded.Servers` is the only caller."""

import contextlib
import locale
import os
import pwd
import re
import shutil
import signal
import subprocess
from pathlib import Path

import psutil
import psycopg2

from gridgov import binaries, processes

APP_ROLE = "gridgov"
OWNER_ROLE = "postgres"
# Small enough for a street office's spare machine: the whole idle stack stays under 900 MB.
_MEMORY = (
    "shared_buffers=96MB",
    # A month's assessment writes tens of megabytes at a stroke; with less room its districts wait for each other.
    "wal_buffers=16MB",
    "work_mem=8MB",
    "maintenance_work_mem=64MB",
    "effective_cache_size=1GB",
    "max_connections=60",
)
_DURABLE = (
    "fsync=on",
    "full_page_writes=on",
    "synchronous_commit=on",
    "checkpoint_timeout=15min",
    "max_wal_size=1GB",
    "min_wal_size=80MB",
)
_THROWAWAY = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
_COMMON = (
    "listen_addresses=127.0.0.1",
    # No socket file: its path may not be longer than about 100 characters, and a home may lie deep.
    "unix_socket_directories=",
    "password_encryption=scram-sha-256",
    "shared_preload_libraries=pg_stat_statements",
    # Short statements: compiling them costs more than it saves. No parallel workers: they need /dev/shm, which
    # containers keep small.
    "jit=off",
    "max_parallel_workers_per_gather=0",
    "max_parallel_maintenance_workers=0",
    "random_page_cost=1.1",
    "huge_pages=off",
    "wal_compression=on",
    # What people reported stays out of the log, also when a statement fails.
    "log_min_error_statement=panic",
    "log_parameter_max_length=0",
    "log_parameter_max_length_on_error=0",
    "log_timezone=UTC",
    "timezone=UTC",
)


class WrongMajor(RuntimeError):
    """The data folder belongs to another major version of PostgreSQL."""


def server_user() -> str | None:
    """PostgreSQL refuses to run as root; started by root it runs as nobody. None: as ourselves."""
    return "nobody" if os.geteuid() == 0 else None


def _folder_argument(data: Path, user: str | None) -> str:
    """How the programs are told their data folder.

    Another user may not be allowed to walk down to it (a home under a closed folder): they start inside it and call it
    by the link to the working directory, which the kernel follows without asking the folders above.
    """
    inside = Path("/proc/self/cwd")
    return str(inside) if user and inside.exists() else str(data)


def _ctype() -> str:
    """A UTF-8 character type the system knows. Trigrams of Chinese text need one; sorting stays by bytes everywhere."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in ("C.UTF-8", "C.utf8", "en_US.UTF-8"):
            with contextlib.suppress(locale.Error):
                return locale.setlocale(locale.LC_CTYPE, name)
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    return "C"


def _create(data: Path, programs: Path, *, user: str | None, password: str, throwaway: bool, log: Path) -> None:
    """Make the cluster beside its place and move it there when whole: a killed first start leaves nothing half-made."""
    draft = data.with_name(f"{data.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    who = pwd.getpwnam(user) if user else None
    reader, writer = os.pipe()
    try:
        os.write(writer, password.encode() + b"\n")
        os.close(writer)
        if who:
            os.chown(draft, who.pw_uid, who.pw_gid)
            # The pipe carries the password past any folder the other user cannot enter; it must own the end it opens.
            os.fchown(reader, who.pw_uid, who.pw_gid)
        command = [
            str(programs / "initdb"),
            f"--pgdata={_folder_argument(draft, user)}",
            f"--username={OWNER_ROLE}",
            f"--pwfile=/dev/fd/{reader}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            f"--lc-ctype={_ctype()}",
            "--data-checksums",
            "--no-instructions",
            *(["--no-sync"] if throwaway else []),
        ]
        with log.open("ab") as output:
            done = subprocess.run(  # noqa: S603 - the command is ours
                command,
                cwd=draft,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=(reader,),
                env=_plain_environment(),
                **({"user": user, "group": who.pw_gid, "extra_groups": []} if who else {}),
            )
    finally:
        os.close(reader)
    if done.returncode:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-10:])
        raise RuntimeError(f"initdb failed.\n{tail}")
    draft.rename(data)


def _plain_environment() -> dict[str, str]:
    """The environment without PG… variables of the caller, which would change how the programs behave."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}


def _major(programs: Path) -> int:
    command = [str(programs / "postgres"), "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd="/")  # noqa: S603 - our own binary
    return int(re.search(r"\) (\d+)", said.stdout)[1])


def check_major(data: Path, programs: Path) -> int:
    """The major version of the programs; refuses a folder that another one made."""
    have, made = _major(programs), (data / "PG_VERSION").read_text().strip()
    if made != str(have):
        raise WrongMajor(
            f"The database in {data} was made by PostgreSQL {made}, the programs here are PostgreSQL {have}; "
            "one cannot read the other's files. With the release that made it run `script/manage backup FILE`, "
            "then here `script/manage restore FILE` with an empty GRIDGOV_HOME."
        )
    return have


def _clear_stale_pid(data: Path) -> None:
    """Remove the pid file of a killed server: a stranger may have its number by now, and PostgreSQL would not start.

    We hold the home's lock, so nobody else may run on the folder: what still does is ended, then the file goes.
    """
    if not (data / "postmaster.pid").exists():
        return
    for process in psutil.process_iter(["name"]):
        with contextlib.suppress(psutil.Error, OSError):
            if "postgres" in (process.info["name"] or "") and Path(process.cwd()) == data.resolve():
                processes.end(process, signal.SIGINT)
    (data / "postmaster.pid").unlink(missing_ok=True)


def start(servers, *, wait: bool = True) -> None:
    """Start the cluster of these servers' home; creates it, its role and its database on first use."""
    user = server_user()
    programs = binaries.database(user)
    data, log = servers.home / "postgres", servers.home / "log" / "postgres.log"
    known = servers.secrets()
    if not (data / "PG_VERSION").exists():
        _create(data, programs, user=user, password=known["owner"], throwaway=servers.throwaway, log=log)
    major = check_major(data, programs)
    _clear_stale_pid(data)
    port = servers.port("database")
    options = [*_MEMORY, *(_THROWAWAY if servers.throwaway else _DURABLE), *_COMMON]
    if major >= 18:
        # No separate reader processes: three fewer, and this database fits in memory.
        options.append("io_method=sync")
    command = [programs / "postgres", "-D", _folder_argument(data, user), "-p", str(port)]
    for option in options:
        command += ["-c", option]
    with log.open("ab") as output:
        child = processes.spawn(
            command, user=user, end=signal.SIGINT, env=_plain_environment(), cwd=data, output=output
        )
    servers.note("database", child)
    if not wait:
        return

    def answers() -> bool:
        with contextlib.suppress(psycopg2.OperationalError):
            _prepare(port, known)
            return True
        return False

    # Long enough for the recovery of a big database after a power cut.
    processes.wait_until(answers, child, "The embedded PostgreSQL", log, seconds=300)


def _connect(port: int, password: str, name: str):
    connection = psycopg2.connect(
        host="127.0.0.1",
        port=port,
        user=OWNER_ROLE,
        password=password,
        dbname=name,
        connect_timeout=2,
        application_name="gridgov-start",
    )
    connection.autocommit = True
    return connection


def _prepare(port: int, known: dict[str, str]) -> None:
    """Give the product a role that is not a superuser, and a database it owns. Safe to repeat."""
    with contextlib.closing(_connect(port, known["owner"], "postgres")) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP_ROLE])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE ROLE {APP_ROLE} LOGIN CREATEDB PASSWORD %s", [known["app"]])
            cursor.execute(f"GRANT pg_read_all_stats TO {APP_ROLE}")
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [APP_ROLE])
        fresh = cursor.fetchone() is None
        if fresh:
            cursor.execute(f"CREATE DATABASE {APP_ROLE} OWNER {APP_ROLE}")
    if fresh:
        with contextlib.closing(_connect(port, known["owner"], APP_ROLE)) as connection, connection.cursor() as cursor:
            # Only a superuser may add this one; the others the migrations ask for are open to a database's owner.
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
