"""A run as a workbook: rankings, every indicator's figures, and why each score is what it is.

The rows are those the reader sees on the pages (`reading.ranking`, `explaining.sheets`), read while the file is being
sent: memory does not grow with the number of grids.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from assessment import counting, explaining, reading, use
from assessment.indicators import INDICATORS
from assessment.models import Run, Score
from assessment.vocabulary import NotRanked, RunStatus, ScoreLevel, Span
from assessment.wording import grade_words, group_words, period_words, standing_words
from core import wording
from core.errors import NotAllowedNow
from core.papers import excel
from core.papers.excel import POINTS, RATE, SHARE, WHOLE, Head, Sheet
from grids.directory import Place, directory

READY = (RunStatus.COMPUTED, RunStatus.PUBLISHED)
# The narrow levels last: they are long.
LEVELS = (
    ScoreLevel.DISTRICT, ScoreLevel.STREET, ScoreLevel.COMMUNITY, ScoreLevel.UNIT, ScoreLevel.GRID, ScoreLevel.OFFICER,
)  # fmt: skip
# Where ranks are those among one's like.
GROUPED = (ScoreLevel.GRID, ScoreLevel.OFFICER, ScoreLevel.UNIT)


@dataclass(frozen=True)
class Selection:
    """Which rows of a run somebody wants, and who: always inside what they may see."""

    run: Run
    user: object
    on: dt.date
    under: Place | None = None
    peer_group: str = ""

    def rows(self, level: str) -> Iterator[Score]:
        """The ranking of a level, read in portions."""
        rows = reading.ranking(
            self.run, level=level, user=self.user, on=self.on, under=self.under,
            peer_group=self.peer_group if level == ScoreLevel.GRID else "",
        )  # fmt: skip
        if level in GROUPED:
            # Ranks hold inside a peer group only.
            rows = rows.order_by("peer_group", "place", "pk")
        for one in rows.iterator(chunk_size=500):
            one.run = self.run
            yield one

    def levels(self) -> list[ScoreLevel]:
        """The levels with rows for this reader."""
        rows = Score.objects.visible_to(self.user, self.on).filter(run=self.run)
        rows = reading.narrowed(rows, self.run, under=self.under)
        held = set(rows.order_by().values_list("level", flat=True).distinct())
        return [one for one in LEVELS if one in held]


def need_ready(run: Run) -> None:
    """Raises NotAllowedNow while there is nothing to print."""
    if run.status not in READY:
        raise NotAllowedNow("not_computed", _("Wait until the run is computed."))


def name_of(run: Run, what: str) -> str:
    """The name of a file without its ending: period, area, what it is; nothing a file system would mind."""
    state = standing_words(run)
    parts = [run.period, run.area.name, what, *([state] if state else [])]
    return "".join(" " if sign in '\\/:*?"<>|' else sign for sign in "_".join(parts))


def stream(chosen: Selection) -> Iterator[bytes]:
    """The pieces of the file. Raises before the first one, or not at all."""
    need_ready(chosen.run)
    return excel.stream(sheets(chosen, chosen.levels()))


def sheets(chosen: Selection, levels: Iterable[ScoreLevel]) -> Iterator[Sheet]:
    """What the file holds: the run, a ranking per level, every indicator, every line and charge."""
    levels = list(levels)
    yield Sheet(_("About"), (Head(_("What"), 26), Head(_("Figure"), 110)), _about(chosen))
    above = _above(chosen)
    for level in levels:
        name = _("%(level)s ranking") % {"level": level.label}
        yield Sheet(name, _ranking_heads(level), (_ranked(one) for one in chosen.rows(level)), above)
    yield Sheet(_("Indicators"), _indicator_heads(), _indicators(chosen, levels), above)
    yield Sheet(_("Explained"), _explained_heads(), _explained(chosen, levels), above)


def _above(chosen: Selection) -> tuple[str, ...]:
    run, state = chosen.run, standing_words(chosen.run)
    area = chosen.under.name if chosen.under else run.area.name
    title = _("%(period)s, %(area)s") % {"period": period_words(run.period), "area": area}
    cut = _("Data up to %(moment)s") % {"moment": wording.moment(run.cut_off)}
    return (f"{title}　{state}" if state else title, cut)


# -- about ------------------------------------------------------------------------------------------------------------


def _about(chosen: Selection) -> Iterator[tuple]:
    run = chosen.run
    yield _("Assessed period"), period_words(run.period)
    yield _("Area"), run.area.name
    if chosen.under:
        yield _("Only what lies in"), chosen.under.name
    if chosen.peer_group:
        yield _("Only the peer group"), group_words(chosen.peer_group)
    yield _("State"), standing_words(run) or RunStatus(run.status).label
    yield _("Revision"), run.revision
    if run.reason:
        yield _("Why there is this revision"), run.reason
    yield _("Data up to"), wording.moment(run.cut_off)
    yield _("Published at"), wording.moment(run.published_at) if run.published_at else None
    yield _("Scheme"), _("%(code)s, version %(number)d") % {
        "code": run.version.scheme.code, "number": run.version.number,
    }  # fmt: skip
    yield _("Orders and records counted"), run.rows
    yield _("Checksum"), run.checksum
    yield _("Made for"), chosen.user.name or chosen.user.get_username()
    yield _("Made on"), wording.day(chosen.on)
    for number, rule in enumerate(counting.RULES, 1):
        yield _("Counting rule %(number)s") % {"number": number}, str(rule)
    for one in INDICATORS:
        yield f"{one.code} {one.name}", _("Clause %(clause)s") % {"clause": one.clause}


# -- rankings ---------------------------------------------------------------------------------------------------------


def _ranking_heads(level: str) -> tuple[Head, ...]:
    return (
        Head(_("Rank"), 8, WHOLE), Head(_("Of"), 8, WHOLE), Head(pgettext("of an area or unit", "Name"), 26),
        Head(pgettext("of an area or unit", "Code"), 20),
        Head(_("Street"), 18), Head(_("Community"), 18), Head(_("Peer group"), 14), Head(_("Score"), 10, POINTS),
        Head(_("Grade"), 10), Head(_("Veto"), 8), Head(_("Points of indicators"), 12, POINTS),
        Head(_("Bonuses"), 10, POINTS), Head(_("Deductions"), 10, POINTS), Head(_("Plain mean"), 10, POINTS),
        Head(_("Workload"), 10, WHOLE), Head(_("Active days"), 10, WHOLE), Head(_("Not ranked because"), 26),
        *([Head(_("Grid"), 22), Head(_("Pay coefficient"), 10, POINTS)] if level == ScoreLevel.OFFICER else []),
    )  # fmt: skip


def _ranked(score: Score) -> tuple:
    known = directory().by_id
    above = [known.get(one) for one in (score.street_id, score.community_id)]
    street, community = (one.name if one is not None and one.code != score.code else None for one in above)
    return (
        score.rank, score.of if score.rank else None, score.name, score.code, street, community,
        group_words(score.peer_group) if score.level in GROUPED and score.peer_group else None, score.score,
        grade_words(score.grade) if score.grade else None, _("Yes") if score.veto else None,
        score.indicator_points, score.bonus, score.deductions, score.plain_mean, score.workload,
        score.active_days if score.level in (ScoreLevel.GRID, ScoreLevel.OFFICER) else None,
        str(NotRanked(score.why_not).label) if score.why_not else None,
        *([score.area.name, _coefficient(score)] if score.level == ScoreLevel.OFFICER else []),
    )  # fmt: skip


def _coefficient(score: Score) -> Decimal | None:
    """Of published months only: before, a grade is not used for anything."""
    run = score.run
    if run.status != RunStatus.PUBLISHED or run.span != Span.MONTH:
        return None
    return use.coefficient(run.version.body, score.grade)


# -- indicators and explanations --------------------------------------------------------------------------------------


def _indicator_heads() -> tuple[Head, ...]:
    return (
        *_subject_heads(), Head(_("Item"), 9), Head(_("Name of the item"), 24), Head(_("Numerator"), 11, WHOLE),
        Head(_("Denominator"), 11, WHOLE), Head(_("Rate"), 10, RATE), Head(_("Value"), 10, RATE),
        Head(_("Weight"), 10, SHARE), Head(pgettext("of a row", "Points"), 10, POINTS), Head(_("Applies"), 10),
    )  # fmt: skip


def _explained_heads() -> tuple[Head, ...]:
    return (
        *_subject_heads(), Head(_("Item"), 9), Head(_("Name of the item"), 24),
        Head(pgettext("of a row", "Points"), 10, POINTS),
        Head(_("Before the cap"), 10, POINTS), Head(_("Formula or cause"), 80), Head(_("Order"), 18),
    )  # fmt: skip


def _subject_heads() -> tuple[Head, ...]:
    return (
        Head(_("Level"), 9),
        Head(pgettext("of an area or unit", "Code"), 20),
        Head(pgettext("of an area or unit", "Name"), 24),
    )


def _subject(score: Score) -> tuple:
    return (str(ScoreLevel(score.level).label), score.code, score.name)


def _all(chosen: Selection, levels: list[ScoreLevel]) -> Iterator[explaining.Sheet]:
    for level in levels:
        yield from explaining.sheets(chosen.rows(level))


def _indicators(chosen: Selection, levels: list[ScoreLevel]) -> Iterator[tuple]:
    for sheet in _all(chosen, levels):
        subject = _subject(sheet.score)
        for line in sheet.lines:
            yield (
                *subject, line.code, line.name, line.numerator, line.denominator, line.rate, line.value, line.weight,
                line.points, _("Yes") if line.applies else _("not applicable"),
            )  # fmt: skip


def _explained(chosen: Selection, levels: list[ScoreLevel]) -> Iterator[tuple]:
    """Every line and charge, and the score they add up to below them."""
    for sheet in _all(chosen, levels):
        subject = _subject(sheet.score)
        for line in sheet.lines:
            yield (*subject, line.code, line.name, line.points, None, line.formula, None)
        for one in sheet.charges:
            yield (*subject, one.code, one.name, one.points, one.full, one.cause, one.order)
        yield (*subject, None, _("Score"), sheet.score.score, None, _sum(sheet), None)


def _sum(sheet: explaining.Sheet) -> str | None:
    score = sheet.score
    return str(NotRanked(score.why_not).label) if score.why_not else None
