"""Who may do what with the assessment, and the event that says it was done."""

import datetime as dt

from django.db import connection

from assessment.models import AssessmentEvent
from core import clock
from core.errors import NotPermitted
from grids.directory import directory, find_id
from personnel.jurisdiction import PostHeld, standing_of
from personnel.roles import Role

ASSESSES = (Role.ASSESSOR,)
_CHAIN = 7_203_412


def assessor_over(user, area_id: int, *, at: dt.datetime) -> PostHeld:
    """The post of assessor over an area. Raises NotPermitted."""
    place = find_id(area_id)
    held = standing_of(user, clock.date_of(at)).holds(*ASSESSES, path=place.path) if place else None
    if held is None:
        raise NotPermitted()
    return held


def assessed_areas(user, *, at: dt.datetime) -> list[int]:
    """The topmost areas a person assesses, by code."""
    standing, known = standing_of(user, clock.date_of(at)), directory().by_id
    held = {post.area_id for post in standing.posts if post.role in ASSESSES and post.area_id in known}
    return sorted((one for one in held if not held.intersection(known[one].path[:-1])), key=lambda one: known[one].code)


def record(kind: str, *, area_id: int | None, by, at: dt.datetime, before: str = "", after: str = "", **data) -> None:
    """Append the next event of the area's chain, in the transaction of what it tells."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_CHAIN, (area_id or 0) % 2**31])
    last = AssessmentEvent.objects.filter(area_id=area_id).order_by("-sequence").first()
    place = find_id(area_id) if area_id else None
    role = ""
    if by is not None and place is not None:
        held = standing_of(by, clock.date_of(at)).holds(path=place.path)
        role = held.role if held else ""
    event = AssessmentEvent(
        area_id=area_id,
        kind=kind,
        at=at,
        recorded_at=at,
        actor=by,
        actor_name=(by.name or by.username) if by else "",
        actor_role=role or ("" if by else "system"),
        area_name=place.name if place else "",
        before=before,
        after=after,
        data={key: value for key, value in data.items() if value not in (None, "")},
    )
    event.seal(last.hash if last else "", (last.sequence if last else 0) + 1)
    event.save()
