"""Who administers what, and the record of it: units, tables, calendar, texts, looks at other people's pages.

An administrator's post reaches down the tree. What holds for everybody (taxonomy, calendar, texts of no unit) belongs
to those who administer every city of the installation. Superusers may do all of it.
"""

import datetime as dt
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from core import clock
from core.errors import NotPermitted
from core.events import GENESIS
from grids.directory import Place, directory, find_id
from personnel.jurisdiction import standing_of
from personnel.models import AdministrationEvent, User
from personnel.roles import Role

Kind = AdministrationEvent.Kind


def administered(user: User, on: dt.date) -> list[Place]:
    """The topmost areas a person administers that day, in tree order; every root for superusers."""
    known, standing = directory().by_id, standing_of(user, on)
    if standing.is_superuser:
        return [place for place in known.values() if place.parent_id is None]
    held = {post.area_id for post in standing.posts if post.role == Role.ADMIN and post.area_id in known}
    return [place for place in known.values() if place.id in held and held.isdisjoint(place.path[:-1])]


def administers(user: User, area_id: int, on: dt.date) -> bool:
    """Whether the area lies in what the person administers."""
    if standing_of(user, on).is_superuser:
        return True
    place = find_id(area_id)
    return place is not None and standing_of(user, on).holds(Role.ADMIN, path=place.path) is not None


def administers_all(user: User, on: dt.date) -> bool:
    """Whether the person administers every root of the tree."""
    standing = standing_of(user, on)
    if standing.is_superuser:
        return True
    roots = {place.id for place in directory().by_id.values() if place.parent_id is None and place.is_active(on)}
    return bool(roots) and roots <= {place.id for place in administered(user, on)}


def check_area(by: User | None, area_id: int, at: dt.datetime) -> None:
    """Raises NotPermitted unless `by` administers the area. None: the system."""
    if by is not None and not administers(by, area_id, clock.date_of(at)):
        raise NotPermitted(message=_("Only the administrator of this area may change this."))


def check_all(by: User | None, at: dt.datetime) -> None:
    """Raises NotPermitted unless `by` administers everything. None: the system."""
    if by is not None and not administers_all(by, clock.date_of(at)):
        raise NotPermitted(
            "not_for_one_area",
            _("This holds for every area. Only an administrator of the whole city may change it."),
        )


def record(
    subject: str,
    kind: str,
    *,
    by: User | None,
    at: dt.datetime,
    area_id: int | None = None,
    data: dict[str, Any] | None = None,
) -> AdministrationEvent:
    """Write down what happened to a subject; call it inside the command that does it."""
    with connection.cursor() as cursor:  # the subject may be a row that is gone, or many: no row to lock
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"administration {subject}"])
    rows = AdministrationEvent.objects.filter(subject=subject).order_by("-sequence")
    sequence, previous = rows.values_list("sequence", "hash").first() or (0, GENESIS)
    place = find_id(area_id) if area_id else None
    held = standing_of(by, clock.date_of(at)) if by else None
    event = AdministrationEvent(
        subject=subject,
        kind=kind,
        at=at,
        actor=by,
        actor_name=by.name if by else "",
        actor_role=Role.ADMIN if held and Role.ADMIN in held.roles else "",
        area_name=place.name if place else "",
        data=data or {},
    )
    event.seal(previous, sequence + 1).save()
    return event


def changes(**after: Any) -> dict[str, Any]:
    """`name=(before, after)` as an event keeps it: only what really changed."""
    return {name: {"before": old, "after": new} for name, (old, new) in after.items() if old != new}
