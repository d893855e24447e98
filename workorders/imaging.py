"""Photos from outside: judged by content, opened in a process of their own, stored only as freshly written JPEG.

Each web process keeps up to two decoding processes (`decoder.py`), started at the first photo. They hold no secret and
little right; memory and processor time are limited by the kernel. One that crashes or takes too long is replaced.
What comes back is a new JPEG that holds pixels and nothing else; time and place are read from the EXIF data before.
"""

import atexit
import hashlib
import importlib.util
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext as _

from core.clock import ZONE
from core.errors import Invalid, TooLarge, TooMany
from core.papers import typefaces
from workorders import decoder

logger = logging.getLogger(__name__)

MAX_BYTES = 8 * 1024 * 1024
MAX_PIXELS = decoder.MAX_PIXELS
LONG_SIDE = decoder.LONG_SIDE
THUMBNAIL_SIDE = decoder.THUMBNAIL_SIDE
MASK_COLUMNS, MASK_ROWS = decoder.MASK_COLUMNS, decoder.MASK_ROWS

HELPERS = 2
TIMEOUT_SECONDS = 10
QUEUE_SECONDS = 15
# What a helper may send back: a JPEG of 1600 × 1600 at its most detailed stays below.
MAX_ANSWER = 8 * 1024 * 1024

HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")


@dataclass(frozen=True)
class Photo:
    """A photo ready to be stored.

    width, height: of `jpeg`. taken_at, lon, lat: what the camera wrote, None when it did not; WGS-84. sha256: of the
    bytes that were sent. phash: 64 bits in hex, compared with `distance`.
    """

    jpeg: bytes
    thumbnail: bytes
    width: int
    height: int
    taken_at: datetime | None
    lon: float | None
    lat: float | None
    sha256: str
    phash: str


def read_photo(source: bytes | BinaryIO, *, limit: int = MAX_BYTES) -> Photo:
    """Read a JPEG, PNG, WebP or HEIC photo of at most `limit` bytes and the format's MAX_PIXELS.

    The name and the declared type are not asked. Of an animation the first picture is taken. Raises TooLarge (413),
    Invalid (`bad_image`, with `reason` empty, kind, broken, pixels or heavy), TooMany when every helper is busy.
    """
    data = source if isinstance(source, bytes) else source.read(limit + 1)
    if len(data) > limit:
        megabytes = limit // (1024 * 1024)
        message = _("The photo is larger than %(megabytes)s MB. Send it at a lower resolution.") % {
            "megabytes": megabytes
        }
        raise TooLarge(code="too_large", message=message, errors={"file": [message]}, limit=limit)
    if not data:
        raise refusal("empty")
    kind = kind_of(data)
    if kind is None:
        raise refusal("kind")
    facts, jpeg, thumbnail = _helpers.ask(kind, data)
    if "error" in facts:
        raise refusal(facts["error"], most=facts.get("most", 0))
    return Photo(
        jpeg=jpeg,
        thumbnail=thumbnail,
        width=facts["width"],
        height=facts["height"],
        taken_at=moment(facts.get("taken"), facts.get("offset")),
        lon=facts.get("lon"),
        lat=facts.get("lat"),
        sha256=hashlib.sha256(data).hexdigest(),
        phash=facts["phash"],
    )


def copy_of(jpeg: bytes, *, side: int = 0, cells: Iterable[int] = (), lines: Iterable[str] = ()) -> bytes:
    """A copy of a photo we stored, made where photos are read: smaller, with fields masked, with lines at the bottom.

    side: the longest it may be, 0 as it is. cells: fields of the raster of MASK_COLUMNS × MASK_ROWS, counted from the
    upper left. Raises Invalid, TooMany like `read_photo`.
    """
    order = {"side": side, "cells": sorted(cells), "lines": list(lines), "font": str(typefaces.path_of(typefaces.HEI))}
    told = json.dumps(order).encode()
    facts, copy, _nothing = _helpers.ask("COPY", decoder.ORDER.pack(len(told)) + told + jpeg)
    if "error" in facts:
        raise refusal(facts["error"])
    return copy


def kind_of(data: bytes) -> str | None:
    """The format by the first bytes: JPEG, PNG, WEBP, HEIF, or None for everything else."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp" and data[8:12] in HEIF_BRANDS:
        return "HEIF"
    return None


def refusal(reason: str, *, most: int = 0) -> Invalid:
    """Why a photo is not taken, and what to do, in the reader's language; `most`: pixels that may be."""
    messages = {
        "empty": _("The file is empty. Take the photo again and send it once more."),
        "kind": _("This file is not a photo we can read. Send a JPEG, PNG, WebP or HEIC photo."),
        "broken": _("The photo is damaged or incomplete. Send it again, or take a new one."),
        "pixels": _("The photo has more than %(most)d megapixels. Send it at a lower resolution.")
        % {"most": most // 1_000_000},
        "heavy": _("The photo is too complicated to read. Save it as an ordinary JPEG, or take a new one."),
    }
    reason = reason if reason in messages else "broken"
    message = messages[reason]
    return Invalid(code="bad_image", message=message, errors={"file": [message]}, reason=reason)


def moment(taken: str | None, offset: str | None) -> datetime | None:
    """An EXIF time as an aware moment: in its own offset, else as a clock in Shanghai; None when it is no time."""
    try:
        at = datetime.strptime(taken or "", "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - the zone follows
    except ValueError:
        return None
    if at.year < 1990:
        return None
    zone = ZONE
    if match := re.fullmatch(r"([+-])(\d\d):([0-5]\d)", (offset or "").strip()):
        minutes = int(match[2]) * 60 + int(match[3])
        if minutes <= 14 * 60:
            zone = timezone(timedelta(minutes=-minutes if match[1] == "-" else minutes))
    return at.replace(tzinfo=zone)


def distance(one: str, other: str) -> int:
    """In how many of 64 bits two perceptual hashes differ; up to about 6 it is the same picture."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def warm_up() -> None:
    """Start the first helper now, so that the first photo need not wait for it."""
    _helpers.warm_up()


def close() -> None:
    """End the helpers of this process; the next photo starts new ones."""
    _helpers.close()


class _Died(Exception):
    """The helper ended while it was asked; `returncode` says how."""


class _Helper:
    """One decoding process and the socket to it."""

    def __init__(self):
        packages = {str(Path(importlib.util.find_spec(name).origin).parents[1]) for name in ("PIL", "pillow_heif")}
        # Nothing of our environment but where shared libraries lie; few memory arenas, so that the limit means bytes.
        env = {"MALLOC_ARENA_MAX": "2"} | {k: v for k, v in os.environ.items() if k == "LD_LIBRARY_PATH"}
        self.socket, theirs = socket.socketpair()
        try:
            self.process = subprocess.Popen(  # noqa: S603 - our own file
                [sys.executable, "-I", "-B", decoder.__file__, *sorted(packages)],
                stdin=theirs,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env=env,
                start_new_session=True,
            )
        except BaseException:
            self.socket.close()
            raise
        finally:
            theirs.close()

    def ask(self, kind: str, data: bytes) -> tuple[dict, bytes, bytes]:
        """One request and its answer. Raises _Died, TimeoutError."""
        deadline = time.monotonic() + TIMEOUT_SECONDS
        try:
            self._patience(deadline)
            self.socket.sendall(decoder.REQUEST.pack(kind.ljust(4).encode(), len(data)) + data)
            lengths = decoder.ANSWER.unpack(self._receive(decoder.ANSWER.size, deadline))
            if sum(lengths) > MAX_ANSWER:
                raise _Died
            facts, jpeg, thumbnail = (self._receive(length, deadline) for length in lengths)
            return json.loads(facts), jpeg, thumbnail
        except TimeoutError:
            raise
        except (OSError, ValueError) as problem:
            raise _Died from problem

    def _patience(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.socket.settimeout(left)

    def _receive(self, length: int, deadline: float) -> bytes:
        parts = bytearray()
        while len(parts) < length:
            self._patience(deadline)
            part = self.socket.recv(min(length - len(parts), 1 << 20))
            if not part:
                raise _Died
            parts += part
        return bytes(parts)

    def end(self) -> int:
        """Kill it, if it is not dead, and say how it ended."""
        self.socket.close()
        # A helper that ended by itself keeps its own return code; give a dying one the moment it needs.
        try:
            return self.process.wait(timeout=0.2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


class _Helpers:
    """The helpers of this process: started when needed, used by one thread at a time, never shared across a fork."""

    def __init__(self):
        self._begin()
        os.register_at_fork(after_in_child=self._forget)

    def _begin(self):
        self.lock = threading.Lock()
        self.turns = threading.BoundedSemaphore(HELPERS)
        self.idle: list[_Helper] = []
        self.all: set[_Helper] = set()

    def _forget(self):
        """In a forked child: the parent's helpers are the parent's. Only our copies of the sockets are closed."""
        inherited = self.all
        self._begin()
        for helper in inherited:
            helper.socket.close()
            helper.process.returncode = 0  # not our child: nothing to wait for

    def ask(self, kind: str, data: bytes) -> tuple[dict, bytes, bytes]:
        """Ask an idle helper. One that dies is replaced and asked again once, in case it was ended from outside."""
        if not self.turns.acquire(timeout=QUEUE_SECONDS):
            raise _busy()
        try:
            for _attempt in range(2):
                helper = self._take()
                try:
                    answer = helper.ask(kind, data)
                except TimeoutError:
                    self._drop(helper)
                    break
                except _Died:
                    if self._drop(helper) == -signal.SIGXCPU:
                        break
                except BaseException:
                    self._drop(helper)
                    raise
                else:
                    with self.lock:
                        self.idle.append(helper)
                    return answer
            logger.warning("a photo of %s bytes, read as %s, was too much for the decoder", len(data), kind)
            return {"error": "heavy"}, b"", b""
        finally:
            self.turns.release()

    def _take(self) -> _Helper:
        while True:
            with self.lock:
                helper = self.idle.pop() if self.idle else None
            if helper is None:
                return self._start()
            if helper.process.poll() is None:
                return helper
            self._drop(helper)

    def _start(self) -> _Helper:
        try:
            helper = _Helper()
        except OSError:
            logger.exception("the photo decoder could not be started")
            raise _busy() from None
        with self.lock:
            self.all.add(helper)
        return helper

    def _drop(self, helper: _Helper) -> int:
        with self.lock:
            self.all.discard(helper)
        return helper.end()

    def warm_up(self) -> None:
        helper = self._take()
        with self.lock:
            self.idle.append(helper)

    def close(self) -> None:
        with self.lock:
            idle, self.idle = self.idle, []
        for helper in idle:
            self._drop(helper)


def _busy() -> TooMany:
    message = _("Many photos are being read at the moment. Keep the photo and send it again in a minute.")
    return TooMany(code="photos_busy", message=message, errors={"file": [message]})


_helpers = _Helpers()
atexit.register(close)
