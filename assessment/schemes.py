"""A scheme version's body as the run reads it: judged once, then asked in whole numbers. See docs/assessment.md."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from assessment import judging, scoring
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
        found = judging.number(weight)
        if found is None or not 0 <= found <= 100:
            words = _("“%(value)s” is not a number from %(lowest)s to %(highest)s.")
            raise Invalid(errors={"weights": [words % {"value": str(weight)[:40], "lowest": 0, "highest": 100}]})
        body["indicators"][code]["weight"] = str(found)
    wrong = judging.wrong_sum(sum(Decimal(str(one["weight"])) for one in body["indicators"].values()))
    if wrong:
        raise Invalid(errors={"weights": [wrong]})
    return Rules(body)


def judge(body: Any) -> dict[str, list]:
    """Everything wrong with a body by the path of the member; empty when it is sound."""
    return judging.judge(body)


def read(body: Any) -> Rules:
    """The rules of a body. Raises Invalid naming every member at fault by its path."""
    errors = judge(body)
    if errors:
        raise Invalid("bad_scheme", errors=errors)
    return Rules(body)


def difference(old: Mapping, new: Mapping, path: str = "") -> list[tuple[str, Any, Any]]:
    """What differs between two bodies: [(path, before, after)], in the order of the paths."""
    found = []
    for name in sorted({*old, *new}):
        here = f"{path}.{name}" if path else name
        before, after = old.get(name), new.get(name)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            found += difference(before, after, here)
        elif not _same(before, after):
            found.append((here, before, after))
    return found


def _same(before: Any, after: Any) -> bool:
    """Whether two members say the same; "0.70" is 0.7, and nothing is not 0."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return set(before) == set(after) and all(_same(before[name], after[name]) for name in before)
    if isinstance(before, list | tuple) and isinstance(after, list | tuple):
        return len(before) == len(after) and all(map(_same, before, after))
    one, other = judging.number(before), judging.number(after)
    return before == after if one is None or other is None else one == other
