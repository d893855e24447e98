"""The overview in a real browser: charts are drawn beside their tables, without them nothing is missing."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import axe
from tests.browser.conftest import Person


@pytest.fixture(scope="module")
def overview(site, chromium):
    """The overview of a month that no other test publishes, computed by the assessor on the page."""
    assessor = Person(chromium, site, "assessor")
    assessor.go("/assessment/start/")
    assessor.page.locator("select[name=period]").select_option(index=2)
    assessor.page.locator("main form[method=post] button[type=submit]").click()
    assessor.page.wait_for_url(re.compile(r"/assessment/runs/\d+/"))
    expect(assessor.page.locator("a[href$='/overview/']")).to_be_visible(timeout=120_000)
    address = assessor.page.locator("a[href$='/overview/']").get_attribute("href")
    assessor.leave()
    return address


def drawn(page) -> list[bool]:
    """Of every chart, whether something is painted on it."""
    return page.evaluate(
        """() => [...document.querySelectorAll("[data-chart]")].map((place) => {
             const canvas = place.querySelector("canvas");
             if (place.hidden || !canvas) return false;
             const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
             return pixels.some((value) => value > 0);
           })"""
    )


@pytest.mark.parametrize("width", [320, 1366])
def test_charts_are_drawn_beside_their_tables(person, overview, width):
    assessor = person("assessor", size={"width": width, "height": 800}, reduced_motion="reduce")
    assessor.go(overview)
    expect(assessor.page.locator("[data-chart=compared] canvas")).to_be_visible()
    charts = drawn(assessor.page)
    assert len(charts) >= 2 and all(charts)
    assert assessor.page.evaluate("document.documentElement.scrollWidth") <= width
    assert axe.faults(assessor.page) == []


def test_without_script_the_tables_stand_alone(person, overview):
    assessor = person("assessor", javascript=False)
    assessor.go(overview)
    assert assessor.page.locator("[data-chart]:visible").count() == 0
    assert assessor.page.locator("main table:visible").count() >= 4


def test_without_the_library_the_tables_stand_alone(person, overview):
    assessor = person("assessor")
    assessor.context.route("**/vendor/echarts/*", lambda route: route.abort())
    assessor.go(overview)
    assessor.page.wait_for_load_state("networkidle")
    assert assessor.page.locator("[data-chart]:visible").count() == 0
    assert assessor.page.locator("main table:visible").count() >= 4
