"""One order from report to close, command by command, with what each step leaves behind."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import clock, outbox
from core.errors import NotAllowedNow, NotPermitted
from core.transactions import unit_of_work
from personnel.jurisdiction import standing_of
from tests.workorders.acting import do, report
from workorders import ledger
from workorders.models import Clock, Notice, WorkOrder
from workorders.reading import fetch_page

pytestmark = pytest.mark.django_db


def test_an_order_runs_from_report_to_close(town):
    order = report(town.officer)
    assert order.status == "reported" and order.level == "district" and order.due_kind == "accept"
    outbox.drain()
    assert Notice.objects.filter(person=town.acceptor, order=order).exists()

    do("accept", order, town.acceptor, category="0502")
    do("dispatch", order, town.dispatcher, unit="620105-UM")
    order.refresh_from_db()
    assert order.due_kind == "sign" and Clock.objects.filter(order=order, kind="handle").exists()
    do("sign", order, town.handler)
    do("feedback", order, town.handler, internal_result="a", public_answer="b", resolved=True)
    with pytest.raises(NotPermitted):
        do("pass_check", order, town.handler)
    do("pass_check", order, town.officer, note="现场已清")
    do("revisit", order, town.reviewer, reached=True, resolved=True, satisfaction=5, note="满意")
    outbox.drain()

    order.refresh_from_db()
    assert order.status == "closed" and order.satisfaction == 5 and order.due_at is None
    assert [event.kind for event in order.events.all()] == [
        "report",
        "accept",
        "dispatch",
        "sign",
        "feedback",
        "pass_check",
        "revisit",
    ]
    assert not Clock.objects.filter(order=order, stopped_at__isnull=True).exists()


def test_lists_hold_what_each_person_reaches(town):
    order = report(town.officer)

    def seen(person):
        return [
            row["id"] for row in fetch_page(WorkOrder.objects.all(), standing_of(person, clock.today()), size=10).rows
        ]

    assert seen(town.officer) == seen(town.dispatcher) == [order.pk]
    assert seen(town.handler) == seen(town.dispatcher2) == []
    do("accept", order, town.acceptor, category="0502")
    do("dispatch", order, town.dispatcher, unit="620105-UM")
    assert seen(town.handler) == [order.pk]
    assert WorkOrder.objects.visible_to(town.handler, clock.today()).count() == 1


def test_a_third_return_is_refused(town):
    order = report(town.officer)
    do("accept", order, town.acceptor, category="0502")
    for unit, person in (("620105-UM", town.handler), ("620105-HC", town.handler2)):
        do("dispatch", order, town.dispatcher, unit=unit)
        do("return", order, person, reason="不属于本单位职责")
    do("dispatch", order, town.dispatcher, unit="620105-UM")
    with pytest.raises(NotAllowedNow) as refused:
        do("return", order, town.handler, reason="仍不属于")
    assert refused.value.code == "return_exhausted"


def test_a_door_claims_an_order_once_and_only_what_changed_is_written(town):
    order = report(town.officer)
    standing = standing_of(town.acceptor, clock.today())
    with unit_of_work():
        mine = ledger.claim(order.number, standing)
        assert mine == order and ledger.locked(mine) is mine
        with CaptureQueriesContext(connection) as seen:
            ledger.save_changes(mine)
        assert len(seen) == 0
        do("accept", mine, town.acceptor, category="0502")
        assert mine.status == "filed"
        assert ledger.claim(order.number, standing_of(town.handler, clock.today())) is None
    order.refresh_from_db()
    assert order.status == "filed" and order.description and order.reporter_name == "王小梅"
