from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.vault import EncryptedTextField, RevealLog

__all__ = ("IdempotencyKey", "Outbox", "Pulse", "RevealLog", "Revision")


class Outbox(models.Model):
    """What must be told after the commit: written with the change itself, delivered by the relay."""

    topic = models.CharField(_("topic"), max_length=80)
    payload = models.JSONField(_("payload"), default=dict)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    # The database's clock, as the relay asks by it: a web server whose clock is ahead must not delay its rows.
    next_at = models.DateTimeField(_("next attempt at"), db_default=Now())
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)
    last_error = models.TextField(_("last error"), blank=True)
    dead = models.BooleanField(_("given up"), default=False)

    class Meta:
        verbose_name = _("outbox row")
        verbose_name_plural = _("outbox rows")
        ordering = ("pk",)
        indexes = (
            # the relay: what is due, oldest first; small however long the table is
            models.Index(fields=("id",), name="outbox_waiting", condition=models.Q(done_at=None, dead=False)),
            # readyz and metrics: how many were given up
            models.Index(fields=("id",), name="outbox_dead", condition=models.Q(dead=True)),
            # tidy: what was done long ago
            models.Index(fields=("done_at",), name="outbox_done", condition=models.Q(done_at__isnull=False)),
        )

    def __str__(self) -> str:
        return f"{self.topic} #{self.pk}"


class IdempotencyKey(models.Model):
    """The first result of a request that carried a key, so that its repetition has no second effect."""

    key = models.CharField(max_length=200)
    scope = models.CharField(max_length=300)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = EncryptedTextField(default="")
    content_type = models.CharField(max_length=100, default="")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("scope", "key"), name="one_effect_per_key"),)
        # tidy: keys older than their keeping time
        indexes = (models.Index(fields=("created_at",), name="idempotency_created"),)

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"


class Revision(models.Model):
    """A number that moves whenever the rows cached under this name change."""

    name = models.CharField(primary_key=True, max_length=40)
    number = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ("name",)

    def __str__(self) -> str:
        return f"{self.name} {self.number}"


class Pulse(models.Model):
    """The last sign of life of a part of the system, for readyz."""

    name = models.CharField(_("part"), primary_key=True, max_length=40)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("sign of life")
        verbose_name_plural = _("signs of life")
        ordering = ("name",)

    def __str__(self) -> str:
        return f"{self.name} {self.at:%Y-%m-%d %H:%M:%S}"
