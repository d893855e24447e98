"""The jobs people hold: their names, where each may be held, which page is its home. Source: domain §3. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from grids.levels import Level


class Role(TextChoices):
    """A job held through a post."""

    OFFICER = "officer", _("Grid officer")
    PART_TIME_OFFICER = "part_time_officer", _("Part-time grid officer")
    CHIEF = "chief", _("Grid leader")
    INSTRUCTOR = "instructor", _("Grid instructor")
    INSPECTOR = "inspector", _("Grid discipline officer")
    MANAGER = "manager", _("Grid manager")
    POLICE = "police", _("Stationed officer")
    BUILDING_HEAD = "building_head", _("Building leader")
    INFORMANT = "informant", _("Grid information officer")
    CLERK = "clerk", _("Community clerk")
    ACCEPTOR = "acceptor", _("Acceptor")
    DISPATCHER = "dispatcher", _("Dispatcher")
    DUTY_LEADER = "duty_leader", _("Duty leader")
    REVIEWER = "reviewer", _("Reviewer")
    HANDLER = "handler", _("Handler")
    UNIT_HEAD = "unit_head", _("Head of unit")
    ASSESSOR = "assessor", _("Assessor")
    AUDITOR = "auditor", _("Auditor")
    SECURITY_ADMIN = "security_admin", _("Security administrator")
    ADMIN = "admin", _("System administrator")


@dataclass(frozen=True)
class Seat:
    """Where a role may be held (area levels, units), and the address its holder starts from."""

    role: Role
    levels: tuple[Level, ...]
    in_unit: bool
    home: str
    is_field: bool = False


_GRID = (Level.GRID, Level.MICRO)
_LOCAL = (Level.COMMUNITY, Level.STREET)
_CENTRE = (Level.COMMUNITY, Level.STREET, Level.DISTRICT, Level.CITY)
_OFFICE = (Level.STREET, Level.DISTRICT, Level.CITY)

# The order is that of the homes: who holds several roles starts from the first of them here.
SEATS: dict[Role, Seat] = {
    seat.role: seat
    for seat in (
        Seat(Role.DUTY_LEADER, _CENTRE, False, "/desk/"),
        Seat(Role.DISPATCHER, _CENTRE, False, "/desk/"),
        Seat(Role.ACCEPTOR, _CENTRE, False, "/desk/"),
        Seat(Role.REVIEWER, _CENTRE, False, "/desk/"),
        Seat(Role.INSPECTOR, _CENTRE, False, "/board/"),
        Seat(Role.MANAGER, _CENTRE, False, "/board/"),
        Seat(Role.INSTRUCTOR, _CENTRE, False, "/board/"),
        Seat(Role.CLERK, (Level.COMMUNITY,), False, "/inbox/"),
        Seat(Role.UNIT_HEAD, (), True, "/inbox/"),
        Seat(Role.HANDLER, (), True, "/inbox/"),
        Seat(Role.CHIEF, (*_GRID, *_LOCAL), False, "/board/", is_field=True),
        Seat(Role.OFFICER, _GRID, False, "/m/", is_field=True),
        Seat(Role.PART_TIME_OFFICER, _GRID, False, "/m/", is_field=True),
        Seat(Role.POLICE, (Level.GRID, *_LOCAL), True, "/m/", is_field=True),
        Seat(Role.BUILDING_HEAD, _GRID, False, "/m/", is_field=True),
        Seat(Role.INFORMANT, _GRID, False, "/m/", is_field=True),
        Seat(Role.ASSESSOR, _OFFICE, False, "/assessment/"),
        Seat(Role.AUDITOR, _OFFICE, False, "/admin/"),
        Seat(Role.SECURITY_ADMIN, _OFFICE, False, "/admin/"),
        Seat(Role.ADMIN, _OFFICE, False, "/admin/"),
    )
}

FIELD_ROLES: frozenset[Role] = frozenset(role for role, seat in SEATS.items() if seat.is_field)
# The desks of a centre: an area has a centre where one of these is held.
CENTRE_ROLES: frozenset[Role] = frozenset({Role.ACCEPTOR, Role.DISPATCHER, Role.DUTY_LEADER, Role.REVIEWER})

# Who may give and end which post, holding the role on its area (a unit's area) or above. The three administrators
# are kept apart: rights of administration come from the security administrator, posts of the trade from the other.
APPOINTERS: dict[Role, tuple[Role, ...]] = {
    role: (Role.SECURITY_ADMIN,) if role in (Role.ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR) else (Role.ADMIN,)
    for role in Role
}

HOME_OF_ADMINISTRATOR = "/admin/"
HOME_WITHOUT_POST = "/assessment/"


def fits_area(role: str, level: str) -> bool:
    """Whether the role may be held on an area of that level."""
    return Level(level) in SEATS[Role(role)].levels


def fits_unit(role: str) -> bool:
    """Whether the role may be held in a unit."""
    return SEATS[Role(role)].in_unit


def home_of(roles: Iterable[str], *, is_superuser: bool = False) -> str:
    """The address a person with these roles starts from."""
    if is_superuser:
        return HOME_OF_ADMINISTRATOR
    held = set(roles)
    return next((seat.home for role, seat in SEATS.items() if role in held), HOME_WITHOUT_POST)
