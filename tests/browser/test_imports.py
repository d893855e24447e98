"""Ten thousand grids from a workbook, twelve of them bad: looked at, taken home marked, written, undone."""

import io

import pytest
from openpyxl import Workbook, load_workbook
from playwright.sync_api import expect

from tests.browser import axe, field
from tests.browser.conftest import DESK, WIDE

ROWS, BAD = 10_000, 12
# A district in which the demo has no grids.
ELSEWHERE = "620103000000"


def workbook(communities: list[str]) -> bytes:
    """Five hundred grids in each of twenty communities; twelve have no name."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(["代码", "名称", "类别", "上级代码"])
    for number in range(ROWS):
        code = communities[number // 500]
        name = "" if number % (ROWS // BAD) == 7 else f"网格{number}"
        sheet.append([f"{code}{500 + number % 500 - 1}", name, "urban", code])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@pytest.mark.parametrize("size", [DESK, WIDE], ids=["1366", "1920"])
def test_ten_thousand_rows_with_twelve_bad(site, person, size):
    found = field.centre(site).ask(f"areas/?level=community&under={ELSEWHERE}&page_size={ROWS // 500}")["results"]
    codes = [one["code"] for one in found]
    assert len(codes) == ROWS // 500
    admin = person("admin", size=size)
    page = admin.go("/imports/").page
    assert axe.faults(page) == []
    page.locator("a[href='/imports/new/grids/']").click()
    page.set_input_files("input[name=file]", {"name": "网格.xlsx", "mimeType": "", "buffer": workbook(codes)})
    page.locator("form[enctype] button[type=submit]").click()

    confirm = page.locator("form[action$='/confirm/'] button[value=valid]")
    expect(confirm).to_contain_text(f"{ROWS - BAD}")
    assert page.locator(".outcome dd").all_inner_texts() == [str(ROWS - BAD), "0", "0", str(BAD)]
    assert page.locator("tbody tr").count() == BAD and axe.faults(page) == []
    with page.expect_download() as taken:
        page.locator("a[href$='/marked/']").click()
    sheet = load_workbook(io.BytesIO(taken.value.path().read_bytes())).worksheets[0]
    red = [cell.coordinate for row in sheet.iter_rows(max_col=4) for cell in row if cell.fill.fgColor.rgb == "FFFFC7CE"]
    assert len(red) == BAD and all(place.startswith("B") for place in red)
    assert sum(bool(sheet.cell(line, 5).value) for line in range(2, ROWS + 2)) == BAD

    confirm.click()
    undo = page.locator("details:has(form[action$='/undo/']) summary")
    expect(undo).to_be_visible()
    assert page.locator(".outcome dd").all_inner_texts()[-1] == str(ROWS - BAD)
    undo.click()
    page.locator("form[action$='/undo/'] button").click()
    expect(page.locator("[data-import] .tag").first).to_have_text("已撤销")
