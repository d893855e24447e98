"""Nothing is lost on the way and nothing arrives twice: cuts, lost answers, killed tabs, twins, others' phones."""

import datetime as dt
import itertools
import re
import uuid

import pytest
from playwright.sync_api import expect

from bench.link import Link
from bench.phone import QUEUE
from tests.browser.field import (
    COPIED,
    TOUCH,
    all_sent,
    centre,
    copied,
    delivered,
    photo,
    ready,
    send,
    unsent,
    write_report,
)  # fmt: skip


@pytest.fixture
def link(site):
    """A network between phone and site that can be bad."""
    with Link(int(site.rsplit(":", 1)[1])) as found:
        yield found


@pytest.fixture
def phone(person, link):
    """The officer's phone behind the link, logged in there; more of the same by options."""

    def sit_down(name="officer", **options):
        return person(name, site=link.address, **{**TOUCH, **options})

    return sit_down


def words() -> str:
    """A text no other report has."""
    return f"网络时有时无 {uuid.uuid4().hex[:12]}"


def arrived(site: str, text: str) -> list[dict]:
    """What the command centre has of it."""
    return centre(site).orders(text.split()[-1])


def seconds(moment: str) -> float:
    """A moment of the API in seconds."""
    return dt.datetime.fromisoformat(moment).timestamp()


def test_without_a_network_it_is_saved_and_sent_later(phone, site):
    officer, text = ready(phone()), words()
    officer.context.set_offline(True)
    write_report(officer, text, photos=[photo(2), photo(3)])
    send(officer)
    page = officer.page
    expect(page.locator("[data-saved] [data-receipt-state]")).to_have_text("已保存，待网络")
    assert arrived(site, text) == [] and len(unsent(officer)) == 1
    officer.context.set_offline(False)
    number = delivered(officer)
    all_sent(officer)
    (order,) = arrived(site, text)
    assert order["number"] == number and order["occurred_at"] is None
    assert [one["kind"] for one in order["attachments"]] == ["report", "report"]
    expect(page.locator("[data-saved] [data-receipt-state]")).to_have_text("已送达，等待受理")
    centre(site).do(number, "accept", category="0501")
    page.goto(officer.site + "/m/outbox/")
    expect(page.locator(".receipt", has_text=number).locator(".receipt-steps li").last).to_have_attribute(
        "data-done", "yes"
    )


def test_a_cut_in_the_middle_of_a_photo(phone, link, site):
    officer, text = ready(phone()), words()
    write_report(officer, text, photos=[photo(4), photo(5)])
    link.weather.cut_uploads_after = 60_000
    send(officer)
    all_sent(officer)
    assert link.weather.cut_uploads_after is None, "the cut took place"
    (order,) = arrived(site, text)
    assert len(order["attachments"]) == 2


def test_answers_that_are_lost(phone, link, site):
    officer, text = ready(phone()), words()
    write_report(officer, text, photos=[photo(6)])
    link.weather.lose_answers = 4
    send(officer)
    all_sent(officer)
    assert link.weather.lost == 4, "two for the words, two for the photo"
    (order,) = arrived(site, text)
    assert len(order["attachments"]) == 1


def test_a_lost_request_is_tried_again_within_seconds(phone):
    """Pauses grow from two seconds; none waits for the clock of every twenty seconds, and none is longer than that."""
    officer, text = ready(phone()), words()
    page, tries = officer.page, []

    def lose(route):
        if route.request.method != "POST":
            route.continue_()
            return
        tries.append(page.evaluate("performance.now()"))
        route.abort()

    page.clock.install()
    write_report(officer, text)
    page.route("**/m/report/", lambda route: lose(route))
    send(officer)
    for _second in range(90):
        page.clock.run_for(1000)
        page.wait_for_timeout(30)
    gaps = [(later - sooner) / 1000 for sooner, later in itertools.pairwise(tries)]
    assert len(gaps) >= 5 and gaps[0] < 5 and gaps[1] < 9 and max(gaps) < 23, gaps
    page.unroute("**/m/report/")
    for _second in range(30):
        page.clock.run_for(1000)
        page.wait_for_timeout(30)
    page.clock.resume()
    all_sent(officer)
    assert len(arrived(officer.site, text)) == 1


def test_a_tab_that_is_killed_while_sending(phone, link, site):
    officer, text = ready(phone()), words()
    write_report(officer, text, photos=[photo(7), photo(8)])
    link.weather.cut_uploads_after = 100_000
    send(officer)
    officer.page.close(run_before_unload=False)
    officer.page = officer.context.new_page()
    officer.go("/m/")
    all_sent(officer)
    (order,) = arrived(site, text)
    assert len(order["attachments"]) == 2


def test_two_tabs_send_once(phone, link, site):
    officer, text = ready(phone()), words()
    other = officer.context.new_page()
    other.goto(officer.site + "/m/outbox/")
    officer.context.set_offline(True)
    write_report(officer, text, photos=[photo(9)])
    send(officer)
    officer.context.set_offline(False)
    all_sent(officer)
    (order,) = arrived(site, text)
    assert len(order["attachments"]) == 1
    expect(other.locator(".receipt", has_text=order["number"])).to_be_visible()
    other.close()


def test_an_expired_login_waits_for_the_same_person(phone, site):
    officer, text = ready(phone()), words()
    mine = [one for one in officer.context.cookies() if "session" in one["name"]]
    officer.context.clear_cookies(name=mine[0]["name"])
    write_report(officer, text)
    send(officer)
    page = officer.page
    expect(page.locator("[data-strip=login]")).to_contain_text("内容都在，没有丢失")
    assert arrived(site, text) == [] and len(unsent(officer)) == 1
    page.locator("[data-strip=login] a").click()
    officer.log_in_here()
    all_sent(officer)
    assert len(arrived(site, text)) == 1


def test_another_person_on_the_same_phone_sends_nothing_of_mine(phone, site):
    officer, text = ready(phone()), words()
    officer.context.set_offline(True)
    write_report(officer, text)
    send(officer)
    officer.context.clear_cookies()
    officer.context.set_offline(False)
    officer.name = "officer2"
    officer.log_in()
    page = officer.page
    expect(page.locator("[data-strip=sealed]")).to_contain_text("有 1 条由其他账号保存的内容")
    page.goto(officer.site + "/m/outbox/")
    page.locator("[data-outbox-now]").click()
    expect(page.locator("[data-outbox-empty]")).to_be_visible()
    assert text not in page.content() and arrived(site, text) == []
    officer.context.clear_cookies()
    officer.name = "officer"
    officer.log_in()
    all_sent(officer)
    assert [order["reporter"]["name"] for order in arrived(site, text)] == ["王*"]


def test_a_full_phone_keeps_the_form(person, site):
    person("officer")  # logs in; the browser counts space from a context's first use on
    officer, text = person("officer", **TOUCH), words()
    page = officer.page
    quota = officer.context.new_cdp_session(page)
    quota.send("Storage.overrideQuotaForOrigin", {"origin": officer.site, "quotaSize": 250_000})
    ready(officer)
    write_report(officer, text, photos=[photo(10), photo(20), photo(30)])
    page.locator("form[data-report] .phone-action button").click()
    expect(page.locator("[data-strip=full]")).to_contain_text("手机存储空间已满")
    expect(page.locator("form[data-report] textarea[name=description]")).to_have_value(text)
    expect(page.locator("[data-name=photos] .picture")).to_have_count(3)
    assert arrived(site, text) == []
    quota.send("Storage.overrideQuotaForOrigin", {"origin": officer.site})
    send(officer)
    all_sent(officer)
    assert len(arrived(site, text)) == 1


@pytest.mark.parametrize("hours", [-30, 7])
def test_a_clock_that_is_wrong_does_no_harm(phone, site, hours):
    officer, text = ready(phone()), words()
    page = officer.page
    real = page.evaluate("Date.now()")
    page.clock.install(time=(real + hours * 3_600_000) / 1000)
    page.clock.resume()
    ready(officer)
    write_report(officer, text, photos=[photo(11)])
    send(officer)
    all_sent(officer)
    (order,) = arrived(site, text)
    taken = order["attachments"][0]["taken_at"]
    assert order["occurred_at"] is None and len(order["attachments"]) == 1
    assert taken is None or abs(seconds(taken) - seconds(order["reported_at"])) < 3600


def test_without_a_service_worker(phone, site):
    """As in the web view of another app: what is open goes on working, today's orders open from their copies."""
    officer, text = phone(service_workers="block"), words()
    page = officer.go("/m/").page
    while copies(page) < 4:
        page.wait_for_timeout(200)
    page.wait_for_load_state("networkidle")
    officer.context.set_offline(True)
    card = page.locator(".order-card-title a").first
    number = re.search(r"\d{8,}", card.get_attribute("href"))[0]
    card.click()
    expect(page.locator("main .order-title")).to_be_visible()
    expect(page.locator(f"main [data-order='{number}']").first).to_be_visible()
    page.go_back()
    expect(page.locator(".order-card-title").first).to_be_visible()
    with page.expect_file_chooser() as camera:
        page.locator("nav.phone-bar a[href='/m/report/']").tap()
    camera.value.set_files([photo(12)])
    expect(page.locator("form[data-report] .picture")).to_have_count(1)
    write_report(officer, text)
    send(officer)
    assert len(unsent(officer)) == 1
    officer.context.set_offline(False)
    all_sent(officer)
    assert len(arrived(site, text)[0]["attachments"]) == 1


def test_what_is_refused_is_put_right_and_never_deleted(phone, link, site):
    officer, text = ready(phone()), words()
    page = officer.page
    write_report(officer, text + "字" * 4000, photos=[photo(13)])
    send(officer)
    expect(page.locator("[data-saved] [data-receipt-state]")).to_have_text("待修改")
    expect(page.locator("[data-saved] [data-receipt-why]")).to_contain_text("4000")
    page.goto(officer.site + "/m/outbox/")
    page.reload()
    expect(page.locator("[data-outbox-tray] .receipt")).to_have_count(1)
    page.get_by_role("link", name="修改").click()
    expect(page.locator("[data-name=photos] .picture")).to_have_count(1)
    page.fill("textarea[name=description]", text)
    page.go_back()
    expect(page.locator("[data-outbox-tray] .receipt")).to_have_count(1)
    page.get_by_role("link", name="修改").click()
    expect(page.locator("[data-name=photos] .picture")).to_have_count(1)
    page.fill("textarea[name=description]", text)
    send(officer)
    all_sent(officer)
    (order,) = arrived(site, text)
    assert len(order["attachments"]) == 1 and order["description"] == text


def test_a_step_on_an_order_that_moved_on_comes_back_with_a_choice(phone, site):
    officer, text = ready(phone()), words()
    page = officer.page
    write_report(officer, text, kind="0302")
    send(officer)
    number = delivered(officer)
    me = centre(site, "officer").ask("me/")["id"]
    centre(site).do(number, "accept", category="0302")
    centre(site, "dispatcher").do(number, "dispatch", officer=str(me))
    officer.go(f"/m/orders/{number}/moves/return/")
    expect(page.locator("form[data-outbox][data-remembered]")).to_be_attached()
    officer.context.set_offline(True)
    page.fill("form[data-outbox] textarea[name=reason]", "不在我网格")
    page.locator("form[data-outbox] button[type=submit]").click()
    expect(page.locator(".receipt [data-receipt-state]")).to_have_text("已保存，待网络")
    elsewhere = centre(site, "officer")
    elsewhere.do(number, "sign")
    elsewhere.do(number, "return", reason="物业已清理")
    centre(site, "dispatcher").do(number, "dispatch", unit="620105-UM", note="请城管处理")
    officer.context.set_offline(False)
    expect(page.locator(".receipt [data-receipt-state]")).to_have_text("工单已有变化")
    expect(page.locator("[data-receipt-changes]")).to_contain_text("请城管处理")
    page.get_by_role("button", name="改为备注").click()
    all_sent(officer)
    order = centre(site).ask(f"workorders/{number}/")
    assert order["status"] == "dispatched"
    assert [one for one in order["events"] if one["kind"] == "comment" and "不在我网格" in str(one)]


def test_drafts_survive_the_back_button(phone):
    officer, text = ready(phone()), words()
    page = officer.page
    write_report(officer, text, photos=[photo(14)])
    page.wait_for_timeout(1500)
    page.locator("nav.phone-bar a").first.click()
    page.wait_for_url("**/m/")
    ready(officer)
    expect(page.locator("[data-strip=draft]")).to_contain_text("已恢复上次未完成的内容")
    expect(page.locator("textarea[name=description]")).to_have_value(text)
    expect(page.locator("[data-name=photos] .picture")).to_have_count(1)
    expect(page.locator("input[name=category][value='0501']")).to_be_checked()
    page.locator("[data-strip=draft] a").click()
    expect(page.locator("textarea[name=description]")).to_have_value("")
    expect(page.locator("[data-name=photos] .picture")).to_have_count(0)


def test_what_waits_for_a_day_shouts(phone):
    officer, text = ready(phone()), words()
    page = officer.page
    officer.context.set_offline(True)
    write_report(officer, text)
    send(officer)
    older(page, hours=25)
    page.route("**/m/report/", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    officer.context.set_offline(False)
    officer.go("/m/")
    strip = page.locator("[data-strip=shout]")
    expect(strip).to_contain_text("有 1 条超过 24 小时未发出")
    assert strip.bounding_box()["width"] >= 320 and "tone-severe" in strip.get_attribute("class")
    page.unroute("**/m/report/")
    page.reload()
    all_sent(officer)
    (order,) = arrived(officer.site, text)
    waited = seconds(order["reported_at"]) - seconds(order["occurred_at"])
    assert 24 * 3600 < waited < 26 * 3600, "when it happened is told apart from when it arrived"


def test_log_out_wipes_what_was_kept_for_reading(phone):
    officer = phone()
    page = officer.go("/m/").page
    while copies(page) < 4:
        page.wait_for_timeout(200)
    copied(page)
    officer.go("/me/")
    page.locator("form[action='/logout/'] button").click()
    page.wait_for_url("**/login/")
    assert page.evaluate(COPIED) is False
    assert copies(page) == 0


def copies(page) -> int:
    """How many copies the phone holds for reading."""
    return page.evaluate(
        """() => new Promise((done) => {
            const asked = indexedDB.open("gridgov", 1);
            asked.onsuccess = () => {
                const count = asked.result.transaction("copies").objectStore("copies").count();
                count.onsuccess = () => { asked.result.close(); done(count.result); };
            };
        })"""
    )


def older(page, *, hours: int) -> None:
    """Let everything on the phone have been made so many hours ago."""
    page.evaluate(
        """(age) => new Promise((done) => {
            const asked = indexedDB.open("gridgov", 1);
            asked.onsuccess = () => {
                const unit = asked.result.transaction("items", "readwrite"), items = unit.objectStore("items");
                items.getAll().onsuccess = ({ target }) => {
                    for (const one of target.result) items.put({ ...one, made: one.made - age });
                };
                unit.oncomplete = () => { asked.result.close(); done(); };
            };
        })""",
        hours * 3_600_000,
    )


def test_many_reports_over_a_link_that_hardly_works(phone, link, site):
    """The benchmark's 200 reports in small: each arrives once, with exactly its photos."""
    mark = f"坏链路 {uuid.uuid4().hex[:12]}"
    officer = ready(phone())
    officer.context.set_offline(True)
    digests = officer.page.evaluate(QUEUE, [mark, 0, 6, 3])
    assert len(set(digests)) == 18 and len(unsent(officer)) == 6
    link.weather.drop = 0.3
    link.cut_every(5, outage=1)
    officer.context.set_offline(False)
    all_sent(officer)
    assert link.broken, "the link was bad"
    found = arrived(site, mark)
    assert sorted(order["description"] for order in found) == [f"{mark} {number}" for number in range(6)]
    assert [len(order["attachments"]) for order in found] == [3] * 6
