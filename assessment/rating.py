"""From measurements to scores: grids, then communities, streets, the district, officers and units. No database.

Source: domain §6.3 (score), §6.5 (roll-up, officers, departments). Every score is the sum of its rows.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assessment import scoring
from assessment.charging import Found, apply
from assessment.hierarchy import Grid, Hierarchy, Holding
from assessment.indicators import BY_CODE, INDICATORS, Measurement
from assessment.measuring import Sums
from assessment.schemes import Rules
from assessment.storing import Result, Row
from assessment.vocabulary import NotRanked, ScoreLevel
from personnel.jurisdiction import UnitRef

# Weights of a unit and of an officer's own part are those of the scheme among these, brought to 100.
UNIT_CODES = tuple(one.code for one in INDICATORS if one.of_units)
OFFICER_CODES = tuple(one.code for one in INDICATORS if one.of_officers)


@dataclass
class Book:
    """Everything a rating needs, read before it starts. shares: of class M by street, where weights are dynamic;
    medians: a grid's own usual number of reports, where targets follow it."""

    rules: Rules
    hierarchy: Hierarchy
    sums: Sums
    charges: Mapping[int, Sequence[Found]]
    holdings: Sequence[Holding]
    units: Mapping[int, UnitRef]
    min_days: int
    shares: Mapping[int, int] = field(default_factory=dict)
    medians: Mapping[int, int] = field(default_factory=dict)


class Rating:
    """Rates one run; `results` are in a fixed order, whatever the order of the input."""

    def __init__(self, book: Book):
        self.book, self.rules = book, book.rules
        self._held = {one.grid_id for one in book.holdings}
        self._weights: dict = {}
        self._values: dict = {}
        self.grids: dict[int, Result] = {}

    def results(self) -> list[Result]:
        """All scores, grids first."""
        grids = [self.grid(one) for one in sorted(self.book.hierarchy.grids, key=lambda one: one.code)]
        self.grids = {one.area_id: one for one in grids}
        rank(grids)
        areas = self.roll_up(grids)
        officers, units = self.officers(), self.units()
        for group in (*areas, officers, units):
            rank(group)
        found = [*grids, *(one for group in areas for one in group), *officers, *units]
        self._grade(found)
        return found

    # -- one grid

    def grid(self, grid: Grid) -> Result:
        """A grid's score; none where it was not active long enough or nothing could be measured."""
        result = Result(
            ScoreLevel.GRID.value, grid.id, grid.code, grid.name, community_id=grid.community_id,
            street_id=grid.street_id, district_id=grid.district_id, peer_group=self.rules.peer_group(grid.kind),
            active_days=grid.days, workload=self.book.sums.workload.get("grids", {}).get(grid.id, 0),
        )  # fmt: skip
        measured = dict(self.book.sums.grids.get(grid.id, {}))
        if grid.id not in self._held:
            measured = {code: one for code, one in measured.items() if not BY_CODE[code].needs_officer}
        target = self.book.medians.get(grid.id) or self.rules.target(grid.kind)
        ranked = grid.days >= self.book.min_days
        result.rows = self.rows(self.rules.codes, measured, ranked=ranked, target=target, street=grid.street_id)
        result.values = [row.value for row in result.rows]
        result.charges, result.bonus, result.deductions, veto = apply(self.book.charges.get(grid.id, ()), self.rules)
        if not ranked or all(row.points is None for row in result.rows):
            result.why_not = (NotRanked.NOTHING if ranked else NotRanked.FEW_DAYS).value
            return result
        self._total(result, veto)
        by_code = {row.code: row.rate for row in result.rows}
        result.tie = tuple(-1 if (share := by_code.get(code)) is None else share for code in self.rules.body["ties"])
        return result

    def _total(self, result: Result, veto: bool) -> None:
        rules = self.rules
        result.indicator_points = sum(row.points for row in result.rows if row.points is not None)
        total = result.indicator_points + result.bonus + result.deductions
        limits = [("CAP_HIGH", min(total, rules.limit("highest"))), ("CAP_LOW", max(total, rules.limit("lowest")))]
        score = total
        for code, limited in limits:
            if limited != total:
                result.charges = [*result.charges, _limit(result.area_id, code, limited - total)]
                score = limited
        if veto:
            limited = min(score, rules.limit("veto_score"))
            result.charges = [*result.charges, _limit(result.area_id, "VETO", limited - score)]
            score, result.veto = limited, True
        result.score = score

    def rows(
        self, codes: Sequence[str], measured: Mapping[str, Measurement], *, ranked=True, target=0, street=None
    ) -> list[Row]:
        """One row per indicator: figures where there are any, points where it applies."""
        applicable = frozenset(code for code in codes if code in measured and measured[code].denominator)
        weights = self._in_force(tuple(codes), applicable, street) if ranked else {}
        found = []
        for code in codes:
            one = measured.get(code)
            row = Row(code)
            if one is not None:
                row.numerator, row.denominator = one.numerator, one.denominator
                row.rate = scoring.rate(one.good, one.due)
                row.value = self._value(code, one, row.rate, target)
                row.details = self._details(code, one, target)
                if code in weights:
                    row.weight = weights[code]
                    row.points = scoring.points(row.weight, row.value)
            found.append(row)
        return found

    def _value(self, code, one, rate, target):
        count = one.numerator
        key = (code, rate, count if code == "M01" else 0, target if code == "M01" else 0)
        if key not in self._values:
            self._values[key] = scoring.value(self.rules.curve(code), rate or 0, count=count, target=target)
        return self._values[key]

    @staticmethod
    def _details(code, one, target):
        found = {}
        if code == "M01":
            found["target"] = target
        if one.months != 1:
            found["months"] = one.months
        if BY_CODE[code].weighted:
            found |= {"good": one.good, "due": one.due}
        return found or None

    def _in_force(self, codes: tuple, applicable: frozenset, street) -> dict[str, int]:
        share = self.book.shares.get(street)
        key = (codes, applicable, share)
        if key not in self._weights:
            weights = self.rules.weights
            if share is not None:
                weights = scoring.dynamic(weights, self.rules.classes, share)
            if codes != tuple(self.rules.codes):
                weights = scoring.apportion(scoring.FULL, {code: weights[code] for code in codes})
            self._weights[key] = scoring.spread(weights, self.rules.classes, applicable)
        return self._weights[key]

    # -- areas

    def roll_up(self, grids: Sequence[Result]) -> list[list[Result]]:
        """Communities as means of their ranked grids; streets and the district as means of communities weighted so."""
        by_community = defaultdict(list)
        for one in grids:
            by_community[one.community_id].append(one)
        communities, ranked = [], {}
        for area_id, parts in by_community.items():
            counted = [one for one in parts if one.score is not None]
            result = self._area(ScoreLevel.COMMUNITY, area_id, parts)
            self._mean_of(result, [(one, 1) for one in counted])
            communities.append(result)
            ranked[area_id] = len(counted)
        communities.sort(key=lambda one: one.code)
        found = [communities]
        for level, name in ((ScoreLevel.STREET, "street_id"), (ScoreLevel.DISTRICT, "district_id")):
            groups = defaultdict(list)
            for one in communities:
                groups[getattr(one, name)].append(one)
            results = []
            for area_id, parts in groups.items():
                result = self._area(level, area_id, parts)
                counted = [(one, ranked[one.area_id]) for one in parts if one.score is not None]
                self._mean_of(result, counted)
                result.plain_mean = scoring.mean([one.score for one, _weight in counted])
                results.append(result)
            found.append(sorted(results, key=lambda one: one.code))
        return found

    def _area(self, level, area_id, parts) -> Result:
        place, first = self.book.hierarchy.place(area_id), parts[0]
        return Result(
            level.value, area_id, place.code, place.name, peer_group=level.value, district_id=first.district_id,
            community_id=first.community_id if level == ScoreLevel.COMMUNITY else None,
            street_id=first.street_id if level != ScoreLevel.DISTRICT else None,
            workload=sum(one.workload for one in parts),
        )  # fmt: skip

    @staticmethod
    def _mean_of(result: Result, parts: Sequence[tuple[Result, int]]) -> None:
        """The weighted mean of scores, and a row for each part with its share of the points."""
        result.score = scoring.weighted_mean((one.score, weight) for one, weight in parts)
        if result.score is None:
            result.why_not = NotRanked.NO_PARTS.value
            return
        result.indicator_points = result.score
        shares = scoring.apportion(result.score, {n: one.score * weight for n, (one, weight) in enumerate(parts)})
        whole = scoring.apportion(scoring.FULL, {n: weight for n, (_one, weight) in enumerate(parts)})
        result.rows = [
            Row(one.code, value=one.score, weight=whole[n], points=shares[n], part=one, details={"parts": weight})
            for n, (one, weight) in enumerate(parts)
        ]

    # -- people and units

    def officers(self) -> list[Result]:
        """Officers by the days they held posts: the grid's score where they were alone, else 0.6 of it and 0.4 of
        what they did themselves."""
        by_officer, of_grid = defaultdict(list), defaultdict(set)
        for one in self.book.holdings:
            by_officer[one.officer_id].append(one)
            of_grid[one.grid_id].add(one.officer_id)
        found = []
        for officer_id in sorted(by_officer):
            held = sorted(by_officer[officer_id], key=lambda one: (-len(one.days), one.grid_id))
            found.append(self._officer(officer_id, held, alone=all(len(of_grid[one.grid_id]) == 1 for one in held)))
        return sorted(found, key=lambda one: (one.code, one.officer_id))

    def _officer(self, officer_id: int, held: Sequence[Holding], *, alone: bool) -> Result:
        main = self.grids[held[0].grid_id]
        result = Result(
            ScoreLevel.OFFICER.value, main.area_id, held[0].username[:20] or str(officer_id), held[0].name,
            officer_id=officer_id, community_id=main.community_id, street_id=main.street_id,
            district_id=main.district_id, peer_group=main.peer_group,
            active_days=len(frozenset().union(*(one.days for one in held))),
            workload=self.book.sums.workload.get("officers", {}).get(officer_id, 0),
        )  # fmt: skip
        result.code = f"p{officer_id}"
        if alone and len(held) == 1:
            result.mirrors, result.workload = main, main.workload
            for name in ("score", "why_not", "indicator_points", "bonus", "deductions", "veto", "tie"):
                setattr(result, name, getattr(main, name))
            return result
        parts = [(self.grids[one.grid_id], len(one.days)) for one in held]
        counted = [(one, days) for one, days in parts if one.score is not None]
        if not counted:
            result.why_not = NotRanked.NO_PARTS.value
            return result
        codes = [code for code in OFFICER_CODES if code in self.rules.codes]
        own = self.rows(codes, self._personal(officer_id)) if not alone else []
        own = [row for row in own if row.points is not None]
        share = scoring.ten_thousandths(self.rules.body["officer_share"]) if own else scoring.ONE
        days = sum(days for _one, days in counted)
        grid_points = scoring.half_up(share * sum(one.score * d for one, d in counted), scoring.ONE * days)
        shares = scoring.apportion(grid_points, {n: one.score * d for n, (one, d) in enumerate(counted)})
        weights = scoring.apportion(share, {n: d for n, (_one, d) in enumerate(counted)})
        result.rows = [
            Row(
                one.code,
                value=one.score,
                weight=weights[n],
                points=shares[n],
                part=one,
                details={"days": d, "of": days},
            )
            for n, (one, d) in enumerate(counted)
        ]
        personal = scoring.apportion(scoring.FULL - share, {row.code: row.weight for row in own})
        for row in own:
            row.weight = personal[row.code]
            row.points = scoring.points(row.weight, row.value)
        result.rows += own
        result.indicator_points = result.score = sum(row.points for row in result.rows)
        return result

    def _personal(self, officer_id: int) -> dict[str, Measurement]:
        found = self.book.sums.officers.get(officer_id, {})
        return {code: one for code, one in found.items() if one.denominator >= max(BY_CODE[code].fewest, 1)}

    def units(self) -> list[Result]:
        """Units by the orders they led: M04–M09 and satisfaction, brought to 100."""
        codes = [code for code in UNIT_CODES if code in self.rules.codes]
        found = []
        for unit_id, measured in self.book.sums.units.items():
            unit = self.book.units[unit_id]
            measured = {key: one for key, one in measured.items() if one.denominator >= max(BY_CODE[key].fewest, 1)}
            group = unit.kind if unit.kind in ("CO", "ST") else "department"
            path = self.book.hierarchy.place(unit.area_id).path
            result = Result(
                ScoreLevel.UNIT.value, unit.area_id, unit.code, unit.name, unit_id=unit_id, peer_group=group,
                workload=self.book.sums.workload.get("units", {}).get(unit_id, 0),
                district_id=path[1] if len(path) > 1 else None, street_id=path[2] if len(path) > 2 else None,
                community_id=path[3] if len(path) > 3 else None,
            )  # fmt: skip
            result.rows = self.rows(codes, measured)
            points = [row.points for row in result.rows if row.points is not None]
            if points:
                result.indicator_points = result.score = sum(points)
            else:
                result.why_not = NotRanked.NOTHING.value
            found.append(result)
        return sorted(found, key=lambda one: one.code)

    def _grade(self, results: Sequence[Result]) -> None:
        bands, body = self.rules.body["bands"], self.rules.body
        for one in results:
            if one.score is not None:
                one.grade = body["veto_grade"] if one.veto else scoring.grade(one.score, bands)
        share = body["review"].get("excellent_share")
        if share is not None and len(bands) > 1:
            self._limit_best(scoring.ten_thousandths(share))
        for one in results:
            if one.mirrors is not None and one.score is not None:
                one.grade = one.mirrors.grade

    def _limit_best(self, share: int) -> None:
        """At most this share of a street's ranked grids keep the best grade, the others of it have the next one.

        Grids with equal scores and ties are treated alike: where not all of them fit, none keeps it.
        """
        best, following = sorted(self.rules.body["bands"], key=_start, reverse=True)[:2]
        streets = defaultdict(list)
        for one in self.grids.values():
            if one.score is not None:
                streets[one.street_id].append(one)
        for parts in streets.values():
            most = len(parts) * share // scoring.ONE
            held = [one for one in parts if one.grade == best["code"]]
            places = scoring.ranks({one.code: (one.score, *one.tie) for one in held})
            last = Counter(places.values())
            for one in held:
                place = places[one.code]
                if place + last[place] - 1 > most:
                    one.grade = following["code"]
                    cause = {"excellent": most, "of": len(parts)}
                    one.charges = [*one.charges, Found(one.area_id, "CAP_GRADE", "manual", 0, cause)]


def _start(band: Mapping) -> int:
    return scoring.hundredths(band["from"])


def rank(results: Sequence[Result]) -> None:
    """Places inside each peer group; those without a score have none. Ties by rule, then shared."""
    groups = defaultdict(dict)
    for number, one in enumerate(results):
        if one.score is not None:
            groups[one.peer_group][number] = (one.score, *one.tie)
    for keys in groups.values():
        for number, place in scoring.ranks(keys).items():
            results[number].rank, results[number].of = place, len(keys)


def _limit(area_id: int, code: str, points: int) -> Found:
    return Found(area_id, code, "manual", points, {}, points=points)
