"""The ground of every FilterSet: only what was asked for is built and read; what cannot be read is 400 with words."""

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters

from core import clock
from core.errors import Invalid
from grids.directory import Place, find
from personnel.jurisdiction import UnitRef, units_directory

_LOST_PLUS = re.compile(r"(T[\d:.]+) (\d\d:\d\d)$")


class Filters(filters.FilterSet):
    """A FilterSet that makes a form of the given parameters only: a list without filters pays for none."""

    def __init__(self, data: Any = None, queryset: QuerySet | None = None, *, request: Any = None, prefix: Any = None):
        if data is not None:
            self.base_filters = {
                name: one for name, one in self.base_filters.items() if data.get(name) not in (None, "")
            }
        super().__init__(data, queryset, request=request, prefix=prefix)

    @classmethod
    def of(cls, request: Any, rows: QuerySet) -> QuerySet:
        """The rows that pass. Raises Invalid naming every parameter at fault."""
        refuse_nul(request)
        found = cls(request.query_params, rows, request=request)
        if not found.filters:
            return rows
        if not found.form.is_valid():
            raise Invalid("bad_filter", errors={name: list(errors) for name, errors in found.form.errors.items()})
        return found.filter_queryset(rows)


def refuse_nul(request: Any) -> None:
    """No parameter may hold the one character PostgreSQL cannot store. Raises Invalid."""
    bad = {name: [_("This cannot be read.")] for name, value in request.query_params.items() if "\x00" in value}
    if bad:
        raise Invalid("bad_filter", errors=bad)


class Field(forms.Field):
    def fault(self, words: str) -> forms.ValidationError:
        return forms.ValidationError(words)


class AreaField(Field):
    """The code of an area."""

    def clean(self, value: Any) -> Place | None:
        """The place; a code nobody has is a slip."""
        place = find(value) if value else None
        if value and place is None:
            raise self.fault(_("There is no area with this code."))
        return place


class UnitField(Field):
    """The code of a unit."""

    def clean(self, value: Any) -> UnitRef | None:
        """The unit; a code nobody has is a slip."""
        unit = units_directory().by_code.get(value) if value else None
        if value and unit is None:
            unit = units_directory(force=True).by_code.get(value)
        if value and unit is None:
            raise self.fault(_("There is no unit with the code “%(code)s”.") % {"code": str(value)[:40]})
        return unit


class MomentField(Field):
    """Date and time, or a day (its first moment on our clock)."""

    def clean(self, value: Any) -> dt.datetime | None:
        """The aware moment."""
        if not value:
            return None
        try:
            # An unescaped + of the offset arrives as a space.
            moment = parse_datetime(_LOST_PLUS.sub(r"\1+\2", value.strip()))
            day = parse_date(value.strip()) if moment is None else None
        except ValueError:
            moment = day = None
        if day is not None:
            return clock.day(day)[0]
        if moment is None:
            raise self.fault(_("Write date and time as 2026-11-21T09:30:00+08:00."))
        return moment if moment.tzinfo else moment.replace(tzinfo=clock.ZONE)


class FlagField(Field):
    """1 or 0."""

    def clean(self, value: Any) -> bool | None:
        """Yes or no."""
        if not value:
            return None
        if value.lower() in ("1", "true", "yes"):
            return True
        if value.lower() in ("0", "false", "no"):
            return False
        raise self.fault(_("This must be 1 or 0."))


class WordsField(Field):
    """A text to look for, two characters and more."""

    def clean(self, value: Any) -> str | None:
        """The words without the space around them."""
        words = (value or "").strip()
        if not words:
            return None
        if not 2 <= len(words) <= 100:
            raise self.fault(_("Look for 2 to 100 characters."))
        return words


class ListField(Field):
    """Several of some words, with commas between."""

    def __init__(self, *, words: Iterable[str] = (), **more: Any):
        super().__init__(**more)
        self.words = tuple(words)

    def clean(self, value: Any) -> list[str] | None:
        """The words; an unknown one is a slip."""
        found = [word.strip() for word in (value or "").split(",") if word.strip()]
        for word in found:
            if word not in self.words:
                names = {"value": word[:40], "choices": ", ".join(self.words)}
                raise self.fault(_("“%(value)s” is not one of: %(choices)s.") % names)
        return found or None


# CharFilter: the schema knows these parameters as text.
class AreaFilter(filters.CharFilter):
    """By the code of an area."""

    field_class = AreaField


class UnitFilter(filters.CharFilter):
    """By the code of a unit."""

    field_class = UnitField


class MomentFilter(filters.IsoDateTimeFilter):
    """By a moment."""

    field_class = MomentField


class FlagFilter(filters.CharFilter):
    """By yes or no."""

    field_class = FlagField


class WordsFilter(filters.CharFilter):
    """By words."""

    field_class = WordsField


class ListFilter(filters.CharFilter):
    """By one or several of a list of words."""

    field_class = ListField
