"""Rows as an Excel workbook or as CSV: written while they come, however many there are, and never taken for formulas.

`stream` yields the pieces of an .xlsx file, ready for an answer that is sent as it grows. Written by hand since the
libraries take five to ten microseconds for a cell (docs/decisions/0014).
"""

import csv as commas
import datetime as dt
import io
import itertools
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from xml.sax.saxutils import escape, quoteattr

from core import clock
from core.papers.paper import Value, clean, shown

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Number formats by what a column holds; the place in the tuple is the number of the style.
TEXT, WHOLE, POINTS, RATE, SHARE, DAY, MOMENT = "text", "whole", "points", "rate", "share", "day", "moment"
_FORMATS = {
    TEXT: "General", WHOLE: "0", POINTS: "0.00", RATE: "0.0000", SHARE: "0.00##",
    DAY: "yyyy-mm-dd", MOMENT: "yyyy-mm-dd hh:mm",
}  # fmt: skip
_STYLES = {name: number for number, name in enumerate(_FORMATS)}
_HEAD, _ABOVE, _QUOTED = len(_FORMATS), len(_FORMATS) + 1, len(_FORMATS) + 2
# What a spreadsheet takes for the beginning of a formula, full-width signs included.
_FORMULA = re.compile(r"\s*[=+\-@\t\r\n＝＋－＠]")
# Excel reads _x0041_ inside a text as a character.
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_UNNAMED = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_LONGEST = 32_767
# Excel ends at 1 048 576 rows; half of that also keeps every part below what its zip reader takes.
MOST_ROWS = 500_000
_PIECE = 128 * 1024
_EPOCH = dt.datetime(1899, 12, 30, tzinfo=clock.ZONE)
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_TIED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TIES = "http://schemas.openxmlformats.org/package/2006/relationships"
_KIND = TYPE.removesuffix(".sheet")
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


@dataclass(frozen=True)
class Head:
    """A column. width: in characters; kind: what it holds, for the number format."""

    text: str
    width: float = 12
    kind: str = TEXT


@dataclass(frozen=True)
class Sheet:
    """A sheet. rows come one by one; above: lines over the heads, such as a title and the cut-off.

    mark: what is printed at the head and the foot of every page of it, such as who took it out.
    """

    name: str
    heads: Sequence[Head]
    rows: Iterable[Sequence[Value]]
    above: tuple[str, ...] = ()
    mark: str = ""


def write(sheets: Iterable[Sheet]) -> bytes:
    """A whole workbook in memory, for few rows."""
    return b"".join(stream(sheets))


def stream(sheets: Iterable[Sheet], most_rows: int = MOST_ROWS) -> Iterator[bytes]:
    """The workbook piece by piece. A sheet of more rows goes on in a second one, and so on."""
    pipe = _Pipe()
    names: list[str] = []
    # Of every sheet the row of its heads, and the block they filter.
    frames: list[tuple[int, str]] = []
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        archive.writestr("[Content_Types].xml", _types())
        archive.writestr("_rels/.rels", _ties([("officeDocument", "xl/workbook.xml")]))
        archive.writestr("xl/styles.xml", _styles())
        for sheet in sheets:
            rows: Iterator = iter(sheet.rows)
            for part in itertools.count(1):
                names.append(_named(sheet.name, part, names))
                frame = _Frame(sheet)
                with archive.open(f"xl/worksheets/sheet{len(names)}.xml", "w") as target:
                    for piece in _sheet(sheet, itertools.islice(rows, most_rows), frame, first=len(names) == 1):
                        target.write(piece.encode())
                        yield from pipe.taken()
                frames.append((frame.heads, frame.block))
                left = list(itertools.islice(rows, 1))
                if not left:
                    break
                rows = itertools.chain(left, rows)
        archive.writestr("xl/workbook.xml", _workbook(names, frames))
        ties = [("worksheet", f"worksheets/sheet{number}.xml") for number in range(1, len(names) + 1)]
        archive.writestr("xl/_rels/workbook.xml.rels", _ties([*ties, ("styles", "styles.xml")]))
    yield from pipe.taken()


def csv(sheet: Sheet) -> Iterator[bytes]:
    """A sheet as CSV in UTF-8 with a byte order mark, as Excel wants it; heads first, without the lines above."""
    yield b"\xef\xbb\xbf"
    buffer = io.StringIO()
    writer = commas.writer(buffer)
    writer.writerow([harmless(head.text) for head in sheet.heads])
    for row in sheet.rows:
        writer.writerow([_plain(value) for value in row])
        if buffer.tell() > _PIECE:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _plain(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, int | Decimal):
        return shown(value)
    if isinstance(value, dt.datetime):
        return f"{clock.local(value):%Y-%m-%d %H:%M}"
    return f"{value:%Y-%m-%d}" if isinstance(value, dt.date) else harmless(shown(value))


def harmless(text: str) -> str:
    """The text as a spreadsheet that opens a CSV leaves it: an apostrophe before what would be a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


class _Pipe:
    """Takes what the archive writes and hands it on; it cannot go back, so nothing is kept."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing waits here."""

    def taken(self) -> Iterator[bytes]:
        """What came since the last time."""
        if self._pieces:
            joined = b"".join(self._pieces)
            self._pieces.clear()
            if joined:
                yield joined


# -- the parts of a workbook ------------------------------------------------------------------------------------------


class _Frame:
    """Where the heads of a sheet stand and how far its rows reach, known when they are written."""

    def __init__(self, sheet: Sheet) -> None:
        self.heads = self.last = len(sheet.above) + 1
        self._letters = _letters(len(sheet.heads))

    @property
    def block(self) -> str:
        """Heads and rows as a range."""
        return f"$A${self.heads}:${self._letters}${self.last}"


def _sheet(sheet: Sheet, rows: Iterable, frame: _Frame, *, first: bool) -> Iterator[str]:
    """One sheet in pieces of some size. first: it is the one people see."""
    frozen, shown_first = frame.heads, ' tabSelected="1"' if first else ""
    columns = "".join(
        f'<col min="{at}" max="{at}" width="{head.width}" customWidth="1"/>' for at, head in enumerate(sheet.heads, 1)
    )
    parts = [
        f'{_XML}<worksheet {_MAIN}><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr><sheetViews>'
        f'<sheetView{shown_first} workbookViewId="0"><pane ySplit="{frozen}" topLeftCell="A{frozen + 1}" '
        f'activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>{columns}</cols><sheetData>'
    ]
    for at, line in enumerate(sheet.above, 1):
        parts.append(f'<row r="{at}">{_text(f"A{at}", line, _ABOVE)}</row>')
    letters = [_letters(at) for at in range(1, len(sheet.heads) + 1)]
    heads = "".join(_text(f"{letters[at]}{frozen}", head.text, _HEAD) for at, head in enumerate(sheet.heads))
    parts.append(f'<row r="{frozen}">{heads}</row>')
    styles = [_STYLES[head.kind] for head in sheet.heads]
    size = 0
    for number, row in enumerate(rows, frozen + 1):
        cells = [_cell(f"{letters[at]}{number}", value, styles[at]) for at, value in enumerate(row)]
        parts.append(f'<row r="{number}">{"".join(cells)}</row>')
        size, frame.last = size + len(parts[-1]), number
        if size > _PIECE:
            yield "".join(parts)
            parts, size = [], 0
    parts.append(
        f'</sheetData><autoFilter ref="{frame.block.replace("$", "")}"/>'
        '<pageMargins left="0.5" right="0.5" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>'
        '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/>'
        f"<headerFooter>{_printed(sheet.mark)}</headerFooter></worksheet>"
    )
    yield "".join(parts)


def _printed(mark: str) -> str:
    """Head and foot of the printed page. Both are short by Excel's rule, and an ampersand in them is a command."""
    said = escape(clean(mark).replace("&", "&&")[:200])
    head = f"<oddHeader>&amp;C{said}</oddHeader>" if said else ""
    foot = f"&amp;L{said}&amp;R" if said else "&amp;C"
    return f"{head}<oddFooter>{foot}&amp;P / &amp;N</oddFooter>"


def _cell(place: str, value: Value, style: int) -> str:
    if value is None:
        return ""
    if isinstance(value, int):
        return f'<c r="{place}" s="{style}"><v>{value:d}</v></c>'
    if isinstance(value, Decimal):
        return f'<c r="{place}" s="{style}"><v>{value:f}</v></c>'
    if isinstance(value, dt.datetime):
        since = clock.local(value) - _EPOCH
        return f'<c r="{place}" s="{_STYLES[MOMENT]}"><v>{since / dt.timedelta(days=1):.8f}</v></c>'
    if isinstance(value, dt.date):
        return f'<c r="{place}" s="{_STYLES[DAY]}"><v>{(value - _EPOCH.date()).days}</v></c>'
    # Texts, also those that are translated when they are shown; `shown` refuses what is not exact.
    text = value if isinstance(value, str) else shown(value)
    return _text(place, text, _QUOTED if _FORMULA.match(text) else 0)


def _text(place: str, text: str, style: int) -> str:
    """A text as text, whatever it begins with; the quote keeps it one when somebody edits the cell."""
    said = escape(_ESCAPED.sub("_x005F_", clean(text)[:_LONGEST]))
    return f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{said}</t></is></c>'


def _letters(number: int) -> str:
    found = ""
    while number:
        number, rest = divmod(number - 1, 26)
        found = chr(65 + rest) + found
    return found


def _named(name: str, part: int, taken: list[str]) -> str:
    """A name Excel takes: 31 characters, none of a few signs, each once."""
    stem = " ".join(_UNNAMED.sub(" ", clean(name)).split()).strip("'") or "1"
    ending = f" ({part})" if part > 1 else ""
    found, number = f"{stem[: 31 - len(ending)]}{ending}", 2
    while found.lower() in {one.lower() for one in taken}:
        ending = f" ({number})"
        found, number = f"{stem[: 31 - len(ending)]}{ending}", number + 1
    return found


def _types() -> str:
    # Every part is a sheet but those named: their number need not be known beforehand.
    return (
        f'{_XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="{_KIND}.worksheet+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/></Types>'
    )


def _ties(targets: list[tuple[str, str]]) -> str:
    ties = "".join(
        f'<Relationship Id="rId{at}" Type="{_TIED}/{kind}" Target="{target}"/>'
        for at, (kind, target) in enumerate(targets, 1)
    )
    return f'{_XML}<Relationships xmlns="{_TIES}">{ties}</Relationships>'


def _workbook(names: list[str], frames: list[tuple[int, str]]) -> str:
    sheets = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{at}" r:id="rId{at}"/>' for at, name in enumerate(names, 1)
    )
    # The heads are printed on every page; Excel wants to know the filtered block by this name.
    found = []
    for at, (name, (heads, block)) in enumerate(zip(names, frames, strict=True)):
        sheet = "'" + escape(name.replace("'", "''")) + "'"
        found += [
            f'<definedName name="_xlnm._FilterDatabase" localSheetId="{at}" hidden="1">{sheet}!{block}</definedName>',
            f'<definedName name="_xlnm.Print_Titles" localSheetId="{at}">{sheet}!$1:${heads}</definedName>',
        ]
    return (
        f'{_XML}<workbook {_MAIN} xmlns:r="{_TIED}"><bookViews><workbookView/></bookViews><sheets>{sheets}</sheets>'
        f"<definedNames>{''.join(found)}</definedNames></workbook>"
    )


def _styles() -> str:
    numbers = {code: 164 + at for at, code in enumerate(code for code in _FORMATS.values() if code != "General")}
    formats = "".join(f'<numFmt numFmtId="{number}" formatCode="{code}"/>' for code, number in numbers.items())
    plain = "".join(
        f'<xf numFmtId="{numbers.get(code, 0)}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        for code in _FORMATS.values()
    )
    head = (
        '<xf numFmtId="0" fontId="1" fillId="2" borderId="1" xfId="0" applyFont="1" applyFill="1" applyBorder="1" '
        'applyAlignment="1"><alignment horizontal="center" vertical="center" wrapText="1"/></xf>'
    )
    above = '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    quoted = '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1" applyNumberFormat="1"/>'
    side = '<{0} style="thin"><color auto="1"/></{0}>'
    sides = "".join(side.format(name) for name in ("left", "right", "top", "bottom"))
    font = '<font>{}<sz val="11"/><name val="{}"/></font>'
    fill = '<fill><patternFill patternType="{}">{}</patternFill></fill>'
    grounds = ("none", ""), ("gray125", ""), ("solid", '<fgColor rgb="FFEEEEEE"/><bgColor indexed="64"/>')
    return (
        f'{_XML}<styleSheet {_MAIN}><numFmts count="{len(numbers)}">{formats}</numFmts>'
        f'<fonts count="2">{font.format("", "宋体")}{font.format("<b/>", "黑体")}</fonts>'
        f'<fills count="3">{"".join(fill.format(*ground) for ground in grounds)}</fills>'
        '<borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border>'
        f"<border>{sides}<diagonal/></border></borders>"
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="{len(_FORMATS) + 3}">{plain}{head}{above}{quoted}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )
