"""A real instance (script/server on an empty home, with the demo city) and a real Chromium, for this folder only."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "gridgov-demo"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# What this run of the tests set for itself; the instance makes its own.
OURS = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "SECRET_KEY_FILE",
    "GRIDGOV_HOME",
    "GRIDGOV_DEMO",
    "STATEMENT_TIMEOUT",
)
# A machine that is busy with other tests is slow, not wrong.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE // 2)
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1366, "height": 768}
WIDE = {"width": 1920, "height": 1080}


def pytest_collection_modifyitems(items):
    """Everything in this folder is the browser's half."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def site(tmp_path_factory):
    """The address of a running instance; it is stopped, and has to stop cleanly, after the last test."""
    home = tmp_path_factory.mktemp("home")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {name: value for name, value in os.environ.items() if name not in OURS}
    env |= {"GRIDGOV_HOME": str(home), "PORT": str(port), "WEB_WORKERS": "2"}
    with open(home / "browser.log", "ab") as log:
        server = subprocess.Popen([ROOT / "script" / "server"], cwd=ROOT, env=env, stdout=log, stderr=log)
    try:
        wait_ready(f"http://127.0.0.1:{port}", server, home)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(60) is not None


def wait_ready(address, server, home, seconds=240):
    """Until /readyz says yes."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert server.poll() is None, (home / "browser.log").read_text()[-3000:]
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/readyz", timeout=3) as answer:
            if answer.status == 200:
                return
        time.sleep(0.5)
    raise AssertionError((home / "browser.log").read_text()[-3000:])


@pytest.fixture(scope="package")
def chromium():
    """One browser for the folder."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
    path = next((found for name in names if (found := shutil.which(name))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


# Who logged in before: the log-in page is passed once per account, not at every sitting down.
_logged_in: dict[tuple[str, str], dict] = {}


class Person:
    """Somebody at a screen. Errors of the page's scripts end the test.

    alone: logged in anew, for what is kept in the session and must not reach others who sit down by this name.
    """

    def __init__(
        self, chromium, site: str, name: str = "", *, size=None, javascript=True, place=None, alone=False, **more
    ):
        self.site, self.name = site, name
        kept = None if alone else _logged_in.get((site, name))
        options = {"storage_state": kept}
        if place:
            options |= {
                "geolocation": {"longitude": place[0], "latitude": place[1]},
                "permissions": ["geolocation"],
            }
        self.context = chromium.new_context(
            viewport=size or DESK, locale="zh-CN", java_script_enabled=javascript, **options, **more
        )
        self.context.set_default_timeout(PATIENCE)
        self.page: Page = self.context.new_page()
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on(
            "console", lambda line: self.faults.append(line.text) if "Content Security Policy" in line.text else None
        )
        if name and kept is None:
            self.log_in()
            if not alone:
                _logged_in[site, name] = self.context.storage_state()

    def log_in(self):
        """Through the log-in page."""
        self.go("/login/")
        self.log_in_here()

    def log_in_here(self):
        """On the log-in page that is open."""
        self.page.fill("input[name=username]", self.name)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.press("input[name=password]", "Enter")
        self.page.wait_for_url(lambda url: "/login/" not in url)

    def go(self, path: str):
        """Open an address of the site."""
        answer = self.page.goto(self.site + path)
        assert answer.status < 400, (path, answer.status)
        return self

    def receives(self, path: str):
        """Wait until an order is in one's reach: steps of the desk are held for ten seconds and can be undone."""
        for _second in range(60):
            if self.page.goto(self.site + path).status < 400:
                return self
            self.page.wait_for_timeout(1000)
        raise AssertionError(f"{path} has not come")

    def step(self, order: str, move: str, **values):
        """On an order's page: open the step where it is not open yet, fill its form in, send it, see it done."""
        self.go(order)
        form = self.page.locator(f"form.move-form[action*='/moves/{move}/']")
        if not form.count():
            opener = self.page.locator(f"a[href*='/moves/{move}/']").first
            if not opener.is_visible():
                self.page.locator("details[data-menu] summary").first.click()
            opener.click()
            expect(form.first).to_be_visible()
        for name, value in values.items():
            self.fill(form.first, name, value)
        self.send(form.first)
        problems = self.page.locator(".error-summary:visible")
        assert not problems.count(), problems.first.inner_text()

    def send(self, form):
        """Press a form's button, and wait until its answer stands where the form stood.

        Not until the network is idle: the desk keeps a line open for its news.
        """
        form.evaluate("one => one.dataset.pressed = ''")
        form.locator("button[type=submit]").first.click()
        expect(self.page.locator("form[data-pressed]")).to_have_count(0)
        self.page.wait_for_load_state()

    @staticmethod
    def fill(form, name: str, value: str):
        """One field, whatever it looks like."""
        if value is True:
            form.locator(f"[name={name}][type=checkbox]").check(force=True)
            return
        select = form.locator(f"select[name={name}]")
        if select.count():
            select.first.select_option(value)
            return
        choice = form.locator(f"input[name={name}][type=radio][value='{value}']")
        if choice.count():
            choice.first.check(force=True)
            return
        form.locator(f"[name={name}]").first.fill(value)

    def leave(self):
        """Close the window; scripts that failed are told now."""
        faults, url = self.faults, self.page.url
        self.context.close()
        assert not faults, (url, faults)


@pytest.fixture
def person(chromium, site):
    """Sit somebody down: person("officer", size=PHONE)."""
    everybody = []

    def sit_down(name="", **options):
        everybody.append(Person(chromium, options.pop("site", site), name, **options))
        return everybody[-1]

    yield sit_down
    for one in everybody:
        one.leave()
