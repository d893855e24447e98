"""The assessment done slowly: one grid, one order, one rule after the other, in plain Python over rows.

Written from the rules (domain §6.2–6.5, docs/assessment.md), not from the engine: decimals instead of whole numbers,
loops instead of statements, and nothing of `assessment` but its rows. Where both agree on enough odd towns, both are
likely to be right.
"""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import mean

from core import clock
from tests.assessment.oracle.charges import Charges
from tests.assessment.oracle.rows import FOUR, Count, rounded

M_CODES = ("M01", "M02", "M03", "M04", "M05", "M06", "M07", "M08", "M09", "M10")
S_CODES = ("S01", "S02", "S03", "S04", "S05", "S06")
CODES = M_CODES + S_CODES
OF_UNITS = ("M04", "M05", "M06", "M07", "M08", "M09", "S02")
OF_OFFICERS = ("M04", "M05", "M10", "S02", "S03")
CENT, HUNDRED = Decimal("0.01"), Decimal(100)


def shared(total: Decimal, parts: dict) -> dict:
    """A sum of cents divided in proportion: first what is whole, then a cent each to the largest remainders."""
    whole = sum(parts.values())
    if not whole:
        return {name: Decimal(0) for name in parts}
    exact = {name: total * part * 100 / whole for name, part in parts.items()}
    cents = {name: int(amount) for name, amount in exact.items()}
    order = list(parts)
    missing = int(total * 100) - sum(cents.values())
    for name in sorted(order, key=lambda one: (cents[one] - exact[one], order.index(one)))[:missing]:
        cents[name] += 1
    return {name: Decimal(amount) / 100 for name, amount in cents.items()}


@dataclass
class Found:
    """What a subject got."""

    figures: dict = field(default_factory=dict)
    points: dict = field(default_factory=dict)
    charges: list = field(default_factory=list)
    score: Decimal | None = None
    veto: bool = False
    grade: str = ""
    rank: int | None = None
    ties: tuple = ()
    group: str = ""


class Oracle(Charges):
    """A month of every grid below a city under one body of a scheme, as known at a moment."""

    # -- points

    def value(self, code: str, count: Count, target: int) -> Decimal:
        curve = self.body["indicators"][code]["curve"]
        rate = count.rate
        if curve["kind"] == "min":
            found = Decimal(count.good) / target
        elif curve["kind"] == "lin":
            start, end = Decimal(curve["from"]), Decimal(curve["to"])
            found = (rate - start) / (end - start)
        elif curve["kind"] == "less":
            found = 1 - rate / Decimal(curve["share"])
        elif curve["kind"] == "times":
            found = 1 - Decimal(curve["factor"]) * rate
        else:
            found = rate
        return rounded(min(max(found, Decimal(0)), Decimal(1)), FOUR)

    def weights(self, codes, applicable: set) -> dict:
        """The weights in force: brought to 100, then those of what does not apply spread inside the class."""
        given = {code: Decimal(self.body["indicators"][code]["weight"]) for code in CODES}
        if tuple(codes) != self.switched_on():
            given = shared(HUNDRED, {code: given[code] for code in codes})
        budget = {
            name: sum(weight for code, weight in given.items() if code[0] == name)
            for name in ("M", "S")
            if any(code[0] == name and code in applicable and given[code] for code in given)
        }
        budget = shared(HUNDRED, budget) if budget else {}
        found = {}
        for name, amount in budget.items():
            found |= shared(amount, {code: w for code, w in given.items() if code[0] == name and code in applicable})
        return found

    def switched_on(self) -> tuple:
        return tuple(code for code in CODES if self.body["indicators"][code]["on"])

    # -- scores

    def grid(self, grid) -> Found:
        found = Found(group=grid.kind)
        orders = self.of_grid[grid.pk]
        counts = defaultdict(Count)
        for order in orders:
            self.add_report(counts, order)
            self.add_order(counts, order, led=self.here(order))
        for record in self.records[grid.pk]:
            self.add_record(counts, record)
        self._opinions(counts, orders, fallback=True)
        if not any(self.days_of(one) for one in self.posts[grid.pk]):
            for code in ("M01", "M02", "M03"):
                counts.pop(code, None)
        counts = {code: one for code, one in counts.items() if code in self.switched_on()}
        found.figures = {code: (one.good, one.all) for code, one in counts.items()}
        found.charges = self.applied(self.charges(grid, orders))
        found.veto = any(code[0] == "V" for code, _points in found.charges)
        if self._days(grid) < self.body["min_active_days"] or not counts:
            found.veto = False
            return found
        target = self.body["targets"][grid.kind]
        weights = self.weights(self.switched_on(), set(counts))
        found.points = {
            code: rounded(weights[code] * self.value(code, one, target), CENT) for code, one in counts.items()
        }
        score = sum(found.points.values()) + sum(points for _code, points in found.charges)
        score = min(max(score, Decimal(self.body["lowest"])), Decimal(self.body["highest"]))
        found.score = min(score, Decimal(self.body["veto_score"])) if found.veto else score
        found.grade = self.grade(found.score, found.veto)
        found.ties = tuple(counts[code].rate if code in counts else Decimal(-1) for code in self.body["ties"])
        return found

    def _opinions(self, counts, orders, *, fallback: bool) -> None:
        now, before = Count(), Count()
        year_ago = clock.day(dt.date(self.first.year - 1, self.first.month + 1, 1))[0]
        for order in orders:
            at = self.answered(order)
            if self.in_month(at):
                now.add(order.satisfaction >= 3)
            elif at is not None and year_ago <= at < self.since and order.reported_at < self.since:
                before.add(order.satisfaction >= 3)
        if fallback and now.all < 5:
            now.good, now.all = now.good + before.good, now.all + before.all
            now.good_weight, now.all_weight = now.good, now.all
        if now.all and (fallback or now.all >= 5):
            counts["S02"] = now

    def grade(self, score: Decimal, veto: bool) -> str:
        if veto:
            return self.body["veto_grade"]
        bands = sorted(self.body["bands"], key=lambda one: Decimal(one["from"]), reverse=True)
        return next(one["code"] for one in bands if score >= Decimal(one["from"]))

    def days_of(self, post) -> set:
        days = (self.first + dt.timedelta(number) for number in range((self.end - self.first).days))
        return {day for day in days if post.starts <= day and (post.ends is None or day < post.ends)}

    def all_grids(self) -> dict:
        found = {grid.pk: self.grid(grid) for grid in self.grids}
        self._rank(found.values())
        return found

    def _rank(self, found) -> None:
        groups = defaultdict(list)
        for one in found:
            if one.score is not None:
                groups[one.group].append(one)
        for group in groups.values():
            for one in group:
                one.rank = 1 + sum((other.score, *other.ties) > (one.score, *one.ties) for other in group)

    def areas(self, grids: dict, level: str) -> dict:
        """Communities as means of grids; above them means of communities, each as heavy as it has ranked grids."""
        parts = defaultdict(list)
        for grid in self.grids:
            if grids[grid.pk].score is not None:
                parts[self.above[grid.pk]["community"]].append(grids[grid.pk].score)
        scores = {pk: rounded(Decimal(mean(part)), CENT) for pk, part in parts.items()}
        if level == "community":
            return scores
        sums = defaultdict(lambda: [Decimal(0), 0])
        for pk, part in parts.items():
            total = sums[self.above[pk][level]]
            total[0] += scores[pk] * len(part)
            total[1] += len(part)
        return {pk: rounded(total / number, CENT) for pk, (total, number) in sums.items()}

    def officers(self, grids: dict) -> dict:
        """By the days they held posts: alone on one grid its score, else 0.6 of the grids and 0.4 of their own."""
        days: dict = defaultdict(lambda: defaultdict(set))
        for area in grids:
            for post in self.posts[area]:
                if self.days_of(post):
                    days[post.person_id][area] |= self.days_of(post)
        on_grid = defaultdict(set)
        for person, held in days.items():
            for area in held:
                on_grid[area].add(person)
        found = {}
        for person, held in days.items():
            alone = all(len(on_grid[area]) == 1 for area in held)
            if alone and len(held) == 1:
                found[person] = grids[next(iter(held))].score
                continue
            ranked = {area: len(part) for area, part in held.items() if grids[area].score is not None}
            if not ranked:
                found[person] = None
                continue
            own = {} if alone else self._own(person)
            share = Decimal(self.body["officer_share"]) if own else Decimal(1)
            total = sum(grids[area].score * number for area, number in ranked.items())
            score = rounded(share * total / sum(ranked.values()), CENT)
            if own:
                weights = self.weights(OF_OFFICERS, set(own))
                weights = shared((1 - share) * 100, {code: weights[code] for code in OF_OFFICERS if code in own})
                score += sum(rounded(weights[code] * self.value(code, one, 0), CENT) for code, one in own.items())
            found[person] = score
        return found

    def _own(self, person) -> dict:
        counts, mine = defaultdict(Count), []
        for order in self.of_officer[person]:
            if order.officer_id == person:
                self.add_order(counts, order, led=True)
            mine.append(order)
        for record in self.records_by[person]:
            self.add_record(counts, record)
        counts.pop("S02", None)
        self._opinions(counts, mine, fallback=False)
        return {code: counts[code] for code in OF_OFFICERS if code in counts and code in self.switched_on()}

    def all_units(self) -> dict:
        """Units by what they led."""
        led = defaultdict(list)
        for order in self.orders:
            if order.lead_id is not None:
                led[order.lead_id].append(order)
        found = {}
        for unit, orders in led.items():
            one, counts = Found(), defaultdict(Count)
            for order in orders:
                self.add_order(counts, order, led=True)
            self._opinions(counts, orders, fallback=False)
            counts = {code: counts[code] for code in OF_UNITS if code in counts}
            one.figures = {code: (count.good, count.all) for code, count in counts.items()}
            if counts:
                weights = self.weights(OF_UNITS, set(counts))
                one.score = sum(rounded(weights[code] * self.value(code, c, 0), CENT) for code, c in counts.items())
            found[unit] = one
        return found
