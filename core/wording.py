"""How days and moments are written in a sentence, in the reader's language. Local time, as everywhere."""

import datetime as dt
from collections.abc import Iterable, Iterator

from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from core import clock


def day(on: dt.date) -> str:
    """2026-11-21, in Chinese with the words for year, month and day. A moment is taken on its local day."""
    if isinstance(on, dt.datetime):
        on = clock.date_of(on)
    return _("%(year)d-%(month)02d-%(day)02d") % {"year": on.year, "month": on.month, "day": on.day}


def moment(at: dt.datetime) -> str:
    """2026-11-21 09:30, in Chinese with the words for year, month and day."""
    local = clock.local(at)
    return _("%(year)d-%(month)02d-%(day)02d %(hour)02d:%(minute)02d") % {
        "year": local.year,
        "month": local.month,
        "day": local.day,
        "hour": local.hour,
        "minute": local.minute,
    }


def labelled(label: str, text: str) -> str:
    """A label and what belongs to it, with the colon of the language."""
    return _("%(of)s: %(label)s") % {"of": label, "label": text}


def joined(sentences: Iterable[str]) -> str:
    """Whole sentences one after the other; a Chinese full stop brings its own space."""
    return " ".join(sentences).replace("。 ", "。")


def in_this_language(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Pieces of a file that is made while it is being sent, in the language in which the answer began."""
    language = get_language()

    def told() -> Iterator[bytes]:
        with override(language):
            yield from pieces

    return told()
