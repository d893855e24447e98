"""Work at the desk: suggestions, leases, undo, what changed meanwhile, several orders, saved views, texts, news."""

import json
import re
import time
import uuid
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from django.db import connection

from core import clock, outbox
from core.revisions import bump
from pages import base, callers
from pages.desk import live as live_pages
from pages.desk import queue, viewing
from personnel.jurisdiction import standing_of
from tests.pages.staff import do, in_status, pages_of, report
from workorders import seeding
from workorders.deskwork import bulk, holding, live
from workorders.models import BulkJob, Category, Claim, HeldMove, SavedView, StandardText, WorkOrder

pytestmark = pytest.mark.django_db
UM = "620105-UM"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _english(client):
    client.cookies["gridgov_language"] = "en"


@pytest.fixture
def filed(town):
    seeding.seed_routes(town.district, on=clock.today())
    bump("routes")
    return in_status(town, "filed")


def numbers(page):
    return re.findall(r'data-number="(\d+)"', page)


def move(client, order, name, **data):
    return client.post(f"/desk/{order.number}/moves/{name}/", data, headers=HTMX)


# -- suggestions and leases ----------------------------------------------------------------------------------------


def test_the_first_suggestion_is_one_button_with_its_reason(town, client, filed):
    page = pages_of(client, town.dispatcher, f"/desk/{filed.number}/")
    first = re.search(r'<form[^>]*data-key="1">.*?</form>', page, re.DOTALL).group(0)
    assert f'name="unit" value="{UM}"' in first and "Routing table" in page
    assert 'data-key="1"' not in pages_of(client, town.acceptor, f"/desk/{filed.number}/")


def test_opening_takes_the_lease_and_a_colleague_sees_it(town, client, filed):
    pages_of(client, town.dispatcher, f"/desk/{filed.number}/")
    assert Claim.objects.get().person == town.dispatcher
    page = pages_of(client, town.acceptor, f"/desk/{filed.number}/")
    assert f"{town.dispatcher.name} is working on it, for" in page
    assert f"{town.dispatcher.name} is working on it" in pages_of(client, town.acceptor, "/desk/?view=filed")
    answer = client.post(f"/desk/{filed.number}/claim/", {"force": "1"})
    assert "working on it" not in answer.content.decode()
    assert Claim.objects.get().person == town.acceptor
    client.post(f"/desk/{filed.number}/release/")
    assert not Claim.objects.exists()


def test_the_administrator_looks_and_holds_nothing(town, client, filed):
    pages_of(client, town.admin, f"/desk/{filed.number}/")
    client.post(f"/desk/{filed.number}/claim/")
    assert not Claim.objects.exists()


# -- undo ----------------------------------------------------------------------------------------------------------


def test_a_step_of_the_keys_waits_and_can_be_taken_back(town, client, filed):
    client.force_login(town.dispatcher)
    answer = move(
        client, filed, "dispatch", unit=UM, hold="1", stay="1", version=filed.version, form_key=str(uuid.uuid4())
    )
    heard = json.loads(answer["HX-Trigger"])["desk:held"]
    assert (answer.status_code, heard["number"], heard["seconds"]) == (204, filed.number, 10)
    assert WorkOrder.objects.get(pk=filed.pk).status == "filed"
    page = pages_of(client, town.dispatcher, "/desk/?view=filed")
    assert "queue-item-held" in page and f'data-number="{filed.number}" data-until=' in page
    answer = client.post("/desk/undo/", headers=HTMX)
    assert json.loads(answer["HX-Trigger"])["desk:undone"]["number"] == filed.number
    assert HeldMove.objects.get().state == "taken_back"
    assert "queue-item-held" not in pages_of(client, town.dispatcher, "/desk/?view=filed")


def test_without_the_keys_a_step_is_done_at_once(town, client, filed):
    client.force_login(town.dispatcher)
    answer = client.post(f"/desk/{filed.number}/moves/dispatch/", {"unit": UM})
    assert answer.status_code == 302 and WorkOrder.objects.get(pk=filed.pk).status == "dispatched"
    assert not HeldMove.objects.exists()


def test_a_form_sent_twice_is_held_once(town, client, filed):
    client.force_login(town.dispatcher)
    data = {"unit": UM, "hold": "1", "form_key": str(uuid.uuid4())}
    assert [move(client, filed, "dispatch", **data).status_code for _n in range(2)] == [204, 204]
    assert HeldMove.objects.count() == 1


def test_a_colleague_cannot_act_on_what_is_decided(town, client, filed):
    holding.hold("dispatch", filed, by=town.dispatcher, at=clock.now(), given={"unit": UM})
    client.force_login(town.acceptor)
    answer = move(client, filed, "merge", into=report(town.officer).number)
    assert answer.status_code == 409 and town.dispatcher.name in answer.content.decode()
    assert move(client, filed, "comment", text="caller is on the phone").status_code == 204


def test_what_was_not_carried_out_is_told_until_it_was_seen(town, client, filed):
    held = holding.hold("dispatch", filed, by=town.dispatcher, at=clock.now(), given={"unit": UM})
    do("merge", filed, town.acceptor, into=report(town.officer).number)
    holding.carry_out(held.pk, at=clock.now())
    page = pages_of(client, town.dispatcher, "/desk/")
    assert "Not carried out" in page and filed.number in page
    client.post("/desk/seen/")
    assert "Not carried out" not in pages_of(client, town.dispatcher, "/desk/")


# -- what changed meanwhile ----------------------------------------------------------------------------------------


def test_both_changes_are_shown_and_nothing_entered_is_lost(town, client, filed):
    version = filed.version
    do("escalate", filed, town.dispatcher, attempt="tried everything here")
    do("accept", filed, town.acceptor, category="0502")
    order = WorkOrder.objects.get(pk=filed.pk)
    assert order.status == "filed"
    client.force_login(town.dispatcher)
    data = {"unit": UM, "note": "my careful words", "version": version}
    answer = move(client, filed, "dispatch", **data)
    page = answer.content.decode()
    assert answer.status_code == 409 and "What others did meanwhile" in page
    assert "my careful words" in page and town.acceptor.name in page
    now = int(re.search(r'name="version" value="(\d+)"', page).group(1))
    assert now == order.version
    assert move(client, filed, "dispatch", **{**data, "version": now}).status_code == 204
    assert WorkOrder.objects.get(pk=filed.pk).status == "dispatched"


def test_when_the_step_is_no_longer_open_the_words_are_kept(town, client, filed):
    version = filed.version
    do("dispatch", filed, town.dispatcher, unit=UM)
    client.force_login(town.dispatcher)
    answer = move(client, filed, "dispatch", unit=UM, note="my careful words", version=version)
    assert answer.status_code == 409 and "my careful words" in answer.content.decode()


def test_a_comment_meanwhile_stops_nobody(town, client, filed):
    version = filed.version
    do("comment", filed, town.duty, text="the reporter called again")
    client.force_login(town.dispatcher)
    assert move(client, filed, "dispatch", unit=UM, version=version).status_code == 204


# -- several orders ------------------------------------------------------------------------------------------------


def test_many_orders_at_once_with_refusals_told_before_and_after(town, client):
    orders = [in_status(town, "filed") for _n in range(5)]
    closed = in_status(town, "closed")
    numbers = [one.number for one in (*orders, closed)]
    client.force_login(town.dispatcher)
    page = client.post("/desk/bulk/", {"number": numbers}).content.decode()
    assert 'value="dispatch"' in page and 'value="decline"' not in page
    data = {"number": numbers, "move": "dispatch"}
    page = client.post("/desk/bulk/", data).content.decode()
    assert 'name="unit"' in page and 'name="limit"' not in page
    page = client.post("/desk/bulk/", {**data, "given": "1"}).content.decode()
    assert not BulkJob.objects.exists() and 'name="go"' not in page
    page = client.post("/desk/bulk/", {**data, "given": "1", "unit": UM}).content.decode()
    assert "done for 5, refused for 1" in page and "This step is not open now" in page
    assert not BulkJob.objects.exists()
    answer = client.post("/desk/bulk/", {**data, "given": "1", "unit": UM, "go": "1"})
    job = BulkJob.objects.get()
    assert answer["Location"] == f"/desk/bulk/{job.pk}/"
    assert "6 still to do" in pages_of(client, town.dispatcher, f"/desk/bulk/{job.pk}/")
    bulk.carry_out(job.pk)
    page = pages_of(client, town.dispatcher, f"/desk/bulk/{job.pk}/")
    assert "5 of 6 done" in page and "1 refused" in page
    again = re.search(r'<form method="post" action="/desk/bulk/">.*?</form>', page, re.DOTALL).group(0)
    assert re.findall(r'name="number" value="(\d+)"', again) == [closed.number]
    client.force_login(town.duty)
    assert client.get(f"/desk/bulk/{job.pk}/").status_code == 404


def test_the_whole_list_is_chosen_beyond_its_first_page(town, client, monkeypatch):
    monkeypatch.setattr(queue, "SIZE", 2)
    made = {report(town.officer).number for _order in range(5)}
    page = pages_of(client, town.acceptor, "/desk/?view=reported&category=05")
    assert 'name="whole"' in page and 'name="list" value="view=reported&amp;category=05"' in page
    given = {"list": "view=reported&category=05", "whole": "1", "number": numbers(page)[0]}
    chosen = client.post("/desk/bulk/", given).content.decode()
    assert set(re.findall(r'name="number" value="(\d+)"', chosen)) == made
    assert 'name="whole"' not in pages_of(client, town.acceptor, "/desk/?view=reported&category=01")


def test_nothing_chosen_and_nothing_within_reach_are_refused(town, client):
    order = in_status(town, "filed")
    client.force_login(town.dispatcher)
    assert client.post("/desk/bulk/", {}).status_code == 400
    client.force_login(town.dispatcher2)
    assert client.post("/desk/bulk/", {"number": [order.number]}).status_code == 400


# -- saved views ---------------------------------------------------------------------------------------------------


def save(client, **data):
    return client.post("/desk/views/new/", {"shared": "", **data})


def test_a_filter_is_kept_with_its_count_and_can_be_thrown_away(town, client, filed):
    client.force_login(town.dispatcher)
    answer = save(client, name="Skips", query="view=filed&category=0502&after=xyz&nonsense=1")
    assert answer["Location"] == "/desk/?view=filed&category=0502"
    page = pages_of(client, town.dispatcher, answer["Location"])
    assert re.search(
        r'href="/desk/\?view=filed&amp;category=0502" aria-current="page">Skips<span class="count">1<', page
    )
    assert "Skips" not in pages_of(client, town.acceptor, "/desk/")
    client.force_login(town.dispatcher)
    assert save(client, name="Skips", query="view=all").status_code == 400
    saved = SavedView.objects.get()
    client.force_login(town.acceptor)
    client.post(f"/desk/views/{saved.pk}/delete/")
    assert SavedView.objects.exists()
    client.force_login(town.dispatcher)
    client.post(f"/desk/views/{saved.pk}/delete/")
    assert not SavedView.objects.exists()


def test_a_saved_figure_equals_its_list_when_the_category_goes_out_of_use(town, client, filed):
    client.force_login(town.dispatcher)
    address = save(client, name="Skips", query="view=filed&category=0502")["Location"]
    do("accept", report(town.officer), town.acceptor, category="0101")
    for listed in (1, 2):  # a category nobody may choose narrows nothing
        page = pages_of(client, town.dispatcher, address)
        [figure] = re.findall(r'aria-current="page">Skips<span class="count">(\d+)<', page)
        assert int(figure) == len(numbers(page)) == listed
        Category.objects.filter(code="0502").update(is_active=False)
        bump("categories")
        cache.delete(base.own_figures(town.dispatcher))


def test_views_are_shared_with_a_role_or_with_everybody_of_the_area(town, client):
    client.force_login(town.dispatcher)
    area = town.district.pk
    save(client, name="Roles", query="view=filed", shared=f"role:dispatcher:{area}")
    save(client, name="Everybody", query="view=all", shared=f"area:{area}")
    assert save(client, name="Elsewhere", query="view=all", shared=f"area:{town.district2.pk}").status_code == 400
    page = pages_of(client, town.acceptor, "/desk/")
    assert "Everybody" in page and "Roles" not in page
    page = pages_of(client, town.dispatcher2, "/desk/")
    assert "Everybody" not in page and "Roles" not in page


def test_a_phone_number_is_not_kept_in_a_view(town, client):
    client.force_login(town.dispatcher)
    save(client, name="Caller", query="view=all&q=13912345678")
    assert SavedView.objects.get().query == "view=all"
    assert viewing.MOST_SAVED == 8


# -- usual texts, keys, rows ---------------------------------------------------------------------------------------


def test_usual_texts_are_offered_and_counted(town, client, filed):
    text = StandardText.objects.create(text="请今日内清运")
    page = pages_of(client, town.dispatcher, f"/desk/{filed.number}/")
    assert "请今日内清运" in page
    client.post(f"/desk/texts/{text.pk}/used/")
    text.refresh_from_db()
    assert text.uses == 1


def test_the_keys_are_switched_off_in_this_browser_only(town, client):
    assert 'data-keys="on"' in pages_of(client, town.dispatcher, "/desk/")
    client.post("/desk/keys/", {"keys": "off"})
    assert 'data-keys="off"' in pages_of(client, town.dispatcher, "/desk/")
    client.post("/desk/keys/", {"keys": "on"})
    assert 'data-keys="on"' in pages_of(client, town.dispatcher, "/desk/")


def test_a_row_and_the_views_come_alone(town, client, filed):
    row = pages_of(client, town.dispatcher, f"/desk/{filed.number}/row/?view=filed")
    assert row.strip().startswith("<li") and f'data-number="{filed.number}"' in row and "?view=filed" in row
    assert pages_of(client, town.dispatcher, "/desk/views/?view=filed").startswith("<nav")
    assert queue.SIZE == 50


def test_a_phone_finds_its_orders_at_the_desk(town, client):
    order = report(town.acceptor, source="hotline", reporter_phone="13912345678")
    client.force_login(town.acceptor)
    for answer in (
        client.post("/desk/find/", {"view": "all", "q": "139 1234 5678", "urgency": ""}),
        client.get("/desk/?view=all&q=13912345678"),
    ):
        address = answer["Location"]
        assert answer.status_code == 302 and "12345678" not in address and "urgency" not in address
        page = pages_of(client, town.acceptor, address)
        assert numbers(page) == [order.number] and "Phone: 139****5678" in page and "13912345678" not in page
    # A colleague who gets the address, and its owner on the next day, find nothing and are told.
    assert "Phone: search for it again" in pages_of(client, town.dispatcher, address)
    token = callers.sealed("13912345678", by=town.acceptor, at=clock.now() - callers.LASTS)
    page = pages_of(client, town.acceptor, f"/desk/?view=all&caller={token}")
    assert numbers(page) == [] and "Phone: search for it again" in page


def test_words_and_order_numbers_stay_readable_in_the_address(town, client, filed):
    client.force_login(town.dispatcher)
    for words in ("建筑垃圾", filed.number, filed.number[-6:]):
        answer = client.post("/desk/find/", {"view": "filed", "q": words, "caller": "old", "category": "05"})
        assert parse_qs(urlsplit(answer["Location"]).query) == {"view": ["filed"], "q": [words], "category": ["05"]}
    assert client.post("/desk/find/", {})["Location"] == "/desk/"


# -- news ----------------------------------------------------------------------------------------------------------


def test_missed_news_come_first_and_only_those_within_reach(town, client, monkeypatch):
    monkeypatch.setattr(live_pages, "LASTS", 0.01)
    order = in_status(town, "filed")
    for person, heard in ((town.dispatcher, True), (town.dispatcher2, False)):
        client.force_login(person)
        answer = client.get("/desk/live/", headers={"Last-Event-ID": "0"})
        text = b"".join(answer.streaming_content).decode()
        assert answer["Content-Type"] == "text/event-stream" and text.startswith("retry:")
        assert (order.number in text) is heard and ("id: " in text) is heard
    answer = client.get("/desk/live/?after=nonsense")
    assert b"id:" not in b"".join(answer.streaming_content)


def test_the_hub_hands_news_to_whom_they_reach(town):
    order = in_status(town, "filed")
    hub = live_pages.Hub()
    hub._listen = lambda: None
    mine = hub.join(standing_of(town.dispatcher, clock.today()))
    other = hub.join(standing_of(town.dispatcher2, clock.today()))
    hub.tell(live._news(order.events.last(), order).text())
    hub.tell("nonsense")
    assert order.number.encode() in mine.get_nowait() and other.empty()
    hub.close()
    assert mine.get_nowait() is None and hub.join(standing_of(town.dispatcher, clock.today())) is None


@pytest.mark.django_db(transaction=True)
def test_the_workers_word_arrives_through_the_database(town):
    hub, before = live_pages.Hub(), _listeners()
    news = hub.join(standing_of(town.dispatcher, clock.today()))
    until = time.monotonic() + 30
    while _listeners() <= before and time.monotonic() < until:
        time.sleep(0.05)
    order = report(town.officer)
    outbox.drain()
    assert order.number.encode() in news.get(timeout=30)
    thread = hub.thread
    hub.leave(news)
    thread.join(30)
    assert not thread.is_alive()


def _listeners() -> set[int]:
    """Who listens in this database: other tests' processes have databases of their own, an older hub may still end."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query = %s",
            [f"LISTEN {live.CHANNEL}"],
        )
        return {pid for (pid,) in cursor.fetchall()}
