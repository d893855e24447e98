"""Areas changed on the map of a real browser: a boundary moved by its corner, a grid cut along a line."""

import json

import pytest
import shapely
from playwright.sync_api import expect

from tests.browser import axe
from tests.browser.conftest import DESK, PASSWORD, WIDE

MAIN, NEXT = "620105006001001", "620105006001002"


def outlines(page, site) -> dict:
    """The two grids as they are drawn now."""
    found = {}
    for code in (MAIN, NEXT):
        shape = page.request.get(f"{site}/map/shapes/{code}/").json()["features"][0]
        found[code] = shapely.geometry.shape(shape["geometry"])
    return found


def report_at(page, site, point) -> dict:
    """A new report at a point, by the API."""
    given = {"username": "officer", "password": PASSWORD}
    token = page.request.post(f"{site}/api/v1/auth/token/", data=given).json()["token"]
    answer = page.request.post(
        f"{site}/api/v1/workorders/",
        headers={"Authorization": f"Token {token}"},
        data={"description": "边界调整后的新上报", "lon": point.x, "lat": point.y},
    )
    assert answer.status == 201, answer.text()
    return answer.json()


@pytest.mark.parametrize("size", [DESK, WIDE], ids=["1366", "1920"])
def test_a_boundary_moved_by_its_corner_takes_new_reports(person, size):
    somebody = person("admin", size=size)
    page, site = somebody.go(f"/areas/{MAIN}/").page, somebody.site
    page.locator("[data-draw][data-ready]").wait_for()
    before = outlines(page, site)
    # The corner nearest to the neighbour, pulled a third of the way into it.
    goal = before[NEXT].centroid
    ring = list(before[MAIN].exterior.coords)[:-1]
    nearest = min(range(len(ring)), key=lambda at: goal.distance(shapely.Point(ring[at])))
    page.click("[data-draw-edit]")
    corners = page.locator(".map-corner")
    assert corners.count() == len(ring)
    boxes = [corners.nth(at).bounding_box() for at in range(len(ring))]
    west, south, east, north = before[MAIN].bounds
    left, right = min(box["x"] for box in boxes), max(box["x"] for box in boxes)
    per_degree = (right - left) / (east - west)
    start = boxes[nearest]
    x, y = start["x"] + start["width"] / 2, start["y"] + start["height"] / 2
    high, low = min(box["y"] for box in boxes), max(box["y"] for box in boxes)
    per_degree_up = (low - high) / (north - south)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(
        x + (goal.x - ring[nearest][0]) * per_degree / 3, y - (goal.y - ring[nearest][1]) * per_degree_up / 3, steps=5
    )
    page.mouse.up()
    drawn = shapely.geometry.shape(json.loads(page.input_value("textarea[name=outline]")))
    strip = shapely.intersection(shapely.difference(drawn, before[MAIN]), before[NEXT])
    assert strip.area > 0
    point = strip.representative_point()
    page.check("input[name=neighbours_give_way]")
    page.locator("form[enctype] button.button-primary").click()
    page.locator("#survey_heading").wait_for()
    page.locator("form[data-once] button.button-primary").click()
    page.wait_for_load_state("networkidle")
    assert report_at(page, site, point)["area"]["code"] == MAIN
    after = outlines(page, site)
    assert after[MAIN].covers(point) and not after[NEXT].covers(point)


def test_a_line_drawn_on_the_map_divides_and_the_preview_tells(person):
    somebody = person("admin", size=DESK)
    page = somebody.go(f"/areas/{NEXT}/split/").page
    page.locator("[data-cut][data-ready]").wait_for()
    box = page.locator("[data-cut]").bounding_box()
    # The whole outline stands in the middle third: from above it to below it.
    for share in (0.03, 0.97):
        page.locator("[data-cut]").click(position={"x": box["width"] / 2, "y": box["height"] * share})
    expect(page.locator("[data-cut-count]")).to_contain_text("2")
    page.locator("[data-cut]").focus()
    page.keyboard.press("Enter")  # a point in the middle, without a pointer
    expect(page.locator("[data-cut-count]")).to_contain_text("3")
    page.click("[data-cut-undo]")
    page.locator("form[enctype] button.button-primary").click()
    page.locator("#cover_heading").wait_for()
    assert page.locator("fieldset.area-part legend .map-part").all_inner_texts() == ["1", "2"]
    page.locator("form.form-wide > button").click()
    page.locator("#effects_heading").wait_for()
    expect(page.locator("form[data-once] button.button-primary")).to_be_visible()


@pytest.mark.parametrize("width", [320, 1366])
def test_everybody_can_read_and_use_the_pages_of_areas(person, width):
    somebody = person("admin", size={"width": width, "height": 900})
    for path in (f"{MAIN}/split/", f"{MAIN}/merge/", f"{MAIN}/close/", "new/?under=620105006001", "changes/"):
        page = somebody.go(f"/areas/{path}").page
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert axe.faults(page) == [], path
