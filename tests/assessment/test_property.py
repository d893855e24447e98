"""Whatever was measured, deducted and decided: the explained rows of a score are its score, in any order of input."""

import copy
import datetime as dt
from types import SimpleNamespace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessment import items, scoring, storing
from assessment.charging import Found
from assessment.default_scheme import BODY
from assessment.hierarchy import Grid, Holding
from assessment.indicators import INDICATORS, Measurement
from assessment.measuring import Sums
from assessment.rating import Book, Rating
from assessment.schemes import Rules

CODES = [one.code for one in INDICATORS]
DAYS = frozenset(dt.date(2026, 9, day) for day in range(1, 31))
CITY, DISTRICT = 1, 2
CURVES = st.one_of(
    st.tuples(st.integers(0, 99), st.integers(1, 60)).map(
        lambda two: {"kind": "lin", "from": str(two[0] / 100), "to": str((two[0] + two[1]) / 100)}
    ),
    st.just({"kind": "rate"}),
    st.integers(1, 99).map(lambda share: {"kind": "less", "share": str(share / 100)}),
    st.integers(1, 9999).map(lambda factor: {"kind": "times", "factor": str(factor / 1000)}),
)


@st.composite
def schemes(draw):
    """The default scheme with other weights, curves, caps and limits."""
    body = copy.deepcopy(BODY)
    parts = draw(st.lists(st.integers(0, 30), min_size=len(CODES), max_size=len(CODES)).filter(any))
    weights = scoring.apportion(scoring.FULL, dict(zip(CODES, parts, strict=True)))
    for code in CODES:
        body["indicators"][code] |= {"weight": scoring.text(weights[code]), "on": draw(st.booleans())}
        if code != "M01":
            body["indicators"][code]["curve"] = draw(CURVES)
    for name, most in (("bonus_cap", 20), ("deduction_cap", 60), ("veto_score", 70)):
        body[name] = str(draw(st.integers(0, most)))
    body["highest"], body["lowest"] = str(draw(st.integers(80, 120))), str(draw(st.integers(0, 30)))
    body["officer_share"] = str(draw(st.integers(0, 100)) / 100)
    body["review"]["excellent_share"] = draw(st.sampled_from([None, "0", "0.2", "0.5", "1"]))
    return body


@st.composite
def measurements(draw):
    """Figures of some of the indicators."""
    found = {}
    for code in draw(st.lists(st.sampled_from(CODES), unique=True)):
        due = draw(st.integers(1, 40))
        good = draw(st.integers(0, due))
        weight = draw(st.integers(1, 3)) if code == "S03" else 1
        found[code] = Measurement(good, due, good * weight, due * weight)
    return found


@st.composite
def charges(draw, area_id):
    """Deductions, bonuses and vetoes of every size."""
    code = draw(st.sampled_from([*items.BY_CODE]))
    most = {items.DEDUCTION: (-2000, 0), items.BONUS: (0, 2000), items.VETO: (0, 0)}[items.BY_CODE[code].kind]
    cause = {"waived": 1} if draw(st.booleans()) and draw(st.booleans()) else {}
    when = dt.datetime(2026, 9, draw(st.integers(1, 30)), tzinfo=dt.UTC)
    return Found(area_id, code, "manual", draw(st.integers(*most)), cause, draw(st.integers(1, 9)), at=when)


@st.composite
def months(draw):
    """A month as it is read before it is rated: (scheme, book without it)."""
    sums, found, held, grids = Sums(), {}, [], []
    sums.workload = {"grids": {}, "units": {}, "officers": {}}
    for number in range(draw(st.integers(1, 6))):
        community = draw(st.integers(20, 22))
        kind = draw(st.sampled_from(["urban", "rural"]))
        grid = Grid(100 + number, f"g{number}", f"g{number}", kind, community, community - 10, DISTRICT, 30)
        grids.append(draw(st.sampled_from([grid, grid, grid, Grid(*_young(grid))])))
        sums.grids[grid.id] = draw(measurements())
        found[grid.id] = draw(st.lists(charges(grid.id), max_size=6))
        for officer in draw(st.lists(st.integers(1, 4), max_size=2, unique=True)):
            days = frozenset(sorted(DAYS)[: draw(st.integers(1, 30))])
            held.append(Holding(officer, f"o{officer}", f"o{officer}", grid.id, days))
            sums.officers[officer] = draw(measurements())
    for unit in range(draw(st.integers(0, 2))):
        sums.units[unit] = draw(measurements())
    return draw(schemes()), sums, found, held, grids


def _young(grid: Grid) -> tuple:
    return (grid.id, grid.code, grid.name, grid.kind, grid.community_id, grid.street_id, grid.district_id, 14)


def rated(body, sums, found, held, grids):
    """The results of a month."""
    place = {one: SimpleNamespace(code=f"a{one}", name=f"a{one}", path=(CITY, DISTRICT)) for one in range(200)}
    tree = SimpleNamespace(grids=grids, place=place.__getitem__)
    units = {
        number: SimpleNamespace(code=f"u{number}", name=f"u{number}", kind="UM", area_id=DISTRICT)
        for number in range(2)
    }
    return Rating(Book(Rules(body), tree, sums, found, held, units, min_days=15)).results()


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(months())
def test_the_rows_of_every_score_add_up_to_it(month):
    for one in rated(*month):
        source = one.mirrors or one
        rows = [row.points for row in source.rows if row.points is not None]
        charged = [charge.points for charge in source.charges]
        if one.score is None:
            assert one.why_not and not any(rows) and one.rank is None
        else:
            assert sum(rows) + sum(charged) == one.score, one
            assert all(0 <= row.points for row in source.rows if row.points is not None)
        if one.level == "grid" and one.score is not None:
            body = month[0]
            # A veto cuts below the lowest score, if a scheme has it so.
            lowest = min(scoring.hundredths(body["lowest"]), scoring.hundredths(body["veto_score"]))
            assert lowest <= one.score <= scoring.hundredths(body["highest"])


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(months(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(month, dice):
    body, sums, found, held, grids = month

    def shuffled(mapping):
        names = list(mapping)
        return {name: mapping[name] for name in dice.sample(names, len(names))}

    # Of equal moments the order of the rows decides nothing: they are sorted by all they have.
    found = {area: sorted(rows, key=lambda one: (one.key, one.full)) for area, rows in found.items()}
    other = Sums(shuffled(sums.grids), shuffled(sums.units), shuffled(sums.officers), sums.workload)
    once = rated(body, sums, found, sorted(held, key=lambda one: (one.officer_id, one.grid_id)), grids)
    mixed = dice.sample(held, len(held))
    again = rated(body, other, shuffled(found), mixed, dice.sample(grids, len(grids)))
    assert [written(one) for one in once] == [written(one) for one in again]


def written(result) -> str:
    """A result as it goes into the checksum."""
    lines = [storing._score(result), *(f"{row.code} {storing._item(row)}" for row in result.rows)]
    return "\n".join([*lines, *(storing._charge(charge) for charge in result.charges)])
