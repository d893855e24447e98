"""What orders are made of."""

from rest_framework import serializers as s

from api.shapes.common import Coded, maybe
from workorders.models import Category as CategoryModel
from workorders.vocabulary import ClockKind, Difficulty, Urgency


class Unit(Coded):
    """An office that handles orders."""

    kind = s.CharField(help_text="The department code.")
    area = Coded()
    phone = maybe()
    to = s.DateField(allow_null=True)

    def get_fields(self) -> dict:
        """`from` is no name in Python."""
        return {**super().get_fields(), "from": s.DateField()}


class Limit(s.Serializer):
    """A time limit of one clock."""

    kind = s.ChoiceField(ClockKind.choices)
    amount = s.FloatField()
    unit = s.ChoiceField(("min", "h", "d", "wh", "wd", "same_day"))
    text = s.CharField()


class Category(Coded):
    """A group (two digits) or a category (four)."""

    major = maybe()
    difficulty = s.ChoiceField(Difficulty.choices, allow_null=True)
    urgency = s.ChoiceField(Urgency.choices, allow_null=True)
    limits = Limit(many=True)
    lead = maybe()
    self_handled = s.ChoiceField(CategoryModel.SelfRule.choices, allow_null=True)
    self_limit = Limit(allow_null=True)

    def get_fields(self) -> dict:
        """`class` is no name in Python."""
        return {**super().get_fields(), "class": s.ChoiceField(CategoryModel.Klass.choices, allow_null=True)}


class Deadline(s.Serializer):
    """One clock."""

    kind = s.ChoiceField(ClockKind.choices)
    due_at = s.DateTimeField()
    explained = s.CharField()
