"""The rows of an old system's file: CSV, gzipped CSV or a sheet of a workbook, as text with the line they stand on."""

import csv
import datetime as dt
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from core.errors import Invalid
from core.sheets.reading import DAMAGED
from workorders.history.mapping import Mapping

# A description of 4 000 characters and much more beside it.
csv.field_size_limit(1_000_000)


def rows(path: Path, mapping: Mapping) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, {their column: text}) of every row that is not empty. Raises Invalid `bad_file`."""
    lines = _sheet(path, mapping) if mapping.format == "xlsx" else _csv(path, mapping)
    first = next(lines, None)
    if first is None:
        raise bad(_("The file is empty."))
    heads = [head.strip() for head in first[1]]
    missing = sorted({column for column in mapping.columns.values() if column not in heads})
    if missing:
        names = ", ".join(missing)
        raise bad(
            _("The file has no column %(names)s. It has: %(heads)s.") % {"names": names, "heads": ", ".join(heads)}
        )
    for line, cells in lines:
        texts = [cell.strip() for cell in cells]
        if any(texts):
            yield line, dict(zip(heads, texts, strict=False))


def bad(message: str, line: int = 1) -> Invalid:
    """The refusal of a whole file."""
    return Invalid("bad_file", message, errors={"file": [message]}, line=line)


def _csv(path: Path, mapping: Mapping) -> Iterator[tuple[int, list[str]]]:
    encoding = "utf-8-sig" if mapping.encoding.lower().replace("_", "-") in ("utf-8", "utf8") else mapping.encoding
    opener = gzip.open if mapping.format == "csv.gz" else open
    line = 1
    try:
        with opener(path, "rt", encoding=encoding, newline="") as file:
            reader = csv.reader(file, delimiter=mapping.delimiter, strict=True)
            for cells in reader:
                yield line, cells
                line = reader.line_num + 1
    except UnicodeDecodeError as error:
        raise bad(
            _("After line %(line)d the file is not %(encoding)s. Name its encoding in the map, for example gb18030.")
            % {"line": line, "encoding": mapping.encoding},
            line,
        ) from error
    except csv.Error as error:
        raise bad(
            _("Line %(line)d cannot be read as CSV; check its quotation marks (%(why)s).")
            % {"line": line, "why": error},
            line,
        ) from error
    except (OSError, EOFError, zlib.error) as error:
        raise bad(_("The file cannot be read: %(why)s") % {"why": error}, line) from error


def _sheet(path: Path, mapping: Mapping) -> Iterator[tuple[int, list[str]]]:
    from openpyxl import load_workbook  # 0.3 s that only files of this kind shall cost

    try:
        book = load_workbook(path, read_only=True, data_only=True)
        if mapping.sheet and mapping.sheet not in book.sheetnames:
            raise bad(
                _("The workbook has no sheet “%(name)s”. It has: %(names)s.")
                % {"name": mapping.sheet, "names": ", ".join(book.sheetnames)}
            )
        sheet = book[mapping.sheet] if mapping.sheet else book.worksheets[0]
        sheet.reset_dimensions()
        for line, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            yield line, [_cell(cell) for cell in cells]
    except DAMAGED as error:
        raise bad(_("The file cannot be read as an .xlsx workbook.")) from error


def _cell(cell) -> str:
    """A cell as text: moments in ISO 8601, whole numbers without the decimals a spreadsheet adds."""
    if cell is None:
        return ""
    if isinstance(cell, (dt.datetime, dt.date)):
        return cell.isoformat()
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    return str(cell)
