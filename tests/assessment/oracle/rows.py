"""The rows of a month, the moments of an order, and what one order or record adds to somebody's counts."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from assessment.models import Adjustment, FactRecord
from core import clock
from grids.models import Area
from personnel.models import Post, Unit
from workorders import calendars, deadlines
from workorders.models import Clock, Rating, Supervision, WorkOrder, WorkOrderEvent

FOUR = Decimal("0.0001")
CARE = {"red": 3, "yellow": 2, "green": 1}


def rounded(number: Decimal, places: Decimal) -> Decimal:
    return number.quantize(places, ROUND_HALF_UP)


@dataclass
class Count:
    """Rows that count, and those of them that count in the numerator; weights for visits."""

    good: int = 0
    all: int = 0
    good_weight: int = 0
    all_weight: int = 0

    def add(self, good: bool, weight: int = 1) -> None:
        self.all += 1
        self.all_weight += weight
        if good:
            self.good += 1
            self.good_weight += weight

    @property
    def rate(self) -> Decimal:
        return rounded(Decimal(self.good_weight) / self.all_weight, FOUR)


class Rows:
    """A month of every grid below a city under one body of a scheme, as known at a moment."""

    def __init__(self, city: Area, body: dict, first: dt.date, end: dt.date, cut_off: dt.datetime):
        self.body, self.first, self.end, self.cut_off = body, first, end, cut_off
        self.since, self.until = clock.day(first)[0], clock.day(end)[0]
        self.calendar = calendars.working_calendar()
        areas = {one.pk: one for one in Area.objects.filter(tree_id=city.tree_id)}
        self.above = {pk: self._above(one, areas) for pk, one in areas.items()}
        self.grids = [one for one in areas.values() if one.level == "grid" and self._days(one) > 0]
        self.orders = list(WorkOrder.objects.filter(city=city).order_by("pk"))
        self.by_id = {one.pk: one for one in self.orders}
        self.clocks = self._grouped(Clock.objects.filter(order__city=city).order_by("since", "pk"))
        self.events = self._grouped(WorkOrderEvent.objects.filter(order__city=city).order_by("sequence"))
        self.cards = self._grouped(Supervision.objects.filter(order__city=city).order_by("at", "pk"))
        self.ratings = {one.order_id: one for one in Rating.objects.filter(order__city=city)}
        self.records, self.records_by = defaultdict(list), defaultdict(list)
        for one in FactRecord.objects.filter(on__gte=first, on__lt=end).order_by("pk"):
            self.records[one.area_id].append(one)
            self.records_by[one.officer_id].append(one)
        self.items = defaultdict(list)
        for one in Adjustment.objects.order_by("pk"):
            self.items[one.area_id].append(one)
        self.posts = defaultdict(list)
        for one in Post.objects.filter(role__in=("officer", "part_time_officer")).order_by("pk"):
            self.posts[one.area_id].append(one)
        self.units = {one.pk: one for one in Unit.objects.all() if one.area_id in areas}
        self.committees = {one.area_id: pk for pk, one in self.units.items() if one.kind == "CO"}
        self.of_grid, self.of_officer = defaultdict(list), defaultdict(list)
        for one in self.orders:
            self.of_grid[one.area_id].append(one)
            for officer in {one.officer_id, one.officer_id or one.follow_officer_id}:
                self.of_officer[officer].append(one)

    @staticmethod
    def _above(area, areas) -> dict:
        found = {}
        while area is not None:
            found[area.level] = area.pk
            area = areas.get(area.parent_id)
        return found

    @staticmethod
    def _grouped(rows) -> dict:
        found = defaultdict(list)
        for one in rows:
            found[one.order_id].append(one)
        return found

    def _days(self, grid) -> int:
        return sum(
            1
            for number in range((self.end - self.first).days)
            if grid.starts <= self.first + dt.timedelta(number)
            and (grid.ends is None or self.first + dt.timedelta(number) < grid.ends)
        )

    # -- the moments of one order

    def on_the_spot(self, order) -> bool:
        return order.self_handled and order.fed_back_at == order.dispatched_at

    def handling_clock(self, order):
        if order.dispatched_at is None or self.on_the_spot(order):
            return None
        own = [one for one in self.clocks[order.pk] if one.kind == "handle" and not one.is_rework]
        return own[-1] if own else None

    def due(self, order):
        """When the handling time ends; a clock that stands still has no end, one stopped meanwhile did not run out."""
        running = self.handling_clock(order)
        if running is None:
            return None
        if running.paused_at is None or running.paused_at > running.due_at:
            return running.due_at
        return running.due_at + (running.stopped_at - running.paused_at) if running.stopped_at else None

    def signing(self, order):
        if order.dispatched_at is None or self.on_the_spot(order):
            return None
        own = [one for one in self.clocks[order.pk] if one.kind == "sign" and not one.was_returned]
        return own[-1].due_at if own else None

    def handled(self, order):
        """The reply the check accepted first; a reply that still waits counts as given."""
        reply = None
        for event in self.events[order.pk]:
            if event.kind == "feedback":
                reply = event.at
            if event.kind == "pass_check" and reply is not None:
                return reply
        return order.fed_back_at

    def closed(self, order):
        for event in self.events[order.pk]:
            if event.after == "closed":
                return event.at
        return order.closed_at

    def closing_due(self, order):
        start = self.due(order) or self.handled(order)
        for name in ("check", "revisit"):
            limit = deadlines.clock(name, order.urgency)
            if start is not None and limit is not None:
                start = deadlines.due_at(limit, start, self.calendar)
        return start

    def answered(self, order):
        if order.satisfaction is None:
            return None
        rating = self.ratings.get(order.pk)
        return rating.at if rating else order.closed_at

    def in_month(self, moment) -> bool:
        return moment is not None and self.since <= moment < self.until

    def first_of(self, *moments):
        return min((one for one in moments if one is not None), default=None)

    def counts(self, order) -> bool:
        if order.status in ("declined", "merged", "voided", "suspended"):
            return False
        if order.status == "closed" and order.closed_at is None:
            return False
        return order.officer_id is not None or order.lead_id is not None

    def here(self, order) -> bool:
        community = self.above[order.area_id].get("community")
        return order.officer_id is not None or order.lead_id == self.committees.get(community, 0)

    # -- what one order or record adds to a subject's counts

    def add_order(self, counts: dict, order, *, led: bool) -> None:
        """led: the subject answers for its handling; reports and hotline orders count where they lie."""
        due, handled, closed = self.due(order), self.handled(order), self.closed(order)
        if not self.counts(order):
            return
        should_sign = self.signing(order)
        if led and should_sign and self.in_month(self.first_of(should_sign, order.signed_at)):
            counts["M04"].add(order.signed_at is not None and order.signed_at <= should_sign)
        on_time = handled is not None and (due is None or handled <= due)
        if self.in_month(self.first_of(due, handled)):
            if led:
                counts["M05"].add(on_time)
                overdue = due is not None and due < self.until and (handled is None or handled >= self.until)
                counts["M08"].add(overdue)
                counts["M09"].add(order.extensions_granted > 0)
            if order.source == "hotline" and order.follow_officer_id is not None:
                counts["S01"].add(on_time)
        if led and self.in_month(self.first_of(self.closing_due(order), closed)):
            counts["M06"].add(closed is not None and closed < self.until)
            counts["M07"].add(order.reworks > 0)

    def add_report(self, counts: dict, order) -> None:
        """What somebody in the field reported this month."""
        if not self.in_month(order.reported_at) or order.reporter_id is None:
            return
        if order.source not in ("officer", "patrol", "visit") or order.status in ("reported", "verifying"):
            return
        main = self.by_id.get(order.main_id)
        twin = order.status == "merged" and main is not None and main.reporter_id == order.reporter_id
        valid = not twin and order.status not in ("declined", "voided")
        counts["M01"].add(valid)
        counts["M02"].add(valid)
        if valid:
            counts["M03"].add(False)

    def add_record(self, counts: dict, record) -> None:
        code = {
            "patrol": "M10", "missed": "M03", "visit": "S03", "dispute": "S04", "sample": "S05", "attendance": "S06",
        }[record.kind]  # fmt: skip
        weight = CARE[record.level] if record.kind == "visit" else 1
        counts[code].add(record.done or record.kind == "missed", weight)
