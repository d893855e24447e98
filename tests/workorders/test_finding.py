"""One order by its number: found by exactly those who see it in lists."""

import pytest

from core.transactions import unit_of_work
from personnel.jurisdiction import standing_of
from tests.workorders.acting import do, report
from workorders.finding import LEFT_OUT, find
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db


@pytest.fixture
def orders(town):
    """Orders in several places and states, so that every way of reach finds something."""
    near, far, sent = report(town.officer), report(town.officer2, area="620102001001001"), None
    sent = report(town.neighbour, area="620105006001002")
    do("accept", sent, town.acceptor, category="0502")
    do("dispatch", sent, town.dispatcher, unit="620105-UM", co_units=["620105-HC"])
    returned = report(town.acceptor, area="620105001005001", source="other")
    do("accept", returned, town.acceptor, category="0502")
    do("dispatch", returned, town.dispatcher, unit="620105-UM")
    do("return", returned, town.handler, reason="不属于本单位职责")
    foreign = report(town.handler, area="620102001001002", source="other")  # one's own, far away
    return [near, far, sent, returned, foreign]


def test_it_sees_what_visible_to_sees(town, orders):
    for person in [*town.people, town.former, town.admin]:
        standing = standing_of(person, town.on)
        visible = set(WorkOrder.objects.visible_to(person, town.on).values_list("number", flat=True))
        found = {order.number for order in orders if find(order.number, standing) is not None}
        assert found == visible, person.username
        assert find("20260101000001", standing) is None and find("", standing) is None


def test_it_is_the_order_the_model_reads(town, orders):
    for order in orders:
        found, read = find(order.number, standing_of(town.admin, town.on)), WorkOrder.objects.get(pk=order.pk)
        for field in WorkOrder._meta.concrete_fields:
            if field.name in LEFT_OUT:
                assert field.attname not in found.__dict__
            else:
                assert found.__dict__[field.attname] == read.__dict__[field.attname], field.name
        assert found.reporter_name == read.reporter_name and not found._state.adding


def test_a_lock_is_taken_in_the_same_statement(town, orders, django_assert_num_queries):
    standing = standing_of(town.acceptor, town.on)
    with unit_of_work(), django_assert_num_queries(1) as sent:
        assert find(orders[0].number, standing, lock=True).pk == orders[0].pk
    assert sent[0]["sql"].endswith("FOR UPDATE OF o")
