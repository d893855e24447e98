"""The routing table: which unit gets which category where, from which day; and what no row names."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from core import clock
from core.errors import Invalid, NotAllowedNow
from core.revisions import bump
from core.transactions import command
from grids.directory import Place, directory
from grids.levels import Level
from grids.models import Area
from personnel.administration import Kind, check_area, record
from personnel.jurisdiction import units_directory
from personnel.models import Unit, User
from workorders import catalogue
from workorders.models import Category, Route


def subject_of(area: Area | Place, category: Category | None) -> str:
    """The chain of one place in the table: area × category."""
    return f"route:{area.code}:{category.code if category else '*'}"


@command
def set_route(
    *, by: User | None, category: Category | None, area: Area, unit: Unit, starts: dt.date, at: dt.datetime
) -> Route:
    """From `starts` on, problems of the category in the area go to the unit. category: None means every category.

    The row that held until then ends that day; a row that begins later stays and ends this one. Orders that were
    dispatched already stay where they are. Raises NotPermitted, Invalid, NotAllowedNow `same_route`.
    """
    check_area(by, area.pk, at)
    place, errors = directory().by_id[area.pk], {}
    if starts < clock.date_of(at):
        errors["starts"] = [_("A row begins today or later; what was routed already stays.")]
    if unit.area_id not in place.path:
        errors["unit"] = [_("The unit has to belong to this area or to one above it.")]
    elif not unit.is_active(starts):
        errors["unit"] = [_("The unit does not exist on that day.")]
    if category is not None and not category.is_active:
        errors["category"] = [_("This category is not in use.")]
    if errors:
        raise Invalid(errors=errors)
    Area.objects.select_for_update(no_key=True).get(pk=area.pk)  # two administrators, one after the other
    rows = Route.objects.filter(category=category, area=area)
    data = {"unit": unit.code, "starts": starts}
    held = rows.filter(Q(ends=None) | Q(ends__gt=starts), starts__lte=starts).order_by("pk").first()
    if held is not None:
        if held.unit_id == unit.pk:
            raise NotAllowedNow("same_route", _("This row holds already: the unit gets these problems."))
        data["before"] = held.unit.code
    if held is not None and held.starts == starts:  # begins the same day: it never held
        held.unit = unit
        held.save(update_fields=["unit"])
        route = held
    else:
        later = rows.filter(starts__gt=starts).order_by("starts").first()
        if held is not None:
            held.ends = starts
            held.save(update_fields=["ends"])
        route = Route.objects.create(
            category=category, area=area, unit=unit, starts=starts, ends=later.starts if later else None
        )
    kind = Kind.CHANGED if held is not None else Kind.ADDED
    record(subject_of(area, category), kind, by=by, at=at, area_id=area.pk, data=data)
    bump("routes")
    return route


@command
def end_route(route: Route, *, by: User | None, on: dt.date, at: dt.datetime) -> None:
    """Let a row hold no more: `on` is the first day without it. A row that has not begun is taken out.

    Raises NotPermitted, Invalid, NotAllowedNow `already_ended`.
    """
    route = Route.objects.select_related("area", "category", "unit").select_for_update(of=("self",)).get(pk=route.pk)
    check_area(by, route.area_id, at)
    today = clock.date_of(at)
    if route.ends is not None and route.ends <= on:
        raise NotAllowedNow("already_ended", _("This row has ended already."))
    if on < today:
        raise Invalid(errors={"on": [_("A row ends today or later; what was routed already stays.")]})
    data = {"unit": route.unit.code, "ends": on}
    record(subject_of(route.area, route.category), Kind.ENDED, by=by, at=at, area_id=route.area_id, data=data)
    if on <= route.starts:
        route.delete()
    else:
        route.ends = on
        route.save(update_fields=["ends"])
    bump("routes")


# -- what no row names ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Gap:
    """A category and the communities in which no row holds, or the row names a unit that is closed."""

    category: Category
    missing: tuple[Place, ...]
    closed: tuple[Place, ...]


def gaps(tops: list[Place], *, on: dt.date) -> tuple[list[Gap], Counter]:
    """The categories in use that somewhere here no row routes to a unit of today, and the communities of each area.

    The second is `{area_id: count}`, for telling whole streets and districts from single communities.

    Judged at the communities, where orders without a known grid stand too. No statement is sent.
    """
    wanted = {place.id for place in tops}
    communities = [
        place
        for place in directory().by_id.values()
        if place.level == Level.COMMUNITY and place.is_active(on) and not wanted.isdisjoint(place.path)
    ]
    # Communities below the same areas with rows fare alike: one of them is asked for all.
    alike: dict[tuple[int, ...], list[Place]] = {}
    rows = catalogue.areas_with_routes()
    for place in communities:
        alike.setdefault(tuple(pk for pk in place.path if pk in rows), []).append(place)
    units, found = units_directory().by_id, []
    for category in catalogue.categories():
        if not (category.is_minor and category.is_active):
            continue
        missing, closed = [], []
        for places in alike.values():
            row = catalogue.routed(category.pk, places[0].id, on=on)
            if row is None:
                missing += places
            elif row.unit_id not in units or not units[row.unit_id].is_active(on):
                closed += places
        if missing or closed:
            found.append(Gap(category, tuple(missing), tuple(closed)))
    return found, Counter(pk for place in communities for pk in place.path)
