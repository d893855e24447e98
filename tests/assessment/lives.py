"""The ways an order can go, from dice: every step at a moment of its own, thick around the edges of a month."""

import datetime as dt

from core import clock
from tests.assessment.months import AFTER
from workorders.models import Clock, Rating, Supervision, WorkOrder, WorkOrderEvent

EDGES = [
    dt.datetime(2026, 8, 31, 23, 59, 59, 999_000, clock.ZONE), dt.datetime(2026, 9, 1, tzinfo=clock.ZONE),
    dt.datetime(2026, 9, 30, 23, 59, 59, 999_000, clock.ZONE), dt.datetime(2026, 10, 1, tzinfo=clock.ZONE),
]  # fmt: skip
LIMIT = {"amount": 1, "unit": "wd"}
HOUR = dt.timedelta(hours=1)
WAYS = (
    "on_the_spot", "on_the_spot", "on_the_spot", "of_department", "of_department", "of_committee", "of_committee",
    "of_committee", "of_officer", "of_officer", "kept", "kept", "waiting", "ended", "older",
)  # fmt: skip


class Lives:
    """Orders of a town. It has rows, keys, dice, categories, grids, above, officers, units, committees, city."""

    def _chance(self, share: float) -> bool:
        return self.dice.random() < share

    def _moment(self, first=dt.datetime(2026, 8, 12, 8, tzinfo=clock.ZONE), days=56) -> dt.datetime:
        if self._chance(0.08):
            return self.dice.choice(EDGES)
        return first + dt.timedelta(minutes=self.dice.randint(0, days * 1440))

    def _later(self, at: dt.datetime, most_hours: float = 200) -> dt.datetime:
        """Some time later; never after the cut-off, which is what is known."""
        return min(at + dt.timedelta(minutes=self.dice.randint(0, int(most_hours * 60))), AFTER - HOUR)

    def _order(self) -> None:
        dice, grid = self.dice, self.dice.choice(self.grids)
        community, street, district = self.above[grid.pk]
        officers = self.officers[grid.pk]
        area = community if self._chance(0.04) else grid
        pk = self.keys.next(WorkOrder)
        row = WorkOrder(
            pk=pk, number=f"N{pk}", status="reported", level="district", area=area, community=community, street=street,
            district=district, city=self.city, category_id=dice.choice(self.categories), title="t", description="d",
            source=dice.choice(("officer", "officer", "patrol", "hotline", "public", "inspection")),
            urgency=dice.choice(("normal", "normal", "urgent", "emergency")), difficulty=dice.randint(1, 4),
            reported_at=self._moment(),
        )  # fmt: skip
        if row.source in ("officer", "patrol") and officers and not self._chance(0.05):
            row.reporter = dice.choice(officers)
        if self._chance(0.5):
            row.lon, row.lat = 103.701 + dice.randint(0, 1) / 100, 36.101
        self.rows.orders.append(row)
        getattr(self, dice.choice(WAYS))(row, officers)

    def older(self, row, officers) -> None:
        """Closed some months ago, with an answer: grids with few of them look back."""
        row.reported_at = self._moment(dt.datetime(2025, 8, 1, tzinfo=clock.ZONE), 380)
        row.officer, row.status = (officers or [None])[0], "closed"
        row.lead = None if row.officer else self.units[0]
        row.fed_back_at = row.dispatched_at = row.reported_at
        row.closed_at = self._later(row.reported_at, 30)
        row.satisfaction = self.dice.choice((None, 1, 3, 5))
        self._rate(row)

    def waiting(self, row, officers) -> None:
        """Nobody has it yet."""
        row.status = self.dice.choice(("reported", "verifying", "filed"))

    def ended(self, row, officers) -> None:
        """It came to nothing; merged into an order of the same reporter or of another one."""
        row.status = self.dice.choice(("declined", "voided", "merged"))
        if row.status == "merged":
            row.main = self.dice.choice([None, *(one for one in self.rows.orders[-6:-1] if one.main is None)])

    def on_the_spot(self, row, officers) -> None:
        """Reported and settled in one step by an officer."""
        if not officers:
            return self.waiting(row, officers)
        row.officer, row.self_handled = self.dice.choice(officers), True
        row.dispatched_at = row.signed_at = row.reported_at
        return self._replies(row, row.reported_at)

    def kept(self, row, officers) -> None:
        """An officer keeps it, and has a limit."""
        if not officers:
            return self.waiting(row, officers)
        row.officer, row.self_handled = self.dice.choice(officers), True
        row.dispatched_at = row.signed_at = self._later(row.reported_at, 20)
        return self._handling(row, row.dispatched_at, None)

    def of_officer(self, row, officers) -> None:
        """A dispatcher gave it to an officer."""
        if not officers:
            return self.waiting(row, officers)
        row.officer = self.dice.choice(officers)
        row.dispatched_at = self._later(row.reported_at, 20)
        self._signing(row, row.dispatched_at, None)
        return self._handling(row, row.dispatched_at, None)

    def of_committee(self, row, officers) -> None:
        """The community leads it."""
        unit = self.committees.get(row.community_id)
        return self._given(row, officers, unit) if unit else self.waiting(row, officers)

    def of_department(self, row, officers) -> None:
        """A department leads it, perhaps after another one returned it."""
        return self._given(row, officers, self.dice.choice(self.units))

    def _given(self, row, officers, unit) -> None:
        if row.source == "hotline" and officers and not self._chance(0.2):
            row.follow_officer = self.dice.choice(officers)
        at = self._later(row.reported_at, 20)
        if self._chance(0.15):
            at = self._returned(row, at, self.units[0])
            if row.status == "filed":
                return None
        row.lead, row.dispatched_at = unit, at
        if not row.forced:
            self._signing(row, at, unit)
            return self._handling(row, at, unit)
        # Forced: the clock of the unit that returned it runs on.
        self._signing(row, at, unit)
        running = next(one for one in reversed(self.rows.clocks) if one.order_id == row.pk and one.kind == "handle")
        running.due_at += at - running.paused_at
        running.paused_at = None
        return self._replies(row, self._later(at), running)

    def _returned(self, row, at, first) -> dt.datetime:
        """The first unit returns it: its signing clock is marked, its handling clock stands still."""
        back = self._later(at, 30)
        row.returns = 1
        self._clock(row, "sign", at, at + self.dice.randint(1, 8) * HOUR, first, stopped_at=back, was_returned=True)
        handle = self._clock(row, "handle", at, self._due(at), first, paused_at=back, was_paused=True)
        if self._chance(0.2):
            row.status = "filed"
            return back
        again = self._later(back, 30)
        if self._chance(0.4):
            row.forced, row.returns = True, 2
        else:
            handle.stopped_at = again
        return again

    def _clock(self, row, kind, since, due, unit, **more) -> Clock:
        one = Clock(
            pk=self.keys.next(Clock), order=row, kind=kind, unit=unit, limit=LIMIT, own_limit=LIMIT, since=since,
            due_at=due, **more,
        )  # fmt: skip
        self.rows.clocks.append(one)
        return one

    def _due(self, at) -> dt.datetime:
        if self._chance(0.1):
            return max(self.dice.choice(EDGES), at + HOUR)
        if self._chance(0.05):
            return at + dt.timedelta(days=self.dice.randint(30, 70))
        return at + dt.timedelta(minutes=self.dice.randint(60, 14 * 1440))

    def _signing(self, row, at, unit) -> None:
        due = at + dt.timedelta(minutes=self.dice.randint(30, 2000))
        signed = None if self._chance(0.1) else due if self._chance(0.1) else self._later(at, 40)
        row.signed_at = signed
        self._clock(row, "sign", at, due, unit, stopped_at=signed)

    def _handling(self, row, at, unit) -> None:
        """The handling clock and what becomes of it: suspended, waiting, or replied to."""
        running = self._clock(row, "handle", at, self._due(at), unit)
        if self._chance(0.15):
            row.extensions_granted = self.dice.choice((1, 1, 2))
            running.due_at += self.dice.randint(1, 6) * 24 * HOUR
        if self._chance(0.06):
            row.status, running.paused_at, running.was_paused = "suspended", self._later(at), True
            return None
        if self._chance(0.06):
            running.paused_at, running.was_paused = self._later(at), True
        replied = running.due_at if self._chance(0.08) and running.due_at < AFTER - HOUR else self._later(at)
        if running.paused_at is not None:
            replied = max(replied, running.paused_at)
        if self._chance(0.12):
            row.status = "handling" if row.signed_at else "dispatched"
            self._overdue_cards(row, running.due_at)
            return None
        return self._replies(row, replied, running)

    def _replies(self, row, at, running=None) -> None:
        """Replies, checks, questions and closes, until it stops somewhere on the way."""
        steps = [("report", row.reported_at, {})]
        if at >= AFTER - 2 * HOUR:
            row.status = "handling"
            return
        if running is not None:
            running.stopped_at = at
            if at > running.due_at:
                self._overdue_cards(row, running.due_at)
        self._go_on(row, steps, at)
        if row.reworks or row.reopens or self._chance(0.1):
            self.rows.events += [
                WorkOrderEvent(
                    pk=self.keys.next(WorkOrderEvent), order=row, kind=kind, at=moment, sequence=number, **more
                )
                for number, (kind, moment, more) in enumerate(steps, start=1)
            ]

    def _go_on(self, row, steps, at) -> None:
        while True:
            steps.append(("feedback", at, {}))
            row.fed_back_at, row.status = at, "fed_back"
            at = self._later(at, 30)
            if self._chance(0.1):
                return
            if self._chance(0.15):
                row.reworks += 1
                self._done_again(row, steps, "fail_check", at, {})
                if self._chance(0.2):
                    return
                at = self._later(at, 60)
                continue
            steps.append(("pass_check", at, {}))
            row.status, at = "revisiting", self._later(at, 60)
            if self._chance(0.12):
                if self._chance(0.3):
                    row.satisfaction = self.dice.randint(1, 5)
                    self._rate(row, at)
                return
            if self._chance(0.08):
                row.reworks += 1
                opinion = {"data": {"rework": True, "satisfaction": self.dice.choice((1, 2, 3))}}
                self._done_again(row, steps, "revisit", at, opinion)
                at = self._later(at, 60)
                continue
            steps.append(("close", at, {"after": "closed"}))
            row.closed_at, row.status = at, "closed"
            row.satisfaction = self.dice.choice((None, None, 1, 2, 3, 4, 5, 5))
            if not self._chance(0.06):
                self._rate(row)
                return
            row.reopens += 1
            at = self._later(at, 60)
            self._done_again(row, steps, "reopen", at, {})
            if self._chance(0.4):
                return
            at = self._later(at, 60)

    def _done_again(self, row, steps, kind, at, more) -> None:
        """Back to handling with a clock of its own; the second time brings a yellow card, the third a red one."""
        steps.append((kind, at, more))
        row.status, row.fed_back_at, row.closed_at, row.satisfaction = "handling", None, None, None
        self._clock(row, "handle", at, at + self.dice.randint(1, 99) * HOUR, row.lead, is_rework=True)
        if kind != "reopen" and row.reworks >= 2:
            card = "yellow" if row.reworks == 2 else "red"
            self.rows.cards.append(Supervision(order=row, card=card, rule="rework", at=at))

    def _overdue_cards(self, row, due) -> None:
        for card, hours in (("yellow", 24), ("red", 72)):
            if due + hours * HOUR < AFTER and self._chance(0.4):
                self.rows.cards.append(Supervision(order=row, card=card, rule="overdue", at=due + hours * HOUR))
        if self._chance(0.1):
            card = self.dice.choice(("yellow", "red"))
            self.rows.cards.append(Supervision(order=row, card=card, rule="", at=self._later(row.reported_at)))

    def _rate(self, row, at=None) -> None:
        """The resident rates within fourteen days of the close, or while being asked."""
        if row.satisfaction is not None and self._chance(0.4):
            rated = at or self._later(row.closed_at, 13 * 24)
            self.rows.ratings.append(Rating(order=row, resolved=True, satisfaction=row.satisfaction, at=rated))
