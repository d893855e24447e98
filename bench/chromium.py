"""The browser of the benchmarks: Debian's Chromium, Chrome, else the one Playwright brings."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@contextmanager
def chromium() -> Iterator:
    """A headless browser with nothing kept, as Playwright's `Browser`; closed at the end."""
    from playwright.sync_api import sync_playwright

    path = next((found for name in _NAMES if (found := shutil.which(name))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        try:
            yield browser
        finally:
            browser.close()
