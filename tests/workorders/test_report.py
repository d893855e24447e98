"""Phase one: a problem becomes an order; what an officer settled at once is fed back in the same step."""

import datetime as dt

import pytest
from django.db import IntegrityError

from core import clock, outbox
from core.errors import Invalid, NotAllowedNow, NotPermitted
from core.models import Outbox
from personnel.models import Post
from tests.workorders.acting import (
    TUESDAY,
    after_hours,
    check_event,
    do,
    due,
    last,
    parts,
    queued,
    refused,
    report,
    running,
    told,
)
from tests.workorders.clockwork import at
from workorders import sentences
from workorders.commands import reporting
from workorders.models import Assignment, Clock, WorkOrder, WorkOrderEvent
from workorders.sampling import is_sampled

pytestmark = pytest.mark.django_db
SETTLED = {"category": "0501", "self_handled": True, "result": "已清扫"}


def test_a_report_becomes_an_order(town):
    order = report(town.officer, at=TUESDAY, reporter_name="欧阳小明", reporter_phone="139 1234 5678", address="3号楼")
    order = WorkOrder.objects.get(pk=order.pk)
    assert (order.status, order.phase, order.level, order.source) == ("reported", "report", "district", "officer")
    assert order.number == f"20260310{order.pk:06d}"
    assert (order.urgency, order.difficulty, order.reported_category.code) == ("normal", 2, "0502")
    assert (order.community, order.street, order.district, order.city) == (
        town.community, town.street, town.district, town.city,
    )  # fmt: skip
    assert order.title == "楼下堆了建筑垃圾,已经三天没人清运" and order.reporter == town.officer
    assert (order.reporter_name_masked, order.reporter_phone_masked) == ("欧阳*", "139****5678")
    assert order.reporter_phone == "13912345678"
    check_event(
        order, "report", town.officer, "officer", "", "reported", source="officer", category="0502", urgency="normal"
    )
    assert list(running(order)) == ["accept"] and due(order, "accept") == at("2026-03-10 11:00")
    assert sentences.due_explained(order)
    assert queued() == ["workorders.reported"]


def test_after_a_report_acceptors_and_the_clerk_hear_of_it_once(town):
    order = report(town.officer, at=TUESDAY)
    assert told(order) == {"acceptor", "clerk"}
    row = Outbox.objects.get(topic="workorders.reported")
    Outbox.objects.filter(pk=row.pk).update(done_at=None)  # the message comes twice
    assert told(order) == {"acceptor", "clerk"} and last(order).kind == "report"
    assert order.events.count() == 1


def test_an_emergency_also_calls_the_duty_leader(town):
    order = report(town.officer, at=TUESDAY, category="0306")
    assert order.urgency == "emergency" and due(order, "accept") == at("2026-03-10 09:10")
    assert told(order) == {"acceptor", "clerk", "duty"}


@pytest.mark.parametrize(
    "moment, expected",
    [
        ("2026-09-30 16:40", "2026-10-08 09:40"),  # 50 minutes before the National Day holiday, 70 after it
        ("2026-03-13 16:30", "2026-03-16 09:30"),  # Friday afternoon
        ("2026-03-13 15:30", "2026-03-13 17:30"),
        ("2026-09-20 11:00", "2026-09-20 15:00"),  # a Sunday worked in exchange
        ("2026-02-14 18:00", "2026-02-24 10:30"),  # after work, Spring Festival
        ("2026-03-10 12:30", "2026-03-10 16:00"),
        ("2026-03-10 10:00", "2026-03-10 12:00"),  # an end on a break is its beginning
    ],
)
def test_acceptance_is_due_after_two_working_hours(town, moment, expected):
    since = at(moment)
    order = report(town.officer, at=since)
    assert due(order, "accept") == at(expected) == after_hours(since, 2)
    assert clock.local(order.amber_at) == after_hours(since, 1.6)
    assert sentences.due_explained(order)


def test_urgent_reports_are_due_around_the_clock(town):
    order = report(town.officer, at=at("2026-10-03 23:50"), urgency="urgent")
    assert due(order, "accept") == at("2026-10-04 00:20")


def test_a_report_without_a_category_waits_for_the_acceptor(town):
    order = report(town.officer, category=None)
    assert order.category is None and order.difficulty == 1
    refused("not_self_handled", "self_handle", order, town.officer)


@pytest.mark.parametrize(
    "person, source, role",
    [
        ("officer", "officer", "officer"),
        ("part_timer", "officer", "part_time_officer"),
        ("chief", "officer", "chief"),
        ("acceptor", "hotline", "acceptor"),
        ("dispatcher", "hotline", "dispatcher"),
        ("inspector", "inspection", "inspector"),
        ("police", "other", "police"),
        ("former", "other", "reporter"),
    ],
)
def test_the_source_follows_from_the_role(town, person, source, role):
    order = report(getattr(town, person))
    assert order.source == source and last(order).actor_role == role


def test_administrators_report_nothing(town):
    with pytest.raises(NotPermitted) as refusal:
        report(town.admin)
    assert refusal.value.code == "superuser_acts_not" and not WorkOrder.objects.exists()


def test_an_external_id_comes_once_per_source(town):
    report(town.acceptor, external_id="A-1", source="hotline")
    report(town.acceptor, external_id="A-1", source="department")
    with pytest.raises(Invalid) as refusal:
        report(town.acceptor, external_id="A-1", source="hotline")
    assert refusal.value.code == "duplicate_external_id" and "external_id" in refusal.value.errors
    assert WorkOrder.objects.count() == 2 == WorkOrderEvent.objects.count()


def test_level_is_the_lowest_that_has_an_acceptor(town):
    Post.objects.create(person=town.manager, role="acceptor", area=town.street, starts=dt.date(2026, 1, 1))
    assert report(town.officer, at=TUESDAY).level == "street"
    assert report(town.officer, at=at("2025-12-31 09:00")).level == "district"  # that day nobody stood there yet
    Post.objects.filter(role="acceptor").delete()
    assert report(town.officer, at=TUESDAY).level == "district"


# -- settled on the spot


def test_what_is_settled_on_the_spot_is_reported_kept_and_fed_back_at_once(town):
    order = report(town.officer, at=TUESDAY, **SETTLED)
    order = WorkOrder.objects.get(pk=order.pk)
    assert (order.status, order.officer, order.self_handled, order.sampled) == ("fed_back", town.officer, True, True)
    assert order.accepted_at is None and order.dispatched_at == order.fed_back_at == TUESDAY
    assert order.public_answer == order.internal_result == "已清扫" and order.resolved is True
    events = list(order.events.values_list("kind", "before", "after", "actor_role"))
    assert events == [
        ("report", "", "reported", "officer"),
        ("self_handle", "reported", "handling", "officer"),
        ("feedback", "handling", "fed_back", "officer"),
    ]
    assert last(order).data == {"result": "已清扫", "sampled": True}
    assert list(running(order)) == ["check"] and due(order, "check") == after_hours(TUESDAY, 4)
    assert [(one.kind, one.officer, one.outcome) for one in parts(order)] == [("lead", town.officer, "done")]
    assert queued() == ["workorders.reported"]


def test_part_time_officers_act_in_their_own_role(town):
    order = report(town.part_timer, **SETTLED)
    assert {event.actor_role for event in order.events.all()} == {"part_time_officer"}


def test_a_sampled_one_waits_for_the_clerk_and_no_acceptor_is_bothered(town):
    order = report(town.officer, **SETTLED)
    assert told(order) == {"clerk", "part_timer"}
    order.refresh_from_db()
    assert order.status == "fed_back"
    assert do("pass_check", order, town.clerk).status == "revisiting"


def test_three_a_month_and_every_tenth_are_sampled_the_rest_closes_by_itself(town):
    orders = [report(town.officer, **SETTLED) for _number in range(14)]
    outbox.drain()
    outbox.drain()
    rows = {order.pk: WorkOrder.objects.get(pk=order.pk) for order in orders}
    sampled = [pk for pk, row in rows.items() if row.sampled]
    plain = [pk for pk in rows if pk % 10]
    assert set(sampled) == {pk for pk in rows if pk % 10 == 0} | set(sampled) and len(sampled) >= 3
    assert len([pk for pk in sampled if pk in plain]) <= 3
    for pk, row in rows.items():
        kinds = list(row.events.values_list("kind", flat=True))
        if pk in sampled:
            assert row.status == "fed_back" and kinds[-1] == "feedback"
        else:
            assert row.status == "closed" and kinds == ["report", "self_handle", "feedback", "pass_check", "close"]
            assert row.satisfaction is None and row.accepted_at is None and row.closed_at
            assert told(row) == {"officer"}  # the reporter hears of the close; nobody has to accept, check or revisit
            assert not running(row)


def test_the_sample_starts_anew_each_month(town):
    for _number in range(3):
        report(town.officer, at=at("2026-03-31 10:00"), **SETTLED)
    rest = WorkOrder(pk=11, officer=town.officer)
    assert not is_sampled(rest, at=at("2026-03-31 23:59")) and is_sampled(rest, at=at("2026-04-01 00:00"))
    assert is_sampled(WorkOrder(pk=20, officer=town.officer), at=at("2026-03-31 12:00"))
    assert is_sampled(WorkOrder(pk=11, officer=town.part_timer), at=at("2026-03-31 12:00"))


def test_only_an_officer_of_the_grid_settles_on_the_spot(town):
    for person in (town.neighbour, town.chief, town.acceptor, town.former):
        with pytest.raises(NotPermitted) as refusal:
            report(person, **SETTLED)
        assert refusal.value.code == "not_your_grid"
    with pytest.raises(NotPermitted):
        report(None, **SETTLED)
    with pytest.raises(NotAllowedNow) as refusal:
        report(town.officer, self_handled=True, result="已清运")  # 0502 is not for officers
    assert refusal.value.code == "not_self_handled"
    assert not WorkOrder.objects.exists() and not Assignment.objects.exists() and not Clock.objects.exists()


# -- void


def test_the_reporter_voids_within_half_an_hour(town):
    order = report(town.officer, at=TUESDAY)
    order = do("void", order, town.officer, at=TUESDAY + dt.timedelta(minutes=29, seconds=59), reason="报错了")
    check_event(order, "void", town.officer, "reporter", "reported", "voided", reason="报错了")
    assert not running(order) and order.due_at is None and order.next_timer_at is None
    assert told(order, "void") == set()


def test_voiding_is_refused_later_and_to_others(town):
    order = report(town.officer, at=TUESDAY)
    late = refused("void_too_late", "void", order, town.officer, at=TUESDAY + dt.timedelta(minutes=30), reason="报错")
    assert "Ask the centre" in str(late)
    refused("not_your_move", "void", order, town.part_timer, at=TUESDAY, reason="报错")
    refused("invalid", "void", order, town.officer, at=TUESDAY)
    do("accept", order, town.acceptor, at=TUESDAY, category="0502")
    refused("wrong_status", "void", order, town.officer, at=TUESDAY, reason="报错")


def test_a_flaw_of_ours_is_not_taken_for_a_known_id(town, monkeypatch):
    first = report(town.officer)
    monkeypatch.setattr(reporting, "put_places", lambda order: setattr(order, "number", first.number))
    with pytest.raises(IntegrityError):
        report(town.officer)
