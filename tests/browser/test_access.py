"""Every page of the phone can be read and used by everybody: axe at three widths, both modes, both languages."""

import json

import pytest

from tests.browser.conftest import ROOT
from tests.browser.field import STANDS_BY, TOUCH, centre, photo, ready, send, write_report

AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text()
WIDTHS = (320, 390, 1366)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SMALLEST = {"normal": 48, "large": 60}


@pytest.fixture(scope="module")
def orders(site) -> list[str]:
    """Addresses of orders and steps an officer works on."""
    officer = centre(site, "officer")
    made = []
    for text in ("无障碍检查一", "无障碍检查二"):
        body = {"description": text, "category": "0302", "area": "620105006001001"}
        number = officer.ask("workorders/", body)["number"]
        centre(site).do(number, "accept", category="0302")
        centre(site, "dispatcher").do(number, "dispatch", officer=str(officer.ask("me/")["id"]))
        made.append(number)
    officer.do(made[0], "sign")
    first, second = (f"/m/orders/{number}/" for number in made)
    steps = [f"{first}moves/{name}/" for name in ("feedback", "request_extension", "escalate", "return")]
    return [first, second, *steps, f"{first}photos/", f"/m/report/{made[0]}/sent/"]


PAGES = (
    "/m/",
    "/m/report/",
    "/m/report/place/",
    "/m/orders/",
    "/m/orders/?tab=open",
    "/m/orders/?tab=done",
    "/m/outbox/",
    "/me/",
    "/notices/",
)


def serious(page) -> list[str]:
    """What axe finds that is serious or critical, with the first element each."""
    options = json.dumps({"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]})
    found = page.evaluate(f"axe.run(document, {options}).then((found) => found.violations)")
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:160]} {one['nodes'][0].get('failureSummary', '')[:200]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


def small(page, least: int) -> list[str]:
    """Buttons, tabs and fields that are too small for a thumb."""
    return page.evaluate(
        """(least) => [...document.querySelectorAll(
            "main .button:not(.button-small), .phone-tab, main select, main .tile, main .chip, main .input"
        )].filter((one) => one.checkVisibility?.({ visibilityProperty: true, opacityProperty: true }))
          .filter((one) => one.getBoundingClientRect().height < least - 0.5 && one.getBoundingClientRect().height > 0)
          .map((one) => one.outerHTML.slice(0, 100) + " " + one.getBoundingClientRect().height)""",
        least,
    )


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("mode", ["normal", "large"])
def test_no_page_of_the_phone_shuts_anybody_out(person, site, orders, mode, language):
    officer = person("officer", size={"width": 320, "height": 740}, bypass_csp=True)
    officer.context.add_cookies(
        [
            {"name": "gridgov_letters", "value": mode, "url": site},
            {"name": "gridgov_language", "value": language, "url": site},
        ]
    )
    page, wrong = officer.page, {}
    for path in (*PAGES, *orders):
        officer.go(path)
        page.wait_for_load_state("networkidle")
        page.evaluate(AXE)
        for width in WIDTHS:
            # As tall as the page: what lies under the bar at the bottom can be scrolled out from under it.
            page.set_viewport_size({"width": width, "height": 740})
            page.set_viewport_size({"width": width, "height": page.evaluate("document.documentElement.scrollHeight")})
            wrong[path, width] = serious(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
            wrong[path, width] += small(page, SMALLEST[mode])
    assert {where: found for where, found in wrong.items() if found} == {}


def test_a_receipt_shuts_nobody_out(person, site):
    officer = ready(person("officer", bypass_csp=True, **TOUCH))
    officer.page.evaluate(STANDS_BY)  # it has the files for the receipt, too
    officer.context.set_offline(True)
    write_report(officer, "无障碍检查三" + "字" * 4000, photos=[photo(90)])
    send(officer)
    officer.page.evaluate(AXE)
    assert serious(officer.page) == []
    officer.context.set_offline(False)
    officer.page.locator("[data-receipt-trouble]").wait_for()
    assert serious(officer.page) == []
    officer.go("/m/outbox/").page.locator(".receipt").wait_for()
    officer.page.evaluate(AXE)
    assert serious(officer.page) == []
