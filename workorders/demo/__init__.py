"""The demo city: real areas, made-up people and orders."""

from datetime import datetime
from random import Random

from django.db import connection

from core.transactions import be_patient, unit_of_work
from grids.directory import find
from personnel.models import User
from workorders.demo import areas, notices, orders, people, texts
from workorders.demo.photos import Album


def is_loaded() -> bool:
    """Whether the cast is there."""
    return User.objects.filter(username="officer", is_demo=True).exists()


def load(now: datetime) -> None:
    """Everything in one transaction: all of the city or nothing."""
    album = Album(Random(orders.SEED))
    try:
        with unit_of_work():
            be_patient()
            areas.load()
            people.load(orders.months(now)[1])
            texts.load()
            lives = orders.load(find(people.CITY).id, now, album)
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")  # tables this full and never looked at would be searched row by row
            notices.load(lives, now)
    except BaseException:
        album.burn()
        raise
