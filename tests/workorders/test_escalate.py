"""Upwards and sideways: escalate, whistle, arrive, rate, comment."""

import datetime as dt

import pytest

from core import clock
from personnel.models import Post
from tests.workorders.acting import (
    RESULT,
    TUESDAY,
    after_days,
    after_hours,
    bring,
    check_event,
    do,
    due,
    last,
    parts,
    refused,
    report,
    running,
    told,
)
from tests.workorders.clockwork import at
from workorders import commands
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db
HERE = {"lon": 103.705, "lat": 36.105}


# -- escalate


@pytest.mark.parametrize("status", ["reported", "filed", "dispatched", "handling"])
def test_it_is_reported_anew_at_the_next_level(town, status):
    order = bring(report(town.officer, at=TUESDAY), town, status, at=TUESDAY)
    later = TUESDAY + dt.timedelta(hours=2)
    order = do("escalate", order, town.dispatcher, at=later, attempt="已多次协调无果")
    assert (order.status, order.level, order.lead, order.officer) == ("reported", "city", None, None)
    assert order.accepted_at is order.dispatched_at is order.signed_at is None
    check_event(
        order, "escalate", town.dispatcher, "dispatcher", status, "reported", attempt="已多次协调无果",
        from_level="district", to_level="city",
    )  # fmt: skip
    assert list(running(order)) == ["accept"] and due(order, "accept") == after_hours(later, 2)
    assert all(one.outcome == "taken_back" for one in parts(order))
    refused("no_level_above", "escalate", order, town.dispatcher, attempt="再上报")


def test_level_by_level_up_to_the_city(town):
    for area, person in ((town.community, town.clerk), (town.street, town.manager), (town.city, town.inspector)):
        Post.objects.create(person=person, role="acceptor", area=area, starts=dt.date(2026, 1, 1))
    order = report(town.officer, at=TUESDAY)
    hear = []
    for level in ("community", "street", "district", "city"):
        assert order.level == level
        hear.append(told(order, "report" if level == "community" else "escalate"))
        if level != "city":
            order = do("escalate", order, town.officer, at=TUESDAY, attempt="本级无法解决")
    # the notices of an order add up; who is new at each level
    assert hear[0] == {"clerk"}
    assert "manager" in hear[1] and "acceptor" in hear[2] - hear[1] and "inspector" in hear[3] - hear[2]


def test_escalating_is_refused(town):
    order = bring(report(town.officer), town, "handling")
    for person in (town.handler, town.acceptor, town.duty, town.officer2):
        refused("not_your_move", "escalate", order, person, attempt="无果")
    refused("invalid", "escalate", order, town.officer, attempt=" ")
    refused("wrong_status", "escalate", bring(order, town, "fed_back"), town.chief, attempt="无果")


def test_an_emergency_nobody_accepts_goes_up_by_itself(town):
    order = report(town.officer, at=TUESDAY, category="0306")
    ten = TUESDAY + dt.timedelta(minutes=10)
    order = commands.fire(order, at=ten)
    assert (order.status, order.level) == ("reported", "city") and due(order, "accept") == ten + dt.timedelta(
        minutes=10
    )
    kinds = list(order.events.values_list("kind", flat=True))
    assert kinds == ["report", "urge", "overdue", "escalate"]  # that it is late is said before it leaves
    assert last(order).actor is None and last(order).data["attempt"] == "not_accepted_in_time"
    order = commands.fire(WorkOrder.objects.get(pk=order.pk), at=ten + dt.timedelta(hours=1))
    assert order.level == "city" and last(order).kind == "overdue"
    assert order.next_timer_at is None


# -- whistle


@pytest.mark.parametrize(
    "kind, expected",
    [
        ("emergency", at("2026-09-30 17:30")),
        ("joint", at("2026-10-08 17:30")),
        ("daily", at("2026-10-10 17:30")),  # a Saturday worked in exchange
    ],
)
def test_a_whistle_calls_units_with_a_time_to_arrive(town, kind, expected):
    moment = at("2026-09-30 17:00")
    order = bring(report(town.officer, at=moment), town, "handling", at=moment)
    order = do("whistle", order, town.chief, at=moment, kind=kind, units=["620105-HC", "620105006-ST"], note="请到场")
    if kind != "emergency":
        assert expected == after_days(moment, {"joint": 1, "daily": 3}[kind])
    calls = parts(order, kind="whistle")
    assert [(one.unit, clock.local(one.due_at), one.whistle, one.by) for one in calls] == [
        (town.hc, expected, kind, town.chief),
        (town.st, expected, kind, town.chief),
    ]
    assert set(order.whistled_units) == {town.hc.pk, town.st.pk}
    check_event(
        order, "whistle", town.chief, "chief", "handling", "handling", whistle=kind, note="请到场",
        units=["620105-HC", "620105006-ST"], unit_names=[town.hc.name, town.st.name], due_at=expected.isoformat(),
    )  # fmt: skip
    assert told(order, "whistle") == {"handler2"} and order.due_kind == "handle"


def test_arriving_keeps_the_distance_and_refuses_nobody(town):
    order = bring(report(town.officer, at=TUESDAY, area=None, **HERE), town, "handling", at=TUESDAY)
    refused("not_your_move", "arrive", order, town.handler2, location=HERE)
    do("whistle", order, town.clerk, at=TUESDAY, kind="emergency", units=["620105-HC"])
    refused("not_your_move", "arrive", order, town.handler, location=HERE)
    refused("invalid", "arrive", order, town.handler2, location={"lon": 200, "lat": 0})
    moment = TUESDAY + dt.timedelta(minutes=31)
    order = do("arrive", order, town.handler2, at=moment, location={"lon": 103.715, "lat": 36.105})
    event = last(order)
    assert event.data["unit_name"] == town.hc.name and event.data["late"] is True and 890 < event.data["metres"] < 910
    assert told(order, "arrive") == {"clerk"}
    call = parts(order, kind="whistle")[0]
    assert call.arrived_at == moment and call.arrived["metres"] == event.data["metres"]
    assert refused("arrived_already", "arrive", order, town.handler2, location=HERE).status == 409
    do("whistle", order, town.clerk, at=moment, kind="daily", units=["620105-HC"])
    order = do("arrive", order, town.handler2, at=moment, location=HERE)
    assert last(order).data == {"unit_name": town.hc.name, "metres": 0, "late": False}


def test_without_a_point_there_is_no_distance(town):
    order = do("whistle", report(town.officer, at=TUESDAY), town.clerk, at=TUESDAY, kind="joint", units="620105-UM")
    order = do("arrive", order, town.handler, at=TUESDAY, location="103.7,36.1")
    assert last(order).data == {"unit_name": town.um.name, "late": False}


def test_the_lead_units_arrival_ends_containment_anothers_does_not(town):
    order = bring(report(town.officer, at=TUESDAY), town, "handling", at=TUESDAY, category="0605")
    do("whistle", order, town.clerk, at=TUESDAY, kind="emergency", units=["620105-HC", "620105-UM"])
    order = do("arrive", order, town.handler2, at=TUESDAY, location=HERE)
    assert "contain" in running(order)
    order = do("arrive", order, town.handler, at=TUESDAY, location=HERE)
    assert "contain" not in running(order)
    own = do("accept", report(town.officer, at=TUESDAY), town.acceptor, at=TUESDAY, category="0605")
    own = do("dispatch", own, town.dispatcher, at=TUESDAY, officer=town.officer.pk)
    own = do("sign", own, town.officer, at=TUESDAY)
    do("whistle", own, town.clerk, at=TUESDAY, kind="emergency", units=["620105-HC"])
    assert "contain" in running(do("arrive", own, town.handler2, at=TUESDAY, location=HERE))


def test_whistling_is_refused(town):
    order = report(town.officer)
    for person in (town.officer, town.dispatcher, town.handler, town.elsewhere):
        refused("not_your_move", "whistle", order, person, kind="daily", units=["620105-HC"])
    elsewhere = refused("unit_elsewhere", "whistle", order, town.chief, kind="daily", units=["620105-HC", "620102-UM"])
    assert list(elsewhere.errors) == ["units"]
    refused("invalid", "whistle", order, town.chief, kind="soon", units=["620105-HC"])
    refused("invalid", "whistle", order, town.chief, kind="daily", units=[])
    refused("wrong_status", "whistle", bring(order, town, "closed"), town.chief, kind="daily", units=["620105-HC"])


def test_whoever_whistled_rates_each_unit_once(town):
    order = bring(report(town.officer), town, "handling")
    refused("not_your_move", "rate_unit", order, town.chief, unit="620105-HC", score=5)  # nobody was called
    do("whistle", order, town.chief, kind="daily", units=["620105-HC"])
    refused("not_the_whistler", "rate_unit", order, town.clerk, unit="620105-HC", score=5)
    refused("not_whistled", "rate_unit", order, town.chief, unit="620105-UM", score=5)
    refused("invalid", "rate_unit", order, town.chief, unit="620105-HC", score=6)
    order = do("rate_unit", order, town.chief, score="4")  # it was the only one
    assert last(order).data == {"unit": "620105-HC", "unit_name": town.hc.name, "score": 4}
    part = parts(order, kind="whistle")[0]
    assert (part.score, part.outcome) == (4, "done")
    refused("rated_already", "rate_unit", order, town.chief, unit="620105-HC", score=5)
    do("whistle", order, town.chief, kind="daily", units=["620105006-ST"])
    refused("unit_required", "rate_unit", order, town.chief, score=5)


# -- comment


def test_whoever_sees_it_may_comment_also_when_it_is_over(town):
    order = bring(report(town.officer), town, "closed")
    order = do("comment", order, town.building_head, text="谢谢")
    check_event(order, "comment", town.building_head, "building_head", "closed", "closed", text="谢谢")
    assert told(order, "comment") == set()
    refused("invalid", "comment", order, town.building_head, text="")
    refused("invalid", "comment", order, town.building_head, text="长" * 4001)
    order = do("comment", order, town.handler, text="不客气")
    assert last(order).actor_role == "handler"
    report_of_former = report(town.former)
    assert last(do("comment", report_of_former, town.former, text="补充")).actor_role == "reporter"
    refused("not_your_move", "comment", order, town.admin, text="看看")
    refused("wrong_status", "feedback", order, town.handler, **RESULT)
