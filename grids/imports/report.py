"""What an import did, or why it did nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import wording
from core.errors import Invalid


@dataclass(frozen=True, order=True)
class Problem:
    """One remark on one place of the file: its line (in GeoJSON the number of the feature), its column, the reason."""

    line: int
    column: str
    code: str
    reason: str


class Unreadable(Exception):
    """The file as a whole cannot be read; carries the problem."""

    def __init__(self, code: str, reason: str, *, line: int = 1, column: str = "") -> None:
        super().__init__(code)
        self.problem = Problem(line, column, code, reason)


@dataclass
class Report:
    """Counts of an import; with problems nothing was written. Warnings never keep a file out."""

    by_feature: bool = False
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    left_out: int = 0
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    @property
    def is_refused(self) -> bool:
        """Whether the file was refused as a whole."""
        return bool(self.problems)

    def add(self, line: int, column: str, refusal: Invalid) -> None:
        """Note the refusal of a rule under the column of the file it is about."""
        self.problems.append(Problem(line, column, refusal.code, str(refusal)))

    def told(self, remarks: list[Problem]) -> Iterator[str]:
        """Remarks in words, in the order of the file."""
        for one in sorted(remarks):
            if one.column and self.by_feature:
                text = _("Feature %(line)d, column %(column)s: %(reason)s")
            elif one.column:
                text = _("Line %(line)d, column %(column)s: %(reason)s")
            else:
                text = _("Feature %(line)d: %(reason)s") if self.by_feature else _("Line %(line)d: %(reason)s")
            yield text % {"line": one.line, "column": one.column, "reason": one.reason}

    def summary(self) -> str:
        """The outcome in one sentence or two."""
        if self.is_refused:
            count = len(self.problems)
            return ngettext(
                "Nothing was imported: %(count)d problem.", "Nothing was imported: %(count)d problems.", count
            ) % {"count": count}
        counts = {"new": self.created, "changed": self.updated, "same": self.unchanged, "out": self.left_out}
        if not self.created and not self.updated:
            text = _("Nothing to change: %(same)d are already as in the file.") % counts
        else:
            text = _("%(new)d new, %(changed)d changed, %(same)d already as in the file.") % counts
        if self.left_out:
            text = wording.joined((text, _("%(out)d province rows left out.") % counts))
        return text
