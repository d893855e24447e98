"""Personal data at rest: encrypted fields, keyed look-up, masking, and the log of who saw what in clear."""

import base64
import datetime as dt
import functools
import hashlib
import hmac
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import FieldError
from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from core.errors import Invalid, TooMany
from core.transactions import command

REVEALS_PER_HOUR = 30

# Surnames of two characters: the mask keeps the surname whole. Source: domain §9.
_COMPOUND_SURNAMES = frozenset(
    "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 长孙 宇文 司徒 司空 夏侯 端木 百里 南宫 轩辕 呼延 申屠 "
    "澹台 公冶 宗政 濮阳"
    " 淳于 单于 太叔 仲孙 钟离 赫连 鲜于 闻人 万俟 拓跋 独孤 东郭 西门 第五 公羊 谷梁 梁丘 左丘".split()
)


# -- encryption ------------------------------------------------------------------------------------------------------


def encrypt(text: str) -> str:
    """The text as a token only this installation can read."""
    return _fernet(_secrets()).encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """The text of a token made by `encrypt`. Raises ValueError when it was made under another key or tampered with."""
    try:
        return _fernet(_secrets()).decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise ValueError("an encrypted value cannot be read with the present key") from error


def keyed_hash(value: str) -> str:
    """A hash that finds equal values and tells nobody without the key what they are (64 hex digits)."""
    return hmac.new(_derived(root_key(), "look-up"), value.encode(), hashlib.sha256).hexdigest()


def root_key() -> str:
    """The key everything here is derived from: VAULT_KEY, or one derived from SECRET_KEY. Backups carry it."""
    return getattr(settings, "VAULT_KEY", "") or _derived(settings.SECRET_KEY, "root").hex()


def _secrets() -> tuple[str, ...]:
    return (root_key(), *getattr(settings, "VAULT_KEY_FALLBACKS", ()))


@functools.lru_cache(maxsize=4)
def _fernet(secrets: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(secret, "field"))) for secret in secrets])


@functools.lru_cache(maxsize=8)
def _derived(secret: str, purpose: str) -> bytes:
    return hmac.new(secret.encode(), f"gridgov vault: {purpose}".encode(), hashlib.sha256).digest()


class EncryptedTextField(models.TextField):
    """Text that is stored encrypted. It cannot be searched: keep a `keyed_hash` beside it for that."""

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return encrypt(value) if value else value

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return decrypt(value) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is encrypted: look it up by its keyed hash")
        return super().get_lookup(lookup_name)


# -- masking: domain §9 ----------------------------------------------------------------------------------------------


def mask_name(name: str) -> str:
    """王小明 → 王*, 欧阳娜 → 欧阳*, "Li Wei" → L*."""
    name = name.strip()
    if not name:
        return ""
    return (name[:2] if len(name) > 2 and name[:2] in _COMPOUND_SURNAMES else name[:1]) + "*"


def mask_phone(phone: str) -> str:
    """13812345678 → 138****5678; shorter numbers keep their last two digits."""
    phone = phone.strip()
    if not phone:
        return ""
    if len(phone) >= 11:
        return phone[:3] + "*" * (len(phone) - 7) + phone[-4:]
    return "*" * max(len(phone) - 2, 1) + (phone[-2:] if len(phone) > 4 else "")


def mask_id(number: str, *, brief: bool = False) -> str:
    """110105********002X on detail pages; `brief`, in lists and exports, leaves only the two ends."""
    number = number.strip()
    first, last = (1, 1) if brief or len(number) < 15 else (6, 4)
    if len(number) <= first + last:
        return "*" * len(number)
    return number[:first] + "*" * (len(number) - first - last) + number[-last:]


# -- reveals ---------------------------------------------------------------------------------------------------------


class RevealLog(models.Model):
    """Who saw which masked value in clear, when and for what purpose; append-only."""

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.PROTECT, related_name="+", db_index=False
    )
    subject_kind = models.CharField(_("kind of subject"), max_length=40)
    subject_id = models.BigIntegerField(_("subject"))
    field = models.CharField(_("field"), max_length=40)
    purpose = models.CharField(_("purpose"), max_length=200)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("reveal")
        verbose_name_plural = _("reveals")
        ordering = ("-at", "-pk")
        indexes = (
            # how many in the last hour; what did this person look at
            models.Index(fields=("actor", "at"), name="reveal_actor_at"),
            # who looked at this subject
            models.Index(fields=("subject_kind", "subject_id"), name="reveal_subject"),
        )

    def __str__(self) -> str:
        return f"{self.subject_kind} {self.subject_id} {self.field}"


def reveal_allowed(user: Any, at: dt.datetime) -> None:
    """Refuse the reveal that would be one too many in the hour before `at`. Raises TooMany."""
    since = at - dt.timedelta(hours=1)
    if RevealLog.objects.filter(actor_id=user.pk, at__gt=since).count() >= REVEALS_PER_HOUR:
        raise TooMany(
            "too_many_reveals",
            _("You have looked at many personal details within the hour. Continue later."),
            limit=REVEALS_PER_HOUR,
        )


@command
def log_reveal(user: Any, *, kind: str, subject_id: int, field: str, purpose: str, at: dt.datetime) -> RevealLog:
    """Note that `user` is about to see one field in clear; the caller shows it only after this returned.

    Raises Invalid without a purpose, TooMany over the limit, which also holds for requests sent side by side.
    """
    purpose = purpose.strip()
    if not purpose or len(purpose) > 200:
        raise Invalid(errors={"purpose": [_("Say in at most 200 characters what you need it for.")]})
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('core.reveal'), %s)", [user.pk % 2**31])
    reveal_allowed(user, at)
    return RevealLog.objects.create(
        actor_id=user.pk, subject_kind=kind, subject_id=subject_id, field=field, purpose=purpose, at=at
    )
