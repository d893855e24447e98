"""Who a row of the workflow means: each rule answers in which role a person may act on an order, or None. Pure."""

from dataclasses import dataclass

from grids.directory import directory
from grids.levels import Level
from personnel.jurisdiction import units_directory
from personnel.roles import Role

SYSTEM_ROLE = "system"
_RANK = {
    level: rank
    for rank, level in enumerate((Level.CITY, Level.DISTRICT, Level.STREET, Level.COMMUNITY, Level.GRID, Level.MICRO))
}


def path_of(order) -> tuple[int, ...]:
    """Ids of the order's areas, from the city down to where it lies."""
    return tuple(place.id for place in directory().path(order.area_id))


class Rule:
    """One line of the column "who"."""

    def __str__(self):
        return self.__doc__.strip().rstrip(".").lower()

    def role_of(self, standing, order) -> str | None:
        """The role in which this person may act on the order; None when not meant."""
        if standing is None or standing.is_superuser:
            return None
        return self._role_of(standing, order)

    def _role_of(self, standing, order) -> str | None:
        return None


@dataclass(frozen=True, init=False)
class OnArea(Rule):
    """Holds one of the roles on the order's area or above; `up_to`: on an area of this level or a finer one."""

    roles: tuple
    up_to: str | None

    def __init__(self, *roles, up_to=None):
        object.__setattr__(self, "roles", roles)
        object.__setattr__(self, "up_to", up_to)

    def __str__(self):
        roles = ", ".join(self.roles)
        return f"{roles} (up to {self.up_to})" if self.up_to else roles

    def _role_of(self, standing, order):
        if not standing.roles.intersection(self.roles):
            return None
        path = directory().path(order.area_id)
        if self.up_to:
            path = [place for place in path if _RANK[place.level] >= _RANK[self.up_to]]
        held = standing.holds(*self.roles, path=[place.id for place in path])
        return held.role if held else None


@dataclass(frozen=True)
class LeadUnit(Rule):
    """Handler or head of the unit that leads."""

    def _role_of(self, standing, order):
        held = order.lead_id and standing.in_unit(order.lead_id)
        return held.role if held else None


def deciders(order) -> tuple[str, ...]:
    """The roles that decide on more time for this order; the duty leader always may."""
    kind = units_directory().by_id[order.lead_id].kind if order.lead_id else None
    if order.officer_id or kind == "CO":
        return (Role.CLERK, Role.DUTY_LEADER)
    if kind == "ST":
        return (Role.INSTRUCTOR, Role.DUTY_LEADER)
    return (Role.DUTY_LEADER,)


@dataclass(frozen=True)
class ExtensionDecider(Rule):
    """Clerk for what an officer or a community handles, instructor for a street's unit, duty_leader for all."""

    def _role_of(self, standing, order):
        path = path_of(order)
        held = (standing.holds(role, path=path) for role in reversed(deciders(order)))
        return next((post.role for post in held if post), None)


@dataclass(frozen=True)
class CoUnit(Rule):
    """Somebody of a unit that was called in."""

    def _role_of(self, standing, order):
        return next((standing.in_unit(unit).role for unit in order.co_units if standing.in_unit(unit)), None)


@dataclass(frozen=True)
class WhistledUnit(Rule):
    """Somebody of a unit that was whistled for."""

    def _role_of(self, standing, order):
        return next((standing.in_unit(unit).role for unit in order.whistled_units if standing.in_unit(unit)), None)


@dataclass(frozen=True)
class Whistler(Rule):
    """Whoever may blow the whistle here may rate who came; the command looks at who blew it."""

    def _role_of(self, standing, order):
        if not order.whistled_units:
            return None
        held = standing.holds(Role.CHIEF, Role.CLERK, Role.INSTRUCTOR, Role.MANAGER, path=path_of(order))
        return held.role if held else None


@dataclass(frozen=True)
class HandlingOfficer(Rule):
    """The officer to whom it was given, or who keeps it."""

    def _role_of(self, standing, order):
        return Role.OFFICER.value if order.officer_id == standing.user.pk else None


@dataclass(frozen=True)
class VerifyOfficer(Rule):
    """The officer who was asked to look."""

    def _role_of(self, standing, order):
        return Role.OFFICER.value if order.verify_officer_id == standing.user.pk else None


@dataclass(frozen=True)
class CheckingOfficer(Rule):
    """The officer who holds the order's grid that day, or follows the order."""

    def _role_of(self, standing, order):
        if order.follow_officer_id == standing.user.pk:
            return Role.OFFICER.value
        grids = [place.id for place in directory().path(order.area_id) if _RANK[place.level] >= _RANK[Level.GRID]]
        held = standing.holds(Role.OFFICER, Role.PART_TIME_OFFICER, path=grids)
        return held.role if held else None


@dataclass(frozen=True)
class Reviewer(Rule):
    """A reviewer of the area who has no part in the handling."""

    def _role_of(self, standing, order):
        held = standing.holds(Role.REVIEWER, path=path_of(order))
        own = (order.lead_id and standing.in_unit(order.lead_id)) or order.officer_id == standing.user.pk
        return held.role if held and not own else None


@dataclass(frozen=True)
class Reporter(Rule):
    """Whoever reported it."""

    def _role_of(self, standing, order):
        return "reporter" if order.reporter_id == standing.user.pk else None


@dataclass(frozen=True)
class Reader(Rule):
    """Whoever sees it; the doors have asked `visible_to` before."""

    def _role_of(self, standing, order):
        held = standing.holds(*standing.roles, path=path_of(order)) if standing.roles else None
        return held.role if held else (sorted(standing.roles)[0] if standing.roles else "reporter")


@dataclass(frozen=True)
class System(Rule):
    """No person: timers and sweeps."""

    def role_of(self, standing, order):
        return SYSTEM_ROLE if standing is None else None
