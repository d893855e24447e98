"""Posts and units change here and nowhere else: appoint, relieve, transfer, hand over; open and close a unit."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from core import clock
from core.errors import Invalid, NotAllowedNow, NotPermitted
from core.events import GENESIS
from core.transactions import command
from grids.directory import find_id
from grids.models import Area
from personnel.administration import Kind, changes, check_area, record
from personnel.departments import Department, unit_code
from personnel.jurisdiction import forget, standing_of, units_changed
from personnel.models import Post, PostEvent, Unit, User
from personnel.roles import APPOINTERS, Role, fits_area, fits_unit


@command
def appoint(
    person: User,
    *,
    by: User | None,
    role: str,
    starts: dt.date,
    at: dt.datetime,
    area: Area | None = None,
    unit: Unit | None = None,
    ends: dt.date | None = None,
) -> Post:
    """Give a person a role on an area or in a unit, from `starts` until before `ends`.

    Raises NotPermitted unless `by` administers that area (None: the system), Invalid when the role is not held there
    or the days do not fit, NotAllowedNow `already_appointed` when the person holds the very post on one of the days.
    """
    _check_place(role, area, unit)
    actor_role = _check_appointer(by, person, role, area, unit, clock.date_of(at))
    person_row = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if not person_row.is_active:
        raise Invalid(errors={"person": [_("This account is closed.")]})
    if unit is not None:  # as it is now, and kept from closing meanwhile
        unit = Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    else:
        area = Area.objects.get(pk=area.pk)
    _check_days(unit or area, starts, ends)
    same = Post.objects.filter(person=person, role=role, area=area, unit=unit).exclude(ends__lte=starts)
    same = same.filter(Q(ends=None) | Q(ends__gt=starts))
    if (same.filter(starts__lt=ends) if ends else same).exists():
        raise NotAllowedNow("already_appointed", _("This person already holds this post on some of these days."))
    post = Post.objects.create(person=person, role=role, area=area, unit=unit, starts=starts, ends=ends)
    _record(post, PostEvent.Kind.APPOINTED, by=by, actor_role=actor_role, at=at)
    forget(person)
    return post


def check_appointment(
    person: User,
    *,
    by: User | None,
    role: str,
    starts: dt.date,
    at: dt.datetime,
    area: Area | None = None,
    unit: Unit | None = None,
    ends: dt.date | None = None,
) -> None:
    """What `appoint` asks before it looks at other posts; sends no statement. Raises what `appoint` raises."""
    _check_place(role, area, unit)
    _check_appointer(by, person, role, area, unit, clock.date_of(at))
    _check_days(unit or area, starts, ends)


@command
def relieve(post: Post, *, by: User | None, on: dt.date, at: dt.datetime) -> Post:
    """End a post: `on` is the first day it is not held any more; its own first day withdraws it altogether.

    Raises NotPermitted, Invalid when it would end before it starts, NotAllowedNow `already_ended` when it ends by then.
    """
    post = (
        Post.objects.select_for_update(of=("self",), no_key=True)
        .select_related("person", "area", "unit")
        .get(pk=post.pk)
    )
    actor_role = _check_appointer(by, post.person, post.role, post.area, post.unit, clock.date_of(at))
    if on < post.starts:
        raise Invalid(errors={"ends": [_("A post cannot end before it starts.")]})
    if post.ends is not None and post.ends <= on:
        raise NotAllowedNow("already_ended", _("This post has ended already."), ends=post.ends.isoformat())
    post.ends = on
    post.save(update_fields=["ends"])
    _record(post, PostEvent.Kind.RELIEVED, by=by, actor_role=actor_role, at=at)
    forget(post.person)
    return post


@command
def transfer(
    post: Post,
    *,
    by: User | None,
    on: dt.date,
    at: dt.datetime,
    area: Area | None = None,
    unit: Unit | None = None,
) -> Post:
    """Move a person to another place in the same role: the old post ends and the new one starts on the same day.

    Returns the new post. Raises what `relieve` and `appoint` raise.
    """
    if area is not None and area.pk == post.area_id or unit is not None and unit.pk == post.unit_id:
        raise Invalid(errors={"area" if area else "unit": [_("The person already works there.")]})
    relieve(post, by=by, on=on, at=at)
    return appoint(post.person, by=by, role=post.role, area=area, unit=unit, starts=on, at=at)


@command
def hand_over(post: Post, *, by: User | None, to: User, on: dt.date, at: dt.datetime) -> Post:
    """Give a post to another person: the old holder's ends and the new one's starts on the same day.

    A day on which the post was to end anyhow stays. Returns the new post. Raises what `relieve` and `appoint` raise.
    """
    if to.pk == post.person_id:
        raise Invalid(errors={"to": [_("The person already holds this post.")]})
    ends = post.ends
    old = relieve(post, by=by, on=on, at=at)
    return appoint(to, by=by, role=old.role, area=old.area, unit=old.unit, starts=on, ends=ends, at=at)


@command
def follow_area(post: Post, *, to: Sequence[Area], by: User | None, on: dt.date, at: dt.datetime) -> list[Post]:
    """The area of a post gives way to others: the post ends, and goes on in those of them that are named.

    Nobody is appointed: whoever may divide the area decides. A post that has not begun is withdrawn and begins in the
    successor; people whose account is closed get none. Returns the new posts.
    """
    post = (
        Post.objects.select_for_update(of=("self",), no_key=True)
        .select_related("person", "area", "unit")
        .get(pk=post.pk)
    )
    if post.ends is not None and post.ends <= on:
        return []
    starts, ends = max(post.starts, on), post.ends
    post.ends = starts
    post.save(update_fields=["ends"])
    _record(post, PostEvent.Kind.RELIEVED, by=by, actor_role="", at=at)
    made = []
    for area in to if post.person.is_active else ():
        same = Post.objects.filter(person=post.person, role=post.role, area=area).exclude(ends__lte=starts)
        if same.exists():  # of two areas that were merged
            continue
        new = Post.objects.create(person=post.person, role=post.role, area=area, starts=starts, ends=ends)
        _record(new, PostEvent.Kind.APPOINTED, by=by, actor_role="", at=at)
        made.append(new)
    forget(post.person)
    return made


@command
def open_unit(
    *, by: User | None, area: Area, kind: str, name: str, starts: dt.date, at: dt.datetime, phone: str = ""
) -> Unit:
    """Set up an area's unit of one kind; its code follows from the two. Raises NotPermitted, Invalid."""
    check_area(by, area.pk, at)
    errors: dict[str, list[str]] = {}
    if kind not in Department.values:
        errors["kind"] = [_("There is no such kind of unit.")]
    if not name.strip():
        errors["name"] = [_("A unit needs a name.")]
    if not area.is_active(starts):
        errors["starts"] = [_("The area is not valid on that day.")]
    try:
        code = unit_code(area.code, area.level, kind) if "kind" not in errors else ""
    except ValueError:
        errors["area"] = [_("A unit belongs to a community or an area above it.")]
    if errors:
        raise Invalid(errors=errors)
    try:
        with transaction.atomic():
            unit = Unit.objects.create(code=code, name=name.strip(), kind=kind, area=area, phone=phone, starts=starts)
    except IntegrityError as error:
        raise Invalid("unit_exists", errors={"kind": [_("This area already has such a unit.")]}) from error
    record(
        f"unit:{unit.code}",
        Kind.ADDED,
        by=by,
        at=at,
        area_id=area.pk,
        data={"name": unit.name, "phone": phone, "starts": starts},
    )
    units_changed()
    return unit


@command
def change_unit(unit: Unit, *, by: User | None, name: str, phone: str, at: dt.datetime) -> Unit:
    """Give a unit another name or telephone number. Raises NotPermitted, Invalid."""
    check_area(by, unit.area_id, at)
    if not name.strip():
        raise Invalid(errors={"name": [_("A unit needs a name.")]})
    found = changes(name=(unit.name, name.strip()), phone=(unit.phone, phone.strip()))
    unit.name, unit.phone = name.strip(), phone.strip()
    unit.save(update_fields=["name", "phone"])
    if found:
        record(f"unit:{unit.code}", Kind.CHANGED, by=by, at=at, area_id=unit.area_id, data=found)
    units_changed()
    return unit


@command
def close_unit(unit: Unit, *, by: User | None, on: dt.date, at: dt.datetime) -> Unit:
    """End a unit: `on` is the first day it does not exist any more.

    Raises NotPermitted, Invalid, NotAllowedNow `unit_has_posts` while people hold posts in it on or after that day.
    """
    check_area(by, unit.area_id, at)
    unit = Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    if on < unit.starts:
        raise Invalid(errors={"ends": [_("A unit cannot end before it starts.")]})
    held = Post.objects.filter(unit=unit).filter(Q(ends=None) | Q(ends__gt=on)).count()
    if held:
        raise NotAllowedNow("unit_has_posts", _("People still hold posts in this unit. End those first."), posts=held)
    unit.ends = on
    unit.save(update_fields=["ends"])
    record(f"unit:{unit.code}", Kind.ENDED, by=by, at=at, area_id=unit.area_id, data={"ends": on})
    units_changed()
    return unit


def _check_place(role: str, area: Area | None, unit: Unit | None) -> None:
    if role not in Role.values:
        raise Invalid(errors={"role": [_("There is no such role.")]})
    if (area is None) == (unit is None):
        raise Invalid(errors={"area": [_("A post is held either on an area or in a unit.")]})
    if area is not None and not fits_area(role, area.level):
        raise Invalid("role_does_not_fit", errors={"role": [_("This role is not held on an area of this level.")]})
    if unit is not None and not fits_unit(role):
        raise Invalid("role_does_not_fit", errors={"role": [_("This role is not held in a unit.")]})


def _check_days(place: Any, starts: dt.date, ends: dt.date | None) -> None:
    if ends is not None and ends <= starts:
        raise Invalid(errors={"ends": [_("A post ends after the day it starts.")]})
    last = ends - dt.timedelta(days=1) if ends else starts
    if not (place.is_active(starts) and place.is_active(last)):
        raise Invalid(errors={"starts": [_("The area or unit is not valid on these days.")]})


def _check_appointer(
    by: User | None, person: User, role: str, area: Area | None, unit: Unit | None, on: dt.date
) -> str:
    """The role in which `by` may give or end this post; nobody does it to himself."""
    if by is None or by.is_superuser:
        return ""
    place = find_id(area.pk if area is not None else unit.area_id)
    held = standing_of(by, on).holds(*APPOINTERS[Role(role)], path=place.path) if place else None
    if held is None:
        raise NotPermitted(message=_("Only the administrator of this area may give or end this post."))
    if by.pk == person.pk:
        raise NotPermitted("not_for_oneself", _("Nobody gives or ends a post of his own. Ask another administrator."))
    return held.role


def _record(post: Post, kind: str, *, by: User | None, actor_role: str, at: dt.datetime) -> None:
    last = PostEvent.objects.filter(post=post).order_by("-sequence").values_list("sequence", "hash").first()
    sequence, previous = last or (0, GENESIS)
    place = post.area or post.unit
    PostEvent(
        post=post,
        kind=kind,
        at=at,
        actor=by,
        actor_name=by.name if by else "",
        actor_role=actor_role,
        area_name=place.name,
        data={
            "person": post.person_id,
            "role": post.role,
            "place": place.code,
            "starts": post.starts,
            "ends": post.ends,
        },
    ).seal(previous, sequence + 1).save()
