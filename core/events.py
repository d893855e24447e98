"""What happened, for ever: append-only events, each sealed by a hash over itself and the one before it.

A chain belongs to one subject (`chain_field`, for instance "order_id"): sequence 1, 2, 3 … and the hash of the
previous row. The database refuses UPDATE, DELETE and TRUNCATE; `verify` finds what was changed behind its back.
"""

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.inserting import insert

GENESIS = ""
_EXACT = 2**53


class Event(models.Model):
    """One thing that happened. Actor name, role and area name are kept as they were then."""

    chain_field: str | None = None

    kind = models.CharField(_("kind"), max_length=40)
    at = models.DateTimeField(_("at"))
    recorded_at = models.DateTimeField(_("recorded at"), default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("actor"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,  # a model that is asked "what did this person do" declares the index its question needs
    )
    actor_name = models.CharField(_("actor's name"), max_length=80, blank=True)
    actor_role = models.CharField(_("actor's role"), max_length=40, blank=True)
    area_name = models.CharField(_("area"), max_length=120, blank=True)
    before = models.CharField(_("before"), max_length=40, blank=True)
    after = models.CharField(_("after"), max_length=40, blank=True)
    data = models.JSONField(_("data"), default=dict, encoder=DjangoJSONEncoder)
    sequence = models.PositiveIntegerField(_("sequence"))
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        abstract = True

    def seal(self, previous_hash: str, sequence: int) -> "Event":
        """Give the event its place in the chain and its hash; call it last, before the one INSERT."""
        self.data = json.loads(json.dumps(self.data, cls=DjangoJSONEncoder))
        self.previous_hash, self.sequence = previous_hash, sequence
        self.hash = self.digest()
        return self

    def digest(self) -> str:
        """The hash this row should have, from its fields."""
        return digest({name: getattr(self, name) for name in self.sealed_fields()})

    @classmethod
    def sealed_fields(cls) -> tuple[str, ...]:
        """The attribute names the hash is made from: all columns but the number of the row and the hash itself."""
        names = cls.__dict__.get("_sealed_fields")
        if names is None:
            names = tuple(
                field.attname for field in cls._meta.concrete_fields if not field.primary_key and field.name != "hash"
            )
            cls._sealed_fields = names
        return names

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert; an event that is already stored is never written again."""
        if not self._state.adding:
            raise TypeError("an event is written once and never changed")
        insert(self)

    def delete(self, *args: Any, **kwargs: Any) -> None:
        """Refused: history is not deleted."""
        raise TypeError("an event is never deleted")


@dataclass(frozen=True)
class Problem:
    """One flaw in a chain: `what` is "sequence", "link" or "hash"."""

    pk: Any
    chain: Any
    sequence: int
    at: dt.datetime
    what: str

    def __str__(self) -> str:
        return f"{self.chain}/{self.sequence} (row {self.pk}, {self.at:%Y-%m-%d}): {self.what}"


def digest(values: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical JSON of the values, `previous_hash` among them; None is left out.

    For bulk loads that write rows without making objects: the keys are those of `Event.sealed_fields()`.
    """
    canonical = {name: _plain(value) for name, value in values.items() if value is not None}
    text = json.dumps(canonical, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def verify(rows: Iterable[Event]) -> Iterator[Problem]:
    """Check chains and yield every flaw. The rows come ordered by chain, then by sequence."""
    chain, sequence, previous = object(), 0, GENESIS
    for row in rows:
        own = getattr(row, row.chain_field) if row.chain_field else None
        if own != chain:
            chain, sequence, previous = own, 0, GENESIS
        sequence += 1
        if row.sequence != sequence:
            yield Problem(row.pk, own, row.sequence, row.at, "sequence")
            sequence = row.sequence
        if row.previous_hash != previous:
            yield Problem(row.pk, own, row.sequence, row.at, "link")
        if row.hash != row.digest():
            yield Problem(row.pk, own, row.sequence, row.at, "hash")
        previous = row.hash


def refuse_changes_sql(table: str) -> tuple[str, str]:
    """Forward and reverse SQL for a migration that makes a table append-only."""
    forward = f"""
        CREATE OR REPLACE FUNCTION core_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
        END $$;
        CREATE TRIGGER {table}_refuse_change BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
        CREATE TRIGGER {table}_refuse_truncate BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
    """
    reverse = f"""
        DROP TRIGGER IF EXISTS {table}_refuse_change ON {table};
        DROP TRIGGER IF EXISTS {table}_refuse_truncate ON {table};
    """
    return forward, reverse


def _plain(value: Any) -> Any:
    """A value as JSON writes it, equal before and after a stay in the database."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="microseconds")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (str, Promise, Decimal, uuid.UUID)):
        return str(value)
    if isinstance(value, (int, float)):
        # jsonb keeps 1.0 as 1.0 and 1e20 as twenty digits: write every number in one way
        whole = abs(value) < _EXACT and value == int(value)
        return int(value) if whole else repr(float(value))
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    raise TypeError(f"an event cannot hold a {type(value).__name__}")
