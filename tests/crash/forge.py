"""Forks Celery processes out of one that has imported everything, so that a restart after a kill costs no seconds.

Reads one line of Celery arguments at a time from its standard input and answers with the number of the new process.
"""

import os
import signal
import sys

import django


def main() -> None:
    """Fork until the input ends."""
    django.setup()
    from gridgov.celery import app

    app.loader.import_default_modules()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are nobody's business
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(2, 1)  # our output is for the numbers alone
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            app.start(line.split())
            os._exit(0)
        print(pid, flush=True)


if __name__ == "__main__":
    main()
