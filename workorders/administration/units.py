"""Closing a unit: what its orders and its rows in the routing table mean for it."""

import datetime as dt

from django.db.models import Q
from django.utils.translation import ngettext

from core.errors import NotAllowedNow
from core.transactions import command
from personnel import commands
from personnel.administration import check_area
from personnel.models import Unit, User
from workorders.models import Route, WorkOrder


@command
def close_unit(unit: Unit, *, by: User | None, on: dt.date, at: dt.datetime) -> Unit:
    """End a unit, unless it leads open orders or the routing table still names it on that day or later.

    Raises what `personnel.commands.close_unit` raises, NotAllowedNow `unit_has_orders`, `unit_has_routes`.
    """
    check_area(by, unit.area_id, at)
    orders = WorkOrder.objects.open().filter(lead=unit).count()
    if orders:
        words = ngettext(
            "%(count)d open order is with this unit. It has to be handled or returned first.",
            "%(count)d open orders are with this unit. They have to be handled or returned first.",
            orders,
        )
        raise NotAllowedNow("unit_has_orders", words % {"count": orders}, count=orders)
    routes = Route.objects.filter(Q(ends=None) | Q(ends__gt=on), unit=unit).count()
    if routes:
        words = ngettext(
            "%(count)d row of the routing table still names this unit. Give it to another unit or end it first.",
            "%(count)d rows of the routing table still name this unit. Give them to another unit or end them first.",
            routes,
        )
        raise NotAllowedNow("unit_has_routes", words % {"count": routes}, count=routes)
    return commands.close_unit(unit, by=by, on=on, at=at)
