"""The administrators' pages on a narrow and a usual screen; the pages of somebody else under their banner."""

import pytest

from tests.browser import axe

pytestmark = pytest.mark.browser

PAGES = (
    "/units/620105-UM/",
    "/units/620105-UM/appoint/",
    "/routing/?try-category=0501&try-place=620105006001001",
    "/routing/new/",
    "/taxonomy/0605/",
    "/calendar/",
    "/texts/",
    "/people/log/",
)


@pytest.mark.parametrize("width", [320, 1366])
def test_every_page_can_be_read_and_used(person, width):
    admin = person("admin", size={"width": width, "height": 900}, bypass_csp=True)
    for path in PAGES:
        page = admin.go(path).page
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert axe.faults(page) == [], path


def test_somebody_elses_pages_and_back(person):
    # A session of its own: wherever this stops, nobody else goes on as the dispatcher.
    page = person("admin", alone=True, bypass_csp=True).go("/people/?q=dispatcher").page
    page.locator("a.table-title").first.click()
    page.locator("#id_reason").fill("核对看不到工单的问题")
    page.locator("form[action*='/view/'] button").click()
    page.wait_for_url("**/desk/")
    assert page.locator(".viewing").is_visible() and axe.faults(page) == []
    page.locator(".viewing button").click()
    page.wait_for_url("**/people/")
    assert page.locator(".viewing").count() == 0
