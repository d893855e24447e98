"""One step on several orders of one's own, each in a transaction of its own, each with its own result."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from core import clock
from core.errors import DomainError, Invalid
from workorders.commands import perform
from workorders.models import WorkOrder

MOST = 100


@dataclass(frozen=True)
class Outcome:
    """What came of one order. refusal: why nothing changed, "" when it was done."""

    number: str
    title: str
    refusal: str = ""


def sign_each(numbers: Iterable[str], *, by, at: dt.datetime) -> list[Outcome]:
    """Sign for each of these orders; one that is refused stops none of the others. Raises Invalid for none or many."""
    wanted = list(dict.fromkeys(numbers))
    if not wanted:
        raise Invalid("nothing_chosen", _("Choose at least one order."))
    if len(wanted) > MOST:
        raise Invalid("too_many", _("Choose at most %(most)d orders at once.") % {"most": MOST})
    seen = WorkOrder.objects.visible_to(by, clock.date_of(at)).filter(number__in=wanted)
    found = {order.number: order for order in seen.defer("reporter_name", "reporter_phone")}
    results = []
    for number in wanted:
        order = found.get(number)
        if order is None:
            results.append(Outcome(number, "", _("This order is not within your reach.")))
            continue
        try:
            perform("sign", order, by=by, at=at, given={})
            results.append(Outcome(number, order.title))
        except DomainError as refusal:
            results.append(Outcome(number, order.title, str(refusal)))
    return results
