"""What stands on a sign: the place, its QR code, the code to type, the post's phone, how to use it; no names."""

import functools
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import segno
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from core.papers.drawn import Drawing, drawing
from grids import spots
from grids.directory import Place, directory
from grids.models import Area, Spot

HOTLINE = "12345"
_MM = 72 / 25.4


@dataclass(frozen=True)
class Sign:
    """One sheet. where: the areas around the grid, from the district down. spot: empty on a grid's own sign."""

    code: str
    spoken: str
    grid: str
    spot: str
    where: str
    phone: str
    link: str
    short_link: str


def signs_of(request: HttpRequest, grids: Iterable[Place], *, with_spots: bool = True) -> list[Sign]:
    """The signs of these grids, each grid's own first, then those of its spots."""
    grids = list(grids)
    around = {area_id for grid in grids for area_id in grid.path}
    phones = dict(Area.objects.filter(pk__in=around).exclude(phone="").values_list("pk", "phone"))
    below: dict[int, list[Spot]] = {}
    if with_spots:
        for spot in Spot.objects.filter(area__in=[grid.id for grid in grids], ends=None).order_by("code"):
            below.setdefault(spot.area_id, []).append(spot)
    found = []
    for grid in grids:
        phone = next((phones[area_id] for area_id in reversed(grid.path) if area_id in phones), HOTLINE)
        found.append(_sign(request, grid, phone))
        found += [_sign(request, grid, phone, spot) for spot in below.get(grid.id, ())]
    return found


def _sign(request: HttpRequest, grid: Place, phone: str, spot: Spot | None = None) -> Sign:
    code = spot.code if spot else grid.code
    return Sign(
        code=code,
        spoken=spots.spoken(code),
        grid=grid.name,
        spot=spot.name if spot else "",
        where=" ".join(place.name for place in directory().path(grid.id)[1:-1]),
        phone=phone,
        link=link_to(request, reverse("public:report", args=[code])),
        short_link=link_to(request, reverse("public:choose")).partition("://")[2],
    )


def link_to(request: HttpRequest, path: str) -> str:
    """An address residents can open from outside: under PUBLIC_URL, else as this request came in."""
    return f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else request.build_absolute_uri(path)


@functools.lru_cache(maxsize=256)
def qr(link: str) -> Any:
    """The code with medium error correction: a torn corner or a sticker does not spoil it."""
    return segno.make(link, error="m", micro=False)


def svg(link: str) -> bytes:
    """The code as a drawing that fits any size."""
    out = io.BytesIO()
    qr(link).save(out, kind="svg", border=4, dark="#000", light="#fff", omitsize=True)
    return out.getvalue()


def steps() -> tuple[str, ...]:
    """How to use it, in three lines."""
    return (
        _("Scan the code with the camera or WeChat: no app, no account."),
        _("Take a photo, say what is wrong, send it."),
        _("Keep your code: with it you see how far it is, and rate the result."),
    )


def words() -> dict[str, str]:
    """The lines every sign carries, in the reader's language."""
    return {
        "heading": _("Something wrong here?"),
        "call": _("Scan and tell us"),
        "typed": _("Or open this address and enter the code:"),
        "post": _("Grid's phone"),
        "emergency": _("In an emergency call 110 police, 119 fire, 120 ambulance."),
        "purpose": _("What you tell us is used only to settle the matter."),
    }


# --- as PDF ----------------------------------------------------------------------------------------------------------


def pdf(signs: list[Sign]) -> bytes:
    """One A4 page for each sign."""
    lines = words()
    texts = [*lines.values(), *steps()]
    texts += [text for sign in signs for text in (sign.grid, sign.spot, sign.where, sign.phone, sign.short_link)]
    with drawing([*texts, "·1234567890"], title=lines["call"]) as drawn:
        for sign in signs:
            _page(drawn, sign, lines)
            drawn.canvas.showPage()
        return drawn.bytes()


def _page(drawn: Drawing, sign: Sign, lines: dict[str, str]) -> None:
    canvas, middle = drawn.canvas, 105 * _MM
    canvas.setFillColor("#0b5878")
    canvas.rect(0, 237 * _MM, 210 * _MM, 60 * _MM, stroke=0, fill=1)
    canvas.setFillColor("#ffffff")
    _line(canvas, "Hei", lines["heading"], 38, middle, 270 * _MM)
    _line(canvas, "Hei", lines["call"], 26, middle, 251 * _MM)
    canvas.setFillColor("#17242e")
    _line(canvas, "Hei", sign.spot or sign.grid, 30, middle, 219 * _MM)
    _line(canvas, "Song", f"{sign.where} {sign.grid}" if sign.spot else sign.where, 14, middle, 209 * _MM)
    _code(canvas, sign.link, 57 * _MM, 105 * _MM, 96 * _MM)
    _line(canvas, "Song", lines["typed"], 12, middle, 97 * _MM)
    _line(canvas, "Hei", f"{sign.short_link}   {sign.spoken}", 16, middle, 88 * _MM)
    for place, step in enumerate(steps(), start=1):
        height = (84 - place * 11) * _MM
        canvas.setFillColor("#0b5878")
        canvas.circle(31 * _MM, height + 1.6 * _MM, 3.6 * _MM, stroke=0, fill=1)
        canvas.setFillColor("#ffffff")
        _line(canvas, "Hei", str(place), 12, 31 * _MM, height)
        canvas.setFillColor("#17242e")
        canvas.setFont("Song", _fitting(canvas, "Song", step, 15, 150 * _MM))
        canvas.drawString(38 * _MM, height, step)
    _line(canvas, "Hei", f"{lines['post']} {sign.phone}", 20, middle, 34 * _MM)
    canvas.setFillColor("#8c1616")
    _line(canvas, "Hei", lines["emergency"], 14, middle, 23 * _MM)
    canvas.setFillColor("#4a5a66")
    _line(canvas, "Song", lines["purpose"], 10, middle, 14 * _MM)


def _line(canvas: Any, font: str, text: str, size: float, middle: float, height: float) -> None:
    canvas.setFont(font, _fitting(canvas, font, text, size, 186 * _MM))
    canvas.drawCentredString(middle, height, text)


def _fitting(canvas: Any, font: str, text: str, size: float, width: float) -> float:
    """The size, or as much smaller as a long name needs."""
    needed = canvas.stringWidth(text, font, size)
    return size if needed <= width else size * width / needed


def _code(canvas: Any, link: str, left: float, bottom: float, side: float) -> None:
    """The modules as squares; runs of a row in one rectangle, so that no hairline shows between them."""
    rows = [bytes(row) for row in qr(link).matrix]
    module = side / (len(rows) + 8)
    path = canvas.beginPath()
    for number, row in enumerate(rows):
        top, start = bottom + side - (number + 5) * module, None
        for column, dark in enumerate((*row, 0)):
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                path.rect(left + (start + 4) * module, top, (column - start) * module, module)
                start = None
    canvas.setFillColor("#000000")
    canvas.drawPath(path, stroke=0, fill=1)
