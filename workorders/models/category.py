"""The taxonomy of problems, the working calendar's odd days, and who handles what where."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from workorders.vocabulary import Difficulty, Urgency


class Category(models.Model):
    """A major (two digits) or a minor (four digits) kind of problem; orders carry minors."""

    class Klass(models.TextChoices):
        MANAGEMENT = "M", _("Management")
        SERVICE = "S", _("Service")

    class SelfRule(models.TextChoices):
        ALWAYS = "Y", _("Handled by the officer")
        TRIES_FIRST = "T", _("The officer tries first")
        NEVER = "N", _("Reported at once")

    class DayKind(models.TextChoices):
        HOLIDAY = "holiday", _("Day off")
        MAKEUP = "makeup_workday", _("Make-up workday")

    code = models.CharField(_("code"), max_length=4, unique=True)
    name = models.CharField(_("name"), max_length=60)
    name_en = models.CharField(_("English name"), max_length=80)
    initials = models.CharField(_("pinyin initials"), max_length=60, blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="minors", verbose_name=_("major")
    )
    klass = models.CharField(_("class"), max_length=1, choices=Klass.choices, blank=True)
    difficulty = models.PositiveSmallIntegerField(
        _("difficulty"), choices=Difficulty.choices, default=Difficulty.SIMPLE
    )
    urgency = models.CharField(_("urgency"), max_length=9, choices=Urgency.choices, default=Urgency.NORMAL)
    stages = models.JSONField(
        _("limits"), default=list, help_text=_("[{kind, amount, unit}], the last one is handling")
    )
    lead = models.CharField(_("lead department"), max_length=4, blank=True)
    self_rule = models.CharField(_("self-handling"), max_length=1, choices=SelfRule.choices, default=SelfRule.NEVER)
    self_limit = models.JSONField(_("own time of the officer"), null=True, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["code"]

    def __str__(self):
        return f"{self.code} {self.label}"

    @property
    def label(self) -> str:
        """The name in the reader's language."""
        return self.name if (get_language() or "zh").startswith("zh") else self.name_en

    @property
    def is_minor(self) -> bool:
        """Whether orders may carry it."""
        return self.parent_id is not None


class Holiday(models.Model):
    """A day off, or a Saturday or Sunday worked in exchange; other days follow the week."""

    date = models.DateField(_("date"), unique=True)
    kind = models.CharField(_("kind"), max_length=14, choices=Category.DayKind.choices)
    name = models.CharField(_("name"), max_length=40)

    class Meta:
        verbose_name = _("calendar day")
        verbose_name_plural = _("calendar days")
        ordering = ["date"]

    def __str__(self):
        return f"{self.date} {self.name}"


class Route(models.Model):
    """In this area, problems of this category go to this unit; the nearest area and the finer category win."""

    category = models.ForeignKey(
        Category, models.PROTECT, null=True, blank=True, related_name="routes", verbose_name=_("category")
    )
    area = models.ForeignKey("grids.Area", models.PROTECT, related_name="+", verbose_name=_("area"))
    unit = models.ForeignKey("personnel.Unit", models.PROTECT, related_name="routes", verbose_name=_("unit"))
    starts = models.DateField(_("starts"))
    ends = models.DateField(_("ends"), null=True, blank=True)

    class Meta:
        verbose_name = _("route")
        verbose_name_plural = _("routing table")
        ordering = ["area", "category", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends__isnull=True) | models.Q(ends__gt=models.F("starts")),
                name="route_ends_after_starts",
                violation_error_message=_("A route must end after it starts."),
            )
        ]

    def __str__(self):
        return f"{self.area_id} {self.category_id} → {self.unit_id}"
