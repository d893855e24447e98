"""The result of a run: scores, the indicators they are made of, and what was added and deducted."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from assessment.models.run import READERS, Run
from assessment.vocabulary import Fact, NotRanked, RunStatus, ScoreLevel
from core import clock
from personnel.jurisdiction import JurisdictionQuerySet, lies_in, standing_of
from personnel.roles import Role

# Whoever holds one of these over a grid may see its officers by name.
NAMED_TO = (
    Role.ASSESSOR, Role.CLERK, Role.CHIEF, Role.INSTRUCTOR, Role.MANAGER, Role.INSPECTOR, Role.DUTY_LEADER,
    Role.AUDITOR,
)  # fmt: skip


class ScoreQuerySet(JurisdictionQuerySet):
    def visible_to(self, user, on):
        """One's own score; areas and their officers by posts on areas; units by posts in them. Before publication
        only assessors see a month that is over. A person's score is shown to nobody by a post on the grid alone."""
        if not getattr(user, "is_authenticated", False) or not user.is_active:
            return self.none()
        standing = standing_of(user, on)
        if standing.is_superuser:
            return self
        assess = {post.area_id for post in standing.posts if post.role in READERS and post.area_id}
        lead = {post.area_id for post in standing.posts if post.role in NAMED_TO and post.area_id}
        open_to_all = Q(run__status=RunStatus.PUBLISHED) | Q(run__provisional=True, run__simulated=False)
        mine = Q(officer_id=user.pk) | Q(unit_id__in=sorted(standing.unit_ids))
        seen = open_to_all & (mine | self._of_areas(standing.area_ids - lead, named=False) | self._of_areas(lead))
        return self.filter(seen | self._of_areas(assess))

    @staticmethod
    def _of_areas(area_ids, named: bool = True) -> Q:
        if not area_ids:
            return Q(pk__in=())
        found = lies_in("area__in", area_ids)
        return found if named else found & Q(officer__isnull=True)

    def current(self):
        """Scores of published runs that no later published revision replaced."""
        return self.filter(run__in=Run.objects.current().order_by().values("pk"))

    def on_today(self, user):
        """`visible_to` today, for templates and shells."""
        return self.visible_to(user, clock.today())


class Score(models.Model):
    """What one grid, officer, unit, community, street or district got. Points are exact to 0.01.

    A run writes scores, rows and charges from what it has just read, and frozen they never change: the database does
    not look up every reference again (tens of thousands a run); deleting what they refer to is refused by Django.
    """

    run = models.ForeignKey("Run", models.CASCADE, related_name="scores", db_index=False, db_constraint=False)
    level = models.CharField(max_length=9, choices=ScoreLevel.choices)
    area = models.ForeignKey(
        "grids.Area", models.PROTECT, related_name="+", db_index=False, db_constraint=False,
        help_text=_("Itself; of an officer the grid held longest, of a unit the area of the unit"),
    )  # fmt: skip
    unit = models.ForeignKey(
        "personnel.Unit", models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    name = models.CharField(max_length=120, help_text=_("As it was then"))
    code = models.CharField(max_length=20)
    community_id = models.BigIntegerField(null=True)
    street_id = models.BigIntegerField(null=True)
    district_id = models.BigIntegerField(null=True)
    peer_group = models.CharField(max_length=20, blank=True)
    active_days = models.PositiveSmallIntegerField(default=0)
    workload = models.PositiveIntegerField(default=0, help_text=_("Orders counted"))
    why_not = models.CharField(max_length=10, choices=NotRanked.choices, blank=True)
    indicator_points = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    bonus = models.DecimalField(max_digits=6, decimal_places=2, default=0)
    deductions = models.DecimalField(max_digits=6, decimal_places=2, default=0)
    score = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    plain_mean = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    veto = models.BooleanField(default=False)
    grade = models.CharField(max_length=20, blank=True)
    rank = models.PositiveIntegerField(null=True)
    of = models.PositiveIntegerField(default=0)
    mirrors = models.ForeignKey(
        "self", models.CASCADE, null=True, related_name="+", db_index=False, db_constraint=False,
        help_text=_("The grid score it is equal to"),
    )  # fmt: skip
    values = ArrayField(
        models.IntegerField(null=True), default=list, help_text=_("Value × 10 000 of each indicator, for what-if")
    )

    objects = ScoreQuerySet.as_manager()

    class Meta:
        verbose_name = _("score")
        verbose_name_plural = _("scores")
        ordering = ["run", "level", "rank", "code", "pk"]
        constraints = [models.UniqueConstraint(fields=["run", "level", "code"], name="score_once")]
        indexes = [
            # A ranking.
            models.Index(F("run"), F("level"), F("peer_group"), F("rank"), name="score_ranking"),
            # One grid's last months.
            models.Index(fields=["area", "level"], name="score_of_area"),
            # My own scores.
            models.Index(fields=["officer"], name="score_of_officer", condition=Q(officer__isnull=False)),
        ]

    def __str__(self):
        return f"{self.level} {self.code} {self.score}"


class ScoreItem(models.Model):
    """One explained row: an indicator with its figures, or, of a roll-up, one part with what it contributes."""

    score = models.ForeignKey(Score, models.CASCADE, related_name="items", db_constraint=False)
    code = models.CharField(max_length=20)
    position = models.PositiveSmallIntegerField()
    part = models.ForeignKey(
        Score, models.CASCADE, null=True, related_name="+", db_index=False, db_constraint=False,
        help_text=_("The score that counts here"),
    )  # fmt: skip
    numerator = models.IntegerField(null=True)
    denominator = models.IntegerField(null=True)
    rate = models.DecimalField(max_digits=9, decimal_places=4, null=True)
    value = models.DecimalField(max_digits=9, decimal_places=4, null=True)
    weight = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    points = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    details = models.JSONField(default=dict, help_text=_("Numbers the formula shows besides: target, months, levels"))

    class Meta:
        verbose_name = _("explained row")
        verbose_name_plural = _("explained rows")
        ordering = ["score", "position", "pk"]

    def __str__(self):
        return f"{self.score_id} {self.code}"


class Charge(models.Model):
    """One deduction or bonus as a run applied it: `points` after every cap, `full` before. Limits are rows too."""

    score = models.ForeignKey(Score, models.CASCADE, related_name="charges", db_constraint=False)
    code = models.CharField(max_length=10)
    fact = models.CharField(max_length=10, choices=Fact.choices)
    full = models.DecimalField(max_digits=6, decimal_places=2)
    points = models.DecimalField(max_digits=6, decimal_places=2)
    cause = models.JSONField(default=dict, help_text=_("What the sentence is made of"))
    order = models.ForeignKey(
        "workorders.WorkOrder", models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    adjustment = models.ForeignKey(
        "Adjustment", models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("applied deduction or bonus")
        verbose_name_plural = _("applied deductions and bonuses")
        ordering = ["score", "code", "at", "pk"]

    def __str__(self):
        return f"{self.score_id} {self.code} {self.points}"
