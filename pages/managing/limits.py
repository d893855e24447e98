"""A time limit of the taxonomy as a form field: a number and its unit, "same day" among them."""

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from pages.fields import LIMIT_UNITS
from workorders.deadlines import MOST, SAME_DAY, Limit

UNITS = (*LIMIT_UNITS, (SAME_DAY, _("same working day")))


class SpanWidget(forms.MultiWidget):
    """The number and its unit side by side."""

    def __init__(self, attrs=None):
        marks = {"min": "0.5", "step": "any", "inputmode": "decimal", "aria-label": _("Amount")}
        unit = forms.Select(choices=UNITS, attrs={"aria-label": _("Unit of time")})
        super().__init__([forms.NumberInput(attrs=marks), unit], attrs)

    def render(self, name, value, attrs=None, renderer=None):
        """The two beside each other where there is room."""
        return format_html('<div class="fields">{}</div>', super().render(name, value, attrs, renderer))

    def decompress(self, value):
        """A limit as its two parts."""
        if value is None:
            return [None, "wd"]
        return [None if value.unit == SAME_DAY else value.amount, value.unit]


class SpanField(forms.MultiValueField):
    """A limit; None without a number."""

    def __init__(self, **kwargs):
        amount = forms.DecimalField(min_value=0, max_digits=8, decimal_places=1, required=False)
        unit = forms.ChoiceField(choices=UNITS, required=False)
        super().__init__([amount, unit], widget=SpanWidget, require_all_fields=False, **kwargs)

    def compress(self, parts):
        """The limit."""
        amount, unit = (*parts, None, None)[:2] if parts else (None, None)
        if unit == SAME_DAY:
            return Limit(1, SAME_DAY)
        if amount is None:
            if self.required:
                raise forms.ValidationError(self.error_messages["required"], code="required")
            return None
        try:
            return Limit(float(amount), unit or "wd")
        except ValueError:
            words = _("More than 0 and at most %(most)d; working days are whole.")
            raise forms.ValidationError(words, params={"most": MOST[unit or "wd"]}, code="limit") from None
