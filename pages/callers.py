"""A caller's phone number on its way through addresses: sealed, so that no log, history or colleague reads it there.

Whoever types a number into the desk's search sends it in the body of a form; the list's address then holds a token only
this installation can open, for the person who searched, for half a day.
"""

import datetime as dt
import json
import re

from core import vault
from workorders.searching import PHONE

LASTS = dt.timedelta(hours=12)
# Numbers of orders are digits, too; they are nobody's secret and may be passed on in an address.
_ORDER = re.compile(r"20\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{6,}")


def phone_in(words: str) -> str:
    """The whole phone number somebody typed, without blanks and dashes; empty for anything else."""
    plain = re.sub(r"[\s-]", "", words)
    return plain if PHONE.fullmatch(plain) and not _ORDER.fullmatch(plain) else ""


def sealed(words: str, *, by, at: dt.datetime) -> str:
    """The token for an address."""
    return vault.encrypt(json.dumps({"words": words, "by": by.pk, "until": (at + LASTS).timestamp()}))


def opened(token: str, *, by, at: dt.datetime) -> str:
    """The number behind a token; empty when it is somebody else's, too old or none at all."""
    try:
        found = json.loads(vault.decrypt(token))
    except ValueError:
        return ""
    return found["words"] if found["by"] == by.pk and at.timestamp() < found["until"] else ""
