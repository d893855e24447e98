"""The map and the wall in a real browser; the pages of areas are read in it too."""

import numpy as np
import pytest

from grids import coordinates
from tests.browser import axe, field

DISTRICT, MAIN, NEXT = "620105000000", "620105006001001", "620105006001002"


def drawn(page, before: str = ""):
    """Until the map has drawn a turn after the one named; returns its number."""
    page.wait_for_function(
        "before => Number(document.querySelector('[data-map]').dataset.drawn ?? 0) > before", arg=int(before or 0)
    )
    return page.locator("[data-map]").get_attribute("data-drawn")


def test_the_map_tells_beside_itself_by_keyboard_and_by_pointer(person):
    somebody = person("inspector")
    page = somebody.go("/map/").page
    turn = drawn(page)
    assert page.locator("[data-map] canvas").count() > 0
    # The list shows the same areas in words, and leads to the same panel.
    first = page.locator("[data-rows] tr").first
    name = first.locator("a").inner_text()
    first.locator("a").focus()
    page.keyboard.press("Enter")
    page.locator("[data-panel-heading]", has_text=name).wait_for()
    page.locator("[data-panel-close]").click()
    # Arrow keys move the map, Enter tells what lies in the middle.
    assert page.evaluate("document.activeElement === document.querySelector('[data-map]')")
    page.keyboard.press("+")
    drawn(page, turn)
    page.keyboard.press("Enter")
    page.locator("[data-panel]:not([hidden]) h2, [data-panel]:not([hidden]) p").first.wait_for()
    assert page.locator("dialog[open]").count() == 0
    # A mark tells its orders; marks have names for those who do not see them.
    mark = page.locator(".map-mark-place").first
    assert mark.get_attribute("aria-label")
    mark.focus()
    page.keyboard.press("Enter")
    page.locator("[data-panel]:not([hidden]) .map-facts, [data-panel]:not([hidden]) .order-card").first.wait_for()


def test_a_measure_and_a_day_change_the_fill_and_not_the_outlines(person):
    somebody = person("inspector")
    outlines = []
    somebody.page.on("response", lambda one: outlines.append(one.url) if "/map/outlines/" in one.url else None)
    rated = f"{somebody.site}/map/figures/?area={DISTRICT}&level=grid&measure=satisfaction"
    field.until(somebody.page, lambda: any(somebody.page.request.get(rated).json()["values"]))
    page = somebody.go("/map/").page
    turn = drawn(page)
    sent = len(outlines)
    page.select_option("[name=measure]", "satisfaction")
    turn = drawn(page, turn)
    assert "%" in page.locator("[data-rows]").inner_text()
    page.locator("[data-day]").focus()
    page.keyboard.press("ArrowLeft")
    turn = drawn(page, turn)
    shown = page.locator("[data-day-words]").inner_text()
    assert shown in page.locator("[data-points-told]").inner_text()
    page.locator("[data-day-all]").click()
    drawn(page, turn)
    assert len(outlines) == sent > 0


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (3840, 1080)])
def test_the_wall_fills_its_screen_and_equals_the_lists(person, width, height):
    somebody = person("inspector", size={"width": width, "height": height})
    page = somebody.go(f"/map/?area={DISTRICT}&screen=1").page
    page.locator("[data-map][data-ready]").wait_for()
    size = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert size == [width, height]
    visible = page.locator(".wall-box:visible").count()
    assert visible == (9 if width > 3000 else 7)
    assert page.locator(".wall-box:visible .wall-cut").count() == visible
    address = f"{somebody.site}/map/wall/?area={DISTRICT}"
    field.until(page, lambda: page.request.get(address).json()["now"][0]["value"] != "–")
    answer = page.request.get(address)
    page.reload()
    page.locator("[data-map][data-ready]").wait_for()
    # Nothing is pushed out of its box, a cut-off least of all.
    full = "box => box.offsetParent && !box.matches('.wall-trend') && box.scrollHeight > box.clientHeight + 1"
    boxes = "[...document.querySelectorAll('.wall-box')]"
    assert page.evaluate(f"{boxes}.filter({full}).map((box) => box.className)") == []
    assert len(answer.body()) <= 15_000
    shown = answer.json()
    for tile in shown["now"]:
        link = page.locator(f"[data-tile={tile['key']}]").locator("xpath=ancestor::a").get_attribute("href")
        listed = page.request.get(somebody.site + link).text()
        count = listed.split("data-count>")[1].split("<")[0]
        assert abs(int(count) - int(tile["value"])) <= (0 if tile["key"] in ("open", "cards") else 3), tile


def test_the_browser_shifts_points_as_the_server_does(person):
    page = person("inspector").go("/map/").page
    points = [[103.82, 36.06], [121.47, 31.23], [87.6, 43.8], [-0.12, 51.5]]
    for system in ("gcj02", "bd09"):
        found = page.evaluate(
            "async ([points, system]) => { const { fromWgs84 } = await import('/static/js/coordinates.js');"
            " return points.map(([lon, lat]) => fromWgs84(lon, lat, system)); }",
            [points, system],
        )
        assert np.abs(np.array(found) - coordinates.from_wgs84(np.array(points), system)).max() < 1e-9


@pytest.mark.parametrize("width", [320, 1366, 1920])
@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("inspector", "/map/"),
        ("inspector", "/map/?points=heat&days=90"),
        ("inspector", "/map/?screen=1"),
        ("inspector", f"/map/panel/?area={MAIN}"),
        ("inspector", f"/map/list/?area={DISTRICT}&show=overdue"),
        ("admin", "/areas/"),
        ("admin", f"/areas/{NEXT}/"),
    ],
)
def test_everybody_can_read_and_use_it(person, name, path, width):
    page = person(name, size={"width": width, "height": 900}).go(path).page
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("h1").count() == 1
    assert axe.faults(page) == []
