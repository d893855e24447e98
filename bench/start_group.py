"""How long script/server takes on an empty home and on a used one, and the memory of the whole stack at rest."""

import os
import signal
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil

from bench.stage import ROOT, TASK_WORKERS, WEB_WORKERS, free_port

COLD_SECONDS, WARM_SECONDS, MEMORY_MB = 300.0, 10.0, 900.0
REST_SECONDS = 20


def run(*, orders: int) -> dict[str, dict]:
    """Start twice in one home, packages installed already; `orders` plays no part."""
    with tempfile.TemporaryDirectory(prefix="gridgov-bench-", ignore_cleanup_errors=True) as folder:
        cold, _memory = _start(Path(folder), rest=False)
        warm, memory = _start(Path(folder), rest=True)
    return {
        "start_cold": {"value": round(cold, 1), "unit": "s (packages installed)", "limit": COLD_SECONDS},
        "start_warm": {"value": round(warm, 1), "unit": "s", "limit": WARM_SECONDS},
        "memory": {"value": round(memory), "unit": "MB at rest, shared pages once", "limit": MEMORY_MB},
    }


def _start(home: Path, *, rest: bool) -> tuple[float, float]:
    port = free_port()
    env = {
        **os.environ,
        "GRIDGOV_HOME": str(home),
        "PORT": str(port),
        "WEB_WORKERS": str(WEB_WORKERS),
        "TASK_WORKERS": str(TASK_WORKERS),
    }
    began = time.monotonic()
    with open(home / "bench.log", "ab") as log:
        server = subprocess.Popen([ROOT / "script" / "server"], cwd=ROOT, env=env, stdout=log, stderr=log)
    try:
        while not _is_ready(port):
            if server.poll() is not None or time.monotonic() - began > COLD_SECONDS:
                raise RuntimeError((home / "bench.log").read_text()[-2000:])
            time.sleep(0.2)
        took = time.monotonic() - began
        if rest:
            time.sleep(REST_SECONDS)
        return took, _memory(server.pid) if rest else 0.0
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=3) as answer:
            return answer.status == 200
    except OSError:
        return False


def _memory(pid: int) -> float:
    """Megabytes of the process tree, each shared page divided among its users."""
    root = psutil.Process(pid)
    return sum(process.memory_full_info().pss for process in [root, *root.children(recursive=True)]) / 1e6
