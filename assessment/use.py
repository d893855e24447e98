"""What a published month is used for: the pay coefficient of a grade, and what poor months call for.

Rules only find whom somebody should look at; a person decides and signs (`commands.follow_up`). A scheme without `use`
says nothing. Source: domain §6.5, §11 trap 10.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from assessment import periods
from assessment.models import SchemeVersion, Score
from assessment.vocabulary import FollowUpKind, ScoreLevel, Span


def coefficient(body: Mapping[str, Any], grade: str) -> Decimal | None:
    """What pay is multiplied by for a grade; None where the scheme has nothing to say."""
    found = (body.get("use") or {}).get("coefficients", {}).get(grade)
    return None if found is None else Decimal(str(found))


@dataclass(frozen=True)
class Due:
    """What an officer's poor months call for. months: those it rests on, the oldest first; score: of the last one."""

    kind: FollowUpKind
    score: Score
    months: tuple[str, ...]

    @property
    def key(self) -> tuple[int, str, str]:
        """What is decided once: (officer, month, kind)."""
        return self.score.officer_id, self.months[-1], str(self.kind)


def poor(rows: QuerySet) -> QuerySet:
    """Of these scores the officers' months that were given the lowest grade."""
    lowest = {bands[-1]["code"] for bands in SchemeVersion.objects.values_list("body__bands", flat=True)}
    return rows.filter(level=ScoreLevel.OFFICER, run__span=Span.MONTH, run__simulated=False, grade__in=lowest)


def due(scores: Iterable[Score]) -> list[Due]:
    """What these officers' scores call for by the rules of their own version, in their order; two statements.

    A score that is not published, or that a revision replaced, calls for nothing (`run__version` has to be at hand).
    """
    scores = [one for one in scores if _is_poor(one.grade, one.run.version.body["bands"])]
    months, found = _poor_months({one.officer_id for one in scores}), []
    for one in scores:
        rules, month = one.run.version.body.get("use") or {}, periods.read(one.run.period)
        held = months[one.officer_id]
        if one.pk not in held.get(month.text, ()):
            continue
        asked = (
            (FollowUpKind.TALK, rules.get("talk_after"), _in_a_row(month, held)),
            (FollowUpKind.CONTRACT, rules.get("contract_after"), _of_the_year(month, held)),
        )
        found += [Due(kind, one, those) for kind, after, those in asked if after and len(those) >= int(after)]
    return found


def _is_poor(grade: str, bands: list[Mapping[str, Any]]) -> bool:
    return bool(grade) and grade == bands[-1]["code"]


def _poor_months(officers: set[int]) -> dict[int, dict[str, set[int]]]:
    """{officer: {month: the scores that count now}}; somebody who moved has two in a month."""
    rows = poor(Score.objects.current()).filter(officer__in=officers).order_by()
    found = defaultdict(lambda: defaultdict(set))
    values = ("pk", "officer", "run__period", "grade", "run__version__body__bands")
    for pk, officer, month, grade, bands in rows.values_list(*values):
        if _is_poor(grade, bands):
            found[officer][month].add(pk)
    return found


def _in_a_row(month: periods.Period, poor: Container[str]) -> tuple[str, ...]:
    """This month and the poor ones right before it."""
    found = []
    while month.text in poor:
        found.append(month.text)
        month = month.before()
    return tuple(reversed(found))


def _of_the_year(month: periods.Period, poor: Iterable[str]) -> tuple[str, ...]:
    """The poor months of its calendar year up to this one."""
    year = str(month.first.year)
    return tuple(sorted(one for one in poor if one.startswith(year) and one <= month.text))
