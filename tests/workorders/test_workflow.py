"""The workflow table whole: every move × status × person against a second writing of the contract."""

import datetime as dt
import itertools

import pytest

from core import clock
from core.errors import NotAllowedNow, NotPermitted
from personnel.jurisdiction import standing_of
from tests import town as cast
from workorders import catalogue, entitlement, guards, workflow
from workorders.commands.doing import COMMANDS
from workorders.models import WorkOrder
from workorders.vocabulary import FINAL, Status

pytestmark = pytest.mark.django_db

OPEN = "reported verifying filed dispatched handling suspended fed_back revisiting"
ANY = f"{OPEN} closed declined merged voided"
FIELD = "officer part_timer"
# Who of the cast, on an order of the main grid that 620105-UM leads, 620105-HC co-handles and was whistled for, that
# `neighbour` was asked to verify and `informant` reported. Statuses and people: contract §3, moves.
EXPECTED = {
    "verify": ("reported", "acceptor"),
    "verified": ("verifying", "neighbour"),
    "accept": ("reported", "acceptor clerk"),
    "decline": ("reported", "acceptor"),
    "merge": ("reported filed", "acceptor"),
    "dispatch": ("filed", "dispatcher chief"),
    "self_handle": ("reported filed", FIELD),
    "sign": ("dispatched", "handler head"),
    "return": ("dispatched handling", "handler head"),
    "request_extension": ("handling", "handler head"),
    "decide_extension": ("handling", "duty"),
    "ask": ("handling", "handler head"),
    "answer": ("handling", "informant"),
    "suspend": ("handling", "duty"),
    "resume": ("suspended", "duty"),
    "co_dispatch": ("dispatched handling", "manager dispatcher"),
    "co_feedback": (OPEN, "handler2"),
    "whistle": (OPEN, "chief clerk instructor manager"),
    "arrive": (OPEN, "handler2"),
    "rate_unit": (OPEN, "chief clerk instructor manager"),
    "escalate": ("reported filed dispatched handling", f"{FIELD} chief instructor clerk dispatcher"),
    "feedback": ("handling", "handler head"),
    "pass_check": ("fed_back", f"{FIELD} dispatcher clerk"),
    "fail_check": ("fed_back", f"{FIELD} dispatcher clerk"),
    "revisit": ("revisiting", "reviewer"),
    "close": ("revisiting", "duty"),
    "reopen": ("closed", "duty"),
    "urge": (OPEN, "manager dispatcher clerk chief"),
    "supervise": (OPEN, "inspector"),
    "lift_supervision": (OPEN, "inspector"),
    "decide": ("filed", "instructor"),
    "void": ("reported", "informant"),
    "comment": (ANY, None),
    "pass_on": ("handling", ""),
}
PEOPLE = [name for name, *_rest in cast.PEOPLE] + ["admin"]


def an_order(town, **changes) -> WorkOrder:
    """An order in memory on which every guard is open, so that only role and status decide."""
    now = clock.now()
    facts = {
        "area_id": town.main_grid.pk,
        "status": "reported",
        "level": "district",
        "category_id": catalogue.find("0501").pk,
        "urgency": "normal",
        "difficulty": 3,
        "reported_at": now,
        "dispatched_at": now,
        "lead_id": town.um.pk,
        "returns": 1,
        "co_units": [town.hc.pk],
        "whistled_units": [town.hc.pk],
        "verify_officer_id": town.neighbour.pk,
        "reporter_id": town.informant.pk,
        "extension_pending": True,
        "card": "yellow",
        "returned_units": [town.st.pk],
    }
    return WorkOrder(**facts | changes)


def verdict(move, order, person) -> int:
    """200, 403 or 409, as the doors would answer before reading inputs."""
    now = clock.now()
    try:
        workflow.check(move, order, standing=standing_of(person, clock.date_of(now)) if person else None, at=now)
    except NotPermitted:
        return 403
    except NotAllowedNow:
        return 409
    return 200


def test_the_table_and_its_second_writing_name_the_same_moves():
    assert set(EXPECTED) == set(workflow.BY_NAME)
    assert set(COMMANDS) == {move.name for move in workflow.MOVES if not move.is_system}


@pytest.mark.parametrize("move", sorted(EXPECTED))
def test_every_status_and_person(town, move):
    sources, people = EXPECTED[move]
    allowed = None if people is None else set(people.split())
    for status, name in itertools.product(Status.values, PEOPLE):
        asked = {"asked_until": clock.now() + dt.timedelta(days=1)} if move == "answer" else {}
        order = an_order(town, status=status, extension_pending=move not in ("request_extension", "ask"), **asked)
        expected = 403 if allowed is not None and name not in allowed else 200 if status in sources.split() else 409
        if name == "admin":
            expected = 403  # superusers see everything and move nothing
        assert verdict(move, order, getattr(town, name)) == expected, (move, status, name)


def test_offered_moves_are_exactly_the_allowed_ones(town):
    now = clock.now()
    for status, name in itertools.product(Status.values, PEOPLE):
        order = an_order(town, status=status)
        standing = standing_of(getattr(town, name), clock.date_of(now))
        offered = {move.name for move in workflow.allowed_moves(order, standing=standing, at=now)}
        allowed = {move for move in EXPECTED if verdict(move, order, getattr(town, name)) == 200}
        assert offered == allowed, (status, name)


def test_final_statuses_have_no_way_out_but_reopening_and_words():
    for status in FINAL:
        leaving = {move.name for move in workflow.MOVES if status in move.sources and move.targets}
        assert leaving == ({"reopen"} if status == Status.CLOSED else set())


def test_the_system_does_only_what_its_rows_say(town):
    done = {
        move for move in EXPECTED if verdict(move, an_order(town, status=EXPECTED[move][0].split()[0]), None) == 200
    }
    assert done == {"dispatch", "pass_on", "escalate", "pass_check", "close", "urge", "supervise"}


def test_the_checker_is_never_the_handler(town):
    by_officer = an_order(town, status="fed_back", lead_id=None, officer_id=town.officer.pk)
    assert verdict("pass_check", by_officer, town.officer) == 403
    assert verdict("pass_check", by_officer, town.part_timer) == 200
    followed = an_order(town, status="fed_back", follow_officer_id=town.officer2.pk)
    assert verdict("pass_check", followed, town.officer2) == 200


@pytest.mark.parametrize(
    "changes, minutes, code",
    [
        ({"returns": 2}, 0, "return_exhausted"),
        ({"forced": True}, 0, "return_exhausted"),
        ({"urgency": "emergency"}, 0, "return_not_allowed"),
        ({"urgency": "urgent"}, 61, "return_too_late"),
        ({"urgency": "urgent"}, 59, None),
    ],
)
def test_returning_has_its_limits(town, changes, minutes, code):
    now = clock.now()
    order = an_order(town, status="dispatched", dispatched_at=now - dt.timedelta(minutes=minutes), **changes)
    standing = standing_of(town.handler, clock.date_of(now))
    if code is None:
        assert workflow.check("return", order, standing=standing, at=now).role == "handler"
        return
    with pytest.raises(NotAllowedNow) as refused:
        workflow.check("return", order, standing=standing, at=now)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "move, status, changes, person, code",
    [
        ("self_handle", "reported", {"category_id": "0502"}, "officer", "not_self_handled"),
        ("self_handle", "reported", {"category_id": None}, "officer", "not_self_handled"),
        ("self_handle", "reported", {"category_id": "0202", "reported_at": -3700}, "officer", "self_handling_over"),
        ("request_extension", "handling", {"extension_pending": True}, "handler", "extension_pending"),
        (
            "request_extension",
            "handling",
            {"extension_pending": False, "extensions_granted": 2},
            "handler",
            "extension_exhausted",
        ),
        (
            "request_extension",
            "handling",
            {"extension_pending": False, "urgency": "emergency"},
            "handler",
            "extension_not_allowed",
        ),
        ("decide_extension", "handling", {"extension_pending": False}, "duty", "no_extension_pending"),
        ("escalate", "reported", {"level": "city"}, "officer", "no_level_above"),
        ("reopen", "closed", {"lead_id": None}, "duty", "nobody_handled_it"),
        ("urge", "filed", {"urged_at": 0}, "manager", "urged_recently"),
        ("lift_supervision", "filed", {"card": ""}, "inspector", "no_card"),
        ("decide", "filed", {"returns": 0}, "instructor", "not_disputed"),
        ("void", "reported", {"reported_at": -1801}, "informant", "void_too_late"),
    ],
)
def test_each_limit_has_its_code(town, move, status, changes, person, code):
    now = clock.now()
    if isinstance(changes.get("category_id"), str):
        changes = {**changes, "category_id": catalogue.find(changes["category_id"]).pk}
    for name in ("reported_at", "urged_at"):
        if name in changes:
            changes = {**changes, name: now + dt.timedelta(seconds=changes[name])}
    standing = standing_of(getattr(town, person), clock.date_of(now))
    with pytest.raises(NotAllowedNow) as refused:
        workflow.check(move, an_order(town, status=status, **changes), standing=standing, at=now)
    assert refused.value.code == code and str(refused.value)


def test_what_no_door_reaches_is_refused_all_the_same(town):
    """The rules above the guards keep these out; the guards hold without them."""
    order = an_order(town, whistled_units=[])
    with pytest.raises(NotAllowedNow) as refused:
        guards.has_open_whistle(order, standing=None, at=clock.now())
    assert refused.value.code == "no_whistle"
    assert entitlement.Rule().role_of(standing_of(town.officer, clock.today()), order) is None
