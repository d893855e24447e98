"""Gunicorn's settings that are code."""


def child_exit(server, worker) -> None:
    """Take a dead worker's gauges out of the figures."""
    from gridgov import measures

    measures.forget(worker.pid)
