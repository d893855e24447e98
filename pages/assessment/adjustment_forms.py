"""The forms of items by hand: which item of which grid, what happened, why it is taken back."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from assessment import evidence, items
from assessment.commands.adjusting import MOST, MOST_CAUSE, rules_of
from grids.directory import Place, directory, find
from grids.levels import Level
from pages import places
from pages.assessment import wording
from pages.fields import SearchableSelect


class FilterForm(forms.Form):
    """The bar above the list. Whatever is not understood narrows nothing."""

    period = forms.ChoiceField(required=False, label=_lazy("Month"))

    def __init__(self, data, *, months: list):
        super().__init__(data, auto_id="filter_%s")
        self.fields["period"].choices = [
            ("", _("All")),
            *((one.text, wording.period_words(one.text)) for one in months),
        ]
        self.is_valid()


class GridField(forms.CharField):
    """A grid the reader assesses: chosen from a list, or where there are too many for one, written as name or code."""

    def __init__(self, *, grids: Sequence[Place], areas: Sequence[Place], **kwargs):
        if len(grids) < places.MOST_LISTED:
            names = [("", _("Choose a grid")), *((one.code, f"{one.name} · {places.where(one)}") for one in grids)]
            widget: forms.Widget = SearchableSelect(choices=names, words=lambda code: code)
        else:
            kwargs.setdefault("help_text", _("Its name or its code of 15 digits."))
            widget = forms.TextInput()
        self.within = {one.id for one in areas}
        super().__init__(widget=widget, max_length=80, **kwargs)

    def clean(self, value: Any) -> Place | None:
        """The one grid with this code or name."""
        text = super().clean(value).replace("\x00", "")
        if not text:
            return None
        found = [find(text)] if find(text) else [one for one in directory().by_id.values() if one.name == text]
        found = [one for one in found if one.level == Level.GRID and self.within.intersection(one.path)]
        if len(found) > 1:
            codes = ", ".join(f"{one.code} {places.where(one)}" for one in found[:6])
            raise forms.ValidationError(_("Several grids have this name. Write the code: %(codes)s."),
                                        params={"codes": codes}, code="several")  # fmt: skip
        if not found:
            raise forms.ValidationError(_("You assess no grid with this name or code."), code="no_grid")
        return found[0]


class WhichForm(forms.Form):
    """Which item, of which grid, in which month."""

    period = forms.ChoiceField(label=_lazy("Month"))
    code = forms.ChoiceField(label=_lazy("Item"))

    def __init__(self, data, *, months: list, grids: Sequence[Place], areas: Sequence[Place], given: Mapping):
        super().__init__(data, initial={"period": months[1].text, **given})
        self.fields["period"].choices = [(one.text, wording.period_words(one.text)) for one in months]
        self.fields["area"] = GridField(label=_("Grid"), grids=grids, areas=areas)
        self.order_fields(["period", "area", "code"])
        period = (data or given).get("period") or months[1].text
        rules = rules_of(period) if period in dict(self.fields["period"].choices) else None
        kinds = ((items.DEDUCTION, _("Deductions")), (items.BONUS, _("Bonuses")), (items.VETO, _("Vetoes")))
        self.fields["code"].choices = [("", _("Choose an item"))] + [
            (label, [
                (one.code, f"{one.code} {one.name}") for one in items.ITEMS
                if one.kind == kind and not one.by_rule and rules is not None and rules.item(one.code)
            ])
            for kind, label in kinds
        ]  # fmt: skip


class ItemForm(forms.Form):
    """What happened: the case, how often, by whom, at which order, and what shows it."""

    variant = forms.ChoiceField(label=_lazy("Case"))
    count = forms.IntegerField(label=_lazy("Number"), min_value=1, max_value=MOST, initial=1)
    cause = forms.CharField(label=_lazy("Cause of the item"), max_length=MOST_CAUSE, widget=forms.Textarea)
    officer = forms.ChoiceField(label=_lazy("Officer"), required=False)
    order = forms.CharField(
        label=_lazy("Order"), required=False, max_length=40, help_text=_lazy("Its number, when an order is behind it.")
    )
    evidence = forms.FileField(
        label=_lazy("Evidence"), required=False, help_text=_lazy("A photo, PDF or Office file of at most 8 MB.")
    )

    def __init__(self, data=None, files=None, *, spec: Mapping[str, Any] | None, code: str, officers: Mapping):
        super().__init__(data, files)
        points = {case: amount for case, amount in (spec or {"points": {}})["points"].items()}
        ordered = [case for case in items.CASES if case in points]
        is_veto = items.BY_CODE[code].kind == items.VETO
        self.fields["variant"].choices = [
            (case, _("%(of)s: %(label)s") % {"of": items.CASES[case], "label": wording.plain(points[case])})
            for case in ordered
        ]  # fmt: skip
        if is_veto or len(ordered) < 2:
            only = ordered[0] if ordered else ""
            self.fields["variant"].required = False
            self.fields["variant"].choices = [(only, only)]
            self.fields["variant"].widget = forms.HiddenInput()
            self.fields["variant"].initial = only
        if is_veto:
            self.fields["count"].widget = forms.HiddenInput()
        people = [("", _("Nobody in particular")), *((key, one.name or one.username) for key, one in officers.items())]
        self.fields["officer"].choices = people

    def clean_order(self) -> str:
        """An order's number without what a copy brings along."""
        return self.cleaned_data["order"].replace("\x00", "").strip()

    def clean_evidence(self) -> Any:
        """A file of a kind people can open, not too large."""
        file = self.cleaned_data["evidence"]
        if words := evidence.wrong_with(file):
            raise forms.ValidationError(words, code="evidence")
        return file


class WithdrawForm(forms.Form):
    """Why an item is taken back."""

    reason = forms.CharField(label=_lazy("Why it is taken back"), max_length=MOST_CAUSE, widget=forms.Textarea)
