"""A half-configured start is refused, in words that name the variable."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from gridgov import environment

COMPLETE = {
    "SECRET_KEY": "k" * 50,
    "DATABASE_URL": "postgres://a:b@127.0.0.1:5432/gridgov",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
}


def load(code="import gridgov.settings", **changes):
    """Load the settings in a process of their own with exactly this environment; returns exit code and last line."""
    wanted = {"PATH": os.environ["PATH"], **COMPLETE, **changes}
    env = {key: value for key, value in wanted.items() if value is not None}
    done = subprocess.run([sys.executable, "-c", code], env=env, cwd=environment.ROOT, capture_output=True, text=True)
    return done.returncode, (done.stdout + done.stderr).strip().splitlines()[-1:]


def test_the_complete_environment_is_enough():
    assert load()[0] == 0


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"SECRET_KEY": None}, "SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"SECRET_KEY_FILE": "/nowhere"}, "not both"),
        ({"DATABASE_URL": None}, "DATABASE_URL"),
        ({"DATABASE_URL": "mysql://a:b@c/d"}, "PostgreSQL"),
        ({"REDIS_URL": None}, "REDIS_URL"),
        ({"PUBLIC_URL": "gridgov.example"}, "PUBLIC_URL"),
        ({"GRIDGOV_HTTPS": "1"}, "ALLOWED_HOSTS"),
    ],
)
def test_what_is_missing_or_wrong_is_named(changes, named):
    status, last = load(**changes)
    assert status != 0
    assert named in last[0]


def test_https_start_marks_cookies_secure():
    code = "import gridgov.settings as s; print(s.SESSION_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.SESSION_COOKIE_NAME)"
    _, last = load(code, GRIDGOV_HTTPS="1", ALLOWED_HOSTS="gridgov.example")
    assert last == ["True True __Host-gridgov_session"]


TILES = "https://t{s}.tiles.example/vec_w?x={x}&y={y}&l={z}"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"MAP_TILES": "https://tiles.example/{z}/{x}"}, "MAP_TILES"),
        ({"MAP_TILES": "ftp://tiles.example/{z}/{x}/{y}"}, "MAP_TILES"),
        ({"MAP_TILES": "https://a.example; script-src */{z}/{x}/{y}"}, "MAP_TILES"),
        ({"MAP_TILES": TILES, "MAP_TILES_LABELS": "https://tiles.example/"}, "MAP_TILES_LABELS"),
        ({"MAP_TILES_LABELS": TILES}, "MAP_TILES"),
        ({"MAP_TILES": TILES, "MAP_TILES_COORDINATES": "mars"}, "MAP_TILES_COORDINATES"),
    ],
)
def test_tiles_that_cannot_be_loaded_stop_the_start(changes, named):
    status, last = load(**changes)
    assert status != 0 and named in last[0]


def test_images_may_come_from_the_tile_servers_and_nowhere_else():
    code = "import gridgov.settings as s; print(*s.CONTENT_SECURITY_POLICY['DIRECTIVES']['img-src'])"
    assert load(code)[1] == ["'self' data: blob:"]
    _, last = load(code, MAP_TILES=TILES, MAP_TILES_LABELS=TILES.replace("vec", "cva"), MAP_TILES_SUBDOMAINS="01")
    assert last == ["'self' data: blob: https://t0.tiles.example https://t1.tiles.example"]


@pytest.mark.parametrize("value", ["maybe", "2", "ja"])
def test_a_flag_is_one_or_zero(monkeypatch, value):
    monkeypatch.setenv("DEBUG", value)
    with pytest.raises(ImproperlyConfigured, match="DEBUG"):
        environment.flag("DEBUG")


@pytest.mark.parametrize("value", ["x", "0", "65536", "-1", "1.5"])
def test_a_number_keeps_its_bounds(monkeypatch, value):
    monkeypatch.setenv("PORT", value)
    with pytest.raises(ImproperlyConfigured, match="PORT"):
        environment.number("PORT", 8000, least=1, most=65535)


def test_a_choice_is_one_of_the_named(monkeypatch):
    monkeypatch.setenv("LOG_LEVEL", "LOUD")
    with pytest.raises(ImproperlyConfigured, match="LOG_LEVEL"):
        environment.choice("LOG_LEVEL", ("INFO", "ERROR"), "INFO")


def test_a_secret_may_lie_in_a_file(monkeypatch, tmp_path):
    path = tmp_path / "key"
    path.write_text("from the file\n")
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.setenv("SECRET_KEY_FILE", str(path))
    assert environment.secret("SECRET_KEY") == "from the file"


def test_a_database_address_is_taken_apart():
    address = environment.database("postgres://us%40er:p%2Fw@db.example:6543/city?sslmode=require")
    assert (address.host, address.port, address.name, address.user, address.password) == (
        "db.example",
        6543,
        "city",
        "us@er",
        "p/w",
    )
    assert address.options == {"sslmode": "require"}
    assert environment.database("postgres:///city?host=/run/postgresql").host == "/run/postgresql"
    with pytest.raises(ImproperlyConfigured, match="pool"):
        environment.database("postgres://a@b/c?pool=1")
