"""The forms of the assessment's pages. What may be entered is judged by the commands; these say what is missing."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import pgettext_lazy

from assessment import evidence
from grids.directory import Place
from pages.assessment import wording


class StartForm(forms.Form):
    """Which month of which area is computed."""

    period = forms.ChoiceField(label=_lazy("Month"))
    area = forms.ChoiceField(label=_lazy("Area"))

    def __init__(self, data=None, *, months: list, areas: list[Place], **kwargs):
        super().__init__(data, **kwargs)
        self.fields["period"].choices = [(one.text, wording.period_words(one.text)) for one in months]
        self.fields["area"].choices = [(one.code, one.name) for one in areas]


class PublishForm(forms.Form):
    """Publishing cannot be taken back: the month is typed once more."""

    confirmation = forms.CharField(max_length=20, label=_lazy("Type the month to confirm"))

    def __init__(self, data=None, *, period: str):
        super().__init__(data)
        self.period = period
        self.fields["confirmation"].help_text = _("Write %(period)s.") % {"period": period}
        self.fields["confirmation"].widget.attrs["autocomplete"] = "off"

    def clean_confirmation(self) -> str:
        """The month as it stands above the form."""
        given = self.cleaned_data["confirmation"].strip()
        if given != self.period:
            raise forms.ValidationError(_("This is not the month that is being published."), code="other_month")
        return given


class AppealForm(forms.Form):
    """What is wrong, and what shows it."""

    reason = forms.CharField(label=_lazy("What is wrong"), max_length=2000, widget=forms.Textarea)
    evidence = forms.FileField(
        label=_lazy("Evidence"), required=False, help_text=_lazy("A photo, PDF or Office file of at most 8 MB.")
    )

    def clean_evidence(self) -> Any:
        """A file of a kind people can open, not too large."""
        file = self.cleaned_data["evidence"]
        if words := evidence.wrong_with(file):
            raise forms.ValidationError(words, code="evidence")
        return file


class AgainForm(forms.Form):
    """Why the first decision is not accepted."""

    reason = forms.CharField(label=_lazy("Why the decision is wrong"), max_length=2000, widget=forms.Textarea)


class RuleForm(forms.Form):
    """The decision on an appeal."""

    uphold = forms.TypedChoiceField(
        label=_lazy("Ruling"),
        choices=(("yes", _lazy("Uphold: the fact is set right")), ("no", _lazy("Refuse: the fact stays"))),
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    answer = forms.CharField(
        label=_lazy("Reason of the decision"),
        max_length=2000,
        widget=forms.Textarea,
        help_text=_lazy("Whoever appealed reads it; of an upheld appeal it stands with the revision."),
    )


class FollowUpForm(forms.Form):
    """What is done about poor months, and why."""

    agreed = forms.TypedChoiceField(
        label=_lazy("Decision"), coerce=lambda value: value == "yes", widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=pgettext_lazy("a follow-up", "Reason of the decision"), max_length=2000, widget=forms.Textarea,
        help_text=_lazy("The officer reads it. Say what was looked at besides the score."),
    )  # fmt: skip

    def __init__(self, data=None, *, choices: tuple):
        super().__init__(data)
        self.fields["agreed"].choices = list(zip(("yes", "no"), choices, strict=True))


class WeightsForm(forms.Form):
    """A weight for every indicator of a scheme."""

    def __init__(self, data=None, *, rows: list[dict]):
        super().__init__(data)
        for row in rows:
            self.fields[row["code"]] = forms.DecimalField(
                label=f"{row['code']} {row['name']}", min_value=0, max_value=100, max_digits=6, decimal_places=2,
                initial=row["weight"], help_text=wording.CLASSES[row["klass"]],
                widget=forms.NumberInput(attrs={"step": "any", "data-weight": "", "inputmode": "decimal"}),
            )  # fmt: skip


class MonthForm(forms.Form):
    """A month: on which a version is tried (of which area, where there are several), or from which it is in force."""

    period = forms.ChoiceField(label=_lazy("Month"))

    def __init__(self, data=None, *, months: list, label: str, name: str, areas: list[Place] = (), initial: str = ""):
        super().__init__(data, auto_id=f"{name}_%s", initial={"period": initial} if initial else None)
        self.fields["period"].choices = [(one.text, wording.period_words(one.text)) for one in months]
        self.fields["period"].label = label
        if len(areas) > 1:
            choices = [(one.code, one.name) for one in areas]
            self.fields["area"] = forms.ChoiceField(label=_("Area"), choices=choices)


class RankingForm(forms.Form):
    """The bar above a ranking. Whatever is not understood narrows nothing."""

    area = forms.ChoiceField(required=False, label=_lazy("Area"))
    group = forms.ChoiceField(required=False, label=_lazy("Peer group"))
    q = forms.CharField(
        required=False, max_length=60, label=_lazy("Name or code"), widget=forms.TextInput(attrs={"type": "search"})
    )

    def __init__(self, data, *, areas: list[tuple[str, str]], groups: list[str]):
        super().__init__(data, auto_id="filter_%s")
        self.fields["area"].choices = [("", _("All")), *areas]
        self.fields["group"].choices = [("", _("All")), *((one, wording.group_words(one)) for one in groups)]
        self.is_valid()

    @property
    def narrows(self) -> bool:
        """Whether the list is filtered."""
        return any(self.cleaned_data.values())

    def chosen(self, name: str) -> str:
        """What was entered and understood."""
        return self.cleaned_data.get(name, "").replace("\x00", "").strip()
