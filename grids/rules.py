"""What an area must look like: one place for the commands and for the files. A rule raises Invalid naming its field."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from core import wording
from core.errors import Invalid

from . import codes
from .levels import Kind, Level, kind_fits, may_stand_under

NAME_LENGTH = 80
PHONE_LENGTH = 30
MOST_PEOPLE = 100_000_000


def refuse(field: str, code: str, message: str, **data: Any) -> Invalid:
    """The refusal of one field, to be raised."""
    return Invalid(code, message, {field: [message]}, **data)


def name(text: str) -> str:
    """The name without blanks around it. Raises Invalid `name_empty`, `name_too_long`, `name_unprintable`."""
    text = text.strip()
    if not text:
        raise refuse("name", "name_empty", _("The name is empty."))
    if len(text) > NAME_LENGTH:
        raise refuse(
            "name", "name_too_long", _("The name is longer than %(count)d characters.") % {"count": NAME_LENGTH}
        )
    if not text.isprintable():
        raise refuse("name", "name_unprintable", _("The name holds a line break or another unprintable character."))
    return text


def kind(level: str, value: str) -> str:
    """The kind, when it fits the level. Raises Invalid `kind_unknown`, `kind_of_other_level`."""
    if value and value not in Kind.values:
        raise refuse(
            "kind",
            "kind_unknown",
            _("The kind “%(kind)s” is none of %(kinds)s.") % {"kind": value, "kinds": ", ".join(Kind.values)},
        )
    if kind_fits(level, value):
        return value
    if level == Level.MICRO:
        reason = _("A code of 17 digits is a micro-grid; its kind is micro.")
    elif level == Level.GRID:
        reason = _("A grid is of the kind urban, rural or dedicated; a micro-grid has a code of 17 digits.")
    else:
        reason = _("Only grids have a kind.")
    raise refuse("kind", "kind_of_other_level", reason)


def count(field: str, value: int | None) -> int | None:
    """A number of households or people. Raises Invalid `negative`, `too_many`."""
    if value is not None and value < 0:
        raise refuse(field, "negative", _("%(value)d is less than nothing.") % {"value": value})
    if value is not None and value > MOST_PEOPLE:
        raise refuse(field, "too_many", _("%(value)d is more than any area holds.") % {"value": value})
    return value


def phone(text: str) -> str:
    """The post's public number. Raises Invalid `phone_malformed`."""
    text = text.strip()
    if text and (len(text) > PHONE_LENGTH or not text.isprintable() or sum(map(str.isdigit, text)) < 3):
        raise refuse("phone", "phone_malformed", _("“%(phone)s” is no phone number.") % {"phone": text[:40]})
    return text


def level_under(level: str, parent_level: str | None) -> None:
    """Which level may stand under which (None = as a root).

    Raises Invalid `parent_missing`, `parent_of_wrong_level`.
    """
    if may_stand_under(level, parent_level):
        return
    if parent_level is None:
        raise refuse("parent_code", "parent_missing", _("A %(level)s needs a parent.") % {"level": Level(level).label})
    raise refuse(
        "parent_code",
        "parent_of_wrong_level",
        _("A %(level)s cannot stand under a %(parent)s.")
        % {"level": Level(level).label, "parent": Level(parent_level).label},
    )


def place(code: str, parent_code: str | None, parent_level: str | None) -> Level:
    """The level of the code, when an area with it may stand under that parent (None = as a root).

    Raises Invalid like codes.level_of() and level_under(), and `code_not_of_parent`.
    """
    level = codes.level_of(code)
    level_under(level, parent_level)
    if parent_code is not None and not codes.begins_with(code, parent_code):
        raise refuse(
            "parent_code",
            "code_not_of_parent",
            _("The code %(code)s does not begin with %(stem)s, the digits of its parent.")
            % {"code": code, "stem": codes.stem(parent_code)},
        )
    return level


def open_parent(parent_name: str, starts: dt.date, ends: dt.date | None, *, since: dt.date) -> None:
    """A new area needs a parent that is there and stays. Raises Invalid `parent_closed`, `parent_not_yet_open`."""
    if ends is not None:
        raise refuse(
            "parent_code",
            "parent_closed",
            _("%(parent)s was closed on %(date)s; nothing new can stand under it.")
            % {"parent": parent_name, "date": wording.day(ends)},
        )
    if since < starts:
        raise refuse(
            "parent_code",
            "parent_not_yet_open",
            _("%(parent)s exists only from %(date)s.") % {"parent": parent_name, "date": wording.day(starts)},
        )
