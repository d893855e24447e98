"""Items by hand on the pages: entered with evidence, refused with words, confirmed by a second person, taken back."""

import datetime as dt
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from assessment import commands, periods
from assessment.models import Adjustment, Charge
from core import clock
from personnel.models import Post, User
from personnel.roles import Role
from tests.pages.assessing import last_month, orders_of_last_month, score_of, seen, text

pytestmark = pytest.mark.django_db
GRID = "620105006001001"


@pytest.fixture
def second(town):
    person = User.objects.create(username="second", name="Second")
    Post.objects.create(person=person, role=Role.ASSESSOR, area=town.district, starts=dt.date(2020, 1, 1))
    return person


def address(code="K08", grid=GRID, month=None):
    return f"/assessment/items/new/?period={month or last_month().text}&area={grid}&code={code}"


def entered(client, town, code="K08", **given):
    client.force_login(town.assessor)
    client.cookies.load({"gridgov_language": "en"})
    values = {"variant": "", "count": "1", "cause": "The photo was staged.", "officer": "", "order": "", **given}
    return client.post(address(code), values)


def test_an_item_is_entered_confirmed_and_costs_points(client, town, second):
    orders = orders_of_last_month(town)
    page = seen(client, town.assessor, "/assessment/items/new/")
    assert "K08" in page and "K04" not in page and "农大一网格" in page
    file = SimpleUploadedFile("proof.pdf", b"%PDF-1.4 proof", "application/pdf")
    answer = entered(client, town, order=orders[0].number, officer=str(town.officer.pk), evidence=file)
    row = Adjustment.objects.get()
    assert answer.status_code == 302 and answer.url == f"/assessment/items/{row.pk}/"
    assert (row.area, row.order, row.officer, row.entered_by) == (
        town.main_grid,
        orders[0],
        town.officer,
        town.assessor,
    )
    waiting = seen(client, town.assessor, "/assessment/items/")
    assert "K08" in waiting and "Waiting for a second person" in waiting
    assert "Confirm</button>" not in seen(client, town.assessor, answer.url)
    own = client.post(f"/assessment/items/{row.pk}/confirm/")
    assert own.status_code == 403 and "A second person confirms what you entered." in text(own)
    assert "Confirm</button>" in seen(client, second, answer.url)
    assert client.post(f"/assessment/items/{row.pk}/confirm/").status_code == 302
    assert client.post(f"/assessment/items/{row.pk}/confirm/").status_code == 409
    assert "Nothing waits for a second person" in seen(client, second, "/assessment/items/")
    assert "K08" in seen(client, second, "/assessment/items/?view=counting")

    run = commands.start(last_month().text, by=town.assessor, at=clock.now())
    run = commands.carry_out(run.pk, at=clock.now())
    charge = Charge.objects.get(score__run=run, code="K08", score__level="grid")
    assert str(charge.points) == "-5.00"
    # Whoever it costs points reads the evidence once the month is published; neighbours never do.
    proof = f"/assessment/items/{row.pk}/file/"
    seen(client, town.officer, proof, status=404)
    commands.publish(run, by=town.assessor, at=clock.now())
    grid = score_of(run, level="grid", area=town.main_grid)
    assert proof in seen(client, town.officer, f"/assessment/scores/{grid.pk}/")
    answer = client.get(proof)
    assert answer.headers["Content-Disposition"].startswith("attachment") and b"".join(answer) == b"%PDF-1.4 proof"
    for person in (town.neighbour, town.officer2, town.handler, town.manager, town.informant):
        seen(client, person, proof, status=404)
    late = entered(client, town)
    assert late.status_code == 409 and "It changes by appeals only." in text(late)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"count": "0"}, "greater than or equal to 1"),
        ({"count": "21"}, "less than or equal to 20"),
        ({"count": "many"}, "Enter a whole number."),
        ({"cause": "  "}, "This field is required."),
        ({"order": "LZ0000"}, "Name the order by its number."),
        ({"officer": "7777777"}, "Select a valid choice"),
        ({"evidence": SimpleUploadedFile("x.html", b"<script>")}, "Choose a photo, PDF or Office file."),
    ],
)
def test_an_item_outside_its_range_is_refused_and_nothing_is_lost(client, town, given, words):
    answer = entered(client, town, **{"cause": "A long story, told once.", **given})
    page = text(answer)
    assert answer.status_code == 400 and words in page, re.findall(r"<li>.{0,200}", page)[-3:]
    if "cause" not in given:
        assert "A long story, told once." in page
    assert not Adjustment.objects.exists()


def test_refusals_of_items_are_chinese_too(client, town):
    client.force_login(town.assessor)
    client.cookies.load({"gridgov_language": "zh-hans"})
    answer = client.post(address(), {"variant": "", "count": "99", "cause": "摆拍"})
    assert answer.status_code == 400 and "20" in text(answer) and "less than" not in text(answer)


def test_an_order_of_another_grid_and_a_second_entry_are_refused(client, town):
    orders = orders_of_last_month(town)
    assert entered(client, town, "K09", order=orders[0].number).status_code == 302
    again = entered(client, town, "K09", order=orders[0].number)
    assert again.status_code == 409 and "entered for this order already" in text(again)
    client.force_login(town.assessor)
    values = {"variant": "", "count": "1", "cause": "Somewhere else", "order": orders[0].number}
    other = client.post(address("K09", town.next_grid.code), values)
    assert other.status_code == 400 and "does not lie in the grid" in text(other)


def test_what_cannot_be_chosen_is_said(client, town):
    for wrong, words in (
        (address("K04"), "Select a valid choice"),
        (address("K14"), "Select a valid choice"),
        (address(grid=town.far_grid.code), "You assess no grid with this name or code."),
        (address(grid="nowhere"), "You assess no grid with this name or code."),
        (address(month="2199-01"), "Select a valid choice"),
    ):
        assert words in seen(client, town.assessor, wrong), wrong
    future = periods.month_at(clock.now()).before(-1).text
    assert "Select a valid choice" in seen(client, town.assessor, address(month=future))


def test_cases_have_their_points_and_a_veto_its_warning(client, town):
    page = seen(client, town.assessor, address("K02"))
    assert "Emergency: -5" in page and "Each: -3" in page
    assert entered(client, town, "K02", variant="emergency").status_code == 302
    assert Adjustment.objects.get().variant == "emergency"
    assert "A veto forces the grade" in seen(client, town.assessor, address("V02"))
    assert entered(client, town, "V02").status_code == 302
    assert entered(client, town, "K02", variant="often").status_code == 400


def test_an_item_is_taken_back_with_its_reason(client, town, second):
    entered(client, town, "K09")
    row = Adjustment.objects.get()
    back = f"/assessment/items/{row.pk}/withdraw/"
    empty = client.post(back, {"reason": " "})
    assert empty.status_code == 400 and "This field is required." in text(empty)
    assert client.post(back, {"reason": "It was another grid."}).status_code == 302
    page = seen(client, second, f"/assessment/items/{row.pk}/")
    assert "It was another grid." in page and "Taken back" in page and "Take it back" not in page
    client.force_login(second)
    assert client.post(back, {"reason": "Again."}).status_code == 409
    assert client.post(f"/assessment/items/{row.pk}/confirm/").status_code == 409
    assert "K09" in seen(client, second, "/assessment/items/?view=withdrawn")


def test_items_are_the_assessors_business(client, town):
    entered(client, town, "K09")
    row = Adjustment.objects.get()
    for person in (town.officer, town.chief, town.manager, town.auditor, town.handler):
        seen(client, person, "/assessment/items/", status=403)
        seen(client, person, "/assessment/items/new/", status=403)
        seen(client, person, f"/assessment/items/{row.pk}/", status=404)
        assert client.post(f"/assessment/items/{row.pk}/confirm/").status_code == 404
    far = User.objects.create(username="far", name="Far")
    Post.objects.create(person=far, role=Role.ASSESSOR, area=town.district2, starts=dt.date(2020, 1, 1))
    seen(client, far, f"/assessment/items/{row.pk}/", status=404)
    assert "K09" not in seen(client, far, "/assessment/items/?view=counting")
    assert "K09" in seen(client, town.admin, "/assessment/items/?view=counting")
    assert client.post(f"/assessment/items/{row.pk}/confirm/").status_code == 403


def test_the_filter_takes_whatever_comes(client, town):
    entered(client, town, "K09")
    assert "K09" in seen(client, town.assessor, f"/assessment/items/?view=counting&period={last_month().text}")
    assert "K09" not in seen(
        client, town.assessor, f"/assessment/items/?view=counting&period={last_month().before(2).text}"
    )
    seen(client, town.assessor, "/assessment/items/?view=%00&period=%00&page=99")
