"""Phase two in memory: who gets the order, who is called in, and how it goes upwards."""

from workorders.simulation.life.base import Person
from workorders.vocabulary import Status

S = Status
UPWARDS = {"community": "street", "street": "district", "district": "city"}


class Dispatching:
    """Dispatch, decide, follow, call in, whistle, escalate."""

    def dispatch(self, at, by, role, unit, *, note="", co_units=(), limit=None):
        """Give it to a unit; after two returns forced, with the handling clock running on."""
        self._dispatch("dispatch", at, by, role, unit, self.order.returns >= 2, note, co_units, limit)

    def decide(self, at, by, unit, note=""):
        """The instructor's binding decision."""
        self._dispatch("decide", at, by, "instructor", unit, True, note, (), None)

    def _dispatch(self, kind, at, by, role, unit, forced, note, co_units, limit):
        order, clocks = self.order, self.clocks
        order.lead_id, order.officer_id, order.forced = unit.id, None, forced
        order.dispatched_at, order.signed_at = at, None
        if forced and clocks.find("handle"):
            clocks.stop(at, "dispatch")
            clocks.resume(at)
        else:
            clocks.stop(at)
            clocks.start_handling(at, self._urgency_steps(), limit=limit, unit_id=unit.id)
        clocks.start("sign", at, unit_id=unit.id)
        self._give("lead", at, unit=unit.id, by=by, task=note, forced=forced)
        for other in co_units:
            order.co_units = [*order.co_units, other.id]
            self._give("co", at, unit=other.id, by=by, task=note, due_at=clocks.find("handle").due_at)
        self._step(
            kind,
            at,
            by,
            role,
            S.DISPATCHED.value,
            unit=unit.code,
            unit_name=unit.name,
            co_units=[other.code for other in co_units],
            note=note,
            limit=str(limit) if limit else None,
            forced=forced or None,
        )

    def follow(self, at, officer: Person, due):
        """Dual dispatch of a hotline order."""
        self.order.follow_officer_id = officer.id
        self._give("follow", at, officer=officer.id, due_at=due)
        self._step("followed", at, None, "system", officer=officer.id, officer_name=officer.name)

    def co_dispatch(self, at, by, role, unit, task):
        """Call a second unit in."""
        self.order.co_units = [*self.order.co_units, unit.id]
        self._give("co", at, unit=unit.id, by=by, task=task, due_at=self.clocks.find("handle").due_at)
        self._step("co_dispatch", at, by, role, unit=unit.code, unit_name=unit.name, task=task)

    def escalate(self, at, by, role, attempt):
        """Hand it to the next level up."""
        order = self.order
        came_from, order.level = order.level, UPWARDS[order.level]
        for row in self.assignments:
            if row["ended_at"] is None and row["kind"] != "follow":
                row.update(ended_at=at, outcome="taken_back")
        self._lapse(at)
        order.lead_id = order.officer_id = None
        order.accepted_at = order.dispatched_at = order.signed_at = None
        order.self_handled = order.forced = False
        self.clocks.stop(at)
        self.clocks.start("accept", at)
        levels = {"from_level": came_from, "to_level": order.level}
        self._step("escalate", at, by, role, S.REPORTED.value, attempt=attempt, **levels)

    def whistle(self, at, by, role, kind, units, due, note=""):
        """Call units to the spot."""
        for unit in units:
            self._give("whistle", at, unit=unit.id, by=by, task=note, whistle=kind, due_at=due)
        self.order.whistled_units = sorted({*self.order.whistled_units, *(unit.id for unit in units)})
        codes, names = [unit.code for unit in units], [unit.name for unit in units]
        self._step(
            "whistle", at, by, role, whistle=kind, units=codes, unit_names=names, note=note, due_at=due.isoformat()
        )

    def arrive(self, at, by, unit, point: dict, metres: int):
        """A whistled unit signs in."""
        calls = (row for row in self.assignments if row["kind"] == "whistle" and row["unit_id"] == unit.id)
        call = next(calls)
        call.update(arrived_at=at, arrived={**point, "metres": metres})
        self._step("arrive", at, by, "handler", unit_name=unit.name, metres=metres, late=at > call["due_at"])
