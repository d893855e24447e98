"""Lists of orders as files: the rows of the list and no others, masked, harmless in a spreadsheet, page by page."""

import csv
import io

import pytest
from openpyxl import load_workbook

from core import clock
from tests.pages.staff import in_status, report
from workorders import exports, figures
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english(client):
    client.cookies["gridgov_language"] = "en"


def book(client, address):
    answer = client.get(address)
    assert answer.status_code == 200 and "attachment" in answer["Content-Disposition"]
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def numbers(rows):
    return {row[0] for row in rows if row[0] and str(row[0]).isdigit()}


def test_the_file_holds_the_rows_of_the_list(town, client):
    mine = [in_status(town, "handling") for _order in range(3)]
    in_status(town, "closed")
    report(town.officer2, area="620102001001001")
    figures.count(clock.now())
    client.force_login(town.inspector)
    rows = book(client, "/board/?view=all&as=xlsx")
    assert numbers(rows) == {order.number for order in mine}
    assert "Taken out by 蒋严" in rows[0][0] and "masked" in rows[1][0]
    client.force_login(town.elsewhere)
    assert numbers(book(client, "/board/?view=all&as=xlsx")) == set()
    client.force_login(town.handler)
    assert numbers(book(client, "/inbox/?tab=handling&as=xlsx")) == {order.number for order in mine}
    assert client.get("/board/?view=all&as=xlsx").status_code == 403


def test_reporters_are_masked_and_formulas_are_text(town, client):
    order = report(town.acceptor, source="hotline", reporter_name="李小明", reporter_phone="13812345678",
                   title='=HYPERLINK("http://evil")', description="井盖坏了", address="@SUM(1)")  # fmt: skip
    client.force_login(town.inspector)
    raw = b"".join(client.get("/board/?view=all&as=csv").streaming_content).decode("utf-8-sig")
    [row] = [row for row in csv.DictReader(io.StringIO(raw)) if row["Number"] == order.number]
    assert row["Reporter"].startswith("李") and "小明" not in row["Reporter"]
    assert "12345678" not in raw and "李小明" not in raw
    assert row["Title"].startswith("'=") and row["Address"].startswith("'@")
    rows = book(client, "/board/?view=all&as=xlsx")
    assert any(row[4] == '=HYPERLINK("http://evil")' for row in rows)


@pytest.mark.parametrize("ordering", ["-reported_at", "due_at"])
def test_pages_follow_each_other_without_a_gap(town, monkeypatch, ordering):
    from personnel.jurisdiction import standing_of

    made = [report(town.officer) for _order in range(7)]
    monkeypatch.setattr(exports, "PAGE", 2)
    standing = standing_of(town.inspector, clock.today())
    found = [row[0] for row in exports.rows(WorkOrder.objects.all(), standing, ordering=ordering)]
    assert sorted(found) == sorted(order.number for order in made) and len(found) == 7
    cut = list(exports.rows(WorkOrder.objects.all(), standing, ordering=ordering, most=3))
    assert [row[0] for row in cut[:3]] == found[:3] and len(cut) == 4 and "first 3" in str(cut[3][0])
