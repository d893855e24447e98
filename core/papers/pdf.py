"""A paper as PDF: the layout of official documents, typefaces embedded, table heads repeated on every page."""

import functools
import threading
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from core.papers import paper as parts
from core.papers import typefaces
from core.papers.paper import Paper, clean, is_chinese, notes_of, page_words, shown
from core.papers.typefaces import HEI, SONG

_MM = 72 / 25.4
WIDTH, HEIGHT = 210 * _MM, 297 * _MM
_RED = "#c00000"
_LINE = "#444444"
_HEAD_GROUND = "#eeeeee"
# Fonts are registered for the whole process; one paper at a time also bounds the memory.
ALONE = threading.Lock()


def write(paper: Paper) -> bytes:
    """The PDF file. Same paper, same bytes."""
    with ALONE:
        return _Setting(paper).write()


class _Setting:
    """One paper being set."""

    def __init__(self, paper: Paper) -> None:
        self.paper, self.layout = paper, paper.layout
        self.width = WIDTH - (self.layout.left + self.layout.right) * _MM
        self._styles: dict[tuple, Any] = {}

    def write(self) -> bytes:
        from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

        take_typefaces(_texts(self.paper))
        layout, target = self.layout, BytesIO()
        document = BaseDocTemplate(
            target, pagesize=(WIDTH, HEIGHT), title=clean(self.paper.title), author=clean(self.paper.issuer),
            subject=clean(self.paper.number), creator="", producer="", lang=language(), invariant=1,
            initialFontName=SONG,
        )  # fmt: skip
        frame = Frame(
            layout.left * _MM, layout.bottom * _MM, self.width, HEIGHT - (layout.top + layout.bottom) * _MM,
            leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0,
        )  # fmt: skip
        document.addPageTemplates(PageTemplate(frames=[frame], onPage=self._edge, onPageEnd=self._over))
        document.build(self._story())
        return target.getvalue()

    # -- around the text ----------------------------------------------------------------------------------------------

    def _edge(self, canvas, document) -> None:
        """Page number on the outer side, what stands on every page on the inner one."""
        left, right = self.layout.left * _MM, WIDTH - self.layout.right * _MM
        height = (self.layout.bottom - 7) * _MM - 14 if self.layout.letterhead else 9 * _MM
        canvas.saveState()
        number, foot = page_words(document.page), clean(self.paper.foot)
        canvas.setFont(SONG, 14 if self.layout.letterhead else self.layout.notes)
        odd = document.page % 2 == 1
        canvas.drawRightString(right, height, number) if odd else canvas.drawString(left, height, number)
        canvas.setFont(SONG, 9)
        canvas.drawString(left, height, foot) if odd else canvas.drawRightString(right, height, foot)
        canvas.restoreState()

    def _over(self, canvas, _document) -> None:
        """The watermark, over everything and light."""
        if not self.paper.watermark:
            return
        text = clean(self.paper.watermark)
        width = canvas.stringWidth(text, HEI, 10) / 10
        canvas.saveState()
        canvas.setFillGray(0.5, alpha=0.22)
        canvas.translate(WIDTH / 2, HEIGHT / 2)
        canvas.rotate(50)
        canvas.setFont(HEI, min(72, 620 / max(width, 1)))
        canvas.drawCentredString(0, -20, text)
        canvas.restoreState()

    # -- the text -----------------------------------------------------------------------------------------------------

    def _story(self) -> list:
        from reportlab.platypus import HRFlowable, Spacer

        paper, layout = self.paper, self.layout
        story: list = []
        if layout.letterhead and paper.issuer:
            story += [
                self._line(paper.issuer, font=HEI, size=30, leading=40, align=1, colour=_RED), Spacer(1, 16),
                *([self._line(paper.number, size=layout.text, align=1)] if paper.number else []),
                HRFlowable(width="100%", thickness=1.5, color=_RED, spaceBefore=4, spaceAfter=28),
            ]  # fmt: skip
        story.append(
            self._line(
                paper.title, font=HEI, size=layout.title, leading=layout.title * 1.5, align=1, after=layout.leading
            )
        )
        if paper.number and not (layout.letterhead and paper.issuer):
            story.append(self._line(paper.number, align=2, after=6))
        if paper.addressee:
            story.append(self._line(paper.addressee))
        for block in paper.blocks:
            story += self._block(block)
        story += self._end()
        return story

    @functools.singledispatchmethod
    def _block(self, block) -> list:
        raise TypeError(f"a paper has no {type(block).__name__}")

    @_block.register
    def _(self, block: parts.Heading) -> list:
        from reportlab.platypus import CondPageBreak

        size = self.layout.text
        # Not alone at the foot of a page; keeping it with the next block would drag a whole table along.
        room = CondPageBreak(4 * self.layout.leading)
        return [
            room,
            self._line(block.text, font=HEI if block.level == 1 else SONG, size=size, indent=2 * size, before=6),
        ]

    @_block.register
    def _(self, block: parts.Paragraph) -> list:
        return [self._line(block.text, indent=2 * self.layout.text if block.indent else 0, align=4)]

    @_block.register
    def _(self, block: parts.PageBreak) -> list:
        from reportlab.platypus import PageBreak

        return [PageBreak()]

    @_block.register
    def _(self, block: parts.Picture) -> list:
        from reportlab.platypus import Image, KeepTogether

        image = Image(BytesIO(block.data))
        scale = min(self.width * block.width / image.imageWidth, 0.6 * HEIGHT / image.imageHeight)
        image.drawWidth, image.drawHeight = image.imageWidth * scale, image.imageHeight * scale
        caption = [self._small(block.caption, align=1)] if block.caption else []
        return [KeepTogether([image, *caption])]

    @_block.register
    def _(self, block: parts.Table) -> list:
        from reportlab.platypus import CondPageBreak, LongTable, Spacer

        share = sum(column.width for column in block.columns)
        widths = [self.width * column.width / share for column in block.columns]
        aligns = [column.align for column in block.columns]
        heads = [
            self._cell(column.head, widths[at], parts.MIDDLE, font=HEI) for at, column in enumerate(block.columns)
        ]  # fmt: skip
        rows = [
            [self._cell(shown(value), widths[at], aligns[at]) for at, value in enumerate(row)] for row in block.rows
        ]
        table = LongTable([heads, *rows], colWidths=widths, repeatRows=1, style=self._table_style(aligns))
        caption = self._line(block.caption, font=HEI, size=self.layout.table + 1, align=1, before=6)
        notes = [self._small(line) for line in notes_of(block.notes)]
        room = CondPageBreak(8 * self.layout.table)
        return [room, caption if block.caption else Spacer(1, 6), table, *notes, Spacer(1, 8)]

    @_block.register
    def _(self, block: parts.Form) -> list:
        from reportlab.platypus import Spacer, Table

        label, box = self.width * 0.17, self.width * 0.33
        rows, spans = [], []
        for at, line in enumerate(block.lines()):
            room = box if len(line) == 2 else self.width - label
            row: list = []
            for one in line:
                empty = "\n" * (one.lines - 1)
                row += [self._cell(one.label, label, parts.MIDDLE, font=HEI)]
                row += [self._cell(shown(one.value) if one.value is not None else empty, room, parts.START, one.lines)]
            if len(line) == 1:
                row += ["", ""]
                spans.append(("SPAN", (1, at), (3, at)))
            rows.append(row)
        style = self._table_style([parts.MIDDLE, parts.START] * 2, head=False)
        return [Table(rows, colWidths=[label, box] * 2, style=[*style, *spans]), Spacer(1, 8)]

    def _end(self) -> list:
        from reportlab.platypus import HRFlowable, KeepTogether, Spacer

        paper, layout = self.paper, self.layout
        story: list = []
        signed = [self._line(f"{label}____________________", align=2, before=8) for label in paper.signatures]
        # The issuer stands above the date, both four characters in from the right.
        inset = 4 * layout.text if layout.letterhead else 0
        names = [self._line(paper.issuer, align=2, right=inset)] if paper.issuer and paper.date else []
        dated = [self._line(shown(paper.date), align=2, right=inset)] if paper.date else []
        if signed or dated:
            story.append(KeepTogether([Spacer(1, layout.leading), *signed, *names, *dated]))
        if paper.notes:
            rule = HRFlowable(width="30%", thickness=0.5, color=_LINE, hAlign="LEFT", spaceBefore=12, spaceAfter=4)
            story += [rule, *(self._small(line) for line in notes_of(paper.notes))]
        return story

    # -- pieces -------------------------------------------------------------------------------------------------------

    def _line(self, text: str, *, size: float | None = None, leading: float | None = None, **look):
        from reportlab.platypus import Paragraph

        size = size or self.layout.text
        leading = leading or (self.layout.leading if size == self.layout.text else size * 1.5)
        style = self._style(size=size, leading=leading, chinese=is_chinese(text), **look)
        return Paragraph(_markup(text), style)

    def _small(self, text: str, align: int = 0):
        return self._line(text, size=self.layout.notes, leading=self.layout.notes * 1.5, align=align, before=1)

    def _style(
        self, *, size, leading, chinese, font=SONG, align=0, indent=0, before=0, after=0, right=0, colour="#000000"
    ):  # fmt: skip

        from reportlab.lib.styles import ParagraphStyle

        key = (size, leading, chinese, font, align, indent, before, after, right, colour)
        if key not in self._styles:
            self._styles[key] = ParagraphStyle(
                "p", fontName=font, fontSize=size, leading=leading, alignment=align, firstLineIndent=indent,
                spaceBefore=before, spaceAfter=after, rightIndent=right, textColor=colour,
                wordWrap="CJK" if chinese else None, allowWidows=0, allowOrphans=0,
            )  # fmt: skip
        return self._styles[key]

    def _cell(self, text: str, width: float, align: str, lines: int = 1, font: str = SONG):
        """A cell: plain text where it fits on one line, which is set many times faster."""
        from reportlab.pdfbase.pdfmetrics import stringWidth

        size, text = self.layout.table, clean(text)
        if font == SONG and lines == 1 and "\n" not in text and stringWidth(text, font, size) <= width - 8:
            return text
        style = {parts.START: 0, parts.MIDDLE: 1, parts.END: 2}[align]
        return self._line(text, size=size, leading=size * 1.35, font=font, align=style)

    def _table_style(self, aligns: list[str], *, head: bool = True) -> list[tuple]:
        words = {parts.START: "LEFT", parts.MIDDLE: "CENTER", parts.END: "RIGHT"}
        size = self.layout.table
        style = [
            ("FONT", (0, 0), (-1, -1), SONG, size, size * 1.35),
            ("GRID", (0, 0), (-1, -1), 0.5, _LINE),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ("LEFTPADDING", (0, 0), (-1, -1), 4), ("RIGHTPADDING", (0, 0), (-1, -1), 4),
            ("TOPPADDING", (0, 0), (-1, -1), 3), ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
            *(("ALIGN", (at, 0), (at, -1), words[align]) for at, align in enumerate(aligns)),
        ]  # fmt: skip
        return [*style, ("BACKGROUND", (0, 0), (-1, 0), _HEAD_GROUND)] if head else style


def take_typefaces(texts: list[str]) -> None:
    """Register the typefaces of one paper in place of those of the paper before."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    for name in (SONG, HEI):
        font = TTFont(name, typefaces.cut_down(name, texts))
        # ReportLab keeps the first font of a name and of a face for good; nothing public makes it forget them.
        pdfmetrics._fonts.pop(name, None)
        pdfmetrics._dynFaceNames.pop(font.face.name, None)
        pdfmetrics.registerFont(font)


def _markup(text: str) -> str:
    return escape(clean(text)).replace("\n", "<br/>")


def language() -> str:
    """The language tag of the file, from the reader's language."""
    from django.utils.translation import get_language

    return "zh-CN" if (get_language() or "zh").startswith("zh") else "en"


def _texts(paper: Paper) -> list[str]:
    """Every text that will be set, for the typefaces."""
    found = [paper.title, paper.issuer, paper.number, paper.addressee, paper.foot, paper.watermark, shown(paper.date)]
    found += [*paper.signatures, *notes_of(paper.notes), page_words("0123456789")]
    for block in paper.blocks:
        if isinstance(block, parts.Table):
            found += [block.caption, *notes_of(block.notes), *(column.head for column in block.columns)]
            found += [shown(value) for row in block.rows for value in row]
        elif isinstance(block, parts.Form):
            found += [text for one in block.fields for text in (one.label, shown(one.value))]
        elif isinstance(block, parts.Picture):
            found.append(block.caption)
        elif isinstance(block, parts.Heading | parts.Paragraph):
            found.append(block.text)
    return [clean(text) for text in found]
