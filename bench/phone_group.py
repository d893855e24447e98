"""The officer's phone on a slow network and a slow processor, and its outbox on a link that hardly works.

phone_budget: the largest share any budget of 今日 and 上报 is used to: KB of script, style and page as they are when
compressed, requests, seconds to the largest paint on a first and on a second visit, movement while it loads.
phone_save: milliseconds from the tap on 提交 to "saved", without a network, with three photos.
phone_offline: of 200 reports with three photos each, how many arrived exactly once with exactly their photos, over a
link that breaks 30 % of the requests off and is cut every 20 seconds.
"""

import gzip
import json
import statistics
import time
import uuid

from bench.chromium import chromium
from bench.link import Link
from bench.phone import LEFT, QUEUE
from bench.public_group import NETWORK, PHONE, SLOWER
from bench.stage import stage

PASSWORD = "gridgov-demo"  # noqa: S105 - the demo's
VISITS = 5
# Of each page: KB of script, style and page, requests, seconds cold and warm, movement.
BUDGETS = {
    "/m/": {"js": 40, "css": 15, "html": 20, "requests": 12, "cold": 2.0, "warm": 1.0, "shift": 0.05},
    "/m/report/": {"js": 45, "css": 15, "html": 12, "requests": 12, "cold": 2.0, "warm": 1.0, "shift": 0.05},
}
REPORTS, PHOTOS, BATCH = 200, 3, 20
MOST_SECONDS = 3600
_PAINT = """() => new Promise((done) => {
    let paint = 0, moved = 0;
    new PerformanceObserver((list) => { for (const one of list.getEntries()) paint = one.startTime; })
        .observe({ type: 'largest-contentful-paint', buffered: true });
    new PerformanceObserver((list) => { for (const one of list.getEntries()) moved += one.value; })
        .observe({ type: 'layout-shift', buffered: true });
    setTimeout(() => done([paint, moved]), 500);
})"""
_SAVE = """() => new Promise((done) => {
    const button = document.querySelector("form[data-report] .phone-action button");
    const panel = document.querySelector("[data-saved]");
    let tapped = 0;
    button.addEventListener("click", () => { tapped = performance.now(); }, { capture: true, once: true });
    new MutationObserver(() => {
        if (!panel.hidden) requestAnimationFrame(() => done(performance.now() - tapped));
    }).observe(panel, { attributes: true });
    button.click();
})"""


def run(*, orders: int):
    """Measure in the demo city; `orders` plays no part."""
    with stage() as here:
        here.manage("load_demo")
        web = here.web()
        with chromium() as browser:
            login = _log_in(browser, f"http://127.0.0.1:{web.port}")
            yield "phone_budget", _budget(browser, web.port, login)
            yield "phone_save", _save(browser, web.port, login)
            yield "phone_offline", _offline(browser, here, web.port)


def _log_in(browser, address: str) -> dict:
    """The officer's log-in, as cookies."""
    context = browser.new_context(viewport=PHONE, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{address}/login/")
    page.fill("input[name=username]", "officer")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/login/" not in url)
    for path in BUDGETS:
        page.goto(address + path)  # the first request of a process pays for what it keeps
    state = context.storage_state(indexed_db=False)
    context.close()
    return {"cookies": state["cookies"], "origins": []}


def _slow_phone(browser, login: dict):
    """A phone nobody has visited the site with, on a slow network."""
    context = browser.new_context(viewport=PHONE, locale="zh-CN", has_touch=True, is_mobile=True, storage_state=login)
    page = context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("Network.enable")
    tools.send("Network.emulateNetworkConditions", NETWORK)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    return context, page


def _budget(browser, port: int, login: dict) -> dict:
    found = {path: _page(browser, f"http://127.0.0.1:{port}{path}", login) for path in BUDGETS}
    shares = {
        f"{path} {name}": figures[name] / BUDGETS[path][name] for path, figures in found.items() for name in figures
    }
    worst = max(shares, key=shares.get)
    said = [path + " " + ", ".join(f"{name} {value:g}" for name, value in one.items()) for path, one in found.items()]
    note = "; ".join(said)
    return {"value": round(shares[worst], 2), "unit": f"of the budget ({worst})", "limit": 1.0, "note": note}


def _page(browser, url: str, login: dict) -> dict:
    """One page's figures: sizes and requests of a first visit, medians of the times."""
    times: dict[str, list[float]] = {"cold": [], "warm": []}
    shift, sizes, requests = 0.0, {}, 0
    for _visit in range(VISITS):
        context, page = _slow_phone(browser, login)
        answers = []
        page.on("response", lambda answer, answers=answers: answers.append(answer))
        for visit, seconds in times.items():
            page.goto(url, wait_until="networkidle")
            paint, moved = page.evaluate(_PAINT)
            seconds.append(paint / 1000)
            shift = max(shift, moved)
            if visit == "cold" and not sizes:
                sizes, requests = _sizes(answers), len(answers)
            page.wait_for_timeout(1500)
        context.close()
    medians = {visit: round(statistics.median(seconds), 2) for visit, seconds in times.items()}
    return {**sizes, "requests": requests, **medians, "shift": round(shift, 3)}


def _sizes(answers: list) -> dict[str, float]:
    """KB of each kind, compressed as a server in front would."""
    found = {"js": 0.0, "css": 0.0, "html": 0.0}
    for answer in answers:
        kind = {"script": "js", "stylesheet": "css", "document": "html"}.get(answer.request.resource_type)
        if kind:
            found[kind] += len(gzip.compress(answer.body(), 9)) / 1024
    return {kind: round(size, 1) for kind, size in found.items()}


def _save(browser, port: int, login: dict) -> dict:
    context, page = _slow_phone(browser, login)
    page.goto(f"http://127.0.0.1:{port}/m/report/", wait_until="networkidle")
    context.set_offline(True)
    took = []
    for _report in range(VISITS):
        page.evaluate(QUEUE, [f"save {uuid.uuid4().hex}", 0, 1, PHOTOS])  # fills the caches of a person's first report
        page.evaluate(_FILL, PHOTOS)
        took.append(page.evaluate(_SAVE))
        page.evaluate("document.querySelector('[data-saved-another]').click()")
    context.close()
    return {
        "value": round(statistics.median(took)), "unit": "ms from tap to saved, offline", "limit": 300,
        "note": f"three photos; longest {max(took):.0f} ms",
    }  # fmt: skip


_FILL = """async (photos) => {
    const form = document.querySelector("form[data-report]");
    const files = new DataTransfer();
    for (let one = 0; one < photos; one += 1) {
        const canvas = Object.assign(document.createElement("canvas"), { width: 1600, height: 1200 });
        const pen = canvas.getContext("2d");
        for (let shape = 0; shape < 300; shape += 1) {
            pen.fillStyle = `hsl(${Math.random() * 360} 60% 50%)`;
            pen.fillRect(Math.random() * 1600, Math.random() * 1200, 90, 90);
        }
        const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.8));
        files.items.add(new File([blob], "photo.jpg", { type: "image/jpeg" }));
    }
    const input = form.querySelector("[data-name=photos] input[multiple]");
    input.files = files.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    while (form.querySelectorAll("[data-name=photos] .picture:not([aria-busy])").length < photos) {
        await new Promise((done) => setTimeout(done, 20));
    }
    form.querySelector(".tile input").checked = true;
    await new Promise((done) => setTimeout(done, 1500));
}"""


def _offline(browser, here, port: int) -> dict:
    mark = f"outbox {uuid.uuid4().hex[:12]}"
    with Link(port) as link:
        login = _log_in(browser, link.address)
        context = browser.new_context(viewport=PHONE, locale="zh-CN", storage_state=login)
        page = context.new_page()
        page.goto(f"{link.address}/m/report/", wait_until="networkidle")
        context.set_offline(True)
        digests = []
        for first in range(0, REPORTS, BATCH):
            digests += page.evaluate(QUEUE, [mark, first, BATCH, PHOTOS])
        link.weather.drop, link.broken = 0.3, 0
        link.cut_every(20, outage=3)
        context.set_offline(False)
        began = time.monotonic()
        while (left := page.evaluate(LEFT)) and time.monotonic() - began < MOST_SECONDS:
            page.wait_for_timeout(2000)
        took, link.weather.down = time.monotonic() - began, False
        context.close()
    rows = json.loads(here.python("bench.phone_arrived", mark).strip().splitlines()[-1])
    texts, photos = [text for text, _photos in rows], [one for _text, found in rows for one in found]
    good = sum(texts.count(text) == 1 and len(found) == PHOTOS for text, found in rows)
    if sorted(photos) != sorted(digests):
        good = min(good, len(set(photos) & set(digests)) // PHOTOS)
    note = (
        f"{len(rows)} orders, {len(photos)} photos, {len(texts) - len(set(texts))} twice, {left} left on the phone;"
        f" {took:.0f} s, {link.broken} connections broken"
    )
    return {"value": good, "unit": "of 200 reports, once, whole", "limit": REPORTS, "at_least": True, "note": note}
