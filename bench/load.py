"""A small load client: keep-alive sockets in threads, answers read to the end, bounded in count and time."""

import json
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """What a load run showed. latencies: seconds, sorted."""

    seconds: float
    latencies: list[float]
    failures: list[str]

    @property
    def rate(self) -> float:
        """Answered requests a second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        """Seconds below which this share of the answers came."""
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * share))]


class Line:
    """One connection to one server."""

    def __init__(self, port: int):
        self.port, self.socket = port, None
        self.left = b""

    def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send one request and read its whole answer; a connection the server closed is opened again once."""
        for attempt in (1, 2):
            try:
                if self.socket is None:
                    self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=30)
                    self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    self.left = b""
                self.socket.sendall(request)
                return self._answer()
            except ConnectionError:
                self.socket = None
                if attempt == 2:
                    raise
        raise AssertionError

    def _answer(self) -> tuple[int, bytes]:
        data = self.left
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._more()
        head, body = data[:end].lower(), data[end + 4 :]
        at = head.find(b"content-length:")
        if at >= 0:
            length = int(head[at + 15 :].split(b"\r\n", 1)[0])
            while len(body) < length:
                body += self._more()
            body, self.left = body[:length], body[length:]
        else:  # chunked, as gunicorn sends what has no length; the last chunk is empty
            while not body.endswith(b"0\r\n\r\n"):
                body += self._more()
            self.left = b""
        if b"connection: close" in head:
            self.socket.close()
            self.socket = None
        return int(head[9:12]), body

    def _more(self) -> bytes:
        piece = self.socket.recv(65536)
        if not piece:
            raise ConnectionResetError
        return piece


def request(method: str, path: str, *, token: str = "", body: dict | None = None, **headers: str) -> bytes:
    """The bytes of one request."""
    data = json.dumps(body).encode() if body is not None else b""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Accept: application/json"]
    if token:
        lines.append(f"Authorization: Token {token}")
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(data)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


def run(
    port: int,
    requests: Iterator[bytes],
    *,
    clients: int = 8,
    seconds: float = 5.0,
    pause: float = 0.0,
    ok: Callable[[int], bool] = lambda status: status < 300,
) -> Outcome:
    """Send requests from a shared supply until it is empty or the time is over.

    pause: seconds a client looks at an answer before it asks again, on average: people do not look equally long, and
    clients that did would run in step for ever after the first that had to wait.
    """
    lock, latencies, failures = threading.Lock(), [], []
    stop_at = time.monotonic() + seconds

    def client(place: int):
        line, mine, bad, dice = Line(port), [], [], random.Random(place)
        time.sleep(pause * place / clients)
        while time.monotonic() < stop_at:
            with lock:
                bytes_ = next(requests, None)
            if bytes_ is None:
                break
            began = time.perf_counter()
            status, body = line.ask(bytes_)
            mine.append(time.perf_counter() - began)
            time.sleep(pause * dice.uniform(0.5, 1.5))
            if not ok(status):
                bad.append(f"{status} {body[:200]!r}")
        with lock:
            latencies.extend(mine)
            failures.extend(bad)

    threads = [threading.Thread(target=client, args=(place,)) for place in range(clients)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Outcome(time.monotonic() - began, sorted(latencies), failures)
