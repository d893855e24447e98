"""What the phone's outbox sends: once whatever the network does, only for its owner, told apart from what moved on."""

import datetime as dt
import io
import re
import uuid
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from core import clock, idempotency
from core.models import IdempotencyKey
from pages import base, pwa
from tests.workorders.acting import bring, do
from tests.workorders.acting import report as reported
from tests.workorders.images import encoded, scene
from workorders.models import Attachment, WorkOrder

pytestmark = pytest.mark.django_db
GRID = "620105006001001"
FORM = "application/x-www-form-urlencoded"
FIELDS = {"description": "楼道堆放纸箱和旧家具", "category": "0302", "area": GRID}


@pytest.fixture
def phone(client, town):
    """The officer's browser, in English."""
    client.force_login(town.officer)
    client.cookies.load({"gridgov_language": "en"})
    return client


def headers(person, key=None, **more) -> dict:
    """What the script says beside the fields."""
    found = {"HTTP_GRIDGOV_PERSON": str(person.pk), "HTTP_IDEMPOTENCY_KEY": str(key or uuid.uuid4())}
    return {**found, "HTTP_ACCEPT": "application/json", **more}


def post(browser, person, address, fields, *, key=None, **more):
    """A form, as the outbox sends it."""
    return browser.post(address, urlencode(fields, doseq=True), FORM, **headers(person, key, **more))


def put(browser, person, number, *, key=None, kind="report", data=None, query="", **more):
    """A photo, as the outbox sends it."""
    address = f"/m/outbox/{number}/photos/{key or uuid.uuid4()}/?kind={kind}{query}"
    body = data if data is not None else encoded(scene(), "JPEG")
    return browser.put(address, body, "image/jpeg", **headers(person, **more))


# --- words -----------------------------------------------------------------------------------------------------------


def test_a_report_answers_its_number(phone, town):
    answer = post(phone, town.officer, "/m/report/", FIELDS)
    order = WorkOrder.objects.get()
    assert answer.status_code == 200 and answer.json()["number"] == order.number
    assert answer.json()["order"] == f"/m/orders/{order.number}/" and answer.json()["to"].endswith("/sent/")
    assert order.occurred_at is None


def test_the_same_item_again_answers_the_same(phone, town):
    key = uuid.uuid4()
    answers = [post(phone, town.officer, "/m/report/", FIELDS, key=key).json() for _time in range(3)]
    assert WorkOrder.objects.count() == 1 and answers[0] == answers[1] == answers[2]
    other = post(phone, town.officer, "/m/report/", {**FIELDS, "description": "另一件"}, key=key)
    assert other.status_code == 409 and other.json()["code"] == "idempotency_conflict"


def test_a_step_that_arrived_is_answered_again_though_it_is_not_open_any_more(phone, town):
    order = bring(reported(None).order, town, "fed_back")
    key, address = uuid.uuid4(), f"/m/orders/{order.number}/moves/pass_check/"
    first = post(phone, town.officer, address, {"note": "现场已清"}, key=key)
    order.refresh_from_db()
    assert first.status_code == 200 and order.status == "revisiting"
    assert first.json()["version"] == order.version and "check" in first.json()["text"]
    again = post(phone, town.officer, address, {"note": "现场已清"}, key=key)
    assert again.status_code == 200 and again.json() == first.json()
    anew = post(phone, town.officer, address, {"note": "现场已清"})
    assert anew.status_code == 409 and anew.json()["code"] == "wrong_status"


def test_a_step_sent_twice_at_once_is_answered_by_the_twin(phone, town, monkeypatch):
    """The twin commits while this one is looked at: the refusal gives way to the answer."""
    order = bring(reported(None).order, town, "fed_back")
    key, address = uuid.uuid4(), f"/m/orders/{order.number}/moves/pass_check/"
    first = post(phone, town.officer, address, {}, key=key)
    looked, real = [], base.answered_before

    def late(request):
        looked.append(request)
        return None if len(looked) == 1 else real(request)

    monkeypatch.setattr(base, "answered_before", late)
    again = post(phone, town.officer, address, {}, key=key)
    assert len(looked) == 2 and again.json() == first.json()


def test_what_is_wrong_is_said_by_field(phone, town):
    answer = post(phone, town.officer, "/m/report/", {**FIELDS, "description": "字" * 4001, "category": "9999"})
    problem = answer.json()
    assert answer.status_code == 400 and answer["Content-Type"] == "application/problem+json"
    assert set(problem["errors"]) == {"description", "category"} and "4001" in problem["errors"]["description"][0]
    answer = post(phone, town.officer, "/m/report/", {"category": "0302"})
    assert answer.status_code == 400 and "area" in answer.json()["errors"]
    assert not WorkOrder.objects.exists()


def test_nothing_goes_out_under_another_account(phone, town):
    answer = post(phone, town.neighbour, "/m/report/", FIELDS)
    assert answer.status_code == 403 and answer.json()["code"] == "other_person"
    assert not WorkOrder.objects.exists()


def test_a_stranger_is_asked_to_log_in(client, town):
    answer = post(client, town.officer, "/m/report/", FIELDS)
    assert answer.status_code == 401 and "json" in answer["Content-Type"]
    assert client.get("/m/outbox/whoami/", HTTP_ACCEPT="application/json").status_code == 401


def test_half_a_body_is_not_a_report(phone, town):
    """A connection that breaks leaves fewer bytes than were announced."""
    body = urlencode(FIELDS)
    cut = {"wsgi.input": io.BytesIO(body[:-40].encode()), "CONTENT_LENGTH": str(len(body))}
    answer = phone.generic("POST", "/m/report/", body, FORM, **cut, **headers(town.officer))
    assert answer.status_code == 408 and answer.json()["code"] == "incomplete"
    assert not WorkOrder.objects.exists() and not IdempotencyKey.objects.exists()


def test_without_a_key_nothing_is_taken(phone, town):
    answer = phone.post("/m/report/", urlencode(FIELDS), FORM, HTTP_GRIDGOV_PERSON=str(town.officer.pk))
    assert answer.status_code == 400 and answer.json()["code"] == "bad_idempotency_key"


def test_the_token_of_the_session_is_asked_for(town):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(town.officer)
    assert post(strict, town.officer, "/m/report/", FIELDS).status_code == 403
    told = strict.get("/m/outbox/whoami/").json()
    assert told["person"] == town.officer.pk
    answer = post(strict, town.officer, "/m/report/", FIELDS, HTTP_X_CSRFTOKEN=told["csrf"])
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("made", "sent", "hours"),
    [(0, 5 * 3_600_000, 5), (1_000_000, 1_030_000, None), (90, 0, None), ("x", 5, None), (0, 10**13, None)],
)
def test_when_it_was_made_is_told_by_the_distance_of_two_readings(phone, town, made, sent, hours):
    post(phone, town.officer, "/m/report/", FIELDS, HTTP_GRIDGOV_MADE=str(made), HTTP_GRIDGOV_SENT=str(sent))
    order = WorkOrder.objects.get()
    waited = order.reported_at - order.occurred_at if order.occurred_at else None
    assert waited == (dt.timedelta(hours=hours) if hours else None)


def test_settled_on_the_spot_with_photos_to_come(phone, town):
    fields = {**FIELDS, "self_handled": "on", "result": "已清理"}
    answer = post(phone, town.officer, "/m/report/", fields)
    assert answer.status_code == 400 and "after" in answer.json()["errors"]
    answer = post(phone, town.officer, "/m/report/", {**fields, "after_to_come": "1"})
    order = WorkOrder.objects.get()
    assert answer.status_code == 200 and order.status == "fed_back"
    do("close", do("pass_check", order, town.clerk), town.duty)
    assert put(phone, town.officer, order.number, kind="after").status_code == 200
    assert order.attachments.get().kind == "after"


# --- photos ----------------------------------------------------------------------------------------------------------


def test_the_same_photo_is_kept_once_whatever_its_key(phone, town):
    order = reported(town.officer)
    answers = [put(phone, town.officer, order.number) for _time in range(3)]
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["photo"] for answer in answers} == {order.attachments.get().pk}
    put(phone, town.officer, order.number, kind="after")
    put(phone, town.officer, order.number, data=encoded(scene(2), "JPEG"))
    assert order.attachments.count() == 3


def test_a_photo_says_when_and_where_by_the_phone(phone, town):
    order = reported(town.officer)
    query = "&taken=1000000&lon=103.7&lat=36.1"
    put(phone, town.officer, order.number, query=query, HTTP_GRIDGOV_SENT=str(1_000_000 + 3 * 86_400_000))
    kept = order.attachments.get()
    assert (kept.lon, kept.lat) == (103.7, 36.1)
    assert abs(kept.taken_at - (clock.now() - dt.timedelta(days=3))) < dt.timedelta(minutes=1)


def test_ones_own_photos_are_taken_after_the_order_was_closed(phone, town):
    mine, theirs = reported(town.officer), reported(town.neighbour, area="620105006001002")
    for order in (mine, theirs):
        do("decline", order, town.acceptor, reason="不属于网格治理事项")
    assert put(phone, town.officer, mine.number).status_code == 200 and mine.attachments.count() == 1
    refused = put(phone, town.officer, mine.number, data=b"no photo at all")
    assert refused.status_code == 400 and refused.json()["code"] == "bad_image"
    assert put(phone, town.officer, theirs.number).status_code == 404
    seen = reported(town.part_timer, description="另一件")
    do("decline", seen, town.acceptor, reason="不属于网格治理事项")
    late = put(phone, town.officer, seen.number)
    assert late.status_code == 409 and late.json()["code"] == "order_is_final"


@pytest.mark.parametrize("kind", ["", "portrait"])
def test_a_photo_of_no_kind_is_refused(phone, town, kind):
    order = reported(town.officer)
    assert put(phone, town.officer, order.number, kind=kind).status_code == 400
    assert phone.put(f"/m/outbox/{order.number}/photos/{uuid.uuid4()}/?kind=other", b"x").status_code == 403
    assert not Attachment.objects.exists()


def test_photos_that_came_first_belong_to_the_step(phone, town):
    order = do("accept", reported(town.chief, category="0302"), town.acceptor, category="0302")
    order = do("dispatch", order, town.dispatcher, officer=str(town.officer.pk))
    order = do("sign", order, town.officer)
    address = f"/m/orders/{order.number}/moves/feedback/"
    fields = {"internal_result": "已清理", "public_answer": "已清理", "resolved": "true"}
    refused = post(phone, town.officer, address, fields)
    assert refused.status_code == 400 and "photos" in refused.json()["errors"]
    photo = put(phone, town.officer, order.number, kind="after").json()["photo"]
    answer = post(phone, town.officer, address, {**fields, "photos__sent": [photo]})
    assert answer.status_code == 200
    assert order.events.get(kind="feedback").data["photos"] == [photo]


# --- what moved on ---------------------------------------------------------------------------------------------------


def test_a_step_thought_out_before_somebody_moved_the_order_is_refused(phone, town):
    order = bring(reported(None).order, town, "fed_back")
    seen = order.version
    do("comment", order, town.clerk, text="请抓紧")
    address = f"/m/orders/{order.number}/moves/pass_check/"
    do("fail_check", order, town.clerk, reason="没清干净")
    do(
        "feedback",
        WorkOrder.objects.get(pk=order.pk),
        town.handler,
        internal_result="再清",
        public_answer="已再清",
        resolved=True,
    )
    answer = post(phone, town.officer, address, {}, HTTP_IF_MATCH=f'"{seen}"')
    assert answer.status_code == 409 and answer.json()["code"] == "order_changed"
    told = phone.get(f"/m/outbox/{order.number}/changes/?since={seen}").content.decode()
    assert "没清干净" in told and "请抓紧" in told and "Pass the check" in told
    present = re.search(r'data-version="(\d+)"', told)[1]
    assert post(phone, town.officer, address, {}, HTTP_IF_MATCH=f'"{present}"').status_code == 200


def test_remarks_and_ones_own_steps_do_not_count(phone, town):
    order = do("accept", reported(town.chief, category="0302"), town.acceptor, category="0302")
    order = do("dispatch", order, town.dispatcher, officer=str(town.officer.pk))
    seen = order.version
    do("comment", order, town.chief, text="注意安全")
    do("sign", order, town.officer)
    answer = post(
        phone,
        town.officer,
        f"/m/orders/{order.number}/moves/escalate/",
        {"attempt": "试过了"},
        HTTP_IF_MATCH=f'"{seen}"',
    )
    assert answer.status_code == 200


def test_receipts_say_how_the_centre_took_it(phone, town):
    numbers = {}
    for status in ("reported", "filed", "closed"):
        numbers[status] = bring(reported(town.officer, description=status), town, status).number
    numbers["declined"] = do("decline", reported(town.officer), town.acceptor, reason="不属于网格治理事项").number
    elsewhere = reported(town.officer2, area="620102001001001").number
    query = urlencode([("number", one) for one in (*numbers.values(), elsewhere, "x")])
    rows = {row["number"]: row["state"] for row in phone.get(f"/m/outbox/receipts/?{query}").json()["orders"]}
    assert rows == {
        numbers["reported"]: "received",
        numbers["filed"]: "accepted",
        numbers["closed"]: "closed",
        numbers["declined"]: "turned_away",
    }


def test_the_pocket_holds_todays_orders_with_their_steps(phone, town):
    order = do("accept", reported(town.chief, category="0302"), town.acceptor, category="0302")
    order = do("dispatch", order, town.dispatcher, officer=str(town.officer.pk))
    checked = bring(reported(None, reporter_phone="13912345678").order, town, "fed_back")
    page = phone.get("/m/outbox/pocket/").content.decode()
    assert f'data-copy="/m/orders/{order.number}/"' in page and f'data-copy="/m/orders/{checked.number}/"' in page
    mine = page.split(f'data-copy="/m/orders/{order.number}/"')[1].split("<section")[0]
    steps = re.findall(r'data-step="(\w+)"', mine)
    assert steps[0] == "sign" and "feedback" in steps and 'data-after="sign" hidden' in mine
    assert f'data-version="{order.version}"' in mine and 'data-copy="/m/report/"' in page
    assert "13912345678" not in page


def test_the_pocket_costs_the_same_for_many_orders(phone, town):
    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            phone.get("/m/outbox/pocket/")
        return len(asked)

    bring(reported(None, description="垃圾 0").order, town, "fed_back")
    statements()
    few = statements()
    for number in range(9):
        bring(reported(None, description=f"垃圾 {number}").order, town, "fed_back")
    # Copies in memory look now and then whether they are still right: two more, not one for each order.
    assert statements() <= few + 3 <= 16


# --- what stays ------------------------------------------------------------------------------------------------------


def test_what_phones_sent_is_remembered_for_months(phone, town):
    key = uuid.uuid4()
    post(phone, town.officer, "/m/report/", FIELDS, key=key)
    phone.post("/notices/read/", {"form_key": str(uuid.uuid4())})
    at = clock.now()
    assert IdempotencyKey.objects.count() == 2 and idempotency.tidy(at + dt.timedelta(days=20)) == 1
    assert IdempotencyKey.objects.get().key == str(key)
    assert idempotency.tidy(at + idempotency.KEPT_FOR_PHONES + dt.timedelta(days=1)) == 1


def test_a_browsers_own_form_is_answered_as_ever(phone):
    photo = SimpleUploadedFile("photo.jpg", encoded(scene(), "JPEG"), "image/jpeg")
    answer = phone.post("/m/report/", {**FIELDS, "photos": [photo]})
    assert answer.status_code == 302 and Attachment.objects.count() == 1


# --- the app ---------------------------------------------------------------------------------------------------------


def test_the_manifest_names_icons_that_are_there(client):
    manifest = client.get("/manifest.webmanifest").json()
    assert manifest["start_url"] == "/m/" and manifest["display"] == "standalone"
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    for icon in manifest["icons"]:
        answer = client.get(icon["src"])
        with Image.open(io.BytesIO(b"".join(answer.streaming_content))) as picture:
            assert "x".join(map(str, picture.size)) == icon["sizes"]
        answer.close()


def test_the_service_worker_lists_files_that_are_there(client):
    answer = client.get("/sw.js")
    text = answer.content.decode()
    assert answer["Content-Type"].startswith("text/javascript") and answer["Cache-Control"] == "no-cache"
    listed = re.search(r"const LISTED = (\[.*?\]);", text)[1]
    files = re.findall(r'"([^"]+)"', listed)
    assert len(files) == len(pwa.NAMED) + len(pwa.IMPORTED)
    for file in files:
        found = client.get(file)
        assert found.status_code == 200, file
        found.close()
    imported = set(re.findall(r'from "([^"]+)"', text))
    assert imported <= set(files)


def test_a_changed_file_changes_the_service_worker(client, monkeypatch, tmp_path):
    before = pwa._version.__wrapped__()
    other = tmp_path / "phone.js"
    other.write_text("// changed")
    real = pwa.finders.find
    monkeypatch.setattr(pwa.finders, "find", lambda name: str(other) if name == "js/phone.js" else real(name))
    assert pwa._version.__wrapped__() != before
