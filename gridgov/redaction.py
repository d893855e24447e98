"""Keeps phone numbers, identity numbers and tokens out of the logs, whoever writes them."""

import logging
import re

# Order matters: the longer shapes first, or an identity number would be cut up as a phone number.
_SHAPES = (
    # Mainland identity card: 6 of place, 8 of birth, 3 of order, check digit.
    (
        re.compile(
            r"(?<!\d)[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![\dA-Za-z])"
        ),
        "[id]",
    ),
    # Mobile phone, also with +86 and with blanks or dashes in the usual places.
    (re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)"), "[phone]"),
    # What names itself a secret: `token=…`, `"password": "…"`, `Authorization: Token …`.
    (
        re.compile(
            r"(?i)([\"']?(?:authorization|x-api-key|token|password|passwd|secret|sessionid|csrfmiddlewaretoken)[\"']?\s*[:=]\s*[\"']?)"
            r"(?:(?:token|bearer|basic)\s+)?[^\s\"'&,;}]+"
        ),
        r"\1[secret]",
    ),
    # The address a resident follows an order by is its own key.
    (re.compile(r"(/(?:t|api/v1/public/reports)/)[A-Za-z0-9_-]{10,}"), r"\1[token]"),
    # The password inside a database or broker address.
    (re.compile(r"(?i)\b([a-z][a-z0-9+]*://[^\s:/@]*:)[^\s@/]+@"), r"\1[secret]@"),
    # Anything else that is long and looks random: mixed letters and digits, 32 and more.
    (re.compile(r"(?<![\w/-])(?=[A-Za-z0-9_-]*\d)(?=[A-Za-z0-9_-]*[A-Za-z])[A-Za-z0-9_-]{32,}(?![\w-])"), "[token]"),
)


def redact(text: str) -> str:
    """The text with every personal or secret shape replaced by its kind in brackets."""
    for shape, replacement in _SHAPES:
        text = shape.sub(replacement, text)
    return text


class RedactPersonalData(logging.Filter):
    """Redacts the finished message, so that it does not matter which argument carried the number."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record in place; always let it through."""
        try:
            message = record.getMessage()
        except (TypeError, ValueError):
            message = str(record.msg)
        record.msg, record.args = redact(message), ()
        return True


class RedactingFormatter(logging.Formatter):
    """Redacts what is added after the filters ran: tracebacks show source lines and values."""

    def formatException(self, ei) -> str:  # noqa: N802 - the name is logging's
        """The traceback without personal data."""
        return redact(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 - the name is logging's
        """The stack without personal data."""
        return redact(super().formatStack(stack_info))
