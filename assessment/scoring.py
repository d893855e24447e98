"""From counts to points to ranks: whole numbers only, no database, the same answer every time (pure).

Rates and values are ten-thousandths, weights, points and scores are hundredths. Rounding is half up. Source: domain
§6.2 rule 6, §6.3, §6.5.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

ONE = 10_000
FULL = 10_000
# Class M never weighs less or more than this where weights follow the workload.
LEAST_MANAGEMENT, MOST_MANAGEMENT = 4_000, 7_000


def half_up(numerator: int, denominator: int) -> int:
    """The quotient as a whole number, halves away from zero. denominator > 0."""
    if numerator < 0:
        return -half_up(-numerator, denominator)
    return (2 * numerator + denominator) // (2 * denominator)


def hundredths(value) -> int:
    """Points as written in a scheme ("0.3", 6) in hundredths."""
    return _scaled(value, 100)


def ten_thousandths(value) -> int:
    """A share as written in a scheme ("0.70") in ten-thousandths."""
    return _scaled(value, ONE)


def _scaled(value, by: int) -> int:
    return _scaled_text(str(value), by)


@lru_cache(maxsize=4096)
def _scaled_text(written: str, by: int) -> int:
    number = Fraction(Decimal(written)) * by
    return half_up(number.numerator, number.denominator)


def rate(numerator: int, denominator: int) -> int | None:
    """The share with four decimals; None where there is nothing to count."""
    return half_up(numerator * ONE, denominator) if denominator else None


def points(weight: int, value: int) -> int:
    """Weight × value, rounded to 0.01."""
    return half_up(weight * value, ONE)


# -- value curves: the whole whitelist -------------------------------------------------------------------------------


def _lin(curve, share, count, target):
    start, end = ten_thousandths(curve["from"]), ten_thousandths(curve["to"])
    return half_up((share - start) * ONE, end - start) if end > start else half_up((start - share) * ONE, start - end)


def _min(curve, share, count, target):
    return half_up(count * ONE, target)


def _rate(curve, share, count, target):
    return share


def _less(curve, share, count, target):
    most = ten_thousandths(curve["share"])
    return half_up((most - share) * ONE, most)


def _times(curve, share, count, target):
    return half_up(ONE * ONE - ten_thousandths(curve["factor"]) * share, ONE)


def _steps(curve, share, count, target):
    for at_least, value in sorted(curve["steps"], key=lambda step: -ten_thousandths(step[0])):
        if share >= ten_thousandths(at_least):
            return ten_thousandths(value)
    return 0


CURVES: dict[str, Callable[..., int]] = {
    "lin": _lin,
    "min": _min,
    "rate": _rate,
    "less": _less,
    "times": _times,
    "steps": _steps,
}


def value(curve: Mapping, share: int, *, count: int = 0, target: int = 0) -> int:
    """What a rate is worth, 0 to 1 in ten-thousandths. count, target: for `min`, which compares with a target."""
    return min(max(CURVES[curve["kind"]](curve, share, count, target), 0), ONE)


# -- weights ---------------------------------------------------------------------------------------------------------


def apportion(total: int, shares: Mapping[Hashable, int | Fraction]) -> dict[Hashable, int]:
    """Divide a whole number in proportion; what rounding leaves goes to the largest remainders, first come first."""
    whole = sum(shares.values())
    if not whole:
        return dict.fromkeys(shares, 0)
    exact = {key: divmod(total * share, whole) for key, share in shares.items()}
    given = {key: part for key, (part, _rest) in exact.items()}
    left = sorted(shares, key=lambda key: -exact[key][1])
    for key in left[: total - sum(given.values())]:
        given[key] += 1
    return given


def spread(weights: Mapping[str, int], classes: Mapping[str, str], applicable: Iterable[str]) -> dict[str, int]:
    """The weights in force: those of what is not applicable go to the others of the class, in proportion.

    A class in which nothing applies leaves its weight to the other class, so that the sum stays. Rule 5.
    """
    wanted = frozenset(applicable)
    total = sum(weights.values())
    of_class: dict[str, int] = defaultdict(int)
    for code, weight in weights.items():
        of_class[classes[code]] += weight
    alive = {code: weight for code, weight in weights.items() if code in wanted and weight}
    living = {classes[code] for code in alive}
    if not living:
        return {}
    budget = apportion(total, {klass: weight for klass, weight in of_class.items() if klass in living})
    found: dict[str, int] = {}
    for klass, part in budget.items():
        found |= apportion(part, {code: weight for code, weight in alive.items() if classes[code] == klass})
    return found


def dynamic(weights: Mapping[str, int], classes: Mapping[str, str], management_share: int) -> dict[str, int]:
    """All weights scaled so that class M has this share of the sum (ten-thousandths), clamped to 0.40–0.70."""
    share = min(max(management_share, LEAST_MANAGEMENT), MOST_MANAGEMENT)
    total = sum(weights.values())
    management = half_up(total * share, ONE)
    parts = {"M": management, "S": total - management}
    found: dict[str, int] = {}
    for klass, part in parts.items():
        found |= apportion(part, {code: weight for code, weight in weights.items() if classes[code] == klass})
    return {code: found[code] for code in weights}


# -- caps, grades, ranks ---------------------------------------------------------------------------------------------


def capped(full: Sequence[int], cap: int | None) -> list[int]:
    """Amounts of one sign, in order, until their sum reaches the cap; the rest is 0."""
    given, left = [], cap
    for amount in full:
        if left is None:
            given.append(amount)
            continue
        part = max(min(abs(amount), left), 0)
        left -= part
        given.append(part if amount >= 0 else -part)
    return given


def grade(score: int, bands: Sequence[Mapping]) -> str:
    """The code of the band a score falls into; bands say `from`, the highest that is reached counts."""
    reached = [band for band in bands if score >= hundredths(band["from"])]
    return max(reached, key=lambda band: hundredths(band["from"]))["code"] if reached else ""


def ranks(scores: Mapping[Hashable, tuple]) -> dict[Hashable, int]:
    """Places from sort keys (score, then the ties' rules), the highest first. Equal keys share a place: 1, 2, 2, 4."""
    ordered = sorted(scores.values(), reverse=True)
    first: dict[tuple, int] = {}
    for place, key in enumerate(ordered, 1):
        first.setdefault(key, place)
    return {subject: first[key] for subject, key in scores.items()}


def mean(values: Sequence[int]) -> int | None:
    """The arithmetic mean, rounded half up; None of nothing."""
    return half_up(sum(values), len(values)) if values else None


def weighted_mean(pairs: Iterable[tuple[int, int]]) -> int | None:
    """The mean of (value, weight) pairs, rounded half up; None when nothing weighs."""
    pairs = list(pairs)
    weight = sum(one for _value, one in pairs)
    return half_up(sum(value * one for value, one in pairs), weight) if weight else None


@lru_cache(maxsize=65_536)
def text(amount: int | None, places: int = 2) -> str | None:
    """Hundredths (or with places=4 ten-thousandths) as they are written."""
    if amount is None:
        return None
    sign, amount = ("-" if amount < 0 else ""), abs(amount)
    scale = 10**places
    return f"{sign}{amount // scale}.{amount % scale:0{places}d}"
