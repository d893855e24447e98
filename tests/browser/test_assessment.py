"""The assessment by hand: assess, review, publish, explain on a phone, appeal, upheld, revision 2, bulletin."""

import datetime as dt
import re

from playwright.sync_api import expect

from tests.browser.conftest import PHONE

ZONE = dt.timezone(dt.timedelta(hours=8))
REASON, ANSWER = "系统当天停机,已在时限内处置", "停机公告属实,不应计为超期"


def last_month() -> str:
    return f"{dt.datetime.now(ZONE).date().replace(day=1) - dt.timedelta(days=1):%Y-%m}"


def computed(assessor, period) -> str:
    """The address of the month's run, computed by a worker while the page tells how far it is."""
    page = assessor.go(f"/assessment/start/?period={period}").page
    expect(page.locator("select[name=period]")).to_have_value(period)
    page.locator("main form[method=post] button[type=submit]").click()
    page.wait_for_url(re.compile(r"/assessment/runs/\d+/"))
    address = re.search(r"/assessment/runs/\d+/", page.url).group(0)
    for _try in range(60):
        assessor.go(address)
        if page.locator(f"a[href$='{address}publish/']").count():
            return address
        page.wait_for_timeout(1000)
    raise AssertionError(page.locator("main").inner_text()[:800])


def published(assessor, run, period):
    """Review first, then the month typed once more."""
    page = assessor.page
    text = page.locator("main").inner_text()
    assert text.index("变动最大") < text.index("明显偏离") < text.index("疑似凑数"), "the review comes first"
    page.locator(f"a[href$='{run}publish/']").click()
    page.fill("input[name=confirmation]", period)
    page.locator("main form[method=post] button[type=submit]").click()
    page.wait_for_url(re.compile(re.escape(run) + r"$"))
    expect(page.locator("main").get_by_text("已公布").first).to_be_visible()


def figure(person) -> float:
    """The score the page shows."""
    return float(person.page.locator(".score-large").first.inner_text())


def test_from_the_month_to_revision_two_and_the_bulletin(person):
    period = last_month()
    assessor = person("assessor")
    run = computed(assessor, period)
    published(assessor, run, period)

    # Her score page, and from it in two taps the very order that cost her points.
    officer = person("officer", size=PHONE)
    officer.go("/assessment/")
    score = re.search(r"/assessment/scores/\d+/", officer.page.url).group(0)
    before = figure(officer)
    charge = officer.page.locator("li.line", has_text="K04").first
    expect(charge.locator(".line-points")).to_have_text("-0.30")
    costs = officer.page.locator("a[href*='/evidence/M05/']").first
    costs.click()
    row = officer.page.locator("li.line").first
    number = row.locator(".line-name a").inner_text()
    row.locator(".line-name a").click()
    officer.page.wait_for_url(re.compile(rf"/m/orders/{number}/"))
    assert officer.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

    # She appeals at the deduction for that order.
    officer.go(score)
    charge = officer.page.locator("li.line", has_text="K04").filter(has_text=number).first
    charge.locator("a[href*='/appeal/']").click()
    officer.page.fill("textarea[name=reason]", REASON)
    officer.page.locator("main form[method=post] button[type=submit]").click()
    officer.page.wait_for_url(re.compile(re.escape(score) + r"$"))
    expect(officer.page.locator("a[href*='/assessment/appeals/']").first).to_be_visible()

    # The assessor finds it waiting and upholds it.
    assessor.go("/assessment/appeals/")
    assessor.page.locator("tr", has_text=number).locator("a.table-title").click()
    expect(assessor.page.get_by_text(REASON).first).to_be_visible()
    assessor.page.locator("input[name=uphold][value=yes]").check(force=True)
    assessor.page.fill("textarea[name=answer]", ANSWER)
    assessor.page.locator("main form[method=post]:has(textarea[name=answer]) button[type=submit]").click()
    assessor.page.wait_for_url(re.compile(r"/assessment/appeals/$"))

    # Everybody sees revision 2 with the reason; the first one stays as it was.
    for _try in range(60):
        officer.go(score)
        later = officer.page.locator(".callout a[href*='/assessment/scores/']")
        if later.count():
            break
        officer.page.wait_for_timeout(1000)
    assert figure(officer) == before, "what was published does not change"
    later.first.click()
    officer.page.wait_for_url(lambda url: score not in url)
    expect(officer.page.get_by_text(ANSWER).first).to_be_visible()
    expect(officer.page.get_by_text("修订").first).to_be_visible()
    assert figure(officer) > before
    manager = person("manager")
    manager.go("/assessment/mine/")
    manager.page.locator(".list-row a[href*='/assessment/runs/']").first.click()
    expect(manager.page.get_by_text(ANSWER).first).to_be_visible()

    # The bulletin is made of the revision.
    page = assessor.go("/assessment/").page
    page.locator("a.table-title[href*='/assessment/runs/']", has_text=month_words(period)).click()
    expect(page.get_by_text(ANSWER).first).to_be_visible()
    page.locator("a[href$='/bulletin/']").click()
    page.wait_for_url(re.compile(r"/assessment/runs/\d+/bulletin/"))
    with page.expect_download() as paper:
        page.locator("button[name=as][value=docx]").click()
    assert paper.value.path().read_bytes()[:2] == b"PK"


def month_words(period) -> str:
    year, month = period.split("-")
    return f"{year}年{int(month)}月"
