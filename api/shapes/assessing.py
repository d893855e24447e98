"""What assessors work with: scheme versions, items by hand, records, quarters and years."""

from rest_framework import serializers as s

from api.shapes.common import Coded, PersonName, maybe, moment
from assessment.vocabulary import CareLevel, RecordKind


class ChangedVersion(s.Serializer):
    """The whole body of a version; docs/assessment.md says what stands in it."""

    body = s.DictField()
    note = s.CharField(required=False)


class NewVersion(ChangedVersion):
    """The names count for a scheme that begins."""

    name = s.CharField(required=False)
    name_en = s.CharField(required=False)


class Simulate(s.Serializer):
    """A month that is over, and the area where several are assessed."""

    period = s.CharField(help_text="2026-10")
    area = s.CharField(required=False)


class Approve(s.Serializer):
    """The month from which the version holds; the second approval needs none."""

    in_force_from = s.CharField(required=False, help_text="2026-12")


class Difference(s.Serializer):
    """One member that differs; before or after is null where it is missing."""

    path = s.CharField(help_text="indicators.M05.weight")
    before = s.JSONField(allow_null=True)
    after = s.JSONField(allow_null=True)


class Band(s.Serializer):
    """How many scores lie in ten points."""

    def get_fields(self) -> dict:
        """`from` is a word of Python."""
        return {"from": s.IntegerField(), "count": s.IntegerField()}


class Spread(s.Serializer):
    """How scores lie."""

    count = s.IntegerField()
    lowest = s.FloatField(allow_null=True)
    median = s.FloatField(allow_null=True)
    highest = s.FloatField(allow_null=True)
    bands = Band(many=True)


class GradeCount(s.Serializer):
    """How many have a grade."""

    code = s.CharField()
    before = s.IntegerField()
    after = s.IntegerField()


class Change(s.Serializer):
    """A grid whose place changed."""

    id = s.IntegerField()
    area = Coded()
    peer_group = s.CharField()
    score_before = s.FloatField(allow_null=True)
    score = s.FloatField(allow_null=True)
    rank_before = s.IntegerField(allow_null=True)
    rank = s.IntegerField(allow_null=True)
    change = s.IntegerField(help_text="Places won or lost")


class Comparison(s.Serializer):
    """A run beside the one it is compared with."""

    base = s.IntegerField()
    before = Spread()
    after = Spread()
    grades = GradeCount(many=True)
    moved = Change(many=True)


# -- items by hand, records, spans ----------------------------------------------------------------------------------


class NewManualItem(s.Serializer):
    """An item for one grid and month."""

    period = s.CharField(help_text="2026-10")
    area = s.CharField(help_text="Code of the grid")
    code = s.CharField(help_text="K08, B03, V02 …")
    variant = s.CharField(required=False, help_text="The case, where the item has several")
    count = s.IntegerField(required=False, help_text="1–20")
    cause = s.CharField()
    officer = s.IntegerField(required=False)
    order = s.CharField(required=False)
    evidence = s.FileField(required=False)


class ManualItem(s.Serializer):
    """An item by hand and what was done with it."""

    id = s.IntegerField()
    period = s.CharField()
    area = Coded()
    officer = PersonName(allow_null=True)
    code = s.CharField()
    variant = s.CharField()
    count = s.IntegerField()
    cause = s.CharField()
    order = maybe()
    evidence = maybe()
    entered_by = PersonName()
    entered_at = s.DateTimeField()
    confirmed_by = PersonName(allow_null=True)
    confirmed_at = moment()
    withdrawn_by = PersonName(allow_null=True)
    withdrawn_at = moment()


class Reason(s.Serializer):
    """Why something is taken back."""

    reason = s.CharField()


class CorrectedRecord(s.Serializer):
    """What came of a record."""

    done = s.BooleanField()
    done_on = s.DateField(required=False)
    level = s.CharField(required=False, help_text=", ".join(CareLevel.values))
    officer = s.CharField(required=False, help_text="The account")
    order = s.CharField(required=False)
    note = s.CharField(required=False)


class NewRecord(CorrectedRecord):
    """One thing that was due; the members are the columns of a file."""

    kind = s.CharField(help_text=", ".join(RecordKind.values))
    area = s.CharField(help_text="Code of the grid")
    on = s.DateField()
    key = s.CharField()


class FactRecord(s.Serializer):
    """One thing that was due, and what came of it."""

    id = s.IntegerField()
    kind = s.CharField(help_text=", ".join(RecordKind.values))
    area = Coded()
    on = s.DateField()
    done = s.BooleanField()
    done_on = s.DateField(allow_null=True)
    provisional = s.BooleanField()
    level = s.CharField(allow_null=True, help_text=", ".join(CareLevel.values))
    officer = maybe()
    order = maybe()
    key = s.CharField()
    note = s.CharField()


class RecordFile(s.Serializer):
    """A table with the heads of the template."""

    file = s.FileField()
    dry = s.BooleanField(required=False, help_text="Say what would happen, write nothing")


class ImportedRecords(s.Serializer):
    """What an import did or would do."""

    dry = s.BooleanField()
    created = s.IntegerField()
    changed = s.IntegerField()
    unchanged = s.IntegerField()


class RollUp(s.Serializer):
    """A quarter or a year, and the area where several are assessed."""

    period = s.CharField(help_text="2026-Q4 or 2026")
    area = s.CharField(required=False)


class NewReview(s.Serializer):
    """What leaders, peers and residents give, 0 to 100 each."""

    year = s.IntegerField()
    area = s.CharField(help_text="Code of the grid")
    officer = s.IntegerField(required=False)
    leaders = s.FloatField()
    peers = s.FloatField()
    residents = s.FloatField()


class AnnualReview(s.Serializer):
    """An annual review."""

    id = s.IntegerField()
    year = s.IntegerField()
    area = Coded()
    officer = PersonName(allow_null=True)
    leaders = s.FloatField()
    peers = s.FloatField()
    residents = s.FloatField()
    entered_at = s.DateTimeField()
