"""The case file of an order: the evidence put together, as a page, as Word and PDF. Nothing can be changed here."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from core import clock
from grids.directory import directory
from pages import detail, orders, papers
from pages.base import page
from pages.orders import BOARD
from workorders.papers.casefile import casefile


@page
@require_GET
def case(request: HttpRequest, number: str) -> HttpResponse:
    """The case file, for whoever the board is open to and the order lies within reach of."""
    orders.enter(request, BOARD)
    order = detail.find(request, number)
    place = directory().by_id[order.district_id or order.area_id]
    paper = casefile(order, issuer=place.name, by=request.user.name or request.user.username, at=clock.now())
    context = {
        "order": order,
        "room": BOARD,
        "photos": list(order.attachments.all()),
        "back": BOARD.detail(number),
        "trail": [(BOARD.label, BOARD.prefix), (number, BOARD.detail(number)), (_("Case file"), None)],
    }
    name = _("Case file %(number)s") % {"number": number}
    return papers.answer(request, paper, template="board/case.html", context=context, name=name)
