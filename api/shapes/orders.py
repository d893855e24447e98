"""Orders and all that hangs on them."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers as s

from api.shapes.common import Coded, Fix, PersonName, Point, maybe, moment, text
from api.shapes.places import AreaBrief
from grids.levels import Level
from workorders.models import Attachment as AttachmentModel
from workorders.models import Extension as ExtensionModel
from workorders.vocabulary import Card, ClockKind, Difficulty, Phase, Source, Status, Urgency

LAMPS = ("green", "amber", "red", "paused")


class Report(s.Serializer):
    """Either lon and lat, or area."""

    description = text(max_length=4000)
    title = text(max_length=120, required=False)
    category = text(required=False, help_text="Four digits.")
    lon = s.FloatField(required=False)
    lat = s.FloatField(required=False)
    area = text(required=False, help_text="The code of a grid.")
    fix = Fix(required=False)
    address = text(max_length=200, required=False)
    urgency = s.ChoiceField(Urgency.choices, required=False)
    source = s.ChoiceField(Source.choices, required=False)
    occurred_at = s.DateTimeField(required=False)
    reporter_name = text(max_length=40, required=False)
    reporter_phone = text(max_length=20, required=False)
    external_id = text(max_length=80, required=False)
    self_handled = s.BooleanField(required=False)
    result = text(max_length=4000, required=False, help_text="With self_handled: what was done.")


class Reporter(s.Serializer):
    """Masked; see reveal/."""

    name = maybe()
    phone = maybe()


class OrderRow(s.Serializer):
    """An order in lists."""

    number = s.CharField()
    status = s.ChoiceField(Status.choices)
    phase = s.ChoiceField(Phase.choices)
    level = s.ChoiceField(Level.choices)
    area = AreaBrief()
    location = Point(allow_null=True)
    address = s.CharField()
    category = Coded(allow_null=True)
    title = s.CharField()
    description = s.CharField()
    source = s.ChoiceField(Source.choices)
    urgency = s.ChoiceField(Urgency.choices)
    difficulty = s.ChoiceField(Difficulty.choices)
    reporter = Reporter()
    reported_at = s.DateTimeField()
    accepted_at = moment()
    dispatched_at = moment()
    signed_at = moment()
    fed_back_at = moment()
    checked_at = moment()
    closed_at = moment()
    due_at = moment()
    due_kind = s.ChoiceField(ClockKind.choices, allow_null=True)
    overdue = s.BooleanField()
    lamp = s.ChoiceField(LAMPS)
    card = s.ChoiceField(Card.choices, allow_null=True)
    lead = Coded(allow_null=True)
    co_handlers = Coded(many=True)
    follow_officer = PersonName(allow_null=True)
    returns = s.IntegerField()
    reworks = s.IntegerField()
    extensions_granted = s.IntegerField()
    urges = s.IntegerField()
    satisfaction = s.IntegerField(allow_null=True)
    resolved = s.BooleanField(allow_null=True)


class Order(OrderRow):
    """An order, as a report and every move answer it."""

    public_answer = maybe()
    internal_result = maybe()
    moves = s.ListField(child=s.CharField(), help_text="What you may do now.")


class Event(s.Serializer):
    """One thing that happened."""

    sequence = s.IntegerField()
    kind = s.CharField()
    label = s.CharField()
    at = s.DateTimeField()
    actor = maybe()
    actor_id = s.IntegerField(allow_null=True)
    role = maybe()
    system = s.BooleanField()
    area = s.CharField()
    before = maybe()
    after = maybe()
    data = s.DictField()
    details = s.ListField(child=s.CharField())


class Assignment(s.Serializer):
    """The part of a unit or of an officer."""

    kind = s.CharField()
    unit = Coded(allow_null=True)
    officer = PersonName(allow_null=True)
    task = maybe()
    whistle = maybe()
    forced = s.BooleanField()
    assigned_at = s.DateTimeField()
    due_at = moment()
    signed_at = moment()
    arrived_at = moment()
    arrived = s.DictField(allow_null=True)
    ended_at = moment()
    outcome = maybe()
    result = maybe()
    score = s.IntegerField(allow_null=True)


class Attachment(s.Serializer):
    """A photo."""

    id = s.IntegerField()
    kind = s.ChoiceField(AttachmentModel.Kind.choices)
    url = s.CharField()
    thumbnail = s.CharField()
    width = s.IntegerField()
    height = s.IntegerField()
    size = s.IntegerField(help_text="Bytes.")
    taken_at = moment()
    location = Point(allow_null=True)
    uploaded_at = s.DateTimeField()
    by = PersonName(allow_null=True)


class NewAttachment(s.Serializer):
    """A photo to add."""

    file = s.FileField()
    kind = s.ChoiceField(AttachmentModel.Kind.choices, required=False)
    taken_at = s.DateTimeField(required=False)
    lon = s.FloatField(required=False)
    lat = s.FloatField(required=False)


class Extension(s.Serializer):
    """More time asked for."""

    state = s.ChoiceField(ExtensionModel.State.choices)
    reason = s.CharField()
    due_before = s.DateTimeField()
    until = s.DateTimeField()
    granted_until = moment()
    asked_by = PersonName()
    asked_at = s.DateTimeField()
    decided_by = PersonName(allow_null=True)
    decided_at = moment()
    note = maybe()


class OrderDetail(Order):
    """An order with all that hangs on it."""

    officer = PersonName(allow_null=True, help_text="Who handles it himself.")
    main = s.CharField(allow_null=True, help_text="The order it was merged into.")
    external_id = maybe()
    occurred_at = moment()
    self_handled = s.BooleanField()
    suggestion = s.DictField(allow_null=True, help_text="What the routing table proposes.")
    due_explained = maybe()
    events = Event(many=True)
    assignments = Assignment(many=True)
    attachments = Attachment(many=True)
    extensions = Extension(many=True)


@extend_schema_field({"type": "array", "items": {}})
class _Choices(s.ListField):
    """Words or numbers."""


class Input(s.Serializer):
    """What a step needs."""

    name = s.CharField()
    type = s.CharField()
    choices = _Choices(required=False)

    def get_fields(self) -> dict:
        """`required` is an argument of every field."""
        return {**super().get_fields(), "required": s.BooleanField()}


class Move(s.Serializer):
    """A step that is open to you."""

    name = s.CharField()
    inputs = Input(many=True)

    def get_fields(self) -> dict:
        """`label` is an attribute of every field."""
        return {**super().get_fields(), "label": s.CharField()}


class Similar(s.Serializer):
    """A likely duplicate."""

    number = s.CharField()
    score = s.FloatField(help_text="0 to 1.")
    reasons = s.ListField(child=s.CharField())


class Reveal(s.Serializer):
    """What you want to see, and what for."""

    field = s.ChoiceField(("name", "phone"))
    purpose = text(max_length=200)


class Revealed(s.Serializer):
    """In clear."""

    field = s.ChoiceField(("name", "phone"))
    value = maybe()


class Text(s.Serializer):
    """A description, and perhaps a place."""

    text = text(max_length=4000)
    lon = s.FloatField(required=False)
    lat = s.FloatField(required=False)


class LikelyCategory(Coded):
    """A guess."""

    probability = s.FloatField()


class Suggestions(s.Serializer):
    """Proposals."""

    categories = LikelyCategory(many=True)
    units = Coded(many=True)
    area = AreaBrief(allow_null=True)
    similar = Similar(many=True)
