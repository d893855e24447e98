"""One order from report to close, in memory: each method is the command of the same name without the database.

A `Life` keeps the order's columns and the rows that hang on it; `loading` writes them. The judge is not asked: the
stories only tell what the people named in them may do, and check_orders looks at the result.
"""

from datetime import datetime

from workorders.simulation.life.base import COLUMNS, Base, Order, Person
from workorders.simulation.life.dispatching import Dispatching
from workorders.simulation.life.handling import Handling
from workorders.simulation.life.reporting import Reporting
from workorders.simulation.life.reviewing import Reviewing
from workorders.vocabulary import FINAL, Status

__all__ = ["COLUMNS", "Life", "Order", "Person"]

S = Status
_STATUS_OF = {
    "accept": (S.REPORTED,),
    "verify": (S.VERIFYING,),
    "dispatch": (S.FILED,),
    "sign": (S.DISPATCHED,),
    "contain": (S.DISPATCHED, S.HANDLING),
    "restore": (S.DISPATCHED, S.HANDLING),
    "handle": (S.DISPATCHED, S.HANDLING),
    "check": (S.FED_BACK,),
    "revisit": (S.REVISITING,),
}


class Life(Reporting, Dispatching, Handling, Reviewing, Base):
    """One order and its rows. world: places, categories, calendar (`workorders.simulation.world.World`)."""

    def advance(self, until: datetime):
        """Let happen what happens by itself up to this moment: urging, overdue, cards, escalation, closing."""
        while self.order.status not in FINAL:
            timers = self.clocks.next_timers(self.order.settled_at, until)
            if not timers:
                break
            for moment, rule, kind in timers:
                self.order.settled_at = moment
                if self.order.status in _STATUS_OF[kind]:
                    _RULES[rule](self, moment, kind)
        self.order.settled_at = max(self.order.settled_at, until)


def _timer_urge(life, at, kind):
    running = life.clocks.find(kind)
    half = kind == "handle" and at < running.share_moment(0.8, life.world.calendar)
    life.urge(at, None, "system", share=0.5 if half else 0.8, clock_kind=kind)


def _timer_overdue(life, at, kind):
    due = life.clocks.find(kind).due_at.isoformat()
    life._step("overdue", at, None, "system", clock=kind, due_at=due)


def _timer_escalate(life, at, kind):
    if life.order.level != "city":
        life.escalate(at, None, "system", "not_accepted_in_time")


_RULES = {
    "urge": _timer_urge,
    "overdue": _timer_overdue,
    "yellow": lambda life, at, kind: life.give_card(at, "yellow", "overdue"),
    "red": lambda life, at, kind: life.give_card(at, "red", "overdue"),
    "escalate": _timer_escalate,
    # Whoever answered and is not satisfied waits for the reviewer.
    "close": lambda life, at, kind: life.close(at) if life.order.reopen_requested_at is None else None,
    "pass_on": lambda life, at, kind: life.pass_on(at) if life.order.self_handled else None,
}
