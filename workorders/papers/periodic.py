"""The sheets of the rhythm 日清、周会、月调度、季分析、年总结: one description, from the one set of figures."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import pgettext, pgettext_lazy

from core import clock, wording
from core.papers.paper import END, OFFICIAL, Block, Column, Heading, Paper, Paragraph, Table, Value, numbered
from grids.directory import directory
from personnel.jurisdiction import units_directory
from workorders import catalogue, figures, risks
from workorders.figures import Figures, Period, Scope, periods
from workorders.models import Risk

MOST = 20
TITLES = {
    periods.DAY: _lazy("Daily clearing"),
    periods.WEEK: _lazy("Weekly meeting"),
    periods.MONTH: _lazy("Monthly dispatch"),
    periods.QUARTER: _lazy("Quarterly analysis"),
    periods.YEAR: _lazy("Yearly summary"),
}


@dataclass(frozen=True)
class Line:
    """One figure of a sheet: its name, how it is written, and what it means."""

    name: str
    label: Any
    read: Callable[[Figures], Value]
    means: Any
    is_share: bool = False


def percent(value: Decimal | None) -> str | None:
    """A share as sheets write it; None stays nothing."""
    return None if value is None else f"{(value * 100).quantize(Decimal('0.01')):f}%"


LINES = (
    Line(
        "reported",
        pgettext_lazy("count", "Reported"),
        lambda one: one.reported,
        _lazy("reported in the period, whatever became of them"),
    ),
    Line(
        "handled",
        pgettext_lazy("count", "Handled"),
        lambda one: one.handled,
        _lazy("answered in the period and not sent back since"),
    ),
    Line(
        "on_time_share",
        pgettext_lazy("count", "On time"),
        lambda one: percent(one.on_time_share),
        _lazy("of those handled: before the end of their handling time, extensions included"),
        True,
    ),
    Line("closed", pgettext_lazy("count", "Closed"), lambda one: one.closed, _lazy("closed in the period")),
    Line(
        "satisfaction",
        pgettext_lazy("count", "Satisfied"),
        lambda one: percent(one.satisfaction),
        _lazy("of those closed whose reporter answered: three to five of five"),
        True,
    ),
    Line(
        "resolution",
        pgettext_lazy("count", "Solved"),
        lambda one: percent(one.resolution),
        _lazy("of those closed for which it is known"),
        True,
    ),
    Line(
        "returned",
        pgettext_lazy("count", "Returned"),
        lambda one: one.returned,
        _lazy("of those closed: returned by a unit at least once"),
    ),
    Line(
        "reworked",
        pgettext_lazy("count", "Reworked"),
        lambda one: one.reworked,
        _lazy("of those closed: sent back or reopened"),
    ),
    Line(
        "open",
        pgettext_lazy("count", "Open"),
        lambda one: one.open,
        _lazy("neither closed nor declined, merged or voided, as of the cut-off"),
    ),
    Line(
        "overdue",
        pgettext_lazy("count", "Overdue"),
        lambda one: one.overdue,
        _lazy("open ones whose clock has run out, as of the cut-off"),
    ),
    Line(
        "suspended",
        pgettext_lazy("count", "Suspended"),
        lambda one: one.suspended,
        _lazy("open ones in the problem store, as of the cut-off"),
    ),
    Line(
        "cards",
        pgettext_lazy("count", "Cards"),
        lambda one: one.cards,
        _lazy("open ones with a card, as of the cut-off"),
    ),
)
_LIVE = ("open", "overdue", "suspended", "cards")
_SHORT = ("reported", "handled", "on_time_share", "closed", "satisfaction", "open", "overdue")


def title(period: Period) -> str:
    """What a sheet of this period is called."""
    return str(TITLES.get(period.kind, _lazy("Sheet of figures")))


def period_words(period: Period) -> str:
    """The days a sheet is about."""
    if period.since == period.last:
        return wording.day(period.since)
    return _("%(first)s to %(last)s") % {"first": wording.day(period.since), "last": wording.day(period.last)}


def sheet(scope: Scope, period: Period, *, issuer: str, at: dt.datetime) -> Paper:
    """The sheet. The same for everybody who may see the scope; at: the moment it is made."""
    here, before = figures.of(scope, period), figures.of(scope, period.before())
    earlier = figures.of(scope, period.a_year_earlier()) if period.kind in (periods.MONTH, periods.QUARTER) else None
    blocks: list[Block] = [Paragraph(_opening(scope, period, here, before))]
    parts: list[tuple[str, Block | None]] = [
        (_("Figures"), _whole(here, before, earlier)),
        (_("By area"), _table(_("Area"), _areas(scope, period))),
        (_("By category"), _table(_("Category"), _categories(scope, period))),
        (_("By unit"), _table(_("Unit"), _units(scope, period))),
    ]
    if period.kind in (periods.WEEK, periods.MONTH):
        parts.append((_("By day"), _days(scope, period)))
    if period.kind in (periods.QUARTER, periods.YEAR):
        parts.append((_("By month"), _table(_("Month"), _months(scope, period), in_time=True)))
    if period.since <= clock.date_of(at):
        parts.append((_("What needs attention now"), _attention(scope)))
    for number, (head, block) in enumerate(((head, block) for head, block in parts if block is not None), 1):
        blocks += [Heading(numbered(number, head)), block]
    return Paper(
        title=f"{_area(scope)} {title(period)}",
        blocks=tuple(blocks),
        issuer=issuer,
        date=clock.date_of(at),
        number=period.code,
        notes=(cut_off_words(), *(wording.labelled(line.label, line.means) for line in LINES)),
        layout=OFFICIAL,
    )


def cut_off_words() -> str:
    """Up to when the figures count."""
    counted = figures.as_of()
    if counted is None:
        return _("Nothing has been counted yet.")
    return _("Counted up to %(moment)s.") % {"moment": wording.moment(counted)}


def _area(scope: Scope) -> str:
    name = directory().by_id[scope.area_id].name
    return units_directory().by_id[scope.unit_id].name if scope.unit_id else name


def _opening(scope: Scope, period: Period, here: Figures, before: Figures) -> str:
    words = _(
        "%(period)s, %(area)s: %(reported)d orders were reported (%(change)s), %(closed)d closed, %(share)s of those"
        " handled on time; %(satisfied)s of the reporters who answered were satisfied. %(open)d are open, %(overdue)d"
        " of them overdue."
    )
    return words % {
        "period": period_words(period),
        "area": _area(scope),
        "reported": here.reported,
        "change": _change(here.reported, before.reported),
        "closed": here.closed,
        "share": percent(here.on_time_share) or "–",
        "satisfied": percent(here.satisfaction) or "–",
        "open": here.open,
        "overdue": here.overdue,
    }


def _change(now: int, then: int) -> str:
    if then == 0:
        return _("none in the period before")
    change = (Decimal(now - then) * 100 / then).quantize(Decimal("0.1"))
    return _("%(change)s%% against the period before") % {"change": f"{change:+f}"}


def _whole(here: Figures, before: Figures, earlier: Figures | None) -> Table:
    heads = [
        Column(pgettext("count", "Figure"), 2),
        Column(_("This period"), 1, END),
        Column(_("Period before"), 1, END),
    ]
    columns = [here, before] + ([earlier] if earlier else [])
    if earlier:
        heads.append(Column(_("Year before"), 1, END))
    rows = []
    for line in LINES:
        live = line.name in _LIVE
        values = [line.read(one) if not live or place == 0 else None for place, one in enumerate(columns)]
        rows.append((str(line.label), *values))
    return Table(tuple(heads), tuple(rows))


def _table(first: str, rows: list[tuple[str, Figures]], *, in_time: bool = False) -> Table | None:
    if not rows:
        return None
    shown = rows if in_time else sorted(rows, key=lambda row: (-row[1].reported, -row[1].open, row[0]))
    lines = [line for line in LINES if line.name in _SHORT and not (in_time and line.name in _LIVE)]
    heads = [Column(first, 2.4), *(Column(str(line.label), 1, END) for line in lines)]
    most = shown if in_time else shown[:MOST]
    notes = (
        (_("The first %(count)d of %(all)d.") % {"count": MOST, "all": len(shown)},) if len(most) < len(shown) else ()
    )
    return Table(tuple(heads), tuple((name, *(line.read(one) for line in lines)) for name, one in most), notes=notes)


def _areas(scope: Scope, period: Period) -> list[tuple[str, Figures]]:
    known = directory().by_id
    return [(known[pk].name, one) for pk, one in figures.by_area(scope, period).items() if pk != scope.area_id]


def _categories(scope: Scope, period: Period) -> list[tuple[str, Figures]]:
    return [(catalogue.category(pk).label, one) for pk, one in figures.by_category(scope, period).items()]


def _units(scope: Scope, period: Period) -> list[tuple[str, Figures]]:
    known = units_directory().by_id
    return [(known[pk].name, one) for pk, one in figures.by_unit(scope, period).items() if pk in known]


def _days(scope: Scope, period: Period) -> Table:
    heads = (
        Column(_("Day"), 2),
        *(
            Column(str(label), 1, END)
            for label in (pgettext("count", "Reported"), pgettext("count", "Handled"), pgettext("count", "Closed"))
        ),
    )
    rows = [(day, one.reported, one.handled, one.closed) for day, one in figures.by_day(scope, period).items()]
    return Table(heads, tuple(rows))


def _months(scope: Scope, period: Period) -> list[tuple[str, Figures]]:
    found, month = [], periods.of(periods.MONTH, period.since)
    while month.since < period.until:
        found.append((f"{month.since:%Y-%m}", figures.of(scope, month)))
        month = month.after()
    return found


def _attention(scope: Scope) -> Table | None:
    counted = risks.counts([scope])
    rows = tuple((str(Risk.Kind(kind).label), counted[kind]) for kind in risks.ORDER if counted.get(kind))
    return Table((Column(_("Risk"), 3), Column(_("Orders"), 1, END)), rows) if rows else None
