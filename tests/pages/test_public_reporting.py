"""A resident reports without script and without an account; every refusal keeps what was entered."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core import clock
from grids import commands as grid_commands
from grids.commands import Opening
from grids.models import Area
from tests.pages.residents import ASKED, GRID, fields, photo, send, solved, text
from tests.workorders.images import encoded, scene
from workorders import floodgate
from workorders.models import Attachment, WorkOrder

pytestmark = pytest.mark.django_db
KEY = re.compile(r'name="form_key" value="([^"]+)"')


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


def test_whoever_is_refused_and_goes_on_is_answered_shortly(town, monkeypatch):
    monkeypatch.setattr(floodgate, "REFUSALS", floodgate.Bucket("refusals", 2, 600))
    flood, neighbour = browsers(2)
    answers = [send(flood) for _one in range(6)]
    assert [one.status_code for one in answers] == [302] * 3 + [429] * 3
    assert "路灯坏了三天" in text(answers[4]), "the form, while somebody may be there to read it"
    with CaptureQueriesContext(connection) as asked:
        last = text(send(flood))
    assert "12345" in last and "Go back one page" in last and "<form" not in last.split("<main")[1] and not asked
    assert flood.get(f"/r/{GRID}/").status_code == 200, "reading stays open"
    assert send(neighbour).status_code == 302 and WorkOrder.objects.count() == 4


def test_a_mark_that_was_made_up_counts_as_none(town):
    browser = Client(headers={"accept-language": "en"})
    sent = []
    for turn in range(6):
        browser.cookies["gridgov_device"] = f"made-up-{turn}:xyz"
        sent.append(send(browser).status_code)
    assert sent == [302] * 3 + [429] * 3


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
