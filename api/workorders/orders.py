"""Orders: report, look for, look at, move, and say what is alike."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema

from api import shapes
from api.base import answered, body_of, known_fields, or_404
from api.paging import Pages, cursor_of, flag, page, size_of
from api.problems import NotThere
from api.resource import Resource
from api.workorders.body import detail_body, order_body, rows_of
from api.workorders.filters import OrderFilters
from core import clock
from core.errors import Invalid
from workorders import commands, intake, ledger, reading, revealing, workflow
from workorders.finding import find
from workorders.models import WorkOrder
from workorders.similar import Similar, similar_to

# Of each ordering: the columns a cursor holds, and their kinds.
_CURSORS = {
    "-reported_at": (("reported_at", "id"), (dt.datetime, int)),
    "due_at": (("due_at", "id"), (dt.datetime, int)),
    "-urgency": (("urgency_rank", "reported_at", "id"), (int, dt.datetime, int)),
}
_ADDRESS = "/api/v1/workorders/"


class Orders(Resource):
    """Work orders. The list reads them through `reading.fetch_page`, everything else through `visible_to`."""

    queryset = WorkOrder.objects.none()
    filterset_class = OrderFilters
    pagination_class = Pages
    lookup_field = "number"

    def order(self, number: str) -> WorkOrder:
        """The order, when the reader sees it."""
        return or_404(find(number, self.standing))

    @extend_schema(
        operation_id="workorders_list",
        parameters=[OpenApiParameter("ordering", enum=list(_CURSORS), default="-reported_at")],
        responses=shapes.OrderRow(many=True),
        tags=["workorders"],
    )
    def list(self, request: Any) -> HttpResponse:
        """The orders in your reach, a page of them."""
        ordering = request.query_params.get("ordering") or "-reported_at"
        if ordering not in _CURSORS:
            names = {"value": ordering[:40], "choices": ", ".join(_CURSORS)}
            words = _("“%(value)s” is not one of: %(choices)s.") % names
            raise Invalid("bad_filter", words, errors={"ordering": [words]})
        columns, kinds = _CURSORS[ordering]
        size, cursor = size_of(request), cursor_of(request, *kinds)
        base = OrderFilters.of(request, WorkOrder.objects.order_by())
        found = reading.fetch_page(
            base, self.standing, ordering=ordering, size=size, after=cursor.after, backwards=cursor.backwards
        )
        ends = [tuple(row[column] for column in columns) for row in (*found.rows[:1], *found.rows[-1:])]
        return page(
            request,
            rows_of(found.rows, self.at),
            cursor=cursor,
            has_more=found.has_more,
            first=ends[0] if ends else None,
            last=ends[-1] if ends else None,
            count=self._count(base) if flag(request, "count") else None,
        )

    def _count(self, base: Any) -> int:
        return base.visible_to(self.request.user, on=clock.date_of(self.at)).count()

    @extend_schema(
        operation_id="workorders_create", request=shapes.Report, responses={201: shapes.Order}, tags=["workorders"]
    )
    def create(self, request: Any) -> HttpResponse:
        """Report a problem."""
        found = intake.read(body_of(request), standing=self.standing, at=self.at)
        order = commands.report(found, by=request.user, at=self.at)
        return answered(order_body(order, standing=self.standing, at=self.at), status=201)

    @extend_schema(operation_id="workorders_retrieve", responses=shapes.OrderDetail, tags=["workorders"])
    def retrieve(self, request: Any, number: str) -> HttpResponse:
        """One order with its events, assignments, attachments, extensions, and why it is due when it is due."""
        order = self.order(number)
        return answered(detail_body(order, standing=self.standing, at=self.at, address=address_of(order.number)))

    @extend_schema(operation_id="workorders_moves", responses=shapes.Move(many=True), tags=["workorders"])
    def moves(self, request: Any, number: str) -> HttpResponse:
        """What you may do with the order now, and what each step needs."""
        allowed = workflow.allowed_moves(self.order(number), standing=self.standing, at=self.at)
        return answered([_move(move) for move in allowed])

    @extend_schema(
        operation_id="workorders_move", request=OpenApiTypes.OBJECT, responses=shapes.Order, tags=["workorders"]
    )
    def move(self, request: Any, number: str, name: str) -> HttpResponse:
        """Do one step. The body holds the inputs of the step as moves/ lists them."""
        order = or_404(ledger.claim(number, self.standing))
        if name not in workflow.BY_NAME:
            raise NotThere("no_such_move", _("There is no such step. moves/ lists those open to you."))
        if not isinstance(request.data, Mapping):
            # Role and status are judged before the body, also before one that is no object.
            workflow.check(name, order, standing=self.standing, at=self.at)
        order = commands.perform(name, order, by=request.user, at=self.at, given=body_of(request))
        return answered(order_body(order, standing=self.standing, at=self.at))

    @extend_schema(operation_id="workorders_similar", responses=shapes.Similar(many=True), tags=["workorders"])
    def similar(self, request: Any, number: str) -> HttpResponse:
        """Open orders that may be about the same thing, the likeliest first."""
        return answered([similar_body(alike) for alike in similar_to(self.order(number), standing=self.standing)])

    @extend_schema(
        operation_id="workorders_reveal", request=shapes.Reveal, responses=shapes.Revealed, tags=["workorders"]
    )
    def reveal(self, request: Any, number: str) -> HttpResponse:
        """The reporter's name or phone in clear; who asked, and what for, is kept for ever."""
        order, body = self.order(number), body_of(request)
        known_fields(body, "field", "purpose")
        field, purpose = body.get("field"), body.get("purpose")
        odd = [name for name, one in (("field", field), ("purpose", purpose)) if not isinstance(one, str)]
        errors = {name: [_("This must be text.")] for name in odd}
        if errors and revealing.may_reveal(order, standing=self.standing):
            raise Invalid(errors=errors)
        purpose = str(purpose).replace("\x00", "")
        value = revealing.reveal(order, by=request.user, at=self.at, field=str(field), purpose=purpose)
        return answered({"field": field, "value": value or None})


def address_of(number: str) -> str:
    """Where an order is found."""
    return f"{_ADDRESS}{number}/"


def similar_body(alike: Similar) -> dict:
    """A likely duplicate: its number, how alike from 0 to 1, and why."""
    return {"number": alike.number, "score": alike.score, "reasons": list(alike.reasons)}


def _move(move: workflow.Move) -> dict:
    return {"name": move.name, "label": str(move.label), "inputs": [_input(one) for one in move.inputs]}


def _input(spec: workflow.Input) -> dict:
    found = {"name": spec.name, "type": spec.type, "required": spec.required}
    if spec.choices:
        found["choices"] = list(spec.choices)
    return found
