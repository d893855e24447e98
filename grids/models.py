"""The tree of areas and their boundaries. Written only by grids/commands.py and grids/imports."""

import datetime as dt

from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _
from mptt.managers import TreeManager
from mptt.models import MPTTModel, TreeForeignKey
from mptt.querysets import TreeQuerySet

from core.events import Event

from .levels import KINDS, Kind, Level

# `starts` of an area whose beginning the file did not tell: before every record we can hold.
LONG_AGO = dt.date(1949, 10, 1)


class AreaQuerySet(TreeQuerySet):
    """Reads of areas that have a name."""

    def active(self, on: dt.date) -> "AreaQuerySet":
        """Areas valid on that day; half-open, an area no longer counts on the day it ends."""
        return self.filter(Q(ends=None) | Q(ends__gt=on), starts__lte=on)

    def of_level(self, level: str) -> "AreaQuerySet":
        """Areas of one level."""
        return self.filter(level=level)

    def under(self, area: "Area | int") -> "AreaQuerySet":
        """The area and everything below it, by its place in the tree at the moment of the query."""
        place = Area.objects.order_by().filter(pk=getattr(area, "pk", area))
        return self.filter(
            tree_id=place.values("tree_id")[:1], lft__gte=place.values("lft")[:1], lft__lte=place.values("rght")[:1]
        )

    def above(self, area: "Area | int") -> "AreaQuerySet":
        """The area and everything it lies in, top-down."""
        place = Area.objects.order_by().filter(pk=getattr(area, "pk", area))
        return self.filter(
            tree_id=place.values("tree_id")[:1], lft__lte=place.values("lft")[:1], rght__gte=place.values("lft")[:1]
        )


class Area(MPTTModel):
    """A city, district, street, community, grid or micro-grid. Retired by an end date, never deleted.

    Codes are never reused.
    """

    code = models.CharField(
        _("code"),
        max_length=17,
        unique=True,
        error_messages={"unique": _("This code is taken; codes are never used twice.")},
    )
    name = models.CharField(_("name"), max_length=80)
    level = models.CharField(_("level"), max_length=10, choices=Level.choices)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, blank=True)
    parent = TreeForeignKey(
        "self", verbose_name=_("parent"), on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    starts = models.DateField(_("valid from"), default=LONG_AGO)
    ends = models.DateField(_("valid until (excluded)"), null=True, blank=True)
    predecessors = models.ManyToManyField(
        "self", verbose_name=_("made from"), symmetrical=False, blank=True, related_name="successors"
    )
    households = models.PositiveIntegerField(_("households"), null=True, blank=True)
    population = models.PositiveIntegerField(_("population"), null=True, blank=True)
    # The post's public number, one per grid, handed over with the post; not personal data.
    phone = models.CharField(_("phone of the post"), max_length=30, blank=True)

    objects = TreeManager.from_queryset(AreaQuerySet)()

    class MPTTMeta:
        # `level` is ours; siblings and trees stand in the order of their codes, so a rebuild is repeatable.
        level_attr = "depth"
        order_insertion_by = ("code",)

    class Meta:
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        ordering = ("tree_id", "lft", "pk")
        # Declared, though empty: without it the migration leaves out MPTT's own (tree_id, lft), which every subtree
        # query needs.
        indexes = ()
        constraints = (
            models.CheckConstraint(
                name="area_code_has_12_15_or_17_digits",
                condition=Q(code__regex=r"^[0-9]{12}([0-9]{3}([0-9]{2})?)?$"),
                violation_error_message=_("An area's code has 12 digits, a grid's 15, a micro-grid's 17."),
            ),
            models.CheckConstraint(
                name="area_ends_after_starts",
                condition=Q(ends=None) | Q(ends__gte=F("starts")),
                violation_error_message=_("An area cannot end before it starts."),
            ),
            models.CheckConstraint(
                name="area_kind_fits_level",
                condition=Q(
                    *[Q(level=level, kind__in=kinds or ("",)) for level, kinds in KINDS.items()], _connector=Q.OR
                ),
                violation_error_message=_("Only grids have a kind; micro-grids are of the kind micro."),
            ),
            models.CheckConstraint(
                name="area_only_cities_are_roots",
                condition=Q(level=Level.CITY, parent=None) | (~Q(level=Level.CITY) & Q(parent__isnull=False)),
                violation_error_message=_("Every area but a city lies in another one."),
            ),
            models.CheckConstraint(
                name="area_name_not_empty",
                condition=~Q(name=""),
                violation_error_message=_("An area needs a name."),
            ),
        )

    def __str__(self) -> str:
        return self.name

    def is_active(self, on: dt.date) -> bool:
        """Whether the area is valid on that day."""
        return self.starts <= on and (self.ends is None or on < self.ends)


class Boundary(models.Model):
    """One version of an area's outline, WGS-84. The one without an end is the current one."""

    area = models.ForeignKey(Area, verbose_name=_("area"), on_delete=models.PROTECT, related_name="boundaries")
    starts = models.DateField(_("valid from"))
    ends = models.DateField(_("valid until (excluded)"), null=True, blank=True)
    geometry = models.JSONField(_("geometry"), help_text=_("GeoJSON Polygon or MultiPolygon, longitude first."))
    wkb = models.BinaryField(_("the same outline as WKB"), editable=False)
    min_lon = models.FloatField(editable=False)
    min_lat = models.FloatField(editable=False)
    max_lon = models.FloatField(editable=False)
    max_lat = models.FloatField(editable=False)

    class Meta:
        verbose_name = _("boundary")
        verbose_name_plural = _("boundaries")
        ordering = ("area", "-starts", "pk")
        indexes = (
            # grids/locate.py: the few outlines whose box holds a point; grids/outlines.py: those near a new outline.
            GistIndex(
                Func(
                    Func(F("min_lon"), F("min_lat"), function="point"),
                    Func(F("max_lon"), F("max_lat"), function="point"),
                    function="box",
                ),
                name="boundary_box",
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("area",),
                condition=Q(ends=None),
                name="boundary_one_current_per_area",
                violation_error_message=_("The area already has a current boundary."),
            ),
            models.UniqueConstraint(
                fields=("area", "starts"),
                name="boundary_one_per_area_and_day",
                violation_error_message=_("The area already has a boundary from that day."),
            ),
            models.CheckConstraint(
                name="boundary_ends_after_starts",
                condition=Q(ends=None) | Q(ends__gt=F("starts")),
                violation_error_message=_("A boundary cannot end before it starts."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.area_id} {self.starts}"


class Spot(models.Model):
    """A place inside a grid where a sign hangs: a stairwell, a market gate, a bus stop. Retired, never deleted.

    The code is printed and typed: seven figures and two check digits (grids/spots.py). No personal data.
    """

    code = models.CharField(_("code"), max_length=9, unique=True)
    area = models.ForeignKey(Area, verbose_name=_("grid"), on_delete=models.PROTECT, related_name="spots")
    name = models.CharField(_("name"), max_length=60)
    lon = models.FloatField(_("longitude"), null=True, blank=True)
    lat = models.FloatField(_("latitude"), null=True, blank=True)
    starts = models.DateField(_("valid from"))
    ends = models.DateField(_("valid until (excluded)"), null=True, blank=True)

    class Meta:
        verbose_name = _("spot")
        verbose_name_plural = _("spots")
        ordering = ("area", "code")
        constraints = (
            models.CheckConstraint(
                name="spot_code_has_nine_digits",
                condition=Q(code__regex=r"^[0-9]{9}$"),
                violation_error_message=_("The code of a spot has nine digits."),
            ),
            models.CheckConstraint(
                name="spot_has_whole_position",
                condition=Q(lon=None, lat=None) | Q(lon__isnull=False, lat__isnull=False),
                violation_error_message=_("A position has a longitude and a latitude."),
            ),
            models.UniqueConstraint(
                fields=("area", "name"),
                condition=Q(ends=None),
                name="spot_one_name_per_area",
                violation_error_message=_("The grid already has a spot of this name."),
            ),
        )

    def __str__(self) -> str:
        return self.name

    def is_active(self, on: dt.date) -> bool:
        """Whether the sign still stands for the place that day."""
        return self.starts <= on and (self.ends is None or on < self.ends)


class AreaEvent(Event):
    """What happened to an area; an import of many is one event of no area. Chained per area."""

    class Kind(models.TextChoices):
        """What happened, and the keys of `data` that go with it.

        created {code, name, parent} · renamed {before, after} · amended {changes: {field: [before, after]}} ·
        moved {before, after: codes of parents} · split, merged {on, old, new: codes} · retired, boundary_set {on} ·
        spot_opened, spot_closed {code, name} · spot_moved {code, name, before: code of a grid} ·
        imported {what, created, updated, codes: those that existed and were changed} ·
        import_undone {what, removed: codes, restored}
        """

        CREATED = "created", _("created")
        RENAMED = "renamed", _("renamed")
        AMENDED = "amended", _("amended")
        MOVED = "moved", _("moved")
        SPLIT = "split", _("split")
        MERGED = "merged", _("merged")
        RETIRED = "retired", _("retired")
        BOUNDARY_SET = "boundary_set", _("boundary set")
        SPOT_OPENED = "spot_opened", _("spot opened")
        SPOT_CLOSED = "spot_closed", _("spot closed")
        SPOT_MOVED = "spot_moved", _("spot moved")
        IMPORTED = "imported", _("imported")
        IMPORT_UNDONE = "import_undone", _("import undone")

    chain_field = "area_id"

    area = models.ForeignKey(
        Area, verbose_name=_("area"), on_delete=models.PROTECT, null=True, related_name="events", db_index=False
    )

    class Meta:
        verbose_name = _("event of an area")
        verbose_name_plural = _("events of areas")
        ordering = ("area", "sequence", "pk")
        constraints = (
            # The history of one area in order, and the end of its chain when the next event is sealed.
            models.UniqueConstraint(fields=("area", "sequence"), name="area_event_sequence", nulls_distinct=False),
        )

    def __str__(self) -> str:
        return f"{self.area_id}/{self.sequence} {self.kind}"
