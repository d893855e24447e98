"""Throwaway PostgreSQL and Valkey for every test run, ready before Django reads its settings."""

import atexit
import contextlib
import os
import secrets

import django
import pytest
from xdist.scheduler import LoadScopeScheduling

_servers = contextlib.ExitStack()


def _start_servers() -> None:
    """Give this run servers of its own; several runs may go on side by side."""
    from gridgov import embedded

    database, broker = embedded.needed()
    if database or broker:
        servers = _servers.enter_context(embedded.throwaway())
        atexit.register(_servers.close)
        found = servers.environ()
        # The temporary folder is the home of the run: uploads and state stay out of the checkout.
        os.environ["GRIDGOV_HOME"] = found["GRIDGOV_HOME"]
        for name in ("DATABASE_URL", "REDIS_URL"):
            os.environ.setdefault(name, found[name])
    os.environ.pop("SECRET_KEY_FILE", None)
    os.environ["SECRET_KEY"] = secrets.token_urlsafe(64)
    # Tests judge by results, not by the speed of a shared machine: patience where production has none.
    os.environ.setdefault("STATEMENT_TIMEOUT", "60")
    os.environ["GRIDGOV_DEMO"] = "0"


# Done while this file is read, not in a hook: the test folders' own conftest files import models and are read next.
# Workers of pytest-xdist inherit the controller's environment and start nothing.
_worker = os.environ.get("PYTEST_XDIST_WORKER")
if not _worker:
    _start_servers()
elif os.environ["REDIS_URL"].endswith("/0"):
    # One Redis, a numbered database for each worker: nobody empties another one's cache or takes his tasks.
    os.environ["REDIS_URL"] = os.environ["REDIS_URL"][:-1] + str(int(_worker.removeprefix("gw")) % 15 + 1)
os.environ["DJANGO_SETTINGS_MODULE"] = "gridgov.settings"
django.setup()


# What takes longest is begun first, so that no worker is left with it alone.
FIRST = ("tests/browser/", "tests/assessment/test_oracle.py", "tests/infra/", "tests/crash/")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """The longest pieces of work first; all else as it was found."""
    items.sort(key=lambda item: next((n for n, one in enumerate(FIRST) if item.nodeid.startswith(one)), len(FIRST)))


class ByRoom(LoadScopeScheduling):
    """Deals work out to workers: a file is one piece, and so is all that shares one instance and one browser."""

    def _split_scope(self, nodeid: str) -> str:
        return FIRST[0] if nodeid.startswith(FIRST[0]) else nodeid.partition("::")[0]


def pytest_xdist_setupnodes():
    """Workers read the settings when this file has chosen their database of Redis; with the name at hand, before."""
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)


def pytest_xdist_make_scheduler(config, log):
    """The scheduler of `-n 2`; asked by pytest-xdist."""
    return ByRoom(config, log)


def pytest_unconfigure(config):
    """Stop the servers with the run, also after Ctrl-C."""
    _servers.close()
