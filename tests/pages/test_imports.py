"""Tables of areas, grids, people and old orders: looked at, marked, written, undone; by whom and within what."""

import csv
import datetime as dt
import io
import re
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font

from core import clock
from core.sheets import marking, reading
from exchange import kinds, tasks
from exchange.models import Import, ImportRow
from grids import commands as grids_commands
from grids import tree
from grids.models import Area, AreaEvent
from personnel.models import AdministrationEvent, Post, User
from tests.pages.staff import pages_of, report
from workorders import audit
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db

HEADS = ["Code", "Name", "Kind *", "Code above", "Households", "备注"]
COMMUNITY, FAR = "620105006001", "620102001001"
# line → what is wrong there: (place of the red cell, what the reason says)
BAD = {
    5: ("B", "name is empty"),
    30: ("C", "none of: Urban grid"),
    55: ("A", "digits"),
    80: ("E", "whole number"),
    105: ("D", "no area"),
    130: ("A", "already in line 129"),
    155: ("D", "outside the area"),
    180: ("E", "less than nothing"),
    205: ("A", "spreadsheet"),
    230: ("A", "formula"),
    255: ("C", "kind is empty"),
    280: ("D", "begin"),
}


@pytest.fixture(autouse=True)
def _english(client):
    client.cookies["gridgov_language"] = "en"
    User.objects.update(language="en")


@pytest.fixture
def boss(town, client):
    """The administrator of the district, logged in."""
    User.objects.update(language="en")
    town.system_admin.refresh_from_db()
    client.force_login(town.system_admin)
    return town.system_admin


def grid_rows(count=300):
    """Rows as people bring them, twelve of them bad."""
    rows = [[f"{COMMUNITY}{100 + n}", f"网格{n}", "Urban grid", COMMUNITY, 300, "ours"] for n in range(count)]
    wrong = {
        5: (1, ""), 30: (2, "castle"), 55: (0, "6201"), 80: (4, "many"), 105: (3, "620105006999"),
        130: (0, f"{COMMUNITY}{100 + 127}"), 155: (3, FAR), 180: (4, -3), 205: (0, "6.20105E+14"), 230: (0, "=A2+1"),
        255: (2, ""), 280: (3, "620105006002"),
    }  # fmt: skip
    for line, (place, value) in wrong.items():
        if line - 2 < count:
            rows[line - 2][place] = value
    if count >= 155:
        rows[155 - 2][0] = f"{FAR}900"
    return rows


def workbook(rows, heads=HEADS):
    book = Workbook()
    sheet = book.active
    sheet.append(heads)
    for row in rows:
        sheet.append(row)
    sheet["F2"].font = Font(bold=True, color="FF0000FF")
    sheet.column_dimensions["F"].width = 33
    book.create_sheet("mine")["A1"] = "kept"
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def bring(client, kind, content, name="rows.xlsx", **more):
    """Send a file and let the worker look at it."""
    answer = client.post(f"/imports/new/{kind}/", {"file": SimpleUploadedFile(name, content), **more})
    assert answer.status_code == 302, re.findall(r"error-summary.*", answer.content.decode())
    pk = int(answer["Location"].split("/")[2])
    tasks.work(pk)
    return Import.objects.get(pk=pk)


def step(client, found, what, **given):
    answer = client.post(f"/imports/{found.pk}/{what}/", given)
    tasks.work(found.pk)
    found.refresh_from_db()
    return answer


def counts(found):
    return found.new, found.changed, found.unchanged, found.refused


def csv_file(heads, *rows, encoding="utf-8"):
    text = io.StringIO()
    csv.writer(text).writerows([heads, *rows])
    return text.getvalue().encode(encoding)


# -- the twelve of three hundred --------------------------------------------------------------------------------------


def test_twelve_bad_rows_are_found_marked_left_out_and_the_rest_undone(client, boss):
    before = Area.objects.count()
    found = bring(client, "grids", workbook(grid_rows()))
    assert (found.state, counts(found)) == ("judged", (288, 0, 0, 12)), found.reason
    assert Area.objects.count() == before
    assert step(client, found, "confirm", mode="all").status_code == 409

    book = load_workbook(io.BytesIO(b"".join(client.get(f"/imports/{found.pk}/marked/").streaming_content)))
    sheet = book.worksheets[0]
    told = {line: sheet.cell(line, 7).value for line in range(2, 302) if sheet.cell(line, 7).value}
    red = {cell.coordinate for row in sheet["A1:F301"] for cell in row if cell.fill.fgColor.rgb == "FFFFC7CE"}
    assert set(told) == set(BAD) and sheet["G1"].value == "Reason"
    assert {f"{place}{line}" for line, (place, _words) in BAD.items()} <= red
    assert {int(re.sub(r"\D", "", place)) for place in red} == set(BAD)
    for line, (_place, words) in BAD.items():
        assert words in told[line], (line, told[line])
    assert sheet["F2"].font.bold and sheet.column_dimensions["F"].width == 33 and book["mine"]["A1"].value == "kept"

    page = client.get(f"/imports/{found.pk}/").content.decode()
    assert "12 rows are refused" in page and "Import the 288 valid rows only" in page
    step(client, found, "confirm", mode="valid")
    assert (found.state, Area.objects.count()) == ("done", before + 288) and tree.check() == []
    tasks.work(found.pk)
    assert Area.objects.count() == before + 288 and ImportRow.objects.filter(written=True).count() == 288
    assert AdministrationEvent.objects.get(subject=f"import:{found.pk}").actor == boss

    step(client, found, "undo")
    assert (found.state, found.undone_by, Area.objects.count()) == ("undone", boss, before) and tree.check() == []
    event = AreaEvent.objects.filter(kind="import_undone").get()
    assert event.actor == boss and len(event.data["removed"]) == 288
    kinds_of = AdministrationEvent.objects.filter(subject=f"import:{found.pk}").order_by("sequence")
    assert list(kinds_of.values_list("kind", flat=True)) == ["added", "ended"]
    assert counts(bring(client, "grids", workbook(grid_rows()))) == (288, 0, 0, 12)  # their codes are free again


def test_an_undo_is_refused_as_a_whole_where_rows_are_in_use(client, boss, town):
    rows = [[f"{COMMUNITY}{n}", f"网格{n}", "urban", COMMUNITY, 300, ""] for n in (101, 102, 103)]
    rows.append([town.main_grid.code, "新名字", "urban", COMMUNITY, 300, ""])
    found = bring(client, "grids", workbook(rows))
    assert counts(found) == (3, 1, 0, 0)
    step(client, found, "confirm", mode="all")
    report(town.acceptor, area=f"{COMMUNITY}102", description="路灯坏了")
    grids_commands.rename_area(Area.objects.get(code=town.main_grid.code), name="又改了")
    step(client, found, "undo")
    assert found.state == "done" and Area.objects.filter(code__startswith=f"{COMMUNITY}10").count() == 3
    assert {key for key, _reason in found.in_the_way} == {f"{COMMUNITY}102", town.main_grid.code}
    page = client.get(f"/imports/{found.pk}/").content.decode()
    assert "Nothing was undone" in page and "work orders" in page and "changed again since" in page
    Import.objects.filter(pk=found.pk).update(done_at=clock.now() - dt.timedelta(hours=25))
    assert "Undo it" not in client.get(f"/imports/{found.pk}/").content.decode()
    assert step(client, found, "undo").status_code == 409


@pytest.mark.parametrize("dies", [False, True])
def test_what_fails_three_times_is_given_up_in_words(client, boss, monkeypatch, dies):
    def broken(*given):
        if dies:
            raise KeyboardInterrupt
        raise RuntimeError

    monkeypatch.setitem(kinds.BY_NAME, "grids", replace(kinds.BY_NAME["grids"], reader=broken))
    client.post("/imports/new/grids/", {"file": SimpleUploadedFile("a.xlsx", workbook(grid_rows(3)))})
    found = Import.objects.get()
    for _attempt in range(3):
        found.refresh_from_db()
        assert found.state == "reading"
        with pytest.raises(KeyboardInterrupt) if dies else nullcontext():
            tasks.work(found.pk)
    if dies:
        tasks.work(found.pk)
    found.refresh_from_db()
    assert found.state == "failed" and "tell the operator" in found.reason


def test_all_or_nothing_is_nothing_when_the_world_moved_on(client, boss, town):
    rows = [[f"{COMMUNITY}{n}", f"网格{n}", "urban", COMMUNITY, 300, ""] for n in (101, 102)]
    found = bring(client, "grids", workbook(rows))
    taken = grids_commands.create_area(code=f"{COMMUNITY}102", name="别人", parent=town.community, kind="urban")
    grids_commands.retire_area(taken, on=clock.today())
    step(client, found, "confirm", mode="all")
    assert (found.state, counts(found)) == ("judged", (1, 0, 0, 1)) and "Nothing was written" in found.reason
    assert not Area.objects.filter(code=f"{COMMUNITY}101").exists() and found.marked


# -- who, and what is no table ----------------------------------------------------------------------------------------


def test_only_administrators_and_only_their_own_area(client, boss, town):
    found = bring(client, "grids", workbook(grid_rows(3)))
    other = User.objects.create(username="far-admin", name="远", language="en")
    Post.objects.create(person=other, role="admin", area=town.district2, starts=dt.date(2020, 1, 1))
    client.force_login(other)
    assert client.get("/imports/").status_code == 200 and found.name not in client.get("/imports/").content.decode()
    for address in ("", "file/", "marked/"):
        assert client.get(f"/imports/{found.pk}/{address}").status_code == 404
    for what in ("confirm", "undo", "discard"):
        assert client.post(f"/imports/{found.pk}/{what}/", {"mode": "all"}).status_code == 404
    assert counts(bring(client, "grids", workbook(grid_rows(3)))) == (0, 0, 0, 3)  # a stranger's area
    client.force_login(town.dispatcher)
    assert client.get("/imports/").status_code == 403
    file = SimpleUploadedFile("a.csv", b"x")
    assert client.post("/imports/new/grids/", {"file": file}).status_code == 403
    assert found.name in pages_of(client, town.admin, "/imports/")


def test_the_template_is_filled_in_and_comes_back(client, boss):
    book = load_workbook(io.BytesIO(client.get("/imports/new/grids/template/").content))
    sheet = book.worksheets[0]
    assert sheet.column_dimensions["A"].number_format == "@" and len(book.sheetnames) == 3
    sheet.append([f"{COMMUNITY}777", "七七七", "Urban grid", COMMUNITY, "310", None, "0931-7632011"])
    content = io.BytesIO()
    book.save(content)
    found = bring(client, "grids", content.getvalue())
    assert counts(found) == (1, 0, 0, 0) and found.rows.get().key == f"{COMMUNITY}777"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("rows.xlsx", b"PK\x03\x04 nonsense", "cannot be read as an .xlsx"),
        ("rows.csv", b"\x89PNG\r\n\x00\x00", "neither a workbook"),
        ("rows.csv", b"a,b\n1,2\n", "no column"),
        ("rows.csv", b"code,name,kind,parent_code\n", "no rows"),
        ("rows.xlsx", None, "too large when unpacked"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_told_in_words(client, boss, monkeypatch, name, content, words):
    if content is None:
        monkeypatch.setattr(reading, "MOST_UNPACKED_BYTES", 1000)
        content = workbook(grid_rows(3))
    found = bring(client, "grids", content, name=name)
    assert found.state == "failed" and words in found.reason
    assert words in client.get(f"/imports/{found.pk}/").content.decode().replace("&#x27;", "'")


def test_too_many_rows_and_other_files_are_refused(client, boss, monkeypatch):
    monkeypatch.setattr(reading, "MOST_ROWS", 5)
    assert "more than 5 rows" in bring(client, "grids", workbook(grid_rows(9))).reason
    answer = client.post("/imports/new/grids/", {"file": SimpleUploadedFile("a.exe", b"MZ")})
    assert answer.status_code == 400 and ".xlsx or .csv" in answer.content.decode()


def test_csv_comes_back_with_reasons_and_without_formulas(client, boss):
    heads = ["code", "name", "kind", "parent_code", "households", "ours"]
    good, bad = (
        [f"{COMMUNITY}801", "八零一", "urban", COMMUNITY, "300"],
        ["=cmd|' /C calc'!A0", "x", "urban", COMMUNITY, "1"],
    )
    found = bring(client, "grids", csv_file(heads, good, bad, encoding="gb18030"), name="网格.csv")
    assert counts(found) == (1, 0, 0, 1)
    text = b"".join(client.get(f"/imports/{found.pk}/marked/").streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0][6] == "Reason" and rows[1][6] == "" and "formula" in rows[2][6]  # whatever a row leaves out
    assert rows[2][0].startswith("'=") and rows[1][1] == "八零一"


def test_a_very_large_workbook_comes_back_as_texts(client, boss, monkeypatch):
    monkeypatch.setattr(marking, "MOST_BYTES", 1000)
    found = bring(client, "grids", workbook(grid_rows(40)))
    sheet = load_workbook(io.BytesIO(b"".join(client.get(f"/imports/{found.pk}/marked/").streaming_content))).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][:2] == ("Code", "Name") and rows[0][-1] == "Reason" and len(rows) == 41
    assert [line for line, row in enumerate(rows[1:], 2) if row[-1]] == [5, 30]


def test_files_go_after_thirty_days(client, boss):
    found = bring(client, "grids", workbook(grid_rows()))
    path = found.file.path
    Import.objects.filter(pk=found.pk).update(made_at=clock.now() - dt.timedelta(days=31))
    assert tasks.tidy() == 1 and not Path(path).exists()
    assert client.get(f"/imports/{found.pk}/file/").status_code == 404
    assert not ImportRow.objects.exclude(faults=[]).exists()


# -- the other kinds --------------------------------------------------------------------------------------------------

PEOPLE = ["Log-in name", "Name", "Phone", "Role", "Code of the area or unit", "From", "Until"]


def test_people_get_accounts_and_posts_by_the_rules_of_the_commands(client, boss, town):
    today = clock.today().isoformat()
    rows = (
        ["new1", "新一", "13800000001", "Grid officer", town.main_grid.code, today, ""],
        ["new1", "新一", "", "Building leader", town.main_grid.code, today, ""],
        ["neighbour", "赵敏", "", "officer", town.next_grid.code, "2020-01-01", today],
        ["new2", "新二", "", "officer", town.district.code, today, ""],
        ["new3", "新三", "", "auditor", town.district.code, today, ""],
        ["new4", "新四", "", "officer", town.far_grid.code, today, ""],
        ["new5", "新五", "12", "officer", town.main_grid.code, "tomorrow", ""],
        ["officer", "王小梅", "", "officer", town.main_grid.code, "2020-01-01", ""],
    )
    found = bring(client, "people", csv_file(PEOPLE, *rows), name="people.csv")
    assert counts(found) == (2, 1, 1, 4)
    reasons = {
        row.line: " ".join(words for _column, words in row.faults) for row in found.rows.filter(outcome="refused")
    }
    assert "level" in reasons[5] and "administrator" in reasons[6] and "area" in reasons[7]
    assert "phone number" in reasons[8] and "not a day" in reasons[8]
    step(client, found, "confirm", mode="valid")
    person = User.objects.get(username="new1")
    assert (person.name, person.phone, person.has_usable_password()) == ("新一", "13800000001", False)
    assert sorted(person.posts.values_list("role", flat=True)) == ["building_head", "officer"]
    assert town.neighbour.posts.get().ends == clock.today()
    assert "13800000001" not in str(list(ImportRow.objects.values("made", "faults")))

    User.objects.filter(pk=person.pk).update(last_login=clock.now())
    step(client, found, "undo")
    assert found.state == "done" and found.in_the_way[0] == ["new1", "has logged in since"]
    User.objects.filter(pk=person.pk).update(last_login=None)
    step(client, found, "undo")
    person.refresh_from_db()
    assert found.state == "undone" and not person.is_active and not person.posts.on(clock.today()).exists()
    assert town.neighbour.posts.on(clock.today()).count() == 1
    assert counts(bring(client, "people", csv_file(PEOPLE, rows[0]), name="people.csv")) == (1, 0, 0, 0)


def test_an_account_is_corrected_by_the_administrator_of_its_posts_alone(client, boss, town):
    Post.objects.filter(person=town.officer2).update(ends=clock.today())  # of the other district, held no more
    people, rest = (town.officer2, town.neighbour), ["officer", town.main_grid.code, clock.today().isoformat(), ""]
    rows = [[one.username, "改名", "", *rest] for one in people]
    found = bring(client, "people", csv_file(PEOPLE, *rows), name="people.csv")
    assert counts(found) == (1, 0, 0, 1)
    assert "another area" in found.rows.get(line=2).faults[0][1]
    step(client, found, "confirm", mode="valid")
    assert set(User.objects.filter(name="改名")) == {town.neighbour}


ORDERS = ["Number there", "Reported at", "Description", "Category", "Code of the grid", "Status", "Closed at", "Source"]


def test_orders_from_before_come_in_and_are_void_when_undone(client, boss, town):
    rows = (
        ["A1", "2026/3/2 9:05", "楼下有渣土", "0502", town.main_grid.code, "Closed", "2026-03-04 09:00", "Hotline"],
        ["A2", "2026-03-03", "路灯不亮", "0502", town.main_grid.code, "Filed", "", "hotline"],
        ["A3", "2026-03-03", "外区的事", "0502", town.far_grid.code, "Filed", "", "hotline"],
        ["A4", "2026-03-03 10:00", "时间倒了", "0502", town.main_grid.code, "Closed", "2026-03-01 10:00", "hotline"],
    )
    found = bring(client, "orders", csv_file(ORDERS, *rows), name="orders.csv")
    assert counts(found) == (2, 0, 0, 2), [row.faults for row in found.rows.all()]
    step(client, found, "confirm", mode="valid")
    order = WorkOrder.objects.get(external_id="A1")
    assert (order.status, order.imported, clock.local(order.reported_at).hour) == ("closed", True, 9)
    assert list(audit.findings()) == []
    again = bring(client, "orders", csv_file(ORDERS, *rows), name="orders.csv")
    assert counts(again) == (0, 0, 2, 2)

    step(client, found, "undo")
    order.refresh_from_db()
    assert (found.state, order.status, order.external_id) == ("undone", "voided", "")
    assert order.events.last().kind == "import_undone" and list(audit.findings()) == []
    assert counts(bring(client, "orders", csv_file(ORDERS, *rows), name="orders.csv")) == (2, 0, 0, 2)


def test_areas_below_refused_ones_stay_out(client, boss, town):
    rows = (
        ["620105009000", "新街道", "Street", town.district.code],
        ["620105009001", "新社区", "community", "620105009000"],
        ["620105010000", "", "street", town.district.code],
        ["620105010001", "它的社区", "community", "620105010000"],
        [town.street.code, "银滩路街道办", "street", town.district.code],
        [town.street3.code, "别区改名", "street", town.district2.code],
    )
    found = bring(client, "areas", csv_file(["Code", "Name", "Level", "Code above"], *rows), name="areas.csv")
    assert counts(found) == (2, 1, 0, 3)
    step(client, found, "confirm", mode="valid")
    assert Area.objects.get(code="620105009001").parent.name == "新街道" and tree.check() == []
    step(client, found, "undo")
    assert not Area.objects.filter(code__startswith="620105009").exists()
    assert Area.objects.get(code=town.street.code).name == "银滩路街道"
