"""Any people doing anything at any time: what must always hold of an order, holds.

Hypothesis picks persons, moves, inputs and the time between them; refusals are part of the walk. After every step the
invariants are checked; at its end the order's whole history is.
"""

import datetime as dt
from collections import Counter

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from core import clock, outbox
from core.errors import DomainError
from personnel.jurisdiction import standing_of
from tests import town as cast
from tests.workorders.acting import do, report
from workorders import commands, workflow
from workorders.models import Assignment, Clock, Extension, Supervision, WorkOrder
from workorders.vocabulary import FINAL, Status

pytestmark = pytest.mark.django_db

START = dt.datetime(2026, 9, 28, 10, 0, tzinfo=clock.ZONE)  # a Monday before a long holiday
PEOPLE = [name for name, *_rest in cast.PEOPLE]
MOVES = [move for move in workflow.MOVES if not move.is_system]
DETOURS = {"decline", "merge", "void", "verify", "suspend", "escalate"}
WAITS = st.sampled_from([0, 1, 1, 7, 7, 31, 61, 5 * 60, 24 * 60, 3 * 24 * 60, 12 * 24 * 60])


class Undo(Exception):
    """Leave an example's transaction without a trace."""


def values(order, twin, now):
    """Inputs by type, right and wrong ones."""
    later = now + dt.timedelta(hours=30)
    return {
        "text": st.sampled_from(["现场已处理", "x"]),
        "bool": st.booleans(),
        "category": st.sampled_from(["0502", "0501", "0202", "0605", "05"]),
        "unit": st.sampled_from(["620105-UM", "620105-HC", "620105006-ST", "620105006001-CO", "620102-UM"]),
        "units": st.lists(st.sampled_from(["620105-HC", "620105-UM"]), min_size=1, max_size=2, unique=True),
        "officer": st.nothing(),
        "order": st.sampled_from([twin.number, order.number]),
        "datetime": st.sampled_from([later.isoformat(), (now - dt.timedelta(1)).isoformat()]),
        "date": st.sampled_from([(now + dt.timedelta(days=9)).date().isoformat()]),
        "limit": st.sampled_from(["4wh", "2wd", "1h"]),
        "point": st.just({"lon": 103.705, "lat": 36.105}),
        "attachment": st.nothing(),
        "attachments": st.nothing(),
    }


def draw_inputs(data, move, order, twin, now):
    strategies = values(order, twin, now)
    given = {}
    for spec in move.inputs:
        if spec.type in ("officer", "attachment", "attachments") or (not spec.required and data.draw(st.booleans())):
            continue
        choices = st.sampled_from(spec.choices) if spec.choices else strategies[spec.type]
        given[spec.name] = data.draw(choices)
    return given


def check_now(order):
    """What must hold after every step."""
    running = list(Clock.objects.filter(order=order, stopped_at__isnull=True))
    if order.status in FINAL:
        assert not running and order.due_at is None and order.next_timer_at is None
    else:
        ticking = [one for one in running if one.paused_at is None]
        assert running and order.due_at in {one.due_at for one in running}
        assert order.clock_paused == (not ticking)
        moments = [dt.datetime.fromisoformat(moment) for moment, _rule, _kind in order.timers]
        assert moments == sorted(moments) and order.next_timer_at == (moments[0] if moments else None)
    assert len({one.kind for one in running}) == len(running), "two clocks of one kind run at once"
    moments = [
        order.reported_at,
        order.dispatched_at,
        order.signed_at,
        order.fed_back_at,
        order.checked_at,
        order.closed_at,
    ]
    known = [moment for moment in moments if moment is not None]
    assert known == sorted(known)
    if order.status == Status.CLOSED:
        assert order.closed_at and order.checked_at and order.fed_back_at
    if order.status in (Status.DISPATCHED, Status.HANDLING, Status.SUSPENDED):
        assert (order.lead_id is None) != (order.officer_id is None)
        assert Assignment.objects.filter(order=order, kind="lead", ended_at__isnull=True).count() == 1
    assert order.extension_pending == Extension.objects.filter(order=order, state="pending").exists()
    assert order.returns <= 2


def check_history(order):
    """What the events say is what the order says."""
    events = list(order.events.all())
    status, previous = "", ""
    for number, event in enumerate(events, start=1):
        assert event.sequence == number and event.before == status and event.previous_hash == previous
        assert event.hash == event.digest()
        status, previous = event.after, event.hash
    assert status == order.status and previous == order.last_hash and len(events) == order.version
    kinds = Counter(event.kind for event in events)
    assert order.returns == kinds["return"] and order.urges == kinds["urge"] and order.reopens == kinds["reopen"]
    reworks = kinds["fail_check"] + sum(1 for event in events if event.kind == "revisit" and event.data.get("rework"))
    assert order.reworks == reworks
    assert Extension.objects.filter(order=order, state="granted").count() == order.extensions_granted
    if order.reworks >= 3:
        assert Supervision.objects.filter(order=order, card="red").exists()


def walk(town, data):
    now = START
    fields = data.draw(
        st.sampled_from([{}, {"category": None}, {"category": "0501"}, {"category": "0605"}, {"category": "0202"}])
    )
    order, twin = report(town.officer, at=now, **fields), report(town.neighbour, at=now)
    for _step in range(data.draw(st.integers(10, 40))):
        now += dt.timedelta(minutes=data.draw(WAITS))
        order = WorkOrder.objects.get(pk=order.pk)
        if data.draw(st.booleans()):
            order = commands.fire(order, at=now)
            check_now(WorkOrder.objects.get(pk=order.pk))
        move, name = draw_step(data, order, town, now)
        person = getattr(town, name)
        try:
            with transaction.atomic():
                do(move.name, order, person, at=now, **draw_inputs(data, move, order, twin, now))
        except DomainError:
            pass
        check_now(WorkOrder.objects.get(pk=order.pk))
    outbox.drain()
    check_history(WorkOrder.objects.get(pk=order.pk))


def draw_step(data, order, town, now):
    """A move and a person: mostly one that leads on, sometimes any that is open, sometimes one that must be refused."""
    open_moves = [move for move in MOVES if order.status in move.sources]
    able = [(move, name) for move in open_moves for name in PEOPLE if may(move, order, getattr(town, name), now)]
    onward = [(move, name) for move, name in able if move.targets and move.name not in DETOURS]
    luck = data.draw(st.integers(0, 9))
    if luck == 0 or not able:
        return data.draw(st.sampled_from(open_moves)), data.draw(st.sampled_from(PEOPLE))
    choice = onward if onward and luck < 8 else able
    name = data.draw(st.sampled_from(sorted({move.name for move, _person in choice})))
    return data.draw(st.sampled_from([pair for pair in choice if pair[0].name == name]))


def may(move, order, person, now) -> bool:
    """Whether the judge lets this person."""
    try:
        workflow.check(move.name, order, standing=standing_of(person, clock.date_of(now)), at=now)
    except DomainError:
        return False
    return True


# Shrinking a walk through a database takes longer than reading the unshrunk one.
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(data=st.data())
def test_an_order_never_reaches_an_impossible_state(town, data):
    try:
        with transaction.atomic():
            walk(town, data)
            raise Undo
    except Undo:
        pass
