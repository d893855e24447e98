"""The demo city: real areas, made-up people and orders."""

from datetime import datetime

from core.transactions import unit_of_work
from grids.directory import find
from personnel.models import User
from workorders.demo import areas, orders, people


def is_loaded() -> bool:
    """Whether the cast is there."""
    return User.objects.filter(username="officer", is_demo=True).exists()


def load(now: datetime) -> None:
    """Everything in one transaction: all of the city or nothing."""
    with unit_of_work():
        areas.load()
        people.load(orders.months(now)[1])
        orders.load(find(people.CITY).id, now)
