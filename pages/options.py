"""What may sensibly be entered on one order: its units, its officers, the categories, and the usual reasons."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from core import clock
from grids.directory import directory
from grids.levels import Level
from personnel.departments import Department
from personnel.jurisdiction import UnitRef, units_directory
from personnel.models import Post
from personnel.roles import Role
from workorders import catalogue
from workorders.models import WorkOrder

FIELD = (Role.OFFICER, Role.PART_TIME_OFFICER)

# The usual reasons of each step, most used first; what is chosen is stored as it was read.
REASONS = {
    "return": (
        _lazy("Not our responsibility"),
        _lazy("Another unit has to act first"),
        _lazy("The place is wrong or cannot be found"),
        _lazy("Needed information is missing"),
    ),
    "decline": (
        _lazy("Not a matter for grid governance"),
        _lazy("Already dealt with"),
        _lazy("Cannot be verified"),
        _lazy("In the hands of a court or another procedure"),
    ),
    "fail_check": (
        _lazy("Not cleared up"),
        _lazy("Only partly done"),
        _lazy("The photo does not show this place"),
        _lazy("The problem has come back"),
    ),
    "suspend": (
        _lazy("Waits for weather or season"),
        _lazy("Waits for funds"),
        _lazy("Waits for a decision from above"),
        _lazy("Waits for the owner"),
    ),
    "reopen": (_lazy("The reporter is not satisfied"), _lazy("The problem has come back"), _lazy("Closed by mistake")),
    "request_extension": (
        _lazy("Material or machines are on their way"),
        _lazy("Weather does not allow it"),
        _lazy("Several units have to work together"),
        _lazy("The owner cannot be reached"),
    ),
    "void": (_lazy("Reported by mistake"), _lazy("Already solved"), _lazy("Reported twice")),
    "supervise": (
        _lazy("Overdue without progress"),
        _lazy("What was fed back is not true"),
        _lazy("Sent back repeatedly"),
        _lazy("Residents complain again and again"),
    ),
    "urge": (
        _lazy("Please act now, it will soon be overdue"),
        _lazy("Overdue: please act and report today"),
        _lazy("The reporter has asked again"),
    ),
    "lift_supervision": (_lazy("Answered and put right"), _lazy("Given by mistake")),
}


@dataclass(frozen=True)
class Suggestion:
    """A unit that is proposed, and why."""

    unit: UnitRef
    reason: str


def today() -> dt.date:
    """The day the choices hold for."""
    return clock.today()


def units_of(order: WorkOrder) -> list[UnitRef]:
    """The units that may take part: those of the order's own areas that exist today, the nearest area first."""
    path = [place.id for place in directory().path(order.area_id)][::-1]
    units = [unit for unit in units_directory().by_id.values() if unit.area_id in path and unit.is_active(today())]
    return sorted(units, key=lambda unit: (path.index(unit.area_id), unit.kind == Department.COMMAND_CENTRE, unit.code))


def grouped(units: list[UnitRef], *, note=lambda unit: "") -> list[tuple[str, list[tuple[str, str]]]]:
    """Units as the groups of a select, one for each area. note: words behind a unit's name."""
    groups: dict[int, list[tuple[str, str]]] = {}
    for unit in units:
        words = note(unit)
        label = _("%(unit)s (%(note)s)") % {"unit": unit.name, "note": words} if words else unit.name
        groups.setdefault(unit.area_id, []).append((unit.code, label))
    return [(directory().by_id[area_id].name, choices) for area_id, choices in groups.items()]


def suggested_unit(order: WorkOrder) -> Suggestion | None:
    """The unit the routing table names, else the street office, which takes what has no owner."""
    if order.category_id:
        unit_id = catalogue.routed_unit(order.category_id, order.area_id, on=today())
        unit = units_directory().by_id.get(unit_id)
        if unit is not None and unit.is_active(today()) and unit.id not in order.returned_units:
            category = catalogue.category(order.category_id)
            where = directory().by_id[unit.area_id].name
            reason = _("Routing table: %(category)s in %(area)s") % {"category": category.label, "area": where}
            return Suggestion(unit, reason)
    street = directory().ancestor(order.area_id, Level.STREET)
    office = units_directory().of_area(street.id, Department.STREET, today()) if street else None
    if office is None or office.id in order.returned_units:
        return None
    return Suggestion(office, _("No route names a unit; the street office takes what has no owner."))


def officers_near(order: WorkOrder, *, whole_community: bool) -> list[tuple[str, str]]:
    """The officers of the grid, or of all grids of its community, as choices; one statement."""
    path = directory().path(order.area_id)
    areas = {path[-1].id}
    if whole_community and order.community_id:
        areas |= {place.id for place in directory().inside(order.community_id)}
    posts = Post.objects.on(today()).filter(role__in=FIELD, area_id__in=areas, person__is_active=True)
    found: dict[str, str] = {}
    for post in posts.select_related("person").order_by("role", "area__code", "pk"):
        place = directory().by_id[post.area_id]
        words = {"name": post.person.name, "role": post.get_role_display(), "grid": place.name}
        found.setdefault(str(post.person_id), _("%(name)s · %(role)s · %(grid)s") % words)
    return list(found.items())


def categories(*, with_majors: bool = False) -> list[tuple[str, list[tuple[str, str]]]]:
    """The categories in use as the groups of a select; `with_majors` lets a whole group be chosen."""
    groups: dict[int, tuple[str, list[tuple[str, str]]]] = {}
    for category in catalogue.categories():
        if not category.is_active:
            continue
        if not category.is_minor:
            whole = [(category.code, _("%(category)s: all of them") % {"category": category.label})]
            groups[category.pk] = (f"{category.code} {category.label}", whole if with_majors else [])
        elif category.parent_id in groups:
            groups[category.parent_id][1].append((category.code, f"{category.code} {category.label}"))
    return [group for group in groups.values() if group[1]]


def search_words(code: str) -> str:
    """What a category is found by when typed: code, both names, pinyin initials."""
    category = catalogue.find(code)
    return f"{category.code} {category.name} {category.name_en} {category.initials}".lower() if category else ""
