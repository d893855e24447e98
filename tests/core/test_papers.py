"""Papers: Word and PDF say the same, heads repeat, typefaces are inside; rows as Excel and CSV stay what they are."""

import csv
import datetime as dt
import io
import re
import subprocess
import sys
import zipfile
from decimal import Decimal

import pytest
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy

from core import clock
from core.papers import excel, paper, pdf, word
from core.papers.paper import Column, Field, Form, Heading, PageBreak, Paper, Paragraph, Picture, Table, shown

WORDS = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def picture() -> bytes:
    """A small JPEG."""
    from PIL import Image

    target = io.BytesIO()
    Image.new("RGB", (80, 60), (90, 140, 200)).save(target, "JPEG")
    return target.getvalue()


def bulletin(rows: int = 80, **more) -> Paper:
    """A paper of some pages with everything on it."""
    body = tuple((at, f"第{at}网格", Decimal("98.50") - at, None) for at in range(1, rows + 1))
    columns = (Column("名次", align=paper.MIDDLE), Column("名称", 3), Column("得分", align=paper.END), Column("扣分"))
    given = {
        "title": "关于2026年10月考核情况的通报", "issuer": "安宁区指挥中心", "number": "网考〔2026〕10号",
        "addressee": "各街道办事处：", "date": dt.date(2026, 11, 3), "foot": "数据截止2026年11月1日",
        "notes": ("按期处置率 = 按期处置数 ÷ 应处置数", "名次相同时比较 <M05> & S02"), "watermark": "征求意见稿",
        "signatures": ("审核人：",),
        "blocks": (
            Paragraph("现将结果通报如下。"), Heading("一、排名"),
            Table(columns, body, caption="表1", notes=("得分保留两位小数",)), PageBreak(), Heading("（一）附表", 2),
            Form((Field("编号", "LZ1"), Field("等次", "优秀"), Field("意见", None, wide=True, lines=3))),
            Picture(picture(), "现场照片"),
        ),
    }  # fmt: skip
    return Paper(**{**given, **more})


def text_of_word(data: bytes) -> str:
    """Every text of the document itself, a space between cells and paragraphs."""
    import docx

    found = docx.Document(io.BytesIO(data)).element.body
    return " ".join("".join(one.text or "" for one in line.iter(f"{WORDS}t")) for line in found.iter(f"{WORDS}p"))


def pages_of(data: bytes) -> list[str]:
    """The text of every page of a PDF."""
    from pypdf import PdfReader

    return [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]


def plain(text: str) -> str:
    """Without white space: where lines break is nobody's matter."""
    return re.sub(r"\s", "", text)


# -- Word and PDF -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_word_and_pdf_hold_the_same_texts_and_figures(language):
    with translation.override(language):
        made = bulletin()
        printed, written = plain("".join(pages_of(pdf.write(made)))), plain(text_of_word(word.write(made)))
        table = made.blocks[2]
        expected = [made.title, made.issuer, made.number, made.addressee, *made.notes, "表1", "得分保留两位小数"]
        expected += ["现将结果通报如下。", "一、排名", "（一）附表", "LZ1", "意见", "现场照片", "审核人："]
        expected += [made.signatures[0], shown(made.date)]
        for one in expected:
            assert plain(one) in printed and plain(one) in written, one
        for row in table.rows:
            line = plain("".join(shown(value) for value in row))
            assert line in printed and line in written, line


def test_heads_numbers_and_watermark_stand_on_every_page():
    data = pdf.write(bulletin())
    pages = pages_of(data)
    assert len(pages) >= 4
    for number, page in enumerate(pages, 1):
        assert f"— {number} —" in page and "征求意见稿" in page and "数据截止2026年11月1日" in page
    with_rows = [page for page in pages if re.search(r"第\d+网格", page)]
    assert len(with_rows) >= 3 and all("名次" in page and "扣分" in page for page in with_rows)


def test_in_word_heads_repeat_rows_stay_whole_and_pages_are_numbered():
    import docx

    document = docx.Document(io.BytesIO(word.write(bulletin(rows=3))))
    rows = document.tables[0].rows
    heads = [row._tr.find(f"{WORDS}trPr/{WORDS}tblHeader") is not None for row in rows]
    assert heads == [True, False, False, False]
    assert all(row._tr.find(f"{WORDS}trPr/{WORDS}cantSplit") is not None for row in rows)
    section = document.sections[0]
    for footer in (section.footer, section.even_page_footer):
        xml = footer._element.xml
        assert " PAGE " in xml and "数据截止2026年11月1日" in xml
    for header in (section.header, section.even_page_header):
        assert "征求意见稿" in header._element.xml
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    assert [round(section.top_margin.mm), round(section.left_margin.mm)] == [37, 28]
    styles = {one.style.name for one in document.paragraphs}
    assert {"Title", "Heading 1", "Heading 2", "Caption"} <= styles
    package = zipfile.ZipFile(io.BytesIO(word.write(bulletin(rows=3))))
    assert "仿宋_GB2312" in package.read("word/fontTable.xml").decode()


def test_every_typeface_is_inside_the_pdf():
    from pypdf import PdfReader

    found = set()
    for page in PdfReader(io.BytesIO(pdf.write(bulletin(rows=3)))).pages:
        for font in page["/Resources"]["/Font"].values():
            about = font.get_object()
            assert "/FontFile2" in about["/FontDescriptor"], about["/BaseFont"]
            found.add(str(about["/BaseFont"]).partition("+")[2])
    assert found == {"NotoSerifSC-Regular", "NotoSansSC-Regular"}


def test_each_pdf_has_the_characters_of_its_own():
    first, second = (Paper(title="通报", blocks=(Paragraph("丙丁"),)), Paper(title="督办", blocks=(Paragraph("甲乙"),)))
    assert "丙丁" in pages_of(pdf.write(first))[0]
    assert "甲乙" in pages_of(pdf.write(second))[0]
    assert "丙丁" in pages_of(pdf.write(first))[0]


def test_the_same_paper_is_the_same_file():
    assert pdf.write(bulletin(rows=3)) == pdf.write(bulletin(rows=3))


def test_the_plain_layout_has_no_red_head():
    slip = bulletin(rows=2, layout=paper.FORM)
    assert b"C00000" not in zipfile.ZipFile(io.BytesIO(word.write(slip))).read("word/document.xml")
    text = pages_of(pdf.write(slip))[0]
    assert text.index(slip.title) < text.index(slip.number)


def test_what_is_empty_is_left_out():
    bare = Paper(title="说明", blocks=(Paragraph("一句话。"),))
    assert plain(text_of_word(word.write(bare))) == "说明一句话。"
    assert plain("".join(pages_of(pdf.write(bare)))) == "—1—说明一句话。"


def test_signs_of_the_format_and_unprintable_ones_do_no_harm():
    odd = "a<b>&\"c'\x00\x0b\ud800 end"
    made = Paper(
        title=odd, issuer=odd, number=odd, addressee=odd, watermark=odd, foot=odd, notes=(odd,),
        date=dt.date(2026, 1, 2),
        blocks=(Paragraph(odd), Table((Column(odd),), ((odd,),), caption=odd), Form((Field(odd, odd),))),
    )  # fmt: skip
    assert plain(text_of_word(word.write(made))).count("a<b>&\"c'end") >= 8
    assert plain("".join(pages_of(pdf.write(made)))).count("a<b>&\"c'end") >= 8


def test_a_table_needs_a_value_for_each_column_and_a_paper_a_title():
    with pytest.raises(ValueError, match="one value for each column"):
        Table((Column("a"), Column("b")), ((1,),))
    with pytest.raises(ValueError, match="title"):
        Paper(title=" ", blocks=())


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "–"),
        (Decimal("90.00"), "90.00"),
        (Decimal("-0.30"), "-0.30"),
        (1200, "1200"),
        ("农大社区", "农大社区"),
        (dt.date(2026, 11, 3), "2026年11月3日"),
        (dt.datetime(2026, 10, 31, 16, 5, tzinfo=dt.UTC), "2026年11月1日 00:05"),
    ],
)
def test_how_values_are_shown(value, words):
    with translation.override("zh-hans"):
        assert shown(value) == words


def test_inexact_figures_are_refused():
    with pytest.raises(TypeError, match="exact"):
        shown(0.1)


def test_boxes_stand_two_beside_each_other():
    short, wide = Field("a"), Field("b", wide=True)
    assert Form((short, short, wide, short, wide)).lines() == [(short, short), (wide,), (short,), (wide,)]


def test_the_libraries_are_loaded_when_a_paper_is_written_only():
    code = (
        "import sys, core.papers.word, core.papers.pdf, core.papers.excel;"
        "print([name for name in ('docx', 'lxml', 'reportlab', 'fontTools', 'PIL') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=settings.BASE_DIR, capture_output=True, text=True)  # noqa: S603
    assert said.stdout.strip() == "[]", said.stderr


# -- Excel and CSV ----------------------------------------------------------------------------------------------------

# Every sign a formula can begin with, behind every kind of space, in front of everything people try.
FORMULAS = [
    f"{space}{sign}{rest}"
    for space in ("", " ", "  ", "\t", "\r", "\n")
    for sign in "=+-@＝＋－＠"
    for rest in ("1+1", "SUM(A1:A9)", "cmd|' /C calc'!A0", 'HYPERLINK("x")')
] + ["\tx", "\rx"]


def opened(data: bytes):
    """A workbook as openpyxl reads it."""
    from openpyxl import load_workbook

    return load_workbook(io.BytesIO(data))


def sheet(rows, **more) -> excel.Sheet:
    heads = (
        excel.Head("名称", 20), excel.Head("数", 8, excel.WHOLE), excel.Head("得分", 8, excel.POINTS),
        excel.Head("率", 8, excel.RATE), excel.Head("日期", 12, excel.DAY), excel.Head("时间", 18, excel.MOMENT),
    )  # fmt: skip
    return excel.Sheet(more.pop("name", "排名"), heads, rows, **more)


def test_values_keep_their_kind_and_look():
    at = dt.datetime(2026, 10, 31, 16, 30, tzinfo=dt.UTC)
    row = ["农大一网格", 12, Decimal("98.50"), Decimal("0.9231"), dt.date(2026, 10, 31), at]
    found = opened(excel.write([sheet([row, [None] * 6], above=("2026年10月", "截止"))])).active
    assert [cell.value for cell in found[4]] == [
        "农大一网格", 12, 98.5, 0.9231, dt.datetime(2026, 10, 31), dt.datetime(2026, 11, 1, 0, 30),
    ]  # fmt: skip
    looks = [cell.number_format for cell in found[4]]
    assert looks == ["General", "0", "0.00", "0.0000", "yyyy-mm-dd", "yyyy-mm-dd hh:mm"]
    assert [cell.value for cell in found[3]] == ["名称", "数", "得分", "率", "日期", "时间"]
    assert (found["A1"].value, found["A2"].value) == ("2026年10月", "截止")
    assert found.freeze_panes == "A4" and found.auto_filter.ref == "A3:F5"
    data = excel.write([sheet([row, row], above=("2026年10月", "截止"))])
    names = zipfile.ZipFile(io.BytesIO(data)).read("xl/workbook.xml").decode()
    assert "_xlnm._FilterDatabase" in names and "'排名'!$A$3:$F$5" in names
    assert found.column_dimensions["A"].width == 20 and found.print_title_rows == "$1:$3"


def test_nothing_becomes_a_formula():
    head = [excel.Head("x")]
    found = opened(excel.write([excel.Sheet("f", head, [[one] for one in FORMULAS])])).active
    for row, text in zip(found.iter_rows(min_row=2), FORMULAS, strict=True):
        cell = row[0]
        assert cell.data_type == "s" and cell.quotePrefix, text
        assert cell.value.strip() == text.strip()
    assert not found["A1"].quotePrefix
    rows = csv.reader(
        io.StringIO(b"".join(excel.csv(excel.Sheet("f", head, [[one] for one in FORMULAS]))).decode("utf-8-sig"))
    )
    assert [one[0][0] for one in rows][1:] == ["'"] * len(FORMULAS)


def test_numbers_below_zero_stay_numbers():
    data = b"".join(excel.csv(sheet([["a", -3, Decimal("-0.30"), None, None, None]]))).decode("utf-8-sig")
    assert data.splitlines()[1] == "a,-3,-0.30,,,"


def test_texts_that_are_translated_when_shown_are_texts_and_inexact_figures_are_refused():
    words = gettext_lazy("Word")
    assert opened(excel.write([excel.Sheet("t", [excel.Head("x")], [[words]])])).active["A2"].value == str(words)
    for write in (lambda one: excel.write([one]), lambda one: list(excel.csv(one))):
        with pytest.raises(TypeError, match="exact"):
            write(excel.Sheet("t", [excel.Head("x")], [[0.1]]))


def test_csv_is_what_excel_opens():
    at = dt.datetime(2026, 10, 31, 16, 30, tzinfo=dt.UTC)
    data = b"".join(excel.csv(sheet([['甲,"乙"', 1, Decimal("2.50"), None, dt.date(2026, 10, 1), at]])))
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert rows[1] == ['甲,"乙"', "1", "2.50", "", "2026-10-01", "2026-11-01 00:30"]


def test_a_sheet_goes_on_in_the_next_one_and_loses_no_row():
    rows = ([f"r{number}", number, None, None, None, None] for number in range(25))
    book = opened(b"".join(excel.stream([sheet(rows), sheet([], name="空")], most_rows=10)))
    assert book.sheetnames == ["排名", "排名 (2)", "排名 (3)", "空"]
    found = [row[0].value for one in book.worksheets for row in one.iter_rows(min_row=2)]
    assert found == [f"r{number}" for number in range(25)]
    assert all(one["A1"].value == "名称" for one in book.worksheets)
    full = opened(b"".join(excel.stream([sheet([["r"] + [None] * 5] * 10)], most_rows=10)))
    assert full.sheetnames == ["排名"]


def test_pieces_leave_before_the_rows_end():
    taken = 0

    def rows():
        nonlocal taken
        for taken in range(1, 50_001):
            yield [f"{taken} {taken * 7919 % 100_003}", taken, None, None, None, None]

    pieces = excel.stream([sheet(rows())])
    sizes, early = [], 0
    for piece in pieces:
        sizes.append(len(piece))
        early += taken < 50_000
    assert early >= 5 and max(sizes) < sum(sizes) / 3


def test_texts_excel_would_change_or_refuse():
    texts = ["_x0041_", "a\x00\x0bb", "<&>", "x" * 40_000]
    data = excel.write([excel.Sheet("t", [excel.Head("x")], [[one] for one in texts])])
    xml = zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml").decode()
    assert "_x005F_x0041_" in xml
    found = [row[0].value for row in opened(data).active.iter_rows(min_row=3)]
    assert found == ["ab", "<&>", "x" * 32_767]


def test_names_of_sheets_are_what_excel_takes():
    names = ["a/b:c*?[d]", "A b c d", "很长" * 20, "很长" * 20, "", "'"]
    book = opened(excel.write([excel.Sheet(name, [excel.Head("x")], []) for name in names]))
    assert len({name.lower() for name in book.sheetnames}) == len(names)
    assert all(0 < len(name) <= 31 and not re.search(r"[\[\]:*?/\\]", name) for name in book.sheetnames)


def test_moments_are_local():
    at = dt.datetime(2026, 10, 31, 23, 59, tzinfo=clock.ZONE)
    found = opened(excel.write([sheet([["a", None, None, None, None, at]])])).active
    assert found["F2"].value == dt.datetime(2026, 10, 31, 23, 59)
