"""A resident follows a report, adds to it, answers, rates it, and finds it again by code and digits."""

import datetime as dt
import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import clock
from tests.pages.residents import ASKED, DONE, photo, send, solved, text, token_of
from tests.workorders.acting import bring, do
from tests.workorders.images import encoded, scene
from workorders import commands, floodgate, imaging
from workorders.models import Attachment, PublicReport, Rating, WorkOrder

pytestmark = pytest.mark.django_db


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


def test_many_look_ups_from_one_address_are_asked_and_not_shut_out(resident, sent, monkeypatch):
    monkeypatch.setattr(floodgate, "LOOKUPS_OF_ADDRESS", floodgate.Bucket("lookups", 2, 600))
    for _try in range(2):
        look(resident, "2222222222", "0000")
    asked = look(resident, sent.code, "5678")
    assert asked.status_code == 429 and ASKED.search(text(asked))
    found = resident.post("/t/", {"code": sent.code, "last4": "5678", **solved(text(asked))})
    assert found.status_code == 302 and found["Location"] == f"/t/{sent.token}/"
