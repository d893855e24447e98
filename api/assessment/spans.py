"""`assessment/roll-ups/`, `assessment/reviews/`: quarters and years from published parts, the annual review."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema

from api import shapes
from api.assessment.assessing import ForAssessors
from api.assessment.body import review_body, run_body, text_of, whole_of
from api.base import answered, body_of, known_fields
from api.paging import Pages, listed
from assessment import commands
from assessment.models import AnnualReview, Run
from core import clock
from core.errors import Invalid
from personnel.models import User


class RollUps(ForAssessors):
    """Quarters and years."""

    queryset = Run.objects.none()

    @extend_schema(
        operation_id="assessment_roll_ups_create",
        request=shapes.RollUp,
        responses={201: shapes.Run},
        tags=["assessment"],
    )
    def create(self, request: Any) -> HttpResponse:
        """Compute a quarter from its published months or a year from its quarters; publish the run as any other."""
        self.need_assessor()
        body = body_of(request)
        known_fields(body, "period", "area")
        run = commands.roll_up(body.get("period"), by=request.user, at=self.at, area=text_of(body, "area"))
        found = Run.objects.visible_to(request.user, on=clock.date_of(self.at)).select_related("version__scheme")
        return answered(run_body(found.get(pk=run.pk)), status=201)


class Reviews(ForAssessors):
    """Annual reviews in the areas the reader assesses."""

    queryset = AnnualReview.objects.none()
    pagination_class = Pages

    def visible(self) -> Any:
        """The reviews this reader may see."""
        return AnnualReview.objects.visible_to(self.request.user, on=clock.date_of(self.at)).select_related("officer")

    @extend_schema(
        operation_id="assessment_reviews_list",
        parameters=[OpenApiParameter("year", int)],
        responses=shapes.AnnualReview(many=True),
        tags=["assessment"],
    )
    def list(self, request: Any) -> HttpResponse:
        """Reviews, the newest first."""
        rows = self.visible()
        if given := request.query_params.get("year"):
            if not given.isascii() or not given.isdigit() or len(given) != 4:
                raise Invalid("bad_filter", errors={"year": [_("This must be a number.")]})
            rows = rows.filter(year=int(given))
        return listed(request, rows, by="-pk", kind=int, show=lambda found: [review_body(one) for one in found])

    @extend_schema(
        operation_id="assessment_reviews_create",
        request=shapes.NewReview,
        responses={201: shapes.AnnualReview},
        tags=["assessment"],
    )
    def create(self, request: Any) -> HttpResponse:
        """Enter the review of a grid, or of its officer; again until the year is published."""
        self.need_assessor()
        body = body_of(request)
        known_fields(body, "year", "area", "officer", "leaders", "peers", "residents")
        year, number = whole_of(body, "year"), whole_of(body, "officer")
        errors: dict[str, list] = {}
        if year is None or not 2000 <= year < 2100:
            errors["year"] = [_("Write the year as 2026.")]
        officer = User.objects.filter(pk=number).first() if number is not None and abs(number) < 2**62 else None
        if number is not None and officer is None:
            errors["officer"] = [_("There is no such person.")]
        if errors:
            raise Invalid(errors=errors)
        row = commands.review_year(
            year=year, area=body.get("area"), leaders=body.get("leaders"), peers=body.get("peers"),
            residents=body.get("residents"), by=request.user, at=self.at, officer=officer,
        )  # fmt: skip
        return answered(review_body(self.visible().get(pk=row.pk)), status=201)
