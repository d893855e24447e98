"""The resident's pages: report without script, follow, add, rate, find again; every refusal keeps what was entered."""

import datetime as dt
import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core import clock
from grids import commands as grid_commands
from grids.commands import Opening
from grids.models import Area
from tests.workorders.acting import bring, do
from tests.workorders.images import encoded, scene
from workorders import commands, floodgate, imaging
from workorders.models import Attachment, PublicReport, Rating, WorkOrder

pytestmark = pytest.mark.django_db
GRID = "620105006001001"
KEY = re.compile(r'name="form_key" value="([^"]+)"')


@pytest.fixture
def resident(client, town):
    """A browser without an account, in English, that checks nothing but what servers check."""
    client.cookies.load({"gridgov_language": "en"})
    return client


def photo(data: bytes | None = None, name="photo.jpg", kind="image/jpeg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data if data is not None else encoded(scene(), "JPEG"), kind)


DONE = {"internal_result": "已清运", "public_answer": "已清运", "resolved": True}


def fields(**more) -> dict:
    """What a resident fills in."""
    return {"description": "路灯坏了三天,晚上看不见路", "category": "0603", "reporter_phone": "13912345678", **more}


def send(browser, **more):
    return browser.post(f"/r/{GRID}/", fields(**more))


def text(response) -> str:
    return response.content.decode()


def token_of(response) -> str:
    return response["Location"].split("/")[2]


@pytest.fixture
def sent(resident):
    """A report that has arrived."""
    return PublicReport.objects.get(token=token_of(send(resident)))


# --- report ----------------------------------------------------------------------------------------------------------


def test_a_report_with_a_photo_needs_no_script_and_no_account(resident):
    page = text(resident.get(f"/r/{GRID}/"))
    assert "农大一网格" in page and "tel:119" in page
    answer = send(
        resident, photos=[photo(), photo()], form_key=KEY.search(page)[1], address="3号楼前", reporter_name="张三"
    )
    order = WorkOrder.objects.get()
    assert answer.status_code == 302 and answer["Location"].endswith("/receipt/")
    assert order.source == "public" and order.category.code == "0603" and order.area.code == GRID
    assert order.address == "3号楼前" and order.reporter_phone_masked == "139****5678"
    assert [one.kind for one in order.attachments.all()] == ["report", "report"]


def test_the_receipt_says_code_link_and_what_to_expect(resident, sent):
    page = text(resident.get(f"/t/{sent.token}/receipt/"))
    assert sent.code in page and f"/t/{sent.token}/" in page
    due = clock.local(sent.order.due_at)
    assert f"{due:%Y-%m-%d %H:%M}" in page and "last four digits" in page


def test_a_kind_may_be_left_open_or_chosen_from_the_list(resident):
    send(resident, category="")
    send(resident, category="0603", other_category="0804")
    assert [order.category and order.category.code for order in WorkOrder.objects.order_by("pk")] == [None, "0804"]


def test_a_double_click_makes_one_report(resident):
    key = KEY.search(text(resident.get(f"/r/{GRID}/")))[1]
    answers = [send(resident, form_key=key, photos=[photo()]) for _click in range(2)]
    assert WorkOrder.objects.count() == 1 and Attachment.objects.count() == 1
    assert answers[0]["Location"] == answers[1]["Location"]


BAD_PHOTOS = {
    "text": (lambda: photo(b"hello", "note.txt", "text/plain"), "not a photo we can read"),
    "html named jpg": (lambda: photo(b"<html><script>alert(1)</script>", "x.jpg"), "not a photo we can read"),
    "broken": (lambda: photo(encoded(scene(), "JPEG")[:900]), "damaged or incomplete"),
    "20 MB": (lambda: photo(b"\xff\xd8\xff" + bytes(20 * 1024 * 1024)), "larger than 8 MB"),
    "empty": (lambda: photo(b""), "The file is empty"),
}


@pytest.mark.parametrize("case", BAD_PHOTOS)
def test_a_bad_photo_is_said_beside_the_field_and_the_rest_is_kept(resident, case):
    bad, words = BAD_PHOTOS[case]
    answer = send(resident, photos=[bad()])
    page = text(answer)
    assert answer.status_code == 400 and words in page and "choose the photo again" in page
    assert "路灯坏了三天" in page and 'value="13912345678"' in page
    assert re.search(r'value="0603" checked', page)
    assert not WorkOrder.objects.exists()


REFUSED = {
    "no words": ({"description": " "}, "Please fill this in", 400),
    "4001 characters": ({"description": "字" * 4001}, "4000 characters; yours has 4001", 400),
    "no phone number": ({"reporter_phone": "call me"}, "not a phone number", 400),
    "a restricted kind": ({"category": "0901"}, "Choose one of the kinds", 400),
    "an unknown kind": ({"category": "9999"}, "Choose one of the kinds", 400),
    "a program": ({"website": "http://spam.example"}, "leave the field", 400),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_keeps_what_was_entered(resident, case):
    given, words, status = REFUSED[case]
    answer = send(resident, **{"address": "3号楼前", **given})
    page = text(answer)
    assert answer.status_code == status and words in page and 'value="3号楼前"' in page
    assert 'role="alert"' in page and not WorkOrder.objects.exists()


def test_too_many_photos_are_refused(resident):
    assert "at most 3" in text(send(resident, photos=[photo() for _one in range(4)]))


def test_a_flood_is_stopped_with_words_a_phone_number_and_the_form_kept(resident, monkeypatch, town):
    monkeypatch.setattr(floodgate, "DEVICE", floodgate.Bucket("reports-device", 2, 600))
    resident.get(f"/r/{GRID}/")  # here the browser gets its mark
    assert [send(resident).status_code for _one in range(3)] == [302, 302, 429]
    answer = send(resident)
    assert "Yours has not been taken yet" in text(answer) and "5 minutes" in text(answer)
    assert "路灯坏了三天" in text(answer) and WorkOrder.objects.count() == 2
    assert 'href="tel:12345"' in text(answer)
    Area.objects.filter(pk=town.main_grid.pk).update(phone="0931-7660001")
    assert 'href="tel:0931-7660001"' in text(send(resident))


def test_a_flood_stops_only_its_grid(resident, monkeypatch):
    monkeypatch.setattr(floodgate, "REPORTS_IN_GRID", floodgate.Bucket("reports-grid", 1, 600))
    send(resident)
    assert send(resident).status_code == 429
    assert resident.post("/r/620105006001002/", fields()).status_code == 302


# --- a question when much comes in -----------------------------------------------------------------------------------

SEAL = re.compile(r'name="seal" value="([^"]+)"')
ASKED = re.compile(r"How much is (\w+) plus (\w+)\?")
NUMBERS = "zero one two three four five six seven eight nine".split()


def solved(page: str) -> dict:
    """What a person enters who reads the question on the page."""
    one, other = ASKED.search(page).groups()
    return {"seal": SEAL.search(page)[1], "answer": str(NUMBERS.index(one) + NUMBERS.index(other))}


def browsers(count: int, **headers):
    """People with a browser each, which got its mark on the page with the form."""
    for _one in range(count):
        browser = Client(headers={"accept-language": "en", **headers})
        browser.get(f"/r/{GRID}/")
        yield browser


def test_the_fourth_report_of_a_browser_answers_a_question_first(resident):
    resident.get(f"/r/{GRID}/")
    assert [send(resident).status_code for _one in range(3)] == [302] * 3
    page = text(resident.get(f"/r/{GRID}/"))
    assert ASKED.search(page), "shown from the start, so that no photo has to be chosen twice"
    unanswered = send(resident)
    assert unanswered.status_code == 429 and "路灯坏了三天" in text(unanswered) and WorkOrder.objects.count() == 3
    wrong = send(resident, **solved(text(unanswered)) | {"answer": "99"})
    assert wrong.status_code == 429 and "not the answer" in text(wrong) and WorkOrder.objects.count() == 3
    answer = solved(text(wrong))
    assert send(resident, **answer).status_code == 302 and WorkOrder.objects.count() == 4
    assert send(resident, **answer).status_code == 429, "each question is good for one report"


def test_neighbours_behind_one_address_are_never_shut_out(town, monkeypatch):
    monkeypatch.setattr(floodgate, "NETWORK_WARM", floodgate.Bucket("network", 5, 600))
    monkeypatch.setattr(floodgate, "SPOT_WARM", floodgate.Bucket("spot", 5, 600))
    statuses = []
    for browser in browsers(30):
        page = text(browser.get(f"/r/{GRID}/"))
        statuses.append(send(browser, **(solved(page) if ASKED.search(page) else {})).status_code)
    assert statuses == [302] * 30 and WorkOrder.objects.count() == 30


def test_one_browser_that_floods_does_not_stop_the_next(town):
    flood, neighbour = browsers(2)
    assert 302 not in [send(flood).status_code for _one in range(30)][3:]
    assert send(neighbour).status_code == 302


def test_a_mark_that_was_made_up_counts_as_none(town):
    browser = Client(headers={"accept-language": "en"})
    sent = []
    for turn in range(6):
        browser.cookies["gridgov_device"] = f"made-up-{turn}:xyz"
        sent.append(send(browser).status_code)
    assert sent == [302] * 3 + [429] * 3


def test_many_look_ups_from_one_address_are_asked_and_not_shut_out(resident, sent, monkeypatch):
    monkeypatch.setattr(floodgate, "LOOKUPS_OF_ADDRESS", floodgate.Bucket("lookups", 2, 600))
    for _try in range(2):
        look(resident, "2222222222", "0000")
    asked = look(resident, sent.code, "5678")
    assert asked.status_code == 429 and ASKED.search(text(asked))
    found = resident.post("/t/", {"code": sent.code, "last4": "5678", **solved(text(asked))})
    assert found.status_code == 302 and found["Location"] == f"/t/{sent.token}/"


# --- the place -------------------------------------------------------------------------------------------------------


def test_step_by_step_leads_from_the_city_to_a_grid(resident):
    page = text(resident.get("/r/"))
    assert "?under=620105000000" in page and "?under=620102000000" in page
    page = text(resident.get("/r/?under=620105006001"))
    assert f"/r/{GRID}/" in page and "/r/620105006001002/" in page


def test_a_grid_is_found_by_name(resident):
    page = text(resident.get("/r/", {"q": "农大一"}))
    assert f"/r/{GRID}/" in page and "银滩路街道" in page
    assert "Nothing is called" in text(resident.get("/r/", {"q": "没有的"}))


def test_an_unknown_code_leads_on(resident):
    answer = resident.get("/r/999999999999999/")
    assert answer.status_code == 404 and "leads to no grid" in text(answer) and "?under=620105000000" in text(answer)


def test_the_code_of_a_community_opens_its_grids(resident):
    assert resident.get("/r/620105006001/")["Location"] == "/r/?under=620105006001"


def test_a_retired_grid_leads_to_those_that_took_its_place(resident, town):
    parts = [Opening(code=f"62010500100510{n}", name=f"培黎新{n}网格", kind="urban") for n in (1, 2)]
    grid_commands.split_area(town.grid4, into=parts, on=clock.today())
    answer = resident.get(f"/r/{town.grid4.code}/")
    assert answer.status_code == 404 and "not in use any more" in text(answer)
    assert all(f"/r/{part.code}/" in text(answer) for part in parts)
    assert resident.post(f"/r/{town.grid4.code}/", fields()).status_code == 404


def test_a_position_has_a_grid_or_words(resident, town):
    lon, lat = town.inside(town.next_grid)
    assert resident.get("/r/locate/", {"lon": lon, "lat": lat}).json()["grid"]["code"] == town.next_grid.code
    for bad in ({"lon": "10", "lat": "10"}, {"lon": "x", "lat": "nan"}, {}):
        answer = resident.get("/r/locate/", bad)
        assert (
            answer.status_code == 200 and answer.json()["grid"] is None and "Choose the grid" in answer.json()["words"]
        )


# --- follow ----------------------------------------------------------------------------------------------------------


def test_the_way_of_an_order_in_five_steps(resident, town):
    seen = []
    for status in ("reported", "filed", "dispatched", "handling", "fed_back", "revisiting", "closed"):
        cache.clear()
        sent = PublicReport.objects.get(token=token_of(send(resident)))
        bring(sent.order, town, status)
        page = text(resident.get(f"/t/{sent.token}/"))
        seen.append(re.search(r"How far it is: ([^<]+)<", page)[1])
        assert ("已清运" in page) == (status in ("revisiting", "closed")), "the answer waits for the check"
        assert ("城市管理局" in page) == (status not in ("reported", "filed"))
        assert "朱琳" not in page and "吕涛" not in page and "13912345678" not in page
    assert seen == [
        "Received",
        "Accepted",
        "Accepted",
        "Being handled",
        "Handled, being checked",
        "Answer",
        "Closed",
    ]


def test_a_declined_report_says_why(resident, town, sent):
    do("decline", sent.order, town.acceptor, reason="属于物业内部事务")
    page = text(resident.get(f"/t/{sent.token}/"))
    assert "属于物业内部事务" in page and "not taken on" in page and "Add something" not in page


def test_a_merged_report_follows_the_main_one(resident, town, sent):
    other = PublicReport.objects.get(
        token=token_of(send(resident, description="路灯不亮", reporter_phone="13811112222"))
    )
    do("merge", sent.order, town.acceptor, into=other.order.number)
    bring(other.order, town, "handling")
    resident.post(f"/t/{other.token}/", {"step": "remark", "text": "别人的补充"})
    resident.post(f"/t/{sent.token}/", {"step": "remark", "text": "我的补充"})
    page = text(resident.get(f"/t/{sent.token}/"))
    assert "Others have reported the same" in page and "Being handled" in page
    assert "我的补充" in page and "别人的补充" not in page and other.order.title not in page
    theirs = text(resident.get(f"/t/{other.token}/"))
    assert "我的补充" not in theirs and "别人的补充" in theirs


def test_residents_see_their_own_photos_and_the_checked_result(resident, town):
    token = token_of(send(resident, photos=[photo()]))
    order = PublicReport.objects.get(token=token).order
    order = bring(order, town, "handling")
    steps = (("feedback", town.handler, DONE), ("pass_check", town.officer, {}))
    for person, kind in ((town.handler, "before"), (town.handler, "after"), (town.officer, "other")):
        commands.attach(order, by=person, at=clock.now(), photo=photo_of(), kind=kind)
    own, before, after, other = (one.pk for one in Attachment.objects.order_by("pk"))

    def shown() -> set[int]:
        answers = {pk: resident.get(f"/t/{token}/photos/{pk}/") for pk in (own, before, after, other)}
        return {
            pk for pk, answer in answers.items() if answer.status_code == 200 and b"".join(answer)[:2] == b"\xff\xd8"
        }

    assert shown() == {own}
    for name, person, given in steps:
        do(name, order, person, **given)
    assert shown() == {own, after}
    small = resident.get(f"/t/{token}/photos/{own}/?small")
    assert small["Content-Type"] == "image/jpeg" and len(b"".join(small)) < 100_000
    stranger = token_of(send(resident))
    assert resident.get(f"/t/{stranger}/photos/{own}/").status_code == 404


def photo_of():
    return imaging.read_photo(encoded(scene(), "JPEG"))


def test_a_remark_with_a_photo_is_told_to_those_who_handle_it(resident, sent):
    answer = resident.post(
        f"/t/{sent.token}/", {"step": "remark", "text": "今天更暗了", "photos": [photo()]}, follow=True
    )
    assert "can read it now" in text(answer) and "今天更暗了" in text(answer)
    assert [event.kind for event in sent.order.events.order_by("sequence")] == ["report", "remarked", "attached"]


def test_an_empty_remark_or_one_with_a_broken_photo_is_refused(resident, sent):
    address = f"/t/{sent.token}/"
    assert "Write something" in text(resident.post(address, {"step": "remark", "text": " "}))
    broken = resident.post(address, {"step": "remark", "text": "今天更暗了", "photos": [photo(b"x")]})
    assert broken.status_code == 400 and "今天更暗了" in text(broken) and "not a photo" in text(broken)
    long = resident.post(address, {"step": "remark", "text": "字" * 4001})
    assert "yours has 4001" in text(long)
    assert resident.post(address, {"step": "delete"}).status_code == 400
    assert sent.order.events.count() == 1


def test_nothing_is_added_to_a_closed_matter(resident, town, sent):
    bring(sent.order, town, "closed")
    answer = resident.post(f"/t/{sent.token}/", {"step": "remark", "text": "还有"})
    assert answer.status_code == 409 and "report it anew" in text(answer)
    only_photo = resident.post(f"/t/{sent.token}/", {"step": "remark", "photos": [photo()]})
    assert only_photo.status_code == 409 and not Attachment.objects.exists()


# --- rate ------------------------------------------------------------------------------------------------------------


def rate(browser, token, **given):
    return browser.post(f"/t/{token}/", {"step": "rate", "resolved": "true", "face": "good", **given}, follow=True)


def test_report_follow_and_a_good_rating_closes(resident, town, sent):
    assert "Are you satisfied" not in text(resident.get(f"/t/{sent.token}/"))
    bring(sent.order, town, "revisiting")
    assert "Are you satisfied" in text(resident.get(f"/t/{sent.token}/"))
    page = text(rate(resident, sent.token))
    sent.order.refresh_from_db()
    assert "Thank you" in page and "Very satisfied" in page and sent.order.status == "closed"
    again = rate(resident, sent.token)
    assert again.status_code == 409 and "rated this already" in text(again)


def test_a_bad_rating_asks_for_it_to_be_reopened(resident, town, sent):
    bring(sent.order, town, "closed")
    answer = rate(resident, sent.token, resolved="false", face="bad", reasons=["not_solved", "slow"], note="没修好")
    page = text(answer)
    assert "request to take it up again" in page and "Not solved" in page
    rating = Rating.objects.get()
    assert rating.reasons == ["not_solved", "slow"] and rating.note == "没修好" and rating.satisfaction == 1
    sent.order.refresh_from_db()
    assert sent.order.reopen_requested_at is not None and sent.order.status == "closed"


def test_a_resident_whose_report_was_merged_rates_the_main_one(resident, town, sent):
    other = PublicReport.objects.get(token=token_of(send(resident, description="路灯不亮")))
    do("merge", sent.order, town.acceptor, into=other.order.number)
    bring(other.order, town, "closed")
    assert "Are you satisfied" in text(resident.get(f"/t/{sent.token}/"))
    page = text(rate(resident, sent.token, resolved="false", face="bad"))
    assert "request to take it up again" in page and "Very dissatisfied" in page
    assert "Are you satisfied" in text(resident.get(f"/t/{other.token}/")), "the other resident has a say of her own"


def test_whoever_handled_it_cannot_rate_it_by_the_residents_link(resident, town, sent):
    bring(sent.order, town, "revisiting")
    resident.force_login(town.handler)
    answer = rate(resident, sent.token)
    assert answer.status_code == 403 and "belongs to the resident" in text(answer) and not Rating.objects.exists()


def test_a_rating_without_its_answers_is_refused_and_kept(resident, town, sent):
    bring(sent.order, town, "closed")
    answer = resident.post(f"/t/{sent.token}/", {"step": "rate", "note": "没修好"})
    assert answer.status_code == 400 and "没修好" in text(answer) and not Rating.objects.exists()


def test_a_rating_that_comes_too_early_says_when(resident, sent):
    answer = rate(resident, sent.token)
    assert answer.status_code == 409 and "as soon as the result has been checked" in text(answer)


def test_after_fourteen_days_no_rating_is_asked_for(resident, town, sent):
    bring(sent.order, town, "closed")
    WorkOrder.objects.filter(pk=sent.order_id).update(closed_at=clock.now() - dt.timedelta(days=14))
    assert "Are you satisfied" not in text(resident.get(f"/t/{sent.token}/"))
    assert rate(resident, sent.token).status_code == 409


# --- find it again ---------------------------------------------------------------------------------------------------


def look(browser, code, last4):
    return browser.post("/t/", {"code": code, "last4": last4})


def test_code_and_digits_lead_back(resident, sent):
    assert look(resident, sent.code, "5678")["Location"] == f"/t/{sent.token}/"
    written = f"{sent.code[:5].lower()} {sent.code[5:].lower()}"
    assert look(resident, written, "5678")["Location"] == f"/t/{sent.token}/"


def test_a_wrong_code_and_wrong_digits_are_answered_alike(resident, sent):
    send(resident, reporter_phone="")
    without_phone = PublicReport.objects.latest("pk")
    tries = [(sent.code, "0000"), ("2222222222", "5678"), (sent.code, "56789")]
    tries += [(without_phone.code, ""), (without_phone.code, "5678")]
    pages = []
    for code, last4 in tries:
        answer = look(resident, code, last4 or " ")
        assert answer.status_code == 400
        if last4:
            page = re.sub(r'value="[^"]*"', "", text(answer))
            pages.append(re.sub(r"csrfmiddlewaretoken[^>]*", "", page))
    assert len(set(pages)) == 1 and "No report has this code with these digits" in pages[0]


def test_guessing_digits_of_a_known_code_is_stopped(resident, sent):
    for guess in range(10):
        assert look(resident, sent.code, f"{guess:04}").status_code == 400
    stopped = look(resident, sent.code, "5678")
    assert stopped.status_code == 429 and "try again in" in text(stopped)
    assert look(resident, "2222222222", "0000").status_code == 400


def test_wrong_and_right_codes_ask_the_same_of_the_database(resident, sent):
    asked = []
    for code in (sent.code, "2222222222"):
        with CaptureQueriesContext(connection) as statements:
            look(resident, code, "0000")
        asked.append([re.sub(r"'[^']*'", "?", one["sql"]) for one in statements])
    assert asked[0] == asked[1]


def test_a_wrong_link_leads_to_the_finder(resident):
    for address in ("/t/abc/", "/t/abc/receipt/"):
        answer = resident.get(address)
        assert answer.status_code == 404 and "leads to no report" in text(answer) and 'name="last4"' in text(answer)
    assert resident.get("/t/abc/photos/1/").status_code == 404


# --- weight and care -------------------------------------------------------------------------------------------------


def loaded(browser, address: str) -> dict[str, bytes]:
    """The page and every file it names, by ending."""
    page = text(browser.get(address))
    files = sorted(set(re.findall(r'(?:href|src)="/static/([^"#]+)', page)))
    return {"html": page.encode()} | {one: Path(finders.find(one)).read_bytes() for one in files}


def test_a_page_of_the_residents_is_at_most_60_kb_and_six_files(resident, sent):
    for address in (f"/r/{GRID}/", "/r/", "/r/privacy/", f"/t/{sent.token}/", f"/t/{sent.token}/receipt/", "/t/"):
        files = loaded(resident, address)
        assert len(files) <= 6, (address, list(files))
        small = {one: len(gzip.compress(data, 9)) for one, data in files.items()}
        for ending, most in ((".js", 15), (".css", 10), ("html", 12)):
            assert sum(size for one, size in small.items() if one.endswith(ending)) <= most * 1024
        # Style and script travel compressed, the page and the drawings as they are.
        sent_as = {one: small[one] if one.endswith((".js", ".css")) else len(data) for one, data in files.items()}
        assert sum(sent_as.values()) <= 60 * 1024, address
    assert "htmx" not in text(resident.get(f"/r/{GRID}/"))


def test_the_purpose_is_said_in_120_characters(resident):
    page = text(resident.get(f"/r/{GRID}/"))
    assert len(re.search(r"<span data-purpose>([^<]+)<", page)[1]) <= 120
    resident.cookies.load({"gridgov_language": "zh-hans"})
    assert len(re.search(r"<span data-purpose>([^<]+)<", text(resident.get(f"/r/{GRID}/")))[1]) <= 120
    assert 'href="/r/privacy/"' in page and "five years" in text(
        Client().get("/r/privacy/", headers={"accept-language": "en"})
    )


def test_pages_work_with_csrf_checked(town):
    browser = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    page = text(browser.get(f"/r/{GRID}/"))
    secret = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    assert browser.post(f"/r/{GRID}/", fields(csrfmiddlewaretoken=secret)).status_code == 302
    assert browser.post(f"/r/{GRID}/", fields()).status_code == 403


# --- a question of the unit ------------------------------------------------------------------------------------------


def test_a_question_stands_on_the_page_and_is_answered_there(resident, sent, town):
    order = bring(sent.order, town, "handling", category="0603")
    order = do("ask", order, town.handler, question="路灯在几号楼下?")
    page = text(resident.get(f"/t/{sent.token}/"))
    assert "路灯在几号楼下?" in page and "A question to you" in page
    refused = resident.post(f"/t/{sent.token}/", {"step": "answer", "text": ""})
    assert refused.status_code == 400 and "路灯在几号楼下?" in text(refused)
    answered = resident.post(f"/t/{sent.token}/", {"step": "answer", "text": "三号楼下"}, follow=True)
    assert "Thank you. The work goes on with your answer." in text(answered)
    assert "三号楼下" in text(answered) and "A question to you" not in text(answered)
    order = WorkOrder.objects.get(pk=order.pk)
    assert order.asked_until is None and not order.clock_paused
    late = resident.post(f"/t/{sent.token}/", {"step": "answer", "text": "又一句"})
    assert late.status_code == 409 and "Write what you wanted to say as an addition." in text(late)
