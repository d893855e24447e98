"""The residents' pages in a real browser: light, without script, by keyboard, for every eye; signs they scan."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import axe
from tests.browser.conftest import DESK, PHONE
from tests.browser.field import photo
from tests.browser.test_resident import GRID, report_lamp

WIDTHS = (320, 390, 1366)
LANGUAGES = {"zh-hans": "zh-CN", "en": "en"}


def dress(resident, language: str, *, large: bool):
    """Choose language and letters as the buttons at the top do."""
    cookies = [{"name": "gridgov_language", "value": language, "url": resident.site}]
    if large:
        cookies.append({"name": "gridgov_letters", "value": "large", "url": resident.site})
    resident.context.add_cookies(cookies)


@pytest.fixture(scope="module")
def followed(site, chromium):
    """The path of a report everybody below may look at."""
    from tests.browser.conftest import Person

    resident = Person(chromium, site, size=PHONE, javascript=False)
    _code, path = report_lamp(resident)
    resident.leave()
    return path


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("large", [False, True])
def test_axe_finds_nothing_serious(person, followed, language, large):
    for width in WIDTHS:
        resident = person(size={"width": width, "height": 844})
        dress(resident, language, large=large)
        for path in ("/r/", f"/r/{GRID}/", "/r/nonsense/", "/r/privacy/", "/t/", followed, f"{followed}receipt/"):
            resident.page.goto(resident.site + path)
            resident.page.wait_for_load_state("networkidle")
            assert axe.faults(resident.page) == [], (path, width)
            assert resident.page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
            assert resident.page.locator("html").get_attribute("lang") == LANGUAGES[language]


@pytest.mark.parametrize("path", ["/r/", f"/r/{GRID}/", "/t/"])
def test_a_page_costs_six_requests_and_sixty_kilobytes(person, path):
    resident = person(size=PHONE)
    sizes = []
    resident.page.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))
    resident.go(path)
    resident.page.wait_for_load_state("networkidle")
    assert len(sizes) <= 6 and sum(sizes) <= 60 * 1024, sizes


@pytest.mark.parametrize("javascript", [True, False])
def test_a_photo_travels_with_and_without_script(person, javascript):
    resident = person(size=PHONE, javascript=javascript)
    resident.go(f"/r/{GRID}/")
    page = resident.page
    page.locator("input[type=file]").last.set_input_files([photo(1)])
    if javascript:
        expect(page.locator(".picture img")).to_have_count(1)
        expect(page.locator(".picture[aria-busy]")).to_have_count(0)
    page.fill("textarea[name=description]", "楼道里堆了很多纸箱")
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url(re.compile(r"/t/[^/]+/receipt/"))
    page.goto(page.url.replace("receipt/", ""))
    picture = page.locator("figure img").first
    expect(picture).to_be_visible()
    picture.scroll_into_view_if_needed()
    answer = page.request.get(resident.site + picture.get_attribute("src"))
    assert answer.ok and answer.headers["content-type"] == "image/jpeg" and b"Exif" not in answer.body()


def test_the_whole_way_by_keyboard(person):
    """Tab, arrows, space and Enter alone: kind, words, phone, send, follow."""
    resident = person(size=PHONE)
    resident.go(f"/r/{GRID}/")
    page = resident.page
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    wanted = {"category": lambda: page.keyboard.press("Space"), "description": lambda: page.keyboard.type("井盖松动")}
    wanted["reporter_phone"] = lambda: page.keyboard.type("13700002222")
    done = set()
    for _stop in range(40):
        page.keyboard.press("Tab")
        here = page.evaluate("[document.activeElement.name ?? '', document.activeElement.type ?? '']")
        if here[0] in wanted and here[0] not in done:
            wanted[here[0]]()
            done.add(here[0])
        if here[1] == "submit" and done == set(wanted):
            page.keyboard.press("Enter")
            break
    page.wait_for_url(re.compile(r"/t/[^/]+/receipt/"))
    expect(page.locator(".code")).to_have_text(re.compile("^[2-9A-HJ-NP-Z]{10}$"))


def test_the_fifth_report_in_a_row_answers_a_question_in_words(person):
    resident = person(size=PHONE, javascript=False)
    for turn in range(3):
        report_lamp(resident, phone=f"1370000333{turn}")
    resident.go(f"/r/{GRID}/")
    page = resident.page
    question = page.locator(".question label").inner_text()
    figures = "零一二三四五六七八九"
    one, other = re.findall(f"[{figures}]", question)[:2]
    page.fill("textarea[name=description]", "还有一盏灯也不亮")
    page.fill("input[name=answer]", "99")
    page.locator("main form button[type=submit]").last.click()
    expect(page.locator(".error-summary")).to_be_visible()
    expect(page.locator("textarea[name=description]")).to_have_value("还有一盏灯也不亮")
    question = page.locator(".question label").inner_text()
    one, other = re.findall(f"[{figures}]", question)[:2]
    page.fill("input[name=answer]", str(figures.index(one) + figures.index(other)))
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url(re.compile(r"/t/[^/]+/receipt/"))


def test_the_grid_is_found_by_position_and_by_list(person):
    resident = person(size=PHONE, place=(103.7345, 36.1052))
    resident.go("/r/")
    resident.page.locator("[data-here-button]").click()
    resident.page.wait_for_url(re.compile(r"/r/\d{15}/"))
    plain = person(size=PHONE, javascript=False)
    plain.go("/r/")
    for name in ("安宁区", "银滩路街道", "农大社区"):
        plain.page.locator("a.list-row").filter(has_text=name).first.click()
    plain.page.locator(f"a[href='/r/{GRID}/']").click()
    expect(plain.page.locator("h1")).to_be_visible()
    assert plain.page.url.endswith(f"/r/{GRID}/")


def test_a_sign_is_printed_for_a_spot_and_its_code_opens_the_form(person):
    clerk = person("clerk", size=DESK)
    clerk.go(f"/signs/{GRID}/")
    page = clerk.page
    page.fill("input[name=name]", "3 号楼 2 单元门厅")
    page.locator("form:has(input[name=name]) button[type=submit]").click()
    page.wait_for_url(re.compile(r"/signs/\d{9}/"))
    code = re.search(r"/signs/(\d{9})/", page.url)[1]
    assert page.locator(".sign-code").evaluate("image => image.complete && image.naturalWidth > 0")
    assert axe.faults(page) == []
    paper = page.request.get(f"{clerk.site}/signs/{code}.pdf")
    assert paper.ok and paper.body().startswith(b"%PDF")
    resident = person(size=PHONE, javascript=False)
    resident.go(f"/r/{code}/")
    expect(resident.page.locator("input[name=address]")).to_have_value("3 号楼 2 单元门厅")
