"""Words in orders: found at once, by two characters, by number and phone, and only where they stand."""

import pytest
from django.core.management import call_command

from core import clock, outbox
from personnel.jurisdiction import standing_of
from tests.workorders.acting import report
from workorders import searching
from workorders.commands import places
from workorders.models import OrderText, WorkOrder

pytestmark = pytest.mark.django_db


def found(town, words, person=None, **options):
    person = person or town.dispatcher
    seen = WorkOrder.objects.visible_to(person, clock.today())
    return set(searching.containing(seen, words, standing_of(person, clock.today()), **options))


@pytest.fixture(params=["waits", "sorted in"])
def orders(town, request):
    """Three orders, before the worker has come to them and afterwards."""
    made = {
        "waste": report(town.officer, description="楼下堆了建筑垃圾,影响通行"),
        "light": report(town.acceptor, source="hotline", description="路灯不亮 LED", reporter_phone="13893120001"),
        "twin": report(town.officer, description="垃圾桶满了", external_id="HX-77"),
    }
    if request.param == "sorted in":
        outbox.drain()
        assert OrderText.objects.count() == 3
    return made


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("垃圾", {"waste", "twin"}),
        ("建筑垃圾", {"waste"}),
        ("圾桶", {"twin"}),
        ("led", {"light"}),
        ("不亮 L", {"light"}),
        ("HX-7", {"twin"}),
        ("77", {"twin"}),
        ("垃桶", set()),
        ("%", {"waste", "light", "twin"}),
        ("%%", set()),
        ("__", set()),
        ("\x00垃圾", {"waste", "twin"}),
    ],
)
def test_substrings(town, orders, words, names):
    hits = found(town, words)
    if words == "77":  # numbers may contain it by chance
        assert orders["twin"] in hits
    else:
        assert hits == {orders[name] for name in names}


def test_numbers_and_pieces_of_them(town, orders):
    number = orders["light"].number
    assert found(town, number) == {orders["light"]}
    assert orders["light"] in found(town, number[-5:])
    assert orders["light"] in found(town, number[6:11])
    assert found(town, "9999999999") == set()


def test_a_phone_only_where_asked_for_and_only_whole(town, orders):
    assert found(town, "13893120001", phones=True) == {orders["light"]}
    assert found(town, "138 9312-0001", phones=True) == {orders["light"]}
    assert found(town, "13893120001") == set()
    assert found(town, "1389312", phones=True) == set()


def test_reach_stays_the_readers(town, orders):
    assert found(town, "垃圾", town.dispatcher2) == set()
    assert found(town, "垃圾", town.officer) == {orders["waste"], orders["twin"]}
    assert found(town, "垃圾", town.admin) == {orders["waste"], orders["twin"]}


@pytest.mark.parametrize("most", [0, 1, 2])
def test_words_of_many_orders_are_found_by_walking(town, orders, monkeypatch, most):
    monkeypatch.setattr(searching, "MOST", most)
    assert found(town, "垃圾") == {orders["waste"], orders["twin"]}
    assert found(town, "垃圾", town.officer) == {orders["waste"], orders["twin"]}
    assert found(town, "垃圾", town.dispatcher2) == set()


def test_the_command_sorts_in_what_is_missing(town, orders, capsys):
    outbox.drain()
    OrderText.objects.all().delete()
    assert found(town, "垃圾") == set()
    call_command("index_orders")
    assert found(town, "垃圾") == {orders["waste"], orders["twin"]}
    first = OrderText.objects.values_list("grams", flat=True).get(pk=orders["waste"].pk)
    call_command("index_orders")
    assert OrderText.objects.values_list("grams", flat=True).get(pk=orders["waste"].pk) == first


def test_orders_of_an_area_that_moved_are_looked_for_in_its_new_place(town, orders, monkeypatch):
    outbox.drain()
    place = orders["waste"].area.parent
    before = OrderText.objects.get(pk=orders["waste"].pk).grams
    WorkOrder.objects.update(street=None)
    places.refresh_places(place)
    assert set(OrderText.objects.get(pk=orders["waste"].pk).grams) == set(before)
    OrderText.objects.update(grams=[])
    places.refresh_places(place)
    assert set(OrderText.objects.get(pk=orders["waste"].pk).grams) == set(before)
