"""The desk by keyboard: twenty dispatches, two dispatchers on one order, and keys that rest while somebody types."""

import pytest
from playwright.sync_api import expect

from tests.browser import field
from tests.browser.conftest import DESK, WIDE

MOST_KEYS, ORDERS = 4, 20
SHOWN = "[data-pane] [data-order]"


def at_the_desk(seat, path: str):
    """The desk with its keys at work; returns the page."""
    seat.go(path)
    return keys_ready(seat.page)


def keys_ready(page):
    """Until the script of the keys has run: a page that looks ready may not listen yet."""
    expect(page.locator("[data-panes][data-ready]")).to_have_count(1)
    return page


def opened(page) -> str:
    found = page.locator(SHOWN)
    return found.get_attribute("data-order") if found.count() else ""


def press(page, key: str) -> int:
    page.keyboard.press(key)
    return 1


def stocked(site: str, orders: int):
    """At least so many orders wait to be dispatched."""
    desk = field.centre(site)
    waiting = desk.ask(f"workorders/?status=filed&page_size={orders}")["results"]
    for number in range(orders - len(waiting)):
        report = {"description": f"待派遣第{number}件：建筑垃圾", "category": "0502", "area": field.GRID}
        desk.do(field.centre(site, "officer").ask("workorders/", report)["number"], "accept", category="0502")


def wait_for_another(page, number: str):
    expect(page.locator(f'{SHOWN[:-1]}="{number}"]')).to_have_count(0)
    expect(page.locator(SHOWN)).to_have_count(1)


@pytest.mark.parametrize(("size", "orders"), [(DESK, ORDERS), (WIDE, 3)], ids=["1366", "1920"])
def test_twenty_orders_are_dispatched_with_at_most_four_keys_each(person, site, size, orders):
    stocked(site, orders)
    seat = person("dispatcher", size=size)
    page, done = at_the_desk(seat, "/desk/?view=filed"), {}
    keys = press(page, "j") + press(page, "Enter")
    expect(page.locator(SHOWN)).to_have_count(1)
    while len(done) < orders:
        number = opened(page)
        expect(page.locator('[data-pane] form[data-key="1"]')).to_have_count(1)
        keys += press(page, "1")
        if len(done) < orders - 1:
            wait_for_another(page, number)
        else:  # the last one has no order after it to go on to
            expect(page.locator(f'[data-undo][data-number="{number}"]')).to_be_visible()
        done[number], keys = keys, 0
    assert len(done) == orders and max(done.values()) <= MOST_KEYS
    centre = field.centre(site, "dispatcher")
    for number in done:  # ten seconds are for taking it back, then the worker has its turn
        field.until(page, lambda number=number: centre.ask(f"workorders/{number}/")["status"] == "dispatched")


def test_a_step_is_taken_back_before_anybody_hears_of_it(person):
    seat = person("acceptor", size=DESK)
    page = at_the_desk(seat, "/desk/?view=reported")
    press(page, "j")
    press(page, "Enter")
    expect(page.locator(SHOWN)).to_have_count(1)
    number = opened(page)
    press(page, "r")
    dialog = page.locator("dialog[open]")
    dialog.locator("input[type=radio]").first.check(force=True)
    dialog.locator("button[type=submit]").click()
    expect(page.locator("[data-undo]")).to_be_visible()
    press(page, "z")
    expect(page.locator("[data-undo]")).to_be_hidden()
    expect(page.locator(f'{SHOWN[:-1]}="{number}"]')).to_have_count(1)
    seat.go(f"/desk/{number}/")
    expect(page.locator(".order-head")).to_contain_text("待受理")


def test_two_people_on_one_order_lose_nothing(person):
    first, second = person("acceptor", size=WIDE), person("duty", size=DESK)
    at_the_desk(first, "/desk/?view=reported")
    first.page.keyboard.press("j")
    first.page.keyboard.press("Enter")
    expect(first.page.locator(SHOWN)).to_have_count(1)
    number = opened(first.page)
    at_the_desk(second, f"/desk/{number}/?view=reported")
    expect(second.page.locator(".desk-presence")).to_contain_text("正在处理")
    box = second.page.locator(f"form[action*='/{number}/moves/comment/'] textarea")
    box.fill("报告人刚刚又来电")
    first.page.keyboard.press("a")
    expect(second.page.locator("[data-moved-on]")).to_be_visible()
    expect(box).to_have_value("报告人刚刚又来电")
    second.page.locator(f"form[action*='/{number}/moves/comment/'] button[type=submit]").click()
    expect(second.page.locator(".order").first).to_contain_text("报告人刚刚又来电")


@pytest.mark.parametrize("size", [DESK, WIDE])
def test_keys_rest_while_somebody_types_or_composes_and_when_switched_off(person, size):
    seat = person("dispatcher", size=size)
    page = at_the_desk(seat, "/desk/?view=all")
    press(page, "/")
    expect(page.locator("[data-search]")).to_be_focused()
    page.keyboard.type("jx?n1")
    expect(page.locator("[data-search]")).to_have_value("jx?n1")
    assert not page.locator("dialog[open]").count() and not page.locator("[data-pick]:checked").count()
    page.locator("h1").click()
    composing = "() => document.body.dispatchEvent(new KeyboardEvent('keydown', %s))"
    page.evaluate(composing % "{key: '?', isComposing: true, bubbles: true}")
    page.evaluate(composing % "{key: '?', keyCode: 229, bubbles: true}")
    assert not page.locator("dialog[open]").count()
    press(page, "?")
    expect(page.locator('dialog[data-dialog="keys"]')).to_be_visible()
    covered = (
        "row => row.firstElementChild.getBoundingClientRect().right > row.lastElementChild.getBoundingClientRect().left"
    )
    assert not any(row.evaluate(covered) for row in page.locator(".keys > div").all())
    press(page, "j")
    assert not page.locator("[data-row][data-cursor]").count()
    page.locator('form[action="/desk/keys/"] button').click()
    expect(page.locator('[data-panes][data-keys="off"][data-ready]')).to_have_count(1)
    press(page, "j")
    assert not page.locator("[data-row][data-cursor]").count()
    page.locator('[data-open="keys"]').click()
    page.locator('form[action="/desk/keys/"] button').click()
    expect(page.locator('[data-panes][data-keys="on"][data-ready]')).to_have_count(1)
    press(page, "j")
    expect(page.locator("[data-row][data-cursor]")).to_have_count(1)
    page.keyboard.press("Control+k")
    expect(page.locator("[data-palette]")).to_be_focused()
    page.keyboard.type("待回访")
    press(page, "Enter")
    page.wait_for_url("**view=revisit**")


def test_the_list_of_commands_begins_with_the_steps_of_the_open_order(person, site):
    stocked(site, 1)
    page = at_the_desk(person("dispatcher", size=DESK), "/desk/?view=filed")
    press(page, "j")
    press(page, "Enter")
    expect(page.locator('[data-pane] form[data-key="1"]')).to_have_count(1)
    press(page, "Control+k")
    first = page.locator("[data-palette-list] button").first
    expect(first).to_have_text("派遣 " + page.locator(".proposal strong").first.inner_text())
    page.keyboard.type("待派遣")
    expect(first).to_have_text("待派遣")  # the view, without its figure


def test_a_standard_text_is_put_into_the_box_somebody_wrote_in(person, site):
    report = {"description": "路边堆放建筑垃圾", "category": "0502", "area": field.GRID}
    number = field.centre(site, "officer").ask("workorders/", report)["number"]
    field.centre(site).do(number, "accept", category="0502")
    field.centre(site, "dispatcher").do(number, "dispatch", unit="620105-UM")
    field.centre(site, "handler").do(number, "sign")
    seat = person("handler", size=DESK)
    page = seat.go(f"/inbox/{number}/").page
    box = page.locator("textarea[name=public_answer]")
    box.fill("您好，")
    page.locator("[data-open=texts]").click()
    text = page.locator("dialog[data-dialog=texts] [data-text]").first
    words = text.get_attribute("data-text")
    text.click()
    expect(box).to_have_value("您好，" + words)
    expect(page.locator("textarea[name=internal_result]")).to_have_value("")
