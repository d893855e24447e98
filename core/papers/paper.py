"""What stands on a paper, whoever writes it: immutable, checked when made, without any layout but its name (pure).

Every figure is shown by `shown`, in Word as in PDF: the two cannot differ.
"""

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core import wording

Value = str | int | Decimal | dt.date | dt.datetime | None

START, MIDDLE, END = "start", "middle", "end"
# What neither XML nor a typeface can hold.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_CHINESE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef]|[\U00020000-\U0003ffff]")


@dataclass(frozen=True)
class Layout:
    """Sizes in points, margins in millimetres. letterhead: the issuer stands above a red line."""

    top: float
    right: float
    bottom: float
    left: float
    title: float
    text: float
    leading: float
    table: float
    notes: float
    letterhead: bool


# GB/T 9704-2012: the type area is 156 by 225 mm, the title in size 2, the text in size 3.
OFFICIAL = Layout(37, 26, 35, 28, title=22, text=16, leading=28, table=11, notes=10.5, letterhead=True)
# Slips and case files: more room, no red head.
FORM = Layout(20, 20, 20, 20, title=18, text=12, leading=20, table=10.5, notes=9, letterhead=False)


@dataclass(frozen=True)
class Heading:
    """A heading; numbering such as “一、” is part of the text. level: 1 or 2."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    """A paragraph. indent: its first line by two characters."""

    text: str
    indent: bool = True


@dataclass(frozen=True)
class Column:
    """A column of a table. width: its share, against those of the others."""

    head: str
    width: float = 1
    align: str = START


@dataclass(frozen=True)
class Table:
    """Rows under heads that repeat on every page. notes: in small print right below."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    caption: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.columns or any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError("every row of a table has one value for each column")


@dataclass(frozen=True)
class Field:
    """A labelled box. wide: over the whole line; lines: how many lines of text it leaves room for."""

    label: str
    value: Value = None
    wide: bool = False
    lines: int = 1


@dataclass(frozen=True)
class Form:
    """Labelled boxes, two beside each other unless they are wide."""

    fields: tuple[Field, ...]

    def lines(self) -> list[tuple[Field, ...]]:
        """The boxes line by line; one that has no neighbour is as wide as the line."""
        found: list[tuple[Field, ...]] = []
        for one in self.fields:
            last = found[-1] if found else ()
            if len(last) == 1 and not last[0].wide and not one.wide:
                found[-1] = (*last, one)
            else:
                found.append((one,))
        return found


@dataclass(frozen=True)
class Picture:
    """A JPEG or PNG. width: its share of the line, up to 1."""

    data: bytes
    caption: str = ""
    width: float = 0.6


@dataclass(frozen=True)
class PageBreak:
    """What follows begins on a new page."""


Block = Heading | Paragraph | Table | Form | Picture | PageBreak


@dataclass(frozen=True)
class Paper:
    """A paper. The parts stand in this order, empty ones are left out.

    issuer: the letterhead, and the name above the date; number: 发文字号; foot: on every page beside the page number;
    signatures: labels, each with a line to sign on; notes: definitions and cut-off, numbered, below everything;
    watermark: across every page.
    """

    title: str
    blocks: tuple[Block, ...]
    issuer: str = ""
    number: str = ""
    addressee: str = ""
    signatures: tuple[str, ...] = ()
    date: dt.date | None = None
    notes: tuple[str, ...] = ()
    foot: str = ""
    watermark: str = ""
    layout: Layout = OFFICIAL

    def __post_init__(self) -> None:
        if not self.title.strip():
            raise ValueError("a paper has a title")


def shown(value: Value) -> str:
    """How a value is printed: figures with the places they have, days and moments in words, nothing as a dash."""
    if value is None:
        return "–"
    if isinstance(value, dt.datetime):
        return wording.moment(value)
    if isinstance(value, dt.date):
        return wording.day(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, float):
        raise TypeError("a figure on a paper is exact: give a Decimal")
    return clean(str(value))


def clean(text: str) -> str:
    """The text without characters that cannot be printed."""
    return _UNPRINTABLE.sub("", text)


def is_chinese(text: str) -> bool:
    """Whether lines of this text may break between any two characters."""
    return _CHINESE.search(text) is not None


def notes_of(lines: tuple[str, ...]) -> list[str]:
    """Notes as they are printed: the first says that they are notes, several are numbered."""
    if not lines:
        return []
    numbered = lines if len(lines) == 1 else [f"{at}. {line}" for at, line in enumerate(lines, 1)]
    first, *others = (clean(line) for line in numbered)
    return [_("Notes: %(text)s") % {"text": first}, *others]


_NUMERALS = "〇一二三四五六七八九十"


def numbered(number: int, text: str) -> str:
    """A first-level heading with its number as official papers write it: “一、…” in Chinese, “1. …” in English."""
    if not (get_language() or "zh").startswith("zh"):
        return f"{number}. {text}"
    tens, ones = divmod(number, 10)
    words = (f"{_NUMERALS[tens] if tens > 1 else ''}十" if tens else "") + (_NUMERALS[ones] if ones else "")
    return f"{words}、{text}"


def page_words(number: object) -> str:
    """A page number as official papers write it."""
    return f"— {number} —"
