"""Who asks: a token of `auth/token/`, or the browser's session."""

import copy
import datetime as dt
import hashlib
import time
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import authentication as framework
from rest_framework import exceptions

from core import clock
from personnel.models import ApiToken, User

# A person who was disabled, and a token that was taken away, are gone after at most so long in every process.
REMEMBERED_SECONDS = 3.0
MOST_REMEMBERED = 5000


@dataclass(frozen=True)
class _Remembered:
    user: User
    expires_at: dt.datetime
    looked_up: float


_remembered: dict[bytes, _Remembered] = {}


def forget_tokens() -> None:
    """Look every token up again."""
    _remembered.clear()


def _user_of(key: str, at: dt.datetime) -> User | None:
    """The person behind a key; the object belongs to the request that asked."""
    digest = hashlib.sha256(key.encode("utf-8", "replace")).digest()
    known = _remembered.get(digest)
    if known is None or time.monotonic() - known.looked_up >= REMEMBERED_SECONDS:
        looked_up = time.monotonic()
        token = ApiToken.find(key, at)
        if token is None:
            _remembered.pop(digest, None)
            return None
        if len(_remembered) >= MOST_REMEMBERED:
            _remembered.clear()
        known = _remembered[digest] = _Remembered(token.user, token.expires_at, looked_up)
    return copy.copy(known.user) if at < known.expires_at else None


class TokenAuthentication(framework.BaseAuthentication):
    """`Authorization: Token …`; a token that is unknown, expired or of a disabled person is 401."""

    def authenticate(self, request: Any) -> tuple[User, str] | None:
        """The person and the way in; None without such a header."""
        scheme, _space, key = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "token":
            return None
        user = _user_of(key.strip(), clock.now())
        if user is None:
            words = _("This token is not valid (any more). Get a new one from auth/token/.")
            raise exceptions.AuthenticationFailed(words)
        return user, "token"

    def authenticate_header(self, request: Any) -> str:
        """What a 401 asks for."""
        return "Token"


class SessionAuthentication(framework.SessionAuthentication):
    """The browser's session, with CSRF."""
