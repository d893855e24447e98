"""Every home at three widths: nothing runs off the side, no script fails, nothing breaks the CSP."""

import pytest

HOMES = {
    "officer": ("/m/", "/m/report/", "/m/orders/", "/me/", "/notices/"),
    "acceptor": ("/desk/", "/desk/?view=all", "/desk/new/", "/map/"),
    "handler": ("/inbox/",),
    "inspector": ("/board/", "/map/"),
    "duty": ("/desk/",),
    "": ("/login/", "/r/", "/r/620105006001001/", "/t/"),
}


@pytest.mark.parametrize("width", [320, 360, 1366])
@pytest.mark.parametrize("name", sorted(HOMES))
def test_nothing_runs_off_the_side(person, name, width):
    somebody = person(name, size={"width": width, "height": 740})
    for path in HOMES[name]:
        somebody.go(path)
        assert somebody.page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert somebody.page.locator("h1").count() == 1, path
