"""What every life has: the order's columns, the rows that hang on it, and how a step is written down."""

from collections import namedtuple
from datetime import datetime

from core.events import digest
from workorders.models import WorkOrder
from workorders.simulation.ticking import Ticker
from workorders.vocabulary import FINAL

# Who acts: `name` as events keep it.
Person = namedtuple("Person", "id name")

COLUMNS = tuple(field.attname for field in WorkOrder._meta.concrete_fields)
_BLANK = {field.attname: field.get_default() for field in WorkOrder._meta.concrete_fields}


class Order:
    """The columns of one order, and what its clocks want to know of it."""

    def __init__(self):
        self.__dict__.update(_BLANK)
        self.category = None
        self.granted: list[tuple[datetime, datetime]] = []  # extensions: decided at, until
        self.settled_at: datetime | None = None


class Base:
    """One order and its rows. world: places, categories, calendar (`workorders.simulation.world.World`)."""

    def __init__(self, world, pk: int):
        self.world, self.order = world, Order()
        self.order.id = pk
        self.clocks = Ticker(self.order, world)
        self.events: list[dict] = []
        self.assignments: list[dict] = []
        self.extensions: list[dict] = []
        self.supervisions: list[dict] = []
        self.public: dict | None = None
        self.rating: dict | None = None
        self.area_name = ""

    def record(
        self,
        kind: str,
        at: datetime,
        by: Person | None,
        role: str,
        before: str,
        *,
        recorded_at: datetime | None = None,
        **data,
    ):
        """Append the next event of the chain; what happened by itself before it must have been told already.

        recorded_at: when it was written down, where that is not when it happened.
        """
        order = self.order
        values = {
            "kind": kind,
            "at": at,
            "recorded_at": recorded_at or at,
            "actor_id": by.id if by else None,
            "actor_name": by.name if by else "",
            "actor_role": role,
            "area_name": self.area_name,
            "before": str(before),
            "after": str(order.status),
            "data": {key: value for key, value in data.items() if value not in (None, "", [], {})},
            "sequence": order.version + 1,
            "previous_hash": order.last_hash,
            "order_id": order.id,
        }
        values["hash"] = digest(values)
        self.events.append(values)
        order.version, order.last_hash = values["sequence"], values["hash"]
        order.settled_at = at

    def _step(self, kind, at, by, role, target=None, **data):
        before, self.order.status = self.order.status, target or self.order.status
        self.record(kind, at, by, role, before, **data)

    @property
    def is_open(self) -> bool:
        """Whether anybody still has to act on it."""
        return self.order.status not in FINAL

    def _urgency_steps(self) -> int:
        return self.world.urgency_steps(self.order)

    def _give(self, kind, at, *, unit=None, officer=None, by=None, **more):
        row = dict(_PART)
        row.update(
            order_id=self.order.id,
            kind=kind,
            unit_id=unit,
            officer_id=officer,
            by_id=by.id if by else None,
            assigned_at=at,
            reported_at=self.order.reported_at,
        )
        row.update(more)
        self.assignments.append(row)

    def _end(self, kind, at, outcome, result=""):
        for row in self.assignments:
            if row["kind"] == kind and row["ended_at"] is None:
                row.update(ended_at=at, outcome=outcome, result=result)

    def _lapse(self, at):
        if self.order.extension_pending:
            self.extensions[-1].update(state="lapsed", decided_at=at)
            self.order.extension_pending = False

    def _rework(self, at, by):
        self.order.reworks += 1
        self.order.sampled = False
        self._start_rework(at, by)

    def _start_rework(self, at, by):
        order = self.order
        order.fed_back_at = order.checked_at = order.closed_at = None
        order.revisits = 0
        self.clocks.stop(at)
        self.clocks.start_handling(at, self._urgency_steps(), rework=True, unit_id=order.lead_id)
        self._give("lead", at, unit=order.lead_id, officer=order.officer_id, by=by, signed_at=at)

    def _card_for_rework(self, at):
        if self.order.reworks >= 2:
            self.give_card(at, "yellow" if self.order.reworks == 2 else "red", "rework")

    def _close(self, at):
        self.order.closed_at, self.order.reopen_requested_at = at, None
        self.clocks.stop(at)
        if self.order.follow_officer_id or self.order.co_units or self.order.whistled_units:
            for row in self.assignments:
                if row["ended_at"] is None:
                    row.update(ended_at=at, outcome="done")

    def _card_row(self, at, card, *, by=None, rule="", reason="", answer_by=None):
        self.supervisions.append(
            {
                "order_id": self.order.id,
                "card": card,
                "rule": rule,
                "reason": reason,
                "answer_by": answer_by,
                "unit_id": self.order.lead_id,
                "by_id": by.id if by else None,
                "at": at,
                "lifted_by_id": None,
                "lifted_at": None,
            }
        )

    def finish(self):
        """Put what follows from the clocks on the order; the rows are ready to be written."""
        self.order.__dict__.update(self.clocks.present())
        return self


_PART = {
    "order_id": None,
    "kind": "",
    "unit_id": None,
    "officer_id": None,
    "by_id": None,
    "task": "",
    "whistle": "",
    "forced": False,
    "assigned_at": None,
    "due_at": None,
    "signed_at": None,
    "arrived_at": None,
    "arrived": None,
    "ended_at": None,
    "outcome": "",
    "result": "",
    "score": None,
    "reported_at": None,
}
