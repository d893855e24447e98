"""How far a person reaches: from the posts held on a day, down the tree of areas.

Posts are half-open: on the day a post ends, its reach is gone. A post in a unit gives no reach over the unit's area.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models import Q

from core.revisions import Cached, bump
from grids.directory import find_id
from grids.models import Area

if TYPE_CHECKING:
    from personnel.models import User


@dataclass(frozen=True)
class PostHeld:
    """A post as the rules need it."""

    role: str
    area_id: int | None
    unit_id: int | None
    post_id: int


@dataclass(frozen=True)
class Standing:
    """What a person holds on a day."""

    user: "User"
    on: dt.date
    posts: tuple[PostHeld, ...]

    @property
    def is_superuser(self) -> bool:
        """Sees everything, holds nothing."""
        return self.user.is_active and self.user.is_superuser

    @cached_property
    def area_ids(self) -> frozenset[int]:
        """The areas posts are held on, without what lies below them."""
        return frozenset(post.area_id for post in self.posts if post.area_id is not None)

    @cached_property
    def unit_ids(self) -> frozenset[int]:
        """The units posts are held in."""
        return frozenset(post.unit_id for post in self.posts if post.unit_id is not None)

    @cached_property
    def roles(self) -> frozenset[str]:
        """The roles held anywhere."""
        return frozenset(post.role for post in self.posts)

    def holds(self, *roles: str, path: Iterable[int]) -> PostHeld | None:
        """The post in one of the roles (any role when none is named) on one of these areas, the lowest of the path.

        path: area ids top-down, as `Place.path` gives them.
        """
        for area_id in reversed(tuple(path)):
            for post in self.posts:
                if post.area_id == area_id and (not roles or post.role in roles):
                    return post
        return None

    def in_unit(self, unit_id: int | None, *roles: str) -> PostHeld | None:
        """The post in that unit, in one of the roles when any are named."""
        if unit_id is None:
            return None
        return next((p for p in self.posts if p.unit_id == unit_id and (not roles or p.role in roles)), None)


def standing_of(user: "User", on: dt.date) -> Standing:
    """What `user` holds that day: one query, remembered on the object. Inactive and anonymous people hold nothing."""
    remembered = user.__dict__.setdefault("_standings", {})
    if on not in remembered:
        remembered[on] = Standing(user=user, on=on, posts=_posts_of(user, on))
    return remembered[on]


def forget(user: "User") -> None:
    """Drop what `standing_of` remembered, after the person's posts changed."""
    user.__dict__.pop("_standings", None)


# Asked by every request: written by hand, Django needs longer to write it than PostgreSQL to answer.
_HELD = """
    SELECT role, area_id, unit_id, id FROM personnel_post
    WHERE person_id = %(person)s AND starts <= %(on)s AND (ends IS NULL OR ends > %(on)s) ORDER BY id
"""


def _posts_of(user: "User", on: dt.date) -> tuple[PostHeld, ...]:
    if user.pk is None or not user.is_active:
        return ()
    with connection.cursor() as cursor:
        cursor.execute(_HELD, {"person": user.pk, "on": on})
        return tuple(PostHeld(*row) for row in cursor.fetchall())


def areas_of(user: "User", on: dt.date) -> frozenset[int] | None:
    """The ids of all areas in reach that day, those below included; None = everything."""
    standing = standing_of(user, on)
    if standing.is_superuser:
        return None
    if not standing.area_ids:
        return frozenset()
    return frozenset(Area.objects.filter(lies_in("", standing.area_ids)).order_by().values_list("pk", flat=True))


def holds(user: "User", role: str, area: Any, on: dt.date) -> PostHeld | None:
    """The post in that role held that day on the area (an Area, a Place or an id) or on one above it."""
    place = find_id(getattr(area, "id", area))
    return standing_of(user, on).holds(role, path=place.path) if place else None


def reaches(user: "User", area: Any, on: dt.date) -> bool:
    """Whether the area (an Area, a Place or an id) lies in the person's reach that day."""
    standing = standing_of(user, on)
    if standing.is_superuser:
        return True
    place = find_id(getattr(area, "id", area))
    return place is not None and not standing.area_ids.isdisjoint(place.path)


def holders(role: str | Iterable[str], area_ids: Iterable[int], on: dt.date) -> "models.QuerySet[User]":
    """The active people who hold one of the roles on one of these very areas that day."""
    roles = (role,) if isinstance(role, str) else tuple(role)
    return _people(_posts().on(on).filter(role__in=roles, area_id__in=tuple(area_ids)))


def holdings(roles: Iterable[str], area_ids: Iterable[int], on: dt.date) -> list[tuple[str, int, int]]:
    """Who holds one of the roles on one of these very areas that day: (role, area, active person), one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLDINGS, {"roles": [str(role) for role in roles], "areas": list(area_ids), "on": on})
        return cursor.fetchall()


# Asked for every event, so written by hand.
_HOLDINGS = """
    SELECT DISTINCT post.role, post.area_id, post.person_id FROM personnel_post post
    JOIN personnel_user person ON person.id = post.person_id
    WHERE post.role = ANY (%(roles)s) AND post.area_id = ANY (%(areas)s) AND person.is_active
    AND post.starts <= %(on)s AND (post.ends IS NULL OR post.ends > %(on)s) ORDER BY post.person_id
"""


def members(unit_ids: Iterable[int], on: dt.date, *roles: str) -> "models.QuerySet[User]":
    """The active people of these units that day, in one of the roles when any are named."""
    posts = _posts().on(on).filter(unit_id__in=tuple(unit_ids))
    return _people(posts.filter(role__in=roles) if roles else posts)


def _people(posts: models.QuerySet) -> models.QuerySet:
    people = apps.get_model("personnel", "User").objects.filter(is_active=True)
    return people.filter(pk__in=posts.order_by().values("person")).order_by("pk")


def _posts() -> Any:
    return apps.get_model("personnel", "Post").objects.all()


# -- reach as a queryset ---------------------------------------------------------------------------------------------


class JurisdictionQuerySet(models.QuerySet):
    """Rows a person may see. The subclass says where its area is; `visible_to` is the only way to a reader's eyes.

    area_path: the look-up path of the foreign key to the area, or several of them.
    own_path: the look-up path to a person whose own rows these are, or None.
    """

    area_path: str | tuple[str, ...] = "area"
    own_path: str | None = None

    def visible_to(self, user: Any, on: dt.date) -> "JurisdictionQuerySet":
        """The rows in the subtree of an area post held that day, and one's own. Superusers see all."""
        if not getattr(user, "is_authenticated", False) or not user.is_active:
            return self.none()
        standing = standing_of(user, on)
        if standing.is_superuser:
            return self
        return self.filter(self.reach(standing))

    def reach(self, standing: Standing) -> Q:
        """The condition behind `visible_to`, for querysets that see more than their area."""
        paths = (self.area_path,) if isinstance(self.area_path, str) else self.area_path
        seen = Q(pk__in=())
        if standing.area_ids:
            for path in paths:
                seen |= lies_in(f"{path}__in", standing.area_ids)
        if self.own_path:
            seen |= Q(**{self.own_path: standing.user.pk})
        return seen


def lies_in(path: str, area_ids: Iterable[int]) -> Q:
    """The condition that an area (path "") or the area at `path` (ending in "__in") lies in or below one of these."""
    below = Q()
    for area_id in sorted(area_ids):
        below |= Q(pk__in=Area.objects.order_by().under(area_id).values("pk"))
    if not path:
        return below
    return Q(**{path: Area.objects.order_by().filter(below).values("pk")})


# -- units in memory -------------------------------------------------------------------------------------------------

UNITS = "units"


@dataclass(frozen=True, slots=True)
class UnitRef:
    """A unit as other parts need it."""

    id: int
    code: str
    name: str
    kind: str
    area_id: int
    starts: dt.date
    ends: dt.date | None
    phone: str = ""

    def is_active(self, on: dt.date) -> bool:
        """Whether the unit exists on that day."""
        return self.starts <= on and (self.ends is None or on < self.ends)

    def as_model(self) -> Any:
        """The unit as a model's object, for foreign keys; no statement is sent."""
        model = apps.get_model("personnel", "Unit")
        names = [field.attname for field in model._meta.concrete_fields]
        return model.from_db(DEFAULT_DB_ALIAS, names, [getattr(self, name) for name in names])


@dataclass(frozen=True, slots=True)
class UnitsDirectory:
    """All units, ended ones included."""

    by_id: dict[int, UnitRef]
    by_code: dict[str, UnitRef]

    def of_area(self, area_id: int, kind: str, on: dt.date) -> UnitRef | None:
        """The area's own unit of that kind that exists on that day."""
        units = (unit for unit in self.by_id.values() if unit.area_id == area_id and unit.kind == kind)
        return next((unit for unit in units if unit.is_active(on)), None)


def _load_units() -> UnitsDirectory:
    rows = (
        apps.get_model("personnel", "Unit")
        .objects.order_by("code")
        .values_list("pk", "code", "name", "kind", "area_id", "starts", "ends", "phone")
    )
    units = [UnitRef(*row) for row in rows]
    return UnitsDirectory({unit.id: unit for unit in units}, {unit.code: unit for unit in units})


_units: Cached[UnitsDirectory] = Cached(UNITS, _load_units)


def units_directory(*, force: bool = False) -> UnitsDirectory:
    """The units as this process knows them, at most a second old."""
    return _units.get(force=force)


def units_changed() -> None:
    """Say inside the transaction that units changed."""
    bump(UNITS)
