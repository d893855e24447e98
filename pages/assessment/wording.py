"""Words the assessment's pages need beyond those of the engine: grades, steps, curves, months."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from assessment.vocabulary import AppealState, RunStatus
from assessment.wording import GRADES, GROUPS, grade_words, group_words, period_words

__all__ = (
    "CLASSES",
    "GRADES",
    "GROUPS",
    "POOR_MONTHS",
    "Mark",
    "appeal_mark",
    "curve_words",
    "grade_mark",
    "grade_words",
    "group_words",
    "percent",
    "period_words",
    "plain",
    "run_mark",
)

POOR_MONTHS = {
    "talk_after": _lazy("Unqualified months in a row that call for a talk and training"),
    "contract_after": _lazy("Unqualified months of a year that call for a decision about the contract"),
}
CLASSES = {"M": _lazy("Management"), "S": _lazy("Service")}


@dataclass(frozen=True)
class Mark:
    """A word with its tone and drawing."""

    word: Any
    tone: str
    icon: str


_RUNS = {
    RunStatus.QUEUED: ("tone-paused", "clock"),
    RunStatus.RUNNING: ("tone-brand", "refresh"),
    RunStatus.COMPUTED: ("tone-soon", "eye"),
    RunStatus.PUBLISHED: ("tone-ok", "lock"),
    RunStatus.FAILED: ("tone-late", "danger"),
    RunStatus.CANCELLED: ("tone-paused", "no"),
}
_APPEALS = {
    AppealState.OPEN: ("tone-soon", "clock"),
    AppealState.SECOND: ("tone-soon", "clock"),
    AppealState.REFUSED: ("tone-paused", "no"),
    AppealState.FINAL: ("tone-paused", "lock"),
    AppealState.UPHELD: ("tone-ok", "check"),
}
_GRADES = {
    "excellent": ("tone-ok", "check"),
    "good": ("tone-ok", "check"),
    "qualified": ("tone-brand", "dot"),
    "unqualified": ("tone-late", "warn"),
}


def run_mark(run: Any) -> Mark:
    """The state of a run; what a month so far or a trial is, comes before it."""
    word = RunStatus(run.status).label
    if run.status == RunStatus.COMPUTED and run.provisional:
        return Mark(_("Provisional"), "tone-brand", "clock")
    return Mark(word, *_RUNS[run.status])


def appeal_mark(row: Any) -> Mark:
    """The state of an appeal."""
    return Mark(AppealState(row.state).label, *_APPEALS[row.state])


def grade_mark(score: Any) -> Mark | None:
    """The grade of a score; None where it has none."""
    if not score.grade:
        return None
    return Mark(grade_words(score.grade), *_GRADES.get(score.grade, ("tone-brand", "dot")))


def listed(words: Iterable[Any]) -> str:
    """Words in a row, with the comma of the language."""
    return ("、" if (get_language() or "zh").startswith("zh") else ", ").join(str(one) for one in words)


def plain(number: Any) -> str:
    """A number without idle zeros."""
    return "" if number is None else f"{Decimal(str(number)).normalize():f}"


def percent(share: Any) -> str:
    """0.15 as 15 %."""
    return f"{plain(Decimal(str(share)) * 100)} %"


def curve_words(curve: Mapping[str, Any]) -> str:
    """How a rate becomes a value, as a sentence."""
    kind = curve["kind"]
    if kind == "lin":
        return _("Nothing at %(start)s, full marks at %(end)s, in a straight line between.") % {
            "start": percent(curve["from"]), "end": percent(curve["to"]),
        }  # fmt: skip
    if kind == "min":
        return _("Full marks when the target is reached; nothing more beyond it.")
    if kind == "rate":
        return _("The share itself: 0.8 gives eight tenths of the marks.")
    if kind == "less":
        return _("The fewer the better: full marks at none, nothing from %(share)s on.") % {
            "share": percent(curve["share"])
        }
    if kind == "times":
        return _("The fewer the better: every percent costs %(factor)s percent of the marks.") % {
            "factor": plain(curve["factor"])
        }
    steps = [
        _("from %(rate)s on: %(value)s of the marks") % {"rate": percent(at_least), "value": percent(value)}
        for at_least, value in curve["steps"]
    ]
    return _("In steps: %(steps)s.") % {"steps": "; ".join(steps)}
