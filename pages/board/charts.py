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


@dataclass(frozen=True)
class Tile:
    """One figure with what it is. url: the list behind it."""

    label: str
    value: str
    url: str = ""
    pressing: bool = False


@dataclass(frozen=True)
class Line:
    """One line of a table: an area, a unit or a category."""

    name: str
    url: str
    one: Figures
    on_time: str


@dataclass(frozen=True)
class Table:
    """The busiest of one kind, as a table and as a chart. name: the chart's; first: the head of the first column."""

    name: str
    heading: str
    first: str
    lines: list[Line]


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
        context["days"] = list(figures.by_day(scope, _days_of(period)).items())
        context["tables"] = [
            Table("areas", _("By area"), _("Area"), _areas(scope, period)),
            Table("units", _("By unit"), _("Unit"), _units(scope, period)),
            Table("categories", _("By category"), _("Category"), _categories(scope, period)),
        ]
    context["figures"] = [_chart_of_days(context["days"]), *(_chart_of(one) for one in context["tables"])]
    return context


def _chart_of_days(days: list[tuple[dt.date, Figures]]) -> dict[str, Any]:
    return {
        "name": "days",
        "form": "columns",
        "labels": [f"{day.month}-{day.day}" for day, _one in days],
        "series": [
            {"name": pgettext("count", "Reported"), "values": [one.reported for _day, one in days], "tone": "brand"},
            {"name": pgettext("count", "Closed"), "values": [one.closed for _day, one in days], "tone": "hollow"},
        ],
    }


def _chart_of(table: Table) -> dict[str, Any]:
    return {
        "name": table.name,
        "form": "bars",
        "labels": [line.name for line in table.lines],
        "series": [
            {"name": pgettext("count", "Open"), "values": [line.one.open for line in table.lines], "tone": "brand"},
            {
                "name": pgettext("count", "Overdue"),
                "values": [line.one.overdue for line in table.lines],
                "tone": "late",
            },
        ],
    }


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


def _lines(rows: list[tuple[str, str, Figures]]) -> list[Line]:
    """The busiest first: what is late, then what is open, then what came in."""
    rows = sorted(rows, key=lambda row: (-row[2].overdue, -row[2].open, -row[2].reported, row[0]))[:MOST]
    return [Line(name, url, one, percent(one.on_time_share) or "–") for name, url, one in rows]


def _areas(scope: Scope, period: Period) -> list[Line]:
    known = directory().by_id
    found = figures.by_area(scope, period)
    return _lines([(known[pk].name, f"?view=all&area={known[pk].code}", one) for pk, one in found.items()])


def _units(scope: Scope, period: Period) -> list[Line]:
    known = units_directory().by_id
    found = figures.by_unit(scope, period)
    return _lines([(known[pk].name, "", one) for pk, one in found.items() if pk in known])


def _categories(scope: Scope, period: Period) -> list[Line]:
    found = figures.by_category(scope, period)
    return _lines(
        [
            (catalogue.category(pk).label, f"?view=all&category={catalogue.category(pk).code}", one)
            for pk, one in found.items()
        ]
    )
