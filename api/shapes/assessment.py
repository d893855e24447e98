"""Runs, scores and why they are what they are; appeals; schemes."""

from rest_framework import serializers as s

from api.shapes.common import Coded, PersonName, maybe, moment
from assessment.vocabulary import AppealState, RunStatus, ScoreLevel


class SchemeVersion(s.Serializer):
    """One version; `body` holds weights, curves, caps, bands, peer groups."""

    number = s.IntegerField()
    state = s.CharField()
    in_force_from = maybe()
    approved_by_two = s.BooleanField()
    approvals = s.IntegerField()
    simulated_on = maybe()
    made_at = s.DateTimeField()
    note = s.CharField()
    body = s.DictField()


class SchemeIndicator(s.Serializer):
    """An indicator as the version in force weighs it."""

    code = s.CharField()
    name = s.CharField()
    klass = s.CharField(help_text="M management, S service")
    better = s.CharField()
    unit = s.CharField()
    clause = s.CharField()
    weight = s.FloatField()
    on = s.BooleanField()
    curve = s.DictField()


class SchemeRow(s.Serializer):
    """A scheme and the version in force."""

    code = s.CharField()
    name = s.CharField()
    version = s.IntegerField(allow_null=True)


class Scheme(SchemeRow):
    """A scheme with its indicators, counting rules and versions."""

    indicators = SchemeIndicator(many=True)
    counting_rules = s.ListField(child=s.CharField())
    versions = SchemeVersion(many=True)


class StartRun(s.Serializer):
    """The month, and the area where several are assessed."""

    period = s.CharField(help_text="2026-10")
    scheme = s.CharField(required=False)
    area = s.CharField(required=False)


class Run(s.Serializer):
    """A computation and how far it is."""

    id = s.IntegerField()
    period = s.CharField()
    status = s.ChoiceField(RunStatus.choices)
    progress = s.IntegerField(help_text="Percent")
    step = s.CharField()
    area = Coded()
    scheme = s.DictField()
    provisional = s.BooleanField()
    simulated = s.BooleanField()
    revision = s.IntegerField()
    previous = s.IntegerField(allow_null=True)
    reason = s.CharField()
    cut_off = s.DateTimeField()
    created_at = s.DateTimeField()
    finished_at = moment()
    published_at = moment()
    rows = s.IntegerField()
    checksum = s.CharField()
    problem = s.CharField()


class ScoreRow(s.Serializer):
    """One of a ranking; one of area, officer, unit says whose it is."""

    id = s.IntegerField()
    run = s.IntegerField()
    level = s.ChoiceField(ScoreLevel.choices)
    area = Coded()
    officer = PersonName(required=False)
    unit = Coded(required=False)
    score = s.FloatField(allow_null=True)
    grade = s.CharField()
    rank = s.IntegerField(allow_null=True)
    of = s.IntegerField()
    peer_group = s.CharField()
    veto = s.BooleanField()
    workload = s.IntegerField()
    active_days = s.IntegerField()
    not_ranked = maybe()


class Indicator(s.Serializer):
    """A row of the sheet; points null: not applicable."""

    code = s.CharField()
    name = s.CharField()
    numerator = s.IntegerField(allow_null=True)
    denominator = s.IntegerField(allow_null=True)
    value = s.FloatField(allow_null=True)
    weight = s.FloatField(allow_null=True)
    points = s.FloatField(allow_null=True)
    formula = s.CharField()
    evidence = maybe()


class Adjustment(s.Serializer):
    """A deduction or bonus after every cap."""

    id = s.IntegerField()
    code = s.CharField()
    name = s.CharField()
    points = s.FloatField()
    cause = s.CharField()
    link = maybe()


class ScoreDetail(ScoreRow):
    """Why a score is what it is: the points of all rows add up to it."""

    period = s.CharField()
    provisional = s.BooleanField()
    revision = s.IntegerField()
    reason = s.CharField()
    indicator_points = s.FloatField(allow_null=True)
    bonus = s.FloatField()
    deductions = s.FloatField()
    plain_mean = s.FloatField(allow_null=True)
    peer_median = s.FloatField(allow_null=True)
    indicators = Indicator(many=True)
    adjustments = Adjustment(many=True)


class Evidence(s.Serializer):
    """One order or record behind an indicator."""

    number = s.CharField()
    moment = moment()
    in_numerator = s.BooleanField()
    why = s.CharField()
    link = maybe()


class Weights(s.Serializer):
    """Weights by indicator; those not named stay. They add up to 100."""

    weights = s.DictField(child=s.FloatField())


class Moved(s.Serializer):
    """A grid under other weights."""

    id = s.IntegerField()
    area = Coded()
    peer_group = s.CharField()
    score = s.FloatField()
    rank = s.IntegerField()
    of = s.IntegerField()
    score_before = s.FloatField()
    rank_before = s.IntegerField()
    change = s.IntegerField()


class NewAppeal(s.Serializer):
    """One item, and the order where it has several."""

    item = s.CharField(help_text="Code of an indicator, deduction or bonus")
    order = s.CharField(required=False)
    adjustment = s.IntegerField(required=False)
    reason = s.CharField()


class Ruling(s.Serializer):
    """The decision."""

    uphold = s.BooleanField()
    answer = s.CharField()


class AskAgain(s.Serializer):
    """Why the first answer is wrong."""

    reason = s.CharField()


class Appeal(s.Serializer):
    """An appeal and what came of it."""

    id = s.IntegerField()
    score = s.IntegerField()
    item = s.CharField()
    order = maybe()
    reason = s.CharField()
    state = s.ChoiceField(AppealState.choices)
    by = PersonName()
    at = s.DateTimeField()
    answer_due = s.DateTimeField()
    first_answer = s.CharField()
    second_answer = s.CharField()
    revision = s.IntegerField(allow_null=True, help_text="The run an upheld appeal led to")
    evidence = maybe()
