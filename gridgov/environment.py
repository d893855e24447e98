"""Typed readers of the process environment. A value that is not understood stops the start; nothing is guessed."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent


def text(name: str, default: str = "") -> str:
    """The value as it stands, without blanks around it; an empty value counts as absent."""
    return os.environ.get(name, "").strip() or default


def number(name: str, default: int, *, least: int = 0, most: int | None = None) -> int:
    """A whole number within bounds."""
    raw = text(name, str(default))
    try:
        value = int(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {raw!r}.") from None
    if value < least or (most is not None and value > most):
        raise ImproperlyConfigured(
            f"{name} must be at least {least}{f' and at most {most}' if most is not None else ''}."
        )
    return value


def flag(name: str, default: bool = False) -> bool:
    """1 or 0; words such as "maybe" are refused rather than read as true."""
    raw = text(name, "1" if default else "0").lower()
    if raw in {"1", "true", "yes", "on"}:
        return True
    if raw in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {raw!r}.")


def choice(name: str, allowed: Iterable[str], default: str) -> str:
    """One of the named values."""
    raw = text(name, default)
    if raw not in set(allowed):
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(allowed)}, not {raw!r}.")
    return raw


def words(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in text(name).split(",") if word.strip()] or list(default)


def secret(name: str) -> str:
    """The value of NAME, or the content of the file that NAME_FILE names; both at once is refused."""
    value, path = text(name), text(f"{name}_FILE")
    if value and path:
        raise ImproperlyConfigured(f"Set {name} or {name}_FILE, not both.")
    if not path:
        return value
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error.strerror}.") from None


def home() -> Path:
    """The folder all state of this instance lives in."""
    return Path(text("GRIDGOV_HOME", str(ROOT / "var"))).expanduser().absolute()


@dataclass(frozen=True)
class DatabaseAddress:
    """The parts of a postgres:// address."""

    host: str
    port: int
    name: str
    user: str
    password: str
    options: dict[str, str]


def database(url: str) -> DatabaseAddress:
    """Take `postgres://user:password@host:port/name?sslmode=…` apart. `?host=/folder` names a socket folder."""
    try:
        parts = urlsplit(url)
        port = parts.port or 5432
    except ValueError:
        raise ImproperlyConfigured(
            "DATABASE_URL is not an address of the form postgres://user:password@host:port/name."
        ) from None
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise ImproperlyConfigured(
            "DATABASE_URL must look like postgres://user:password@host:port/name; only PostgreSQL is supported."
        )
    options = dict(parse_qsl(parts.query))
    unknown = set(options) - {"host", "sslmode", "sslrootcert", "sslcert", "sslkey"}
    if unknown:
        raise ImproperlyConfigured(f"DATABASE_URL has options that are not known: {', '.join(sorted(unknown))}.")
    return DatabaseAddress(
        host=options.pop("host", None) or parts.hostname or "localhost",
        port=port,
        name=unquote(parts.path.strip("/")),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        options=options,
    )


def redis(url: str) -> str:
    """A redis:// or rediss:// address, checked."""
    if urlsplit(url).scheme not in {"redis", "rediss"}:
        raise ImproperlyConfigured("REDIS_URL must look like redis://:password@host:port/0.")
    return url


@dataclass(frozen=True)
class Tiles:
    """Where map tiles come from. `origins`: the servers they may be loaded from."""

    url: str
    labels: str
    subdomains: str
    coordinates: str
    attribution: str
    deepest: int
    origins: tuple[str, ...]


def tiles(url: str, *, labels: str, subdomains: str, coordinates: str, attribution: str, deepest: int) -> Tiles | None:
    """Tiles of the web-Mercator grid by an address with {z}, {x}, {y}, and {s} for the servers; None without one."""
    if not url:
        if labels:
            raise ImproperlyConfigured("MAP_TILES_LABELS is set, but MAP_TILES is not.")
        return None
    origins: dict[str, None] = {}
    for name, address in (("MAP_TILES", url), ("MAP_TILES_LABELS", labels)):
        if not address:
            continue
        if not all(part in address for part in ("{z}", "{x}", "{y}")):
            raise ImproperlyConfigured(f"{name} must be an address with {{z}}, {{x}} and {{y}} in it.")
        for subdomain in subdomains if "{s}" in address else ("",):
            parts = urlsplit(address.replace("{s}", subdomain))
            if parts.scheme not in {"http", "https"} or not parts.netloc or set(parts.netloc) & set("{};, '\""):
                raise ImproperlyConfigured(f"{name} must begin with http:// or https:// and a server.")
            origins[f"{parts.scheme}://{parts.netloc}"] = None
    return Tiles(url, labels, subdomains, coordinates, attribution, deepest, tuple(origins))
