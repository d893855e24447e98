"""The forms of the annual review: which rows are shown, and the marks of each."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from assessment.commands.spanning import LEADERS, PEERS, RESIDENTS
from assessment.models import AnnualReview, Score
from assessment.vocabulary import ScoreLevel
from pages.assessment import wording

VOICES = (
    ("leaders", _lazy("Leaders"), LEADERS),
    ("peers", _lazy("Peers"), PEERS),
    ("residents", _lazy("Residents"), RESIDENTS),
)
SUBJECTS = ((ScoreLevel.GRID.value, ScoreLevel.GRID.label), (ScoreLevel.OFFICER.value, ScoreLevel.OFFICER.label))


class ReviewFilter(forms.Form):
    """The bar above the rows. Whatever is not understood narrows nothing."""

    year = forms.ChoiceField(required=False, label=_lazy("Year"))
    level = forms.ChoiceField(required=False, label=_lazy("Who is reviewed"), choices=SUBJECTS)
    area = forms.ChoiceField(required=False, label=_lazy("Area"))
    q = forms.CharField(
        required=False, max_length=60, label=_lazy("Name"), widget=forms.TextInput(attrs={"type": "search"})
    )

    def __init__(self, data, *, years: list[str], areas: list[tuple[str, str]]):
        super().__init__(data, auto_id="filter_%s")
        self.fields["year"].choices = [(one, wording.period_words(one)) for one in years]
        self.fields["area"].choices = [("", _("All")), *areas]
        self.is_valid()

    def chosen(self, name: str) -> str:
        """What was entered and understood."""
        return self.cleaned_data.get(name, "").replace("\x00", "").strip()


class ReviewForm(forms.Form):
    """Three marks for each row; a row left empty is not reviewed yet."""

    def __init__(self, data=None, *, rows: Sequence[tuple[Score, AnnualReview | None]]):
        super().__init__(data)
        self.scores = {one.pk: one for one, _held in rows}
        self.rows: list[dict[str, Any]] = []
        for score, held in rows:
            cells = []
            for voice, label, _share in VOICES:
                name = f"{voice}.{score.pk}"
                self.fields[name] = forms.DecimalField(
                    label=_("%(of)s: %(label)s") % {"of": score.name, "label": label}, required=False, min_value=0,
                    max_value=100, max_digits=5, decimal_places=2,
                    initial=wording.plain(getattr(held, voice)) if held else None,
                    widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
                )  # fmt: skip
                cells.append(name)
            self.rows.append({"score": score, "names": cells, "total": _total(held)})
        for row in self.rows:
            row["cells"] = [(VOICES[place][1], self[name]) for place, name in enumerate(row["names"])]

    def clean(self) -> dict[str, Any]:
        """A row has three marks or none."""
        for row in self.rows:
            missing = [name for name in row["names"] if self.cleaned_data.get(name) is None and name not in self.errors]
            if missing and len(missing) < len(row["names"]):
                for name in missing:
                    self.add_error(name, _("Give all three marks, or none."))
        return self.cleaned_data

    def marks(self) -> list[tuple[Score, dict[str, Decimal]]]:
        """The rows that have marks which differ from those kept."""
        found = []
        for pk, score in self.scores.items():
            names = [f"{voice}.{pk}" for voice, _label, _share in VOICES]
            given = {voice: self.cleaned_data[f"{voice}.{pk}"] for voice, _label, _share in VOICES}
            if None not in given.values() and any(self[name].field.has_changed(self[name].initial, str(given[voice]))
                                                  for name, voice in zip(names, given, strict=True)):  # fmt: skip
                found.append((score, given))
        return found


def _total(held: AnnualReview | None) -> str:
    """The review out of 100 by its terms."""
    if held is None:
        return ""
    total = sum(getattr(held, voice) * share for voice, _label, share in VOICES) / 100
    return f"{total:.2f}"
