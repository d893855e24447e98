"""From a score back to the rows behind it, in the reader's language. Everything comes from what the run froze."""

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from assessment import items, periods
from assessment.indicators import BY_CODE
from assessment.measuring import scope_of
from assessment.models import Charge, Counted, Score, ScoreItem
from assessment.schemes import Rules
from assessment.vocabulary import CareLevel, ScoreLevel
from core import clock

_GROUP = {ScoreLevel.UNIT: "units", ScoreLevel.OFFICER: "officers"}


@dataclass(frozen=True)
class Line:
    """One explained row. part: the score it stands for, in roll-ups. applies: False = not applicable."""

    code: str
    name: str
    numerator: int | None
    denominator: int | None
    rate: Decimal | None
    value: Decimal | None
    weight: Decimal | None
    points: Decimal | None
    formula: str
    applies: bool
    has_evidence: bool
    part: int | None


@dataclass(frozen=True)
class Applied:
    """One deduction, bonus, cap or veto. points: after every cap; full: before. order: its number."""

    id: int
    code: str
    name: str
    points: Decimal
    full: Decimal
    cause: str
    order: str | None
    waived: bool


@dataclass(frozen=True)
class Sheet:
    """Why a score is what it is: the points of its lines and charges add up to it, exactly."""

    score: Score
    lines: list[Line]
    charges: list[Applied]


@dataclass(frozen=True)
class Evidence:
    """One order or record behind an indicator. number: of the order, or the record's key."""

    number: str
    what: str
    moment: dt.datetime | None
    in_numerator: bool
    why: str


def sheet(score: Score) -> Sheet:
    """All rows of a score, three statements. An officer alone on a grid has the grid's rows."""
    return next(sheets([score]))


def sheets(scores: Iterable[Score], size: int = 200) -> Iterator[Sheet]:
    """The sheets of many scores in their order, two statements for so many of them: however many there are."""
    rules: dict[int, Rules] = {}
    rest = iter(scores)
    while some := list(itertools.islice(rest, size)):
        sources = [one.mirrors_id or one.pk for one in some]
        rows: dict[int, list[ScoreItem]] = defaultdict(list)
        for row in ScoreItem.objects.filter(score__in=sources).select_related("part").order_by("score_id", "position"):
            rows[row.score_id].append(row)
        charges: dict[int, list[Charge]] = defaultdict(list)
        for one in (
            Charge.objects.filter(score__in=sources)
            .select_related("order")
            .only("code", "fact", "full", "points", "cause", "at", "score", "order__number")
            .order_by("score_id", "code", "at", "pk")
        ):
            charges[one.score_id].append(one)
        for score, source in zip(some, sources, strict=True):
            if score.run_id not in rules:
                rules[score.run_id] = Rules(score.run.version.body)
            lines = [_line(row, rules[score.run_id]) for row in rows[source]]
            yield Sheet(score, lines, [_applied(one) for one in charges[source]])


def _line(row: ScoreItem, rules: Rules) -> Line:
    if row.code == "review":
        name = _("Annual review")
    elif row.part_id:
        name = row.part.name if row.code == row.part.code else row.code
    else:
        name = str(BY_CODE[row.code].name)
    return Line(
        row.code, name, row.numerator, row.denominator, row.rate, row.value, row.weight, row.points,
        formula(row, rules), row.points is not None, row.part_id is None and bool(row.denominator), row.part_id,
    )  # fmt: skip


def formula(row: ScoreItem, rules: Rules) -> str:
    """The formula with the numbers in it: whoever follows it gets the points."""
    if row.part_id or row.code == "review":
        return f"{_plain(row.value * 100)} × {_plain(row.weight)}% = {row.points}"
    if row.value is None:
        return _("Not applicable: there was nothing to count.")
    curve = rules.curve(row.code)
    body = _curve(row, curve)
    worth = body if curve["kind"] == "rate" else f"{body} = {row.value}"
    if row.points is None:
        return worth
    return f"{worth}; {row.value} × {_plain(row.weight)} = {row.points}"


def _curve(row: ScoreItem, curve: dict) -> str:
    share = f"{row.numerator}/{row.denominator} = {row.rate}"
    if "good" in row.details:
        share = f"{row.details['good']}/{row.details['due']} = {row.rate}"
    kind = curve["kind"]
    if kind == "min":
        return f"min(1, {row.numerator}/{row.details.get('target', '')})"
    if kind == "lin":
        return f"lin({share}; {curve['from']}→{curve['to']})"
    if kind == "less":
        return f"1 − min(1, ({share}) / {curve['share']})"
    if kind == "times":
        return f"1 − min(1, {curve['factor']} × ({share}))"
    if kind == "steps":
        steps = ", ".join(f"≥{at_least}: {value}" for at_least, value in curve["steps"])
        return f"steps({share}; {steps})"
    return share


def _plain(number: Decimal | None) -> str:
    return "" if number is None else f"{number.normalize():f}"


def _applied(row: Charge) -> Applied:
    number = row.order.number if row.order_id else None
    return Applied(
        row.pk, row.code, items.name_of(row.code), row.points, row.full, cause_text(row), number, "waived" in row.cause
    )


def cause_text(row: Charge) -> str:
    """Why something was deducted or added, as sentences."""
    cause, parts = row.cause, []
    if row.order_id:
        parts.append(_("Order %(number)s.") % {"number": row.order.number})
    if "due" in cause:
        due = _moment(cause["due"])
        if cause.get("at"):
            parts.append(_("Due %(due)s, handled %(at)s.") % {"due": due, "at": _moment(cause["at"])})
        else:
            parts.append(_("Due %(due)s, not handled by the cut-off.") % {"due": due})
    if cause.get("card"):
        parts.append({"yellow": _("Yellow card."), "red": _("Red card.")}[cause["card"]])
    if "rework" in cause:
        parts.append(_("Rework number %(count)s of the order.") % {"count": cause["rework"]})
    if "complaints" in cause:
        parts.append(_("%(count)s complaints about one spot.") % {"count": cause["complaints"]})
    if "level" in cause:
        parts.append(f"{CareLevel(cause['level']).label}: {cause.get('note', '')}".strip(": "))
    if "difficulty" in cause:
        parts.append(_("Difficulty %(grade)s.") % {"grade": cause["difficulty"]})
    if "false_reports" in cause:
        parts.append(_("%(count)s confirmed false reports in the quarter.") % {"count": cause["false_reports"]})
    if "excellent" in cause:
        words = _("At most %(most)s of the %(of)s ranked grids of the street can have the best grade.")
        parts.append(words % {"most": cause["excellent"], "of": cause["of"]})
    if cause.get("text"):
        parts.append(cause["text"])
    if "waived" in cause:
        parts.append(_("Set right by an appeal."))
    elif row.points != row.full:
        parts.append(_("The cap is reached: %(full)s before it.") % {"full": row.full})
    return " ".join(parts)


def _moment(text: str) -> str:
    return f"{clock.local(dt.datetime.fromisoformat(text)):%Y-%m-%d %H:%M}"


def evidence_rows(score: Score, code: str) -> Any:
    """The counted rows in an indicator's denominator, as a queryset of `Counted`; None when the score has none such."""
    source = score.mirrors if score.mirrors_id else score
    run = score.run
    if code not in run.codes or code not in BY_CODE:
        return None
    group = _GROUP.get(source.level, "grids")
    if source.level not in (ScoreLevel.GRID, ScoreLevel.UNIT, ScoreLevel.OFFICER):
        return None
    one = BY_CODE[code]
    if (group == "units" and not one.of_units) or (group == "officers" and not one.of_officers):
        return None
    subject = {"grids": ("area_id", source.area_id), "units": ("unit_id", source.unit_id)}.get(
        group, ("officer_id", source.officer_id)
    )
    bit = 1 << run.codes.index(code)
    scope = scope_of(BY_CODE[code], group).replace("%(since)s", "%s")
    values = [periods.read(run.period).since] if "%s" in scope else []
    rows = Counted.objects.filter(run_id=run.pk, **dict([subject]))
    return rows.extra(  # noqa: S610 - built from the registry alone
        where=[f"denominators & {bit} <> 0{scope}"], params=values, select={"good": f"numerators & {bit} <> 0"}
    ).select_related("order", "record")


def evidence(rows: Iterable[Counted], code: str) -> list[Evidence]:
    """Counted rows as people read them."""
    one = BY_CODE[code]
    found = []
    for row in rows:
        number = row.order.number if row.order_id else row.record.key
        found.append(Evidence(number, row.what, one.moment(row), bool(row.good), one.why(row, bool(row.good))))
    return found
