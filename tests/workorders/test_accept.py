"""The centre looks at a report: verify, accept, decline, merge."""

import datetime as dt

import pytest

from tests.workorders.acting import (
    TUESDAY,
    after_hours,
    bring,
    check_event,
    do,
    due,
    parts,
    queued,
    refused,
    report,
    running,
    told,
)
from tests.workorders.clockwork import at
from workorders import sentences
from workorders.models import Pause, WorkOrder

pytestmark = pytest.mark.django_db
LATER = TUESDAY + dt.timedelta(minutes=30)


# -- accept


def test_an_acceptor_files_a_report(town):
    order = do("accept", report(town.officer, at=TUESDAY), town.acceptor, at=LATER, category="0502")
    assert (order.status, order.phase, order.accepted_at) == ("filed", "dispatch", LATER)
    check_event(
        order, "accept", town.acceptor, "acceptor", "reported", "filed",
        category="0502", urgency="normal", difficulty=2,
    )  # fmt: skip
    assert list(running(order)) == ["dispatch"] and due(order, "dispatch") == after_hours(LATER, 2)
    assert queued() == ["workorders.reported", "workorders.moved"]
    assert told(order, "accept") == {"dispatcher", "officer"}


def test_whoever_accepts_what_he_reported_is_not_told(town):
    order = do("accept", report(town.acceptor), town.acceptor, category="0502")
    assert told(order, "accept") == {"dispatcher"}


def test_a_clerk_accepts_in_the_own_community_only(town):
    order = do("accept", report(town.officer), town.clerk, category="0502")
    assert order.events.last().actor_role == "clerk"
    refused("not_your_move", "accept", report(town.officer, area=town.grid3.code), town.clerk, category="0502")


def test_another_category_is_noted_and_brings_its_urgency(town):
    order = do("accept", report(town.officer, at=TUESDAY), town.acceptor, at=LATER, category="0306")
    assert (order.category.code, order.urgency, order.difficulty) == ("0306", "emergency", 3)
    assert order.reported_category.code == "0502"
    assert order.events.last().data["reclassified_from"] == "0502"
    assert due(order, "dispatch") == LATER + dt.timedelta(minutes=10)


@pytest.mark.parametrize(
    "reported, given, expected",
    [
        ({"urgency": "urgent"}, {}, "urgent"),  # what the reporter said stays with his category
        ({"urgency": "urgent", "category": None}, {}, "urgent"),
        ({"category": None}, {"category": "0201"}, "urgent"),  # the category's own
        ({"urgency": "urgent"}, {"category": "0501"}, "urgent"),  # the more pressing of both
        ({"urgency": "urgent"}, {"urgency": "normal"}, "normal"),
        ({}, {"urgency": "emergency", "difficulty": 4}, "emergency"),
    ],
)
def test_urgency_at_acceptance(town, reported, given, expected):
    order = do("accept", report(town.officer, **reported), town.acceptor, **{"category": "0502", **given})
    assert order.urgency == expected and order.difficulty == given.get("difficulty", order.category.difficulty)


def test_accepting_is_refused(town):
    order = report(town.officer)
    for person in (town.acceptor2, town.dispatcher, town.officer, town.admin, town.handler):
        refused("not_your_move", "accept", order, person, category="0502")
    missing = refused("invalid", "accept", order, town.acceptor)
    assert list(missing.errors) == ["category"] and missing.status == 400
    refused("invalid", "accept", order, town.acceptor, category="05")
    refused("invalid", "accept", order, town.acceptor, category="0502", urgency="soon", difficulty=9)
    order = bring(order, town, "filed")
    again = refused("wrong_status", "accept", order, town.acceptor)  # judged before the missing input
    assert again.status == 409 and again.data["status"] == "filed"


# -- decline


def test_a_declined_report_ends_with_a_public_reason(town):
    order = do("decline", report(town.officer, at=TUESDAY), town.acceptor, at=LATER, reason="不属于受理范围")
    assert (order.status, order.public_answer, order.closed_at) == ("declined", "不属于受理范围", None)
    check_event(order, "decline", town.acceptor, "acceptor", "reported", "declined", reason="不属于受理范围")
    assert not running(order) and order.due_at is None
    assert told(order, "decline") == {"officer"}


def test_declining_is_refused(town):
    order = report(town.officer)
    refused("not_your_move", "decline", order, town.clerk, reason="不受理")
    refused("invalid", "decline", order, town.acceptor, reason="  ")
    refused("wrong_status", "decline", bring(order, town, "filed"), town.acceptor, reason="不受理")


# -- verify


def test_the_grids_officer_is_asked_to_look_and_acceptance_waits(town):
    order = report(town.chief, at=TUESDAY)
    order = do("verify", order, town.acceptor, at=LATER)
    assert (order.status, order.verify_officer) == ("verifying", town.officer)
    check_event(
        order, "verify", town.acceptor, "acceptor", "reported", "verifying",
        officer=town.officer.pk, officer_name="王小梅",
    )  # fmt: skip
    clocks = running(order)
    assert clocks["accept"].paused_at == LATER and clocks["verify"].paused_at is None
    assert (order.due_kind, order.clock_paused) == ("verify", False) and due(order, "verify") == after_hours(LATER, 4)
    assert told(order, "verify") == {"officer"}
    assert [(one.kind, one.officer, one.by) for one in parts(order)] == [("verify", town.officer, town.acceptor)]


def test_acceptance_goes_on_with_the_time_it_had_left(town):
    order = report(town.chief, at=at("2026-09-30 16:00"))
    order = do("verify", order, town.acceptor, at=at("2026-09-30 16:30"))
    back = at("2026-10-08 09:00")
    order = do("verified", order, town.officer, at=back, outcome=True, note="属实")
    assert (order.status, order.verify_officer, order.due_kind) == ("reported", None, "accept")
    assert due(order, "accept") == after_hours(back, 1.5) and sentences.due_explained(order)
    assert list(running(order)) == ["accept"] and not Pause.objects.filter(until=None).exists()
    check_event(order, "verified", town.officer, "officer", "verifying", "reported", outcome=True, note="属实")
    assert told(order, "verified") == {"acceptor", "clerk", "chief"}
    assert parts(order)[0].outcome == "done" and parts(order)[0].ended_at == back


def test_what_is_not_true_is_declined_with_the_note(town):
    order = do("verify", report(town.chief, at=TUESDAY), town.acceptor, at=LATER)
    refused("note_required", "verified", order, town.officer, at=LATER, outcome=False)
    order = do("verified", order, town.officer, at=LATER, outcome=False, note="现场没有")
    assert (order.status, order.public_answer) == ("declined", "现场没有")
    assert not running(order) and not Pause.objects.filter(until=None).exists()


def test_verifying_is_refused(town):
    order = report(town.chief)
    refused("not_your_move", "verify", order, town.clerk)
    refused("invalid", "verify", order, town.acceptor, officer=999999)
    for person in (town.dispatcher, town.officer2, town.former, town.chief):
        error = refused("not_an_officer_here", "verify", order, town.acceptor, officer=person.pk)
        assert list(error.errors) == ["officer"]
    order = do("verify", order, town.acceptor, officer=town.neighbour.pk)  # of the same community
    refused("not_your_move", "verified", order, town.officer, outcome=True)
    refused("invalid", "verified", order, town.neighbour)
    refused("wrong_status", "accept", order, town.acceptor, category="0502")
    vacant = report(town.chief, area=town.grid3.code)
    refused("officer_required", "verify", vacant, town.acceptor)


def test_an_emergency_is_not_verified_first(town):
    order = report(town.chief, category="0306")
    refused("verify_not_allowed", "verify", order, town.acceptor)


# -- merge


def test_a_duplicate_is_merged_and_its_reporter_hears_of_the_close(town):
    main, twin = report(town.officer, at=TUESDAY), report(town.neighbour, at=TUESDAY)
    twin = do("merge", twin, town.acceptor, at=LATER, into=main.number)
    assert (twin.status, twin.main) == ("merged", main) and not running(twin)
    check_event(twin, "merge", town.acceptor, "acceptor", "reported", "merged", into=main.number)
    assert told(twin, "merge") == {"neighbour"}
    main = bring(main, town, "closed")
    assert told(main, "revisit") == {"officer", "neighbour", "handler", "head"}


def test_twins_follow_when_their_main_is_merged_in_turn(town):
    first, second, third = report(town.officer), report(town.neighbour), report(town.part_timer)
    do("merge", first, town.acceptor, into=second.number)
    do("merge", second, town.acceptor, into=third.number)
    assert {order.main_id for order in WorkOrder.objects.exclude(pk=third.pk)} == {third.pk}
    third = do("decline", third, town.acceptor, reason="不受理")
    assert told(third, "decline") == {"officer", "neighbour", "part_timer"}


def test_merging_is_refused(town):
    order, main, far = report(town.officer), report(town.officer), report(town.officer2, area=town.far_grid.code)
    refused("merge_into_itself", "merge", order, town.acceptor, into=order.number)
    refused("not_your_move", "merge", order, town.dispatcher, into=main.number)
    unseen = refused("invalid", "merge", order, town.acceptor, into=far.number)  # another district's
    assert list(unseen.errors) == ["into"]
    refused("invalid", "merge", order, town.acceptor, into="nothing")
    do("decline", main, town.acceptor, reason="不受理")
    refused("main_is_dead", "merge", order, town.acceptor, into=main.number)
    refused("wrong_status", "merge", bring(order, town, "dispatched"), town.acceptor, into=far.number)
