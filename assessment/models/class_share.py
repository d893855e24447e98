"""The share of class M in a street's workload, fixed for a quarter."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ClassShare(models.Model):
    """One street in one quarter, written down when the quarter is first assessed and never changed."""

    quarter = models.CharField(_("quarter"), max_length=7, help_text=_("For instance 2026-Q4"))
    street = models.ForeignKey("grids.Area", models.PROTECT, related_name="+", db_index=False)
    management = models.PositiveIntegerField(help_text=_("Orders of class M in the quarter before"))
    orders = models.PositiveIntegerField(help_text=_("All its orders"))

    class Meta:
        verbose_name = _("class share")
        verbose_name_plural = _("class shares")
        constraints = [models.UniqueConstraint(fields=["quarter", "street"], name="class_share_once")]

    def __str__(self):
        return f"{self.quarter} {self.street_id}"
