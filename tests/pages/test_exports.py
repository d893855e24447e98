"""Lists with names in clear: asked with a purpose, approved by another, taken within a day, each taking noted."""

import csv
import datetime as dt
import io
from pathlib import Path

import pytest
from openpyxl import load_workbook

from core import clock, outbox
from core.vault import RevealLog
from exchange import tasks
from exchange.models import ExportRequest
from pages.managing import skeleton
from personnel.models import Post, User
from tests.pages.staff import report
from workorders.models import Notice

pytestmark = pytest.mark.django_db

NAME, PHONE = "李小明", "13812345678"
LIST = "/exports/new/?room=desk&view=all"
SINCE = dt.date(2020, 1, 1)


@pytest.fixture(autouse=True)
def _english(client, town):
    client.cookies["gridgov_language"] = "en"
    User.objects.update(language="en")


@pytest.fixture
def asked(town, client):
    """The dispatcher asked for the list of two orders, one of them with a reporter's name."""
    report(town.officer)
    report(town.acceptor, source="hotline", reporter_name=NAME, reporter_phone=PHONE, description="=1+1 井盖坏了")
    client.force_login(town.dispatcher)
    assert "2 orders" in client.get(LIST).content.decode()
    assert client.post(LIST, {"reason": " "}).status_code == 400
    assert client.post(LIST, {"reason": "回访核实"}).status_code == 302
    return ExportRequest.objects.get()


def approve(client, person, found, **given):
    client.force_login(person)
    return client.post(f"/exports/{found.pk}/decide/", {"decision": "approve", **given})


def take(client, found):
    answer = client.get(f"/exports/{found.pk}/file/")
    return answer, b"".join(answer.streaming_content) if answer.streaming else b""


def test_asked_approved_made_marked_taken_and_noted(town, client, asked):
    outbox.drain()
    assert Notice.objects.get(kind="export_asked", person=town.duty).data["reason"] == "回访核实"
    assert take(client, asked)[0].status_code == 409
    assert approve(client, town.duty, asked).status_code == 302
    tasks.make(asked.pk)
    tasks.make(asked.pk)  # twice does no harm
    outbox.drain()
    notice = Notice.objects.get(kind="export_ready", person=town.dispatcher)

    client.force_login(town.dispatcher)
    assert client.get(f"/notices/{notice.pk}/")["Location"] == f"/exports/{asked.pk}/"
    answer, content = take(client, asked)
    assert answer.status_code == 200 and answer["Cache-Control"] == "private, no-store"
    for sheet in load_workbook(io.BytesIO(content)).worksheets:
        told = f"{sheet['A1'].value} {sheet['A2'].value}"
        assert asked.number in told and "韩磊" in told and "杨帆" in told and "回访核实" in told
        for part in (sheet.oddHeader.center.text, sheet.oddFooter.left.text):
            assert asked.number in part and "韩磊" in part
        cells = [cell for row in sheet.iter_rows() for cell in row]
        assert {NAME, PHONE} <= {cell.value for cell in cells} and all(cell.data_type != "f" for cell in cells)
    take(client, asked)
    log = RevealLog.objects.filter(subject_kind="export", subject_id=asked.pk)
    assert [(one.actor, one.purpose) for one in log] == [(town.dispatcher, "回访核实")] * 2
    client.force_login(town.duty)
    assert take(client, asked)[0].status_code == 403
    assert client.get(f"/exports/{asked.pk}/").content.decode().count("韩磊") >= 3

    ExportRequest.objects.update(expires_at=clock.now() - dt.timedelta(seconds=1))
    client.force_login(town.dispatcher)
    assert take(client, asked)[0].status_code == 409 and log.count() == 2
    asked.refresh_from_db()
    path = asked.file.path
    tasks.sweep()
    asked.refresh_from_db()
    assert asked.state == "expired" and not Path(path).exists()


def test_nobody_approves_his_own_and_nobody_of_another_area(town, client, asked):
    Post.objects.create(person=town.duty, role="dispatcher", area=town.district, starts=SINCE)
    Post.objects.create(person=town.reviewer, role="duty_leader", area=town.district, starts=SINCE)
    client.force_login(town.duty)
    client.post(LIST, {"reason": "自己要"})
    own = ExportRequest.objects.get(by=town.duty)
    assert "Approve" not in client.get(f"/exports/{own.pk}/").content.decode()
    assert approve(client, town.duty, own).status_code == 403

    Post.objects.create(person=town.dispatcher2, role="duty_leader", area=town.district2, starts=SINCE)
    assert approve(client, town.dispatcher2, asked).status_code == 404
    assert approve(client, town.manager, asked).status_code == 404
    assert approve(client, town.admin, asked).status_code == 403  # sees everything, decides nothing
    assert approve(client, town.dispatcher, asked).status_code == 403
    assert set(ExportRequest.objects.values_list("state", flat=True)) == {"asked"}
    assert approve(client, town.security_admin, asked).status_code == 302


def test_a_refusal_says_why_and_ends_it(town, client, asked):
    client.force_login(town.duty)
    assert client.post(f"/exports/{asked.pk}/decide/", {"decision": "refuse"}).status_code == 400
    client.post(f"/exports/{asked.pk}/decide/", {"decision": "refuse", "note": "范围太大"})
    tasks.make(asked.pk)
    outbox.drain()
    asked.refresh_from_db()
    assert asked.state == "refused" and not asked.file
    assert "范围太大" in Notice.objects.get(kind="export_refused").data["note"]
    assert approve(client, town.duty, asked).status_code == 409


@pytest.mark.parametrize(("role", "rows"), [(None, 0), ("inspector", 2)])
def test_what_left_the_reach_stays_out_and_masked_what_may_not_be_seen(town, client, asked, role, rows):
    approve(client, town.duty, asked)
    Post.objects.filter(person=town.dispatcher).update(ends=clock.today())
    if role:  # sees the orders, not who reported them
        Post.objects.create(person=town.dispatcher, role=role, area=town.district, starts=SINCE)
    tasks.make(asked.pk)
    asked.refresh_from_db()
    assert (asked.state, asked.rows) == ("ready", rows)
    sheet = load_workbook(asked.file.path).active
    told = {cell.value for row in sheet.iter_rows() for cell in row}
    assert not told & {NAME, PHONE} and any(str(one).startswith("李*") for one in told) == bool(rows)


def test_a_file_made_before_a_post_ended_is_not_taken_after_it(town, client, asked):
    approve(client, town.duty, asked)
    tasks.make(asked.pk)
    Post.objects.filter(person=town.dispatcher).update(ends=clock.today())
    Post.objects.create(person=town.dispatcher, role="dispatcher", area=town.district2, starts=SINCE)
    client.force_login(town.dispatcher)
    assert take(client, asked)[0].status_code == 409 and not RevealLog.objects.exists()


def test_only_those_who_may_see_reporters_may_ask(town, client):
    for person, status in ((town.assessor, 403), (town.admin, 403), (town.handler, 404), (town.acceptor, 200)):
        client.force_login(person)
        address = "/exports/new/?room=nowhere" if status == 404 else LIST
        assert client.get(address).status_code == status, person.username
    client.force_login(town.handler)
    assert client.get(LIST).status_code == 403  # not his room
    assert "room=inbox" in client.get("/inbox/").content.decode()
    client.force_login(town.inspector)
    assert "room=board" not in client.get("/board/").content.decode()


def test_the_desk_is_taken_along_masked(town, client, asked):
    client.force_login(town.dispatcher)
    text = b"".join(client.get("/desk/?view=all&as=csv").streaming_content).decode("utf-8-sig")
    assert "李*" in text and NAME not in text and PHONE not in text and "'=1+1" in text
    client.force_login(town.dispatcher2)
    text = b"".join(client.get("/desk/?view=all&as=csv").streaming_content).decode("utf-8-sig")
    assert len(text.splitlines()) == 1


@pytest.mark.parametrize("address", ["/people/", "/units/", "/routing/", "/taxonomy/", "/texts/", "/calendar/"])
def test_what_administrators_list_can_be_taken_along_whole(town, client, address, monkeypatch):
    monkeypatch.setattr(skeleton, "FILE_SIZE", 3)
    User.objects.filter(pk=town.officer.pk).update(name="=王小梅")
    client.force_login(town.system_admin)
    assert f"{address}?as=xlsx" in client.get(address).content.decode()
    text = b"".join(client.get(f"{address}?as=csv").streaming_content).decode("utf-8-sig")
    book = load_workbook(io.BytesIO(b"".join(client.get(f"{address}?as=xlsx").streaming_content)))
    rows = list(book.active.iter_rows(values_only=True))
    assert "何平" in rows[0][0] and len(rows) - 2 == len(list(csv.reader(io.StringIO(text)))) - 1
    if address == "/people/":
        assert "'=王小梅" in text and "李强" not in text  # nobody of the other district
        assert len(rows) > 20
    client.force_login(town.dispatcher)
    assert client.get(f"{address}?as=csv").status_code == 403
