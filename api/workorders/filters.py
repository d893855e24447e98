"""What orders are looked for by."""

import math

from django.db.models import F, FloatField, Q, QuerySet, Value
from django.db.models.functions import Power
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters

from api.filters import AreaFilter, Field, Filters, FlagFilter, ListFilter, MomentFilter, UnitFilter, WordsFilter
from core import clock
from grids.directory import Place
from personnel.jurisdiction import UnitRef, standing_of
from workorders import catalogue, searching, turns
from workorders.models import Category, WorkOrder
from workorders.models.reach import area_condition
from workorders.vocabulary import Card, Difficulty, Source, Status, Urgency

METRES_PER_DEGREE = 111_195.0
FARTHEST = 50_000


class CategoryField(Field):
    """A minor category, or a group with all that is in it."""

    def clean(self, value: str) -> Category | None:
        """The category; an unknown code is a slip."""
        found = catalogue.find(value) if value else None
        if value and found is None:
            raise self.fault(_("There is no such category. Choose one from the list."))
        return found


class NearField(Field):
    """lon,lat,metres."""

    def clean(self, value: str) -> tuple[float, float, float] | None:
        """The point and how far around it."""
        if not value:
            return None
        try:
            lon, lat, metres = (float(piece) for piece in value.split(","))
        except ValueError:
            lon = lat = metres = math.nan
        if not (-180 <= lon <= 180 and -90 <= lat <= 90 and 0 < metres <= FARTHEST):
            words = _("Write longitude, latitude and metres (at most %(most)d), for example 103.71,36.1,250.")
            raise self.fault(words % {"most": FARTHEST})
        return lon, lat, metres


class CategoryFilter(filters.CharFilter):
    """By category."""

    field_class = CategoryField


class NearFilter(filters.CharFilter):
    """By distance."""

    field_class = NearField


class OrderFilters(Filters):
    """The filters of `GET workorders/`. Moments are half-open: after includes its moment, before does not."""

    status = ListFilter(
        field_name="status", lookup_expr="in", words=Status.values, help_text="One or several, with commas."
    )
    category = CategoryFilter(method="in_category", help_text="A code; two digits mean the whole group.")
    area = AreaFilter(method="in_area", help_text="The code of an area: it and all below it.")
    source = ListFilter(field_name="source", lookup_expr="in", words=Source.values)
    urgency = ListFilter(field_name="urgency", lookup_expr="in", words=Urgency.values)
    difficulty = filters.TypedChoiceFilter(choices=Difficulty.choices, coerce=int)
    unit = UnitFilter(method="with_unit", help_text="The code of the lead unit or a co-handler.")
    mine = FlagFilter(method="waiting_for_me", help_text="1: the next step is yours.")
    overdue = FlagFilter(method="late", help_text="1: the present clock has run out.")
    card = filters.ChoiceFilter(choices=Card.choices)
    reported_after = MomentFilter(field_name="reported_at", lookup_expr="gte")
    reported_before = MomentFilter(field_name="reported_at", lookup_expr="lt")
    due_before = MomentFilter(field_name="due_at", lookup_expr="lt")
    q = WordsFilter(method="speaking_of", help_text="A part of number, title, description or external id.")
    near = NearFilter(method="around", help_text="lon,lat,metres.")

    class Meta:
        model = WorkOrder
        fields = ()

    def in_category(self, rows: QuerySet, _name: str, category: Category) -> QuerySet:
        """A group includes what is in it."""
        if category.is_minor:
            return rows.filter(category_id=category.pk)
        return rows.filter(category_id__in=[one.pk for one in catalogue.categories() if one.parent_id == category.pk])

    def in_area(self, rows: QuerySet, _name: str, place: Place) -> QuerySet:
        """It and all below it, as one indexed column."""
        return rows.filter(area_condition(place.id))

    def with_unit(self, rows: QuerySet, _name: str, unit: UnitRef) -> QuerySet:
        """As lead or as co-handler."""
        return rows.filter(Q(lead_id=unit.id) | Q(co_units__contains=[unit.id]))

    def waiting_for_me(self, rows: QuerySet, _name: str, wanted: bool) -> QuerySet:
        """By the rules that also say who is urged."""
        if not wanted:
            return rows
        return rows.filter(turns.waiting_condition(standing_of(self.request.user, clock.today())))

    def late(self, rows: QuerySet, _name: str, wanted: bool) -> QuerySet:
        """Open, not paused, and past its due moment."""
        return rows.overdue(clock.now()) if wanted else rows

    def speaking_of(self, rows: QuerySet, _name: str, words: str) -> QuerySet:
        """Substrings, without regard to case."""
        return searching.containing(rows, words, standing_of(self.request.user, clock.today()))

    def around(self, rows: QuerySet, _name: str, near: tuple[float, float, float]) -> QuerySet:
        """Within so many metres; at these distances the earth is flat."""
        lon, lat, metres = near
        across = METRES_PER_DEGREE * max(math.cos(math.radians(lat)), 1e-6)
        box = Q(
            lon__range=(lon - metres / across, lon + metres / across),
            lat__range=(lat - metres / METRES_PER_DEGREE, lat + metres / METRES_PER_DEGREE),
        )
        east = (F("lon") - Value(lon)) * Value(across)
        north = (F("lat") - Value(lat)) * Value(METRES_PER_DEGREE)
        squared = Power(east, 2) + Power(north, 2)
        return rows.alias(square_metres=squared).filter(box, square_metres__lte=Value(metres**2, FloatField()))
