"""Curves, weights, caps, ranks: tables of cases."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessment import scoring
from assessment.default_scheme import BODY
from assessment.schemes import Rules

LIN = {"kind": "lin", "from": "0.70", "to": "0.98"}


@pytest.mark.parametrize(
    ("curve", "numerator", "denominator", "target", "worth"),
    [
        (LIN, 70, 100, 0, 0),
        (LIN, 98, 100, 0, 10_000),
        (LIN, 84, 100, 0, 5_000),
        (LIN, 1, 100, 0, 0),
        (LIN, 7, 9, 0, 2_779),  # 0.7778 − 0.70 = 0.0778; / 0.28 = 0.27786
        ({"kind": "lin", "from": "0.5", "to": "0.1"}, 3, 10, 0, 5_000),
        ({"kind": "min"}, 9, 9, 20, 4_500),
        ({"kind": "min"}, 25, 25, 20, 10_000),
        ({"kind": "rate"}, 2, 3, 0, 6_667),
        ({"kind": "less", "share": "0.15"}, 0, 12, 0, 10_000),
        ({"kind": "less", "share": "0.15"}, 1, 12, 0, 4_447),  # 0.0833 / 0.15 = 0.5553
        ({"kind": "less", "share": "0.10"}, 1, 10, 0, 0),
        ({"kind": "times", "factor": "5"}, 1, 10, 0, 5_000),
        ({"kind": "times", "factor": "5"}, 3, 10, 0, 0),
        ({"kind": "times", "factor": "2.5"}, 1, 3, 0, 1_668),  # 1 − 2.5 × 0.3333 = 0.16675
        ({"kind": "times", "factor": "1.2345"}, 1, 2, 0, 3_828),  # 0.38275
        ({"kind": "less", "share": "0.16"}, 1, 8, 0, 2_188),  # 1 − 0.1250 / 0.16 = 0.21875
        ({"kind": "steps", "steps": [["0.95", "1"], ["0.80", "0.5"]]}, 95, 100, 0, 10_000),
        ({"kind": "steps", "steps": [["0.80", "0.5"], ["0.95", "1"]]}, 94, 100, 0, 5_000),
        ({"kind": "steps", "steps": [["0.95", "1"], ["0.80", "0.5"]]}, 79, 100, 0, 0),
    ],
)
def test_curves(curve, numerator, denominator, target, worth):
    share = scoring.rate(numerator, denominator)
    assert scoring.value(curve, share, count=numerator, target=target) == worth


def test_nothing_to_count_has_no_rate():
    assert scoring.rate(0, 0) is None and scoring.rate(0, 3) == 0


def test_rounding_is_half_up():
    assert [scoring.half_up(n, 2) for n in (1, 3, 5, -1, -3)] == [1, 2, 3, -1, -2]
    assert scoring.points(1556, 2779) == 432 and scoring.text(-30) == "-0.30" and scoring.text(5, 4) == "0.0005"


def test_weights_that_are_off_go_to_their_class():
    rules = Rules(BODY)
    force = scoring.spread(rules.weights, rules.classes, rules.codes)
    assert sum(force.values()) == 10_000 and "M10" not in force and "S06" not in force
    management = sum(weight for code, weight in force.items() if code.startswith("M"))
    assert management == 6_000 and force["M05"] == 1_556 and force["M01"] == 667


def test_a_class_in_which_nothing_applies_leaves_its_weight_to_the_other():
    force = scoring.spread({"M01": 6_000, "S01": 4_000}, {"M01": "M", "S01": "S"}, ["M01"])
    assert force == {"M01": 10_000}
    assert scoring.spread({"M01": 6_000}, {"M01": "M"}, []) == {}


def test_dynamic_weights_are_clamped():
    rules = Rules(BODY)
    for share, management in ((1_000, 4_000), (5_500, 5_500), (9_900, 7_000)):
        weights = scoring.dynamic(rules.weights, rules.classes, share)
        assert sum(weights.values()) == 10_000
        assert sum(weight for code, weight in weights.items() if code.startswith("M")) == management


@pytest.mark.parametrize(
    ("full", "cap", "given_"),
    [
        ([-30, -30], 600, [-30, -30]),
        ([-100, -300, -100], 350, [-100, -250, 0]),
        ([200, 100], 250, [200, 50]),
        ([-500, -500], None, [-500, -500]),
        ([], 5, []),
    ],
)
def test_caps(full, cap, given_):
    assert scoring.capped(full, cap) == given_


@pytest.mark.parametrize(
    ("score", "grade"),
    [
        (11_000, "excellent"),
        (9_000, "excellent"),
        (8_999, "good"),
        (8_000, "good"),
        (6_000, "qualified"),
        (0, "unqualified"),
    ],
)
def test_grades(score, grade):
    assert scoring.grade(score, BODY["bands"]) == grade


def test_ties_share_a_place():
    keys = {"a": (9_000, 1, 5), "b": (9_000, 1, 5), "c": (9_500, 0, 0), "d": (9_000, 2, 0), "e": (1, 0, 0)}
    assert scoring.ranks(keys) == {"c": 1, "d": 2, "a": 3, "b": 3, "e": 5}


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 11_000), st.dictionaries(st.integers(0, 50), st.integers(0, 1_000), min_size=1))
def test_apportioned_parts_add_up(total, shares):
    parts = scoring.apportion(total, shares)
    assert sum(parts.values()) == (total if sum(shares.values()) else 0)
    assert all(part >= 0 for part in parts.values())
