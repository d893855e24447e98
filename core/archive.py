"""One archive of an instance: the database as it was at one moment, the uploads, and a list of what must be in it.

    manifest.json   format, moment, rows per table, SHA-256 and size of every member, fingerprint of the key
    database.dump   pg_dump -Fc, taken from the same snapshot the rows were counted in
    uploads/…       MEDIA_ROOT
    vault_key       what personal data is encrypted with, unless it was left out

Uploads are read after the snapshot: a file is stored before its row, so every row finds its file.
"""

import datetime as dt
import hashlib
import json
import os
import re
import shutil
import subprocess  # noqa: S404 - PostgreSQL's own tools
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string

from core import vault

FORMAT = 1
MANIFEST, DUMP, KEY, UPLOADS = "manifest.json", "database.dump", "vault_key", "uploads"
# Rows of the moment, not of the instance: the restored one has its own.
NOT_COUNTED = frozenset({"core_pulse", "django_session"})
_BLOCK = 1 << 20


class ArchiveError(Exception):
    """The archive cannot be made or must not be restored; the message says why."""


def make(destination: Path, *, at: dt.datetime, with_key: bool = True) -> dict[str, Any]:
    """Write the archive; it appears under its name only when it is whole. Returns the manifest."""
    destination.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=destination.parent, prefix=".backup-") as folder:
        dump, draft = Path(folder) / DUMP, Path(folder) / "archive.tar"
        counts = _dump(dump)
        members: dict[str, dict[str, Any]] = {}
        with open(os.open(draft, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as out:
            with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
                _put(tar, members, DUMP, dump)
                for name, path in _uploads():
                    _put(tar, members, name, path)
                if with_key:
                    key = Path(folder) / KEY
                    key.write_text(vault.root_key())
                    _put(tar, members, KEY, key)
                manifest = {
                    "format": FORMAT,
                    "made_at": at.isoformat(),
                    "rows": counts,
                    "members": members,
                    "key": fingerprint(vault.root_key()),
                }
                listing = Path(folder) / MANIFEST
                listing.write_text(json.dumps(manifest, indent=1, ensure_ascii=False, sort_keys=True))
                tar.add(listing, arcname=MANIFEST)
            out.flush()
            os.fsync(out.fileno())
        os.replace(draft, destination)
    return manifest


@contextmanager
def opened(source: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Unpack an archive beside the uploads, check every member against the manifest, yield `(folder, manifest)`."""
    home = Path(settings.MEDIA_ROOT).parent
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home, prefix=".restore-") as name:
        folder = Path(name)
        try:
            with tarfile.open(source) as tar:
                tar.extractall(folder, filter="data")
            manifest = json.loads((folder / MANIFEST).read_text())
        except (tarfile.TarError, OSError, ValueError, EOFError) as error:
            raise ArchiveError(f"This is not a whole archive: {error}") from error
        _check(folder, manifest)
        yield folder, manifest


def load_database(dump: Path, rows: Mapping[str, int]) -> None:
    """Put the dumped database in the place of the present one, in one transaction; `rows` must be in it at the end."""
    connection.close()
    restore = [_program("pg_restore"), "--no-owner", "--no-privileges", "--file=-", str(dump)]
    psql = [_program("psql"), *_address(), "-X", "-q", "-v", "ON_ERROR_STOP=1", "--single-transaction"]
    # As a new database has it; another owner would make the next dump try to create the schema itself.
    psql += ["-c", "DROP SCHEMA public CASCADE", "-c", "CREATE SCHEMA public AUTHORIZATION pg_database_owner"]
    psql += ["-f", "-", "-c", _count_check(rows)]
    # Anybody who still works on the old tables is waited for, but not for ever.
    environment = {**_environment(), "PGOPTIONS": "-c lock_timeout=30s -c client_min_messages=warning"}
    with tempfile.TemporaryFile() as complaints:
        reader = subprocess.Popen(restore, stdout=subprocess.PIPE, stderr=complaints)  # noqa: S603
        writer = subprocess.run(  # noqa: S603
            psql, stdin=reader.stdout, stdout=subprocess.DEVNULL, stderr=complaints, env=environment, check=False
        )
        reader.stdout.close()
        if reader.wait() or writer.returncode:
            complaints.seek(0)
            raise ArchiveError(f"The database could not be restored: {complaints.read().decode(errors='replace')}")


def _count_check(rows: Mapping[str, int]) -> str:
    """A statement that fails, and takes everything with it, when a table has not as many rows as it should."""
    if strange := [table for table in rows if not re.fullmatch(r"[a-z0-9_]+", table)]:
        raise ArchiveError(f"No table of ours has the name {strange[0]}.")
    checks = "".join(
        f"IF (SELECT count(*) FROM public.{table}) <> {int(number)} THEN"  # noqa: S608 - names were looked at above
        f" RAISE EXCEPTION 'table {table} has not the % rows it had', {int(number)}; END IF; "
        for table, number in rows.items()
    )
    return f"DO $$ BEGIN {checks} END $$"


def load_uploads(folder: Path) -> None:
    """Put the unpacked uploads in their place."""
    target = Path(settings.MEDIA_ROOT)
    for path in _files(folder / UPLOADS):
        place = target / path.relative_to(folder / UPLOADS)
        place.parent.mkdir(parents=True, exist_ok=True)
        os.replace(path, place)


def rows_now() -> dict[str, int]:
    """How many rows every table has, in the transaction of the caller."""
    with connection.cursor() as cursor:
        tables = sorted(set(connection.introspection.table_names(cursor)) - NOT_COUNTED)
        counts = {}
        for table in tables:
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608 - names from the catalogue
            counts[table] = cursor.fetchone()[0]
    return counts


def fingerprint(key: str) -> str:
    """What tells two keys apart without giving either away."""
    return hashlib.sha256(f"gridgov vault key: {key}".encode()).hexdigest()


def _dump(target: Path) -> dict[str, int]:
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        counts = rows_now()
        command = [_program("pg_dump"), *_address(), "-Fc", "--no-owner", "--no-privileges"]
        environment = {**_environment(), "PGOPTIONS": "-c statement_timeout=0"}
        done = subprocess.run(  # noqa: S603
            [*command, f"--snapshot={snapshot}", f"--file={target}"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise ArchiveError(f"The database could not be saved: {done.stderr}")
    return counts


def _check(folder: Path, manifest: dict[str, Any]) -> None:
    if manifest.get("format") != FORMAT:
        raise ArchiveError(f"This archive has the format {manifest.get('format')}, not {FORMAT}.")
    found = {path.relative_to(folder).as_posix() for path in _files(folder)} - {MANIFEST}
    wanted = manifest["members"]
    if found != set(wanted):
        differing = ", ".join(sorted(found ^ set(wanted))[:5])
        raise ArchiveError(f"The archive does not hold what its list says: {differing}")
    for name, facts in wanted.items():
        with (folder / name).open("rb") as file:
            if _digest(file) != facts["sha256"]:
                raise ArchiveError(f"{name} is damaged: its checksum is another one.")


def _put(tar: tarfile.TarFile, members: dict[str, dict[str, Any]], name: str, path: Path) -> None:
    with path.open("rb") as file:
        info = tar.gettarinfo(arcname=name, fileobj=file)
        info.uid = info.gid = 0
        info.uname = info.gname = ""
        members[name] = {"sha256": _digest(file), "size": info.size}
        file.seek(0)
        tar.addfile(info, file)


def _uploads() -> Iterator[tuple[str, Path]]:
    root = Path(settings.MEDIA_ROOT)
    for path in _files(root):
        yield f"{UPLOADS}/{path.relative_to(root).as_posix()}", path


def _files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())


def _digest(file: IO[bytes]) -> str:
    return hashlib.file_digest(file, "sha256").hexdigest()


def _address() -> list[str]:
    database = connection.settings_dict
    values = {"host": database["HOST"], "port": database["PORT"], "username": database["USER"]}
    return [f"--{name}={value}" for name, value in values.items() if value] + [f"--dbname={database['NAME']}"]


def _environment() -> dict[str, str]:
    environment = {**os.environ, "PGPASSWORD": connection.settings_dict["PASSWORD"] or ""}
    if mode := connection.settings_dict["OPTIONS"].get("sslmode"):
        environment["PGSSLMODE"] = mode
    return environment


def _program(name: str) -> str:
    folder = import_string(settings.POSTGRES_PROGRAMS)() if getattr(settings, "POSTGRES_PROGRAMS", "") else None
    if folder and (Path(folder) / name).exists():
        return str(Path(folder) / name)
    if found := shutil.which(name):
        return found
    raise ArchiveError(f"{name} was found neither in the environment nor on PATH.")
