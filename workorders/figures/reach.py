"""Which figures a person may see: those of areas worked for, and those of one's own units."""

from grids.directory import directory
from personnel.jurisdiction import Standing, units_directory
from workorders.figures.reading import Scope


def scopes_of(standing: Standing) -> list[Scope]:
    """The widest scopes of this person, one for each topmost area and each unit; cities for superusers.

    A post in a unit shows what the unit leads, wherever it lies, and nothing else of its area.
    """
    known = directory().by_id
    if standing.is_superuser:
        return [Scope(place.id) for place in known.values() if place.parent_id is None]
    held = {pk for pk in standing.area_ids if pk in known}
    found = [Scope(pk) for pk in sorted(held) if not held.intersection(known[pk].path[:-1])]
    units = units_directory().by_id
    for pk in sorted(standing.unit_ids):
        if pk in units:
            found.append(Scope(known[units[pk].area_id].path[0], unit_id=pk))
    return found


def admits(standing: Standing, scope: Scope) -> bool:
    """Whether everything counted in the scope lies in this person's reach."""
    path = directory().by_id[scope.area_id].path
    return any(
        one.area_id in path and (one.unit_id is None or one.unit_id == scope.unit_id) for one in scopes_of(standing)
    )
