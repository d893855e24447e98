"""Counts kept beside the orders, so that boards never read the big table. Written only by `workorders.figures`."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class CountedOrder(models.Model):
    """What of an order stands in the counts: to be taken out again when the order changes.

    version: the order's when it was counted, -1 where it must be counted anew.
    """

    order = models.OneToOneField("WorkOrder", models.PROTECT, primary_key=True, related_name="+", db_constraint=False)
    version = models.IntegerField()
    area_id = models.BigIntegerField()
    places = ArrayField(models.BigIntegerField(), help_text=_("The area and all above it"))
    category_id = models.BigIntegerField(null=True)
    unit_id = models.BigIntegerField(null=True, help_text=_("The lead"))
    reported_on = models.DateField()
    handled_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)
    on_time = models.BooleanField(null=True)
    satisfaction = models.PositiveSmallIntegerField(null=True)
    resolved = models.BooleanField(null=True)
    returned = models.BooleanField(default=False)
    reworked = models.BooleanField(default=False)
    lamp = models.CharField(max_length=9, blank=True, help_text=_("Of an open order when it was counted"))
    card = models.CharField(max_length=6, blank=True)
    turns_at = models.DateTimeField(null=True, help_text=_("When its lamp changes by itself"))

    class Meta:
        verbose_name = _("counted order")
        verbose_name_plural = _("counted orders")
        ordering = ["pk"]
        indexes = [
            # Counts by category or unit below the streets, which keep no roll-up of their own.
            models.Index(fields=["area_id", "reported_on"], name="counted_by_area"),
            # Whose lamp has changed since.
            models.Index(fields=["turns_at"], name="counted_turning", condition=Q(turns_at__isnull=False)),
            # What must be counted anew.
            models.Index(fields=["version"], name="counted_spoilt", condition=Q(version=-1)),
        ]

    def __str__(self):
        return f"{self.order_id}"


class DayCount(models.Model):
    """What happened on one day in one area, for all categories and units (0) or for one of either.

    The parts by category and by unit are kept from the streets upwards.
    """

    area_id = models.BigIntegerField()
    category_id = models.BigIntegerField(default=0)
    unit_id = models.BigIntegerField(default=0)
    day = models.DateField()
    reported = models.IntegerField(default=0)
    handled = models.IntegerField(default=0)
    timed = models.IntegerField(default=0)
    on_time = models.IntegerField(default=0)
    closed = models.IntegerField(default=0)
    returned = models.IntegerField(default=0)
    reworked = models.IntegerField(default=0)
    rated = models.IntegerField(default=0)
    satisfied = models.IntegerField(default=0)
    asked = models.IntegerField(default=0)
    resolved = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("count of a day")
        verbose_name_plural = _("counts of days")
        ordering = ["area_id", "day", "pk"]
        constraints = [
            # Also the way in: an area, one of the two parts, the days of a period.
            models.UniqueConstraint(fields=["area_id", "category_id", "unit_id", "day"], name="one_count_per_day"),
        ]
        indexes = [
            # All categories, or all units, of one area in a period.
            models.Index(fields=["area_id", "day"], name="day_count_by_category", condition=Q(category_id__gt=0)),
            models.Index(fields=["area_id", "day"], name="day_count_by_unit", condition=Q(unit_id__gt=0)),
        ]

    def __str__(self):
        return f"{self.area_id} {self.day}"


class OpenCount(models.Model):
    """What is open in one area as of the cut-off, for all categories and units (0) or for one of either."""

    area_id = models.BigIntegerField()
    category_id = models.BigIntegerField(default=0)
    unit_id = models.BigIntegerField(default=0)
    open = models.IntegerField(default=0)
    overdue = models.IntegerField(default=0)
    soon = models.IntegerField(default=0)
    paused = models.IntegerField(default=0)
    suspended = models.IntegerField(default=0)
    yellow = models.IntegerField(default=0)
    red = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("count of open orders")
        verbose_name_plural = _("counts of open orders")
        ordering = ["area_id", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["area_id", "category_id", "unit_id"], name="one_count_of_open_orders"),
        ]

    def __str__(self):
        return f"{self.area_id}"


class Cutoff(models.Model):
    """Up to when everything is counted; one row.

    floor: no event with this id or a lower one can still arrive; next_floor, next_at: the same, once two minutes
    have passed since then.
    """

    as_of = models.DateTimeField(null=True)
    floor = models.BigIntegerField(default=0)
    next_floor = models.BigIntegerField(default=0)
    next_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("cut-off")
        verbose_name_plural = _("cut-offs")
        ordering = ["pk"]

    def __str__(self):
        return f"{self.as_of}"
