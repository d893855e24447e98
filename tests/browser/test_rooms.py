"""The rooms of the staff can be read and used by everybody: axe, and nothing wider than the screen."""

import pytest

from tests.browser import axe

WIDTHS = (320, 1366, 1920)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("dispatcher", "/desk/?view=filed"),
        ("dispatcher", "/desk/new/"),
        ("inspector", "/board/"),
        ("inspector", "/board/reports/"),
        ("handler", "/inbox/"),
    ],
)
def test_everybody_can_read_and_use_the_rooms(person, name, path):
    seat = person(name)
    for width in WIDTHS:
        seat.page.set_viewport_size({"width": width, "height": 900})
        page = seat.go(path).page
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width
        assert page.locator("h1").count() == 1
        assert axe.faults(page) == [], width
