"""The supervisors' board: what is late, carded, sent back; one-tap interventions; shares by area and unit."""

import datetime as dt
import html
import re

import pytest

from core import clock, wording
from tests.pages.staff import do, in_status, pages_of, statements
from workorders import figures
from workorders.figures import counting
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _english(client):
    client.cookies["gridgov_language"] = "en"


def listed(client, person, view):
    counting.rebuild(clock.now())
    page = pages_of(client, person, f"/board/?view={view}")
    return [number for number in re.findall(r'class="table-title" href="/board/(\d+)/"', page)]


def made_late(order, by):
    """Its clock ran out some time ago; counted, as the worker does every few seconds."""
    WorkOrder.objects.filter(pk=order.pk).update(amber_at=clock.now() - by - HOUR, due_at=clock.now() - by)
    counting.rebuild(clock.now())


def test_overdue_ones_stand_longest_first(town, client):
    some, more = in_status(town, "handling"), in_status(town, "handling")
    in_status(town, "handling")
    made_late(some, HOUR)
    made_late(more, 5 * HOUR)
    assert listed(client, town.inspector, "overdue") == [more.number, some.number]
    page = pages_of(client, town.inspector, "/board/")
    assert "overdue by 5 h" in page


def test_each_list_shows_its_orders(town, client):
    carded, returned, suspended, unhappy = (in_status(town, "handling") for _order in range(4))
    do("supervise", carded, town.inspector, card="red", reason="slow", answer_by=clock.now() + HOUR)
    do("suspend", suspended, town.duty, reason="winter", review_on=clock.today() + dt.timedelta(days=9))
    do("return", returned, town.handler, reason="not ours")
    WorkOrder.objects.filter(pk=unhappy.pk).update(reworks=2, satisfaction=1, resolved=False)
    assert listed(client, town.inspector, "cards") == [carded.number]
    assert listed(client, town.inspector, "suspended") == [suspended.number]
    assert listed(client, town.inspector, "disputed") == [returned.number]
    assert listed(client, town.inspector, "returned") == []
    assert listed(client, town.inspector, "reworked") == [unhappy.number]
    assert listed(client, town.inspector, "unhappy") == [unhappy.number]
    WorkOrder.objects.filter(pk=returned.pk).update(returns=2)
    assert listed(client, town.inspector, "returned") == [returned.number]


def test_old_dissatisfaction_is_history(town, client):
    order = in_status(town, "closed")
    WorkOrder.objects.filter(pk=order.pk).update(satisfaction=1, closed_at=clock.now() - dt.timedelta(days=31))
    assert listed(client, town.inspector, "unhappy") == []


@pytest.mark.parametrize(
    ("who", "status", "move"),
    [("inspector", "handling", "supervise"), ("manager", "handling", "co_dispatch"), ("chief", "filed", "dispatch")],
)
def test_each_leader_has_the_own_step_on_the_row(town, client, who, status, move):
    order = in_status(town, status)
    page = pages_of(client, getattr(town, who), "/board/?view=all")
    first = re.search(r'class="button button-small button-primary" href="([^"]+)"', page).group(1)
    assert first.split("?")[0] == f"/board/{order.number}/moves/{move}/"


def test_the_instructor_decides_on_a_disputed_order(town, client):
    order = in_status(town, "dispatched")
    do("return", order, town.handler, reason="not ours")
    page = pages_of(client, town.instructor, f"/board/{order.number}/")
    assert "One-click decision</button>" in page and "The decision is binding" in page
    answer = client.post(f"/board/{order.number}/moves/decide/", {"unit": "620105-UM", "note": "it is theirs"})
    assert answer.status_code == 302
    order = WorkOrder.objects.get(pk=order.pk)
    assert (order.status, order.forced) == ("dispatched", True)


def test_urging_leads_back_to_the_list_and_is_refused_twice(town, client):
    order = in_status(town, "handling")
    made_late(order, HOUR)
    client.force_login(town.manager)
    data = {"note__usual": "The reporter has asked again", "next": "/board/?view=overdue"}
    answer = client.post(f"/board/{order.number}/moves/urge/", data)
    assert (answer.status_code, answer["Location"]) == (302, "/board/?view=overdue")
    again = client.post(f"/board/{order.number}/moves/urge/", data)
    assert again.status_code == 409 and "urged not long ago" in again.content.decode()


def test_a_card_is_given_and_lifted(town, client):
    order = in_status(town, "handling")
    client.force_login(town.inspector)
    by = clock.local(clock.now() + dt.timedelta(days=2))
    data = {"card": "yellow", "reason__usual": "Overdue without progress", "answer_by": f"{by:%Y-%m-%dT%H:%M}"}
    assert client.post(f"/board/{order.number}/moves/supervise/", data).status_code == 302
    page = pages_of(client, town.inspector, "/board/?view=cards")
    assert f"/board/{order.number}/moves/lift_supervision/" in page
    assert client.post(f"/board/{order.number}/moves/lift_supervision/", {"note": ""}).status_code == 302
    assert WorkOrder.objects.get(pk=order.pk).card == ""


def test_shares_by_area_and_unit(town, client):
    late = in_status(town, "handling")
    in_status(town, "dispatched")
    made_late(late, HOUR)
    page = pages_of(client, town.inspector, "/board/")
    for name in (town.street.name, town.um.name):
        row = re.search(rf'<th scope="row">(?:<a[^>]*>)?{name}(?:</a>)?</th>(.*?)</tr>', page, re.S).group(1)
        assert re.findall(r">(\d+)<", row)[:4] == ["2", "1", "2", "0"], name


def test_each_row_says_why_and_the_card_is_written_already(town, client):
    late = in_status(town, "handling")
    made_late(late, 5 * HOUR)
    page = pages_of(client, town.inspector, "/board/")
    assert "Overdue by 5 hours." in page and "Counted up to" in page
    link = re.search(rf'href="(/board/{late.number}/moves/supervise/\?card=red[^"]*)"', page).group(1)
    form = pages_of(client, town.inspector, html.unescape(link))
    assert re.search(r'value="red"[^>]*checked', form)
    assert re.search(r"<textarea[^>]*>\s*Overdue by 5 hours.", form)


def test_the_page_says_when_counting_stands_still(town, client):
    assert "Nothing has been counted yet" in pages_of(client, town.inspector, "/board/")
    figures.count(clock.now() - dt.timedelta(minutes=5))
    assert "Counting stands still" in pages_of(client, town.inspector, "/board/")


@pytest.mark.parametrize(
    ("who", "status", "words"),
    [
        ("inspector", "handling", "One-click supervision"),
        ("manager", "handling", "One-click linkage"),
        ("chief", "filed", "One-click dispatch"),
    ],
)
def test_one_click_powers_are_named_for_exactly_the_holder(town, client, who, status, words):
    order = in_status(town, status)
    assert words in pages_of(client, getattr(town, who), f"/board/{order.number}/")
    for other in ("inspector", "manager", "chief", "instructor"):
        if other != who:
            assert words not in pages_of(client, getattr(town, other), f"/board/{order.number}/"), other
    assert words not in pages_of(client, town.dispatcher, f"/desk/{order.number}/")


def test_the_case_file_tells_everything_once(town, client):
    order = in_status(town, "handling")
    made_late(order, 5 * HOUR)
    do("supervise", order, town.inspector, card="red", reason="slow", answer_by=clock.now() + HOUR)
    page = pages_of(client, town.inspector, f"/board/{order.number}/case/")
    for words in (order.number, "Red card", "slow", "Waits for an answer", "Overdue by 5 hours.", "Sign for it"):
        assert words in page, words
    do("comment", order, town.handler, text="on the way")
    page = pages_of(client, town.inspector, f"/board/{order.number}/case/")
    assert "Answered in time" in page and "on the way" in page
    for kind, head in (("docx", b"PK"), ("pdf", b"%PDF")):
        answer = client.get(f"/board/{order.number}/case/?as={kind}")
        assert answer.content.startswith(head) and order.number in answer["Content-Disposition"]
    client.force_login(town.handler)
    assert client.get(f"/board/{order.number}/case/").status_code == 403
    client.force_login(town.elsewhere)
    assert client.get(f"/board/{order.number}/case/").status_code == 404


def test_the_other_street_stays_dark(town, client):
    in_status(town, "handling")
    page = pages_of(client, town.elsewhere, "/board/?view=all")
    assert "Nothing is open in your areas." in page


def test_the_board_sends_as_many_statements_for_ten_as_for_one(town, client):
    in_status(town, "handling")
    client.force_login(town.inspector)
    one = statements(client, "/board/?view=all")
    for _order in range(9):
        in_status(town, "handling")
    assert statements(client, "/board/?view=all") == one <= 26


def test_the_problem_store_says_when_each_order_is_reviewed_and_takes_it_up_again(town, client):
    order, day = in_status(town, "handling"), clock.today() + dt.timedelta(days=9)
    do("suspend", order, town.duty, reason="winter", review_on=day)
    page = pages_of(client, town.duty, "/board/?view=suspended")
    assert f"until the review on {wording.day(day)}" in page
    assert f'href="/board/{order.number}/moves/resume/"' in page
    assert "/moves/resume/" not in pages_of(client, town.inspector, "/board/?view=suspended")


@pytest.mark.parametrize(("who", "verb"), [("chief", "One-click dispatch"), ("dispatcher", "Dispatch")])
def test_the_button_of_a_power_carries_its_name_for_the_holder_only(town, client, who, verb):
    order = in_status(town, "filed")
    room = "board" if who == "chief" else "desk"
    page = pages_of(client, getattr(town, who), f"/{room}/{order.number}/moves/dispatch/")
    assert re.search(rf'<button class="button button-primary" type="submit">{verb}</button>', page)
