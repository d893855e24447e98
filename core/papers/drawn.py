"""Pages drawn freely, for what is no document: signs. The typefaces are those of the papers, embedded."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from core.papers import pdf
from core.papers.paper import clean


@dataclass
class Drawing:
    """A canvas of A4 pages (ReportLab's, points from the lower left corner) and the file it becomes."""

    canvas: Any
    target: BytesIO

    def bytes(self) -> bytes:
        """The finished file."""
        self.canvas.save()
        return self.target.getvalue()


@contextmanager
def drawing(texts: Iterable[str], *, title: str) -> Iterator[Drawing]:
    """A canvas whose typefaces `Song` and `Hei` hold the characters of these texts. Same pages, same bytes."""
    from reportlab.pdfgen.canvas import Canvas

    with pdf.ALONE:
        pdf.take_typefaces([clean(text) for text in texts])
        target = BytesIO()
        canvas = Canvas(
            target, pagesize=(pdf.WIDTH, pdf.HEIGHT), invariant=1, lang=pdf.language(), initialFontName=pdf.SONG
        )
        canvas.setTitle(clean(title))
        canvas.setCreator("")
        canvas.setProducer("")
        yield Drawing(canvas, target)
