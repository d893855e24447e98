"""What the desk keeps beside the orders: leases, steps that can still be taken back, bulk work, saved views."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from personnel.roles import Role
from workorders.vocabulary import Status, WorkState


class OrderText(models.Model):
    """What can be searched in one order: its pairs of neighbouring letters as numbers, see `workorders.searching`.

    A table of its own, filled after the commit, so that making an order costs no more for it.
    """

    order = models.OneToOneField(
        "WorkOrder", models.CASCADE, primary_key=True, related_name="+", verbose_name=_("order")
    )
    grams = ArrayField(models.IntegerField(), verbose_name=_("pairs of letters"))

    class Meta:
        verbose_name = _("searchable text")
        verbose_name_plural = _("searchable texts")
        ordering = ["pk"]
        indexes = [
            # Words in orders. A short list of rows not yet sorted in: reading it is part of every search.
            GinIndex(fields=["grams"], name="order_text_grams", fastupdate=True, gin_pending_list_limit=256)
        ]

    def __str__(self):
        return str(self.order_id)


class Claim(models.Model):
    """Who is working on an order just now: a lease, renewed while the order stays open. Others may still act."""

    order = models.OneToOneField(
        "WorkOrder", models.CASCADE, primary_key=True, related_name="+", verbose_name=_("order")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False, verbose_name=_("person")
    )
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"))

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        ordering = ["pk"]
        indexes = [
            # What I hold, given up when I open another order.
            models.Index(fields=["person"], name="claim_of_person")
        ]

    def __str__(self):
        return f"{self.order_id} {self.person_id}"


class HeldMove(models.Model):
    """A step decided on at the desk that is carried out some seconds later, so that it can be taken back before."""

    order = models.ForeignKey(
        "WorkOrder", models.PROTECT, related_name="held_moves", db_index=False, verbose_name=_("order")
    )
    move = models.CharField(_("step"), max_length=20)
    given = models.JSONField(_("inputs"), default=dict)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False, verbose_name=_("person")
    )
    at = models.DateTimeField(_("decided at"))
    due_at = models.DateTimeField(_("carried out at"))
    state = models.CharField(_("state"), max_length=10, choices=WorkState.choices, default=WorkState.WAITING)
    reason = models.TextField(_("reason"), blank=True)
    seen = models.BooleanField(_("seen"), default=False)

    class Meta:
        verbose_name = _("held step")
        verbose_name_plural = _("held steps")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["order"], condition=Q(state="waiting"), name="one_held_move_per_order")
        ]
        indexes = [
            # What I can still take back, and what was refused and I have not seen.
            models.Index(
                fields=["by", "state"],
                name="held_of_person",
                condition=Q(state="waiting") | Q(state="refused", seen=False),
            )
        ]

    def __str__(self):
        return f"{self.move} {self.order_id}"


class BulkJob(models.Model):
    """One step on many orders, carried out by the worker row by row."""

    move = models.CharField(_("step"), max_length=20)
    given = models.JSONField(_("inputs"), default=dict)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False, verbose_name=_("person")
    )
    made_at = models.DateTimeField(_("made at"))
    # The worker's sign of life: a job whose worker died is taken up again.
    seen_at = models.DateTimeField(_("last progress at"), null=True)
    done_at = models.DateTimeField(_("done at"), null=True)

    class Meta:
        verbose_name = _("bulk job")
        verbose_name_plural = _("bulk jobs")
        ordering = ["pk"]
        indexes = [
            # The sweep: jobs that are not done.
            models.Index(fields=["id"], name="bulk_waiting", condition=Q(done_at__isnull=True))
        ]

    def __str__(self):
        return f"{self.move} #{self.pk}"


class BulkRow(models.Model):
    """One order of a bulk job and what became of it."""

    job = models.ForeignKey(BulkJob, models.CASCADE, related_name="rows", db_index=False, verbose_name=_("bulk job"))
    order = models.ForeignKey("WorkOrder", models.PROTECT, related_name="+", db_index=False, verbose_name=_("order"))
    state = models.CharField(_("state"), max_length=10, choices=WorkState.choices, default=WorkState.WAITING)
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        verbose_name = _("row of a bulk job")
        verbose_name_plural = _("rows of bulk jobs")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["job", "order"], name="order_once_per_bulk_job")]

    def __str__(self):
        return f"{self.job_id} {self.order_id}"


class SavedView(models.Model):
    """A filter of the queue somebody kept under a name, for oneself or for a role, a unit or an area."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views", db_index=False, verbose_name=_("owner")
    )
    name = models.CharField(_("name"), max_length=30)
    query = models.CharField(_("filter"), max_length=400)
    role = models.CharField(_("shared with the role"), max_length=20, choices=Role.choices, blank=True)
    unit = models.ForeignKey(
        "personnel.Unit",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("shared with the unit"),
    )
    area = models.ForeignKey(
        "grids.Area",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("shared in the area"),
    )
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="view_name_once_per_owner")]

    def __str__(self):
        return self.name


class StandardText(models.Model):
    """A usual sentence for notes, reasons and answers; the finer it fits an order, the earlier it is offered."""

    text = models.TextField(_("text"), max_length=500)
    category = models.ForeignKey(
        "Category", models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("category")
    )
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, blank=True)
    unit = models.ForeignKey(
        "personnel.Unit",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("unit"),
    )
    uses = models.PositiveIntegerField(_("times used"), default=0)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("standard text")
        verbose_name_plural = _("standard texts")
        ordering = [F("uses").desc(), "pk"]

    def __str__(self):
        return self.text[:40]


class AutoDispatch(models.Model):
    """A category whose filed orders go to the unit of the routing table by themselves. Off unless switched on."""

    category = models.OneToOneField("Category", models.PROTECT, related_name="+", verbose_name=_("category"))
    is_active = models.BooleanField(_("switched on"), default=False)
    note = models.CharField(_("why"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("automatic dispatch")
        verbose_name_plural = _("automatic dispatches")
        ordering = ["category"]

    def __str__(self):
        return f"{self.category} {self.is_active}"
