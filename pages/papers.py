"""A paper as its readers get it: on the page, as Word, as PDF; the same figures, for they are the same paper."""

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header

from core.papers import pdf, word
from core.papers.paper import END, Form, Heading, Paper, Paragraph, Picture, Table, notes_of, shown

WORD, PDF = "docx", "pdf"
_TYPES = {
    WORD: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    PDF: "application/pdf",
}


@dataclass(frozen=True)
class Part:
    """One block for the template. name: what it is; rows: values as they are printed."""

    name: str
    block: Any
    rows: list = field(default_factory=list)


def answer(request: HttpRequest, paper: Paper, *, template: str, context: dict, name: str) -> HttpResponse:
    """The paper in the form `?as=` asks for; the page without it. name: of the file, without its ending."""
    kind = request.GET.get("as")
    if kind not in _TYPES:
        return render(request, template, {**context, "paper": paper, "parts": parts(paper), **_around(request, paper)})
    return file(paper, kind, name)


def file(paper: Paper, kind: str, name: str) -> HttpResponse:
    """The paper as a file; PDF where the kind is none of ours."""
    kind = kind if kind in _TYPES else PDF
    response = HttpResponse(word.write(paper) if kind == WORD else pdf.write(paper), content_type=_TYPES[kind])
    response["Content-Disposition"] = content_disposition_header(True, f"{name}.{kind}")
    response["Cache-Control"] = "private, no-store"
    return response


def parts(paper: Paper) -> list[Part]:
    """The blocks in order, values written as Word and PDF write them. Pictures are the page's own business."""
    found = []
    for block in paper.blocks:
        if isinstance(block, Heading):
            found.append(Part("heading", block))
        elif isinstance(block, Paragraph):
            found.append(Part("paragraph", block))
        elif isinstance(block, Table):
            ends = [column.align == END for column in block.columns]
            rows = [[(shown(value), end) for value, end in zip(row, ends, strict=True)] for row in block.rows]
            found.append(Part("table", block, rows))
        elif isinstance(block, Form):
            found.append(Part("form", block, [(one.label, shown(one.value), one.wide) for one in block.fields]))
        elif isinstance(block, Picture):
            found.append(Part("picture", block))
    return found


def _around(request: HttpRequest, paper: Paper) -> dict:
    query = request.GET.copy()
    addresses = {}
    for kind in _TYPES:
        query["as"] = kind
        addresses[kind] = f"{request.path}?{query.urlencode()}"
    return {"word_url": addresses[WORD], "pdf_url": addresses[PDF], "notes": notes_of(paper.notes)}
