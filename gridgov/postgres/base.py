"""The database backend of the settings: Django's own, told apart only in how it tests a kept connection."""

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Keeps connections between requests and notices a restarted server without asking it.

    Django's health check sends `SELECT 1` with every request. An idle connection whose server went away is readable
    (end of file), so one poll of the socket tells the same for nothing; only a readable socket is asked in earnest.
    """

    def is_usable(self) -> bool:
        """Whether the kept connection still has a server behind it."""
        if self.connection is None or self.connection.closed:
            return False
        if not self.errors_occurred:
            watch = select.poll()
            try:
                watch.register(self.connection.fileno(), select.POLLIN | select.POLLERR | select.POLLHUP)
            except Exception:  # noqa: BLE001 - a connection without a descriptor is simply not usable
                return False
            if not watch.poll(0):
                return True
        return super().is_usable()
