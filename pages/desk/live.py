"""News for open desks over one kept connection each: server-sent events, fed by the database's LISTEN.

One thread of each web process listens and hands every piece of news to the streams whose reader it reaches. A stream
holds a thread of its own (see `gridgov.webserver`) and no connection to the database. It ends by itself after a few
minutes, so that posts and log-ins are looked at again; the browser comes back and says what it heard last.
"""

import contextlib
import json
import logging
import os
import queue
import random
import select
import threading
import time
from collections.abc import Iterator

import psycopg2
from django.db import connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from pages import base, orders
from pages.base import page
from pages.orders import DESK
from personnel.jurisdiction import Standing
from workorders.deskwork import live

logger = logging.getLogger(__name__)

LASTS, BEAT, RETRY_MS = 240.0, 15.0, 2000
# Open streams of one process; more than that are asked to come back later.
MOST = 400
# So many of them may begin at the same time.
STARTING = 6
ENDS = None


class Hub:
    """The listening thread of this process and the streams it feeds."""

    def __init__(self) -> None:
        self._reset()

    def _reset(self) -> None:
        self.lock = threading.Lock()
        self.streams: dict[queue.SimpleQueue, Standing] = {}
        self.thread: threading.Thread | None = None
        self.pid = os.getpid()
        self.closing = False

    def join(self, standing: Standing) -> queue.SimpleQueue | None:
        """A queue of news for this reader; None when there are too many already."""
        if self.pid != os.getpid():
            self._reset()
        with self.lock:
            if len(self.streams) >= MOST or self.closing:
                return None
            news: queue.SimpleQueue = queue.SimpleQueue()
            self.streams[news] = standing
            if self.thread is None or not self.thread.is_alive():
                self.thread = threading.Thread(target=self._listen, name="desk-news", daemon=True)
                self.thread.start()
        return news

    def leave(self, news: queue.SimpleQueue) -> None:
        """The stream is over."""
        with self.lock:
            self.streams.pop(news, None)

    def end_all(self) -> None:
        """End every stream: the process stops, or the listener may have missed something."""
        with self.lock:
            for news in self.streams:
                news.put(ENDS)

    def close(self) -> None:
        """No more streams in this process."""
        self.closing = True
        self.end_all()

    def tell(self, text: str) -> None:
        """Hand one piece of news to whom it reaches."""
        try:
            piece = live.News.read(text)
        except (ValueError, TypeError):
            logger.warning("news nobody can read: %.80s", text)
            return
        block = written(piece)
        with self.lock:
            for news, standing in self.streams.items():
                if piece.reaches(standing):
                    news.put(block)

    def _listen(self) -> None:
        """Listen as long as there are streams; after a broken connection they all start anew and catch up."""
        while self._wanted():
            try:
                with contextlib.closing(psycopg2.connect(**connection.get_connection_params())) as line:
                    line.autocommit = True
                    with line.cursor() as cursor:
                        cursor.execute(f"LISTEN {live.CHANNEL}")
                    while self._wanted():
                        if select.select([line], [], [], 1.0)[0]:
                            line.poll()
                            while line.notifies:
                                self.tell(line.notifies.pop(0).payload)
            except (psycopg2.Error, OSError, ValueError) as error:
                logger.warning("the news of the desk were interrupted: %s", error)
                self.end_all()
                time.sleep(1)

    def _wanted(self) -> bool:
        with self.lock:
            if self.streams and not self.closing:
                return True
            self.thread = None
            return False


hub = Hub()


class Gate:
    """Lets a few streams begin at a time: until its first word is sent, each holds a connection to the database.

    After a restart all desks come back at once; without it they would take the connections everybody else needs.
    """

    def __init__(self, width: int) -> None:
        self._free, self._mine = threading.BoundedSemaphore(width), threading.local()

    def enter(self) -> None:
        """Wait for one's turn."""
        self._free.acquire()
        self._mine.inside = True

    def leave(self) -> None:
        """Let the next one in; once is enough."""
        if getattr(self._mine, "inside", False):
            self._mine.inside = False
            self._free.release()


gate = Gate(STARTING)


def written(piece: live.News) -> bytes:
    """One event as a stream carries it; only what the page needs, no names of what it is about."""
    data = {
        "number": piece.number,
        "kind": piece.kind,
        "status": piece.status,
        "version": piece.version,
        "actor": piece.actor,
        "words": _("%(name)s is working on it") % {"name": piece.words} if piece.words else "",
    }
    line = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    mark = f"id: {piece.event}\n" if piece.event else ""
    return f"{mark}event: news\ndata: {line}\n\n".encode()


@page
@require_GET
def stream(request: HttpRequest) -> HttpResponse:
    """The news within the reader's reach, from now on or from what the browser heard last."""
    orders.enter(request, DESK)
    standing = base.standing(request)
    news = hub.join(standing)
    if news is None:
        response = HttpResponse(status=503)
        response["Retry-After"] = "30"
        return response
    try:
        first = _missed(request, standing)
    except BaseException:
        hub.leave(news)
        raise
    response = StreamingHttpResponse(_stream(news, first), content_type="text/event-stream")
    response["Cache-Control"] = "no-cache, no-transform"
    response["X-Accel-Buffering"] = "no"
    return response


def _missed(request: HttpRequest, standing: Standing) -> list[bytes]:
    """What the reader missed since the event the browser saw last; news that come twice change nothing there."""
    said = request.headers.get("Last-Event-ID") or request.GET.get("after", "")
    if not (said.isascii() and said.isdecimal() and len(said) < 19):
        return []
    found = live.since(int(said), standing)
    return [b"event: reload\ndata: {}\n\n"] if found is None else [written(one) for one in found]


def _stream(news: queue.SimpleQueue, first: list[bytes]) -> Iterator[bytes]:
    """Blocks of events until the time is over."""
    # Waiting needs no connection; with many open desks theirs would be all there are.
    if not connection.in_atomic_block:
        connection.close()
    gate.leave()
    until = time.monotonic() + LASTS * random.uniform(0.8, 1.2)  # noqa: S311 - so that not all come back at once
    try:
        yield f"retry: {RETRY_MS}\n\n".encode() + b"".join(first)
        while (left := until - time.monotonic()) > 0:
            try:
                block = news.get(timeout=min(BEAT, left))
            except queue.Empty:
                yield b": \n\n"
                continue
            if block is ENDS:
                return
            yield block
    finally:
        hub.leave(news)
