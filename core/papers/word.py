"""A paper as Word: the layout of official documents, with styles a reader can work on and heads that repeat."""

import functools
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from core.papers import paper as parts
from core.papers.paper import Paper, clean, notes_of, page_words, shown

FANGSONG, HEI, KAI, TITLE, LATIN = "仿宋", "黑体", "楷体", "方正小标宋简体", "Times New Roman"
# What Word takes where a typeface is not installed.
_INSTEAD = {
    FANGSONG: "仿宋_GB2312,FangSong,STFangsong,Noto Serif CJK SC,宋体",
    HEI: "SimHei,STHeiti,Noto Sans CJK SC,微软雅黑",
    KAI: "楷体_GB2312,KaiTi,STKaiti,Noto Serif CJK SC",
    TITLE: "方正小标宋_GBK,小标宋,STZhongsong,华文中宋,宋体",
}
_RED = "C00000"
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_V = 'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
_ALIGNED = {parts.START: "left", parts.MIDDLE: "center", parts.END: "right"}
# Twentieths of a point.
_MM = 1440 / 25.4


def write(paper: Paper) -> bytes:
    """The .docx file."""
    return _Setting(paper).write()


class _Setting:
    """One paper being set."""

    def __init__(self, paper: Paper) -> None:
        from docx import Document

        self.paper, self.layout = paper, paper.layout
        self.width = round((210 - self.layout.left - self.layout.right) * _MM)
        self.document = Document()
        self.body = self.document.element.body

    def write(self) -> bytes:
        self._page()
        self._typefaces()
        self._story()
        self._edges()
        about = self.document.core_properties
        about.title, about.author = clean(self.paper.title)[:255], clean(self.paper.issuer)[:255]
        about.subject, about.comments = clean(self.paper.number)[:255], ""
        target = BytesIO()
        self.document.save(target)
        return target.getvalue()

    # -- the sheet ----------------------------------------------------------------------------------------------------

    def _page(self) -> None:
        from docx.shared import Mm

        section, layout = self.document.sections[0], self.layout
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.bottom_margin = Mm(layout.top), Mm(layout.bottom)
        section.left_margin, section.right_margin = Mm(layout.left), Mm(layout.right)
        section.header_distance, section.footer_distance = Mm(12), Mm(layout.bottom - 13 if layout.letterhead else 9)
        self.document.settings.odd_and_even_pages_header_footer = True

    def _typefaces(self) -> None:
        """Styles by what they are for, and what stands in for a typeface that is not installed."""
        layout = self.layout
        for name, font, size in (
            ("Normal", FANGSONG, layout.text), ("Title", TITLE, layout.title), ("Heading 1", HEI, layout.text),
            ("Heading 2", KAI, layout.text), ("Caption", HEI, layout.table + 1), ("Footer", LATIN, 14),
        ):  # fmt: skip
            self._style(self.document.styles[name], font, size)
        fonts = "".join(
            f"<w:font w:name={quoteattr(name)}><w:altName w:val={quoteattr(instead)}/>"
            '<w:charset w:val="86"/><w:family w:val="auto"/><w:pitch w:val="variable"/></w:font>'
            for name, instead in _INSTEAD.items()
        )
        for part in self.document.part.package.iter_parts():
            if part.partname == "/word/fontTable.xml":
                part._blob = f'<?xml version="1.0" encoding="UTF-8"?><w:fonts {_W}>{fonts}</w:fonts>'.encode()

    def _style(self, style: Any, font: str, size: float) -> None:
        from docx.oxml.ns import qn
        from docx.shared import Pt, RGBColor

        latin = LATIN if font in (FANGSONG, LATIN) else font
        style.font.size, style.font.bold, style.font.italic = Pt(size), False, False
        style.font.name, style.font.color.rgb = latin, RGBColor(0, 0, 0)
        # Names replace the fonts of the theme, which know no Chinese.
        names = style.element.rPr.rFonts
        names.attrib.clear()
        for name, value in (("ascii", latin), ("hAnsi", latin), ("cs", latin), ("eastAsia", font)):
            names.set(qn(f"w:{name}"), value)
        spacing = style.element.get_or_add_pPr()
        for child in list(spacing):
            if child.tag in (qn("w:pBdr"), qn("w:spacing"), qn("w:contextualSpacing"), qn("w:tabs")):
                spacing.remove(child)

    def _edges(self) -> None:
        """Page number on the outer side, what stands on every page on the inner one; the watermark behind the text."""
        section, foot = self.document.sections[0], clean(self.paper.foot)
        number = _field("PAGE")
        before, after = page_words("\0").split("\0")
        numbered = f"{_run(before, 28)}{number}{_run(after, 28)}"
        small, tab = _run(foot, 18), "<w:r><w:tab/></w:r>"
        stops = f'<w:tabs><w:tab w:val="right" w:pos="{self.width}"/></w:tabs>'
        for footer, inside in (
            (section.footer, f"{small}{tab}{numbered}"), (section.even_page_footer, f"{numbered}{tab}{small}"),
        ):  # fmt: skip
            _replace(footer, f'<w:p {_W}><w:pPr><w:pStyle w:val="Footer"/>{stops}</w:pPr>{inside}</w:p>')
        if self.paper.watermark:
            for at, header in enumerate((section.header, section.even_page_header)):
                _replace(header, _watermark(clean(self.paper.watermark), at))

    # -- the text -----------------------------------------------------------------------------------------------------

    def _story(self) -> None:
        paper, layout = self.paper, self.layout
        if layout.letterhead and paper.issuer:
            self._line(paper.issuer, align="center", font=TITLE, size=30, colour=_RED, after=16, leading=44)
            self._line(paper.number, align="center", rule=_RED, after=28)
        self._line(paper.title, style="Title", align="center", leading=layout.title * 1.5, after=layout.leading)
        if paper.number and not (layout.letterhead and paper.issuer):
            self._line(paper.number, align="right", after=6)
        if paper.addressee:
            self._line(paper.addressee)
        for block in paper.blocks:
            self._block(block)
        self._end()

    @functools.singledispatchmethod
    def _block(self, block) -> None:
        raise TypeError(f"a paper has no {type(block).__name__}")

    @_block.register
    def _(self, block: parts.Heading) -> None:
        self._line(block.text, style=f"Heading{block.level}", indent=True, keep=True, before=6)

    @_block.register
    def _(self, block: parts.Paragraph) -> None:
        self._line(block.text, align="both", indent=block.indent)

    @_block.register
    def _(self, block: parts.PageBreak) -> None:
        self._add(f'<w:p {_W}><w:r><w:br w:type="page"/></w:r></w:p>')

    @_block.register
    def _(self, block: parts.Picture) -> None:
        from docx.image.image import Image
        from docx.shared import Twips

        image = Image.from_blob(block.data)
        scale = min(self.width * 635 * block.width / image.width, 0.6 * 297 * 36000 / image.height)
        paragraph = self.document.add_paragraph()
        paragraph.alignment, paragraph.paragraph_format.keep_with_next = 1, bool(block.caption)
        paragraph.add_run().add_picture(BytesIO(block.data), width=Twips(round(image.width * scale / 635)))
        if block.caption:
            self._small(block.caption, align="center")

    @_block.register
    def _(self, block: parts.Table) -> None:
        if block.caption:
            self._line(block.caption, style="Caption", align="center", keep=True, before=6, leading=0)
        share = sum(column.width for column in block.columns)
        widths = [round(self.width * column.width / share) for column in block.columns]
        heads = "".join(
            _cell(self._inside(column.head, "center", HEI), widths[at], shaded=True)
            for at, column in enumerate(block.columns)
        )
        rows = [f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{heads}</w:tr>"]
        for row in block.rows:
            cells = (
                _cell(self._inside(shown(value), _ALIGNED[column.align]), widths[at])
                for at, (column, value) in enumerate(zip(block.columns, row, strict=True))
            )
            rows.append(f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{''.join(cells)}</w:tr>")
        self._table(widths, rows)
        for line in notes_of(block.notes):
            self._small(line)
        self._gap()

    @_block.register
    def _(self, block: parts.Form) -> None:
        label, box = round(self.width * 0.17), round(self.width * 0.33)
        rows = []
        for line in block.lines():
            cells = ""
            for one in line:
                lines = shown(one.value) if one.value is not None else ""
                lines += "\n" * (one.lines - 1 - lines.count("\n"))
                span = 3 if len(line) == 1 else 1
                cells += _cell(self._inside(one.label, "center", HEI), label)
                cells += _cell(self._inside(lines, "left"), box if span == 1 else self.width - label, span=span)
            rows.append(f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr>")
        self._table([label, box, label, box], rows)
        self._gap()

    def _end(self) -> None:
        paper, layout = self.paper, self.layout
        # The issuer stands above the date, both four characters in from the right.
        inset = round(4 * layout.text * 20) if layout.letterhead else 0
        before = layout.leading
        for label in paper.signatures:
            self._line(f"{label}____________________", align="right", before=before, keep=True)
            before = 8
        if paper.date:
            if paper.issuer:
                self._line(paper.issuer, align="right", right=inset, before=before, keep=True)
            self._line(shown(paper.date), align="right", right=inset)
        for at, line in enumerate(notes_of(paper.notes)):
            self._small(line, rule=at == 0)

    # -- pieces -------------------------------------------------------------------------------------------------------

    def _add(self, xml: str) -> None:
        from docx.oxml import parse_xml

        self.body.insert(len(self.body) - 1, parse_xml(xml))

    def _line(
        self, text: str, *, style="", align="left", indent=False, font="", size=0, colour="", leading=None, before=0,
        after=0, right=0, keep=False, rule="", rule_above=False,
    ) -> None:  # fmt: skip
        """One paragraph. Members of its properties stand in the order the format asks for."""
        leading = self.layout.leading if leading is None else leading
        edge = "top" if rule_above else "bottom"
        border = (
            f'<w:pBdr><w:{edge} w:val="single" w:sz="{4 if rule_above else 12}" w:space="6" w:color="{rule}"/></w:pBdr>'
        )
        exact = (
            f' w:line="{round(leading * 20)}" w:lineRule="{"exact" if leading < 30 else "atLeast"}"' if leading else ""
        )
        # Word takes the characters, others the points.
        first = f' w:firstLineChars="200" w:firstLine="{round(self.layout.text * 40)}"' if indent else ""
        properties = "".join((
            f'<w:pStyle w:val="{style}"/>' if style else "",
            "<w:keepNext/>" if keep else "",
            border if rule else "",
            f'<w:spacing w:before="{round(before * 20)}" w:after="{round(after * 20)}"{exact}/>',
            f'<w:ind w:right="{right}"{first}/>',
            f'<w:jc w:val="{align}"/>',
        ))  # fmt: skip
        self._add(f"<w:p {_W}><w:pPr>{properties}</w:pPr>{_run(text, round(size * 2), font, colour)}</w:p>")

    def _small(self, text: str, align: str = "left", rule: bool = False) -> None:
        size = self.layout.notes
        self._line(
            text, align=align, size=size, leading=size * 1.5, before=24 if rule else 1, rule="444444" if rule else "",
            rule_above=True,
        )  # fmt: skip

    def _gap(self) -> None:
        """What Word needs between two tables, and a little air."""
        self._line("", size=4, leading=8)

    def _inside(self, text: str, align: str, font: str = "") -> str:
        run = _run(text, round(self.layout.table * 2), font)
        return f'<w:p><w:pPr><w:spacing w:before="40" w:after="40"/><w:jc w:val="{align}"/></w:pPr>{run}</w:p>'

    def _table(self, widths: list[int], rows: list[str]) -> None:
        sides = "".join(
            f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="444444"/>'
            for side in ("top", "left", "bottom", "right", "insideH", "insideV")
        )
        grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
        self._add(
            f'<w:tbl {_W}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
            f"<w:tblBorders>{sides}</w:tblBorders>"
            '<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="80" w:type="dxa"/><w:right w:w="80" w:type="dxa"/>'
            f"</w:tblCellMar></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
        )


def _cell(inside: str, width: int, span: int = 1, shaded: bool = False) -> str:
    merged = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    ground = '<w:shd w:val="clear" w:color="auto" w:fill="EEEEEE"/>' if shaded else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{merged}{ground}<w:vAlign w:val="center"/></w:tcPr>'
        f"{inside}</w:tc>"
    )


def _run(text: str, size: int = 0, font: str = "", colour: str = "") -> str:
    """A run of text; size in half points."""
    names = f'<w:rFonts w:ascii="{font}" w:hAnsi="{font}" w:eastAsia="{font}"/>' if font else ""
    tint = f'<w:color w:val="{colour}"/>' if colour else ""
    sized = f'<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>' if size else ""
    lines = (f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in clean(text).split("\n"))
    return f"<w:r><w:rPr>{names}{tint}{sized}</w:rPr>{'<w:br/>'.join(lines)}</w:r>"


def _field(name: str) -> str:
    mark = '<w:r><w:rPr><w:sz w:val="28"/></w:rPr><w:fldChar w:fldCharType="{}"/></w:r>'
    return (
        f'{mark.format("begin")}<w:r><w:rPr><w:sz w:val="28"/></w:rPr><w:instrText xml:space="preserve"> {name} '
        f"</w:instrText></w:r>{mark.format('separate')}{_run('1', 28)}{mark.format('end')}"
    )


def _watermark(text: str, at: int) -> str:
    wide = min(520, 70 * len(text))
    return (
        f'<w:p {_W} {_V}><w:r><w:pict><v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800" '
        'path="m@7,l@8,m@5,21600l@6,21600e"><v:formulas><v:f eqn="sum #0 0 10800"/><v:f eqn="prod #0 2 1"/>'
        '<v:f eqn="sum 21600 0 @1"/><v:f eqn="sum 0 0 @2"/><v:f eqn="sum 21600 0 @3"/><v:f eqn="if @0 @3 0"/>'
        '<v:f eqn="if @0 21600 @1"/><v:f eqn="if @0 0 @2"/><v:f eqn="if @0 @4 21600"/></v:formulas>'
        f'<v:path textpathok="t" o:connecttype="rect"/><v:textpath on="t" fitshape="t"/></v:shapetype>'
        f'<v:shape id="watermark{at}" type="#_x0000_t136" style="position:absolute;margin-left:0;margin-top:0;'
        f"width:{wide}pt;height:{round(wide / max(len(text), 1) * 1.1)}pt;rotation:310;z-index:-251658752;"
        "mso-position-horizontal:center;mso-position-horizontal-relative:margin;mso-position-vertical:center;"
        f'mso-position-vertical-relative:margin" fillcolor="#c8c8c8" stroked="f"><v:fill opacity=".5"/>'
        f'<v:textpath style="font-family:&quot;{HEI}&quot;" string={quoteattr(text)}/></v:shape></w:pict></w:r></w:p>'
    )


def _replace(edge: Any, xml: str) -> None:
    """Give a header or footer this one paragraph."""
    from docx.oxml import parse_xml

    edge.is_linked_to_previous = False
    for child in list(edge._element):
        edge._element.remove(child)
    edge._element.append(parse_xml(xml))
