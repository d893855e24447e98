"""The refusals of the domain: each has an HTTP status, a stable code and a message that says what to do next."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """A command was refused. `code` is stable, `data` is JSON-able, the doors translate it once."""

    status = 400
    default_code = "error"
    default_message: Any = _("The request could not be carried out.")

    def __init__(
        self,
        code: str | None = None,
        message: Any = None,
        errors: Mapping[str, Sequence[Any]] | None = None,
        **data: Any,
    ) -> None:
        self.code = code or self.default_code
        self.message = self.default_message if message is None else message
        self.errors = {field: list(messages) for field, messages in errors.items()} if errors else None
        self.data = data
        super().__init__(self.code)

    def __str__(self) -> str:
        return str(self.message)


class Invalid(DomainError):
    """What was given cannot be used; `errors` names the fields."""

    status = 400
    default_code = "invalid"
    default_message = _("Please check what you entered and send it again.")


class NotPermitted(DomainError):
    """The subject is within reach, but this step belongs to somebody else."""

    status = 403
    default_code = "not_permitted"
    default_message = _("This step belongs to another role. Ask the person who holds it.")


class NotAllowedNow(DomainError):
    """Somebody was faster, or the step is not open in the present state."""

    status = 409
    default_code = "not_allowed_now"
    default_message = _("This step is not open any more. Reload to see the present state.")


class TooLarge(DomainError):
    """The body or the file is over its limit."""

    status = 413
    default_code = "too_large"
    default_message = _("This is too large. Send a smaller file.")


class TooMany(DomainError):
    """The limit of such requests per time is used up."""

    status = 429
    default_code = "too_many"
    default_message = _("Too many requests. Wait a moment and try again.")
