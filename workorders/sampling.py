"""Which items an officer settled himself wait for the clerk's check. Domain §5.3, self-handled flow."""

from datetime import datetime

from core import clock
from workorders.models import WorkOrder

LEAST_PER_MONTH = 3


def is_sampled(order: WorkOrder, *, at: datetime) -> bool:
    """Every tenth order, and at least three of an officer's in a month. order.officer is who handled it."""
    if order.pk % 10 == 0:
        return True
    day = clock.local(at)
    since, until = clock.month(day.year, day.month)
    taken = WorkOrder.objects.filter(
        officer_id=order.officer_id, self_handled=True, sampled=True, reported_at__gte=since, reported_at__lt=until
    )
    return taken[:LEAST_PER_MONTH].count() < LEAST_PER_MONTH
