"""A question in words that people answer in a second, asked only when very much comes in. No pictures: not all can see.

The answer does not travel: the page gets a seal that can be checked, and each seal is good for one try.
"""

import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import signing
from django.core.cache import cache
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from core import vault

GOOD_FOR = timedelta(minutes=30)
_SALT = "workorders.questions"
_FIGURES = (
    pgettext_lazy("figure", "one"),
    pgettext_lazy("figure", "two"),
    pgettext_lazy("figure", "three"),
    pgettext_lazy("figure", "four"),
    pgettext_lazy("figure", "five"),
    pgettext_lazy("figure", "six"),
    pgettext_lazy("figure", "seven"),
    pgettext_lazy("figure", "eight"),
    pgettext_lazy("figure", "nine"),
)
_CHINESE = "零一二三四五六七八九"


@dataclass(frozen=True)
class Question:
    """What is asked, in the reader's language, and the seal that goes out and comes back with the answer."""

    text: str
    seal: str


def ask(at: datetime) -> Question:
    """A new question."""
    one, other = secrets.randbelow(9) + 1, secrets.randbelow(9) + 1
    mark = secrets.token_hex(8)
    seal = signing.dumps([mark, _hash(mark, one + other), int(at.timestamp())], salt=_SALT)
    words = {"one": _FIGURES[one - 1], "other": _FIGURES[other - 1]}
    return Question(_("How much is %(one)s plus %(other)s? Write the figure.") % words, seal)


def is_answered(seal: str, answer: str, *, at: datetime) -> bool:
    """Whether this is the answer to that question, in time and for the first time."""
    try:
        mark, hashed, asked = signing.loads(seal, salt=_SALT)
    except (signing.BadSignature, ValueError):
        return False
    age = at.timestamp() - asked
    if not -60 <= age <= GOOD_FOR.total_seconds():
        return False
    given = _number(answer)
    fresh = cache.add(f"question:{mark}", 1, timeout=int(GOOD_FOR.total_seconds()) + 60)
    return bool(fresh) and given is not None and hashed == _hash(mark, given)


def _hash(mark: str, number: int) -> str:
    return vault.keyed_hash(f"question:{mark}:{number}")


def _number(text: str) -> int | None:
    """12, １２, 十二 and 一十二 are the same answer."""
    plain = unicodedata.normalize("NFKC", text).strip().rstrip("。.")
    if plain.isascii() and plain.isdigit() and len(plain) <= 3:
        return int(plain)
    if not plain or any(sign not in _CHINESE + "十" for sign in plain) or len(plain) > 3:
        return None
    tens, ten, ones = plain.partition("十")
    if not ten:
        return _CHINESE.index(plain) if len(plain) == 1 else None
    if len(tens) > 1 or len(ones) > 1 or ones == "十":
        return None
    return (_CHINESE.index(tens) if tens else 1) * 10 + (_CHINESE.index(ones) if ones else 0)
