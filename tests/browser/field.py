"""An officer's phone in the tests: taps, photos, the network going, and what the command centre ends up with."""

import functools
import io
import json
import re
import urllib.parse
import urllib.request

from PIL import Image, ImageDraw
from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD, PHONE

GRID = "620105006001001"
# In the main grid, as its boundary in the demo has it.
TOUCH = {"size": PHONE, "has_touch": True, "is_mobile": True}


def photo(number: int, *, width: int = 2400, height: int = 1800) -> dict:
    """A photo as a camera makes it: larger than what travels, each number another picture."""
    picture = Image.effect_noise((width // 8, height // 8), 60).resize((width, height)).convert("RGB")
    pen = ImageDraw.Draw(picture)
    for row in range(8):
        if number >> row & 1:
            pen.rectangle((0, row * height // 8, width, (row + 1) * height // 8 - 40), fill=(200, 60 + 20 * row, 40))
    data = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Some maker"
    picture.save(data, "JPEG", quality=88, exif=exif)
    return {"name": f"IMG_{number:04}.jpg", "mimeType": "image/jpeg", "buffer": data.getvalue()}


class Centre:
    """What the command centre has, asked through the API by an acceptor's program."""

    def __init__(self, site: str, name: str = "acceptor"):
        self.site = site
        answer = self.ask("auth/token/", {"username": name, "password": PASSWORD})
        self.token = answer["token"]

    token = ""

    def ask(self, path: str, data: dict | None = None) -> dict:
        """One request; JSON in and out."""
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Token {self.token}"
        body = json.dumps(data).encode() if data is not None else None
        request = urllib.request.Request(f"{self.site}/api/v1/{path}", data=body, headers=headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def orders(self, words: str) -> list[dict]:
        """The orders whose text holds these words, each in full."""
        query = urllib.parse.urlencode({"q": words, "page_size": 200})
        found = self.ask(f"workorders/?{query}")["results"]
        return [self.ask(f"workorders/{row['number']}/") for row in found]

    def do(self, number: str, move: str, **given) -> dict:
        """A step of somebody else."""
        return self.ask(f"workorders/{number}/moves/{move}/", given)


@functools.cache
def centre(site: str, name: str = "acceptor") -> Centre:
    """Logged in once per person."""
    return Centre(site, name)


def until(page, done):
    """Ask every second until it is so, while the site's worker has its turn; returns what was answered."""
    for _second in range(120):
        if found := done():
            return found
        page.wait_for_timeout(1000)
    raise AssertionError("it did not come about")


# Asked from outside: the page's own policy lets nobody evaluate words inside it.
STANDS_BY = "navigator.serviceWorker.ready.then(Boolean)"
COPIED = "caches.match('/m/').then(Boolean)"


def copied(page) -> None:
    """Come back to the start page until the phone has a copy of it; the service worker makes one of a visit."""
    page.evaluate(STANDS_BY)
    until(page, lambda: page.evaluate(COPIED) or (page.reload() and page.evaluate(COPIED)))


def write_report(officer, words: str, *, photos=(), kind: str = "0501") -> None:
    """Fill the report in, as far as before it is sent; the page is open."""
    page = officer.page
    if photos:
        page.locator("[data-name=photos] input[multiple]").set_input_files(list(photos))
        expect(page.locator("[data-name=photos] .picture:not([aria-busy])")).to_have_count(len(photos))
    chosen = page.locator(f".tiles input[value='{kind}']")
    if chosen.count():
        # Clear of the button that stays above the bar.
        chosen.evaluate("one => one.scrollIntoView({block: 'center'})")
        chosen.check(force=True)
    else:
        page.locator("[data-kinds-all] summary").click()
        page.locator(f"[data-kinds-all] input[value='{kind}']").check(force=True)
    extras = page.locator("[data-extras]")
    if not extras.evaluate("part => part.open"):
        extras.locator("summary").click()
    page.fill("form[data-report] textarea[name=description]", words)


def send(officer) -> None:
    """Press the button and see that it was saved; how far it is may have changed by then."""
    page = officer.page
    page.locator("form[data-report] .phone-action button").click()
    expect(page.locator("[data-saved] .receipt")).to_be_visible()


def delivered(officer) -> str:
    """Wait until the report on the page has its number."""
    number = officer.page.locator("[data-saved] [data-receipt-number]")
    expect(number).to_have_text(re.compile(r"\d{8,}"))
    return number.inner_text()


def ready(officer, path: str = "/m/report/"):
    """Open a page of the phone and wait until its outbox is at work."""
    officer.go(path)
    expect(officer.page.locator("form[data-outbox][data-remembered]").first).to_be_attached()
    return officer


def unsent(officer) -> list[dict]:
    """What the phone still holds, read from its own store."""
    return officer.page.evaluate(
        """() => new Promise((done, fail) => {
            const asked = indexedDB.open("gridgov", 1);
            asked.onerror = () => fail(asked.error);
            asked.onsuccess = () => {
                const all = asked.result.transaction(["items"]).objectStore("items").getAll();
                all.onsuccess = () => {
                    asked.result.close();
                    done(all.result.filter((item) => item.state !== "done"));
                };
            };
        })"""
    )


def all_sent(officer) -> None:
    """Wait until nothing is left on the phone."""
    page = officer.page
    for _try in range(240):
        if not unsent(officer):
            return
        page.wait_for_timeout(500)
    raise AssertionError(unsent(officer))
