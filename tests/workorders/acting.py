"""Short words for tests: report as somebody, do a move as somebody, look at what it left behind."""

import functools

import pytest
from django.utils import translation

from core import clock, outbox
from core.errors import DomainError
from core.models import Outbox
from personnel.jurisdiction import standing_of
from tests.workorders.clockwork import Ribbon, at
from workorders import commands, intake
from workorders.models import Assignment, Attachment, Clock, Notice, WorkOrder

GRID = "620105006001001"
RESULT = {"internal_result": "已清运", "public_answer": "已清运", "resolved": True}
# A Tuesday like any other, while offices work.
TUESDAY = at("2026-03-10 09:00")


def report(person, *, at=None, **fields):
    """Report dumped building waste in the main grid; `fields` change or, with None, leave out what is sent."""
    at = at or clock.now()
    raw = {"description": "楼下堆了建筑垃圾,已经三天没人清运", "category": "0502", "area": GRID, **fields}
    raw = {name: value for name, value in raw.items() if value is not None}
    standing = standing_of(person, clock.date_of(at)) if person else None
    checked = intake.read(raw, standing=standing, at=at)
    return commands.report(checked, by=person, at=at) if person else commands.report_publicly(checked, at=at)


def do(name, order, person, *, at=None, **given):
    """Do a move as a door would."""
    return commands.perform(name, order, by=person, at=at or clock.now(), given=given)


def refused(code, name, order, person, *, at=None, **given) -> DomainError:
    """The move is refused with this code, in a sentence, and leaves no trace; returns the refusal."""
    before = WorkOrder.objects.get(pk=order.pk)
    with pytest.raises(DomainError) as refusal, translation.override("en"):
        do(name, order, person, at=at, **given)
    with translation.override("en"):
        words = str(refusal.value)
    assert refusal.value.code == code, (refusal.value.code, words)
    assert len(words) > 15 and words.endswith("."), words
    after = WorkOrder.objects.get(pk=order.pk)
    assert (after.version, after.status, after.timers) == (before.version, before.status, before.timers)
    return refusal.value


def bring(order, town, status, *, at=None, category="0502", unit="620105-UM", handler=None):
    """Take an order along the straight road from where it is until it has the status."""
    handler = handler or town.handler
    road = (
        ("filed", "accept", town.acceptor, {"category": category}),
        ("dispatched", "dispatch", town.dispatcher, {"unit": unit}),
        ("handling", "sign", handler, {}),
        ("fed_back", "feedback", handler, RESULT),
        ("revisiting", "pass_check", town.officer, {}),
        ("closed", "revisit", town.reviewer, {"reached": True, "resolved": True, "satisfaction": 5}),
    )
    stops = ["reported", *(reached for reached, *_rest in road)]
    for reached, name, person, given in road[stops.index(order.status) :]:
        if order.status == status:
            break
        order = do(name, order, person, at=at, **given)
        assert order.status == reached
    return order


def renewed(person):
    """The person as a new request would load him, with the posts held now."""
    return type(person).objects.get(pk=person.pk)


def last(order):
    """The newest event."""
    return order.events.order_by("-sequence").first()


def check_event(order, kind, person, role, before, after, **data):
    """The newest event says who did what in which role, from where to where; `data` is all it says besides."""
    event = last(order)
    found = (event.kind, event.actor, event.actor_name, event.actor_role, event.before, event.after, event.area_name)
    assert found == (kind, person, person.name if person else "", role, before, after, "农大一网格")
    assert event.data == data
    return event


def queued():
    """The topics that wait in the outbox."""
    return list(Outbox.objects.filter(done_at=None).order_by("pk").values_list("topic", flat=True))


def told(order, kind=None) -> set[str]:
    """Let the worker work; the user names who got a notice of this kind on the order (of any, without one)."""
    outbox.drain()
    rows = Notice.objects.filter(order=order)
    return set((rows.filter(kind=kind) if kind else rows).values_list("person__username", flat=True))


def running(order) -> dict:
    """{kind: the clock that runs or stands still}."""
    found = list(Clock.objects.filter(order=order, stopped_at=None))
    assert len({one.kind for one in found}) == len(found)
    return {one.kind: one for one in found}


def due(order, kind):
    """The due moment of a running clock on the clock of Shanghai."""
    return clock.local(running(order)[kind].due_at)


def parts(order, **wanted) -> list:
    """The assignments."""
    return list(Assignment.objects.filter(order=order, **wanted).order_by("pk"))


def photo_of(order, kind="after", *, by=None, at=TUESDAY):
    """A photo's row without its files."""
    return Attachment.objects.create(
        order=order, kind=kind, key=f"{Attachment.objects.count():032d}", sha256="0" * 64, perceptual_hash="0" * 16,
        width=1, height=1, size=1, by=by, uploaded_at=at,
    )  # fmt: skip


@functools.cache
def ribbon() -> Ribbon:
    """The second, slow way to count working time."""
    return Ribbon()


def after_hours(since, hours):
    """The moment so many working hours later, by walking over the minutes."""
    return ribbon().add(since, int(hours * 3600))


def after_days(since, days):
    """17:30 of the so-manyth working day."""
    return ribbon().end_of_day(since, days)
