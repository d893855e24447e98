"""The officer's phone: a report in three taps, copies without a network, drafts that come back."""

from playwright.sync_api import expect

from tests.browser.field import TOUCH, centre, delivered, photo

HERE = (103.7345, 36.1052)


def test_a_report_takes_three_taps(person):
    officer = person("officer", place=HERE, **TOUCH)
    officer.go("/m/")
    page, taps = officer.page, 0
    with page.expect_file_chooser() as camera:
        page.locator("a.phone-tab-report").tap()
        taps += 1
    camera.value.set_files([photo(1)])
    page.wait_for_url("**/m/report/")
    expect(page.locator("[data-name=photos] .picture")).to_have_count(1)
    page.locator(".tile").first.tap()
    taps += 1
    page.locator(".phone-action button").tap()
    taps += 1
    number = delivered(officer)
    order = centre(officer.site).ask(f"workorders/{number}/")
    assert taps == 3
    assert order["category"] and order["location"] and order["description"] == order["category"]["name"]
    expect(page.locator("[data-receipt-photos]")).to_contain_text("1/1")
    order = centre(officer.site).ask(f"workorders/{number}/")
    (kept,) = order["attachments"]
    assert max(kept["width"], kept["height"]) <= 1600 and kept["taken_at"] and kept["kind"] == "report"


def test_offline_before_open(person):
    """Today, the report and an order open from copies when the network was gone before the page was asked for."""
    officer = person("officer", place=HERE, **TOUCH)
    page = officer.go("/m/").page
    page.wait_for_function("navigator.serviceWorker.controller !== null || caches.has('gridgov-pages')")
    page.wait_for_function("caches.match('/m/').then(Boolean)")
    page.reload()
    page.wait_for_load_state("networkidle")
    first = page.locator(".order-card-title a").first.get_attribute("href")
    officer.context.set_offline(True)
    page.goto(officer.site + "/m/")
    expect(page.locator("[data-strip=copy]")).to_contain_text("无网络：本页为")
    page.goto(officer.site + first)
    expect(page.locator("main .order-title")).to_be_visible()
    page.goto(officer.site + "/m/report/")
    expect(page.locator("form[data-report] .tile").first).to_be_visible()
    page.goto(officer.site + "/m/orders/29991231000000/")
    expect(page.locator("[data-strip=kept]")).to_contain_text("手机里没有保存这一页")
