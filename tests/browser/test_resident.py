"""A resident without an account and without JavaScript: report, follow, rate, ask to take it up again."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE

GRID = "620105006001001"


def report_lamp(resident, phone="13700001111"):
    """Fill in the page a QR code opens; returns (code, tracking path)."""
    resident.go(f"/r/{GRID}/")
    page = resident.page
    page.locator("input[name=category][value='0603']").first.check(force=True)
    page.fill("textarea[name=description]", "单元门口路灯不亮,老人出门不安全")
    page.fill("input[name=reporter_phone]", phone)
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url(re.compile(r"/t/[^/]+/receipt/"))
    token = re.search(r"/t/([^/]+)/receipt/", page.url).group(1)
    code = re.search(r"\b[2-9A-HJ-NP-Z]{10}\b", page.locator("main").inner_text()).group(0)
    return code, f"/t/{token}/"


def handle(person, path, resident):
    """Let the staff run the resident's order up to the revisit."""
    acceptor = person("acceptor")
    acceptor.go("/desk/?view=accept")
    title = resident.go(path).page.locator("h1").first.inner_text()
    acceptor.page.goto(f"{acceptor.site}/desk/?view=all")
    number = (
        acceptor.page.locator("[data-order], a[href*='/desk/2']").filter(has_text=title).first.get_attribute("href")
    )
    number = re.search(r"(\d{12,})", number).group(1)
    acceptor.step(f"/desk/{number}/", "accept", category="0603")
    person("dispatcher").step(f"/desk/{number}/", "dispatch", unit="620105-UM")
    handler = person("handler").receives(f"/inbox/{number}/")
    handler.step(f"/inbox/{number}/", "sign")
    handler.step(f"/inbox/{number}/", "feedback", internal_result="换了灯", public_answer="路灯已修好", resolved="true")
    person("officer", size=PHONE).step(f"/m/orders/{number}/", "pass_check")
    return number


@pytest.mark.parametrize("javascript", [True, False])
def test_report_follow_and_find_again(person, javascript):
    resident = person(size=PHONE, javascript=javascript)
    code, path = report_lamp(resident)
    resident.go(path)
    expect(resident.page.locator(".progress li")).to_have_count(5)
    assert "13700001111" not in resident.page.content()

    resident.go("/t/")
    resident.page.fill("input[name=code]", code)
    resident.page.fill("input[name=last4]", "1111")
    resident.page.locator("main form button[type=submit]").first.click()
    resident.page.wait_for_url(re.compile(re.escape(path)))

    answers = []
    for wrong in ({"code": code, "last4": "0000"}, {"code": "ZZZZZZZZZZ", "last4": "1111"}):
        resident.go("/t/")
        for name, value in wrong.items():
            resident.page.fill(f"input[name={name}]", value)
        resident.page.locator("main form button[type=submit]").first.click()
        resident.page.wait_for_load_state("networkidle")
        answers.append(resident.page.locator(".error-summary, .callout").first.inner_text())
    assert answers[0] == answers[1]


def test_an_unhappy_rating_asks_to_take_it_up_again(person):
    resident = person(size=PHONE, javascript=False)
    _code, path = report_lamp(resident)
    number = handle(person, path, resident)
    page = resident.page
    asked = page.locator("input[name=resolved][value=false]")
    for _second in range(60):
        resident.go(path)
        if asked.count():
            break
        page.wait_for_timeout(1000)
    asked.check(force=True)
    page.locator("input[name=face][value=bad]").check(force=True)
    page.locator("form:has(input[name=face]) button[type=submit]").click()
    page.wait_for_load_state("networkidle")
    assert page.locator("input[name=resolved]").count() == 0, "one may rate once"

    reviewer = person("reviewer", size=DESK)
    reviewer.go(f"/desk/{number}/")
    expect(
        reviewer.page.locator("form.move-form[action*='/moves/revisit/'], a[href*='/moves/revisit/']").first
    ).to_be_visible()
