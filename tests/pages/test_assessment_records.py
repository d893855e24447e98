"""Records on the pages: listed and narrowed, entered, corrected, imported whole or not at all."""

import datetime as dt
import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from assessment import commands
from assessment.models import FactRecord
from core import clock
from personnel.models import Post, User
from personnel.roles import Role
from tests.pages.assessing import last_month, orders_of_last_month, seen, statements, text

pytestmark = pytest.mark.django_db
GRID = "620105006001001"
HEAD = "kind,area,on,done,done_on,level,officer,order,key,note\n"


def day(number=3) -> str:
    return (last_month().first + dt.timedelta(days=number)).isoformat()


def noted(town, **values) -> FactRecord:
    given = {"kind": "visit", "area": GRID, "on": day(), "done": "yes", "level": "red", "key": "王奶奶", **values}
    return commands.note(by=town.assessor, at=clock.now(), **given)


def listed(client, town, **query) -> str:
    words = "&".join(f"{name}={value}" for name, value in {"period": last_month().text, **query}.items())
    return seen(client, town.assessor, f"/assessment/records/?{words}")


def test_records_are_narrowed_by_month_kind_area_and_state(client, town):
    noted(town)
    noted(town, kind="sample", level="", key="房屋三", done="no", area=town.grid4.code, note="门牌有误")
    noted(town, on=last_month().before().first.isoformat(), key="上月的")
    page = listed(client, town)
    assert "王奶奶" in page and "房屋三" in page and "上月的" not in page and "Visit due 1/1" in page
    assert "房屋三" not in listed(client, town, kind="visit")
    assert "王奶奶" not in listed(client, town, area=town.street2.code)
    assert "王奶奶" not in listed(client, town, done="no") and "房屋三" in listed(client, town, done="no")
    assert "房屋三" in listed(client, town, q="门牌") and "王奶奶" not in listed(client, town, q="门牌")
    assert "Nothing matches this filter" in listed(client, town, q="nothing")
    assert "No records in this month" in seen(client, town.assessor, "/assessment/records/?period=2199-01")
    listed(client, town, kind="%00", area="zzz", page="99", q="%00")
    assert statements(client, f"/assessment/records/?period={last_month().text}") <= 15


def test_a_record_is_entered_and_set_right(client, town):
    assert "农大一网格" in seen(client, town.assessor, "/assessment/records/new/")
    given = {"kind": "visit", "area": GRID, "on": day(), "key": "李大爷", "done": "no", "level": "yellow",
             "officer": "officer", "order": "", "note": "", "done_on": ""}  # fmt: skip
    for wrong, words in (
        ({"level": ""}, "A visit needs its level"),
        ({"officer": "nobody"}, "There is no such person."),
        ({"kind": "missed"}, "Name the order by its number."),
        ({"on": "soon"}, "Enter a valid date."),
        ({"area": town.far_grid.code}, "Select a valid choice"),
        ({"key": ""}, "This field is required."),
    ):
        answer = client.post("/assessment/records/new/", {**given, **wrong})
        page = text(answer)
        assert answer.status_code == 400 and (words in page or "You assess no grid" in page), (wrong, words)
    assert client.post("/assessment/records/new/", given).status_code == 302
    again = client.post("/assessment/records/new/", given)
    assert again.status_code == 409 and "already there" in text(again)
    row = FactRecord.objects.get()
    assert (row.key, row.done, row.officer) == ("李大爷", False, town.officer)
    address = f"/assessment/records/{row.pk}/"
    assert "李大爷" in seen(client, town.assessor, address)
    right = {"done": "yes", "done_on": day(5), "level": "yellow", "officer": "officer", "order": "", "note": "补访"}
    assert client.post(address, right).status_code == 302
    row.refresh_from_db()
    assert row.done and row.done_on.isoformat() == day(5) and row.note == "补访"


def test_a_published_months_records_stay(client, town, published):
    client.force_login(town.assessor)
    given = {"kind": "sample", "area": GRID, "on": day(), "key": "x", "done": "no"}
    answer = client.post("/assessment/records/new/", given, headers={"accept-language": "en"})
    assert answer.status_code == 409


def upload(client, town, content, name="records.csv"):
    client.force_login(town.assessor)
    client.cookies.load({"gridgov_language": "en"})
    file = SimpleUploadedFile(name, content if isinstance(content, bytes) else content.encode())
    return client.post("/assessment/records/file/", {"file": file})


def test_a_file_is_looked_at_first_and_imported_whole(client, town):
    rows = HEAD + f"visit,{GRID},{day()},是,{day()},red,officer,,王奶奶,上门\nsample,{GRID},{day(4)},no,,,,,房屋三,\n"
    noted(town, done="no")
    answer = upload(client, town, rows)
    page = text(answer)
    assert answer.status_code == 200 and "This would happen" in page and FactRecord.objects.count() == 1
    assert re.findall(r'<dd class="figures">(\d+)</dd>', page) == ["1", "1", "0"]
    held = re.search(r'name="held" value="([^"]+)"', page)[1]
    done = client.post("/assessment/records/file/", {"held": held})
    assert done.status_code == 302 and done.url == "/assessment/records/"
    assert FactRecord.objects.count() == 2 and FactRecord.objects.get(key="王奶奶").done
    gone = client.post("/assessment/records/file/", {"held": held})
    assert gone.status_code == 409 and "not kept any more" in text(gone)
    assert "every row is there already" in text(upload(client, town, rows))


def test_every_bad_row_is_named_and_nothing_is_half_imported(client, town):
    bad = HEAD + (
        f"visit,{GRID},{day()},yes,,red,,,好的一行,\n"
        f"dance,{GRID},{day()},maybe,soon,,nobody,,,\n"
        f"visit,620102001001001,{day()},yes,,red,,,外区,\n"
        f"missed,{GRID},{day()},no,,,,,漏报,\n"
        f"visit,{GRID},{day()},yes,,red,,,好的一行,\n"
    )
    answer = upload(client, town, bad)
    page = text(answer)
    assert answer.status_code == 400 and not FactRecord.objects.exists()
    found = set(re.findall(r'<td class="amount" data-label="Line">(\d+)</td><td[^>]*><code>(\w+)</code>', page))
    assert found == {("3", "kind"), ("3", "done"), ("3", "done_on"), ("3", "officer"), ("3", "key"), ("4", "area"),
                     ("5", "order"), ("6", "key")}  # fmt: skip
    assert "The same record stands in line 2." in page and "Import now" not in page


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        ("kind,area\n", "a.csv", "The file has no column"),
        ("", "a.csv", "The submitted file is empty."),
        (b"PK\x03\x04nonsense", "a.xlsx", "cannot be read as an .xlsx workbook"),
        ("x", "a.exe", "Choose a CSV or Excel file."),
        ("姓名\n".encode("gb18030"), "a.csv", "The file is not UTF-8."),
    ],
)
def test_a_file_that_is_no_table_is_refused(client, town, content, name, words):
    answer = upload(client, town, content, name)
    assert answer.status_code == 400 and words in text(answer)


def test_a_file_of_somebody_else_cannot_be_named(client, town):
    page = text(upload(client, town, HEAD + f"sample,{GRID},{day()},no,,,,,房屋三,\n"))
    held = re.search(r'name="held" value="([^"]+)"', page)[1]
    other = User.objects.create(username="other", name="Other")
    Post.objects.create(person=other, role=Role.ASSESSOR, area=town.district, starts=dt.date(2020, 1, 1))
    client.force_login(other)
    for name in (held, f"../{town.assessor.pk}/{held}", "/etc/passwd", "x"):
        assert client.post("/assessment/records/file/", {"held": name}).status_code == 409
    assert client.post("/assessment/records/file/", {}).status_code == 400
    assert not FactRecord.objects.exists()


def test_the_template_is_filled_in_and_comes_back(client, town):
    client.force_login(town.assessor)
    answer = client.get("/assessment/records/template/")
    book = load_workbook(io.BytesIO(answer.content))
    sheet = book.active
    assert [cell.value for cell in sheet[1]] == HEAD.strip().split(",")
    assert all(cell.value.startswith("# ") for cell in sheet[2])
    sheet.append(["入户走访", GRID, dt.date.fromisoformat(day()), "是", "", "红色", "officer", "", "王奶奶", ""])
    with_kind = io.BytesIO()
    labels = {"visit": str(FactRecord(kind="visit").get_kind_display())}
    sheet.cell(sheet.max_row, 1, labels["visit"])
    book.save(with_kind)
    page = text(upload(client, town, with_kind.getvalue(), "filled.xlsx"))
    assert "This would happen" in page, re.findall(r"<tr>.*?</tr>", page)[:4]


def test_records_are_the_assessors_business(client, town):
    row = noted(town)
    for person in (town.officer, town.chief, town.manager, town.handler, town.auditor):
        for address in ("", "new/", "file/", "template/"):
            seen(client, person, f"/assessment/records/{address}", status=403)
        seen(client, person, f"/assessment/records/{row.pk}/", status=404)
    client.force_login(town.admin)
    assert client.get("/assessment/records/").status_code == 200
    assert client.post(f"/assessment/records/{row.pk}/", {"done": "no", "level": "red"}).status_code == 403
    file = SimpleUploadedFile("a.csv", (HEAD + f"sample,{GRID},{day()},no,,,,,x,\n").encode())
    assert client.post("/assessment/records/file/", {"file": file}).status_code == 403


def second_assessor(town) -> User:
    other = User.objects.create(username="other", name="第二考核员")
    Post.objects.create(person=other, role=Role.ASSESSOR, area=town.district, starts=dt.date(2020, 1, 1))
    return other


def test_a_mistaken_record_is_void_after_a_second_look(client, town):
    row, other = noted(town), second_assessor(town)
    address = f"/assessment/records/{row.pk}/"
    seen(client, town.assessor, address)
    assert client.post(f"{address}void/", {"step": "ask", "void-reason": " "}).status_code == 400
    assert client.post(f"{address}void/", {"step": "ask", "void-reason": "录错了网格"}).status_code == 302
    assert client.post(f"{address}void/", {"step": "agree"}).status_code == 403
    assert "Visit due 1/1" in listed(client, town) and "To be voided" in listed(client, town)
    page = seen(client, other, address)
    assert "录错了网格" in page and "Void it" in page
    assert client.post(f"{address}void/", {"step": "agree"}).status_code == 302
    page = listed(client, town)
    assert "Void</span>" in page and "Visit due 1/1" not in page
    assert noted(town).pk != row.pk, "the same thing can be entered anew"
    page = seen(client, town.assessor, address)
    words = ("Record entered", "Voiding of a record asked for", "Record voided")
    assert [page.index(one) for one in words] == sorted(page.index(one) for one in words)
    assert client.post(address, {"done": "no"}).status_code == 409


def test_what_a_published_month_counted_is_not_voided(client, town):
    orders_of_last_month(town)
    row, at = noted(town), clock.now()
    run = commands.carry_out(commands.start(last_month().text, by=town.assessor, at=at).pk, at=at)
    commands.publish(run, by=town.assessor, at=at)
    seen(client, town.assessor, f"/assessment/records/{row.pk}/")
    answer = client.post(f"/assessment/records/{row.pk}/void/", {"step": "ask", "void-reason": "录错了"})
    assert answer.status_code == 409 and "item entered by hand" in text(answer)
