"""`assessment/adjustments/`: deductions, bonuses and vetoes by hand. For assessors; others find nothing here."""

from typing import Any

from django.http import FileResponse, HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema

from api import shapes
from api.assessment.assessing import ForAssessors
from api.assessment.body import adjustment_body, text_of, whole_of
from api.assessment.files import Bytes, sent
from api.base import JSONRenderer, answered, body_of, known_fields, or_404
from api.filters import refuse_nul
from api.paging import Pages, flag, listed
from assessment import commands, evidence, periods
from assessment.commands.adjusting import waiting_ids
from assessment.models import Adjustment
from assessment.vocabulary import Span
from core import clock
from core.errors import Invalid
from personnel.models import User
from workorders.models import WorkOrder


class Adjustments(ForAssessors):
    """The items of the areas the reader assesses."""

    queryset = Adjustment.objects.none()
    pagination_class = Pages

    def visible(self) -> Any:
        """The items this reader may see."""
        rows = Adjustment.objects.visible_to(self.request.user, on=clock.date_of(self.at))
        return rows.select_related("order", "officer", "entered_by", "confirmed_by", "withdrawn_by")

    def item(self, id: int) -> Adjustment:
        """One of them."""
        return or_404(self.visible().filter(pk=id).first())

    @extend_schema(
        operation_id="assessment_adjustments_list",
        parameters=[
            OpenApiParameter("period", str, description="2026-10"),
            OpenApiParameter("waiting", int, enum=[1], description="1: only those that wait for a second person."),
        ],
        responses=shapes.ManualItem(many=True),
        tags=["assessment"],
    )
    def list(self, request: Any) -> HttpResponse:
        """Items, the newest first."""
        refuse_nul(request)
        rows = self.visible()
        if period := request.query_params.get("period"):
            rows = rows.filter(period=periods.read(period, Span.MONTH).text)
        if flag(request, "waiting"):
            rows = rows.filter(pk__in=waiting_ids(rows))
        return listed(request, rows, by="-pk", kind=int, show=lambda found: [adjustment_body(one) for one in found])

    @extend_schema(
        operation_id="assessment_adjustments_create",
        request={"application/json": shapes.NewManualItem, "multipart/form-data": shapes.NewManualItem},
        responses={201: shapes.ManualItem},
        tags=["assessment"],
    )
    def create(self, request: Any) -> HttpResponse:
        """Enter an item; where the scheme says so it counts when a second person has confirmed it."""
        self.need_assessor()
        body = body_of(request)
        known_fields(
            body, "period", "area", "code", "variant", "count", "cause", "officer", "order", "evidence"
        )  # fmt: skip
        row = commands.enter(
            period=body.get("period"), area=body.get("area"), code=body.get("code"), cause=body.get("cause"),
            variant=body.get("variant") or "", count=whole_of(body, "count", 1), officer=self._officer(body),
            order=self._order(body), evidence=request.FILES.get("evidence"), by=request.user, at=self.at,
        )  # fmt: skip
        return answered(adjustment_body(self.visible().get(pk=row.pk)), status=201)

    def _officer(self, body: Any) -> User | None:
        number = whole_of(body, "officer")
        if number is None:
            return None
        found = User.objects.filter(pk=number).first() if abs(number) < 2**62 else None
        if found is None:
            raise Invalid(errors={"officer": [_("There is no such person.")]})
        return found

    def _order(self, body: Any) -> WorkOrder | None:
        number = text_of(body, "order")
        if number is None:
            return None
        seen = WorkOrder.objects.visible_to(self.request.user, on=clock.date_of(self.at))
        found = seen.filter(number=number).order_by().first()
        if found is None:
            raise Invalid(errors={"order": [_("Name the order by its number.")]})
        return found

    @extend_schema(operation_id="assessment_adjustments_retrieve", responses=shapes.ManualItem, tags=["assessment"])
    def retrieve(self, request: Any, id: int) -> HttpResponse:
        """One item."""
        return answered(adjustment_body(self.item(id)))

    @extend_schema(
        operation_id="assessment_adjustments_confirm", request=None, responses=shapes.ManualItem, tags=["assessment"]
    )
    def confirm(self, request: Any, id: int) -> HttpResponse:
        """The second person's word."""
        row = commands.confirm(self.item(id), by=request.user, at=self.at)
        return answered(adjustment_body(self.item(row.pk)))

    @extend_schema(
        operation_id="assessment_adjustments_withdraw",
        request=shapes.Reason,
        responses=shapes.ManualItem,
        tags=["assessment"],
    )
    def withdraw(self, request: Any, id: int) -> HttpResponse:
        """Take an item back before its month is published."""
        row, body = self.item(id), body_of(request)
        known_fields(body, "reason")
        commands.withdraw(row, by=request.user, at=self.at, reason=body.get("reason"))
        return answered(adjustment_body(self.item(id)))


class AdjustmentFiles(Adjustments):
    """Their evidence."""

    renderer_classes = (Bytes, JSONRenderer)

    @extend_schema(
        operation_id="assessment_adjustments_evidence",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        tags=["assessment"],
    )
    def fetch(self, request: Any, id: int) -> FileResponse:
        """The file: for assessors, and for whoever it costs or earns points."""
        row = or_404(evidence.readable(id, request.user, clock.date_of(self.at)))
        return sent(row.evidence)
