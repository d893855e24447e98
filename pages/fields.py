"""Form fields the moves need beyond Django's: a time limit, photos, a long select that can be searched."""

from collections.abc import Callable, Iterable, Iterator
from html import escape

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

PHOTO_TYPES = "image/jpeg,image/png,image/webp,image/heic"
LIMIT_UNITS = (
    ("wh", _("working hours")),
    ("wd", _("working days")),
    ("h", _("hours")),
    ("d", _("days")),
    ("min", _("minutes")),
)


class LimitWidget(forms.MultiWidget):
    """A number and its unit side by side."""

    def __init__(self, attrs=None):
        number = forms.NumberInput(attrs={"min": "1", "step": "any", "inputmode": "decimal", "aria-label": _("Amount")})
        super().__init__([number, forms.Select(choices=LIMIT_UNITS, attrs={"aria-label": _("Unit of time")})], attrs)

    def decompress(self, value):
        """ "4wh" as its two parts."""
        unit = next((unit for unit, _label in LIMIT_UNITS if value and value.endswith(unit)), "wh")
        return [value.removesuffix(unit) if value else None, unit]


class LimitField(forms.MultiValueField):
    """A time limit as the domain reads it: "4wh"; empty without a number."""

    def __init__(self, **kwargs):
        amount = forms.DecimalField(min_value=0, max_digits=8, decimal_places=1, required=False)
        unit = forms.ChoiceField(choices=LIMIT_UNITS, required=False)
        super().__init__([amount, unit], widget=LimitWidget, require_all_fields=False, **kwargs)

    def compress(self, parts):
        """The two parts as one word."""
        if not parts or parts[0] in (None, ""):
            return ""
        return f"{parts[0].normalize():f}{parts[1] or 'wh'}"


class PhotosInput(forms.ClearableFileInput):
    """A file input for several photos; never shows or clears what is stored already."""

    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class PhotosField(forms.FileField):
    """One or more photos, as a list. What they are is found out by `workorders.imaging`, not by their names."""

    def __init__(self, *, most: int = 6, **kwargs):
        self.most = most
        attrs = {"accept": PHOTO_TYPES, **({"multiple": True} if most > 1 else {})}
        super().__init__(widget=PhotosInput(attrs=attrs), **kwargs)

    def clean(self, data, initial=None):
        """The list of files; at most `most`."""
        files = [super(PhotosField, self).clean(one, initial) for one in data or []]
        if not files and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        if len(files) > self.most:
            raise forms.ValidationError(_("Choose at most %(most)d photos."), params={"most": self.most}, code="most")
        return files

    def has_changed(self, initial, data):
        """A file that came is a change."""
        return bool(data)


def _text(words) -> str:
    """As HTML takes it; hundreds of options are too many for Django's own way, which first asks what is lazy."""
    return escape(str(words))


class QuickSelect(forms.Select):
    """A select written in one go: by Django's templates each option costs as much as a row of a table, and the lists
    of areas and categories have hundreds."""

    def render(self, name, value, attrs=None, renderer=None) -> SafeString:
        """The same HTML as Django's."""
        given = {"name": name, **self.build_attrs(self.attrs, attrs)}
        lines = "".join(self._lines(set(self.format_value(value)[:1])))
        return format_html("<select{}>{}</select>", flatatt(given), mark_safe(lines))  # noqa: S308 - escaped below

    def _lines(self, chosen: set[str]) -> Iterator[str]:
        for value, label in self.choices:
            if isinstance(label, list | tuple):
                yield f'<optgroup label="{_text(value)}">'
                yield from self._options(label, chosen)
                yield "</optgroup>"
            else:
                yield from self._options([(value, label)], chosen)

    def _options(self, options: Iterable[tuple], chosen: set[str]) -> Iterator[str]:
        for value, label in options:
            text = "" if value is None else str(value)
            selected = " selected" if text in chosen else ""
            marks = f'value="{_text(text)}"{self.more(text)}{selected}'
            yield f"<option {marks}>{_text(label)}</option>"

    def more(self, value: str) -> str:
        """Further attributes of the option with this value, written and escaped."""
        return ""


class SearchableSelect(QuickSelect):
    """A select that static/js/orders.js lets people search by typing; plain without JavaScript.

    words: gives for an option's value what it is found by, besides its label.
    """

    def __init__(self, *args, words: Callable[[str], str] | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.words = words
        self.attrs["data-searchable"] = _("Type to search")

    def more(self, value: str) -> str:
        """What an option is found by."""
        found_by = self.words(value) if self.words and value else ""
        return f' data-words="{_text(found_by)}"' if found_by else ""
