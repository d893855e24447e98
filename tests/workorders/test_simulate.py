"""A synthetic city: true lives, the same for the same seed, people who can log in."""

import datetime as dt

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from core import clock
from grids.locate import grid_at
from grids.models import Area, Boundary
from personnel.models import Post, User
from personnel.roles import Role
from workorders import audit, figures
from workorders.figures import Scope, periods
from workorders.models import Clock, Notice, WorkOrder, WorkOrderEvent
from workorders.simulation.run import run

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 5, 20, 15, 0, tzinfo=clock.ZONE)


def simulate(seed=3, *, grids=12, orders=250):
    return run(grids=grids, orders=orders, months=2, seed=seed, now=NOW, tell=lambda line: None, helpers=1)


def stories(city):
    rows = WorkOrder.objects.filter(city_id=city.id).order_by("reported_at", "pk")
    return list(rows.values_list("reported_at", "title", "status", "category__code", "version", "satisfaction"))


def test_a_city_with_staff_and_orders_that_are_true():
    done = simulate()
    assert (done.orders, done.city.code) == (250, "990100000000") and done.rows > done.events > 1000
    assert WorkOrder.objects.count() == 250 and WorkOrderEvent.objects.count() == done.events
    assert WorkOrder.objects.filter(status="closed").count() > 200
    assert not WorkOrder.objects.filter(reported_at__gt=NOW).exists()
    assert list(audit.findings()) == []
    assert figures.of(Scope(done.city.id), periods.read("2026")).reported == 250 and figures.as_of() == NOW
    assert Clock.objects.exists() and not Notice.objects.exists()

    grids = Area.objects.filter(level="grid")
    assert grids.count() == 12 == Boundary.objects.count()
    held = Post.objects.filter(role=Role.OFFICER).values_list("area_id", flat=True)
    assert set(held) == set(grids.values_list("pk", flat=True))
    for role in Role:
        user = User.objects.get(username=f"sim-{role.value}")
        assert user.check_password("gridgov-demo") and Post.objects.filter(person=user, role=role).exists()
    outline = Boundary.objects.order_by("pk").first()
    middle = (outline.min_lon + outline.max_lon) / 2, (outline.min_lat + outline.max_lat) / 2
    assert grid_at(*middle, NOW.date()).id == outline.area_id


def test_the_same_seed_tells_the_same_stories_beside_each_other():
    first, second = simulate(seed=5), simulate(seed=5)
    assert second.city.code == "990200000000" and User.objects.filter(username="sim2-officer").exists()
    assert stories(first.city) == stories(second.city)
    other = simulate(seed=6)
    assert stories(other.city) != stories(first.city) and WorkOrder.objects.count() == 750
    assert list(audit.findings()) == []


def test_the_command_says_how_fast_it_was_and_refuses_nonsense(capsys):
    call_command("simulate", grids=3, orders=20, months=1, seed=1)
    assert "990100000000" in capsys.readouterr().out
    with pytest.raises(CommandError):
        call_command("simulate", grids=0, orders=20, months=1, seed=1)
