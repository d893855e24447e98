"""The slips of an order on A4, 交办单 and 回单, in every room: PDF, or Word where `?as=docx` asks for it."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from core import clock
from grids.directory import directory
from pages import detail, papers
from pages.base import page
from workorders.papers import slips


def slip_page(room) -> Callable[..., HttpResponse]:
    """The view of a slip in a room; whoever sees the order may print it."""

    @page
    @require_GET
    def view(request: HttpRequest, number: str, kind: str) -> HttpResponse:
        """The slip; 404 where there is nothing to print yet."""
        order = detail.find(request, number)
        if kind not in slips.KINDS or not slips.exists(kind, order):
            raise Http404
        place = directory().by_id[order.district_id or order.area_id]
        paper = slips.slip(kind, order, issuer=place.name, at=clock.now())
        return papers.file(paper, request.GET.get("as", papers.PDF), f"{paper.title} {number}")

    return view
