"""Hops 3 to 5 of every move: the order's row, its event and the outbox row, written together."""

from datetime import datetime

from core import clock, outbox
from core.inserting import insert_together
from core.transactions import current
from grids.directory import directory
from personnel.jurisdiction import standing_of
from workorders import finding, workflow
from workorders.models import Inquiry, WorkOrder, WorkOrderEvent
from workorders.timekeeping import Timekeeper
from workorders.vocabulary import Status


class Step:
    """One move on one locked order: who does it, in which role, and what it changes."""

    def __init__(self, name: str, order, *, by, at: datetime):
        self.order, self.by, self.at = locked(order), by, at
        self.standing = standing_of(by, on=clock.date_of(at)) if by is not None else None
        self.permit = workflow.check(name, self.order, standing=self.standing, at=at)
        self.move, self.before = self.permit.move, self.order.status
        self.clocks = Timekeeper(self.order, at)

    def conclude(self, *, target: str | None = None, kind: str | None = None, **data) -> WorkOrder:
        """Write the order, its event (`data` without empty values) and the outbox row; returns the order."""
        target = target or self.move.target
        if target:
            self.order.status = target
        record(
            self.order,
            kind or self.move.name,
            by=self.by,
            at=self.at,
            role=self.permit.role,
            before=self.before,
            clocks=self.clocks,
            data=data,
        )
        return self.order


def locked(order) -> WorkOrder:
    """The order with its row locked until the transaction ends; the same object when this already happened."""
    unit = current()
    if getattr(order, "_locked_in", None) is unit and unit is not None:
        return order
    # The encrypted columns stay where they are: no move reads them, and a save leaves out what was not loaded.
    fresh = WorkOrder.objects.select_for_update().defer("reporter_name", "reporter_phone").get(pk=order.pk)
    fresh._locked_in, fresh._as_stored = unit, dict(fresh.__dict__)
    return fresh


def save_changes(order: WorkOrder) -> None:
    """Write the columns that differ from what was read under the lock: most moves touch a third of them."""
    stored = order._as_stored
    changed = [
        field.attname
        for field in order._meta.concrete_fields
        if field.attname in order.__dict__ and order.__dict__[field.attname] != stored.get(field.attname)
    ]
    if changed:
        order.save(update_fields=changed)
        stored.update({name: order.__dict__[name] for name in changed})


def claim(number: str, standing) -> WorkOrder | None:
    """The order with this number if the person sees it, locked until the transaction ends; one statement."""
    order = finding.find(number, standing, lock=True)
    if order is not None:
        order._locked_in, order._as_stored = current(), dict(order.__dict__)
    return order


def record(
    order,
    kind: str,
    *,
    by,
    at: datetime,
    role: str,
    before: str,
    clocks: Timekeeper | None = None,
    data: dict | None = None,
):
    """Settle the clocks, save the order, append the event, and say in the outbox that people must hear of it."""
    if order.asked_until is not None and order.status != Status.HANDLING:
        order.asked_until = None
        waiting = Inquiry.objects.filter(order=order, outcome=Inquiry.Outcome.WAITING)
        waiting.update(outcome=Inquiry.Outcome.OVERTAKEN, ended_at=at)
    started = clocks.settle() if clocks is not None else []
    event = sealed_event(order, kind, by=by, at=at, role=role, before=before, data=data or {})
    save_changes(order)
    insert_together(started, [event], [word_of(event)])
    return event


def word_of(event: WorkOrderEvent, *, topic: str = "workorders.moved") -> outbox.Outbox:
    """The outbox row, not yet stored, that lets people hear of the event."""
    return outbox.prepared(topic, order=event.order_id, sequence=event.sequence)


def sealed_event(order, kind: str, *, by, at: datetime, role: str, before: str, data: dict) -> WorkOrderEvent:
    """The next event of the order's chain, not yet stored; moves the order's version and hash on."""
    place = directory().by_id[order.area_id]
    event = WorkOrderEvent(
        order_id=order.pk,
        kind=kind,
        at=at,
        recorded_at=at,
        actor=by,
        actor_name=(by.name or by.username) if by else "",
        actor_role=role,
        area_name=place.name,
        before=before,
        after=order.status,
        data={key: value for key, value in data.items() if value not in (None, "", [], {})},
    )
    event.seal(order.last_hash, order.version + 1)
    order.version, order.last_hash = event.sequence, event.hash
    return event
