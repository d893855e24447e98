"""The periodic sheets: one description for web, Word and PDF, the same figures as board, API and lists."""

import datetime as dt
import io
import re

import pytest
from docx import Document

from core import clock
from tests.pages.staff import bring, do, pages_of, report
from tests.workorders.clockwork import at
from workorders import figures
from workorders.figures import Scope, periods

pytestmark = pytest.mark.django_db
NOW = at("2026-03-10 09:00")
MARCH = periods.read("2026-03")


@pytest.fixture(autouse=True)
def _english(client):
    client.cookies["gridgov_language"] = "en"


@pytest.fixture
def month(town):
    """Seven orders of March in the district: three closed, one of them unhappy, three open, one elsewhere."""
    for grade in (5, 4, 1):
        order = bring(report(town.officer, at=NOW), town, "revisiting", at=NOW)
        do("revisit", order, town.reviewer, at=NOW, reached=True, resolved=grade > 2, satisfaction=grade)
    bring(report(town.officer, at=NOW), town, "handling", at=NOW)
    report(town.officer, at=NOW)
    report(town.neighbour, at=NOW, area="620105006001002")
    report(town.officer2, at=NOW, area="620102001001001")
    figures.count(clock.now())


def cells(table) -> dict[str, list[str]]:
    """A table as {first cell: the others}."""
    return {row.cells[0].text: [cell.text for cell in row.cells[1:]] for row in table.rows[1:]}


def on_page(page: str) -> dict[str, list[str]]:
    """The first table of a sheet on the web, read in the same way."""
    table = re.search(r"<table.*?</table>", page, re.S).group(0)
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.S) for row in re.findall(r"<tr>(.*?)</tr>", table, re.S)]
    return {row[0]: row[1:] for row in rows if row}


def test_board_list_api_sheet_and_word_show_one_month_alike(month, town, client):
    one = figures.of(Scope(town.district.pk), MARCH)
    assert (one.reported, one.closed, one.open) == (6, 3, 3)

    page = pages_of(client, town.inspector, "/board/reports/2026-03/")
    web = on_page(page)
    word = cells(Document(io.BytesIO(client.get("/board/reports/2026-03/?as=docx").content)).tables[0])
    assert web == word
    assert web["Reported"][0] == "6" and web["Closed"][0] == "3" and web["Open"][0] == "3"
    assert web["Satisfied"][0] == "66.67%" == f"{one.satisfaction * 100:.2f}%"

    board = pages_of(client, town.inspector, "/board/?view=all&period=2026-03")
    tiles = dict(re.findall(r"<dt>([^<]+)</dt><dd>(?:<a[^>]*>)?([^<]+)", board))
    assert (tiles["Reported"], tiles["Closed"], tiles["Open"]) == ("6", "3", "3")
    assert tiles["Satisfied"] == web["Satisfied"][0] and tiles["On time"] == web["On time"][0]
    assert len(re.findall(r'class="table-title"', board)) == one.open

    found = client.get(
        "/api/v1/workorders/",
        {
            "area": town.district.code,
            "reported_after": "2026-03-01T00:00:00+08:00",
            "reported_before": "2026-04-01T00:00:00+08:00",
            "count": 1,
        },
    ).json()
    assert found["count"] == one.reported
    assert sum(1 for row in found["results"] if row["status"] == "closed") == one.closed

    assert client.get("/board/reports/2026-03/?as=pdf").content.startswith(b"%PDF")

    # Map, wall, desk and export: what is open as of now, what happened in March.
    taken = b"".join(client.get("/board/?view=all&as=csv").streaming_content).decode()
    assert len(re.findall(r"\b20260310\d{6,}\b", taken)) == one.open
    asked = {"area": town.district.code, "month": "2026-03"}
    for name in ("reported", "handled", "closed", "open", "overdue"):
        listed = client.get("/map/list/", {**asked, "show": name}).content.decode()
        assert re.findall(r"data-count>(\d+)<", listed) == [str(getattr(one, name))], name
    streets = client.get("/map/figures/", {**asked, "measure": "reported"}).json()
    assert sum(map(int, streets["values"])) == one.reported
    now = {tile["key"]: tile["value"] for tile in client.get("/map/wall/", asked).json()["now"]}
    assert now == {name: str(getattr(one, name)) for name in ("open", "overdue", "soon", "cards")}
    desk = pages_of(client, town.duty, "/desk/")
    for name in ("overdue", "soon", "cards", "suspended"):
        found = re.search(rf'href="/desk/\?view={name}"[^>]*>[^<]*<span class="count[^"]*">(\d+)<', desk)
        assert int(found[1]) == getattr(one, name), name


@pytest.mark.parametrize(
    ("code", "title"),
    [
        ("2026-03-10", "Daily clearing"),
        ("2026-W11", "Weekly meeting"),
        ("2026-03", "Monthly dispatch"),
        ("2026-Q1", "Quarterly analysis"),
        ("2026", "Yearly summary"),
        ("2026-03-09,2026-03-12", "Sheet of figures"),
    ],
)
def test_each_kind_of_sheet_counts_its_own_days(month, town, client, code, title):
    page = pages_of(client, town.inspector, f"/board/reports/{code}/")
    assert title in page and on_page(page)["Reported"][0] == "6"
    assert "Counted up to" in page
    before = pages_of(client, town.inspector, f"/board/reports/{periods.read(code).before().code}/")
    assert on_page(before)["Reported"][0] == "0"


def test_a_sheet_stays_within_reach(month, town, client):
    client.force_login(town.inspector)
    assert client.get("/board/reports/2026-03/?area=620102000000").status_code == 404
    assert client.get("/board/reports/2026-03/?area=999999999999").status_code == 404
    assert client.get("/board/reports/soon/").status_code == 404
    page = pages_of(client, town.inspector, f"/board/reports/2026-03/?area={town.street.code}")
    assert town.street.name in page and on_page(page)["Reported"][0] == "6"
    head = pages_of(client, town.head, "/board/reports/2026-03/")
    assert town.um.name in head and on_page(head)["Closed"][0] == "3"


def test_a_sheet_is_chosen_by_kind_day_and_area(town, client):
    client.force_login(town.inspector)
    answer = client.get("/board/reports/", {"kind": "week", "on": "2026-03-12", "area": town.street.code})
    assert answer["Location"] == f"/board/reports/2026-W11/?area={town.street.code}"
    wrong = client.get("/board/reports/", {"kind": "week", "on": "", "area": ""})
    assert wrong.status_code == 200 and 'value="week" selected' in wrong.content.decode()


def test_parts_of_a_sheet_add_up(month, town, client):
    document = Document(
        io.BytesIO((client.force_login(town.inspector) or client.get("/board/reports/2026-03/?as=docx")).content)
    )
    whole = cells(document.tables[0])
    by_day = next(table for table in document.tables if table.rows[0].cells[0].text == "Day")
    days = cells(by_day)
    assert len(days) == 31
    assert sum(int(row[0]) for row in days.values()) == int(whole["Reported"][0])
    areas = cells(document.tables[1])
    assert sum(int(row[0]) for row in areas.values()) == int(whole["Reported"][0])
    assert dt.date(2026, 3, 10).isoformat() in days
