"""What a person was told, and what went out by other channels."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Notice(models.Model):
    """One thing one person should know. The sentence is made when it is shown, in the reader's language."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices", db_index=False)
    order = models.ForeignKey("WorkOrder", models.PROTECT, null=True, related_name="+", db_index=False)
    event = models.ForeignKey("WorkOrderEvent", models.PROTECT, null=True, related_name="+", db_index=False)
    kind = models.CharField(max_length=30)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["event", "person"], name="one_notice_per_event_and_person")]
        indexes = [
            # My notices, newest first.
            models.Index(F("person"), F("id").desc(), name="notice_of_person"),
            # The unread count in the page head.
            models.Index(fields=["person"], name="notice_unread", condition=Q(read_at__isnull=True)),
        ]

    def __str__(self):
        return f"{self.person_id} {self.kind}"


class Delivery(models.Model):
    """A notice handed to a channel outside the site; sent at most once, tried until it is."""

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="deliveries", verbose_name=_("notice"))
    channel = models.CharField(_("channel"), max_length=20)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_error = models.CharField(_("last error"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["notice", "channel"], name="one_delivery_per_channel")]

    def __str__(self):
        return f"{self.notice_id} {self.channel}"
