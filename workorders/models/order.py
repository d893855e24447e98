"""The work order: its present state on one row, so that lists and lamps need no second table."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.vault import EncryptedTextField
from grids.levels import Level
from personnel.jurisdiction import JurisdictionQuerySet, standing_of
from workorders.models.reach import area_condition, visible_condition
from workorders.vocabulary import FINAL, PHASE_OF, Card, ClockKind, Difficulty, Source, Status, Urgency

_CLOSED_BOOKS = sorted(str(status) for status in FINAL)


def _copy_of_area(verbose_name):
    """A copy of an ancestor of `area`, kept so that a subtree is one indexed column; `commands.places` maintains it."""
    return models.ForeignKey(
        "grids.Area",
        models.PROTECT,
        null=True,
        db_index=False,
        db_constraint=False,
        related_name="+",
        editable=False,
        verbose_name=verbose_name,
    )


class OrderQuerySet(JurisdictionQuerySet):
    def visible_to(self, user, on):
        """The orders this person may see that day; superusers see all. See `workorders.models.reach`."""
        if not getattr(user, "is_authenticated", False) or not user.is_active:
            return self.none()
        standing = standing_of(user, on)
        return self if standing.is_superuser else self.filter(visible_condition(standing))

    def open(self):
        """Orders on which somebody still has to act."""
        return self.exclude(status__in=FINAL)

    def overdue(self, at):
        """Open orders whose present clock has run out."""
        return self.open().filter(due_at__lt=at, clock_paused=False)

    def within(self, area_id: int):
        """Orders located in the area or below it."""
        return self.filter(area_condition(area_id))


class WorkOrder(models.Model):
    """A problem on its way from report to close. Written only by `workorders.commands`."""

    number = models.CharField(_("number"), max_length=20, unique=True)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.REPORTED)
    level = models.CharField(_("responsible level"), max_length=9, choices=Level.choices)

    area = models.ForeignKey(
        "grids.Area", models.PROTECT, related_name="orders", db_index=False, verbose_name=_("area")
    )
    community = _copy_of_area(_("community"))
    street = _copy_of_area(_("street"))
    district = _copy_of_area(_("district"))
    city = _copy_of_area(_("city"))
    lon = models.FloatField(_("longitude"), null=True, blank=True)
    lat = models.FloatField(_("latitude"), null=True, blank=True)
    fix = models.JSONField(
        _("position of the phone"), null=True, blank=True, help_text=_("{lon, lat, accuracy}: where the phone was")
    )
    address = models.CharField(_("address"), max_length=200, blank=True)

    category = models.ForeignKey(
        "Category", models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("category")
    )
    reported_category = models.ForeignKey(
        "Category",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("category at the report"),
    )
    suggestion = models.JSONField(
        _("suggestion"), null=True, blank=True, help_text=_("What the routing table proposed: {unit, reason}")
    )
    title = models.CharField(_("title"), max_length=120)
    description = models.TextField(_("description"), max_length=4000)
    source = models.CharField(_("source"), max_length=10, choices=Source.choices)
    external_id = models.CharField(_("external id"), max_length=80, blank=True)
    urgency = models.CharField(_("urgency"), max_length=9, choices=Urgency.choices, default=Urgency.NORMAL)
    difficulty = models.PositiveSmallIntegerField(
        _("difficulty"), choices=Difficulty.choices, default=Difficulty.SIMPLE
    )

    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("reporter"),
    )
    reporter_name = EncryptedTextField(_("reporter's name"), blank=True)
    reporter_phone = EncryptedTextField(_("reporter's phone"), blank=True)
    reporter_name_masked = models.CharField(_("reporter's name, masked"), max_length=40, blank=True)
    reporter_phone_masked = models.CharField(_("reporter's phone, masked"), max_length=20, blank=True)
    reporter_phone_hash = models.CharField(_("reporter's phone, hashed"), max_length=64, blank=True)

    occurred_at = models.DateTimeField(_("happened at"), null=True, blank=True)
    reported_at = models.DateTimeField(_("reported at"))
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    dispatched_at = models.DateTimeField(_("dispatched at"), null=True, blank=True)
    signed_at = models.DateTimeField(_("signed at"), null=True, blank=True)
    fed_back_at = models.DateTimeField(_("fed back at"), null=True, blank=True)
    checked_at = models.DateTimeField(_("checked at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    due_at = models.DateTimeField(_("due at"), null=True, blank=True)
    due_kind = models.CharField(_("clock that is due"), max_length=8, choices=ClockKind.choices, blank=True)
    due_steps = models.JSONField(
        _("how it became due"), default=list, help_text=_("How the due moment came about, see workorders.explained")
    )
    amber_at = models.DateTimeField(_("amber from"), null=True, blank=True)
    clock_paused = models.BooleanField(_("clock stopped"), default=False)
    timers = models.JSONField(
        _("timers"), default=list, help_text=_("[[moment, rule, clock]] still to come, earliest first")
    )
    next_timer_at = models.DateTimeField(_("next timer at"), null=True, blank=True)

    card = models.CharField(_("card"), max_length=6, choices=Card.choices, blank=True)
    lead = models.ForeignKey(
        "personnel.Unit",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("lead unit"),
    )
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text=_("The officer who handles it himself"),
        verbose_name=_("handling officer"),
    )
    follow_officer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("officer who follows"),
    )
    verify_officer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("officer who verifies"),
    )
    co_units = ArrayField(models.BigIntegerField(), default=list, blank=True, verbose_name=_("co-handling units"))
    whistled_units = ArrayField(
        models.BigIntegerField(), default=list, blank=True, verbose_name=_("units whistled for")
    )
    returned_units = ArrayField(
        models.BigIntegerField(), default=list, blank=True, verbose_name=_("units that returned it")
    )

    returns = models.PositiveSmallIntegerField(_("times returned"), default=0)
    reworks = models.PositiveSmallIntegerField(_("times reworked"), default=0)
    reopens = models.PositiveSmallIntegerField(_("times reopened"), default=0)
    revisits = models.PositiveSmallIntegerField(_("times revisited"), default=0)
    urges = models.PositiveSmallIntegerField(_("times urged"), default=0)
    extensions_granted = models.PositiveSmallIntegerField(_("extensions granted"), default=0)
    extension_pending = models.BooleanField(_("extension to decide"), default=False)
    urged_at = models.DateTimeField(_("urged at"), null=True, blank=True)
    forced = models.BooleanField(_("forced dispatch"), default=False)
    self_handled = models.BooleanField(_("settled by the officer"), default=False)
    sampled = models.BooleanField(_("in the sample"), default=False)
    suspended_until = models.DateField(_("suspended until"), null=True, blank=True)
    asked_until = models.DateTimeField(
        _("answer awaited until"), null=True, blank=True, help_text=_("While a question to the reporter is open")
    )
    reopen_requested_at = models.DateTimeField(_("asked to reopen at"), null=True, blank=True)

    satisfaction = models.PositiveSmallIntegerField(_("satisfaction"), null=True, blank=True)
    resolved = models.BooleanField(_("solved"), null=True, blank=True)
    public_answer = models.TextField(_("public answer"), blank=True)
    internal_result = models.TextField(_("internal result"), blank=True)

    main = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="twins",
        db_index=False,
        verbose_name=_("main order"),
    )
    imported = models.BooleanField(_("brought over"), default=False)
    version = models.PositiveIntegerField(_("version"), default=0, help_text=_("Number of events so far"))
    last_hash = models.CharField(_("last hash"), max_length=64, blank=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("work order")
        verbose_name_plural = _("work orders")
        ordering = ["-reported_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"],
                condition=~Q(external_id=""),
                name="order_external_id_once_per_source",
                violation_error_message=_("This source has already sent an order with this external id."),
            ),
            models.CheckConstraint(
                condition=Q(satisfaction__isnull=True) | Q(satisfaction__range=(1, 5)),
                name="order_satisfaction_1_to_5",
                violation_error_message=_("Satisfaction is a number from 1 to 5."),
            ),
            models.CheckConstraint(
                condition=Q(lon__isnull=True, lat__isnull=True) | Q(lon__isnull=False, lat__isnull=False),
                name="order_has_both_coordinates",
                violation_error_message=_("A place needs longitude and latitude."),
            ),
        ]
        indexes = [
            # The newest orders of a subtree: one index for each level a post can stand on.
            models.Index(F("area"), F("reported_at").desc(), F("id").desc(), name="order_by_area"),
            models.Index(F("community"), F("reported_at").desc(), F("id").desc(), name="order_by_community"),
            models.Index(F("street"), F("reported_at").desc(), F("id").desc(), name="order_by_street"),
            models.Index(F("district"), F("reported_at").desc(), F("id").desc(), name="order_by_district"),
            models.Index(F("city"), F("reported_at").desc(), F("id").desc(), name="order_by_city"),
            # The queue of a centre, and a status of a category inside it.
            models.Index(F("district"), F("status"), F("reported_at").desc(), F("id").desc(), name="order_queue"),
            # A category of a district: filtered lists and the figures of boards.
            models.Index(
                F("district"), F("category"), F("reported_at").desc(), F("id").desc(), name="order_by_category"
            ),
            # What I reported.
            models.Index(
                F("reporter"),
                F("reported_at").desc(),
                F("id").desc(),
                name="order_by_reporter",
                condition=Q(reporter__isnull=False),
            ),
            # What I follow or handle as an officer.
            models.Index(
                F("follow_officer"),
                F("reported_at").desc(),
                name="order_by_follower",
                condition=Q(follow_officer__isnull=False),
            ),
            # Everything, newest first (superusers, exports).
            models.Index(F("reported_at").desc(), F("id").desc(), name="order_newest"),
            # Open orders by due time: overdue lists and `ordering=due_at`.
            models.Index(
                F("district"), F("due_at"), F("id"), name="order_open_by_due", condition=~Q(status__in=_CLOSED_BOOKS)
            ),
            # What was closed since a month began, of all that was reported before it: the assessment.
            models.Index(
                F("district"),
                F("closed_at"),
                F("reported_at"),
                name="order_closed",
                condition=Q(closed_at__isnull=False),
            ),
            # The timer sweep.
            models.Index(F("next_timer_at"), name="order_timers", condition=Q(next_timer_at__isnull=False)),
            # The orders merged into one.
            models.Index(F("main"), name="order_twins", condition=Q(main__isnull=False)),
            # What residents want taken up again, the duty leader's list.
            models.Index(F("district"), name="order_reopen_requests", condition=Q(reopen_requested_at__isnull=False)),
            # A lead unit's open work, counted on boards.
            models.Index(F("lead"), F("status"), name="order_open_by_lead", condition=~Q(status__in=_CLOSED_BOOKS)),
        ]

    def __str__(self):
        return self.number

    @property
    def phase(self) -> str:
        """Which of the five phases the status belongs to."""
        return PHASE_OF[self.status]

    @property
    def is_open(self) -> bool:
        """Whether anybody still has to act on it."""
        return self.status not in FINAL
