"""Area codes (pure): 12-digit statistical codes, 15-digit grids, 17-digit micro-grids.

A statistical code is 2 province + 2 city + 2 district + 3 street + 3 community digits, filled up with zeros
(GB/T 2260, GB/T 10114). A grid adds a serial of 3 digits to its community, a micro-grid 2 more to its grid.
"""

from django.utils.translation import gettext as _

from core.errors import Invalid

from .levels import Level

# level -> how many leading digits carry meaning
DIGITS: dict[Level, int] = {
    Level.CITY: 4,
    Level.DISTRICT: 6,
    Level.STREET: 9,
    Level.COMMUNITY: 12,
    Level.GRID: 15,
    Level.MICRO: 17,
}
LENGTHS = (12, 15, 17)


def _bad(code: str, message: str) -> Invalid:
    return Invalid(code, message, {"code": [message]})


def check(code: str) -> str:
    """The code itself, when it is made of 12, 15 or 17 digits.

    Raises Invalid `code_not_digits`, `code_length`, `code_empty_serial`.
    """
    if not (code.isascii() and code.isdigit()):
        raise _bad("code_not_digits", _("The code “%(code)s” may hold digits only.") % {"code": code})
    if len(code) not in LENGTHS:
        raise _bad(
            "code_length",
            _("The code %(code)s has %(count)d digits; an area has 12, a grid 15, a micro-grid 17.")
            % {"code": code, "count": len(code)},
        )
    stem = code[: DIGITS[Level.COMMUNITY]]
    serial_missing = (len(code) >= 15 and code[12:15] == "000") or (len(code) == 17 and code[15:] == "00")
    if stem[:2] == "00" or serial_missing or (len(code) > 12 and stem[9:] == "000"):
        raise _bad(
            "code_empty_serial",
            _(
                "The code %(code)s has an empty part: a grid's number starts at 001, a micro-grid's at 01, and both "
                "begin with the code of a community."
            )
            % {"code": code},
        )
    return code


def is_province(code: str) -> bool:
    """Whether the code is a province's: read in files and left out, our tree begins with the city."""
    return len(code) == 12 and code.isdigit() and code[2:] == "0" * 10 and code[:2] != "00"


def level_of(code: str) -> Level:
    """The level a code speaks of, by its length and its zeros. Raises Invalid like check(), and `code_province`."""
    check(code)
    if len(code) == 17:
        return Level.MICRO
    if len(code) == 15:
        return Level.GRID
    if is_province(code):
        raise _bad(
            "code_province",
            _("%(code)s is the code of a province; the tree begins with the city.") % {"code": code},
        )
    for level in (Level.CITY, Level.DISTRICT, Level.STREET):
        digits = DIGITS[level]
        if code[digits:] == "0" * (12 - digits):
            return level
    return Level.COMMUNITY


def stem(code: str) -> str:
    """The digits that carry meaning, 620105000000 -> 620105; what codes below begin with and unit codes use."""
    return code[: DIGITS[level_of(code)]]


def begins_with(code: str, parent_code: str) -> bool:
    """Whether the code is made from the code of that parent."""
    return code.startswith(stem(parent_code))


def parent_of(code: str) -> str | None:
    """The code of the area the code was made under, None for a city: 620105006001001 -> 620105006001."""
    level = level_of(code)
    if level is Level.CITY:
        return None
    above = list(Level)[list(Level).index(level) - 1]
    return code[: DIGITS[above]].ljust(12, "0")
