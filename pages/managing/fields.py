"""Fields the administrators' forms share: areas and people that can be typed, units and categories to choose from."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from core import clock
from grids.directory import Place, directory, find
from grids.levels import Level
from pages import lists, options
from pages.fields import SearchableSelect
from pages.managing import skeleton
from personnel.jurisdiction import UnitRef, units_directory
from personnel.models import User

MOST_OFFERS = 600
ABOVE_THE_GRID = (Level.CITY, Level.DISTRICT, Level.STREET, Level.COMMUNITY)


class Offered(forms.TextInput):
    """A box to type in that offers what fits, with and without script."""

    def __init__(self, offers: Iterable[str] = (), attrs=None):
        super().__init__(attrs)
        self.offers = offers

    def render(self, name, value, attrs=None, renderer=None):
        """The box and its list."""
        given = {**(attrs or {}), "autocomplete": "off"}
        known = f"{given.get('id', name)}_offers"
        box = super().render(name, value, {**given, "list": known}, renderer)
        lines = format_html_join("", '<option value="{}"></option>', ((one,) for one in self.offers))
        return format_html('{}<datalist id="{}">{}</datalist>', box, known, lines)


class AreaField(forms.CharField):
    """An area within reach, by name or code; grids, too, which are too many to be offered."""

    def __init__(self, *, tops: list[Place], levels: Iterable[Level] = tuple(Level), **kwargs):
        self.tops, self.levels = tops, tuple(levels)
        super().__init__(max_length=80, widget=Offered(_offers(tops, self.levels)), **kwargs)

    def clean(self, value):
        """The place; None when the box may be empty and is."""
        written = super().clean(value).strip()
        if not written:
            return None
        last = written.split()[-1]
        place = find(last) if last.isascii() and last.isdigit() else None
        if place is None:
            named = (one for one in directory().by_id.values() if one.name == written)
            fits = [one for one in named if skeleton.within(self.tops, one)]
            place = fits[0] if len(fits) == 1 else None
        if place is None or not skeleton.within(self.tops, place):
            raise forms.ValidationError(_("No area you administer has this name or code."), code="no_area")
        if place.level not in self.levels or not place.is_active(clock.today()):
            raise forms.ValidationError(_("This is not an area of that level, or it is retired."), code="level")
        return place


def _offers(tops: list[Place], levels: Iterable[Level]) -> list[str]:
    today = clock.today()
    places = [
        one
        for one in directory().by_id.values()
        if one.level in levels and one.level in ABOVE_THE_GRID and one.is_active(today) and skeleton.within(tops, one)
    ]
    if len(places) > MOST_OFFERS:
        places = [one for one in places if one.level != Level.COMMUNITY][:MOST_OFFERS]
    return [written(one) for one in places]


def written(place: Place) -> str:
    """An area as the box shows it."""
    return f"{place.name} {place.code}"


class PersonField(forms.CharField):
    """An active person, by user name, or by a name only one of the offered people has."""

    def __init__(self, *, offered, **kwargs):
        self.offered = offered.filter(is_active=True)
        people = self.offered.order_by("name", "pk").values_list("name", "username")[:MOST_OFFERS]
        super().__init__(max_length=200, widget=Offered([f"{name} {username}" for name, username in people]), **kwargs)

    def clean(self, value):
        """The person."""
        given = super().clean(value).strip()
        person = User.objects.filter(username=given.split()[-1], is_active=True).first()
        if person is None:
            same = list(self.offered.filter(name=given)[:2])
            person = same[0] if len(same) == 1 else None
        if person is None:
            raise forms.ValidationError(_("Nobody has this user name. Write it as on the account."), code="no_person")
        return person


class DayInput(forms.DateInput):
    """A day, chosen from the browser's calendar."""

    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%d")


def day_field(label: str, help_text: str = "", *, initial: dt.date | None = None, required: bool = True):
    """A day."""
    return forms.DateField(label=label, help_text=help_text, initial=initial, required=required, widget=DayInput())


def words_field(label: str, help_text: str = "", *, most: int = 200, required: bool = True, rows: int = 0):
    """One line, or several."""
    widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
    return forms.CharField(label=label, help_text=help_text, max_length=most, required=required, widget=widget)


def area_choices(tops: list[Place]) -> list[tuple[str, str]]:
    """The areas of a filter, all of them to begin with."""
    return [("", _("All")), *lists.areas_below(tops)]


def units_of(tops: list[Place], *, above: bool = False) -> list[UnitRef]:
    """The units of today in these areas, and of those above them where asked for, by area."""
    known, today = directory().by_id, clock.today()
    higher = {pk for place in tops for pk in place.path} if above else set()
    units = [
        unit
        for unit in units_directory().by_id.values()
        if unit.is_active(today) and (unit.area_id in higher or skeleton.within(tops, known.get(unit.area_id)))
    ]
    return sorted(units, key=lambda unit: (known[unit.area_id].code, unit.code))


def unit_field(
    label: str, tops: list[Place], *, above: bool = False, none: str = "", help_text: str = "", plain: bool = False
):
    """One of these units. none: the word for no unit, where that may be chosen. plain: without a box to search in."""
    start = [("", none)] if none else []
    return forms.ChoiceField(
        label=label,
        help_text=help_text,
        required=not none,
        choices=[*start, *options.grouped(units_of(tops, above=above))],
        widget=forms.Select() if plain else SearchableSelect(),
    )


def keep_choice(field: forms.ChoiceField, value: str, label: Any) -> None:
    """What was chosen once and is not offered any more, a closed unit for instance, stays until something else is."""
    if value and not field.valid_value(value):
        field.choices = [*field.choices, (value, str(label))]


def category_field(label: str, *, none: str = "", majors: bool = True, help_text: str = "", plain: bool = False):
    """A category in use. none: the word for no category, where that may be chosen. plain: without a search box."""
    start = [("", none)] if none else []
    return forms.ChoiceField(
        label=label,
        help_text=help_text,
        required=not none,
        choices=[*start, *options.categories(with_majors=majors)],
        widget=forms.Select() if plain else SearchableSelect(words=options.search_words),
    )
