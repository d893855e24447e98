"""What people read is Chinese: every page of every room, walked link by link, without a stray Latin word."""

import re
from collections import deque
from html.parser import HTMLParser

import pytest
from django.contrib import admin
from django.test import Client

from core import outbox
from tests.workorders.acting import bring, do, report
from workorders.models import PublicReport

pytestmark = pytest.mark.django_db

MOST_PAGES = 40
HOMES = {
    "officer": "/m/",
    "chief": "/board/",
    "clerk": "/inbox/",
    "instructor": "/board/",
    "inspector": "/board/",
    "acceptor": "/desk/",
    "dispatcher": "/desk/",
    "duty": "/desk/",
    "reviewer": "/desk/",
    "handler": "/inbox/",
}
# Names and units that are written so in Chinese, too.
ALLOWED = {
    "Gridgov", "API", "ID", "QR", "MB", "GPS", "JPEG", "PNG", "WebP", "HEIC", "CSV", "UTF", "JavaScript", "Cookie",
    "Open", "GeoJSON", "WGS", "EPSG", "SVG", "PDF", "Excel", "Word",
    # where the test itself is
    "testserver",
    # the field no person sees, and the names people log in by
    "Website", *HOMES,
}  # fmt: skip
# Numbers of orders, codes of units, categories and refusals, letters and digits of a resident's code.
CODES = re.compile(
    r"\b[a-z]+(?:_[a-z]+)+\b|\b(?=[A-Z0-9-]*\d)[A-Z0-9]+(?:-[A-Z0-9]+)*\b|\b\d{6,12}-[A-Z]{2}\b|\b[2-9A-HJ-NP-Z]{10}\b"
)
ADDRESS = re.compile(r"https?://\S+|/[a-z]+/\S*")
# A Chinese word before a colon or a bracket made for Latin letters. What people typed is left alone.
HALF_WIDTH = re.compile(r"[\u3400-\u9fff] ?[:(](?!\d)")
WORD = re.compile(r"[A-Za-z]{2,}")
# Seen by people although they are attributes.
SPOKEN = {"alt", "title", "placeholder", "aria-label", "aria-description"}
SILENT = {"script", "style", "code", "kbd", "svg"}
LEFT_ALONE = re.compile(r"^/(admin|api|static|i18n|logout|uploads)(/|$)|/photos?/\d|/read/$|/count/$|\?.*next=")


class Page(HTMLParser):
    """The words and links of a page."""

    def __init__(self, html: str):
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self._silent: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag == "a" and found.get("href", "").startswith(("/", "?")):
            self.links.append(found["href"])
        foreign = (found.get("lang") or "zh").split("-")[0] != "zh"
        if (tag in SILENT or foreign) and tag not in ("html", "meta", "link", "input", "img", "br"):
            self._silent.append(tag)
        spoken = {name: value for name, value in found.items() if name in SPOKEN}
        if tag == "input" and found.get("type") in ("submit", "button"):
            spoken["value"] = found.get("value")
        if not self._silent:
            self.words += [value for value in spoken.values() if value]

    def handle_endtag(self, tag):
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()

    def handle_data(self, data):
        if not self._silent and data.strip():
            self.words.append(data.strip())

    def strays(self) -> set[str]:
        """Latin words nobody allowed and Latin punctuation, with the text they stand in."""
        found = set()
        for text in self.words:
            bare = CODES.sub(" ", ADDRESS.sub(" ", text))
            if set(WORD.findall(bare)) - ALLOWED or HALF_WIDTH.search(text):
                found.add(text[:120])
        return found


@pytest.fixture
def busy_town(town):
    """An order in every status, one of a resident, one returned, one suspended, one under supervision; all told."""
    for status in ("reported", "filed", "dispatched", "handling", "fed_back", "revisiting", "closed"):
        bring(report(town.officer), town, status)
    bring(report(None, reporter_phone="13912345678").order, town, "revisiting")
    do("comment", report(town.officer, category=None), town.officer, text="请尽快派人来看看")
    do("return", bring(report(town.officer), town, "dispatched"), town.handler, reason="不属于本单位职责")
    waiting = bring(report(town.officer), town, "handling")
    do("co_dispatch", waiting, town.dispatcher, unit="620105-HC", task="协助清运")
    do("whistle", waiting, town.chief, kind="joint", units=["620105-HC"])
    do("decline", report(town.officer), town.acceptor, reason="不属于网格治理事项")
    do("verify", report(town.officer), town.acceptor)
    outbox.drain()
    return town


def walk(client: Client, *starts: str) -> tuple[dict[str, set[str]], int]:
    """Read pages from these addresses on. Returns {address: stray texts} and how many pages were read."""
    waiting, seen, strays, read = deque(starts), set(starts), {}, 0
    shapes: dict[str, int] = {}
    while waiting and read < MOST_PAGES:
        address = waiting.popleft()
        # Of pages that differ by number only a few say it all.
        shape = re.sub(r"[A-Z]*\d[\w-]*", "#", address.split("?")[0])
        shapes[shape] = shapes.get(shape, 0) + 1
        if shapes[shape] > 3:
            continue
        response = client.get(address, follow=True)
        assert response.status_code == 200, f"{address} answers {response.status_code}"
        if not response["Content-Type"].startswith("text/html"):
            continue
        read += 1
        page = Page(response.content.decode())
        if found := page.strays():
            strays[address] = found
        for link in page.links:
            target = address.split("?")[0] + link if link.startswith("?") else link.split("#")[0]
            if target and target not in seen and not LEFT_ALONE.search(target):
                seen.add(target)
                waiting.append(target)
    return strays, read


def test_staff_read_chinese(client, busy_town):
    strays, read = {}, {}
    for person, home in HOMES.items():
        client.force_login(getattr(busy_town, person))
        found, read[person] = walk(client, home, "/me/", "/notices/", "/map/")
        strays |= {f"{person} {address}": texts for address, texts in found.items()}
    assert not strays, strays
    assert all(number > 6 for number in read.values()), read


def test_residents_read_chinese(client, busy_town):
    token = PublicReport.objects.get().token
    strays, read = walk(client, "/r/", "/t/", f"/t/{token}/", "/r/620105006001001/", "/login/")
    assert not strays, strays
    assert read > 5


def test_refusals_are_chinese(client, busy_town):
    client.force_login(busy_town.officer)
    for address, status in (("/desk/", 403), ("/m/orders/nothing/", 404)):
        response = client.get(address)
        assert response.status_code == status
        assert not Page(response.content.decode()).strays()


def test_administrators_read_chinese():
    """Every column the administration can show has a name; the tree's own numbers are no words."""
    bare = {
        f"{model.__name__}.{field.name}"
        for model in admin.site._registry
        if model._meta.app_label in ("core", "grids", "personnel", "workorders")
        for field in model._meta.concrete_fields
        if not field.primary_key and str(field.verbose_name).isascii()
    }
    numbers = {"Area.lft", "Area.rght", "Area.tree_id", "Area.depth", "PostEvent.previous_hash", "PostEvent.hash"}
    numbers |= {"AdministrationEvent.previous_hash", "AdministrationEvent.hash"}
    assert bare <= numbers
