"""`areas/`: the tree from city to micro-grid, and the grid of a point. Open to everybody who is logged in."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema

from api import shapes
from api.base import answered, or_404, point_of
from api.filters import AreaFilter, Filters, FlagFilter, WordsFilter
from api.paging import Pages, flag, listed
from api.problems import NotThere
from api.resource import Resource
from core import clock
from core.errors import Invalid
from grids.directory import Directory, Place, directory, find
from grids.levels import Kind, Level
from grids.locate import grid_at
from grids.models import Area, Boundary
from personnel.staffing import staffing_of

COLUMNS = ("id", "code", "name", "level", "kind", "parent_id", "starts", "ends", "households", "population", "phone")


class AreaFilters(Filters):
    """What areas are looked for by."""

    level = filters.ChoiceFilter(choices=Level.choices)
    kind = filters.ChoiceFilter(choices=Kind.choices)
    parent = AreaFilter(method="in_parent", help_text="Directly in the area with this code.")
    under = AreaFilter(method="below", help_text="In or below the area with this code.")
    active = FlagFilter(method="valid", help_text="1: valid today, 0: not (any more).")
    q = WordsFilter(method="named", help_text="A part of the name, or the beginning of the code.")

    class Meta:
        model = Area
        fields = ()

    def in_parent(self, rows: QuerySet, _name: str, place: Place) -> QuerySet:
        """One floor below."""
        return rows.filter(parent_id=place.id)

    def below(self, rows: QuerySet, _name: str, place: Place) -> QuerySet:
        """The whole subtree."""
        return rows.under(place.id)

    def valid(self, rows: QuerySet, _name: str, wanted: bool) -> QuerySet:
        """Half-open: an area does not count on the day it ends."""
        today = clock.today()
        return rows.active(today) if wanted else rows.exclude(Q(ends=None) | Q(ends__gt=today), starts__lte=today)

    def named(self, rows: QuerySet, _name: str, words: str) -> QuerySet:
        """By name or code."""
        return rows.filter(Q(name__icontains=words) | Q(code__startswith=words))


class Areas(Resource):
    """Where things are."""

    queryset = Area.objects.none()
    filterset_class = AreaFilters
    pagination_class = Pages
    lookup_field = "code"
    lookup_value_regex = "[0-9]+"

    @extend_schema(operation_id="areas_list", responses=shapes.Area(many=True), tags=["areas"])
    def list(self, request: Any) -> HttpResponse:
        """Areas in the order of their codes, which is the order of the tree."""
        rows = AreaFilters.of(request, Area.objects.order_by()).values(*COLUMNS)
        return listed(request, rows, by="code", kind=str, show=lambda found: [_row(row) for row in found])

    @extend_schema(
        operation_id="areas_retrieve",
        parameters=[OpenApiParameter("boundary", bool, description="1 adds the outline as a GeoJSON geometry.")],
        responses=shapes.AreaDetail,
        tags=["areas"],
    )
    def retrieve(self, request: Any, code: str) -> HttpResponse:
        """One area with its path, how it is staffed today and, if asked for, its outline."""
        row = or_404(Area.objects.order_by().filter(code=code).values(*COLUMNS).first())
        body = _row(row)
        body["path"] = path_of(row["id"])
        body["staffing"] = _staffing(row["id"])
        if flag(request, "boundary"):
            outline = Boundary.objects.filter(area_id=row["id"], ends=None).values_list("geometry", flat=True).first()
            body["boundary"] = outline
        return answered(body)

    @extend_schema(
        operation_id="areas_locate",
        parameters=[
            OpenApiParameter("lon", float, required=True, description="Longitude, WGS-84."),
            OpenApiParameter("lat", float, required=True, description="Latitude, WGS-84."),
        ],
        responses=shapes.Located,
        tags=["areas"],
    )
    def locate(self, request: Any) -> HttpResponse:
        """The grid that contains a point; 404 `outside_all_grids` outside of all."""
        errors: dict[str, list] = {}
        lon, lat = point_of(request.query_params, errors)
        if lon is None and not errors:
            errors = {name: [_("This must be a number of degrees.")] for name in ("lon", "lat")}
        if errors:
            raise Invalid(errors=errors)
        place = grid_at(lon, lat, on=clock.today())
        if place is None:
            words = _("This point lies outside all grids. Move it, or choose the grid from the list.")
            raise NotThere("outside_all_grids", words)
        return answered({"area": {**brief(place.id), "level": place.level, "kind": place.kind}})


def _row(row: dict) -> dict:
    parent = directory().by_id.get(row["parent_id"])
    today = clock.today()
    return {
        "code": row["code"],
        "name": row["name"],
        "level": row["level"],
        "kind": row["kind"] or None,
        "parent": parent.code if parent else None,
        "active": row["starts"] <= today and (row["ends"] is None or today < row["ends"]),
        "from": row["starts"],
        "to": row["ends"],
        "households": row["households"],
        "population": row["population"],
        "phone": row["phone"] or None,
    }


def _staffing(area_id: int) -> dict:
    found = staffing_of(area_id, on=clock.today())
    return {
        "grids": found.grids,
        "covered": found.covered,
        "vacant": len(found.vacant),
        "full_time": found.full_time,
        "part_time": found.part_time,
    }


# --- areas as others show them ---------------------------------------------------------------------------------------


class _Briefs:
    """`{code, name, path}` of areas, made once per state of the tree."""

    def __init__(self) -> None:
        self.tree: Directory | None = None
        self.made: dict[int, dict] = {}

    def of(self, area_id: int) -> dict:
        tree = directory()
        if tree is not self.tree:
            self.tree, self.made = tree, {}
        found = self.made.get(area_id)
        if found is None:
            path = [{"code": place.code, "name": place.name, "level": place.level} for place in tree.path(area_id)]
            found = {"code": path[-1]["code"], "name": path[-1]["name"], "path": path}
            self.made[area_id] = found
        return found


_briefs = _Briefs()


def brief(area_id: int) -> dict:
    """`{code, name, path}` as orders carry it; do not change it."""
    return _briefs.of(area_id)


def path_of(area_id: int) -> list[dict]:
    """`[{code, name, level}]` top-down, itself included."""
    return brief(area_id)["path"]


def place_of(code: Any) -> Place:
    """The area a body names. Raises Invalid."""
    place = find(code) if isinstance(code, str) else None
    if place is None:
        raise Invalid("unknown_area", errors={"area": [_("There is no area with this code.")]})
    return place
