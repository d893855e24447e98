"""What an inspector should look at, order by order. Written only by `workorders.risks`, from the worker."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class Risk(models.Model):
    """One sign that something goes wrong with an order. The sentence is made when it is shown."""

    class Kind(models.TextChoices):
        OVERDUE = "overdue", _("Overdue")
        RETURNED = "returned", _("Returned twice")
        UNHAPPY = "unhappy", _("Handled, not satisfied")
        RUSHED = "rushed", _("Done within a minute")
        PHOTO = "photo", _("Photo used before")
        FAR = "far", _("Away from the place")
        OWN = "own", _("Own reports, own closing")
        DISPUTED = "disputed", _("To decide")
        REWORKED = "reworked", _("Reworked twice")

    order = models.ForeignKey("WorkOrder", models.PROTECT, related_name="risks", db_constraint=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    places = ArrayField(models.BigIntegerField())
    unit_id = models.BigIntegerField(null=True)
    found_at = models.DateTimeField()
    data = models.JSONField(default=dict, help_text=_("{seconds}, {metres, what}, {number}, {own, reports, sampled}"))

    class Meta:
        verbose_name = _("risk")
        verbose_name_plural = _("risks")
        ordering = ["kind", "order", "pk"]
        constraints = [models.UniqueConstraint(fields=["order", "kind"], name="one_risk_of_a_kind_per_order")]
        indexes = [
            # The list and the figure of one kind.
            models.Index(fields=["kind", "order"], name="risk_by_kind"),
        ]

    def __str__(self):
        return f"{self.order_id} {self.kind}"
