"""What waits for a person: the lists of the phone, and the figure on its tab."""

from collections.abc import Callable

from django.db.models import Q
from django.http import HttpRequest

from core import clock
from pages import base, lists
from pages.base import counted
from pages.orders import PHONE
from personnel.jurisdiction import Standing, standing_of
from workorders import turns
from workorders.models import WorkOrder

TODAY_SIZE = 20
# The step a card offers: the first of these its reader may do.
STEPS = ("verified", "sign", "feedback", "pass_check", "decide_extension", "revisit")


def mine(standing: Standing) -> Q:
    """Orders I reported, handle or follow."""
    me = standing.user.pk
    return Q(reporter_id=me) | Q(officer_id=me) | Q(follow_officer_id=me)


@counted("mine")
def waiting_count(user) -> int:
    """How many orders wait for this person; more than a hundred are a hundred."""
    standing = standing_of(user, clock.today())
    found = WorkOrder.objects.visible_to(user, standing.on).filter(turns.waiting_condition(standing))
    return found.order_by()[:100].count()


def first_step(request: HttpRequest) -> Callable[[WorkOrder], list[dict]]:
    """Gives the one step a card offers."""
    standing, now = base.standing(request), clock.now()
    helps = turns.helping(standing) if standing.unit_ids else {}

    def offers(order: WorkOrder) -> list[dict]:
        names = (*STEPS, helps[order.pk]) if order.pk in helps else STEPS
        return [
            {"url": PHONE.move(order.number, move.name), "label": move.label}
            for move in lists.moves_of(order, standing=standing, at=now, names=names)[:1]
        ]

    return offers


def waiting(request: HttpRequest, size: int, *, offers: Callable[[WorkOrder], list]) -> lists.Listing:
    """What waits for the reader, what is due first in front, each row with what `offers` gives for its order."""
    found = WorkOrder.objects.filter(turns.waiting_condition(base.standing(request)))
    return lists.fetch(request, found, url=PHONE.detail, ordering="due_at", size=size, offers=offers)
