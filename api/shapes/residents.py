"""What residents send and read."""

from rest_framework import serializers as s

from api.shapes.common import Fix, maybe, moment, text
from workorders.commands.public import REASONS
from workorders.vocabulary import Status, Urgency


class PublicReport(s.Serializer):
    """Either lon and lat, or area."""

    description = text(max_length=4000)
    title = text(max_length=120, required=False)
    category = text(required=False)
    lon = s.FloatField(required=False)
    lat = s.FloatField(required=False)
    area = text(required=False)
    fix = Fix(required=False)
    address = text(max_length=200, required=False)
    urgency = s.ChoiceField(Urgency.choices, required=False)
    occurred_at = s.DateTimeField(required=False)
    reporter_name = text(max_length=40, required=False)
    reporter_phone = text(max_length=20, required=False)


class Receipt(s.Serializer):
    """The way back to the report."""

    token = s.CharField()
    code = s.CharField()
    track_url = s.CharField()
    expect = s.CharField()


class GivenRating(s.Serializer):
    """What you said."""

    resolved = s.BooleanField()
    satisfaction = s.IntegerField()
    at = s.DateTimeField()


class AskedQuestion(s.Serializer):
    """What the handling unit wants to know of the resident."""

    text = s.CharField()
    answer_by = moment()


class Followed(s.Serializer):
    """How far it is."""

    code = s.CharField()
    title = s.CharField()
    status = s.ChoiceField(Status.choices)
    step = s.IntegerField(help_text="1 reported, 2 accepted, 3 handled, 4 checked, 5 answered.")
    dates = s.ListField(child=s.DateTimeField(allow_null=True), help_text="Of the five steps.")
    over = s.BooleanField()
    merged = s.BooleanField(help_text="The work goes on under another order.")
    unit = maybe()
    public_answer = maybe()
    expect = s.CharField()
    expected_by = moment()
    question = AskedQuestion(allow_null=True)
    may_add = s.BooleanField()
    may_rate = s.BooleanField()
    rating = GivenRating(allow_null=True)


class Remark(s.Serializer):
    """Something to add."""

    text = text(max_length=4000)


class Rating(s.Serializer):
    """The answer to: is it solved, and how satisfied are you?"""

    resolved = s.BooleanField()
    satisfaction = s.IntegerField(min_value=1, max_value=5)
    reasons = s.ListField(child=s.ChoiceField(REASONS), required=False)
    note = text(max_length=1000, required=False)
