"""The clocks of one order in memory: what `workorders.timekeeping` does with rows, done with objects (pure)."""

from datetime import datetime, timedelta

from workorders import deadlines, explained
from workorders.deadlines import Limit
from workorders.vocabulary import ClockKind, Urgency
from workorders.worktime import Calendar

HANDLE, ACCEPT, REVISIT = ClockKind.HANDLE.value, ClockKind.ACCEPT.value, ClockKind.REVISIT.value
_LEAVING = ("escalate", "close", "pass_on")
# No working limit of n days is used up sooner than this, whatever the hour it started.
_WORKING_DAY = timedelta(hours=7)


class Ticking:
    """One clock: the columns of `workorders.models.Clock`, its pauses beside it."""

    __slots__ = (
        "due_at",
        "is_rework",
        "kind",
        "limit",
        "own_limit",
        "paused_at",
        "pauses",
        "since",
        "stopped_at",
        "unit_id",
        "urgency_steps",
        "was_returned",
    )

    def __init__(self, kind, limit: Limit, own: Limit, steps: int, since: datetime, due: datetime, rework, unit_id):
        self.kind, self.limit, self.own_limit, self.urgency_steps = kind, limit, own, steps
        self.since, self.due_at, self.is_rework, self.unit_id = since, due, rework, unit_id
        self.stopped_at = self.paused_at = None
        self.was_returned = False
        self.pauses: list[list] = []

    def share_moment(self, share: float, calendar: Calendar) -> datetime:
        """When this part of the limit is used up."""
        closed = [(since, until) for since, until, _reason in self.pauses if until is not None]
        return deadlines.moment_of_share(self.since, self.due_at, share, self.limit, calendar, closed)

    def may_fire_before(self, at: datetime) -> bool:
        """A cheap no: whether half the limit can have passed by then."""
        if self.pauses or self.limit.unit == deadlines.SAME_DAY:
            return True
        if self.limit.unit == "wd":
            return at - self.since >= self.limit.amount * _WORKING_DAY / 2
        seconds = deadlines.CLOCK_SECONDS.get(self.limit.unit) or deadlines.WORKING_SECONDS[self.limit.unit]
        return (at - self.since).total_seconds() >= self.limit.amount * seconds / 2


class Ticker:
    """All clocks of one order, those that stopped included."""

    __slots__ = ("calendar", "clocks", "order", "world")

    def __init__(self, order, world):
        self.order, self.world, self.calendar = order, world, world.calendar
        self.clocks: list[Ticking] = []

    def running(self) -> list[Ticking]:
        """Those not stopped, paused ones included."""
        return [clock for clock in self.clocks if clock.stopped_at is None]

    def ticking(self) -> list[Ticking]:
        """Those that neither stopped nor stand still."""
        return [clock for clock in self.clocks if clock.stopped_at is None and clock.paused_at is None]

    def find(self, kind: str) -> Ticking | None:
        """The running clock of a kind."""
        return next((clock for clock in self.running() if clock.kind == kind), None)

    def start(self, kind, at, limit=None, *, own=None, steps=0, rework=False, unit_id=None):
        """Start a clock; without a limit that of the default table. A step without a limit gets none."""
        kind = str(kind)
        limit = limit or deadlines.clock(kind, self.order.urgency)
        if limit is not None:
            due = deadlines.due_at(limit, at, self.calendar)
            self.clocks.append(Ticking(kind, limit, own or limit, steps, at, due, rework, unit_id))

    def start_handling(self, at, steps: int, *, limit=None, rework=False, unit_id=None):
        """Start the clocks of the category's stages; for rework only handling, with half the limit the order had."""
        if rework:
            first = next(
                (clock for clock in reversed(self.clocks) if clock.kind == HANDLE and not clock.is_rework), None
            )
            limit = first.limit if first is not None and first.limit == first.own_limit else None
        for kind, found, own in self.world.handling_limits(self.order, limit):
            if rework and kind != HANDLE:
                continue
            limit_now = deadlines.rework_limit(found) if rework else found
            halved = 0 if kind == HANDLE and limit is not None else steps
            self.start(kind, at, limit_now, own=own, steps=halved, rework=rework, unit_id=unit_id)

    def stop(self, at, *kinds, returned=False):
        """Stop the clocks of these kinds; without a kind, all."""
        for clock in self.running():
            if not kinds or clock.kind in kinds:
                clock.stopped_at, clock.was_returned = at, returned
                if clock.pauses and clock.pauses[-1][1] is None:
                    clock.pauses[-1][1] = at

    def pause(self, at, *kinds, reason: str):
        """Let them stand still."""
        for clock in self.ticking():
            if not kinds or clock.kind in kinds:
                clock.paused_at = at
                clock.pauses.append([at, None, reason])

    def resume(self, at):
        """Let them run on with the time they had left."""
        for clock in self.running():
            if clock.paused_at is not None:
                clock.due_at = deadlines.resume(clock.due_at, clock.paused_at, at, clock.limit, self.calendar)
                clock.paused_at, clock.pauses[-1][1] = None, at

    def extend(self, until):
        """Move the handling clock's due time."""
        self.find(HANDLE).due_at = until

    def next_timers(self, after: datetime, until: datetime) -> list[tuple[datetime, str, str]]:
        """What happens by itself first in `after < moment <= until`, all of that moment: [(moment, rule, kind)]."""
        found = [
            timer
            for clock in self.ticking()
            if clock.may_fire_before(until)
            for timer in self._timers(clock)
            if after < timer[0] <= until
        ]
        first = min((timer[0] for timer in found), default=None)
        # Of one moment, what takes the order elsewhere comes last.
        return sorted((timer for timer in found if timer[0] == first), key=lambda timer: timer[1] in _LEAVING)

    def _timers(self, clock: Ticking) -> list[tuple[datetime, str, str]]:
        calendar, urgency = self.calendar, self.order.urgency
        found = [
            (clock.share_moment(deadlines.AMBER_SHARE, calendar), "urge", clock.kind),
            (clock.due_at, "overdue", clock.kind),
        ]
        if clock.kind == HANDLE:
            found.append((clock.share_moment(deadlines.URGE_SHARES[0], calendar), "urge", clock.kind))
            for rule in ("yellow", "red"):
                limit = deadlines.clock(f"{rule}_card", urgency)
                found.append((deadlines.due_at(limit, clock.due_at, calendar), rule, clock.kind))
            found += self._own_time(clock)
        if clock.kind == ACCEPT and urgency == Urgency.EMERGENCY:
            found.append((clock.due_at, "escalate", clock.kind))
        if clock.kind == REVISIT:
            limit = deadlines.clock("auto_close", urgency)
            found.append((deadlines.due_at(limit, clock.since, calendar), "close", clock.kind))
        return found

    def _own_time(self, clock):
        if not (self.order.self_handled and self.order.officer_id):
            return []
        category = self.order.category
        if category.self_rule != "T":
            return []
        limit = Limit.from_json(category.self_limit)
        return [(deadlines.due_at(limit, self.order.reported_at, self.calendar), "pass_on", clock.kind)]

    def present(self) -> dict:
        """The columns of the order that follow from the clocks: due moment, lamp, timers still to come."""
        running = self.running()
        ticking = [clock for clock in running if clock.paused_at is None]
        clock = min(ticking or running, key=lambda one: (one.due_at, one.kind), default=None)
        if clock is None:
            return {
                "due_at": None,
                "due_kind": "",
                "due_steps": [],
                "amber_at": None,
                "clock_paused": False,
                "timers": [],
                "next_timer_at": None,
            }
        last = self.order.settled_at
        timers = sorted(timer for one in ticking for timer in self._timers(one) if timer[0] > last)
        return {
            "due_at": clock.due_at,
            "due_kind": clock.kind,
            "due_steps": self._steps(clock),
            "amber_at": clock.share_moment(deadlines.AMBER_SHARE, self.calendar) if ticking else None,
            "clock_paused": not ticking,
            "timers": [[moment.isoformat(), rule, kind] for moment, rule, kind in timers],
            "next_timer_at": timers[0][0] if timers else None,
        }

    def _steps(self, clock: Ticking) -> list[dict]:
        granted = self.order.granted if clock.kind == HANDLE else ()
        return explained.explain(
            clock.kind,
            clock.limit,
            since=clock.since,
            due=clock.due_at,
            calendar=self.calendar,
            own_limit=clock.own_limit,
            steps=clock.urgency_steps,
            pauses=[(since, until) for since, until, _reason in clock.pauses],
            extensions=[(at, until) for at, until in granted if at >= clock.since],
        )
