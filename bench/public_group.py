"""The page a resident's QR code opens, on a slow phone in a slow network, with nothing kept in the browser.

public_budget: seconds to the largest paint, the median of five first visits, at 1.6 Mbit/s, 150 ms and a processor four
times slower. public_weight, public_requests: what travels for it, compressed as it travels.
"""

import re
import statistics

from bench.chromium import chromium
from bench.stage import stage

GRIDS, MONTHS, ORDERS, SEED = 20, 1, 200, 7
PHONE = {"width": 360, "height": 740}
NETWORK = {
    "offline": False, "latency": 150, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8,
}  # fmt: skip
SLOWER, VISITS = 4, 5
_PAINT = """() => new Promise((done) => {
    let paint = 0, moved = 0;
    new PerformanceObserver((list) => { for (const one of list.getEntries()) paint = one.startTime; })
        .observe({ type: 'largest-contentful-paint', buffered: true });
    new PerformanceObserver((list) => { for (const one of list.getEntries()) moved += one.value; })
        .observe({ type: 'layout-shift', buffered: true });
    setTimeout(() => done([paint, moved]), 300);
})"""


def run(*, orders: int) -> dict[str, dict]:
    """Measure all of it in a small city."""
    with stage() as here:
        here.manage(
            "simulate", "--grids", str(GRIDS), "--orders", str(min(orders, ORDERS)), "--months", str(MONTHS),
            "--seed", str(SEED),
        )  # fmt: skip
        address = f"http://127.0.0.1:{here.web().port}"
        with chromium() as browser:
            return _measured(browser, address)


def _measured(browser, address: str) -> dict[str, dict]:
    scout = browser.new_page()
    page = _grid_page(scout, address)
    scout.goto(page)  # the first request of a process pays for what it keeps
    cold, warm, moved = [], [], []
    for _visit in range(VISITS):
        context = browser.new_context(viewport=PHONE, locale="zh-CN")
        one = context.new_page()
        phone = context.new_cdp_session(one)
        phone.send("Network.enable")
        phone.send("Network.emulateNetworkConditions", NETWORK)
        phone.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        sizes: dict[str, int] = {}
        one.on("requestfinished", lambda request, sizes=sizes: sizes.update({request.url: _size(request)}))
        for times in (cold, warm):
            one.goto(page, wait_until="networkidle")
            paint, shift = one.evaluate(_PAINT)
            times.append(paint / 1000)
            moved.append(shift)
            if times is cold:
                travelled = dict(sizes)
        context.close()
    parts = {ending: sum(size for url, size in travelled.items() if url.endswith(ending)) for ending in (".js", ".css")}
    return {
        "public_budget": {
            "value": round(statistics.median(cold), 2), "unit": "s to the largest paint", "limit": 1.8,
            "note": f"warm {statistics.median(warm):.2f} s; layout shift {max(moved):.3f}",
        },
        "public_weight": {
            "value": round(sum(travelled.values()) / 1024, 1), "unit": "KB", "limit": 60,
            "note": f"script {parts['.js'] / 1024:.1f} KB, style {parts['.css'] / 1024:.1f} KB",
        },
        "public_requests": {"value": len(travelled), "unit": "requests", "limit": 6},
    }  # fmt: skip


def _grid_page(scout, address: str) -> str:
    """The address of the first grid's page, the way a resident finds it: step by step."""
    scout.goto(f"{address}/r/")
    while True:
        links = [link.get_attribute("href") for link in scout.locator("a.list-row").all()]
        grid = next((link for link in links if re.fullmatch(r"/r/\d{15}/", link)), None)
        if grid:
            return address + grid
        scout.goto(f"{address}/r/{links[0]}")


def _size(request) -> int:
    return request.sizes()["responseBodySize"]
