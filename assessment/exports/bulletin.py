"""The bulletin 通报 of a run as a paper: how things stand, ranks of areas and units, definitions.

Officers are never named, and grids are not listed either: everybody knows whose a grid is. The figures come from the
queries of the pages; core/papers writes them as Word and PDF.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from assessment import counting, reading, summary
from assessment.exports.workbook import need_ready
from assessment.models import Run, Score
from assessment.models.score import NAMED_TO
from assessment.schemes import Rules
from assessment.vocabulary import RunStatus, ScoreLevel, Span
from assessment.wording import UNIT_GROUPS, grade_words, period_words, standing_words
from core import wording
from core.errors import Invalid, NotPermitted
from core.papers.paper import END, MIDDLE, Block, Column, Heading, Paper, Paragraph, Table, numbered
from grids.directory import Place, directory
from personnel.jurisdiction import Standing, standing_of, units_directory

# Areas a bulletin is made for, the widest first.
SCOPES = ("city", "district", "street")
# Longer lists belong into the workbook.
MOST = 300
LONGEST = 100
_CENTRE = "CC"


@dataclass(frozen=True)
class Head:
    """What its editor decides: who issues it, under which number, to whom, when."""

    issuer: str
    number: str
    addressee: str
    title: str
    date: dt.date


def scopes(run: Run, standing: Standing) -> list[Place]:
    """The areas of a run over which this person leads, for each of which a bulletin can be made; the widest first."""
    known = directory().by_id
    found = [one for one in known.values() if one.level in SCOPES and run.area_id in one.path]
    led = [one for one in found if standing.is_superuser or standing.holds(*NAMED_TO, path=one.path) is not None]
    return sorted(led, key=lambda one: (SCOPES.index(one.level), one.code))


def scope(run: Run, user: Any, *, on: dt.date, code: str = "") -> Place:
    """The area a bulletin is about: the one named, else the widest. Raises NotPermitted, Invalid."""
    found = scopes(run, standing_of(user, on))
    if not found:
        raise NotPermitted()
    chosen = next((one for one in found if one.code == code), None) if code else found[0]
    if chosen is None:
        words = _("Choose the run's area or one of its streets that you are responsible for.")
        raise Invalid("bad_area", words, errors={"area": [words]})
    return chosen


def head(run: Run, area: Place, *, on: dt.date) -> Head:
    """What an editor starts from: the centre of the area issues it, the number counts the periods of the year."""
    centres = [one for one in units_directory().by_id.values() if one.kind == _CENTRE and one.area_id == area.id]
    issuer = min(centres, key=lambda one: one.code).name if centres else area.name
    return Head(issuer, _number(run), _("All streets and units concerned:"), _title(run, area), on)


def read_head(given: dict[str, Any], default: Head) -> Head:
    """What an editor wrote; what they left out as it was. Raises Invalid: too long, several lines, no date."""
    errors: dict[str, list[str]] = {}
    found: dict[str, Any] = {}
    for name in ("issuer", "number", "addressee", "title"):
        text = given.get(name)
        found[name] = getattr(default, name) if text is None else str(text).strip()
        if len(found[name]) > LONGEST or not found[name].isprintable():
            errors[name] = [_("Write one line of at most %(most)s characters.") % {"most": LONGEST}]
    if not found["title"]:
        errors["title"] = [_("A bulletin has a title.")]
    try:
        date = given.get("date")
        found["date"] = default.date if not date else dt.date.fromisoformat(str(date))
    except ValueError:
        errors["date"] = [_("Write the day as 2026-11-03.")]
    if errors:
        raise Invalid(errors=errors)
    return Head(**found)


def _number(run: Run) -> str:
    year, _dash, rest = run.period.partition("-")
    pattern = {
        Span.MONTH: _("Grid assessment [%(year)s] no. %(number)s"),
        Span.QUARTER: _("Grid assessment, quarter [%(year)s] no. %(number)s"),
        Span.YEAR: _("Grid assessment, year [%(year)s] no. %(number)s"),
    }[run.span]
    return pattern % {"year": year, "number": int(rest.strip("Q") or 1)}


def _title(run: Run, area: Place) -> str:
    words = {"area": area.name, "period": period_words(run.period)}
    return _("Bulletin on the assessment of grid work in %(area)s, %(period)s") % words


# -- the paper --------------------------------------------------------------------------------------------------------


def compose(run: Run, *, user: Any, on: dt.date, area: Place, head: Head) -> Paper:
    """The bulletin as its reader may see it. Raises NotAllowedNow while the run is not computed."""
    need_ready(run)
    made = _Bulletin(run, user, on, area)
    cut = _("Data up to %(moment)s") % {"moment": wording.moment(run.cut_off)}
    state = standing_words(run)
    return Paper(
        title=head.title, issuer=head.issuer, number=head.number, addressee=head.addressee, date=head.date,
        blocks=tuple(made.blocks()), notes=tuple(made.notes()), foot=cut, watermark=state,
    )  # fmt: skip


class _Bulletin:
    """One bulletin being put together."""

    def __init__(self, run: Run, user: Any, on: dt.date, area: Place) -> None:
        self.run, self.user, self.on, self.area = run, user, on, area
        self.rules = Rules(run.version.body)
        self._headings = 0

    def blocks(self) -> Iterator[Block]:
        """Everything between the addressee and the signature."""
        words = {"area": self.area.name, "period": period_words(self.run.period)}
        yield Paragraph(
            _("The results of the assessment of grid work in %(area)s, %(period)s, are as follows.") % words
        )
        if self.run.reason:
            number = {"number": self.run.revision, "reason": self.run.reason}
            yield Paragraph(_("This is revision %(number)s. Reason: %(reason)s") % number)
        yield from self._overview()
        for level in (ScoreLevel.DISTRICT, ScoreLevel.STREET, ScoreLevel.COMMUNITY, ScoreLevel.UNIT):
            yield from self._ranking(level)
        yield from self._indicators()
        if self.run.status == RunStatus.PUBLISHED:
            days = self.run.version.body["review"]["appeal_days"]
            yield Paragraph(
                _("Appeals can be made with evidence within %(days)s working days of publication.") % {"days": days}
            )

    def notes(self) -> Iterator[str]:
        """Cut-off, where the figures come from, and what each one means; the counting rules as on the help page."""
        run = self.run
        yield _(
            "Data up to %(moment)s; %(rows)s orders and records counted; scheme %(code)s, version %(number)s;"
            " checksum %(checksum)s."
        ) % {
            "moment": wording.moment(run.cut_off), "rows": run.rows, "code": run.version.scheme.code,
            "number": run.version.number, "checksum": run.checksum[:12],
        }  # fmt: skip
        yield _(
            "The score of a grid is the sum of the points of its indicators and bonuses less its deductions, from"
            " %(lowest)s to %(highest)s."
        ) % {"lowest": run.version.body["lowest"], "highest": run.version.body["highest"]}
        yield _(
            "The score of a community is the mean of its ranked grids; that of a street or district is the mean of its"
            " communities, weighted by their ranked grids. The plain mean weighs every community alike."
        )
        yield _("The score of a unit comes from the orders it led.")
        yield from (str(rule) for rule in counting.RULES)

    # -- parts ----------------------------------------------------------------------------------------------------

    def _heading(self, text: str) -> Heading:
        self._headings += 1
        return Heading(numbered(self._headings, text))

    def _overview(self) -> Iterator[Block]:
        yield self._heading(_("How things stand"))
        spread = reading.distribution(self.run, level=ScoreLevel.GRID, under=self.area)
        own = self._own()
        if own is not None and own.score is not None:
            yield Paragraph(
                _("%(area)s has %(score)s points, grade: %(grade)s.")
                % {"area": self.area.name, "score": own.score, "grade": grade_words(own.grade)}
            )
        if not spread.count:
            yield Paragraph(_("No grid was ranked."))
            return
        yield Paragraph(
            _("%(count)s grids were ranked: highest %(highest)s, median %(median)s, lowest %(lowest)s points.")
            % {"count": spread.count, "highest": spread.highest, "median": spread.median, "lowest": spread.lowest}
        )
        found = summary.grades(self.run, level=ScoreLevel.GRID, under=self.area)
        yield Table(
            (Column(_("Grade"), 2), Column(_("From (points)"), align=END), Column(_("Grids"), align=END)),
            tuple((one.name, one.least, one.count) for one in found),
            caption=_("Grades of the grids"),
        )

    def _own(self) -> Score | None:
        rows = Score.objects.visible_to(self.user, self.on)
        return rows.filter(run=self.run, level=self.area.level, area_id=self.area.id).first()

    def _ranking(self, level: ScoreLevel) -> Iterator[Block]:
        if level in SCOPES and SCOPES.index(level) <= SCOPES.index(self.area.level):
            return
        # Units are ranked among their kind: one table for each.
        groups = UNIT_GROUPS if level == ScoreLevel.UNIT else {"": ""}
        found = {name: self._rows(level, name) for name in groups}
        if not any(found.values()):
            return
        yield self._heading(_("%(level)s ranking") % {"level": level.label})
        for name, rows in found.items():
            if rows:
                yield self._table(level, rows, str(groups[name]))

    def _rows(self, level: str, group: str) -> list[Score]:
        rows = reading.ranking(
            self.run, level=level, user=self.user, on=self.on, under=self.area, peer_group=group
        )  # fmt: skip
        return list(rows[: MOST + 1])

    def _table(self, level: str, rows: Sequence[Score], caption: str) -> Table:
        plain = level in (ScoreLevel.DISTRICT, ScoreLevel.STREET)
        columns = [Column(_("Rank"), 1, MIDDLE), Column(pgettext("of an area or unit", "Name"), 3.2)]
        columns += [Column(_("Street"), 2.6)] if level == ScoreLevel.COMMUNITY else []
        columns += [Column(_("Score"), 1.3, END)]
        columns += [Column(_("Plain mean"), 1.3, END)] if plain else []
        columns += [Column(_("Grade"), 1.3, MIDDLE), Column(_("Workload"), 1.3, END)]
        lines = tuple(self._row(one, level, plain) for one in rows[:MOST])
        return Table(tuple(columns), lines, caption=caption, notes=tuple(self._about(rows)))

    def _row(self, score: Score, level: str, plain: bool) -> tuple:
        street = directory().by_id.get(score.street_id) if score.street_id else None
        return (
            score.rank, score.name,
            *([street.name if street else None] if level == ScoreLevel.COMMUNITY else []),
            score.score,
            *([score.plain_mean] if plain else []),
            grade_words(score.grade) if score.grade else str(score.get_why_not_display()), score.workload,
        )  # fmt: skip

    def _about(self, rows: Sequence[Score]) -> Iterator[str]:
        if self.area.id != self.run.area_id:
            yield _("Ranks are those in %(area)s.") % {"area": self.run.area.name}
        if len(rows) > MOST:
            yield _("The first %(most)s; all stand in the workbook.") % {"most": MOST}

    def _indicators(self) -> Iterator[Block]:
        found = summary.totals(self.run, under=self.area)
        if not found:
            return
        yield self._heading(_("Indicators"))
        yield Table(
            (
                Column(_("Indicator"), 3.2), Column(_("Grids"), 0.9, END),
                Column(_("Numerator"), 1.2, END), Column(_("Denominator"), 1.2, END), Column(_("Rate"), 1.1, END),
                Column(_("Mean points"), 1.1, END), Column(_("Weight"), 0.9, END),
            ),
            tuple(
                (f"{one.code} {one.name}", one.grids, one.numerator, one.denominator, one.rate, one.points, one.weight)
                for one in found
            ),
            notes=(
                _(
                    "Over the grids to which an indicator applied. Satisfaction is taken over twelve months where a"
                    " month brought fewer than five answers. Points can exceed the weight where the weight of an"
                    " indicator that did not apply was spread."
                ),
            ),
        )  # fmt: skip
