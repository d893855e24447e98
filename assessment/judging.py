"""What the body of a scheme version may say, judged member by member: the whole whitelist. See docs/assessment.md.

Errors stand under the path of the member at fault (`indicators.M05.weight`), so that a form or a program finds it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from assessment import default_scheme, items
from assessment.indicators import BY_CODE
from assessment.vocabulary import CareLevel
from grids.levels import Kind

# What each curve takes besides its kind: {kind: {member: (lowest, highest)}}.
CURVES: dict[str, dict[str, tuple[int, int]]] = {
    "lin": {"from": (0, 1), "to": (0, 1)},
    "min": {},
    "rate": {},
    "less": {"share": (0, 1)},
    "times": {"factor": (0, 100)},
    "steps": {},
}
# Only reports are compared with a target.
TARGETED = ("M01",)
REVIEW_DAYS = ("appeal_days", "first_answer_days", "second_answer_days")
COEFFICIENTS, POOR_MONTHS, MOST_FACTOR = "coefficients", ("talk_after", "contract_after"), 10
MOST_POINTS, MOST_DAYS, MOST_TARGET, MOST_TEXT, MOST_NAME = 1000, 60, 100_000, 1000, 20

Errors = dict[str, list]


def judge(body: Any) -> Errors:
    """Everything wrong with a body, by member; empty when it is sound."""
    if not isinstance(body, Mapping):
        return {"body": [_("A scheme is an object.")]}
    if "\\u0000" in json.dumps(body, default=str):
        return {"body": [_("This must be text.")]}
    errors: Errors = {}
    known = {*default_scheme.BODY}
    for name in sorted(str(one)[:40] for one in body if one not in known):
        _add(errors, name, _("This field is not known."))
    for name, (kind, look) in _MEMBERS.items():
        if name not in body:
            if name not in _OPTIONAL:
                _add(errors, name, _("Something is missing here, or is not of its kind."))
        elif not isinstance(body[name], kind) or (isinstance(body[name], bool) and kind is not bool):
            _add(errors, name, _("Something is missing here, or is not of its kind."))
        else:
            look(body, name, errors)
    if not errors:
        _limits_fit(body, errors)
    return errors


def _add(errors: Errors, path: str, words: Any) -> None:
    errors.setdefault(path, []).append(words)


def number(value: Any) -> Decimal | None:
    """A number as a scheme writes it ("0.3", 6); None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal) or len(str(value)) > 12:
        return None
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found.as_tuple().exponent) <= 12 else None


def _between(value: Any, path: str, lowest: Any, highest: Any, errors: Errors) -> Decimal | None:
    found = number(value)
    if found is None or not lowest <= found <= highest:
        words = _("“%(value)s” is not a number from %(lowest)s to %(highest)s.")
        shown = "" if value is None else str(value)[:40]
        _add(errors, path, words % {"value": shown, "lowest": lowest, "highest": highest})
        return None
    return found


def _whole(value: Any, path: str, lowest: int, highest: int, errors: Errors) -> None:
    found = number(value)
    if found is None or found != int(found) or not lowest <= found <= highest:
        words = _("This is a whole number from %(lowest)s to %(highest)s.")
        _add(errors, path, words % {"lowest": lowest, "highest": highest})


def _flag(value: Any, path: str, errors: Errors) -> None:
    if not isinstance(value, bool):
        _add(errors, path, _("This is either true or false."))


# -- indicators ---------------------------------------------------------------------------------------------------


def _indicators(body: Mapping, name: str, errors: Errors) -> None:
    given, basis = body[name], body.get("legal_basis")
    basis = basis if isinstance(basis, Mapping) else {}
    total, sound = Decimal(0), True
    for code, one in given.items():
        path = f"{name}.{str(code)[:20]}"
        if code not in BY_CODE:
            _add(errors, path, _("Unknown measure: %(codes)s.") % {"codes": str(code)[:20]})
            continue
        if not isinstance(one, Mapping):
            _add(errors, path, _("Something is missing here, or is not of its kind."))
            continue
        weight = _between(one.get("weight"), f"{path}.weight", 0, 100, errors)
        sound, total = sound and weight is not None, total + (weight or 0)
        _flag(one.get("on"), f"{path}.on", errors)
        _curve(code, one.get("curve"), f"{path}.curve", errors)
        if one.get("on") is True and BY_CODE[code].needs_legal_basis and not str(basis.get(code) or "").strip():
            words = _("%(code)s may only be switched on with its legal basis.") % {"code": code}
            _add(errors, f"legal_basis.{code}", words)
    if not any(isinstance(one, Mapping) and one.get("on") is True for one in given.values()):
        _add(errors, name, _("Switch at least one indicator on."))
    elif sound and (words := wrong_sum(total)):
        _add(errors, name, words)


def wrong_sum(total: Decimal) -> str:
    """What is said of weights with this sum; nothing of 100."""
    if total == 100:
        return ""
    return _("The weights add up to %(total)s, not to 100.") % {"total": f"{total.normalize():f}"}


def _curve(code: str, curve: Any, path: str, errors: Errors) -> None:
    kind = curve.get("kind") if isinstance(curve, Mapping) else None
    members = {*CURVES.get(kind, ())} | ({"steps"} if kind == "steps" else set()) if isinstance(kind, str) else set()
    if not isinstance(kind, str) or kind not in CURVES or set(curve) != members | {"kind"}:
        words = _("The curve of %(code)s is not one of: %(kinds)s.") % {"code": code, "kinds": ", ".join(CURVES)}
        _add(errors, path, words)
        return
    if kind == "min" and code not in TARGETED:
        _add(errors, path, _("Only M01 is compared with a target. Choose another curve for %(code)s.") % {"code": code})
    found = {
        name: _between(curve[name], f"{path}.{name}", lowest, highest, errors)
        for name, (lowest, highest) in CURVES[kind].items()
    }
    flat = kind == "lin" and None not in found.values() and found["from"] == found["to"]
    if flat or any(one == 0 for name, one in found.items() if name in ("share", "factor")):
        _add(errors, path, _("The curve of %(code)s has no slope.") % {"code": code})
    if kind == "steps":
        _steps(code, curve["steps"], f"{path}.steps", errors)


def _steps(code: str, steps: Any, path: str, errors: Errors) -> None:
    pairs = [one for one in steps if isinstance(one, list | tuple) and len(one) == 2] if _listed(steps) else []
    if not pairs or len(pairs) != len(steps) or len(pairs) > 20:
        _add(errors, path, _("Write each step as a share and what it is worth."))
        return
    starts = [_between(at_least, path, 0, 1, errors) for at_least, _worth in pairs]
    worths = [_between(worth, path, 0, 1, errors) for _at_least, worth in pairs]
    if None in starts or None in worths:
        return
    if len(set(starts)) != len(starts):
        _add(errors, path, _("Two steps of %(code)s begin at the same share.") % {"code": code})
    elif len({*worths}) == 1 and min(starts) == 0:
        _add(errors, path, _("The curve of %(code)s has no slope.") % {"code": code})


def _listed(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


# -- deductions, bonuses, vetoes ----------------------------------------------------------------------------------


def _items(body: Mapping, name: str, errors: Errors) -> None:
    for code, one in body[name].items():
        path, item = f"{name}.{str(code)[:20]}", items.BY_CODE.get(code)
        if item is None:
            _add(errors, path, _("Unknown measure: %(codes)s.") % {"codes": str(code)[:20]})
            continue
        if not isinstance(one, Mapping) or not isinstance(one.get("points"), Mapping) or not one["points"]:
            _add(errors, path, _("Something is missing here, or is not of its kind."))
            continue
        for case, amount in one["points"].items():
            _points(item, str(case)[:20], amount, f"{path}.points.{str(case)[:20]}", errors)
        if one.get("cap") is not None:
            _between(one["cap"], f"{path}.cap", 0, MOST_POINTS, errors)
        for flag in ("two", "on"):
            if flag in one:
                _flag(one[flag], f"{path}.{flag}", errors)


def _points(item: items.Item, case: str, amount: Any, path: str, errors: Errors) -> None:
    if case not in items.CASES:
        _add(errors, path, _("Choose one of: %(cases)s.") % {"cases": ", ".join(one for one in items.CASES if one)})
        return
    found = _between(amount, path, -100, 100, errors)
    if found is None:
        return
    wrong = {items.DEDUCTION: found > 0, items.BONUS: found < 0, items.VETO: found != 0}[item.kind]
    if wrong:
        _add(errors, path, _("%(code)s has points of the wrong sign.") % {"code": item.code})


# -- the rest -----------------------------------------------------------------------------------------------------


def _bands(body: Mapping, name: str, errors: Errors) -> None:
    starts, codes = [], []
    for band in body[name]:
        code = band.get("code") if isinstance(band, Mapping) else None
        if not isinstance(code, str) or not 1 <= len(code.strip()) <= MOST_NAME:
            _add(errors, name, _("Something is missing here, or is not of its kind."))
            return
        codes.append(code)
        starts.append(_between(band.get("from"), f"{name}.{code}", 0, MOST_POINTS, errors))
    if None in starts:
        return
    falling = all(one > other for one, other in zip(starts, starts[1:], strict=False))
    if not starts or not falling or starts[-1] != 0 or len(set(codes)) != len(codes):
        words = _("The bands overlap or do not start at 0: from the best on, each begins lower, the last one at 0.")
        _add(errors, name, words)


def _peer_groups(body: Mapping, name: str, errors: Errors) -> None:
    held: list = []
    for group, kinds in body[name].items():
        if (
            not 1 <= len(str(group)) <= MOST_NAME
            or not _listed(kinds)
            or any(kind not in Kind.values for kind in kinds)
        ):
            words = _("Choose one of: %(cases)s.") % {"cases": ", ".join(Kind.values)}
            _add(errors, f"{name}.{str(group)[:20]}", words)
            return
        held += kinds
    if len(set(held)) != len(held):
        _add(errors, name, _("A kind of grid belongs to one peer group only."))


def _targets(body: Mapping, name: str, errors: Errors) -> None:
    if "urban" not in body[name]:
        _add(errors, f"{name}.urban", _("Something is missing here, or is not of its kind."))
    for kind, target in body[name].items():
        if kind in Kind.values:
            _whole(target, f"{name}.{kind}", 1, MOST_TARGET, errors)
        else:
            words = _("Choose one of: %(cases)s.") % {"cases": ", ".join(Kind.values)}
            _add(errors, f"{name}.{str(kind)[:20]}", words)


def _visit_weights(body: Mapping, name: str, errors: Errors) -> None:
    for level in CareLevel.values:
        _whole(body[name].get(level), f"{name}.{level}", 1, 100, errors)


def _ties(body: Mapping, name: str, errors: Errors) -> None:
    if any(code not in BY_CODE for code in body[name]) or len(set(body[name])) != len(body[name]):
        _add(errors, name, _("Ties are broken by indicators, each named once."))


def _review(body: Mapping, name: str, errors: Errors) -> None:
    for days in REVIEW_DAYS:
        _whole(body[name].get(days), f"{name}.{days}", 1, MOST_DAYS, errors)
    if body[name].get("excellent_share") is not None:
        _between(body[name]["excellent_share"], f"{name}.excellent_share", 0, 1, errors)


def _use(body: Mapping, name: str, errors: Errors) -> None:
    """What the result is used for; an amount or number of months left out says: nothing."""
    given = body[name]
    for member in sorted(str(one)[:40] for one in given if one not in (COEFFICIENTS, *POOR_MONTHS)):
        _add(errors, f"{name}.{member}", _("This field is not known."))
    bands = body.get("bands") if _listed(body.get("bands")) else ()
    grades = [band.get("code") for band in bands if isinstance(band, Mapping)]
    factors = given.get(COEFFICIENTS, {})
    if not isinstance(factors, Mapping):
        _add(errors, f"{name}.{COEFFICIENTS}", _("Something is missing here, or is not of its kind."))
        return
    for grade, factor in factors.items():
        path = f"{name}.{COEFFICIENTS}.{str(grade)[:20]}"
        if grade not in grades:
            _add(errors, path, _("Choose one of the grades."))
        elif factor is not None:
            _between(factor, path, 0, MOST_FACTOR, errors)
    for member in POOR_MONTHS:
        if given.get(member) is not None:
            _whole(given[member], f"{name}.{member}", 1, 12, errors)


def _legal_basis(body: Mapping, name: str, errors: Errors) -> None:
    for code, text in body[name].items():
        if code not in BY_CODE or not isinstance(text, str) or len(text) > MOST_TEXT:
            words = _("Name the law or rule in at most %(most)s characters.") % {"most": MOST_TEXT}
            _add(errors, f"{name}.{str(code)[:20]}", words)


def _limits_fit(body: Mapping, errors: Errors) -> None:
    lowest, highest, veto = (number(body[name]) for name in ("lowest", "highest", "veto_score"))
    if lowest >= highest:
        _add(errors, "highest", _("The highest score lies above the lowest."))
    if not lowest <= veto <= highest:
        _add(errors, "veto_score", _("The score after a veto lies between the lowest and the highest."))
    if body["veto_grade"] not in [band["code"] for band in body["bands"]]:
        _add(errors, "veto_grade", _("Choose one of the grades."))


def _amount(lowest: int, highest: int) -> Callable:
    return lambda body, name, errors: _between(body[name], name, lowest, highest, errors)


def _nothing_more(body: Mapping, name: str, errors: Errors) -> None:
    """Its kind says it all."""


_NUMBER = (str, int, float, Decimal)
_MEMBERS: dict[str, tuple[Any, Callable]] = {
    "indicators": (Mapping, _indicators),
    "targets": (Mapping, _targets),
    "own_median_target": (bool, _nothing_more),
    "visit_weights": (Mapping, _visit_weights),
    "items": (Mapping, _items),
    "bonus_cap": (_NUMBER, _amount(0, MOST_POINTS)),
    "deduction_cap": (_NUMBER, _amount(0, MOST_POINTS)),
    "lowest": (_NUMBER, _amount(0, MOST_POINTS)),
    "highest": (_NUMBER, _amount(0, MOST_POINTS)),
    "veto_score": (_NUMBER, _amount(0, MOST_POINTS)),
    "veto_grade": (str, _nothing_more),
    "bands": (list | tuple, _bands),
    "peer_groups": (Mapping, _peer_groups),
    "min_active_days": (_NUMBER, lambda body, name, errors: _whole(body[name], name, 0, 28, errors)),
    "dynamic_weights": (bool, _nothing_more),
    "officer_share": (_NUMBER, _amount(0, 1)),
    "ties": (list | tuple, _ties),
    "review": (Mapping, _review),
    "use": (Mapping, _use),
    "legal_basis": (Mapping, _legal_basis),
}
_OPTIONAL = ("use", "legal_basis")
