"""The typefaces inside a PDF: a Song for text and a Hei for headings, cut down to the characters of one paper.

The installed fonts hold PostScript outlines; the PDF writer embeds TrueType outlines only. So the few characters a
paper needs are taken out and their curves rewritten: docs/decisions/0014.
"""

import logging
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

SONG, HEI = "Song", "Hei"
# How far a rewritten curve may lie from the drawn one, of 1000 units to the height of a character.
_TOLERANCE = 1.0
# Beyond it cutting again for one new character costs more than is saved; a page has some hundred and fifty.
_MOST_SIGNS = 500
_cuts: dict[str, tuple[frozenset[int], bytes]] = {}
_KEPT = ("head", "hhea", "maxp", "OS/2", "hmtx", "cmap", "name", "post", "CFF ", "GlyphOrder")
# Numbers a font without instructions and without composed characters has to state all the same.
_NOTHING = (
    "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs", "maxStackElements",
    "maxSizeOfInstructions", "maxComponentElements", "maxPoints", "maxContours", "maxCompositePoints",
    "maxCompositeContours", "maxComponentDepth",
)  # fmt: skip

# It tells every character it keeps.
logging.getLogger("fontTools").setLevel(logging.WARNING)


def path_of(name: str) -> Path:
    """Where a typeface lies."""
    import pylopdf_fonts_zh_cn as fonts

    return fonts.serif_path() if name == SONG else fonts.sans_path()


def cut_down(name: str, texts: Iterable[str]) -> BytesIO:
    """A TrueType font that has the characters of these texts, and those of papers written before by this process.

    Cutting is nearly all a paper costs, and most papers say the same things. What a paper does not use of the font is
    left out once more when the PDF is written.
    """
    # Figures and letters are in every font, so that no paper asks for an empty one.
    signs = frozenset((*range(0x20, 0x7F), *(ord(sign) for text in texts for sign in text)))
    known, font = _cuts.get(name, (frozenset(), b""))
    if not signs <= known:
        known = signs | known if len(signs | known) <= _MOST_SIGNS else signs
        font = _cut(name, known)
        _cuts[name] = known, font
    return BytesIO(font)


def _cut(name: str, signs: Iterable[int]) -> bytes:
    from fontTools import subset
    from fontTools.ttLib import TTFont

    result = BytesIO()
    with TTFont(path_of(name), lazy=True, recalcTimestamp=False) as font:
        for tag in [tag for tag in font.keys() if tag not in _KEPT]:  # noqa: SIM118 - a font is no dict
            del font[tag]
        options = subset.Options(hinting=False, layout_features=[], desubroutinize=True, notdef_outline=True)
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=signs)
        cutter.subset(font)
        _rewrite(font)
        font.save(result)
    return result.getvalue()


def _rewrite(font) -> None:
    """PostScript curves become TrueType curves."""
    from fontTools.pens.cu2quPen import Cu2QuPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen
    from fontTools.ttLib import newTable

    drawn, outlines = font.getGlyphSet(), newTable("glyf")
    outlines.glyphOrder, outlines.glyphs = font.getGlyphOrder(), {}
    for name in outlines.glyphOrder:
        pen = TTGlyphPen(None)
        drawn[name].draw(Cu2QuPen(pen, _TOLERANCE, reverse_direction=True))
        outlines.glyphs[name] = pen.glyph()
    font["glyf"], font["loca"] = outlines, newTable("loca")
    del font["CFF "]
    limits = font["maxp"]
    limits.tableVersion, limits.maxZones = 0x00010000, 1
    for name in _NOTHING:
        setattr(limits, name, 0)
    font["post"].formatType = 3.0
    font.sfntVersion = "\x00\x01\x00\x00"
