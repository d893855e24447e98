"""Words of the assessment that papers, exports, pages and API share: grades, peer groups, periods, states of a run."""

import datetime as dt
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from assessment.models import Run
from assessment.vocabulary import RunStatus

GRADES = {
    "excellent": _lazy("Excellent"),
    "good": _lazy("Good"),
    "qualified": _lazy("Qualified"),
    "unqualified": _lazy("Unqualified"),
}
GROUPS = {
    "urban": _lazy("Urban grids"),
    "rural": _lazy("Rural grids"),
    "dedicated": _lazy("Dedicated grids"),
    "micro": _lazy("Micro-grids"),
}
# Units are ranked among their kind.
UNIT_GROUPS = {
    "department": _lazy("Departments"),
    "ST": _lazy("Street offices"),
    "CO": _lazy("Community committees"),
}


def grade_words(code: str) -> str:
    """A grade in words; one a scheme made up as it is written there."""
    return str(GRADES.get(code, code))


def group_words(code: str) -> str:
    """A peer group of grids, officers or units in words; one a scheme made up as it is written there."""
    return str(GROUPS.get(code) or UNIT_GROUPS.get(code, code))


def period_words(period: str) -> str:
    """2026-10 as "October 2026" or "2026年10月"; quarters and years likewise."""
    year, _dash, rest = period.partition("-")
    if not rest:
        return _("Year %(year)s") % {"year": year}
    if rest.startswith("Q"):
        return _("Quarter %(number)s of %(year)s") % {"number": rest[1:], "year": year}
    return date_format(dt.date(int(year), int(rest), 1), "YEAR_MONTH_FORMAT")


def standing_words(run: Run) -> str:
    """Why the figures of a run are not final; empty for what is published and in force."""
    if run.simulated:
        return _("Trial of a scheme, not in force")
    if run.provisional:
        return _("Provisional figures")
    if run.status != RunStatus.PUBLISHED:
        return _("Draft, not published")
    later = replaced_by(run)
    return _("Replaced by revision %(number)s") % {"number": later.revision} if later else ""


def replaced_by(run: Run) -> Run | None:
    """The published revision after this one."""
    later: Any = getattr(run, "next_revision", None)
    return later if later is not None and later.status == RunStatus.PUBLISHED else None
