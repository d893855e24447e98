"""Notices: unread first, read by opening, by a button, all at once; the bell counts."""

import pytest

from core import outbox
from tests.pages.staff import pages_of, report, statements
from workorders.models import Notice

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english(client):
    client.cookies["gridgov_language"] = "en"


@pytest.fixture
def told(town):
    """A notice of the acceptor about a new report."""
    order = report(town.officer)
    outbox.drain()
    return Notice.objects.get(person=town.acceptor, order=order)


def test_a_new_report_rings_the_acceptors_bell(town, client, told):
    page = pages_of(client, town.acceptor, "/notices/")
    assert "waits for acceptance" in page and "Notices, 1 unread" in page
    assert 'aria-label="Notices, 1 unread"' in pages_of(client, town.acceptor, "/notices/count/")
    assert 'aria-label="Notices, 0 unread"' in pages_of(client, town.handler, "/notices/count/")


def test_opening_leads_to_the_order_in_the_own_room_and_reads_it(town, client, told):
    client.force_login(town.acceptor)
    assert client.get(f"/notices/{told.pk}/")["Location"] == f"/desk/{told.order.number}/"
    told.refresh_from_db()
    assert told.read_at is not None
    read_at = told.read_at
    client.get(f"/notices/{told.pk}/")
    told.refresh_from_db()
    assert told.read_at == read_at


def test_one_and_all_are_marked_as_read(town, client, told):
    report(town.officer)
    report(town.officer)
    outbox.drain()
    client.force_login(town.acceptor)
    assert client.post(f"/notices/{told.pk}/read/", {"next": "/notices/?unread=1"})["Location"] == "/notices/?unread=1"
    mine = Notice.objects.filter(person=town.acceptor, read_at__isnull=True)
    assert mine.count() == 2
    assert client.post("/notices/read/").status_code == 302
    assert mine.count() == 0
    assert "2 notices were marked as read" in pages_of(client, town.acceptor, "/notices/")
    assert "Nothing unread" in pages_of(client, town.acceptor, "/notices/?unread=1")


def test_nobody_opens_or_reads_the_notices_of_others(town, client, told):
    client.force_login(town.dispatcher)
    assert client.get(f"/notices/{told.pk}/").status_code == 404
    assert client.post(f"/notices/{told.pk}/read/").status_code == 404
    told.refresh_from_db()
    assert told.read_at is None


def test_without_notices_the_page_says_so(town, client):
    assert "No notices yet" in pages_of(client, town.assessor, "/notices/")


def test_old_ones_come_page_by_page(town, client, told, monkeypatch):
    monkeypatch.setattr("pages.notices.SIZE", 2)
    for _order in range(4):
        report(town.officer)
    outbox.drain()
    client.force_login(town.acceptor)
    client.post("/notices/read/")
    mine = list(Notice.objects.filter(person=town.acceptor).order_by("-pk").values_list("pk", flat=True))
    page, seen = pages_of(client, town.acceptor, "/notices/"), []
    for _page in range(3):
        seen += [pk for pk in mine if f'/notices/{pk}/"' in page]
        if 'rel="next"' not in page:
            break
        page = pages_of(client, town.acceptor, f"/notices/?before={seen[-1]}")
    assert seen == mine and len(mine) == 5


@pytest.mark.parametrize("mark", ["x", "²", "-1", "9" * 40])
def test_a_spoilt_page_mark_shows_the_first_page(town, client, told, mark):
    assert "waits for acceptance" in pages_of(client, town.acceptor, f"/notices/?before={mark}&unread=1")


def test_the_list_sends_as_many_statements_for_ten_as_for_one(town, client, told):
    client.force_login(town.acceptor)
    one = statements(client, "/notices/")
    for _order in range(9):
        report(town.officer)
    outbox.drain()
    assert statements(client, "/notices/") == one <= 10
