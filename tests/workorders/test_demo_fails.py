"""A demo that cannot be finished leaves nothing behind."""

import pytest

from core import clock
from grids.models import Area
from personnel.models import User
from workorders import demo
from workorders.demo import orders

pytestmark = pytest.mark.django_db


def test_all_of_the_demo_or_nothing(monkeypatch):
    def fail(*given):
        raise RuntimeError("no electricity")

    monkeypatch.setattr(orders, "load", fail)
    with pytest.raises(RuntimeError):
        demo.load(clock.now())
    assert not Area.objects.exists() and not User.objects.exists()
    assert not demo.is_loaded()
