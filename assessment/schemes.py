"""A scheme version's body as the run reads it: judged once, then asked in whole numbers. See docs/assessment.md."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from assessment import items, scoring
from assessment.indicators import BY_CODE, INDICATORS
from core.errors import Invalid


@dataclass(frozen=True)
class Rules:
    """The body of a version. Weights and points are hundredths."""

    body: Mapping[str, Any]

    @cached_property
    def codes(self) -> list[str]:
        """The indicators that are switched on, in the order of the registry."""
        given = self.body["indicators"]
        return [one.code for one in INDICATORS if one.code in given and given[one.code].get("on")]

    @cached_property
    def weights(self) -> dict[str, int]:
        """Every indicator's weight, also of those switched off: theirs is spread inside the class."""
        given = self.body["indicators"]
        return {one.code: scoring.hundredths(given[one.code]["weight"]) for one in INDICATORS if one.code in given}

    @cached_property
    def classes(self) -> dict[str, str]:
        """Each indicator's class."""
        return {code: BY_CODE[code].klass for code in self.weights}

    def curve(self, code: str) -> Mapping[str, Any]:
        """The value curve of an indicator."""
        return self.body["indicators"][code]["curve"]

    def target(self, kind: str) -> int:
        """Reports a grid of that kind should bring in a month."""
        return int(self.body["targets"].get(kind) or self.body["targets"]["urban"])

    def peer_group(self, kind: str) -> str:
        """The group in which grids of that kind are ranked."""
        return next((name for name, kinds in self.body["peer_groups"].items() if kind in kinds), kind)

    def item(self, code: str) -> Mapping[str, Any] | None:
        """What an item costs; None where the scheme does not have it or has it switched off."""
        found = self.body["items"].get(code)
        return found if found and found.get("on", True) else None

    def cost(self, code: str, case: str = "") -> int:
        """Points of one case of an item, negative for deductions; 0 when it is off."""
        found = self.item(code)
        return scoring.hundredths(found["points"].get(case, "0")) if found else 0

    def cap(self, code: str) -> int | None:
        """The month's cap of an item."""
        found = self.body["items"].get(code) or {}
        return None if found.get("cap") is None else scoring.hundredths(found["cap"])

    def limit(self, name: str) -> int:
        """`bonus_cap`, `deduction_cap`, `lowest`, `highest` or `veto_score`."""
        return scoring.hundredths(self.body[name])


def with_weights(rules: Rules, weights: Mapping[str, Any]) -> Rules:
    """The same rules with other weights, for what-if. Raises Invalid: unknown codes, no numbers, a wrong sum."""
    if not isinstance(weights, Mapping) or not weights:
        raise Invalid(errors={"weights": [_('Give the weights by indicator, for instance {"M05": 20}.')]})
    body = {**rules.body, "indicators": {code: dict(one) for code, one in rules.body["indicators"].items()}}
    unknown = [str(code)[:20] for code in weights if code not in body["indicators"]]
    if unknown:
        raise Invalid(errors={"weights": [_("There is no indicator %(codes)s.") % {"codes": ", ".join(unknown)}]})
    for code, weight in weights.items():
        body["indicators"][code]["weight"] = str(_number(weight, "weights"))
    _check_sum(body["indicators"], "weights")
    return Rules(body)


def _number(value: Any, field: str) -> Decimal:
    try:
        number = None if isinstance(value, bool) else Decimal(str(value))
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite() or not 0 <= number <= 1000:
        raise Invalid(errors={field: [_("“%(value)s” is not a number from 0 on.") % {"value": str(value)[:40]}]})
    return number


def _check_sum(indicators: Mapping[str, Any], field: str) -> None:
    total = sum(Decimal(str(one["weight"])) for one in indicators.values())
    if total != 100:
        raise Invalid(errors={field: [_("The weights add up to %(total)s, not to 100.") % {"total": total}]})


def read(body: Any) -> Rules:
    """Judge a body: known measures, whitelisted curves, weights that add up to 100, bands that do not overlap.

    Raises Invalid naming every member at fault.
    """
    if not isinstance(body, Mapping):
        raise Invalid(errors={"body": [_("A scheme is an object.")]})
    errors: dict[str, list] = {}
    for judge in (_judge_indicators, _judge_items, _judge_bands, _judge_numbers):
        try:
            judge(body)
        except Invalid as refusal:
            for field, messages in (refusal.errors or {}).items():
                errors.setdefault(field, []).extend(messages)
        except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError):
            name = judge.__name__.removeprefix("_judge_")
            errors.setdefault(name, []).append(_("Something is missing here, or is not of its kind."))
    if errors:
        raise Invalid("bad_scheme", errors=errors)
    return Rules(body)


def _judge_indicators(body: Mapping) -> None:
    given, basis = body["indicators"], body.get("legal_basis") or {}
    unknown = [str(code)[:20] for code in given if code not in BY_CODE]
    if unknown:
        raise Invalid(errors={"indicators": [_("Unknown measure: %(codes)s.") % {"codes": ", ".join(unknown)}]})
    for code, one in given.items():
        _number(one["weight"], "indicators")
        _judge_curve(code, one["curve"])
        if one.get("on") and BY_CODE[code].needs_legal_basis and not str(basis.get(code, "")).strip():
            words = _("%(code)s may only be switched on with its legal basis.") % {"code": code}
            raise Invalid(errors={"legal_basis": [words]})
    _check_sum(given, "indicators")


def _judge_curve(code: str, curve: Mapping) -> None:
    members = {
        "lin": {"from", "to"},
        "min": set(),
        "rate": set(),
        "less": {"share"},
        "times": {"factor"},
        "steps": {"steps"},
    }
    kind = curve["kind"]
    if kind not in members or set(curve) != members[kind] | {"kind"}:
        words = _("The curve of %(code)s is not one of: %(kinds)s.") % {"code": code, "kinds": ", ".join(members)}
        raise Invalid(errors={"indicators": [words]})
    numbers = [curve[name] for name in members[kind] - {"steps"}]
    numbers += [number for step in curve.get("steps", ()) for number in step]
    for number in numbers:
        _number(number, "indicators")
    flat = kind == "lin" and Decimal(str(curve["from"])) == Decimal(str(curve["to"]))
    if flat or (kind == "less" and not Decimal(str(curve["share"]))) or (kind == "steps" and not curve["steps"]):
        raise Invalid(errors={"indicators": [_("The curve of %(code)s has no slope.") % {"code": code}]})


def _judge_items(body: Mapping) -> None:
    for code, one in body["items"].items():
        item = items.BY_CODE.get(code)
        if item is None:
            raise Invalid(errors={"items": [_("Unknown measure: %(codes)s.") % {"codes": str(code)[:20]}]})
        for amount in one["points"].values():
            number = Decimal(str(amount))
            wrong = number > 0 if item.kind == items.DEDUCTION else number < 0
            if wrong or abs(number) > 100:
                raise Invalid(errors={"items": [_("%(code)s has points of the wrong sign.") % {"code": code}]})


def _judge_bands(body: Mapping) -> None:
    starts = [_number(band["from"], "bands") for band in body["bands"]]
    if len(set(starts)) != len(starts) or 0 not in starts:
        words = _("The bands overlap or do not start at 0: each begins at another score, the lowest at 0.")
        raise Invalid(errors={"bands": [words]})
    held = [kind for kinds in body["peer_groups"].values() for kind in kinds]
    if len(set(held)) != len(held):
        raise Invalid(errors={"peer_groups": [_("A kind of grid belongs to one peer group only.")]})


def _judge_numbers(body: Mapping) -> None:
    for name in ("bonus_cap", "deduction_cap", "lowest", "highest", "veto_score"):
        _number(body[name], name)
    for kind, target in body["targets"].items():
        if not int(target) >= 1:
            raise Invalid(errors={"targets": [_("The target of %(kind)s is at least 1.") % {"kind": kind}]})
    if not 0 <= int(body["min_active_days"]) <= 28:
        raise Invalid(errors={"min_active_days": [_("This is a number of days from 0 to 28.")]})
    if not 0 <= _number(body["officer_share"], "officer_share") <= 1:
        raise Invalid(errors={"officer_share": [_("This is a share from 0 to 1.")]})


def difference(old: Mapping, new: Mapping, path: str = "") -> list[tuple[str, Any, Any]]:
    """What differs between two bodies: [(path, before, after)], in the order of the paths."""
    found = []
    for name in sorted({*old, *new}):
        here = f"{path}.{name}" if path else name
        before, after = old.get(name), new.get(name)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            found += difference(before, after, here)
        elif before != after:
            found.append((here, before, after))
    return found
