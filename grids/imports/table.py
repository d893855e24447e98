"""Read a table from CSV (UTF-8, with or without BOM) or .xlsx: rows of trimmed text with the line they stand on."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from core.sheets.reading import DAMAGED

from .report import Unreadable

# Far above any city, far below what would fill the memory.
MOST_BYTES = 64 * 1024 * 1024
MOST_UNPACKED_BYTES = 512 * 1024 * 1024
MOST_ROWS = 500_000
MOST_COLUMNS = 100


@dataclass(frozen=True, slots=True)
class Row:
    """One row: {head: text}, every head present, blanks around texts removed."""

    line: int
    cells: dict[str, str]


def read(path: Path, *, heads: Sequence[str], optional: Sequence[str] = ()) -> tuple[list[Row], frozenset[str]]:
    """The rows of the file and the heads it has; other columns are ignored, empty rows skipped. Raises Unreadable."""
    raw = file_bytes(path)
    lines = _xlsx(raw) if raw[:4] == b"PK\x03\x04" or path.suffix.lower() == ".xlsx" else _csv(raw)
    first = next(lines, None)
    if first is None:
        raise Unreadable("file_empty", _("The file is empty."))
    found = [cell.strip().lower() for cell in first[1]]
    for head in heads:
        if head not in found:
            raise Unreadable(
                "column_missing", _("The file has no column “%(head)s”.") % {"head": head}, line=first[0], column=head
            )
    for head in (*heads, *optional):
        if found.count(head) > 1:
            raise Unreadable(
                "column_twice", _("The column “%(head)s” is there twice.") % {"head": head}, line=first[0], column=head
            )
    present = [head for head in (*heads, *optional) if head in found]
    return list(_rows(lines, [(head, found.index(head)) for head in present], len(found))), frozenset(present)


def _rows(lines: Iterable[tuple[int, list[str]]], places: Sequence[tuple[str, int]], width: int) -> Iterator[Row]:
    for count, (line, cells) in enumerate(lines, start=1):
        cells = [cell.strip() for cell in cells]
        if not any(cells):
            continue
        if count > MOST_ROWS:
            raise Unreadable(
                "too_many_rows", _("The file has more than %(count)d rows.") % {"count": MOST_ROWS}, line=line
            )
        if any(cells[width:]):
            raise Unreadable(
                "too_many_cells",
                _("This line has more cells than there are columns; is a comma in a name not in quotation marks?"),
                line=line,
            )
        yield Row(line, {head: cells[place] if place < len(cells) else "" for head, place in places})


def file_bytes(path: Path) -> bytes:
    """The file, unless it is missing or larger than any city's. Raises Unreadable."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise Unreadable(
                "file_too_large",
                _("The file is larger than %(count)d MB.") % {"count": MOST_BYTES // 1024 // 1024},
            )
        return path.read_bytes()
    except OSError as error:
        raise Unreadable("file_unreadable", _("The file cannot be read: %(why)s") % {"why": error.strerror}) from error


def text_of(raw: bytes) -> str:
    """UTF-8 text without its BOM. Raises Unreadable naming the line with the first wrong byte."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(
            "file_not_utf8",
            _("The file is not UTF-8. Save it as “CSV UTF-8” and try again."),
            line=raw.count(b"\n", 0, error.start) + 1,
        ) from error


def _csv(raw: bytes) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text_of(raw), newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise Unreadable(
            "csv_malformed",
            _("The line cannot be read as CSV; check its quotation marks (%(why)s).") % {"why": error},
            line=line,
        ) from error


def _xlsx(raw: bytes) -> Iterator[tuple[int, list[str]]]:
    from openpyxl import load_workbook  # 0.3 s that only files of this kind shall cost

    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > MOST_UNPACKED_BYTES:
            raise Unreadable("file_too_large", _("The workbook is too large when unpacked."))
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        # The size a workbook claims for itself may be wrong in both directions.
        sheet.reset_dimensions()
        for line, cells in enumerate(sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS), start=1):
            yield line, [_text(cell) for cell in cells]
    except Unreadable:
        raise
    except DAMAGED as error:
        raise Unreadable("xlsx_malformed", _("The file cannot be read as an .xlsx workbook.")) from error


def _text(cell: Any) -> str:
    """A cell as text; a whole number without the decimals a spreadsheet adds to it."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    return str(cell)
