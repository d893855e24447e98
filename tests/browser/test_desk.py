"""The desk by keyboard: twenty dispatches, two dispatchers on one order, and keys that rest while somebody types."""

import time

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK

WIDE = {"width": 1920, "height": 1080}
MOST_KEYS, ORDERS = 4, 20
SHOWN = "[data-pane] [data-order]"


def opened(page) -> str:
    found = page.locator(SHOWN)
    return found.get_attribute("data-order") if found.count() else ""


def press(page, key: str) -> int:
    page.keyboard.press(key)
    return 1


def wait_for_another(page, number: str):
    expect(page.locator(f'{SHOWN[:-1]}="{number}"]')).to_have_count(0)
    expect(page.locator(SHOWN)).to_have_count(1)


def test_twenty_orders_are_dispatched_with_at_most_four_keys_each(person):
    seat = person("dispatcher", size=DESK)
    seat.go("/desk/?view=filed")
    page, done = seat.page, {}
    keys = press(page, "j") + press(page, "Enter")
    expect(page.locator(SHOWN)).to_have_count(1)
    while len(done) < ORDERS:
        number = opened(page)
        expect(page.locator('[data-pane] form[data-key="1"]')).to_have_count(1)
        keys += press(page, "1")
        if len(done) < ORDERS - 1:
            wait_for_another(page, number)
        done[number], keys = keys, 0
    assert len(done) == ORDERS and max(done.values()) <= MOST_KEYS
    until = time.monotonic() + 90
    while time.monotonic() < until:
        seat.go("/desk/?view=filed")
        left = {row.get_attribute("data-number") for row in page.locator("[data-row]").all()}
        if left.isdisjoint(done):
            break
        time.sleep(2)
    assert left.isdisjoint(done), left & set(done)
    for number in list(done)[:2]:
        seat.go(f"/desk/{number}/")
        expect(page.locator(".order-head")).to_contain_text("待签收")


def test_a_step_is_taken_back_before_anybody_hears_of_it(person):
    seat = person("acceptor", size=DESK)
    seat.go("/desk/?view=reported")
    page = seat.page
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
    first, second = person("acceptor", size=WIDE), person("duty", size=WIDE)
    first.go("/desk/?view=reported")
    first.page.keyboard.press("j")
    first.page.keyboard.press("Enter")
    expect(first.page.locator(SHOWN)).to_have_count(1)
    number = opened(first.page)
    second.go(f"/desk/{number}/?view=reported")
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
    seat.go("/desk/?view=all")
    page = seat.page
    press(page, "/")
    page.keyboard.type("jx?n1")
    assert page.locator("[data-search]").input_value() == "jx?n1"
    assert not page.locator("dialog[open]").count() and not page.locator("[data-pick]:checked").count()
    page.locator("h1").click()
    composing = "() => document.body.dispatchEvent(new KeyboardEvent('keydown', %s))"
    page.evaluate(composing % "{key: '?', isComposing: true, bubbles: true}")
    page.evaluate(composing % "{key: '?', keyCode: 229, bubbles: true}")
    assert not page.locator("dialog[open]").count()
    press(page, "?")
    expect(page.locator('dialog[data-dialog="keys"]')).to_be_visible()
    press(page, "j")
    assert not page.locator("[data-row][data-cursor]").count()
    page.locator('form[action="/desk/keys/"] button').click()
    expect(page.locator('[data-panes][data-keys="off"]')).to_have_count(1)
    press(page, "j")
    assert not page.locator("[data-row][data-cursor]").count()
    page.locator('[data-open="keys"]').click()
    page.locator('form[action="/desk/keys/"] button').click()
    expect(page.locator('[data-panes][data-keys="on"]')).to_have_count(1)
    press(page, "j")
    assert page.locator("[data-row][data-cursor]").count() == 1
    page.keyboard.press("Control+k")
    page.keyboard.type("待回访")
    press(page, "Enter")
    page.wait_for_url("**view=revisit**")
