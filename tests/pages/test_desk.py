"""The centre's desk: views and their counts, the filter, pages, the order beside the queue, callers' reports."""

import datetime as dt
import re

import pytest

from core import clock
from core.vault import RevealLog
from pages.desk import queue, viewing
from tests.pages.staff import do, in_status, pages_of, report, statements
from workorders import commands
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english(client):
    client.cookies["gridgov_language"] = "en"


def numbers(page):
    return re.findall(r'data-number="(\d+)"', page)


def count_of(page, key):
    found = re.search(rf'href="/desk/\?view={key}"[^>]*>[^<]*<span class="count[^"]*">(\d+)</span>', page)
    return int(found.group(1))


# -- views ---------------------------------------------------------------------------------------------------------


def test_each_status_stands_in_its_view(town, client):
    orders = {
        name: in_status(town, name) for name in ("reported", "filed", "handling", "fed_back", "revisiting", "closed")
    }
    client.force_login(town.duty)
    for view, status in (
        ("reported", "reported"),
        ("filed", "filed"),
        ("check", "fed_back"),
        ("revisit", "revisiting"),
        ("closed", "closed"),
    ):
        assert numbers(pages_of(client, town.duty, f"/desk/?view={view}")) == [orders[status].number], view
    assert set(numbers(pages_of(client, town.duty, "/desk/?view=all"))) == {one.number for one in orders.values()}


def test_counts_equal_the_lists(town, client):
    for name in ("reported", "reported", "filed", "fed_back", "revisiting", "closed"):
        in_status(town, name)
    page = pages_of(client, town.dispatcher, "/desk/")
    for view in viewing.VIEWS:
        if view.counted:
            listed = numbers(pages_of(client, town.dispatcher, f"/desk/?view={view.key}"))
            assert count_of(page, view.key) == len(listed), view.key


def test_overdue_and_due_soon(town, client):
    late, soon, calm = (report(town.officer) for _order in range(3))
    now = clock.now()
    hour = dt.timedelta(hours=1)
    WorkOrder.objects.filter(pk=late.pk).update(amber_at=now - 2 * hour, due_at=now - hour)
    WorkOrder.objects.filter(pk=soon.pk).update(amber_at=now - hour, due_at=now + hour)
    WorkOrder.objects.filter(pk=calm.pk).update(amber_at=now + hour, due_at=now + 2 * hour)
    assert numbers(pages_of(client, town.acceptor, "/desk/?view=overdue")) == [late.number]
    assert numbers(pages_of(client, town.acceptor, "/desk/?view=soon")) == [soon.number]


def test_likely_duplicates_are_same_kind_in_same_grid_within_a_week(town, client):
    twin, order = report(town.officer), report(town.part_timer)
    other_kind, other_grid = report(town.officer, category="0501"), report(town.neighbour, area="620105006001002")
    old = report(town.officer, category="0503")
    report(town.officer, category="0503")
    WorkOrder.objects.filter(pk=old.pk).update(reported_at=clock.now() - dt.timedelta(days=9))
    listed = numbers(pages_of(client, town.acceptor, "/desk/?view=twins"))
    assert set(listed) == {twin.number, order.number}
    assert other_kind.number not in listed and other_grid.number not in listed


def test_a_card_stands_under_supervised(town, client):
    order = in_status(town, "handling")
    do("supervise", order, town.inspector, card="yellow", reason="slow", answer_by=clock.now() + dt.timedelta(days=1))
    assert numbers(pages_of(client, town.duty, "/desk/?view=cards")) == [order.number]


def test_another_district_sees_nothing_of_it(town, client):
    report(town.officer)
    page = pages_of(client, town.dispatcher2, "/desk/?view=all")
    assert numbers(page) == [] and "Nothing here" in page


def test_a_dissatisfied_resident_reaches_the_duty_leader(town, client):
    order = in_status(town, "closed")
    commands.rate(order, at=clock.now(), resolved=False, satisfaction=1, note="still there")
    page = pages_of(client, town.duty, "/desk/?view=reopen")
    assert numbers(page) == [order.number] and count_of(page, "reopen") == 1
    page = pages_of(client, town.duty, f"/desk/{order.number}/")
    assert "asks to reopen" in page and "still there" in page and "Very dissatisfied" in page
    data = {"reason__usual": "The reporter is not satisfied"}
    assert client.post(f"/desk/{order.number}/moves/reopen/", data).status_code == 302
    assert WorkOrder.objects.get(pk=order.pk).status == "handling"


def test_the_duty_leader_suspends_and_resumes(town, client):
    order = in_status(town, "handling")
    assert f"/desk/{order.number}/moves/suspend/" in pages_of(client, town.duty, f"/desk/{order.number}/")
    day = clock.today() + dt.timedelta(days=10)
    data = {"reason__usual": "Waits for funds", "review_on": day.isoformat()}
    assert client.post(f"/desk/{order.number}/moves/suspend/", data).status_code == 302
    page = pages_of(client, town.duty, f"/desk/{order.number}/")
    assert "Clock stopped" in page and "Suspended; to be reviewed on" in page
    assert client.post(f"/desk/{order.number}/moves/resume/").status_code == 302
    assert WorkOrder.objects.get(pk=order.pk).status == "handling"


def test_a_handler_is_led_to_the_own_room(town, client):
    order = in_status(town, "handling")
    client.force_login(town.handler)
    assert client.get("/desk/").status_code == 403
    assert client.get(f"/desk/{order.number}/")["Location"] == f"/inbox/{order.number}/"


# -- filter and pages ----------------------------------------------------------------------------------------------


def test_the_filter_narrows_and_says_so(town, client):
    waste, rubbish = report(town.officer), report(town.officer, category="0501", urgency="urgent")
    for query, found in (
        ("category=0501", [rubbish]),
        ("category=05", [rubbish, waste]),
        ("urgency=urgent", [rubbish]),
        ("area=620105006000", [rubbish, waste]),
        ("area=620105001000", []),
        ("source=officer", [rubbish, waste]),
        ("source=hotline", []),
        (f"q={waste.number[-6:]}", [waste]),
        ("q=建筑垃圾", [rubbish, waste]),
        ("q=没有的词", []),
        ("status=filed", []),
        ("overdue=on", []),
        ("category=nonsense&status=nonsense&area=1", [rubbish, waste]),
    ):
        page = pages_of(client, town.dispatcher, f"/desk/?view=all&{query}")
        assert numbers(page) == [one.number for one in found], query
    assert "Nothing matches this filter" in pages_of(client, town.dispatcher, "/desk/?view=all&q=没有的词")
    page = pages_of(client, town.dispatcher, "/desk/?view=all&area=620105006000&overdue=on")
    assert f"Area: {town.street.name}" in page and '<span class="tag">Overdue only</span>' in page


def test_pages_go_forth_and_back_without_gap_or_repetition(town, client, monkeypatch):
    monkeypatch.setattr(queue, "SIZE", 2)
    made = [report(town.officer).number for _order in range(5)]
    for view in ("all", "reported"):
        wanted = made[::-1] if view == "all" else made
        page, seen = pages_of(client, town.acceptor, f"/desk/?view={view}"), []
        while True:
            seen += numbers(page)
            following = re.search(r'rel="next" href="([^"]+)"', page)
            if not following:
                break
            page = pages_of(client, town.acceptor, following.group(1).replace("&amp;", "&"))
        assert seen == wanted
        back = re.search(r'rel="prev" href="([^"]+)"', page).group(1).replace("&amp;", "&")
        assert numbers(pages_of(client, town.acceptor, back)) == wanted[2:4]


@pytest.mark.parametrize("mark", ["x", "W10", "bnVsbA", "WyJub25zZW5zZSIsIDFd", "%00", "eyJhIjoxfQ"])
def test_a_spoilt_page_mark_shows_the_first_page(town, client, mark):
    order = report(town.officer)
    assert numbers(pages_of(client, town.acceptor, f"/desk/?view=all&after={mark}")) == [order.number]


# -- the order beside the queue ------------------------------------------------------------------------------------


def test_htmx_gets_the_order_alone_and_a_restored_page_whole(town, client):
    order = report(town.officer)
    address = f"/desk/{order.number}/?view=reported"
    part = pages_of(client, town.acceptor, address, **{"HX-Request": "true"})
    assert part.startswith("<article") and "<html" not in part
    whole = pages_of(client, town.acceptor, address, **{"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<html" in whole and numbers(whole) == [order.number] and 'aria-current="true"' in whole


def test_the_order_tells_its_story(town, client):
    order = in_status(town, "revisiting")
    page = pages_of(client, town.reviewer, f"/desk/{order.number}/")
    for words in (
        "Waste soil",
        town.um.name,
        "How the due time came about",
        "Pass the check",
        town.officer.name,
        "Answer to the reporter",
        "已清运",
        "in time",
        "Revisit the reporter",
    ):
        assert words.lower() in page.lower(), words
    assert "王*" in page  # the reporter is masked


def test_the_page_sends_as_many_statements_for_ten_as_for_one(town, client):
    report(town.officer)
    client.force_login(town.dispatcher)
    one = statements(client, "/desk/?view=all")
    for _order in range(9):
        report(town.officer)
    ten = statements(client, "/desk/?view=all")
    assert ten == one <= 12


def test_the_order_sends_as_many_statements_with_a_long_story_as_with_a_short_one(town, client):
    order = in_status(town, "handling")
    client.force_login(town.dispatcher)
    short = statements(client, f"/desk/{order.number}/")
    for count in range(8):
        do("comment", order, town.handler, text=f"step {count}")
    for unit in ("620105-HC", "620105006-ST"):
        do("co_dispatch", order, town.dispatcher, unit=unit, task="help")
    long = statements(client, f"/desk/{order.number}/")
    assert long == short <= 28


# -- who reported it -----------------------------------------------------------------------------------------------


def test_the_phone_is_shown_with_a_purpose_and_logged(town, client):
    order = report(town.acceptor, source="hotline", reporter_name="万先生", reporter_phone="13912345678")
    page = pages_of(client, town.acceptor, f"/desk/{order.number}/")
    assert "139****5678" in page and "13912345678" not in page
    client.force_login(town.acceptor)
    refused = client.post(f"/desk/{order.number}/reveal/", {"field": "phone", "purpose": ""})
    assert refused.status_code == 400 and "13912345678" not in refused.content.decode()
    shown = client.post(f"/desk/{order.number}/reveal/", {"field": "phone", "purpose": "to agree on a time"})
    assert shown.status_code == 200 and "13912345678" in shown.content.decode()
    log = RevealLog.objects.get()
    assert (log.actor, log.field, log.purpose) == (town.acceptor, "phone", "to agree on a time")


def test_the_phone_stays_hidden_from_others(town, client):
    order = report(town.acceptor, source="hotline", reporter_phone="13912345678")
    assert "/reveal/" not in pages_of(client, town.duty, f"/desk/{order.number}/")
    client.force_login(town.duty)
    answer = client.post(f"/desk/{order.number}/reveal/", {"field": "phone", "purpose": "curious"})
    assert answer.status_code == 403 and "13912345678" not in answer.content.decode()


# -- a caller's report ---------------------------------------------------------------------------------------------


def test_a_call_becomes_an_order(town, client):
    pages_of(client, town.acceptor, "/desk/new/")
    data = {
        "source": "hotline",
        "description": "楼道灯坏了三天",
        "category": "0603",
        "area": "620105006001001",
        "reporter_name": "万先生",
        "reporter_phone": "139 1234 5678",
        "external_id": "12345-778",
        "urgency": "",
    }
    answer = client.post("/desk/new/", data)
    order = WorkOrder.objects.get()
    assert answer["Location"] == f"/desk/{order.number}/"
    assert (order.source, order.external_id, order.reporter_phone_masked) == ("hotline", "12345-778", "139****5678")
    again = client.post("/desk/new/", data)
    assert again.status_code == 400 and "already sent an order with this external id" in again.content.decode()
    assert "楼道灯坏了三天" in again.content.decode()


def test_a_call_without_words_is_refused_and_kept(town, client):
    client.force_login(town.acceptor)
    answer = client.post("/desk/new/", {"source": "hotline", "area": "620105006001001", "address": "3号楼"})
    assert answer.status_code == 400 and "3号楼" in answer.content.decode()
    assert not WorkOrder.objects.exists()


def test_grids_of_other_districts_are_not_offered(town, client):
    page = pages_of(client, town.acceptor, "/desk/new/")
    assert "620105006001001" in page and "620102001001001" not in page


def test_news_of_a_filtered_list_are_those_that_belong_to_it(town, client):
    inside, outside = report(town.officer, category="0502"), report(town.officer, category="0501")
    page = pages_of(client, town.acceptor, "/desk/?view=reported&category=0502")
    assert "data-narrowed" in page and 'data-arrivals="reported"' in page
    assert "data-narrowed" not in pages_of(client, town.acceptor, "/desk/?view=reported")
    far = report(town.officer2, category="0502", area=town.far_grid.code)
    heard = ",".join(one.number for one in (inside, outside, far))
    answer = client.get(f"/desk/arrived/?view=reported&category=0502&arrived={heard}")
    assert answer.json() == {"numbers": [inside.number]}
