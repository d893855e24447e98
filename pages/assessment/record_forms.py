"""The forms of records: the filter, one record, a file. The words of a row are those of a file's row."""

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import pgettext

from assessment.models import FactRecord
from assessment.vocabulary import CareLevel, RecordKind
from grids.directory import Place
from pages.assessment import wording
from pages.assessment.adjustment_forms import GridField

LARGEST = 16 * 1024 * 1024
TABLES = (".csv", ".xlsx")
YES_OR_NO = (("yes", _lazy("Yes")), ("no", _lazy("No")))


class FilterForm(forms.Form):
    """The bar above the list. Whatever is not understood narrows nothing."""

    period = forms.ChoiceField(required=False, label=_lazy("Month"))
    kind = forms.ChoiceField(required=False, label=_lazy("Kind"))
    area = forms.ChoiceField(required=False, label=_lazy("Area"))
    done = forms.ChoiceField(required=False, label=_lazy("Fulfilled"))
    q = forms.CharField(
        required=False, max_length=60, label=_lazy("Name or note"), widget=forms.TextInput(attrs={"type": "search"})
    )

    def __init__(self, data, *, months: list, areas: list[tuple[str, str]]):
        super().__init__(data, auto_id="filter_%s")
        self.fields["period"].choices = [(one.text, wording.period_words(one.text)) for one in months]
        self.fields["kind"].choices = [("", _("All")), *RecordKind.choices]
        self.fields["area"].choices = [("", _("All")), *areas]
        self.fields["done"].choices = [("", _("All")), *YES_OR_NO]
        self.is_valid()

    @property
    def narrows(self) -> bool:
        """Whether anything but the month is chosen."""
        return any(self.chosen(name) for name in ("kind", "area", "done", "q"))

    def chosen(self, name: str) -> str:
        """What was entered and understood."""
        return self.cleaned_data.get(name, "").replace("\x00", "").strip()


class RecordForm(forms.Form):
    """One record; of one that is there only what came of it can be changed."""

    kind = forms.ChoiceField(label=_lazy("Kind"))
    on = forms.DateField(
        label=_lazy("Due on"), help_text=_lazy("It counts in the month of this day."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )  # fmt: skip
    key = forms.CharField(
        label=_lazy("What it is about"), max_length=80,
        help_text=_lazy("A name or number that tells it from others of that day, for instance the key point's name."),
    )  # fmt: skip
    done = forms.ChoiceField(label=_lazy("Fulfilled"), choices=YES_OR_NO, widget=forms.RadioSelect)
    done_on = forms.DateField(
        label=_lazy("Fulfilled on"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    level = forms.ChoiceField(label=_lazy("Level"), required=False, help_text=_lazy("Of a visit: how often it is due."))
    officer = forms.CharField(
        label=_lazy("Officer"), required=False, max_length=150, help_text=_lazy("The account, where it is known.")
    )
    order = forms.CharField(
        label=_lazy("Order"), required=False, max_length=40, help_text=_lazy("Of a missed discovery: its number.")
    )
    note = forms.CharField(label=_lazy("Note"), required=False, max_length=200)

    def __init__(
        self, data=None, *, grids: Sequence[Place] = (), areas: Sequence[Place] = (), row: FactRecord | None = None,
        **kwargs,
    ):  # fmt: skip
        super().__init__(data, **kwargs)
        self.fields["kind"].choices = [("", _("Choose a kind")), *RecordKind.choices]
        self.fields["level"].choices = [("", pgettext("a choice", "None")), *CareLevel.choices]
        self.fields["area"] = GridField(label=_("Grid"), grids=grids, areas=areas)
        self.order_fields(["kind", "area", "on", "key", "done", "done_on", "level", "officer", "order", "note"])
        if row is not None:
            for name in ("kind", "area", "on", "key"):
                del self.fields[name]

    def values(self) -> dict[str, Any]:
        """As a row of a file says it."""
        given = dict(self.cleaned_data)
        if "area" in given:
            given["area"] = given["area"].code
        return given


class VoidForm(forms.Form):
    """Why a record is void."""

    reason = forms.CharField(label=_lazy("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class FileForm(forms.Form):
    """A table with records."""

    file = forms.FileField(
        label=_lazy("File"), required=False, help_text=_lazy("CSV (UTF-8) or Excel, with the heads of the template.")
    )
    # Of a file that was looked at: it is kept until it is imported.
    held = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)

    def clean_file(self) -> Any:
        """A table, not too large."""
        file = self.cleaned_data["file"]
        if file and PurePath(file.name).suffix.lower() not in TABLES:
            raise forms.ValidationError(_("Choose a CSV or Excel file."), code="file_type")
        if file and file.size > LARGEST:
            raise forms.ValidationError(_("The file is larger than 16 MB. Divide it."), code="too_large")
        return file

    def clean(self) -> dict[str, Any]:
        """Either a file, or one that was looked at."""
        if not self.errors and not self.cleaned_data.get("file") and not self.cleaned_data.get("held"):
            self.add_error("file", _("Choose a file."))
        return self.cleaned_data
