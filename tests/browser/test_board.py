"""The board by hand: from the whistle to the rating, and from the red card to the case file."""

import json
import re
import urllib.request

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PASSWORD, WIDE

MAIN_GRID = "620105006001001"


def ask(site: str, name: str, path: str, body: dict) -> dict:
    """What a program of this person's is answered: the way to the beginning of the story."""

    def post(address: str, data: dict, **headers: str) -> dict:
        request = urllib.request.Request(
            f"{site}/api/v1/{address}", json.dumps(data).encode(), {"Content-Type": "application/json", **headers}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    token = post("auth/token/", {"username": name, "password": PASSWORD})["token"]
    return post(path, body, Authorization=f"Token {token}")


def taken_on(site: str) -> str:
    """An order of the main grid that the first unit has signed for; its number."""
    words = {"description": "农大社区南门堆放建筑垃圾，请派人清运", "category": "0502", "area": MAIN_GRID}
    number = ask(site, "officer", "workorders/", words)["number"]
    for who, move, given in (
        ("acceptor", "accept", {"category": "0502"}),
        ("dispatcher", "dispatch", {"unit": "620105-UM"}),
        ("handler", "sign", {}),
    ):
        ask(site, who, f"workorders/{number}/moves/{move}/", given)
    return number


@pytest.mark.parametrize("size", [DESK, WIDE], ids=["1366", "1920"])
def test_from_the_whistle_to_the_rating(person, site, size):
    number = taken_on(site)
    chief = person("chief", size=size)
    chief.go(f"/board/{number}/moves/whistle/")
    form = chief.page.locator("form.move-form[action*='/moves/whistle/']")
    form.locator("input[name=kind][value=joint]").check(force=True)
    form.locator("input[name=units][value='620105-HC']").check(force=True)
    form.locator("[name=note]").fill("请到现场会商")
    form.locator("button[type=submit]").click()
    chief.page.wait_for_url(re.compile(rf"/{number}/$"))
    calls = chief.page.locator("section[aria-labelledby=calls_heading]")
    expect(calls.get_by_text("请到现场会商")).to_be_visible()

    unit = person("handler2", size=size, place=(103.7345, 36.1052))
    unit.step(f"/inbox/{number}/", "arrive", location="103.73450,36.10520")
    expect(unit.page.locator("section[aria-labelledby=calls_heading] .tone-ok")).to_be_visible()

    chief.go(f"/board/{number}/moves/rate_unit/")
    form = chief.page.locator("form.move-form[action*='/moves/rate_unit/']")
    form.locator("select[name=unit]").select_option("620105-HC")
    form.locator("input[name=score][value='4']").check(force=True)
    form.locator("button[type=submit]").click()
    chief.page.wait_for_url(re.compile(rf"/{number}/$"))
    expect(calls.get_by_text("4", exact=False).last).to_be_visible()


@pytest.mark.parametrize("size", [DESK, WIDE], ids=["1366", "1920"])
def test_from_the_red_card_to_the_case_file(person, site, size):
    number = taken_on(site)
    inspector = person("inspector", size=size)
    inspector.go(f"/board/?view=all&q={number}")
    row = inspector.page.locator("tr", has=inspector.page.locator(f"a[href='/board/{number}/']"))
    row.locator("a[href*='card=red']").click()
    dialog = inspector.page.locator("dialog[open]")
    expect(dialog.locator("input[name=card][value=red]")).to_be_checked()
    dialog.locator("[name=reason]").last.fill("久拖不办，群众反映强烈")
    dialog.locator("button[type=submit]").last.click()
    expect(dialog).to_have_count(0)
    inspector.page.wait_for_load_state()

    inspector.go(f"/board/{number}/case/")
    page = inspector.page
    expect(page.get_by_text("久拖不办，群众反映强烈").first).to_be_visible()
    expect(page.get_by_text("待答复").first).to_be_visible()
    for ending, head in (("docx", b"PK"), ("pdf", b"%PDF")):
        with page.expect_download() as waiting:
            page.locator(f"a[href*='as={ending}']").click()
        assert number in waiting.value.suggested_filename
        with open(waiting.value.path(), "rb") as file:
            assert file.read(4).startswith(head)

    person("handler").step(f"/inbox/{number}/", "comment", text="今天下班前清运完毕")
    inspector.go(f"/board/{number}/case/")
    expect(page.get_by_text("按时答复").first).to_be_visible()
    expect(page.get_by_text("今天下班前清运完毕").first).to_be_visible()
