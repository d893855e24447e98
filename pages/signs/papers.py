"""The files of signs: a QR code as SVG, signs as PDF."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from core.errors import NotAllowedNow
from pages.base import page
from pages.signs import sheet
from pages.signs.printing import MOST, enter, grids_in, here


@never_cache
@page
@require_GET
def drawing(request: HttpRequest, code: str) -> HttpResponse:
    """The QR code of a grid or a spot."""
    enter(request)
    place, spot = here(request, code)
    sign = next(one for one in sheet.signs_of(request, [place]) if one.code == (spot.code if spot else place.code))
    return HttpResponse(sheet.svg(sign.link), content_type="image/svg+xml")


@never_cache
@page
@require_GET
def paper(request: HttpRequest, code: str) -> HttpResponse:
    """One sign of a spot; a grid's with those of its spots; all of a community or a street."""
    enter(request)
    place, spot = here(request, code)
    signs = sheet.signs_of(request, grids_in(place)[: MOST + 1])
    if spot is not None:
        signs = [one for one in signs if one.code == spot.code]
    if len(signs) > MOST:
        words = _("These are more than %(most)d signs. Print them community by community.") % {"most": MOST}
        raise NotAllowedNow("too_many_signs", words)
    response = HttpResponse(sheet.pdf(signs), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="signs-{code}.pdf"'
    return response
