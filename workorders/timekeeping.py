"""Starting, stopping and pausing the clocks of one order, and what follows for its lamp and timers.

A command makes one `Timekeeper`, says what starts and stops, and lets `ledger.conclude` settle it: the clock rows are
written in as few statements as the step allows, and the order's `due_at`, `due_kind`, `amber_at` and `timers` are set
from the clocks that run on.
"""

from datetime import datetime

from workorders import calendars, catalogue, deadlines, explained
from workorders.deadlines import Limit
from workorders.models import Clock, Extension, Pause
from workorders.vocabulary import ClockKind, Urgency

URGED_TWICE = frozenset({ClockKind.HANDLE})


def handling_limits(order, *, limit: Limit | None = None) -> list[tuple[str, Limit, Limit]]:
    """The stages an order's handling has: [(kind, limit at its urgency, the category's own limit)].

    limit: what the dispatcher or the officer's own time set instead of the category's last stage.
    """
    if order.category_id is None:  # closed in an old system without one, and taken up again
        return []
    category = catalogue.category(order.category_id)
    own = [(stage["kind"], Limit.from_json(stage)) for stage in category.stages]
    at_urgency = deadlines.stage_limits(own, category.urgency, order.urgency)
    by_kind = dict(own)
    stages = [(kind, found, by_kind.get(kind, found)) for kind, found in at_urgency]
    if limit is not None:
        stages = [stage for stage in stages if stage[0] != ClockKind.HANDLE] + [(ClockKind.HANDLE, limit, limit)]
    return stages


class Timekeeper:
    """Collects the changes one move makes to an order's clocks; `settle` writes them."""

    def __init__(self, order, at: datetime):
        self.order, self.at = order, at
        self._new: list[Clock] = []
        self._running: list[Clock] | None = None
        self._stopping: tuple | None = ()
        self._was_returned = self._standing_still = False
        self._touched = False

    def running(self) -> list[Clock]:
        """The clocks that have not been stopped, paused ones included; read once."""
        if self._running is None:
            self._running = list(
                Clock.objects.filter(order=self.order, stopped_at__isnull=True).order_by("since", "pk")
            )
        return self._running

    def due_of(self, kind: str) -> datetime | None:
        """When the clock of this kind is due that was started just now or runs already; None where there is none."""
        return next((clock.due_at for clock in (*self._new, *self.running()) if clock.kind == kind), None)

    def stop(self, *kinds: str, returned: bool = False, standing_still: bool = False):
        """Stop the clocks of these kinds; without a kind, all that run. standing_still: one of them is paused now."""
        self._touched = True
        self._standing_still = self._standing_still or standing_still
        self._stopping = None if not kinds else (self._stopping or ()) + kinds
        self._was_returned = returned

    def start(
        self,
        kind: str,
        limit: Limit | None = None,
        *,
        own: Limit | None = None,
        steps: int = 0,
        rework: bool = False,
        unit_id: int | None = None,
    ):
        """Start a clock now. limit: None takes the default table's; a step without a limit gets no clock.

        own, steps: the limit it was made from, and how many steps of urgency halved that.
        """
        self._touched = True
        limit = limit or deadlines.clock(kind, self.order.urgency)
        if limit is None:
            return
        due = deadlines.due_at(limit, self.at, calendars.working_calendar())
        self._new.append(
            Clock(
                order=self.order,
                kind=kind,
                unit_id=unit_id,
                limit=limit.to_json(),
                own_limit=(own or limit).to_json(),
                urgency_steps=steps,
                since=self.at,
                due_at=due,
                is_rework=rework,
            )
        )

    def _urgency_steps(self) -> int:
        return deadlines.urgency_steps(catalogue.category(self.order.category_id).urgency, self.order.urgency)

    def start_handling(self, *, limit: Limit | None = None, rework: bool = False, unit_id: int | None = None):
        """Start the clocks of the category's stages; after a failed check only handling, with half its limit.

        The limit that is halved is the one the order had, also when a dispatcher had set it.
        """
        if rework:
            limit = self._original_limit()
        for kind, found, own in handling_limits(self.order, limit=limit):
            if rework and kind != ClockKind.HANDLE:
                continue
            now = deadlines.rework_limit(found) if rework else found
            steps = 0 if kind == ClockKind.HANDLE and limit is not None else self._urgency_steps()
            self.start(kind, now, own=own, steps=steps, rework=rework, unit_id=unit_id)

    def _original_limit(self) -> Limit | None:
        """What a dispatcher set for handling instead of the category's limit; None where the category's holds."""
        first = Clock.objects.filter(order=self.order, kind=ClockKind.HANDLE, is_rework=False).order_by("since", "pk")
        found = first.values_list("limit", "own_limit").last()
        return Limit.from_json(found[0]) if found and found[0] == found[1] else None

    def pause(self, *kinds: str, reason: str):
        """Let these clocks stand still; without a kind, all that run."""
        self._touched = True
        for clock in self.running():
            if clock.paused_at is None and (not kinds or clock.kind in kinds):
                clock.paused_at, clock.was_paused = self.at, True
                clock.save(update_fields=["paused_at", "was_paused"])
                Pause.objects.create(clock=clock, since=self.at, reason=reason)

    def resume(self):
        """Let the paused clocks run on with the time they had left."""
        self._touched = True
        calendar = calendars.working_calendar()
        for clock in self.running():
            if clock.paused_at is None:
                continue
            limit = Limit.from_json(clock.limit)
            clock.due_at = deadlines.resume(clock.due_at, clock.paused_at, self.at, limit, calendar)
            clock.paused_at = None
            Pause.objects.filter(clock=clock, until__isnull=True).update(until=self.at)
            clock.save(update_fields=["due_at", "paused_at"])

    def extend(self, until: datetime):
        """Move the handling clock's due time to what was granted."""
        self._touched = True
        for clock in self.running():
            if clock.kind == ClockKind.HANDLE:
                clock.due_at = until
                clock.save(update_fields=["due_at"])

    def settle(self) -> list[Clock]:
        """Write what stopped, put the result on the order; the caller saves it and stores the new clocks returned."""
        if not self._touched:
            return []
        stops_all = self._stopping is None
        kept = []
        if not stops_all:
            kept = [clock for clock in self.running() if clock.kind not in self._stopping]
        if stops_all or self._stopping:
            self._write_stops()
        self._put_on_order([*kept, *self._new])
        return self._new

    def settle_in_memory(self) -> list[Clock]:
        """For an order not yet stored: put the result on it; the new clocks returned are stored behind it."""
        self._put_on_order(self._new)
        return self._new

    def _write_stops(self):
        rows = Clock.objects.filter(order=self.order, stopped_at__isnull=True)
        if self._stopping is not None:
            rows = rows.filter(kind__in=self._stopping)
        if self._standing_still or self.order.clock_paused or self.order.returns:
            Pause.objects.filter(clock__in=rows, until__isnull=True).update(until=self.at)
        rows.update(stopped_at=self.at, was_returned=self._was_returned)

    def _put_on_order(self, clocks: list[Clock]):
        order, calendar = self.order, calendars.working_calendar()
        ticking = [clock for clock in clocks if clock.paused_at is None]
        present = min(ticking or clocks, key=lambda clock: (clock.due_at, clock.kind), default=None)
        order.due_at = present.due_at if present else None
        order.due_kind = present.kind if present else ""
        order.due_steps = _explained(present, order, calendar) if present else []
        order.clock_paused = bool(present) and not ticking
        order.amber_at = _share(present, deadlines.AMBER_SHARE, calendar) if ticking else None
        timers = [timer for clock in ticking for timer in self._to_come(clock, calendar)]
        if order.asked_until is not None:
            timers.append((order.asked_until, "unanswered", ClockKind.HANDLE))
        timers.sort()
        order.timers = [[moment.isoformat(), rule, kind] for moment, rule, kind in timers]
        order.next_timer_at = timers[0][0] if timers else None

    def _to_come(self, clock: Clock, calendar) -> list[tuple[datetime, str, str]]:
        """The clock's timers still to come, and those whose moment passed without a sweep: they are not lost."""
        missed = {(datetime.fromisoformat(moment), rule, kind) for moment, rule, kind in self.order.timers}
        return [
            timer
            for timer in timers_of(clock, self.order, calendar)
            if timer[0] > self.at or timer in missed or (timer[1] == "pass_on" and not clock.is_rework)
        ]


def amber_moment(clock: Clock) -> datetime:
    """When four fifths of a clock's limit are used up."""
    return _share(clock, deadlines.AMBER_SHARE, calendars.working_calendar())


def _pauses(clock: Clock) -> list[tuple[datetime, datetime | None]]:
    return list(Pause.objects.filter(clock=clock).values_list("since", "until")) if clock.was_paused else []


def _explained(clock: Clock, order, calendar) -> list[dict]:
    extensions = []
    if order.extensions_granted and clock.kind == ClockKind.HANDLE:
        granted = Extension.objects.filter(order=order, state=Extension.State.GRANTED, decided_at__gte=clock.since)
        extensions = list(granted.values_list("decided_at", "granted_until"))
    return explained.explain(
        clock.kind,
        Limit.from_json(clock.limit),
        since=clock.since,
        due=clock.due_at,
        calendar=calendar,
        own_limit=Limit.from_json(clock.own_limit),
        steps=clock.urgency_steps,
        pauses=_pauses(clock),
        extensions=extensions,
    )


def _share(clock: Clock, share: float, calendar) -> datetime:
    pauses = [pause for pause in _pauses(clock) if pause[1] is not None]
    return deadlines.moment_of_share(clock.since, clock.due_at, share, Limit.from_json(clock.limit), calendar, pauses)


def timers_of(clock: Clock, order, calendar) -> list[tuple[datetime, str, str]]:
    """What will happen by itself while this clock runs: [(moment, rule, kind of clock)]."""
    found = [
        (_share(clock, deadlines.AMBER_SHARE, calendar), "urge", clock.kind),
        (clock.due_at, "overdue", clock.kind),
    ]
    if clock.kind in URGED_TWICE:
        found.append((_share(clock, deadlines.URGE_SHARES[0], calendar), "urge", clock.kind))
        for rule in ("yellow", "red"):
            moment = deadlines.due_at(deadlines.clock(f"{rule}_card", order.urgency), clock.due_at, calendar)
            found.append((moment, rule, clock.kind))
    if clock.kind == ClockKind.ACCEPT and order.urgency == Urgency.EMERGENCY:
        found.append((clock.due_at, "escalate", clock.kind))
    if clock.kind == ClockKind.REVISIT:
        found.append(
            (deadlines.due_at(deadlines.clock("auto_close", order.urgency), clock.since, calendar), "close", clock.kind)
        )
    if clock.kind == ClockKind.HANDLE and order.self_handled and order.officer_id:
        category = catalogue.category(order.category_id)
        if category.self_rule == "T":
            over = deadlines.due_at(Limit.from_json(category.self_limit), order.reported_at, calendar)
            found.append((over, "pass_on", clock.kind))
    return found
