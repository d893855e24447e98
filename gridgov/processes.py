"""Child processes: they die with their parent, are known again by number and birth, end politely and then not."""

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _dies_with(parent: int, how: signal.Signals) -> Callable[[], None] | None:
    """What the child runs between fork and exec: ask the kernel for a signal when the parent is gone (Linux only)."""
    if _libc is None:
        return None
    prctl = _libc.prctl

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, int(how), 0, 0, 0)
        # The parent may have died before the kernel was asked.
        if os.getppid() != parent:
            os._exit(1)

    return ask


def spawn(
    command: Sequence[str | Path],
    *,
    user: str | None = None,
    end: signal.Signals = signal.SIGTERM,
    env: dict[str, str] | None = None,
    cwd: Path | str | None = None,
    output=None,
) -> subprocess.Popen:
    """Start a child in a session of its own; Ctrl-C reaches only us, and we end the children in order.

    end: the signal the child gets when we die without ending it. Call from the main thread: the kernel watches that.
    """
    identity = {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}
    return subprocess.Popen(  # noqa: S603 - the commands are ours
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        start_new_session=True,
        preexec_fn=_dies_with(os.getpid(), end),  # noqa: PLW1509 - called before any thread of ours is started
        env=env,
        cwd=cwd,
        **identity,
    )


def identity(pid: int) -> dict[str, float] | None:
    """A number and a birth time: together they name a process even after the number was given away again."""
    try:
        return {"pid": pid, "born": psutil.Process(pid).create_time()}
    except psutil.Error:
        return None


def find(known: dict | None) -> psutil.Process | None:
    """The process written down earlier, if it still runs."""
    if not known:
        return None
    try:
        process = psutil.Process(int(known["pid"]))
        if abs(process.create_time() - float(known["born"])) < 2 and process.status() != psutil.STATUS_ZOMBIE:
            return process
    except (psutil.Error, KeyError, ValueError, TypeError):
        pass
    return None


def end(
    process: subprocess.Popen | psutil.Process, how: signal.Signals = signal.SIGTERM, patience: float = 8.0
) -> None:
    """Ask the process to end, wait, and kill what stays, its own children included."""
    if isinstance(process, subprocess.Popen) and process.poll() is not None:
        return
    with contextlib.suppress(psutil.Error):
        family = psutil.Process(process.pid).children(recursive=True)
        with contextlib.suppress(ProcessLookupError, psutil.Error):
            process.send_signal(how)
        with contextlib.suppress(subprocess.TimeoutExpired, psutil.TimeoutExpired):
            process.wait(patience)
        leftover = [member for member in family if member.is_running() and member.status() != psutil.STATUS_ZOMBIE]
        # Grandchildren of a server that ended properly need a moment to notice.
        _, leftover = psutil.wait_procs(leftover, timeout=1.0 if leftover else 0)
        for member in leftover:
            with contextlib.suppress(psutil.Error):
                member.kill()
        with contextlib.suppress(psutil.Error, ProcessLookupError):
            process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired, psutil.TimeoutExpired):
            process.wait(5)


def wait_until(
    ready: Callable[[], bool], process: subprocess.Popen, what: str, log: Path, seconds: float = 30.0
) -> None:
    """Wait for a server; a server that ends or never answers is an error that shows the last lines it wrote."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if ready():
            return
        if process.poll() is not None:
            break
        time.sleep(0.03)
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:]) if log.exists() else ""
    raise RuntimeError(f"{what} did not start.\n{tail}")
