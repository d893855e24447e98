"""The supervisors' board: what is late, carded, sent back; one-tap interventions; shares by area and unit."""

import datetime as dt
import re

import pytest

from core import clock
from tests.pages.staff import do, in_status, pages_of, statements
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _english(client):
    client.cookies["gridgov_language"] = "en"


def listed(client, person, view):
    page = pages_of(client, person, f"/board/?view={view}")
    return [number for number in re.findall(r'class="table-title" href="/board/(\d+)/"', page)]


def made_late(order, by):
    WorkOrder.objects.filter(pk=order.pk).update(amber_at=clock.now() - by - HOUR, due_at=clock.now() - by)


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
    assert listed(client, town.inspector, "dissatisfied") == [unhappy.number]
    WorkOrder.objects.filter(pk=returned.pk).update(returns=2)
    assert listed(client, town.inspector, "returned") == [returned.number]


def test_old_dissatisfaction_is_history(town, client):
    order = in_status(town, "closed")
    WorkOrder.objects.filter(pk=order.pk).update(satisfaction=1, closed_at=clock.now() - dt.timedelta(days=31))
    assert listed(client, town.inspector, "dissatisfied") == []


@pytest.mark.parametrize(
    ("who", "status", "move"),
    [("inspector", "handling", "supervise"), ("manager", "handling", "urge"), ("chief", "filed", "dispatch")],
)
def test_each_leader_has_the_own_step_on_the_row(town, client, who, status, move):
    order = in_status(town, status)
    page = pages_of(client, getattr(town, who), "/board/?view=all")
    first = re.search(r'class="button button-small button-primary" href="([^"]+)"', page).group(1)
    assert first == f"/board/{order.number}/moves/{move}/"


def test_the_instructor_decides_on_a_disputed_order(town, client):
    order = in_status(town, "dispatched")
    do("return", order, town.handler, reason="not ours")
    page = pages_of(client, town.instructor, f"/board/{order.number}/")
    assert "Decide who handles it" in page and "The decision is binding" in page
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
        row = re.search(rf"<tr><td>(?:<a[^>]*>)?{name}(?:</a>)?</td>(.*?)</tr>", page, re.S).group(1)
        assert re.findall(r">(\d+)<", row)[:2] == ["2", "1"], name


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
    assert statements(client, "/board/?view=all") == one <= 14
