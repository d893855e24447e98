"""`units/`, `categories/`, `deadlines/`: what orders are made of. Open to everybody who is logged in."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema

from api import shapes
from api.base import answered
from api.filters import AreaField, FlagField, MomentField, WordsField, refuse_nul
from api.paging import Pages, listed_from_memory
from api.resource import Resource
from core import clock
from core.errors import Invalid
from grids.directory import directory
from personnel.departments import Department
from personnel.jurisdiction import UnitRef, units_directory
from personnel.models import Unit
from workorders import calendars, catalogue, deadlines, explained
from workorders.deadlines import Limit
from workorders.models import Category
from workorders.vocabulary import Urgency

# The order in which an order meets its clocks.
_BEFORE, _AFTER = ("accept", "verify", "dispatch", "sign"), ("check", "revisit")


def given(request: Any, **fields: forms.Field) -> dict[str, Any]:
    """The query parameters, read by these fields. Raises Invalid naming every one at fault."""
    refuse_nul(request)
    found, errors = {}, {}
    for name, field in fields.items():
        try:
            found[name] = field.clean(request.query_params.get(name))
        except forms.ValidationError as error:
            errors[name] = error.messages
    if errors:
        raise Invalid("bad_filter", errors=errors)
    return found


class Units(Resource):
    """The offices that handle orders."""

    queryset = Unit.objects.none()
    pagination_class = Pages

    @extend_schema(
        operation_id="units_list",
        parameters=[
            OpenApiParameter("area", description="Units of the area with this code, and of areas below it."),
            OpenApiParameter("kind", enum=Department.values),
            OpenApiParameter("active", bool, description="1: exists today (default), 0: does not."),
            OpenApiParameter("q", description="A part of the name or of the code."),
        ],
        responses=shapes.Unit(many=True),
        tags=["units"],
    )
    def list(self, request: Any) -> HttpResponse:
        """Units in the order of their codes."""
        wanted = given(
            request,
            area=AreaField(required=False),
            kind=forms.ChoiceField(choices=Department.choices, required=False),
            active=FlagField(required=False),
            q=WordsField(required=False),
        )
        today = clock.today()
        active = wanted["active"] is not False
        rows = [unit for unit in units_directory().by_id.values() if unit.is_active(today) is active]
        if wanted["area"]:
            rows = [unit for unit in rows if wanted["area"].id in directory().by_id[unit.area_id].path]
        if wanted["kind"]:
            rows = [unit for unit in rows if unit.kind == wanted["kind"]]
        if wanted["q"]:
            words = wanted["q"].lower()
            rows = [unit for unit in rows if words in unit.name.lower() or words in unit.code.lower()]
        return listed_from_memory(request, rows, by=lambda unit: unit.code, show=lambda units: list(map(_unit, units)))


def _unit(unit: UnitRef) -> dict:
    area = directory().by_id[unit.area_id]
    return {
        "code": unit.code,
        "name": unit.name,
        "kind": unit.kind,
        "area": {"code": area.code, "name": area.name},
        "phone": unit.phone or None,
        "from": unit.starts,
        "to": unit.ends,
    }


class Categories(Resource):
    """The two-level taxonomy."""

    queryset = Category.objects.none()
    pagination_class = Pages

    @extend_schema(
        operation_id="categories_list",
        parameters=[
            OpenApiParameter("major", description="Only what belongs to the group with this code."),
            OpenApiParameter("active", bool, description="1: in use (default), 0: not any more."),
            OpenApiParameter("q", description="A part of the name or of its pinyin initials, or how the code begins."),
        ],
        responses=shapes.Category(many=True),
        tags=["categories"],
    )
    def list(self, request: Any) -> HttpResponse:
        """Groups (two digits) and the categories orders carry (four digits), in the order of their codes."""
        wanted = given(
            request,
            major=forms.CharField(required=False),
            active=FlagField(required=False),
            q=forms.CharField(required=False, max_length=60),
        )
        active = wanted["active"] is not False
        rows = [category for category in catalogue.categories() if category.is_active is active]
        if wanted["major"]:
            rows = [category for category in rows if category.code[:2] == wanted["major"] and category.is_minor]
        if wanted["q"]:
            rows = [category for category in rows if _speaks_of(category, wanted["q"].lower())]
        return listed_from_memory(
            request, rows, by=lambda one: one.code, show=lambda found: list(map(_category, found))
        )


def _speaks_of(category: Category, words: str) -> bool:
    names = (category.name.lower(), category.name_en.lower(), category.initials.lower())
    return category.code.startswith(words) or any(words in name for name in names)


def _category(category: Category) -> dict:
    return {
        "code": category.code,
        "name": category.label,
        "major": category.code[:2] if category.is_minor else None,
        "class": category.klass or None,
        "difficulty": category.difficulty if category.is_minor else None,
        "urgency": category.urgency if category.is_minor else None,
        "limits": [_limit(stage["kind"], Limit.from_json(stage)) for stage in category.stages],
        "lead": category.lead or None,
        "self_handled": category.self_rule if category.is_minor else None,
        "self_limit": _limit("handle", Limit.from_json(category.self_limit)) if category.self_limit else None,
    }


def _limit(kind: str, limit: Limit) -> dict:
    return {
        "kind": kind,
        "amount": limit.amount,
        "unit": limit.unit,
        "text": f"{explained.CLOCK_NAMES[kind]} {explained.limit_words(limit)}",
    }


class Deadlines(Resource):
    """What the clocks say."""

    queryset = Category.objects.none()

    @extend_schema(
        operation_id="deadlines_list",
        parameters=[
            OpenApiParameter("category", description="Four digits; without them the stages of handling are left out."),
            OpenApiParameter("urgency", enum=Urgency.values, description="Default: the category's own."),
            OpenApiParameter("since", description="ISO 8601; default: now."),
        ],
        responses=shapes.Deadline(many=True),
        tags=["deadlines"],
    )
    def read(self, request: Any) -> HttpResponse:
        """When each clock would run out if it alone started at `since`, by the function the orders use."""
        wanted = given(
            request,
            category=forms.CharField(required=False),
            urgency=forms.ChoiceField(choices=Urgency.choices, required=False),
            since=MomentField(required=False),
        )
        category = _minor(wanted["category"]) if wanted["category"] else None
        urgency = wanted["urgency"] or (category.urgency if category else Urgency.NORMAL)
        since, calendar = wanted["since"] or self.at, calendars.working_calendar()
        if not 2000 <= since.year <= 2100:
            raise Invalid("bad_filter", errors={"since": [_("This moment lies too far away.")]})
        clocks = [(kind, deadlines.clock(kind, urgency), None, 0) for kind in _BEFORE]
        if category is not None:
            clocks += _stages(category, urgency)
        clocks += [(kind, deadlines.clock(kind, urgency), None, 0) for kind in _AFTER]
        return answered([_clock(*one, since=since, calendar=calendar) for one in clocks if one[1] is not None])


def _minor(code: str) -> Category:
    category = catalogue.find(code)
    if category is None:
        words = _("There is no such category. Choose one from the list.")
        raise Invalid("unknown_category", words, errors={"category": [words]})
    if not category.is_minor:
        words = _("This is a group of categories. Choose one inside it.")
        raise Invalid("category_is_major", words, errors={"category": [words]})
    return category


def _stages(category: Category, urgency: str) -> list[tuple]:
    own = [(stage["kind"], Limit.from_json(stage)) for stage in category.stages]
    by_kind, steps = dict(own), deadlines.urgency_steps(category.urgency, urgency)
    found = deadlines.stage_limits(own, category.urgency, urgency)
    return [(kind, limit, by_kind.get(kind, limit), steps) for kind, limit in found]


def _clock(kind: str, limit: Limit, own: Limit | None, steps: int, *, since: Any, calendar: Any) -> dict:
    due = deadlines.due_at(limit, since, calendar)
    told = explained.explain(kind, limit, since=since, due=due, calendar=calendar, own_limit=own, steps=steps)
    return {"kind": kind, "due_at": due, "explained": " ".join(explained.sentences(told))}
