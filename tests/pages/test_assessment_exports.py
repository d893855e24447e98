"""What is taken along: the workbook and the bulletin say what the page and the API say, to those who may see it."""

import datetime as dt
import io
import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override
from lxml import html

from assessment import commands, counting
from assessment.models import Run, Score
from assessment.vocabulary import ScoreLevel
from core import clock
from grids.models import Area
from tests.api.conftest import Caller
from tests.assessment import months
from tests.assessment.months import AFTER, at, order
from tests.pages.assessing import seen

pytestmark = pytest.mark.django_db

LEVELS = ["district", "street", "community", "unit", "grid", "officer"]


def body(answer) -> bytes:
    """The bytes of an answer, also of one that is sent in pieces."""
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


@pytest.fixture
def month(town):
    """September 2026 with late, reworked and unit-led orders, published."""
    for day in range(1, 9):
        order(town.main_grid, at(day), officer=town.officer, reporter=town.officer, handled=at(day), closed=at(day, 11))
    order(
        town.main_grid, at(9), officer=town.officer, reporter=town.officer, due=at(10), handled=at(10, 11),
        closed=at(11), satisfaction=5, reworks=1,
    )  # fmt: skip
    order(town.next_grid, at(9), unit=town.um, due=at(10), handled=at(10, 9), closed=at(11), satisfaction=4)
    order(town.next_grid, at(3), officer=town.officer2, reporter=town.officer2, due=at(4), handled=at(6), closed=at(7))
    order(town.grid3, at(12), unit=town.um, due=at(13), handled=at(15), closed=at(16), satisfaction=2)
    order(town.grid4, at(12), unit=town.um, due=at(13))
    return months.published(town)


def fetch(client, person, address, language="en", status=200):
    """A file as this person gets it."""
    client.force_login(person)
    client.cookies.load({"gridgov_language": language})
    answer = client.get(address)
    assert answer.status_code == status, answer
    return answer


def workbook(client, person, run, query="", language="en"):
    """The workbook, opened."""
    from openpyxl import load_workbook

    answer = fetch(client, person, f"/assessment/runs/{run.pk}/workbook/{query}", language)
    return load_workbook(io.BytesIO(body(answer)))


def rows_of(sheet) -> list[dict]:
    """The rows of a sheet by the heads, which stand below the lines over them."""
    every = [[cell for cell in row] for row in sheet.iter_rows(values_only=True)]
    start = next(at for at, row in enumerate(every) if row[1] is not None)
    return [dict(zip(every[start], row, strict=True)) for row in every[start + 1 :]]


def sheet_of(level: str) -> str:
    """The name of a level's sheet."""
    with override("en"):
        return f"{ScoreLevel(level).label} ranking"


def level_words(score) -> str:
    """A level as the workbook in English calls it."""
    return sheet_of(score.level).removesuffix(" ranking")


def exact(value) -> Decimal | None:
    """A figure of a workbook or of JSON as what it was."""
    return None if value is None else Decimal(str(value)).quantize(Decimal("0.01"))


def on_screen(client, person, run, level) -> list[tuple]:
    """(rank, of, name, score, grade, workload) of each row of the page."""
    page = html.fromstring(seen(client, person, f"/assessment/runs/{run.pk}/?level={level}"))
    found = []
    for row in page.xpath("//section[@aria-label='Ranking']//tbody/tr"):
        cells = {cell.get("data-label"): " ".join(cell.text_content().split()) for cell in row.xpath("td")}
        name = row.xpath(".//a[@class='table-title']")[0].text
        rank, of = re.match(r"(\d+) of (\d+)", cells["Rank"]).groups() if "of" in cells["Rank"] else (None, None)
        score = cells["Score"] if re.fullmatch(r"-?[\d.]+", cells["Score"]) else None
        grade = cells["Grade"] if cells["Grade"] != "–" else None
        found.append((rank and int(rank), of and int(of), name, exact(score), grade, int(cells["Workload"])))
    return found


def tables_of_word(data: bytes) -> list[list[list[str]]]:
    """Every table of a document, row by row."""
    import docx

    return [
        [[cell.text for cell in row.cells] for row in table.rows] for table in docx.Document(io.BytesIO(data)).tables
    ]


def text_of_pdf(data: bytes) -> str:
    """The text of a PDF without white space."""
    from pypdf import PdfReader

    return re.sub(r"\s", "", "".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages))


# -- the same figures everywhere --------------------------------------------------------------------------------------


def test_screen_api_excel_word_and_pdf_hold_the_same_rankings(client, town, month):
    person, api = town.assessor, Caller(town.assessor)
    book = workbook(client, person, month)
    written = tables_of_word(
        body(fetch(client, person, f"/assessment/runs/{month.pk}/bulletin/?as=docx&title=t&date=2026-10-08"))
    )
    printed = text_of_pdf(
        body(fetch(client, person, f"/assessment/runs/{month.pk}/bulletin/?as=pdf&title=t&date=2026-10-08"))
    )
    ranked = 0
    for level in LEVELS:
        screen = on_screen(client, person, month, level)
        told = api.get(f"assessment/runs/{month.pk}/scores/", level=level, page_size=200).json()["results"]
        heard = {one["id"]: one for one in told}
        names = dict(Score.objects.filter(run=month, level=level).values_list("pk", "name"))
        from_api = {
            (one["rank"], one["of"] if one["rank"] else None, names[pk], exact(one["score"]), one["workload"])
            for pk, one in heard.items()
        }
        from_screen = {(rank, of, name, score, load) for rank, of, name, score, _grade, load in screen}
        excel = rows_of(book[sheet_of(level)])
        from_excel = {(row["Rank"], row["Of"], row["Name"], exact(row["Score"]), row["Workload"]) for row in excel}
        assert from_screen == from_api == from_excel and len(screen) == len(told) == len(excel) > 0, level
        assert {(row["Name"], row["Grade"]) for row in excel} == {(row[2], row[4]) for row in screen}
        ranked += sum(score is not None for _r, _o, _n, score, _g, _w in screen)
        if level not in ("street", "community", "unit"):
            continue
        # Units are ranked among their kind, each in a table of its own.
        lines = {row[1]: (one[0], row) for one in written if one[0][0] == "Rank" for row in one[1:]}
        for rank, _of, name, score, grade, load in screen:
            head, line = lines[name]
            row = dict(zip(head, line, strict=True))
            shown = ["–" if value is None else str(value) for value in (rank, name, score, load)]
            assert [row["Rank"], row["Name"], row["Score"], row["Workload"]] == shown
            assert row["Grade"] == grade or score is None
            assert re.sub(r"\s", "", "".join(line)) in printed, line
    assert ranked >= 12


def test_every_explained_row_is_the_same_on_screen_in_the_api_and_in_excel(client, town, month):
    person, api = town.assessor, Caller(town.assessor)
    book = workbook(client, person, month)
    figures, why = rows_of(book["Indicators"]), rows_of(book["Explained"])
    checked = 0
    for score in Score.objects.filter(run=month).order_by("pk"):
        subject = (level_words(score), score.code)
        mine = [row for row in figures if (row["Level"], row["Code"]) == subject]
        told = api.get(f"assessment/scores/{score.pk}/", headers={"Accept-Language": "en"}).json()
        assert [
            (row["Item"], row["Numerator"], row["Denominator"], row["Value"], row["Weight"], row["Points"])
            for row in mine
        ] == [
            (one["code"], one["numerator"], one["denominator"], one["value"], one["weight"], one["points"])
            for one in told["indicators"]
        ]
        page = " ".join(html.fromstring(seen(client, person, f"/assessment/scores/{score.pk}/")).text_content().split())
        explained = [row for row in why if (row["Level"], row["Code"]) == subject]
        *rows, total = explained
        assert len(rows) == len(told["indicators"]) + len(told["adjustments"])
        for row in rows:
            checked += 1
            if row["Formula or cause"]:
                assert " ".join(row["Formula or cause"].split()) in page, row
        assert [row["Points"] for row in rows[len(told["indicators"]) :]] == [
            one["points"] for one in told["adjustments"]
        ]
        assert exact(total["Points"]) == score.score
        if score.score is not None:
            assert sum(exact(row["Points"]) or 0 for row in rows) == score.score
    assert checked > 80 and any(row["Item"] == "K04" for row in why)


def test_the_bulletin_has_the_overview_of_the_page_and_its_definitions(client, town, month):
    address = f"/assessment/runs/{month.pk}/bulletin/?as=docx&title=考核通报&date=2026-10-09"
    address += "&issuer=安宁区&number=网考〔2026〕9号"
    answer = fetch(client, town.assessor, address, language="zh-hans")
    import docx

    data = body(answer)
    document = docx.Document(io.BytesIO(data))
    lines = [one.text for one in document.paragraphs]
    assert lines[:3] == ["安宁区", "网考〔2026〕9号", "考核通报"]
    whole = "\n".join(lines)
    for words in ("2026年9月", "2026年10月9日", "default", month.checksum[:12], "一、", "二、"):
        assert words in whole, words
    with override("zh-hans"):
        for rule in counting.RULES:
            assert str(rule) in whole
    scores = sorted(one.score for one in Score.objects.filter(run=month, level="grid", score__isnull=False))
    assert f"{scores[-1]}" in whole and f"{scores[0]}" in whole
    footer = document.sections[0].footer._element.xml
    assert "2026年10月8日 09:00" in footer
    heads = [table[0] for table in tables_of_word(data)]
    assert all(len(head) >= 3 for head in heads)
    assert "watermark" not in document.sections[0].header._element.xml
    text = text_of_pdf(body(fetch(client, town.assessor, address.replace("as=docx", "as=pdf"), language="zh-hans")))
    for table in tables_of_word(data):
        for row in table:
            assert re.sub(r"\s", "", "".join(row)) in text
    assert re.sub(r"\s", "", lines[4]) in text


def test_the_bulletin_names_neither_officers_nor_grids(client, town, month):
    data = body(fetch(client, town.assessor, f"/assessment/runs/{month.pk}/bulletin/?as=docx&title=t&date=2026-10-08"))
    import docx

    found = docx.Document(io.BytesIO(data)).element.xml
    for score in Score.objects.filter(run=month, level__in=("grid", "officer")):
        assert score.name not in found, score.name
    assert "农大社区" in found and "银滩路街道" in found and "安宁区城市管理局" in found


# -- who gets what ----------------------------------------------------------------------------------------------------


def test_everybody_gets_the_rows_they_see_on_the_page(client, town, month):
    for person in (town.officer, town.manager, town.elsewhere, town.handler, town.building_head):
        visible = Score.objects.visible_to(person, clock.today()).filter(run=month)
        book = workbook(client, person, month)
        found = {
            (level, row["Code"])
            for level in LEVELS
            if sheet_of(level) in book.sheetnames
            for row in rows_of(book[sheet_of(level)])
        }
        assert found == set(visible.order_by().values_list("level", "code")), person.username
        codes = {code for _level, code in found}
        assert {row["Code"] for row in rows_of(book["Explained"])} <= codes
        assert {row["Code"] for row in rows_of(book["Indicators"])} <= codes
    names = [row["Name"] for row in rows_of(workbook(client, town.officer, month)["Officer ranking"])]
    assert names == [town.officer.name]


def test_the_workbook_is_narrowed_like_the_page(client, town, month):
    book = workbook(client, town.assessor, month, f"?area={town.street2.code}")
    assert [row["Name"] for row in rows_of(book["Grid ranking"])] == ["培黎一网格"]
    assert "District ranking" not in book.sheetnames
    book = workbook(client, town.assessor, month, "?group=rural")
    assert [row["Name"] for row in rows_of(book["Grid ranking"])] == ["石磊庄一网格"]
    page = seen(client, town.assessor, f"/assessment/runs/{month.pk}/?level=grid&group=rural&area={town.street.code}")
    assert f"/workbook/?area={town.street.code}&amp;group=rural" in page


def test_a_bulletin_is_for_those_who_lead(client, town, month):
    address = f"/assessment/runs/{month.pk}/bulletin/"
    for person in (town.officer, town.handler, town.building_head):
        fetch(client, person, address, status=403)
    fetch(client, town.dispatcher2, address, status=404)
    assert "For which area" in seen(client, town.assessor, address)
    fetch(client, town.assessor, f"{address}?area={town.community.code}", status=400)
    fetch(client, town.assessor, f"{address}?area={town.district2.code}", status=400)


def test_a_bulletin_of_a_street_holds_what_lies_in_it(client, town, month):
    address = f"/assessment/runs/{month.pk}/bulletin/?as=docx&title=t&date=2026-10-08&area={town.street.code}"
    tables = tables_of_word(body(fetch(client, town.assessor, address)))
    names = {cell for table in tables for row in table for cell in row}
    assert {"农大社区", "石磊庄社区"} <= names and not {"培黎社区", "培黎街道"} & names


# -- what is not final ------------------------------------------------------------------------------------------------


def watermark_of(client, town, run) -> str:
    """What stands across the pages of the bulletin, and in the lines over the figures of the workbook."""
    import docx

    answer = fetch(client, town.assessor, f"/assessment/runs/{run.pk}/bulletin/?as=docx&title=t&date=2026-10-08")
    header = docx.Document(io.BytesIO(body(answer))).sections[0].header._element.xml
    found = re.findall(r'string="([^"]+)"', header)
    words = found[0] if found else ""
    assert words in workbook(client, town.assessor, run)["Grid ranking"]["A1"].value
    assert (words in seen(client, town.assessor, f"/assessment/runs/{run.pk}/bulletin/")) or not words
    return words


def test_what_is_not_published_says_so_on_every_page(client, town, month):
    assert watermark_of(client, town, month) == ""
    october = months.computed(town, period="2026-10", when=dt.datetime(2026, 11, 9, 9, tzinfo=clock.ZONE))
    assert watermark_of(client, town, october) == "Draft, not published"
    so_far = months.computed(town, period="2026-10", when=dt.datetime(2026, 10, 20, 9, tzinfo=clock.ZONE))
    assert watermark_of(client, town, so_far) == "Provisional figures"


def test_a_replaced_revision_says_so(client, town, month):
    score = Score.objects.get(run=month, level="grid", area=town.main_grid)
    appeal = commands.appeal(score, by=town.officer, at=AFTER, item="K04", order=late_of(score), reason="系统故障")
    appeal = commands.rule(appeal, by=town.assessor, at=AFTER, uphold=True, answer="属实")
    commands.carry_out(appeal.outcome_id, at=AFTER)
    assert watermark_of(client, town, month) == "Replaced by revision 2"
    second = Run.objects.get(pk=appeal.outcome_id)
    assert watermark_of(client, town, second) == ""
    import docx

    answer = fetch(client, town.assessor, f"/assessment/runs/{second.pk}/bulletin/?as=docx&title=t&date=2026-10-08")
    assert "属实" in "".join(one.text for one in docx.Document(io.BytesIO(body(answer))).paragraphs)


def late_of(score) -> str:
    """The order that was late."""
    return score.charges.get(code="K04").order.number


def test_a_run_that_is_not_computed_has_no_files(client, town):
    order(town.main_grid, at(9), officer=town.officer)
    run = commands.start("2026-09", by=town.assessor, at=AFTER)
    for what in ("workbook", "bulletin"):
        fetch(client, town.assessor, f"/assessment/runs/{run.pk}/{what}/", status=409)


# -- form and files ---------------------------------------------------------------------------------------------------


def test_what_stands_over_the_figures_is_checked(client, town, month):
    address = f"/assessment/runs/{month.pk}/bulletin/"
    page = html.fromstring(seen(client, town.assessor, address))
    given = {one.get("name"): one.get("value") for one in page.xpath("//form[@class='form']//input")}
    assert given["issuer"] == "安宁区指挥中心" and "2026" in given["number"] and given["title"]
    for wrong in (
        "as=pdf&title=&date=2026-10-08",
        f"as=pdf&title={'x' * 101}&date=2026-10-08",
        "as=docx&title=t&date=soon",
    ):
        shown = fetch(client, town.assessor, f"{address}?{wrong}", status=400)
        assert "error" in shown.content.decode() and "Content-Disposition" not in shown
    api = Caller(town.assessor)
    assert api.get(f"assessment/runs/{month.pk}/bulletin/pdf/", title="x" * 101).status_code == 400
    assert api.get(f"assessment/runs/{month.pk}/bulletin/pdf/", date="soon").json()["errors"]["date"]
    assert api.get(f"assessment/runs/{month.pk}/workbook/", under="nowhere").status_code == 400


def test_files_have_names_and_are_not_kept_by_browsers(client, town, month):
    for address, ending in (("workbook/", "xlsx"), ("bulletin/?as=pdf&title=t&date=2026-10-08", "pdf")):
        answer = fetch(client, town.assessor, f"/assessment/runs/{month.pk}/{address}")
        body(answer)
        assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''2026-09_")
        assert answer["Content-Disposition"].endswith(f".{ending}") and answer["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("kind", ["word", "pdf"])
def test_the_api_gives_the_same_paper(client, town, month, kind):
    page = fetch(
        client,
        town.assessor,
        f"/assessment/runs/{month.pk}/bulletin/?as={'docx' if kind == 'word' else kind}&title=t&date=2026-10-08",
    )
    told = Caller(town.assessor).get(
        f"assessment/runs/{month.pk}/bulletin/{kind}/", title="t", date="2026-10-08", issuer="", number="",
        addressee="", headers={"Accept-Language": "en"},
    )  # fmt: skip
    read = tables_of_word if kind == "word" else text_of_pdf
    assert told.status_code == 200 and read(told.content) == read(body(page))
    book = Caller(town.assessor).get(f"assessment/runs/{month.pk}/workbook/", headers={"Accept-Language": "en"})
    from openpyxl import load_workbook

    found = load_workbook(io.BytesIO(body(book)))
    assert rows_of(found["Explained"]) == rows_of(workbook(client, town.assessor, month)["Explained"])


def test_texts_people_wrote_never_become_formulas(client, town, month):
    Area.objects.filter(pk=town.main_grid.pk).update(name="=cmd|' /C calc'!A0")
    run = months.computed(town, period="2026-10", when=dt.datetime(2026, 11, 9, 9, tzinfo=clock.ZONE))
    book = workbook(client, town.assessor, run)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert any(cell.value == "=cmd|' /C calc'!A0" and cell.quotePrefix for cell in cells)
    assert not [cell for cell in cells if cell.data_type == "f"]


def test_the_number_of_statements_does_not_grow_with_the_grids(client, town, month):
    client.force_login(town.assessor)
    address = f"/assessment/runs/{month.pk}/workbook/"
    with CaptureQueriesContext(connection) as caught:
        body(client.get(address))
    assert len(caught) <= 60
