import datetime as dt
import hashlib
import secrets
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.events import Event
from core.vault import EncryptedTextField
from personnel.departments import Department
from personnel.jurisdiction import JurisdictionQuerySet
from personnel.roles import Role

TOKEN_LASTS = dt.timedelta(days=30)


class UserQuerySet(models.QuerySet):
    """People, as others may see them."""

    def visible_to(self, user: Any, on: dt.date) -> "UserQuerySet":
        """Those whose post, past or present, `user` may see, and himself."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        if user.is_superuser:
            return self
        return self.filter(Q(pk=user.pk) | Q(pk__in=Post.objects.visible_to(user, on).order_by().values("person")))


class UserManager(DjangoUserManager.from_queryset(UserQuerySet)):
    """Django's, with the reads above."""


class User(AbstractUser):
    """A person with an account. Retired by is_active, never deleted."""

    class Language(models.TextChoices):
        """The languages of the product; each names itself."""

        CHINESE = "zh-hans", "简体中文"
        ENGLISH = "en", "English"

    first_name = None
    last_name = None
    name = models.CharField(_("name"), max_length=80)
    phone = EncryptedTextField(_("phone"), blank=True, default="")
    language = models.CharField(_("language"), max_length=10, choices=Language.choices, default=Language.CHINESE)
    is_demo = models.BooleanField(
        _("demo account"),
        default=False,
        help_text=_("The rules for password kinds, age and second factor do not bind it."),
    )

    objects = UserManager()

    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        """The name; there is no first and last here."""
        return self.name

    def get_short_name(self) -> str:
        """The name."""
        return self.name

    def mine(self) -> "PostQuerySet":
        """This person's posts of all times, newest first, with the areas and units they are held on."""
        return Post.objects.filter(person=self).select_related("area", "unit").order_by("-starts", "-pk")


class UnitQuerySet(models.QuerySet):
    """Units, in time."""

    def active(self, on: dt.date) -> "UnitQuerySet":
        """Units that exist on that day; half-open."""
        return self.filter(Q(ends=None) | Q(ends__gt=on), starts__lte=on)


class Unit(models.Model):
    """An office that handles orders: a department, a street office, a community committee, a command centre."""

    code = models.CharField(
        _("code"), max_length=20, unique=True, error_messages={"unique": _("This area already has such a unit.")}
    )
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=2, choices=Department.choices)
    area = models.ForeignKey("grids.Area", verbose_name=_("area"), on_delete=models.PROTECT, related_name="units")
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    starts = models.DateField(_("valid from"))
    ends = models.DateField(_("valid until (excluded)"), null=True, blank=True)

    objects = UnitQuerySet.as_manager()

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        ordering = ("code", "pk")
        constraints = (
            models.CheckConstraint(
                name="unit_ends_after_starts",
                condition=Q(ends=None) | Q(ends__gte=F("starts")),
                violation_error_message=_("A unit cannot end before it starts."),
            ),
        )

    def __str__(self) -> str:
        return self.name

    def is_active(self, on: dt.date) -> bool:
        """Whether the unit exists on that day."""
        return self.starts <= on and (self.ends is None or on < self.ends)


class PostQuerySet(JurisdictionQuerySet):
    """Posts, in time and reach."""

    area_path = ("area", "unit__area")
    own_path = "person"

    def on(self, day: dt.date) -> "PostQuerySet":
        """Posts held that day; half-open: not any more on the day they end."""
        return self.filter(Q(ends=None) | Q(ends__gt=day), starts__lte=day)

    def between(self, since: dt.date, until: dt.date) -> "PostQuerySet":
        """Posts held on at least one day of `since <= day < until`."""
        return self.filter(Q(ends=None) | Q(ends__gt=since), Q(ends=None) | Q(ends__gt=F("starts")), starts__lt=until)


class Post(models.Model):
    """A person in a role on an area or in a unit, from a day until before another."""

    person = models.ForeignKey(User, verbose_name=_("person"), on_delete=models.PROTECT, related_name="posts")
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    area = models.ForeignKey(
        "grids.Area",
        verbose_name=_("area"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="posts",
        db_index=False,
    )
    unit = models.ForeignKey(
        Unit,
        verbose_name=_("unit"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="posts",
        db_index=False,
    )
    starts = models.DateField(_("from"))
    ends = models.DateField(_("until (excluded)"), null=True, blank=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        ordering = ("-starts", "-pk")
        indexes = (
            # holders(): who holds this role on these areas; staffing figures
            models.Index(fields=("area", "role"), name="post_area_role", condition=Q(area__isnull=False)),
            # members(): who works in these units
            models.Index(fields=("unit", "role"), name="post_unit_role", condition=Q(unit__isnull=False)),
        )
        constraints = (
            models.CheckConstraint(
                name="post_area_or_unit",
                condition=Q(area__isnull=False, unit=None) | Q(area=None, unit__isnull=False),
                violation_error_message=_("A post is held either on an area or in a unit."),
            ),
            models.CheckConstraint(
                # equal days: a post that was withdrawn before it was held
                name="post_ends_after_starts",
                condition=Q(ends=None) | Q(ends__gte=F("starts")),
                violation_error_message=_("A post cannot end before it starts."),
            ),
            models.UniqueConstraint(
                fields=("person", "role", "area"),
                condition=Q(ends=None, area__isnull=False),
                name="post_held_once_on_area",
                violation_error_message=_("This person already holds this post."),
            ),
            models.UniqueConstraint(
                fields=("person", "role", "unit"),
                condition=Q(ends=None, unit__isnull=False),
                name="post_held_once_in_unit",
                violation_error_message=_("This person already holds this post."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.area or self.unit}"

    def is_held(self, on: dt.date) -> bool:
        """Whether the post is held on that day."""
        return self.starts <= on and (self.ends is None or on < self.ends)


class PostEvent(Event):
    """What happened to a post: given, ended. One chain per post. `data`: role, starts, ends, area or unit code."""

    class Kind(models.TextChoices):
        """What was done."""

        APPOINTED = "appointed", _("Appointed")
        RELIEVED = "relieved", _("Relieved")

    chain_field = "post_id"

    post = models.ForeignKey(
        Post, verbose_name=_("post"), on_delete=models.PROTECT, related_name="events", db_index=False
    )

    class Meta:
        verbose_name = _("event of a post")
        verbose_name_plural = _("events of posts")
        ordering = ("post", "sequence", "pk")
        # the history of one post, and the chain's own order
        constraints = (models.UniqueConstraint(fields=("post", "sequence"), name="post_event_sequence"),)

    def __str__(self) -> str:
        return f"{self.post_id} {self.kind}"


class ApiToken(models.Model):
    """One program's or device's way in; only a digest of the key is kept."""

    user = models.ForeignKey(User, verbose_name=_("person"), on_delete=models.CASCADE, related_name="tokens")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(_("created at"))
    expires_at = models.DateTimeField(_("expires at"))

    class Meta:
        verbose_name = _("access token")
        verbose_name_plural = _("access tokens")
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return f"{self.user_id} {self.created_at:%Y-%m-%d %H:%M}"

    @classmethod
    def issue(cls, user: User, at: dt.datetime) -> "tuple[str, ApiToken]":
        """Make a token; returns `(key, token)`. The key is shown this once and cannot be read again."""
        key = secrets.token_urlsafe(32)
        return key, cls.objects.create(user=user, digest=_digest(key), created_at=at, expires_at=at + TOKEN_LASTS)

    @classmethod
    def find(cls, key: str, at: dt.datetime) -> "ApiToken | None":
        """The valid token of an active person behind a key, with the person; one query."""
        return (
            cls.objects.select_related("user")
            .filter(digest=_digest(key), expires_at__gt=at, user__is_active=True)
            .first()
        )


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


class AdministrationEvent(Event):
    """What an administrator changed, or that somebody's pages were looked at. One chain per subject.

    subject: "unit:620105-UM", "route:17", "category:0501", "calendar:2027", "text:3", "person:42". `data` holds what
    the change was; of a look at somebody's pages `reason` and `until`, of its end `how`: left, expired, lapsed.
    """

    class Kind(models.TextChoices):
        """What was done."""

        ADDED = "added", _("Added")
        CHANGED = "changed", _("Changed")
        ENDED = "ended", _("Ended")
        VIEW_STARTED = "view_started", _("View as this person began")
        VIEW_ENDED = "view_ended", _("View as this person ended")

    chain_field = "subject"

    subject = models.CharField(_("subject"), max_length=60)

    class Meta:
        verbose_name = _("event of administration")
        verbose_name_plural = _("events of administration")
        ordering = ("subject", "sequence", "pk")
        # the history of one subject, and the chain's own order
        constraints = (models.UniqueConstraint(fields=("subject", "sequence"), name="administration_event_sequence"),)

    def __str__(self) -> str:
        return f"{self.subject} {self.kind}"
