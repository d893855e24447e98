"""A bad network between a browser and the site: drops connections, is cut now and then, loses answers on purpose."""

import asyncio
import contextlib
import random
import re
import socket
import threading
from dataclasses import dataclass, field

PIECE = 16 * 1024
# Even the smallest answer has so many bytes.
ANSWER = 200


@dataclass
class Weather:
    """What the link does. drop: share of requests whose connection breaks after a random part of their traffic."""

    drop: float = 0.0
    down: bool = False
    lose_answers: int = 0
    cut_uploads_after: int | None = None
    lost: int = field(default=0, compare=False)


def _length(piece: bytes) -> int:
    """Bytes of a request and of the beginning of its answer, from the request's head: it breaks somewhere inside."""
    announced = re.search(rb"\r\ncontent-length: *(\d+)", piece, re.IGNORECASE)
    return len(piece.split(b"\r\n\r\n")[0]) + int(announced[1] if announced else 0) + ANSWER


class Link:
    """A TCP proxy on a port of its own, run by a thread: `with Link(port) as link: … link.address`.

    weather.down refuses; `cut()` breaks all connections at once; weather.lose_answers lets so many requests that change
    something arrive and breaks off when their answers start; weather.cut_uploads_after breaks a connection once, after
    so many bytes sent up.
    """

    def __init__(self, port: int, *, seed: int = 1):
        self.upstream, self.weather, self.chance = port, Weather(), random.Random(seed)
        self.connections = self.broken = 0
        self._open: set[asyncio.Task] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> "Link":
        self._thread.start()
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = found.getsockname()[1]
        self._server = self._call(asyncio.start_server(self._serve, "127.0.0.1", self.port))
        self.address = f"http://127.0.0.1:{self.port}"
        return self

    def __exit__(self, *_exc) -> None:
        self._server.close()
        self.cut()
        self._call(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def cut(self) -> None:
        """Break every connection there is."""
        self._call(self._cut())

    def cut_every(self, seconds: float, *, outage: float) -> None:
        """From now on, break everything every so many seconds and let nothing through for a while."""
        self._loop.call_soon_threadsafe(lambda: self._loop.create_task(self._cuts(seconds, outage)))

    def _call(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _cut(self) -> None:
        for task in list(self._open):
            task.cancel()

    async def _end(self) -> None:
        rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    async def _cuts(self, seconds: float, outage: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            self.weather.down = True
            await self._cut()
            await asyncio.sleep(outage)
            self.weather.down = False

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._open.add(task)
        self.connections += 1
        try:
            if not self.weather.down:
                await self._carry(reader, writer)
        except (OSError, asyncio.CancelledError):
            self.broken += 1
        finally:
            self._open.discard(task)
            # A reset, not a polite end: what was on its way is gone.
            with contextlib.suppress(Exception):
                writer.transport.abort()

    async def _carry(self, reader, writer) -> None:
        answers, requests = await asyncio.open_connection("127.0.0.1", self.upstream)
        state = {"left": None, "up": 0, "writes": False}
        pumps = [
            asyncio.ensure_future(self._pump(reader, requests, state, up=True)),
            asyncio.ensure_future(self._pump(answers, writer, state, up=False)),
        ]
        try:
            done, _rest = await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for one in done:
                one.result()
        finally:
            for one in pumps:
                one.cancel()
            requests.transport.abort()

    async def _pump(self, source, target, state: dict, *, up: bool) -> None:
        while piece := await source.read(PIECE):
            if up:
                state["up"] += len(piece)
                if piece.startswith((b"POST ", b"PUT ", b"GET ")):
                    state["writes"] = not piece.startswith(b"GET ")
                    # Browsers keep connections: the dice are thrown for each request, not for each connection.
                    doomed = self.chance.random() < self.weather.drop
                    state["left"] = self.chance.randrange(_length(piece)) if doomed else None
                if self.weather.cut_uploads_after is not None and state["up"] > self.weather.cut_uploads_after:
                    self.weather.cut_uploads_after = None
                    raise ConnectionResetError
            elif self.weather.lose_answers and state["writes"]:
                self.weather.lose_answers -= 1
                self.weather.lost += 1
                raise ConnectionResetError
            if state["left"] is not None:
                state["left"] -= len(piece)
                if state["left"] < 0:
                    raise ConnectionResetError
            target.write(piece)
            await target.drain()
