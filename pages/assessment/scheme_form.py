"""The whole body of a scheme version as one form: a field for each member, named by its path (`indicators.M05.weight`).

Shares are percent on the page and parts of one in the body. What may be said is judged by `assessment.judging`.
"""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from assessment import default_scheme, items, judging
from assessment.indicators import INDICATORS
from assessment.vocabulary import CareLevel
from grids.levels import Kind
from pages.assessment import wording

MOST_STEPS = 400
CURVES = {
    "lin": lambda: _("In a straight line between two shares"),
    "rate": lambda: _("The share itself"),
    "min": lambda: _("Up to the target"),
    "less": lambda: _("Fewer is better, nothing from a share on"),
    "times": lambda: _("Fewer is better, every percent costs"),
    "steps": lambda: _("In steps"),
}
PARAMETERS = {
    "lin": (("from", lambda: _("Nothing at, %"), "percent"), ("to", lambda: _("Full marks at, %"), "percent")),
    "less": (("share", lambda: _("Nothing from, %"), "percent"),),
    "times": (("factor", lambda: _("Marks lost for one percent"), "number"),),
    "steps": (("steps", lambda: _("Steps, for instance 95: 100, 80: 60"), "steps"),),
}
LIMITS: tuple[tuple[str, Callable[[], str], str], ...] = (
    ("bonus_cap", lambda: _("Most bonus points"), "number"),
    ("deduction_cap", lambda: _("Most deducted points"), "number"),
    ("lowest", lambda: _("Lowest score"), "number"),
    ("highest", lambda: _("Highest score"), "number"),
    ("veto_score", lambda: _("Score after a veto, at most"), "number"),
    ("min_active_days", lambda: _("Days a grid has to be active"), "whole"),
    ("officer_share", lambda: _("The grid's share in an officer's score, %"), "percent"),
)
REVIEW: tuple[tuple[str, Callable[[], str], str], ...] = (
    ("appeal_days", lambda: _("Working days to appeal"), "whole"),
    ("first_answer_days", lambda: _("Working days for the first answer"), "whole"),
    ("second_answer_days", lambda: _("Working days for the second answer"), "whole"),
    ("excellent_share", lambda: _("Most grids of a street graded excellent, %"), "share"),
)


# An indicator younger than the version.
_UNUSED = {"weight": "0", "on": False, "curve": {"kind": "rate"}}


@dataclass(frozen=True)
class Row:
    """A line of a table: its cells are bound fields."""

    code: str
    name: str
    note: str
    cells: Mapping[str, Any]
    more: tuple = ()


def _plain(number: Decimal | None) -> str | None:
    return None if number is None else f"{number.normalize():f}"


def _percent(value: Any) -> Decimal | None:
    found = judging.number(value)
    return None if found is None else (found * 100).normalize() + 0


class SchemeForm(forms.Form):
    """One field per member, the note beside them."""

    def __init__(self, data=None, *, body: Mapping[str, Any], note: str = ""):
        super().__init__(data)
        self.base = body
        # How each field goes into the body: (path, what its text becomes).
        self._way: list[tuple[tuple[str, ...], str]] = []
        self.fields["note"] = forms.CharField(
            label=_("What changes and why"), required=False, max_length=2000, initial=note,
            widget=forms.Textarea(attrs={"rows": 2}),
        )  # fmt: skip
        self._indicators()
        self._items()
        self._rest()

    # -- fields

    def _add(self, path: tuple[str, ...], sort: str, label: str, value: Any, of: str = "") -> None:
        """One member: sort is number, whole, percent, share (an empty percent is none), cap, flag, text or steps.

        of: what the label belongs to, for lists of errors; beside the field the label stands alone.
        """
        small = {"step": "any", "inputmode": "decimal"}
        if sort == "flag":
            field: forms.Field = forms.BooleanField(label=label, required=False, initial=bool(value))
        elif sort == "whole":
            field = forms.IntegerField(
                label=label, initial=value, widget=forms.NumberInput(attrs={"inputmode": "numeric"})
            )
        elif sort == "text":
            field = forms.CharField(
                label=label, required=False, initial=value or "", max_length=judging.MOST_TEXT,
                widget=forms.Textarea(attrs={"rows": 2}),
            )  # fmt: skip
        elif sort == "steps":
            field = forms.CharField(label=label, required=False, max_length=MOST_STEPS, initial=_steps_text(value))
        else:
            shown = _percent(value) if sort in ("percent", "share") else judging.number(value)
            field = forms.DecimalField(
                label=label, required=sort not in ("share", "cap"), initial=_plain(shown), max_digits=12,
                decimal_places=6, widget=forms.NumberInput(attrs=small),
            )  # fmt: skip
        field.short = label
        field.label = _("%(of)s: %(label)s") % {"of": of, "label": label} if of else label
        self.fields[".".join(path)] = field
        self._way.append((path, sort))

    def _choose(self, path: str, label: str, choices: list[tuple], value: Any, *, required: bool = True) -> None:
        self.fields[path] = forms.ChoiceField(label=label, choices=choices, initial=value, required=required)

    def _indicators(self) -> None:
        for one in INDICATORS:
            given = self.base["indicators"].get(one.code, _UNUSED)
            path, curve, name = ("indicators", one.code), given["curve"], f"{one.code} {one.name}"
            self._add((*path, "on"), "flag", _("Counts"), given.get("on"), name)
            self._add((*path, "weight"), "number", _("Weight"), given["weight"], name)
            self.fields[f"indicators.{one.code}.weight"].widget.attrs["data-weight"] = ""
            kinds = [(kind, words()) for kind, words in CURVES.items() if kind != "min" or one.code in judging.TARGETED]
            label = _("%(name)s: how points are given") % {"name": name}
            self._choose(f"indicators.{one.code}.curve", label, kinds, curve["kind"])
            for kind, members in PARAMETERS.items():
                for member, words, sort in members:
                    self._add((*path, "curve", member), sort, words(), curve.get(member), name)
                    self.fields[f"indicators.{one.code}.curve.{member}"].required = False
                    self.fields[f"indicators.{one.code}.curve.{member}"].curve = kind

    def _items(self) -> None:
        for one in items.ITEMS:
            given = self.base["items"].get(one.code) or {**default_scheme.BODY["items"][one.code], "on": False}
            path, name = ("items", one.code), f"{one.code} {one.name}"
            self._add((*path, "on"), "flag", _("Counts"), given.get("on", True), name)
            if not one.by_rule:
                self._add((*path, "two"), "flag", _("A second person confirms"), given.get("two"), name)
            if one.kind == items.VETO:
                continue
            for case in sorted(given["points"], key=list(items.CASES).index):
                self._add((*path, "points", case), "number", str(items.CASES[case]), given["points"][case], name)
            self._add((*path, "cap"), "cap", _("Month's cap"), given.get("cap"), name)

    def _rest(self) -> None:
        body = self.base
        for kind in Kind:
            words = wording.group_words(kind)
            self._add(("targets", kind.value), "whole", words, self._target(kind), _("Reports a month"))
            held = next((name for name, kinds in body["peer_groups"].items() if kind in kinds), kind.value)
            groups = dict.fromkeys([*wording.GROUPS, *body["peer_groups"]])
            choices = [(name, wording.group_words(name)) for name in groups]
            self._choose(f"peer_groups.{kind}", words, choices, held)
        words = _("A grid's target is its own usual number of reports")
        self._add(("own_median_target",), "flag", words, body["own_median_target"])
        for level in CareLevel:
            weight = body["visit_weights"][level]
            self._add(("visit_weights", level.value), "whole", str(level.label), weight, _("Weight of a visit"))
        starts = {band["code"]: band["from"] for band in body["bands"]}
        for code in self.grades:
            words = str(wording.GRADES.get(code, code))
            self._add(("bands", code), "cap", words, starts.get(code), _("Grade bands"))
        grades = [(code, wording.GRADES.get(code, code)) for code in self.grades]
        for name, label, sort in LIMITS:
            self._add((name,), sort, label(), body[name])
        self._choose("veto_grade", _("Grade after a veto"), grades, body["veto_grade"])
        words = _("Class weights follow the workload of the last quarter of each street")
        self._add(("dynamic_weights",), "flag", words, body["dynamic_weights"])
        indicators = [("", pgettext("a choice", "None")), *((one.code, f"{one.code} {one.name}") for one in INDICATORS)]
        for place, label in enumerate((_("First tie-break"), _("Second tie-break"))):
            value = body["ties"][place] if place < len(body["ties"]) else ""
            self._choose(f"ties.{place}", label, indicators, value, required=False)
        for name, label, sort in REVIEW:
            self._add(("review", name), sort, label(), body["review"].get(name))
        used = body.get("use") or {}
        for code in self.grades:
            factor = (used.get("coefficients") or {}).get(code)
            words = str(wording.GRADES.get(code, code))
            self._add(("use", "coefficients", code), "cap", words, factor, _("Pay coefficient"))
        for name, words in wording.POOR_MONTHS.items():
            self._add(("use", name), "whole", str(words), used.get(name))
            self.fields[f"use.{name}"].required = False
        for one in INDICATORS:
            if one.needs_legal_basis:
                basis = (body.get("legal_basis") or {}).get(one.code)
                name = f"{one.code} {one.name}"
                self._add(("legal_basis", one.code), "text", _("The law or rule that allows it"), basis, name)

    @property
    def grades(self) -> list[str]:
        """The grades, from the best on; a version with grades of its own keeps to those."""
        own = [band["code"] for band in self.base["bands"]]
        return list(wording.GRADES) if set(own) <= set(wording.GRADES) else own

    def _target(self, kind: str) -> int:
        return int(self.base["targets"].get(kind) or self.base["targets"]["urban"])

    # -- the body

    def clean(self) -> dict[str, Any]:
        """What a curve does not use is not judged; the steps of one are read here, where it is known."""
        for one in INDICATORS:
            name = f"indicators.{one.code}.curve"
            kind = self.cleaned_data.get(name)
            for other, members in PARAMETERS.items():
                for member, _words, _sort in members:
                    if other != kind:
                        self.errors.pop(f"{name}.{member}", None)
            if kind == "steps" and _steps(self.cleaned_data.get(f"{name}.steps") or "") is None:
                self.add_error(f"{name}.steps", _("Write each step as a share and what it is worth."))
        return self.cleaned_data

    def body(self) -> dict[str, Any]:
        """What was entered, as the body of a version. Members the form does not show stay."""
        given, body = self.cleaned_data, copy.deepcopy(dict(self.base))
        body.setdefault("legal_basis", {})
        for path, sort in self._way:
            if path[0] == "bands" or path[2:3] == ("curve",):
                continue
            place = body
            for name in path[:-1]:
                place = place.setdefault(name, {})
            place[path[-1]] = _value(given[".".join(path)], sort)
        for code, one in body["indicators"].items():
            if f"indicators.{code}.curve" in given:
                one["curve"] = self._curve(code)
        body["veto_grade"] = given["veto_grade"]
        starts = [(code, given[f"bands.{code}"]) for code in self.grades]
        body["bands"] = [{"code": code, "from": _plain(start)} for code, start in starts if start is not None]
        factors, held = body["use"]["coefficients"], {band["code"] for band in body["bands"]}
        body["use"]["coefficients"] = {code: factor for code, factor in factors.items() if code in held}
        groups: dict[str, list] = {}
        for kind in Kind.values:
            groups.setdefault(given[f"peer_groups.{kind}"], []).append(kind)
        # A kind nobody grouped is a group of its own, said or not.
        kept = self.base["peer_groups"]
        body["peer_groups"] = {name: kinds for name, kinds in groups.items() if name in kept or kinds != [name]}
        body["ties"] = [given[f"ties.{place}"] for place in (0, 1) if given[f"ties.{place}"]] + self.base["ties"][2:]
        body["legal_basis"] = {code: text for code, text in body["legal_basis"].items() if text}
        return body

    def _curve(self, code: str) -> dict[str, Any]:
        name = f"indicators.{code}.curve"
        kind = self.cleaned_data[name]
        found: dict[str, Any] = {"kind": kind}
        for member, _words, sort in PARAMETERS.get(kind, ()):
            found[member] = _value(self.cleaned_data[f"{name}.{member}"], sort)
        return found

    # -- rows for the template

    def indicator_rows(self) -> list[Row]:
        """A line for each indicator, with the fields of every curve; those of the chosen one are shown."""
        found = []
        for one in INDICATORS:
            name = f"indicators.{one.code}"
            cells = {"on": self[f"{name}.on"], "weight": self[f"{name}.weight"], "curve": self[f"{name}.curve"]}
            more = tuple(
                (kind, self[f"{name}.curve.{member}"])
                for kind, members in PARAMETERS.items()
                for member, _words, _sort in members
            )
            found.append(Row(one.code, str(one.name), str(wording.CLASSES[one.klass]), cells, more))
        return found

    def item_rows(self, kind: str) -> list[Row]:
        """A line for each deduction, bonus or veto."""
        found = []
        for one in items.ITEMS:
            name = f"items.{one.code}"
            if one.kind != kind:
                continue
            cells = {key: self[f"{name}.{key}"] for key in ("on", "two", "cap") if f"{name}.{key}" in self.fields}
            more = tuple(self[key] for key in self.fields if key.startswith(f"{name}.points."))
            found.append(Row(one.code, str(one.name), _("By rule") if one.by_rule else "", cells, more))
        return found

    def part(self, prefix: str) -> list[Any]:
        """The fields below a member, in their order."""
        return [self[name] for name in self.fields if name.startswith(f"{prefix}.")]

    @property
    def deductions(self) -> list[Row]:
        """K01–K15."""
        return self.item_rows(items.DEDUCTION)

    @property
    def bonuses(self) -> list[Row]:
        """B01–B06."""
        return self.item_rows(items.BONUS)

    @property
    def vetoes(self) -> list[Row]:
        """The veto list."""
        return self.item_rows(items.VETO)

    @property
    def groups(self) -> dict[str, list[Any]]:
        """The smaller parts, by the name of their member."""
        names = ("targets", "peer_groups", "visit_weights", "bands", "ties", "review", "use", "legal_basis")
        limits = [self[name] for name, _label, _sort in LIMITS] + [self["veto_grade"]]
        return {name: self.part(name) for name in names} | {"limits": limits}


def _value(given: Any, sort: str) -> Any:
    if sort in ("flag", "whole"):
        return given
    if sort == "text":
        return given.strip()
    if sort == "steps":
        return _steps(given)
    if sort in ("percent", "share"):
        return None if given is None else _plain(given / 100)
    return _plain(given)


def _steps(text: str) -> list[list[str]] | None:
    """ "95: 100, 80: 60" as pairs of parts of one; None when it is not written so."""
    found = []
    for step in text.replace("，", ",").replace("；", ",").replace(";", ",").split(","):
        if not step.strip():
            continue
        parts = [judging.number(part.strip().rstrip("%％ ")) for part in step.replace("：", ":").split(":")]
        if len(parts) != 2 or None in parts:
            return None
        found.append([_plain(part / 100) for part in parts])
    return found or None


def _steps_text(steps: Any) -> str:
    pairs = [(_percent(at_least), _percent(worth)) for at_least, worth in steps or ()]
    return ", ".join(f"{_plain(at_least)}: {_plain(worth)}" for at_least, worth in pairs)
