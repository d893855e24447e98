"""The file people brought, back with what is wrong in it: red cells and the reasons in a last column.

A workbook of usual size keeps its formats, its other columns and sheets. A very large one is written anew row by row,
because a workbook in memory takes fifty times its size. CSV gets the column of reasons.
"""

import csv as commas
import io
import zipfile
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.papers import excel

from .declaring import Fault, Table
from .reading import MOST_COLUMNS, csv_lines, csv_text, delimiter_of, is_workbook, workbook_lines

# Of the sheets as XML: some 250 000 cells, which take about 200 MB as a workbook in memory.
MOST_BYTES = 12 * 1024 * 1024
_RED, _INK = "FFFFC7CE", "FF9C0006"


def mark(raw: bytes, table: Table, faults: Mapping[int, Sequence[Fault]], labels: Mapping[str, str]) -> bytes:
    """The copy. faults: {line: what is wrong there}; labels: {column: what people call it}."""
    reasons = {line: _reason(found, labels) for line, found in faults.items()}
    if not is_workbook(raw):
        return _csv(raw, table, reasons)
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        size = sum(part.file_size for part in archive.infolist() if part.filename.startswith("xl/worksheets/"))
    if size > MOST_BYTES:
        return _streamed(raw, table, reasons)
    return _workbook(raw, table, faults, reasons)


def _reason(found: Sequence[Fault], labels: Mapping[str, str]) -> str:
    words = []
    for fault in found:
        label = labels.get(fault.column, "")
        words.append(_("%(column)s: %(reason)s") % {"column": label, "reason": fault.reason} if label else fault.reason)
    return "\n".join(words)


def _workbook(raw: bytes, table: Table, faults: Mapping[int, Sequence[Fault]], reasons: Mapping[int, str]) -> bytes:
    from openpyxl import load_workbook
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    book = load_workbook(io.BytesIO(raw))
    sheet = book.worksheets[0]
    red, ink = PatternFill("solid", fgColor=_RED), Font(color=_INK)
    last = max((cell.column for cell in sheet[table.head_line] if cell.value not in (None, "")), default=0) + 1
    head = sheet.cell(table.head_line, last, _("Reason"))
    head.font = Font(bold=True, color=_INK)
    sheet.column_dimensions[get_column_letter(last)].width = 60
    for line, found in faults.items():
        for fault in found:
            place = table.heads.get(fault.column)
            if place is not None:
                sheet.cell(line, place + 1).fill = red
        cell = sheet.cell(line, last)
        # A text, whatever it quotes: never a formula.
        cell.value, cell.data_type = excel.clean(reasons[line]), "s"
        cell.fill, cell.font, cell.alignment = red, ink, Alignment(wrap_text=True, vertical="top")
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _streamed(raw: bytes, table: Table, reasons: Mapping[int, str]) -> bytes:
    """Texts only, row by row."""
    lines = workbook_lines(raw)
    heads = next(cells for line, cells in lines if line == table.head_line)
    while heads and not heads[-1]:
        heads.pop()
    width = min(len(heads), MOST_COLUMNS)
    columns = [excel.Head(text or " ", 18) for text in heads[:width]] + [excel.Head(_("Reason"), 60)]
    made = ([*[cell or None for cell in _wide(cells, width)], reasons.get(line)] for line, cells in lines)
    return excel.write([excel.Sheet(pgettext("import", "Rows"), columns, made)])


def _wide(cells: list[str], width: int) -> list[str]:
    return (cells + [""] * width)[:width]


def _csv(raw: bytes, table: Table, reasons: Mapping[int, str]) -> bytes:
    text = io.StringIO()
    writer = commas.writer(text, delimiter=delimiter_of(csv_text(raw)))
    width = max(len(cells) for _line, cells in csv_lines(raw))
    for line, cells in csv_lines(raw):
        more = _("Reason") if line == table.head_line else reasons.get(line, "").replace("\n", " ")
        writer.writerow([excel.harmless(cell) for cell in (*_wide(cells, width), more)])
    return b"\xef\xbb\xbf" + text.getvalue().encode()
