"""A backup restored into an empty instance is the same instance."""

import os
import subprocess
import sys
import tarfile
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from core import archive, vault
from personnel.models import User

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = "13900000001"


@pytest.fixture
def uploads(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "here" / "uploads"
    (settings.MEDIA_ROOT / "2026" / "03").mkdir(parents=True)
    (settings.MEDIA_ROOT / "2026" / "03" / "照片.jpg").write_bytes(b"a photo" * 1000)
    return settings.MEDIA_ROOT


@pytest.fixture
def saved(town, uploads, tmp_path):
    """An archive of the town with one photo and one telephone number."""
    User.objects.filter(pk=town.officer.pk).update(phone=PHONE)
    call_command("backup", tmp_path / "town.tar")
    return tmp_path / "town.tar"


class Elsewhere:
    """Another instance on the same server: its own database, home and secret key."""

    def __init__(self, home: Path, name: str):
        self.home, self.name = home, name
        here = connection.settings_dict
        self.address = {key: here[key.upper()] for key in ("host", "port", "user", "password")}
        self.url = "postgresql://{user}:{password}@{host}:{port}/".format(**self.address) + name

    def __enter__(self):
        self._on_server(f'DROP DATABASE IF EXISTS "{self.name}"', f'CREATE DATABASE "{self.name}"')
        return self

    def __exit__(self, *error):
        self._on_server(f'DROP DATABASE "{self.name}"')

    def _on_server(self, *statements):
        server = psycopg2.connect(dbname="postgres", **self.address)
        server.autocommit = True
        for statement in statements:
            server.cursor().execute(statement)
        server.close()

    def manage(self, *args, code=""):
        """Run a management command, or some lines of code, over there."""
        environment = {
            **os.environ,
            "DATABASE_URL": self.url,
            "GRIDGOV_HOME": str(self.home),
            "SECRET_KEY": "elsewhere " * 8,
        }
        environment.pop("MEDIA_ROOT", None)
        start = f"import django; django.setup(); {code}" if code else ""
        program = [sys.executable, "-c", start] if code else [sys.executable, "-m", "django", *map(str, args)]
        return subprocess.run(program, env=environment, capture_output=True, text=True, cwd=settings.BASE_DIR)

    def ask(self, query):
        there = psycopg2.connect(dbname=self.name, **self.address)
        with there, there.cursor() as cursor:
            cursor.execute(query)
            rows = cursor.fetchall()
        there.close()
        return rows


@pytest.fixture
def elsewhere(tmp_path):
    (tmp_path / "there").mkdir()
    with Elsewhere(tmp_path / "there", "gridgov_elsewhere") as other:
        yield other


def test_restored_instance_has_everything_and_can_be_saved_again(saved, elsewhere, tmp_path, uploads, town):
    rows = archive.rows_now()
    assert elsewhere.manage("migrate", "-v0").returncode == 0
    done = elsewhere.manage("restore", saved)
    assert done.returncode == 0, done.stderr
    for table in ("personnel_user", "personnel_post", "grids_area", "grids_boundary", "personnel_unit"):
        assert elsewhere.ask(f"SELECT count(*) FROM {table}") == [(rows[table],)]
    assert (tmp_path / "there" / "uploads" / "2026" / "03" / "照片.jpg").read_bytes() == b"a photo" * 1000

    # the other instance reads the personal data, by the key that came along
    code = "from personnel.models import User; print(User.objects.get(username='officer').phone)"
    assert elsewhere.manage(code=code).stdout.strip() == PHONE
    assert (tmp_path / "there" / "vault_key").stat().st_mode & 0o077 == 0

    # append-only tables still are, and a second generation can be made and restored
    refused = elsewhere.manage(
        code="from django.db import connection; connection.cursor().execute('TRUNCATE core_reveallog')"
    )
    assert "append-only" in refused.stderr
    again = elsewhere.manage("backup", tmp_path / "again.tar")
    assert again.returncode == 0, again.stderr
    (tmp_path / "third").mkdir()
    with Elsewhere(tmp_path / "third", "gridgov_third") as third:
        done = third.manage("restore", tmp_path / "again.tar")
        assert done.returncode == 0, done.stderr
        assert third.ask("SELECT count(*) FROM personnel_post") == [(rows["personnel_post"],)]


def test_instance_with_people_is_left_alone(saved):
    with pytest.raises(CommandError, match="has people"):
        call_command("restore", saved)


def test_damaged_archive_changes_nothing(saved, elsewhere, tmp_path):
    content = bytearray(saved.read_bytes())
    with tarfile.open(saved) as tar:
        dump = tar.getmember(archive.DUMP)
    content[dump.offset_data + dump.size // 2] ^= 1
    (tmp_path / "bad.tar").write_bytes(content)
    done = elsewhere.manage("restore", tmp_path / "bad.tar")
    assert done.returncode == 1 and "database.dump is damaged" in done.stderr
    assert elsewhere.ask("SELECT count(*) FROM pg_class WHERE relname = 'personnel_user'") == [(0,)]
    assert not (tmp_path / "there" / "uploads").exists()
    (tmp_path / "cut.tar").write_bytes(content[: len(content) // 2])
    assert "Traceback" not in elsewhere.manage("restore", tmp_path / "cut.tar").stderr


def test_archive_without_key_needs_the_key_given(town, uploads, elsewhere, tmp_path):
    call_command("backup", tmp_path / "bare.tar", without_key=True)
    assert vault.root_key().encode() not in (tmp_path / "bare.tar").read_bytes()
    done = elsewhere.manage("restore", tmp_path / "bare.tar")
    assert done.returncode == 1 and "Set VAULT_KEY" in done.stderr


def test_archive_is_for_its_owner_only_and_never_overwritten(saved):
    assert saved.stat().st_mode & 0o077 == 0
    with pytest.raises(CommandError, match="exists already"):
        call_command("backup", saved)
