"""Pages as another person sees them: who may look, that nothing is changed or taken, that it ends and is on record."""

import datetime as dt
import re

import pytest

from core import clock
from core.events import verify
from personnel.models import AdministrationEvent, Post, User
from personnel.roles import Role
from tests.pages.staff import bring, in_status, report
from workorders.models import Claim, Notice, WorkOrder

pytestmark = pytest.mark.django_db
CLOSED = """/me/ /admin/ /people/ /m/outbox/ /desk/live/ /desk/{order}/reveal/ /desk/{order}/slips/handover/
    /board/?as=csv /board/{order}/case/?as=docx"""
WHY = {"reason": "她说看不到今天的单子"}


@pytest.fixture
def look(client, town):
    """`look(by, person)`: the administrator begins to look."""
    client.cookies["gridgov_language"] = "en"

    def start(by, person, **values):
        client.force_login(by)
        return client.post(f"/people/{person.pk}/view/", values or WHY)

    return start


def events():
    return list(AdministrationEvent.objects.filter(subject__startswith="person:").order_by("pk"))


def test_pages_are_those_of_the_person_under_a_banner_until_one_leaves(town, client, look):
    order = in_status(town, "dispatched")
    answer = look(town.system_admin, town.handler)
    assert (answer.status_code, answer.url) == (302, "/inbox/")
    page = client.get("/inbox/")
    html = page.content.decode()
    assert order.number in html and "You see the pages of 吕涛." in html and "Your own name is 何平" in html
    assert page["X-Gridgov-Viewing"] == "1" and 'href="/units/"' not in html
    assert client.get("/desk/").status_code == 403, "what she may not open, he does not open as her"
    answer = client.post("/people/leave/")
    assert (answer.status_code, answer.url) == (302, "/people/")
    assert "You see the pages of" not in client.get("/people/").content.decode()
    assert client.get("/inbox/").status_code == 403
    begun, ended = events()
    assert (begun.kind, ended.kind) == ("view_started", "view_ended")
    assert (begun.actor, begun.subject, begun.data["reason"]) == (
        town.system_admin, f"person:{town.handler.pk}", WHY["reason"],
    )  # fmt: skip
    assert ended.data["how"] == "left" and list(verify([begun, ended])) == []


def test_nothing_is_changed_by_any_method_on_any_door(town, client, look):
    order = in_status(town, "dispatched")
    notice = Notice.objects.create(person=town.handler, order=order, kind="dispatch", created_at=clock.now())
    look(town.system_admin, town.handler)
    before = WorkOrder.objects.values_list("status", "due_at").get(pk=order.pk)
    for address in (f"/inbox/{order.number}/moves/sign/", "/notices/read/", "/me/password/", "/i18n/", "/units/new/"):
        for method in (client.post, client.put, client.patch, client.delete):
            assert method(address).status_code == 403, (address, method)
    moved = client.post(f"/api/v1/workorders/{order.number}/moves/sign/", {}, content_type="application/json")
    assert (moved.status_code, moved.json()["code"]) == (403, "viewing")
    # Not the scheme of a token: a proxy's, say. The session would answer.
    moved = client.post(f"/api/v1/workorders/{order.number}/moves/sign/", headers={"Authorization": "Basic eDp4"})
    assert (moved.status_code, moved.json()["code"]) == (403, "viewing")
    assert WorkOrder.objects.values_list("status", "due_at").get(pk=order.pk) == before
    assert not Claim.objects.exists()
    assert client.get(f"/notices/{notice.pk}/").status_code == 403, "opening it would mark it as read"
    assert Notice.objects.get(pk=notice.pk).read_at is None


def test_a_page_that_writes_while_it_is_read_is_stopped_by_the_database(town, client, look, monkeypatch):
    def writes(request):
        User.objects.filter(pk=request.user.pk).update(name="x")

    look(town.system_admin, town.dispatcher)
    monkeypatch.setattr("pages.base.shell", writes)
    answer = client.get("/map/")
    assert answer.status_code == 403 and "nothing is changed" in answer.content.decode()
    assert User.objects.get(pk=town.dispatcher.pk).name == town.dispatcher.name


@pytest.mark.parametrize(
    ("person", "addresses"),
    [
        ("officer", "/m/ /m/orders/ /m/orders/{order}/ /m/report/ /assessment/mine/ /notices/ /map/"),
        ("dispatcher", "/desk/ /desk/{order}/ /desk/new/ /map/list/ /map/?screen=1"),
        ("handler", "/inbox/ /inbox/{order}/ /inbox/{order}/moves/sign/"),
        ("inspector", "/board/ /board/{order}/ /board/{order}/case/ /board/reports/"),
        ("assessor", "/assessment/ /assessment/schemes/ /assessment/records/ /assessment/items/"),
    ],
)
def test_every_page_that_is_only_read_opens_with_its_banner(town, client, look, person, addresses):
    order = in_status(town, "dispatched")
    look(town.system_admin, getattr(town, person))
    for address in addresses.format(order=order.number).split():
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.content[-400:])
        assert "You see the pages of" in answer.content.decode(), address


@pytest.mark.parametrize("address", CLOSED.split())
def test_reveals_files_accounts_and_tables_are_closed(town, client, look, address):
    order = in_status(town, "dispatched")
    look(town.admin, town.duty)
    answer = client.get(address.format(order=order.number))
    assert answer.status_code == 403 and "as another person" in answer.content.decode()


def test_personal_data_stays_masked(town, client, look):
    given = {"reporter_name": "王大力", "reporter_phone": "13812345678", "source": "hotline"}
    order = bring(report(town.acceptor, **given), town, "filed")
    look(town.system_admin, town.dispatcher)
    html = client.get(f"/desk/{order.number}/").content.decode()
    assert "138****5678" in html and "13812345678" not in html and "王大力" not in html


@pytest.mark.parametrize("person", ["officer2", "far_handler", "admin"])
def test_people_of_other_areas_are_not_there(town, look, person):
    assert look(town.system_admin, getattr(town, person)).status_code == 404
    assert events() == []


@pytest.mark.parametrize(
    ("person", "said"),
    [
        ("auditor", "not below yours"),
        ("security_admin", "not below yours"),
        ("system_admin", "your own pages"),
        ("former", "holds no post today"),
    ],
)
def test_rights_above_oneself_and_empty_pages_are_refused(town, look, person, said):
    answer = look(town.system_admin, getattr(town, person))
    assert answer.status_code == 403 and said in answer.content.decode()
    assert events() == []


def test_a_post_outside_the_area_a_closed_account_or_table_rights_refuse(town, client, look):
    Post.objects.create(person=town.clerk, role=Role.CLERK, area=town.community4, starts=town.on)
    assert "outside the area" in look(town.system_admin, town.clerk).content.decode()
    User.objects.filter(pk=town.officer.pk).update(is_active=False)
    assert "closed" in look(town.system_admin, town.officer).content.decode()
    User.objects.filter(pk=town.duty.pk).update(is_staff=True)
    assert look(town.system_admin, town.duty).status_code == 403
    assert "pages of" not in client.get("/people/").content.decode() and events() == []


def test_it_needs_a_reason_and_an_administrator(town, look):
    assert look(town.system_admin, town.handler, reason="看").status_code == 400
    assert look(town.dispatcher, town.handler).status_code == 403
    assert look(town.security_admin, town.handler).status_code == 403
    assert events() == []


def test_the_desk_is_searched_by_reading_it(town, client, look):
    order, other = in_status(town, "filed"), in_status(town, "filed")
    look(town.system_admin, town.dispatcher)
    [form] = re.findall(r'<form class="queue-search".*?</form>', client.get("/desk/").content.decode(), re.DOTALL)
    assert form.startswith('<form class="queue-search" method="get" action="/desk/"') and "csrf" not in form
    found = client.get(f"/desk/?view=filed&q={order.number}").content.decode()
    assert f'data-number="{order.number}"' in found and f'data-number="{other.number}"' not in found


def test_half_an_hour_is_the_most(town, client, look, monkeypatch):
    look(town.system_admin, town.handler)
    late = clock.now() + dt.timedelta(minutes=31)
    monkeypatch.setattr("core.clock.now", lambda: late)
    sent = client.post("/notices/read/")
    assert sent.status_code == 403 and "Half an hour is over" in sent.content.decode()
    assert client.get("/inbox/").status_code == 403, "his own pages: the inbox is not among them"
    assert [one.data.get("how") for one in events()] == [None, "expired"]


def test_it_ends_with_the_right_to_look_and_with_the_log_in(town, client, look):
    look(town.system_admin, town.handler)
    Post.objects.filter(person=town.system_admin).update(ends=clock.today())
    answer = client.get("/inbox/")
    assert (answer.status_code, answer.url) == (302, "/people/") and client.get("/people/").status_code == 403
    look(town.admin, town.handler)
    assert client.post("/logout/").status_code == 302
    assert [one.data.get("how") for one in events()] == [None, "lapsed", None, "left"]


def test_the_api_never_changes_hands(town, client, look):
    look(town.system_admin, town.handler)
    assert client.get("/api/v1/me/").json()["username"] == "system_admin"


def test_who_looked_at_whom_can_be_read_by_the_auditor(town, client, look):
    look(town.system_admin, town.handler)
    client.logout()
    client.force_login(town.auditor)
    html = client.get("/people/log/").content.decode()
    assert "何平" in html and "吕涛" in html and WHY["reason"] in html
    client.force_login(town.admin)
    assert WHY["reason"] in client.get(f"/people/{town.handler.pk}/").content.decode()


def test_a_person_with_posts_and_reach_in_words(town, client):
    client.cookies["gridgov_language"] = "en"
    client.force_login(town.system_admin)
    assert town.far_handler.name not in client.get("/people/").content.decode()
    assert town.handler.name in client.get("/people/?role=handler").content.decode()
    html = client.get(f"/people/{town.instructor.pk}/").content.decode()
    assert f"Every order in {town.street.name} and below it: 3 grids." in html
    html = client.get(f"/people/{town.handler.pk}/").content.decode()
    assert f"The orders that are or were with {town.um.name}" in html
