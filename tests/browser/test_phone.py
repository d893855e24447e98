"""The officer's phone: a report in three taps, and a whole round without a network."""

import re
import uuid

import pytest
from playwright.sync_api import expect

from bench.link import Link
from tests.browser.field import (
    TOUCH,
    all_sent,
    centre,
    copied,
    delivered,
    photo,
    ready,
    send,
    unsent,
    until,
    write_report,
)  # fmt: skip

HERE = (103.7345, 36.1052)


def given_to_the_officer(site: str, text: str) -> str:
    """An order the officer has signed for and has to finish; returns its number."""
    officer = centre(site, "officer")
    body = {"description": text, "category": "0302", "area": "620105006001001"}
    number = officer.ask("workorders/", body)["number"]
    centre(site).do(number, "accept", category="0302", urgency="emergency")
    centre(site, "dispatcher").do(number, "dispatch", officer=str(officer.ask("me/")["id"]))
    officer.do(number, "sign")
    return number


def test_a_report_takes_three_taps(person):
    officer = person("officer", place=HERE, **TOUCH)
    officer.go("/m/")
    page, taps = officer.page, 0
    with page.expect_file_chooser() as camera:
        page.locator("a.phone-tab-report").tap()
        taps += 1
    camera.value.set_files([photo(1)])
    page.wait_for_url("**/m/report/")
    expect(page.locator("[data-name=photos] .picture")).to_have_count(1)
    page.locator(".tile").first.tap()
    taps += 1
    page.locator(".phone-action button").tap()
    taps += 1
    number = delivered(officer)
    assert taps == 3
    expect(page.locator("[data-receipt-photos]")).to_contain_text("1/1")
    order = centre(officer.site).ask(f"workorders/{number}/")
    assert order["category"] and order["location"] and order["description"] == order["category"]["name"]
    (kept,) = order["attachments"]
    assert max(kept["width"], kept["height"]) <= 1600 and kept["taken_at"] and kept["kind"] == "report"
    assert (kept["location"]["lon"], kept["location"]["lat"]) == HERE


def test_offline_before_open(person):
    """Today, the report and an order open from copies when the network was gone before the page was asked for."""
    officer = person("officer", place=HERE, **TOUCH)
    page = officer.go("/m/").page
    copied(page)
    page.reload()
    until(page, lambda: page.evaluate("navigator.serviceWorker.controller?.state === 'activated'"))
    page.wait_for_load_state("networkidle")
    first = page.locator(".order-card-title a").first.get_attribute("href")
    officer.context.set_offline(True)
    page.goto(officer.site + "/m/")
    expect(page.locator("[data-strip=copy]")).to_contain_text("无网络：这是今天")
    page.goto(officer.site + first)
    expect(page.locator("main .order-title")).to_be_visible()
    page.goto(officer.site + "/m/report/")
    expect(page.locator("form[data-report] .tile").first).to_be_visible()
    page.goto(officer.site + "/m/orders/29991231000000/")
    expect(page.locator("[data-strip=kept]")).to_contain_text("手机里没有保存这一页")


@pytest.mark.parametrize("workers", ["allow", "block"])
def test_a_round_without_a_network(person, site, workers):
    """Three reports with photos, a walk through today's orders, one finished; then the network comes and goes."""
    mark = uuid.uuid4().hex[:10]
    number = given_to_the_officer(site, f"待办 {mark}")
    with Link(int(site.rsplit(":", 1)[1])) as link:
        officer = person("officer", site=link.address, place=HERE, service_workers=workers, **TOUCH)
        page = officer.go("/m/").page
        page.wait_for_load_state("networkidle")
        officer.context.set_offline(True)

        page.locator(f".order-card-title a[href='/m/orders/{number}/']").click()
        expect(page.locator("main .order-title")).to_contain_text(mark)
        step = page.locator("[data-step=feedback]")
        step.locator("[name=internal_result]").fill("已清理楼道杂物")
        step.locator("[name=public_answer]").fill("楼道已清理完毕")
        step.locator("[name=resolved][value=true]").check(force=True)
        step.locator("button[type=submit]").click()
        expect(step.locator("[data-complaint]")).to_contain_text("请添加处置后的照片")
        step.locator("input[multiple]").set_input_files([photo(50)])
        step.locator("button[type=submit]").click()
        expect(page.locator(".receipt [data-receipt-state]")).to_have_text("已保存，待网络")

        for count in range(3):
            with page.expect_file_chooser() as camera:
                page.locator("a.phone-tab-report").tap()
            camera.value.set_files([photo(60 + count)])
            expect(page.locator("form[data-report] .picture")).to_have_count(1)
            write_report(officer, f"第{count + 1}件 {mark}")
            send(officer)
            expect(page.locator("[data-saved] [data-receipt-state]")).to_have_text("已保存，待网络")
        assert len(unsent(officer)) == 4

        link.weather.drop = 0.3
        link.cut_every(2, outage=1)
        officer.context.set_offline(False)
        all_sent(officer)
        assert link.broken, "the link was bad"

    found = centre(site).orders(mark)
    assert sorted(order["description"] for order in found) == sorted(
        [f"待办 {mark}", *(f"第{count + 1}件 {mark}" for count in range(3))]
    )
    for order in found:
        kinds = [one["kind"] for one in order["attachments"]]
        assert kinds == (["after"] if order["number"] == number else ["report"])
    finished = next(order for order in found if order["number"] == number)
    assert finished["status"] == "fed_back" and finished["public_answer"] == "楼道已清理完毕"


def test_settled_on_the_spot_in_the_same_flow(person, site):
    officer, mark = ready(person("officer", **TOUCH)), uuid.uuid4().hex[:10]
    page = officer.page
    write_report(officer, f"顺手清理 {mark}", photos=[photo(70)], kind="0302")
    page.locator("[name=self_handled]").check()
    page.locator(".phone-action button").click()
    expect(page.locator("[data-settled] [data-complaint]")).to_contain_text("请填写")
    page.fill("[name=result]", "已清理干净")
    page.locator("[data-name=after] input[multiple]").set_input_files([photo(71)])
    send(officer)
    all_sent(officer)
    (order,) = centre(site).orders(mark)
    assert order["status"] in ("fed_back", "revisiting", "closed") and order["internal_result"] == "已清理干净"
    assert sorted(one["kind"] for one in order["attachments"]) == ["after", "report"]


def test_the_same_thing_is_offered_before_sending_and_late(person, site):
    first, mark = uuid.uuid4().hex[:10], uuid.uuid4().hex[:10]
    body = {"description": f"东门共享单车乱停 {first}", "category": "0507", "area": "620105006001001"}
    number = centre(site, "officer").ask("workorders/", body)["number"]
    officer = ready(person("officer", **TOUCH))
    page = officer.page
    write_report(officer, f"东门共享单车乱停 {first} {mark}", photos=[photo(80)], kind="0507")
    page.locator("textarea[name=description]").blur()
    offer = page.locator(f"[data-similar] button[data-order='{number}']")
    offer.click()
    expect(page.locator(".receipt-steps")).to_be_visible()
    all_sent(officer)
    order = centre(site).ask(f"workorders/{number}/")
    assert len(order["attachments"]) == 1 and mark in str([one for one in order["events"] if one["kind"] == "comment"])
    assert centre(site).orders(mark) == [], "no new order"

    late = uuid.uuid4().hex[:10]
    ready(officer)
    slow = []
    page.route("**/m/report/similar/**", lambda route: slow.append(route))
    page.route("**/m/report/", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    write_report(officer, f"东门共享单车乱停 {first} {late}", kind="0507")
    send(officer)
    page.unroute("**/m/report/similar/**")
    slow[-1].continue_()
    page.locator(f"[data-saved-late] button[data-order='{number}']").click()
    page.unroute("**/m/report/")
    all_sent(officer)
    events = centre(site).ask(f"workorders/{number}/")["events"]
    assert late in str([one for one in events if one["kind"] == "comment"])


def test_the_grid_by_list_and_on_the_map(person, site):
    officer, mark = ready(person("officer", **TOUCH)), uuid.uuid4().hex[:10]
    page = officer.page
    expect(page.locator("[data-place-words]")).to_contain_text("请核对网格")
    page.locator("[data-place-more] summary").click()
    page.locator("[data-place] select").select_option(index=2)
    grid = page.locator("[data-place] select").evaluate("list => list.value")
    write_report(officer, f"选网格 {mark}")
    send(officer)
    all_sent(officer)
    (order,) = centre(site).orders(mark)
    assert order["area"]["code"] == grid and order["location"] is None

    mark = uuid.uuid4().hex[:10]
    ready(officer)
    page.locator("[data-place-more] summary").click()
    page.locator("[data-place-map]").click()
    expect(page.locator("[data-place-plan][data-ready]")).to_be_visible()
    page.locator(".leaflet-container").focus()
    for key in ("+", "+", "ArrowRight"):
        page.keyboard.press(key)
        page.wait_for_timeout(400)
    expect(page.locator("[data-place-words]")).to_contain_text("地图选点")
    write_report(officer, f"地图 {mark}")
    send(officer)
    all_sent(officer)
    (order,) = centre(site).orders(mark)
    assert order["location"] and re.fullmatch(r"\d{15}", order["area"]["code"])


def test_the_keyboard_alone_reports(person, site):
    """Tab to the kind, choose it by space, go on to the button: every stop has a visible focus, nothing is covered."""
    officer, mark = ready(person("officer", size=TOUCH["size"])), uuid.uuid4().hex[:10]
    page = officer.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('.skip-link')")

    def tab_to(selector: str) -> None:
        for _press in range(60):
            page.keyboard.press("Tab")
            inside = page.evaluate("one => document.activeElement.matches(one)", selector)
            for _frame in range(100):
                if covered(page) == "":
                    break
                page.wait_for_timeout(50)  # the page scrolls there
            assert covered(page) == "", "what has the focus can be seen"
            if inside:
                return
        raise AssertionError(selector)

    tab_to(".tiles input")
    page.keyboard.press("Space")
    tab_to("[data-extras] summary")
    page.keyboard.press("Enter")
    tab_to("textarea[name=description]")
    page.keyboard.type(f"键盘上报 {mark}")
    tab_to(".phone-action button")
    page.keyboard.press("Enter")
    expect(page.locator(".receipt-steps")).to_be_visible()
    assert page.evaluate("document.activeElement.matches('[data-saved]')")
    all_sent(officer)
    assert len(centre(site).orders(mark)) == 1


def covered(page) -> str:
    """What hides the middle of the focused control; nothing when it can be seen, or shows its label instead."""
    return page.evaluate("""() => {
        const one = document.activeElement;
        if (!one || one === document.body) return "";
        const shown = one.closest("label, summary, .tile, .chip") ?? one;
        const box = shown.getBoundingClientRect();
        const top = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height / 2, 40));
        if (!top) return box.y < 0 || box.y > innerHeight ? "outside the window" : "";
        return shown.contains(top) || top.contains(shown) ? "" : top.outerHTML.slice(0, 80);
    }""")
