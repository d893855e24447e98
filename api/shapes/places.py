"""Areas and where they lie."""

from rest_framework import serializers as s

from api.shapes.common import Coded, maybe
from grids.levels import Kind, Level


class Step(Coded):
    """One floor of a path."""

    level = s.ChoiceField(Level.choices)


class AreaBrief(Coded):
    """An area with its path."""

    path = Step(many=True, help_text="Top-down, itself included.")


class Area(Coded):
    """An area in lists."""

    level = s.ChoiceField(Level.choices)
    kind = s.ChoiceField(Kind.choices, allow_null=True)
    parent = maybe()
    active = s.BooleanField()
    to = s.DateField(allow_null=True, help_text="The first day it is not valid any more.")
    households = s.IntegerField(allow_null=True)
    population = s.IntegerField(allow_null=True)
    phone = maybe()

    def get_fields(self) -> dict:
        """`from` is no name in Python."""
        return {**super().get_fields(), "from": s.DateField()}


class Staffing(s.Serializer):
    """How an area is staffed today."""

    grids = s.IntegerField()
    covered = s.IntegerField(help_text="Grids with a full-time officer.")
    vacant = s.IntegerField()
    full_time = s.IntegerField()
    part_time = s.IntegerField()


class AreaDetail(Area):
    """One area."""

    path = Step(many=True)
    staffing = Staffing()
    boundary = s.DictField(required=False, allow_null=True, help_text="With ?boundary=1: a GeoJSON geometry.")


class LocatedArea(AreaBrief):
    """The grid of a point."""

    level = s.ChoiceField(Level.choices)
    kind = s.ChoiceField(Kind.choices)


class Located(s.Serializer):
    """Where a point lies."""

    area = LocatedArea()
