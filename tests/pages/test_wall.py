"""The wall: small, without names, and each figure is the number of orders in the list behind it."""

import datetime as dt
import re

import pytest

from core import clock
from tests.pages.staff import in_status, pages_of, report
from workorders import figures
from workorders.figures import Scope
from workorders.figures import periods as stretches
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db


@pytest.fixture
def busy(town, client):
    """Orders of every kind a figure tells apart, counted."""
    client.cookies["gridgov_language"] = "en"
    now = clock.now()
    for status in ("reported", "filed", "dispatched", "handling", "suspended", "fed_back", "closed"):
        in_status(town, status)
    report(town.officer, at=now - dt.timedelta(days=3))
    late = report(town.officer, description="张三丰家门口")
    WorkOrder.objects.filter(pk=late.pk).update(due_at=now - dt.timedelta(hours=5), amber_at=now - dt.timedelta(days=1))
    soon = report(town.officer)
    WorkOrder.objects.filter(pk=soon.pk).update(
        due_at=now + dt.timedelta(hours=5), amber_at=now - dt.timedelta(hours=1)
    )
    figures.count(now)
    return town


def wall(client, person, area):
    client.force_login(person)
    answer = client.get("/map/wall/", {"area": area.code})
    assert answer.status_code == 200
    return answer


def test_wall_equals_lists(busy, client):
    shown = wall(client, busy.inspector, busy.district).json()
    values = {}
    for one in (*shown["now"], *shown["today"], shown["month"][0]):
        page = pages_of(client, busy.inspector, one["url"])
        [count] = re.findall(r"data-count>(\d+)<", page)
        assert count == one["value"], one
        values[one["key"]] = int(count)
    assert values["open"] == 8 and values["overdue"] >= 1 and values["soon"] >= 1 and values["reported"] == 9
    for line in (*shown["areas"], *shown["units"], *shown["categories"]):
        [count] = re.findall(r"data-count>(\d+)<", pages_of(client, busy.inspector, line["url"]))
        assert count == line["value"], line


def test_the_wall_equals_the_one_set_of_figures(busy, client):
    shown = wall(client, busy.inspector, busy.district).json()
    today = stretches.of(stretches.DAY, clock.today())
    found = figures.of(Scope(busy.district.pk), today)
    tiles = {one["key"]: one["value"] for one in (*shown["now"], *shown["today"])}
    assert tiles == {
        name: str(getattr(found, name))
        for name in ("open", "overdue", "soon", "cards", "reported", "handled", "closed")
    }
    assert shown["trend"][-1]["reported"] == found.reported and len(shown["trend"]) == 14
    assert sum(int(line["more"]) for line in shown["areas"]) == found.open


def test_the_wall_is_small_and_names_nobody(busy, client):
    for person in (busy.inspector, busy.admin):
        answer = wall(client, person, busy.district)
        text = answer.content.decode()
        assert len(answer.content) <= 15_000
        assert "张三丰" not in text and busy.officer.name not in text
        page = pages_of(client, person, f"/map/?area={busy.district.code}&screen=1")
        assert "张三丰" not in page and busy.officer.name not in page


def test_every_part_says_its_cutoff(busy, client):
    page = pages_of(client, busy.inspector, f"/map/?area={busy.district.code}&screen=1")
    parts = page.count('class="wall-box')
    assert parts == 9 and page.count('class="wall-cut"') == parts
    assert "data-wall-stale" in page


def test_units_have_a_wall_of_what_they_lead(busy, client):
    shown = wall(client, busy.handler, busy.district).json()
    led = WorkOrder.objects.filter(lead=busy.um).open().count()
    assert shown["now"][0]["value"] == str(led) > "0"
    [count] = re.findall(r"data-count>(\d+)<", pages_of(client, busy.handler, shown["now"][0]["url"]))
    assert count == str(led)


def test_before_the_first_count_nothing_is_known(town, client):
    report(town.officer)
    shown = wall(client, town.inspector, town.district).json()
    assert {one["value"] for one in (*shown["now"], *shown["today"])} == {"–"} and shown["stale"]
    answer = client.get("/map/figures/", {"area": town.district.code}).json()
    assert set(answer["classes"]) == {"-"} and set(answer["values"]) == {""}
