"""What people of the demo city find among their notices: the last step of each recent order that is still open."""

from datetime import datetime, timedelta

from workorders import telling
from workorders.models import Notice, WorkOrderEvent
from workorders.simulation.life import Life

RECENT = timedelta(days=10)


def load(lives: list[Life], now: datetime) -> None:
    """Tell whoever has to act next, as the worker would have done; nothing leaves the site."""
    recent = [life.order.last_hash for life in lives if life.is_open and now - life.events[-1]["at"] < RECENT]
    told = []
    for event in WorkOrderEvent.objects.filter(hash__in=recent).select_related("order__lead").order_by("at", "pk"):
        told += telling.notices_of(event, event.order, at=event.at)
    Notice.objects.bulk_create(told, batch_size=1000)
