"""Photos of an order: re-encoded, without EXIF, under a random name."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Attachment(models.Model):
    """One photo. The files live under MEDIA_ROOT and are served only through the doors, after `visible_to`."""

    class Kind(models.TextChoices):
        REPORT = "report", _("At the report")
        BEFORE = "before", _("Before")
        AFTER = "after", _("After")
        OTHER = "other", _("Other")

    order = models.ForeignKey("WorkOrder", models.PROTECT, related_name="attachments")
    kind = models.CharField(_("kind"), max_length=6, choices=Kind.choices)
    key = models.CharField(max_length=32, unique=True, help_text=_("Random name of the files"))
    sha256 = models.CharField(max_length=64, help_text=_("Of the bytes that were sent"))
    perceptual_hash = models.CharField(max_length=16)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField(help_text=_("Bytes"))
    taken_at = models.DateTimeField(null=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField()

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["order", "uploaded_at", "pk"]

    def __str__(self):
        return f"{self.order_id} {self.kind} {self.key[:8]}"
