"""Orders that were split off another one, with the way there and back."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class OrderPart(models.Model):
    """One order made of a part of another. A part has one origin; an origin that is a part itself is not split."""

    origin = models.ForeignKey("WorkOrder", models.PROTECT, related_name="parts", verbose_name=_("origin"))
    part = models.OneToOneField("WorkOrder", models.PROTECT, related_name="part_of", verbose_name=_("part"))
    at = models.DateTimeField(_("split at"))

    class Meta:
        verbose_name = _("part of an order")
        verbose_name_plural = _("parts of orders")
        ordering = ["origin", "pk"]

    def __str__(self):
        return f"{self.origin_id} {self.part_id}"
