"""The main job by hand: report → dispatch → handle → feedback → review, by seven people at their screens."""

from playwright.sync_api import expect

from tests.browser.conftest import PHONE
from tests.browser.field import delivered, ready, send, write_report

IN_MAIN_COMMUNITY = "620105006001001"


def status_of(person, order):
    """The status the page shows, by its code."""
    person.go(order)
    return person.page.locator(".order-head [data-status]").first.get_attribute("data-status")


def report_waste(officer):
    """Report dumped building waste in the officer's grid; returns the order's number."""
    ready(officer)
    write_report(officer, "农大社区南门堆放建筑垃圾,请派人清运", kind="0502")
    place = officer.page.locator("[data-place-more]")
    if not place.evaluate("part => part.open"):
        place.locator("summary").click()
    place.locator("select[name=area]").select_option(IN_MAIN_COMMUNITY)
    send(officer)
    return delivered(officer)


def test_an_order_runs_from_report_to_close(person):
    officer = person("officer", size=PHONE)
    number = report_waste(officer)
    expect(officer.page.get_by_text(number).first).to_be_visible()

    person("acceptor").step(f"/desk/{number}/", "accept", category="0502")
    person("dispatcher").step(f"/desk/{number}/", "dispatch", unit="620105-UM")
    handler = person("handler").receives(f"/inbox/{number}/")
    handler.step(f"/inbox/{number}/", "sign")
    handler.step(
        f"/inbox/{number}/",
        "feedback",
        internal_result="已派车清运",
        public_answer="垃圾已清运,欢迎监督",
        resolved="true",
    )
    officer.step(f"/m/orders/{number}/", "pass_check", note="现场已清")
    reviewer = person("reviewer")
    reviewer.step(f"/desk/{number}/", "revisit", reached="true", resolved="true", satisfaction="5")

    officer.go(f"/m/orders/{number}/")
    history = officer.page.locator(".timeline")
    assert history.locator("li").count() >= 7
    for name in ("王小梅", "沈静", "韩磊", "吕涛", "朱琳"):
        expect(history.get_by_text(name).first).to_be_attached()
    expect(officer.page.get_by_text("垃圾已清运,欢迎监督").first).to_be_attached()


def test_the_next_person_hears_of_it_without_asking(person):
    acceptor = person("acceptor")
    number = report_waste(person("officer", size=PHONE))
    for _try in range(20):
        acceptor.go("/notices/")
        if acceptor.page.get_by_text(number).count():
            break
        acceptor.page.wait_for_timeout(500)
    expect(acceptor.page.get_by_text(number).first).to_be_visible()


def test_a_refusal_says_why_and_keeps_what_was_typed(person):
    number = report_waste(person("officer", size=PHONE))
    acceptor = person("acceptor")
    acceptor.go(f"/desk/{number}/moves/decline/")
    form = acceptor.page.locator("form.move-form[action*='/moves/decline/']").first
    person("dispatcher")  # somebody else is at work as well
    other = person("acceptor")
    other.step(f"/desk/{number}/", "accept", category="0502")
    form.locator("[name=reason]").last.fill("与本区职责无关的事项")
    acceptor.send(form)
    expect(acceptor.page.locator(".error-summary, .callout, .strip").first).to_be_visible()
    expect(acceptor.page.locator("[name=reason]").last).to_have_value("与本区职责无关的事项")


def test_keyboard_alone_accepts_an_order(person):
    number = report_waste(person("officer", size=PHONE))
    acceptor = person("acceptor")
    acceptor.go(f"/desk/{number}/")
    page = acceptor.page

    def tab_to(target) -> None:
        for _press in range(60):
            page.keyboard.press("Tab")
            if target.evaluate("element => element === document.activeElement"):
                return
        raise AssertionError("out of reach")

    # Past the menu and the queue, however long it is.
    tab_to(page.locator("a[href='#order']"))
    page.keyboard.press("Enter")
    tab_to(page.locator("form.move-form[action*='/moves/accept/'] button[type=submit]"))
    page.keyboard.press("Enter")
    expect(page.locator("form.move-form[action*='/moves/accept/']")).to_have_count(0)
