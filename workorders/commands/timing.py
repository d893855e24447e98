"""What happens by itself: a timer that has come is taken off the order's list and done, in one transaction."""

from datetime import datetime

from core.transactions import command
from grids.levels import Level
from workorders.commands.asking import give_up_waiting
from workorders.commands.escalating import escalate
from workorders.commands.handling import pass_on
from workorders.commands.reviewing import close
from workorders.commands.supervising import give_card, urge
from workorders.ledger import locked, record
from workorders.models import Clock, WorkOrder
from workorders.timekeeping import amber_moment
from workorders.vocabulary import Card, ClockKind, Status

_STATUS_OF = {
    ClockKind.ACCEPT: (Status.REPORTED,),
    ClockKind.VERIFY: (Status.VERIFYING,),
    ClockKind.DISPATCH: (Status.FILED,),
    ClockKind.SIGN: (Status.DISPATCHED,),
    ClockKind.CONTAIN: (Status.DISPATCHED, Status.HANDLING),
    ClockKind.RESTORE: (Status.DISPATCHED, Status.HANDLING),
    ClockKind.HANDLE: (Status.DISPATCHED, Status.HANDLING),
    ClockKind.CHECK: (Status.FED_BACK,),
    ClockKind.REVISIT: (Status.REVISITING,),
}


@command
def fire(order: WorkOrder, *, at: datetime) -> WorkOrder:
    """Do what has become due on this order. A second call finds nothing left: safe to run twice and side by side."""
    order = locked(order)
    if order.next_timer_at is None or order.next_timer_at > at:
        return order
    due = [timer for timer in order.timers if datetime.fromisoformat(timer[0]) <= at]
    order.timers = order.timers[len(due) :]
    order.next_timer_at = datetime.fromisoformat(order.timers[0][0]) if order.timers else None
    order.save(update_fields=["timers", "next_timer_at"])
    # Of one moment, what takes the order elsewhere comes last: first everybody hears that it is overdue.
    moments = [(datetime.fromisoformat(moment), rule, kind) for moment, rule, kind in due]
    for moment, rule, kind in sorted(moments, key=lambda timer: (timer[0], timer[1] in _LEAVING)):
        if order.status in _STATUS_OF[kind]:
            _RULES[rule](order, at, kind, moment)
    return order


def _urge(order, at, kind, moment):
    running = Clock.objects.filter(order=order, kind=kind, stopped_at__isnull=True).first()
    if running is None:
        return
    half = kind == ClockKind.HANDLE and moment < amber_moment(running)
    urge(order, by=None, at=at, share=0.5 if half else 0.8, clock_kind=kind)


def _overdue(order, at, kind, moment):
    record(
        order,
        "overdue",
        by=None,
        at=at,
        role="system",
        before=order.status,
        data={"clock": kind, "due_at": moment.isoformat()},
    )


def _yellow(order, at, kind, moment):
    give_card(order, Card.YELLOW, rule="overdue", at=at)


def _red(order, at, kind, moment):
    give_card(order, Card.RED, rule="overdue", at=at)


def _escalate(order, at, kind, moment):
    if order.level != Level.CITY:
        escalate(order, by=None, at=at, attempt="not_accepted_in_time")


def _close(order, at, kind, moment):
    if order.reopen_requested_at is None:  # the reporter did answer, and waits for the reviewer's
        close(order, by=None, at=at)


def _pass_on(order, at, kind, moment):
    if order.self_handled:
        pass_on(order, at=at)


def _unanswered(order, at, kind, moment):
    give_up_waiting(order, at=at)


_LEAVING = ("escalate", "close", "pass_on")
_RULES = {
    "urge": _urge,
    "overdue": _overdue,
    "yellow": _yellow,
    "red": _red,
    "escalate": _escalate,
    "close": _close,
    "pass_on": _pass_on,
    "unanswered": _unanswered,
}
