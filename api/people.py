"""`me/`, `people/`, `posts/`: who works where. Names are shown within reach, telephone numbers nowhere."""

from __future__ import annotations  # a method is called list

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema

from api import shapes
from api.areas import place_of
from api.base import answered, body_of, known_fields, or_404
from api.filters import AreaFilter, Filters, UnitFilter, WordsFilter
from api.paging import Pages, listed
from api.resource import Resource
from core import clock
from core.errors import Invalid, NotPermitted
from grids.directory import Place, directory
from grids.models import Area
from personnel import commands
from personnel.jurisdiction import UnitRef, standing_of, units_directory
from personnel.models import Post, Unit, User
from personnel.roles import APPOINTERS, Role, home_of


class Me(Resource):
    """Who I am."""

    queryset = User.objects.none()

    @extend_schema(operation_id="me", responses=shapes.Me, tags=["people"])
    def read(self, request: Any) -> HttpResponse:
        """Your name, the posts you hold today, your language, and the page you start from."""
        user, on = request.user, clock.date_of(self.at)
        posts = Post.objects.on(on).filter(person=user).order_by("pk")
        return answered(
            {
                "id": user.pk,
                "username": user.username,
                "name": user.name,
                "posts": [post_body(post) for post in posts],
                "language": user.language,
                "home": home_of(standing_of(user, on).roles, is_superuser=user.is_superuser),
            }
        )


class PeopleFilters(Filters):
    """What people are looked for by; of their posts, those of today count."""

    role = filters.ChoiceFilter(choices=Role.choices, method="in_role")
    area = AreaFilter(method="on_area", help_text="Holds a post on the area with this code, or below it.")
    unit = UnitFilter(method="in_unit", help_text="Holds a post in the unit with this code.")
    q = WordsFilter(field_name="name", lookup_expr="icontains", help_text="A part of the name.")

    class Meta:
        model = User
        fields = ()

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        """One post must meet all that is asked of posts."""
        self.posts, self.asked = Post.objects.on(clock.today()).order_by(), False
        found = super().filter_queryset(queryset)
        return found.filter(pk__in=self.posts.values("person")) if self.asked else found

    def _held(self, **condition: Any) -> None:
        self.posts, self.asked = self.posts.filter(**condition), True

    def in_role(self, rows: QuerySet, _name: str, role: str) -> QuerySet:
        """In this role."""
        self._held(role=role)
        return rows

    def on_area(self, rows: QuerySet, _name: str, place: Place) -> QuerySet:
        """In the subtree."""
        self._held(area__in=Area.objects.order_by().under(place.id).values("pk"))
        return rows

    def in_unit(self, rows: QuerySet, _name: str, unit: UnitRef) -> QuerySet:
        """In this unit."""
        self._held(unit_id=unit.id)
        return rows


class People(Resource):
    """The people whose posts lie in the reader's reach, and the reader."""

    queryset = User.objects.none()
    filterset_class = PeopleFilters
    pagination_class = Pages
    paged = ("list", "posts")

    def visible(self) -> Any:
        """The people the reader sees."""
        return User.objects.visible_to(self.request.user, clock.date_of(self.at))

    @extend_schema(operation_id="people_list", responses=shapes.Person(many=True), tags=["people"])
    def list(self, request: Any) -> HttpResponse:
        """People with the posts they hold today."""
        rows = PeopleFilters.of(request, self.visible().filter(is_active=True)).only("pk", "name")
        return listed(request, rows, by="pk", kind=int, show=self._show)

    def _show(self, people: Sequence[User]) -> list[dict]:
        # Of somebody seen through one post, the posts outside the reader's reach stay unseen.
        on = clock.date_of(self.at)
        visible = Post.objects.on(on).visible_to(self.request.user, on)
        held: dict[int, list] = {person.pk: [] for person in people}
        for post in visible.filter(person__in=list(held)).order_by("pk") if held else ():
            held[post.person_id].append(post_body(post))
        return [{"id": person.pk, "name": person.name, "posts": held[person.pk]} for person in people]

    @extend_schema(operation_id="people_posts", responses=shapes.Post(many=True), tags=["people"])
    def posts(self, request: Any, id: int) -> HttpResponse:
        """A person's posts of all times that lie in your reach, the newest first."""
        or_404(self.visible().filter(pk=id).values_list("pk", flat=True).first())
        rows = Post.objects.visible_to(request.user, clock.date_of(self.at)).filter(person=id)
        return listed(request, rows, by="-pk", kind=int, show=lambda posts: [post_body(post) for post in posts])


class Posts(Resource):
    """Giving and ending posts."""

    queryset = Post.objects.none()

    @extend_schema(operation_id="posts_create", request=shapes.NewPost, responses={201: shapes.Post}, tags=["people"])
    def create(self, request: Any) -> HttpResponse:
        """Give a person a role on an area or in a unit, from a day on."""
        self._refuse_strangers()
        body = body_of(request)
        known_fields(body, "person", "role", "area", "unit", "from", "to")
        errors: dict[str, list] = {}
        person = self._person(body.get("person"), errors)
        role = body.get("role")
        if not isinstance(role, str) or role not in Role.values:
            errors["role"] = [_("There is no such role.")]
        starts, ends = _day(body, "from", errors) or clock.date_of(self.at), _day(body, "to", errors)
        area = place_of(body["area"]) if body.get("area") not in (None, "") else None
        unit = _unit_of(body["unit"], errors) if body.get("unit") not in (None, "") else None
        if errors:
            raise Invalid(errors=errors)
        post = commands.appoint(
            person,
            by=request.user,
            role=role,
            starts=starts,
            ends=ends,
            at=self.at,
            area=Area.objects.get(pk=area.id) if area else None,
            unit=unit,
        )
        return answered(post_body(post), status=201)

    @extend_schema(operation_id="posts_end", request=shapes.EndPost, responses=shapes.Post, tags=["people"])
    def end(self, request: Any, id: int) -> HttpResponse:
        """End a post: `on` is the first day it is not held any more; today unless another day is named."""
        post = or_404(Post.objects.visible_to(request.user, clock.date_of(self.at)).filter(pk=id).first())
        self._refuse_strangers()
        body = body_of(request)
        known_fields(body, "on")
        errors: dict[str, list] = {}
        on = _day(body, "on", errors) or clock.date_of(self.at)
        if errors:
            raise Invalid(errors=errors)
        return answered(post_body(commands.relieve(post, by=request.user, on=on, at=self.at)))

    def _refuse_strangers(self) -> None:
        """Whoever administers nothing is told so before his inputs are read."""
        appointers = {role for roles in APPOINTERS.values() for role in roles}
        if not self.request.user.is_superuser and not self.standing.roles.intersection(appointers):
            raise NotPermitted(message=_("Only the administrator of this area may give or end this post."))

    def _person(self, value: Any, errors: dict) -> User | None:
        known = isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63
        # An administrator also appoints people who hold no post yet, and whom he therefore sees nowhere.
        person = User.objects.filter(pk=value, is_active=True).first() if known else None
        if person is None:
            errors["person"] = [_("There is no such person.")]
        return person


def post_body(post: Post) -> dict:
    """A post; `to` is the first day it is not held any more."""
    area = directory().by_id.get(post.area_id) if post.area_id else None
    unit = units_directory().by_id.get(post.unit_id) if post.unit_id else None
    return {
        "id": post.pk,
        "role": post.role,
        "area": {"code": area.code, "name": area.name} if area else None,
        "unit": {"code": unit.code, "name": unit.name} if unit else None,
        "from": post.starts,
        "to": post.ends,
    }


def _day(body: Any, name: str, errors: dict) -> dt.date | None:
    value = body.get(name)
    if value in (None, ""):
        return None
    try:
        day = parse_date(value) if isinstance(value, str) else None
    except ValueError:
        day = None
    if day is None:
        errors[name] = [_("Write the date as 2026-11-21.")]
    return day


def _unit_of(code: Any, errors: dict) -> Unit | None:
    unit = Unit.objects.filter(code=code).first() if isinstance(code, str) and "\x00" not in code else None
    if unit is None:
        errors["unit"] = [_("There is no unit with the code “%(code)s”.") % {"code": str(code)[:40]}]
    return unit
