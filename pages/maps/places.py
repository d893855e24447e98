"""Which area the map shows, the way to it, and what the address asks for."""

import datetime as dt
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from core import clock, wording
from grids import shapes
from grids.directory import Place, directory, find
from grids.levels import Level
from pages import base, lists
from personnel.jurisdiction import Standing, UnitRef, units_directory
from workorders import catalogue
from workorders.figures import Period, reading
from workorders.figures import periods as stretches
from workorders.models import WorkOrder
from workorders.models.reach import area_condition
from workorders.papers.periodic import period_words

BELOW = {
    Level.CITY: "district",
    Level.DISTRICT: "street",
    Level.STREET: "community",
    Level.COMMUNITY: "area",
    Level.GRID: "area",
    Level.MICRO: "area",
}
DAYS = (7, 30, 90)
# How far back the slider goes.
DAYS_BACK = 30


class AreaCode:
    """Codes of areas in addresses."""

    regex = "[0-9]{12,17}"

    def to_python(self, value: str) -> str:
        """As it is."""
        return value

    to_url = to_python


def counts(seen: QuerySet, column: str, now: dt.datetime) -> dict[int, dict[str, int]]:
    """Open orders, overdue ones and those with a card, by a column; one statement."""
    rows = seen.open().order_by().values(f"{column}_id")
    rows = rows.annotate(
        open=Count("pk"),
        overdue=Count("pk", filter=Q(due_at__lt=now, clock_paused=False)),
        cards=Count("pk", filter=~Q(card="")),
    )
    return {row[f"{column}_id"]: row for row in rows}


@dataclass(frozen=True)
class Asked:
    """What an address of the map asks for, understood as far as it can be."""

    standing: Standing
    place: Place
    days: int
    day: dt.date | None
    category: Any | None
    box: shapes.Box | None
    level: str
    month: Period | None = None
    unit: UnitRef | None = None

    @cached_property
    def period(self) -> Period:
        """The day chosen, else the month, else the days up to today."""
        today = clock.today()
        if self.day is not None:
            return stretches.of(stretches.DAY, self.day)
        if self.month is not None:
            return self.month
        return Period(today - dt.timedelta(days=self.days - 1), today + dt.timedelta(days=1))

    @property
    def period_words(self) -> str:
        """The period in words."""
        if self.day is not None:
            return _("on %(day)s") % {"day": wording.day(self.day)}
        if self.month is not None:
            return period_words(self.month)
        return _("in the last %(days)d days") % {"days": self.days}

    @property
    def category_words(self) -> str:
        """The category in words."""
        return self.category.label if self.category else _("all categories")

    @property
    def owns_area(self) -> bool:
        """Whether everything in the area is the reader's, or only what the reader's own units lead."""
        return self.standing.is_superuser or not self.standing.area_ids.isdisjoint(self.place.path)

    def orders(self) -> QuerySet:
        """The orders the figures of this reader count: of the area and the category."""
        found = WorkOrder.objects.visible_to(self.standing.user, self.standing.on).filter(area_condition(self.place.id))
        if not self.owns_area:
            found = found.filter(lead_id__in=self.standing.unit_ids)
        if self.unit is not None:
            found = found.filter(lead_id=self.unit.id)
        if self.category is not None:
            found = found.filter(category_id__in=kinds_of(self.category))
        return found

    def query(self, **changes: Any) -> str:
        """The same question for another address; None leaves a part out."""
        parts = {
            "area": self.place.code,
            "days": self.days,
            "day": self.day and self.day.isoformat(),
            "month": self.month and self.month.code,
            "unit": self.unit and self.unit.code,
            "category": self.category and self.category.code,
        } | changes
        return urlencode({name: value for name, value in parts.items() if value not in (None, "")})

    def at(self, place: Place) -> "Asked":
        """The same question about another area."""
        return replace(self, place=place)


def kinds_of(category) -> list[int]:
    """The categories orders may carry that belong to this one."""
    return [one.pk for one in catalogue.categories() if category.pk in (one.pk, one.parent_id)]


def asked(request: HttpRequest) -> Asked | None:
    """What the address asks; None for people without any area. 404 for areas outside the reach."""
    standing = base.standing(request)
    place = chosen(request, lists.tops_of(standing))
    if place is None:
        return None
    given = request.GET
    days = int(given["days"]) if given.get("days", "") in [str(one) for one in DAYS] else 30
    level = given.get("level", "")
    return Asked(
        standing=standing,
        place=place,
        days=days,
        day=_day(given.get("day", "")),
        category=catalogue.find(given["category"]) if given.get("category") else None,
        box=box_of(given.get("box", "")),
        level=level if level in Level.values else "",
        month=_month(given.get("month", "")),
        unit=units_directory().by_code.get(given.get("unit", "")),
    )


def must_ask(request: HttpRequest) -> Asked:
    """As `asked`; 404 for people without any area."""
    found = asked(request)
    if found is None:
        raise Http404
    return found


def _day(text: str) -> dt.date | None:
    """A day of the slider; today is a day like any other."""
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    today = clock.today()
    return day if today - dt.timedelta(days=DAYS_BACK) <= day <= today else None


def _month(text: str) -> Period | None:
    """A month the wall tells of; anything else is none."""
    try:
        found = stretches.read(text)
    except ValueError:
        return None
    return found if found.kind == stretches.MONTH else None


def box_of(text: str) -> shapes.Box | None:
    """west,south,east,north in degrees; None for anything else."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        return None
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        return None
    return west, south, east, north


def chosen(request: HttpRequest, tops: list[Place]) -> Place | None:
    """The area asked for, else the reader's own; 404 outside the reach, None for people without any."""
    code = request.GET.get("area", "")
    if not code:
        return tops[0] if tops else None
    place = find(code) if code.isascii() and code.isdigit() else None
    if place is None or not any(top.id in place.path for top in tops):
        raise Http404
    return place


def url(place: Place) -> str:
    """The map of an area."""
    return f"{reverse('map:index')}?area={place.code}"


def above(place: Place, tops: list[Place]) -> list[tuple[str, str]]:
    """The way down from the reader's own area to this one."""
    own = {top.id for top in tops}
    path_down = directory().path(place.id)
    start = next((at for at, one in enumerate(path_down) if one.id in own), len(path_down) - 1)
    return [(one.name, url(one)) for one in path_down[start:]]


def children(place: Place) -> list[Place]:
    """The areas directly below that exist today, as the figures count them; a grid stands for itself."""
    return reading.below(place, clock.today())
