"""The figures of the board: tiles, a chart with its table for days, areas, categories and units."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import pgettext

from core import clock
from grids.directory import directory
from personnel.jurisdiction import units_directory
from workorders import catalogue, figures
from workorders.figures import Figures, Period, Scope, periods
from workorders.papers.periodic import percent, period_words

MOST = 12
PERIODS = {
    periods.DAY: _lazy("Today"),
    periods.WEEK: _lazy("This week"),
    periods.MONTH: _lazy("This month"),
    periods.QUARTER: _lazy("This quarter"),
    periods.YEAR: _lazy("This year"),
}
# The chart of days: a column for each, in units of the picture.
HEIGHT, STEP = 100, 10


@dataclass(frozen=True)
class Tile:
    """One figure with what it is. url: the list behind it."""

    label: str
    value: str
    url: str = ""
    pressing: bool = False


@dataclass(frozen=True)
class Bar:
    """One line of a table with its bar. width: of 100."""

    name: str
    url: str
    one: Figures
    width: int
    late_width: int
    on_time: str


@dataclass(frozen=True)
class Column:
    """One day of the chart."""

    day: dt.date
    x: int
    reported: int
    closed: int
    reported_height: int
    closed_height: int

    @property
    def closed_x(self) -> int:
        """The second bar stands right of the first."""
        return self.x + 4

    @property
    def reported_top(self) -> int:
        """Pictures count from the top."""
        return HEIGHT - self.reported_height

    @property
    def closed_top(self) -> int:
        """The same for the second bar."""
        return HEIGHT - self.closed_height


def chosen(request: HttpRequest, today: dt.date) -> Period:
    """The period the address asks for, a kind or a code; this month without one, or where it is none."""
    asked = request.GET.get("period", "")
    if asked in PERIODS:
        return periods.of(asked, today)
    try:
        found = periods.read(asked)
    except ValueError:
        return periods.of(periods.MONTH, today)
    return found if (found.until - found.since).days <= 366 else periods.of(periods.MONTH, today)


def overview(request: HttpRequest, scopes: list[Scope]) -> dict[str, Any]:
    """Everything the lower half shows. Several scopes are added up; areas and parts are those of the first."""
    period = chosen(request, clock.today())
    total = sum((figures.of(scope, period) for scope in scopes), Figures())
    context = {
        "sums": total,
        "tiles": _tiles(total),
        "period": period,
        "period_words": period_words(period),
        "periods": [(kind, label, _period_url(request, kind), period.kind == kind) for kind, label in PERIODS.items()],
        "as_of": figures.as_of(),
        "days": [],
        "tables": [],
    }
    if scopes:
        scope = scopes[0]
        context["days"] = _columns(figures.by_day(scope, _days_of(period)))
        context["days_width"] = len(context["days"]) * STEP
        context["tables"] = [
            (_("By area"), _("Area"), _areas(scope, period)),
            (_("By unit"), _("Unit"), _units(scope, period)),
            (_("By category"), _("Category"), _categories(scope, period)),
        ]
    return context


def _period_url(request: HttpRequest, kind: str) -> str:
    query = request.GET.copy()
    for name in ("after", "before"):
        query.pop(name, None)
    query["period"] = kind
    return f"?{query.urlencode()}#figures"


def _days_of(period: Period) -> Period:
    """The days of the chart: at most 92 of them, the last ones, and at least a week."""
    length = (period.until - period.since).days
    if length < 7:
        return Period(period.until - dt.timedelta(days=7), period.until)
    return Period(max(period.since, period.until - dt.timedelta(days=92)), period.until) if length > 92 else period


def _tiles(total: Figures) -> list[Tile]:
    return [
        Tile(pgettext("count", "Open"), str(total.open), "?view=all"),
        Tile(pgettext("count", "Overdue"), str(total.overdue), "?view=overdue", pressing=total.overdue > 0),
        Tile(pgettext("count", "Due soon"), str(total.soon), "?view=soon"),
        Tile(pgettext("count", "Cards"), str(total.cards), "?view=cards"),
        Tile(pgettext("count", "Suspended"), str(total.suspended), "?view=suspended"),
        Tile(pgettext("count", "Reported"), str(total.reported)),
        Tile(pgettext("count", "Closed"), str(total.closed)),
        Tile(pgettext("count", "On time"), percent(total.on_time_share) or "–"),
        Tile(pgettext("count", "Satisfied"), percent(total.satisfaction) or "–"),
        Tile(_("Per 1,000 households"), _exact(total.per_1000_households)),
    ]


def _exact(value: Decimal | None) -> str:
    return "–" if value is None else f"{value:f}"


def _columns(found: dict[dt.date, Figures]) -> list[Column]:
    most = max((max(one.reported, one.closed) for one in found.values()), default=0) or 1
    return [
        Column(day, place * STEP, one.reported, one.closed, one.reported * HEIGHT // most, one.closed * HEIGHT // most)
        for place, (day, one) in enumerate(found.items())
    ]


def _bars(rows: list[tuple[str, str, Figures]]) -> list[Bar]:
    """The busiest first: what is late, then what is open, then what came in."""
    rows = sorted(rows, key=lambda row: (-row[2].overdue, -row[2].open, -row[2].reported, row[0]))[:MOST]
    most = max((one.open for _name, _url, one in rows), default=0) or 1
    return [
        Bar(name, url, one, one.open * 100 // most, one.overdue * 100 // most, percent(one.on_time_share) or "–")
        for name, url, one in rows
    ]


def _areas(scope: Scope, period: Period) -> list[Bar]:
    known = directory().by_id
    found = figures.by_area(scope, period)
    return _bars([(known[pk].name, f"?view=all&area={known[pk].code}", one) for pk, one in found.items()])


def _units(scope: Scope, period: Period) -> list[Bar]:
    known = units_directory().by_id
    found = figures.by_unit(scope, period)
    return _bars([(known[pk].name, "", one) for pk, one in found.items() if pk in known])


def _categories(scope: Scope, period: Period) -> list[Bar]:
    found = figures.by_category(scope, period)
    return _bars(
        [
            (catalogue.category(pk).label, f"?view=all&category={catalogue.category(pk).code}", one)
            for pk, one in found.items()
        ]
    )
