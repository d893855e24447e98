"""The wall of a command centre: live figures around the map, each with its cut-off and the list behind it, no names.

The page and its refresh show what `shown` gives, so both say the same; the figures are those of map, board and lists.
"""

import datetime as dt
from dataclasses import asdict, dataclass, replace

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from core import clock, wording
from grids import shapes
from grids.levels import Level
from pages import lists, words
from pages.base import page
from pages.maps import listing, measures, places
from pages.maps.config import config
from pages.maps.places import Asked, must_ask, url
from personnel.jurisdiction import units_directory
from workorders import catalogue, reading
from workorders import figures as counted
from workorders.figures import Period, Scope
from workorders.figures import periods as stretches

REFRESH_SECONDS = 15
TREND_DAYS = 14
ROWS = 8
LATE = 5
# The worker counts every five seconds; when the cut-off is older than this, the wall says so.
STALE = dt.timedelta(seconds=30)


@dataclass(frozen=True)
class Tile:
    """One large figure. tone: "late" where it is bad news."""

    key: str
    label: str
    value: str
    url: str
    tone: str = ""


@dataclass(frozen=True)
class Line:
    """A row of a ranking: a name of an area, category or unit, never of a person."""

    name: str
    value: str
    more: str
    share: int
    url: str = ""


def shown(asked: Asked) -> dict:
    """Everything the wall shows, with texts in the reader's language."""
    today = clock.today()
    asked = replace(asked, day=None, month=None, unit=None, box=None)
    day, month = replace(asked, day=today), replace(asked, month=stretches.of(stretches.MONTH, today))
    [now] = measures.of_areas(day, [asked.place.id]).values()
    [so_far] = measures.of_areas(month, [asked.place.id]).values()
    at = measures.cutoff()
    told = str if at is not None else _unknown  # before the first count nothing is known
    return {
        "at": wording.moment(clock.now()),
        "cutoff": wording.moment(at) if at else "–",
        "stale": at is None or clock.now() - at > STALE,
        "now": [asdict(one) for one in (
            Tile("open", _("All open"), told(now.open), listing.address(asked, "open")),
            Tile(
                "overdue", _("Overdue"), told(now.overdue), listing.address(asked, "overdue"),
                "late" if now.overdue else "",
            ),
            Tile("soon", _("Due soon"), told(now.soon), listing.address(asked, "soon")),
            Tile("cards", _("With a card"), told(now.cards), listing.address(asked, "cards")),
        )],
        "today": [asdict(one) for one in (
            Tile("reported", _("Newly reported"), told(now.reported), listing.address(day, "reported")),
            Tile("handled", _("Handled by units"), told(now.handled), listing.address(day, "handled")),
            Tile("closed", _("Closed cases"), told(now.closed), listing.address(day, "closed")),
        )],
        "month": [asdict(one) for one in (
            Tile("m_reported", _("Newly reported"), told(so_far.reported), listing.address(month, "reported")),
            Tile("m_on_time", _("Handled on time"), _share(so_far.on_time_share), listing.address(month, "handled")),
            Tile(
                "m_satisfied", _("Satisfied reporters"), _share(so_far.satisfaction), listing.address(month, "closed")
            ),
            Tile("m_resolved", _("Share solved"), _share(so_far.resolution), listing.address(month, "closed")),
        )],
        "trend": _trend(asked),
        "areas": [asdict(one) for one in _areas(day)],
        "categories": [asdict(one) for one in _categories(month)],
        "units": [asdict(one) for one in _units(month)],
        "late": _late(asked),
    }  # fmt: skip


def _unknown(_value: int) -> str:
    return "–"


def _share(value) -> str:
    return "–" if value is None else f"{value * 100:.1f}%"


def _scopes(asked: Asked) -> list[Scope]:
    """What the reader's figures are summed from."""
    category = asked.category and asked.category.pk
    if asked.owns_area:
        return [Scope(asked.place.id, category)]
    return [Scope(asked.place.id, category, unit_id) for unit_id in sorted(asked.standing.unit_ids)]


def _trend(asked: Asked) -> list[dict]:
    """The last days: reported and closed, as figures and as heights of bars (per cent of the highest)."""
    today = clock.today()
    period = Period(today - dt.timedelta(days=TREND_DAYS - 1), today + dt.timedelta(days=1))
    found: dict[dt.date, counted.Figures] = {}
    for scope in _scopes(asked):
        for day, one in counted.by_day(scope, period).items():
            found[day] = found.get(day, counted.Figures()) + one
    most = max((max(one.reported, one.closed) for one in found.values()), default=0) or 1
    return [
        {
            "day": f"{day.month}-{day.day}",
            "reported": one.reported,
            "closed": one.closed,
            "high": round(one.reported * 100 / most),
            "low": round(one.closed * 100 / most),
        }
        for day, one in sorted(found.items())
    ]


def _areas(asked: Asked) -> list[Line]:
    below = places.children(asked.place)
    found = measures.of_areas(asked, [one.id for one in below])
    rows = sorted(below, key=lambda one: (-found[one.id].overdue, -found[one.id].open, one.code))[:ROWS]
    most = max((found[one.id].open for one in rows), default=0) or 1
    return [
        Line(
            one.name, str(found[one.id].overdue), str(found[one.id].open),
            round(found[one.id].overdue * 100 / most), listing.address(asked.at(one), "overdue", day=None),
        )
        for one in rows
    ]  # fmt: skip


def _parts(asked: Asked, ask) -> dict[int, counted.Figures]:
    found: dict[int, counted.Figures] = {}
    for scope in _scopes(asked):
        for pk, one in ask(scope, asked.period).items():
            found[pk] = found.get(pk, counted.Figures()) + one
    return found


def _categories(asked: Asked) -> list[Line]:
    found = _parts(asked, counted.by_category)
    rows = sorted(found, key=lambda pk: (-found[pk].reported, pk))[:ROWS]
    most = max((found[pk].reported for pk in rows), default=0) or 1
    return [
        Line(
            catalogue.category(pk).label, str(found[pk].reported), _share(found[pk].on_time_share),
            round(found[pk].reported * 100 / most),
            listing.address(asked, "reported", category=catalogue.category(pk).code),
        )
        for pk in rows
    ]  # fmt: skip


def _units(asked: Asked) -> list[Line]:
    found, known = _parts(asked, counted.by_unit), units_directory().by_id
    rows = sorted((pk for pk in found if pk in known), key=lambda pk: (-found[pk].overdue, -found[pk].open, pk))[:ROWS]
    most = max((found[pk].open for pk in rows), default=0) or 1
    return [
        Line(
            known[pk].name, str(found[pk].overdue), str(found[pk].open), round(found[pk].overdue * 100 / most),
            listing.address(asked, "overdue", unit=known[pk].code, month=None),
        )
        for pk in rows
    ]  # fmt: skip


def _late(asked: Asked) -> list[dict]:
    """The orders longest overdue: number, category, area. Titles are people's own words and stay off a wall."""
    now = clock.now()
    rows = reading.fetch_page(listing.behind(asked, "overdue"), asked.standing, ordering="due_at", size=LATE).rows
    found = []
    for row in rows:
        one = lists.row_of(row, url="", now=now)
        found.append(
            {"number": one.number, "what": one.category, "where": one.area, "late": words.due_words(one.due_at, now)}
        )
    return found


def show(request: HttpRequest, asked: Asked) -> HttpResponse:
    """The wall as a page of its own."""
    floors = shapes.floors(asked.place, clock.today())
    context = {
        "place": asked.place,
        "level_label": Level(asked.place.level).label,
        "shown": shown(asked),
        "config": config(asked, floors),
        "refresh": REFRESH_SECONDS,
        "refresh_url": f"{reverse('map:wall')}?{asked.query()}",
        "back_url": url(asked.place),
    }
    return render(request, "maps/wall.html", context)


@page
@require_GET
def refresh(request: HttpRequest) -> HttpResponse:
    """Everything the wall shows, as one JSON."""
    response = JsonResponse(
        shown(must_ask(request)), json_dumps_params={"ensure_ascii": False, "separators": (",", ":")}
    )
    response["Cache-Control"] = "private, no-store"
    return response
