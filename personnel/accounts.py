"""Accounts: which passwords are good enough. Source: domain §9."""

import string
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

KINDS_NEEDED = 3


class PasswordKindsValidator:
    """At least three of small letters, capital letters, digits and other signs. Demo accounts are not bound."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError `password_too_plain`."""
        if getattr(user, "is_demo", False):
            return
        if len(kinds_of(password)) < KINDS_NEEDED:
            raise ValidationError(self.get_help_text(), code="password_too_plain")

    def get_help_text(self) -> str:
        """The rule, as the person who chooses a password reads it."""
        return _("Use at least three of: small letters, capital letters, digits, other signs.")


def kinds_of(password: str) -> set[str]:
    """Which of "lower", "upper", "digit", "other" occur. Letters of other scripts are other signs."""
    kinds = (("lower", string.ascii_lowercase), ("upper", string.ascii_uppercase), ("digit", string.digits))
    return {next((kind for kind, signs in kinds if sign in signs), "other") for sign in password}
