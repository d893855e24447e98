"""Five hundred orders in one step: seven refusals are told before, and stay chosen when the others are done."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import expect

from tests.browser import field
from tests.browser.conftest import DESK, WIDE

ORDERS, REFUSED = 500, 7


@pytest.mark.parametrize(
    ("size", "words"), [(DESK, "清明节前集中整治"), (WIDE, "国庆节前集中整治")], ids=["1366", "1920"]
)
def test_five_hundred_orders_in_one_step_with_seven_refusals(person, site, size, words):
    officer, acceptor = field.centre(site, "officer"), field.centre(site)
    body = {"description": f"{words}，路边堆放建筑垃圾", "category": "0502", "area": field.GRID}
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _n: officer.ask("workorders/", body)["number"], range(ORDERS)))
        seat = person("acceptor", size=size)
        page = seat.go(f"/desk/?view=all&q={words}").page
        page.locator("[data-pick]").first.check()
        # Seven of them are taken meanwhile by a colleague.
        list(pool.map(lambda number: acceptor.do(number, "accept", category="0502"), made[:REFUSED]))
    page.locator("button[name=whole]").click()
    page.locator("input[name=move][value=accept]").check(force=True)
    page.locator("main form button[type=submit]").first.click()
    page.locator("select[name=category]").select_option("0502", force=True)
    page.locator("main form button[type=submit]").first.click()
    preview = page.locator("section[aria-labelledby=preview_heading]")
    expect(preview).to_contain_text(f"{ORDERS - REFUSED}")
    expect(preview.locator(".bulk-refused")).to_have_count(REFUSED)
    page.locator("button[name=go]").click()

    job = page.locator("[data-job]:not([hx-get])")
    expect(job).to_have_count(1, timeout=180_000)
    expect(job.locator("[role=status]")).to_contain_text(f"{ORDERS - REFUSED}")
    expect(job.locator(".bulk-refused")).to_have_count(REFUSED)
    left = job.locator("form input[name=number]")
    assert {one.get_attribute("value") for one in left.all()} == set(made[:REFUSED])
    assert acceptor.ask(f"workorders/{made[-1]}/")["status"] == "filed"
