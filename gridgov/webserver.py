"""Gunicorn's settings that are code, and the worker that gives streams threads of their own."""

import sys
import threading
from concurrent.futures import Future

from gunicorn.workers.gthread import ThreadWorker

# Answers that last for minutes. In the pool of threads a few of them would leave none for ordinary requests.
STREAMS = ("/desk/live/",)
_ELSEWHERE = object()


class Worker(ThreadWorker):
    """Gunicorn's worker with threads; a stream is taken out of the pool as soon as its request was read.

    A waiting thread costs a few kilobytes and no processor time, so hundreds of open desks need no other server.
    """

    def handle_request(self, req, conn):
        """Answer here, or begin a thread for a stream and give this one back."""
        if req.path not in STREAMS:
            return super().handle_request(req, conn)
        threading.Thread(target=self._stream, args=(req, conn), name="stream", daemon=True).start()
        return _ELSEWHERE

    def _keepalive_after(self, conn, keepalive):
        return keepalive if keepalive is _ELSEWHERE else super()._keepalive_after(conn, keepalive)

    def finish_request(self, conn, fs):
        """Leave a connection alone that its stream's thread has now."""
        if not fs.cancelled() and fs.exception() is None and fs.result() is _ELSEWHERE:
            return
        super().finish_request(conn, fs)

    def _stream(self, req, conn) -> None:
        """What the pool would have done, with the end told to the same place."""
        from pages.desk.live import gate

        done: Future = Future()
        gate.enter()
        try:
            super().handle_request(req, conn)
        except Exception as error:  # noqa: BLE001 - the screen went away, or whatever it was: the connection is over
            self.log.debug("a stream ended: %s", error)
        finally:
            gate.leave()
        done.set_result(False)
        self.method_queue.defer(self.finish_request, conn, done)

    def handle_exit(self, sig, frame):
        """A worker that stops lets go of its streams, whose browsers come back to another one."""
        live = sys.modules.get("pages.desk.live")  # not there yet when it is stopped while it still starts
        if live:
            live.hub.close()
        super().handle_exit(sig, frame)


def child_exit(server, worker) -> None:
    """Take a dead worker's gauges out of the figures."""
    from gridgov import measures

    measures.forget(worker.pid)
