"""Read a table from .xlsx or CSV within bounds; nothing is calculated, and what is no table is told in words.

A formula stays the text it is and is refused where it is used: what a spreadsheet would make of it is not known here.
"""

import csv
import datetime as dt
import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from .declaring import Column, Row, Table, Unreadable

MOST_BYTES = 10 * 1024 * 1024
MOST_UNPACKED_BYTES = 160 * 1024 * 1024
MOST_PARTS = 2_000
MOST_ROWS = 50_000
MOST_COLUMNS = 100
# So many empty lines end a table: formats often reach down to the last row a sheet can have.
EMPTY_ENDS = 2_000
HEADS_WITHIN = 10
_LONGEST = 40_000
# A reason that names more choices than this is not read.
_MOST_NAMED = 24
LANGUAGES = ("zh-hans", "en")

# openpyxl lets through whatever its parsers meet in an archive that is damaged, encrypted or no workbook at all.
DAMAGED = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, SyntaxError, MemoryError,
    AttributeError, IndexError, KeyError, TypeError, ValueError,
)  # fmt: skip


def is_workbook(raw: bytes) -> bool:
    """Whether these bytes are an archive, as every .xlsx is."""
    return raw[:4] == b"PK\x03\x04"


def read(raw: bytes, columns: Sequence[Column]) -> Table:
    """The rows under the heads, which may stand within the first lines in any language of ours. Raises Unreadable."""
    lines = workbook_lines(raw) if is_workbook(raw) else csv_lines(raw)
    tried: list[str] = []
    for line, cells in lines:
        heads = _heads(cells, columns)
        if all(column.name in heads for column in columns if column.required):
            break
        tried += [cell for cell in cells if cell][:20]
        if line >= HEADS_WITHIN:
            raise _without_heads(columns, tried)
    else:
        raise _without_heads(columns, tried) if tried else Unreadable(_("The file is empty."))
    twice = _twice(cells, columns)
    if twice:
        raise Unreadable(_("The column “%(head)s” is there twice.") % {"head": twice})
    words = {column.name: _words(column) for column in columns if column.choices}
    rows = []
    for number, row in lines:
        if len(rows) == MOST_ROWS:
            raise Unreadable(_("The file has more than %(count)d rows. Divide it.") % {"count": MOST_ROWS})
        found = {name: row[place] if place < len(row) else "" for name, place in heads.items()}
        if any(found.values()):
            for name, known in words.items():
                if name in found:
                    found[name] = known.get(found[name].lower(), found[name])
            rows.append(Row(number, found))
    if not rows:
        raise Unreadable(_("There are no rows under the heads."))
    return Table(rows, frozenset(heads), heads, line)


def is_formula(text: str) -> bool:
    """Whether a cell holds a formula instead of a value."""
    return text.startswith("=")


def unknown_word(column: Column, text: str) -> str:
    """Why a cell is none of its column's choices, in words; empty when it is one, or empty itself."""
    if column.choices is None or not text or text.lower() in column.also:
        return ""
    labels = {str(word): str(label) for word, label in column.choices()}
    if text in labels:
        return ""
    if len(labels) > _MOST_NAMED:
        return _("“%(text)s” is none of the list; the template has it.") % {"text": text[:40]}
    return _("“%(text)s” is none of: %(words)s.") % {"text": text[:40], "words": _(", ").join(labels.values())}


def head_words(column: Column) -> set[str]:
    """Everything that may stand over a column."""
    found = {column.name.lower()}
    for language in LANGUAGES:
        with translation.override(language):
            found.add(str(column.label).lower())
    return found


def _heads(cells: Sequence[str], columns: Sequence[Column]) -> dict[str, int]:
    places = {_head(cell): place for place, cell in reversed(list(enumerate(cells)))}
    found = {}
    for column in columns:
        place = next((places[word] for word in sorted(head_words(column)) if word in places), None)
        if place is not None:
            found[column.name] = place
    return found


def _head(cell: str) -> str:
    return cell.strip().rstrip("*＊").strip().lower()


def _twice(cells: Sequence[str], columns: Sequence[Column]) -> str:
    for column in columns:
        words = head_words(column)
        if sum(_head(cell) in words for cell in cells) > 1:
            return str(column.label)
    return ""


def _without_heads(columns: Sequence[Column], tried: Sequence[str]) -> Unreadable:
    found = {_head(cell) for cell in tried}
    needed = [column for column in columns if column.required]
    missing = [str(column.label) for column in needed if found.isdisjoint(head_words(column))] or [
        str(column.label) for column in needed
    ]
    return Unreadable(
        _("The file has no column %(heads)s. Use the template, or give your columns these heads.")
        % {"heads": _(", ").join(missing)}
    )


def _words(column: Column) -> dict[str, str]:
    """What may stand in a cell with a choice → the stored word."""
    found: dict[str, str] = {}
    for language in LANGUAGES:
        with translation.override(language):
            found.update({str(label).lower(): str(word) for word, label in column.choices()})
    found.update({str(word).lower(): str(word) for word, _label in column.choices()})
    return found


# -- CSV ----------------------------------------------------------------------------------------------------------


def csv_text(raw: bytes) -> str:
    """UTF-8 with or without its mark, else GB18030, the two that spreadsheets write in China. Raises Unreadable."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return text
    raise Unreadable(_("The file is neither a workbook (.xlsx) nor a table as text (CSV)."))


def delimiter_of(text: str) -> str:
    """Comma, semicolon or tab: what the first line has most of."""
    first = text.split("\n", 1)[0]
    return max(",;\t", key=first.count)


def csv_lines(raw: bytes) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of a CSV file."""
    text = csv_text(raw)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text), strict=True)
    line = 1
    try:
        for cells in reader:
            if len(cells) > MOST_COLUMNS and any(cells[MOST_COLUMNS:]):
                raise Unreadable(_("The file has more than %(count)d columns.") % {"count": MOST_COLUMNS})
            yield line, [_unquoted(cell.strip()) for cell in cells]
            line = reader.line_num + 1
    except csv.Error as error:
        words = _("Line %(line)d cannot be read as CSV; check its quotation marks (%(why)s).")
        raise Unreadable(words % {"line": line, "why": error}) from error


def _unquoted(text: str) -> str:
    """Without the apostrophe that keeps a spreadsheet from taking a text for a formula, and without controls."""
    text = text.replace("\x00", "")
    return text[1:] if len(text) > 1 and text[0] == "'" and text[1] in "=+-@＝＋－＠" else text


# -- workbooks ----------------------------------------------------------------------------------------------------


def check_archive(raw: bytes) -> None:
    """Refuse archives that grow beyond bounds or are no workbook. Raises Unreadable."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            parts = archive.infolist()
    except DAMAGED as error:
        raise _damaged() from error
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED_BYTES:
        raise Unreadable(_("The workbook is too large when unpacked. Copy the rows into a new one."))
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names and not any(name.startswith("xl/") for name in names):
        raise _damaged()
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Unreadable(_("Workbooks with macros are not read. Save it as .xlsx."))


def workbook_lines(raw: bytes) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of the first sheet, a row at a time."""
    from openpyxl import load_workbook  # 0.3 s that only files of this kind shall cost

    check_archive(raw)
    try:
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=False)
        sheet = book.worksheets[0]
        # The size a workbook claims for itself may be wrong in both directions.
        sheet.reset_dimensions()
        empty = 0
        for line, cells in enumerate(sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS), start=1):
            texts = [cell_text(cell) for cell in cells]
            empty = 0 if any(texts) else empty + 1
            if empty > EMPTY_ENDS:
                return
            yield line, texts
    except Unreadable:
        raise
    except DAMAGED as error:
        raise _damaged() from error


def cell_text(cell: Any) -> str:
    """A cell as text: days and moments in ISO 8601, whole numbers without the decimals a spreadsheet adds."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(sep=" ")
    if isinstance(cell, dt.date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    if isinstance(cell, (str, int, float)):
        return str(cell).replace("\x00", "").strip()[:_LONGEST]
    return "="  # an array formula or a table of data


def _damaged() -> Unreadable:
    return Unreadable(_("The file cannot be read as an .xlsx workbook."))
