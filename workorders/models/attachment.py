"""Photos of an order: re-encoded, without EXIF, under a random name."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class Attachment(models.Model):
    """One photo. The files live under MEDIA_ROOT and are served only through the doors, after `visible_to`."""

    class Kind(models.TextChoices):
        REPORT = "report", _("At the report")
        BEFORE = "before", _("Before")
        AFTER = "after", _("After")
        OTHER = "other", _("Other")

    class Shown(models.TextChoices):
        """What the resident sees of the photo, masked fields unrecognisable in any case."""

        LIMITED = "limited", _("Small")
        RELEASED = "released", _("Large")
        WITHHELD = "withheld", _("Not at all")

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
    # With defaults of the database: code of the release before goes on adding photos while hosts change over.
    shown = models.CharField(
        _("shown to the resident"),
        max_length=8,
        choices=Shown.choices,
        default=Shown.LIMITED,
        db_default=Shown.LIMITED,
    )
    masked_cells = ArrayField(
        models.PositiveSmallIntegerField(), verbose_name=_("masked fields"), default=list, db_default=[], blank=True
    )

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["order", "uploaded_at", "pk"]

    def __str__(self):
        return f"{self.order_id} {self.kind} {self.key[:8]}"
