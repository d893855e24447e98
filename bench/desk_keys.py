"""How soon the desk shows what a key did: from the key to the frame that is painted with it, in a real browser."""

from bench.chromium import chromium
from bench.stage import Web

SIZE = {"width": 1366, "height": 768}
ROUNDS, WARM = 36, 8
# The next row, the one before, a row ticked, an order opened beside the queue.
KEYS = ("j", "k", "x", "Enter")
# Takes the time of the key and of the first frame after everything on the way to it was done.
_WATCH = """() => {
    let pressed = 0;
    window.took = null;
    const panes = document.querySelector("[data-panes]");
    const state = () => [
        panes.querySelector("[data-row][data-cursor]")?.dataset.number,
        panes.querySelectorAll("[data-pick]:checked").length,
        panes.querySelector("[data-pane] [data-order]")?.dataset.order,
    ].join();
    let known = state();
    const look = () => {
        if (!pressed || state() === known) return;
        known = state();
        const since = pressed;
        pressed = 0;
        requestAnimationFrame(() => { const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => { window.took = performance.now() - since; };
            port2.postMessage(null);
        });
    };
    document.addEventListener("keydown", (event) => { window.took = null; pressed = event.timeStamp; }, true);
    document.addEventListener("keydown", () => setTimeout(look));
    new MutationObserver(look).observe(panes, { subtree: true, childList: true, attributes: true });
}"""


def slowest(site: Web, session: str) -> tuple[str, dict[str, float]]:
    """The key whose 95th percentile is the longest, and that of every key in milliseconds."""
    with chromium() as browser:
        # The measuring waits for an expression, which the site's own policy would forbid the page.
        context = browser.new_context(viewport=SIZE, bypass_csp=True)
        context.add_cookies(
            [{"name": f"gridgov_session_{site.port}", "value": session, "url": f"http://127.0.0.1:{site.port}"}]
        )
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{site.port}/desk/?view=all")
        page.locator("[data-panes][data-ready]").wait_for()
        page.evaluate(_WATCH)
        times: dict[str, list[float]] = {key: [] for key in KEYS}
        for turn in range(ROUNDS + WARM):
            for key in ("j", "x", "Enter", "j", "k"):
                page.keyboard.press(key)
                page.wait_for_function("window.took !== null", timeout=10_000)
                if turn >= WARM:
                    times[key].append(page.evaluate("window.took"))
                page.wait_for_timeout(50)
    found = {key: sorted(one)[int(len(one) * 0.95)] for key, one in times.items()}
    return max(found, key=found.get), found
