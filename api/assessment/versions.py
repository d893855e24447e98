"""`assessment/schemes/{code}/versions/`: drafted, changed, tried on a past month, approved by two people, compared."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema

from api import shapes
from api.assessment.assessing import ForAssessors
from api.assessment.body import run_body, text_of, version_body
from api.base import answered, body_of, known_fields, or_404
from api.paging import Pages, listed
from assessment import commands, schemes
from assessment.models import SchemeVersion
from core.errors import Invalid


class Versions(ForAssessors):
    """The versions of a scheme; there is nothing to hide in them."""

    queryset = SchemeVersion.objects.none()
    pagination_class = Pages

    def version(self, code: str, number: int) -> SchemeVersion:
        """One of them."""
        rows = SchemeVersion.objects.select_related("scheme").filter(scheme__code=code)
        return or_404(rows.filter(number=number).first() if number < 2**31 else None)

    @extend_schema(
        operation_id="assessment_versions_list", responses=shapes.SchemeVersion(many=True), tags=["assessment"]
    )
    def list(self, request: Any, code: str) -> HttpResponse:
        """The versions of a scheme, the newest first."""
        rows = SchemeVersion.objects.filter(scheme__code=code)
        or_404(rows.first())
        return listed(request, rows, by="-number", kind=int, show=lambda found: [version_body(one) for one in found])

    @extend_schema(
        operation_id="assessment_versions_create",
        request=shapes.NewVersion,
        responses={201: shapes.SchemeVersion},
        tags=["assessment"],
    )
    def create(self, request: Any, code: str) -> HttpResponse:
        """Draft a version; an unknown code begins a new scheme. 400 `bad_scheme` names every member at fault."""
        self.need_assessor()
        body = body_of(request)
        known_fields(body, "body", "note", "name", "name_en")
        made = commands.draft(
            code, by=request.user, at=self.at, body=body.get("body"), note=body.get("note") or "",
            name=body.get("name") or "", name_en=body.get("name_en") or "",
        )  # fmt: skip
        return answered(version_body(made), status=201)

    @extend_schema(operation_id="assessment_versions_retrieve", responses=shapes.SchemeVersion, tags=["assessment"])
    def retrieve(self, request: Any, code: str, number: int) -> HttpResponse:
        """One version with its body."""
        return answered(version_body(self.version(code, number)))

    @extend_schema(
        operation_id="assessment_versions_amend",
        request=shapes.ChangedVersion,
        responses=shapes.SchemeVersion,
        tags=["assessment"],
    )
    def amend(self, request: Any, code: str, number: int) -> HttpResponse:
        """Change a draft nobody tried yet; 409 `drafted_on` for every other version."""
        version, body = self.version(code, number), body_of(request)
        known_fields(body, "body", "note")
        made = commands.amend(
            version, by=request.user, at=self.at, body=body.get("body"), note=body.get("note") or version.note
        )
        return answered(version_body(made))

    @extend_schema(
        operation_id="assessment_versions_simulate",
        request=shapes.Simulate,
        responses={202: shapes.Run},
        tags=["assessment"],
    )
    def simulate(self, request: Any, code: str, number: int) -> HttpResponse:
        """Try the version on a month that is over; the run is never published. See `runs/{id}/comparison/`."""
        version, body = self.version(code, number), body_of(request)
        known_fields(body, "period", "area")
        run = commands.simulate(
            version, by=request.user, at=self.at, period=body.get("period"), area=text_of(body, "area")
        )
        return answered(run_body(run), status=202)

    @extend_schema(
        operation_id="assessment_versions_approve",
        request=shapes.Approve,
        responses=shapes.SchemeVersion,
        tags=["assessment"],
    )
    def approve(self, request: Any, code: str, number: int) -> HttpResponse:
        """One of the two approvals; the first names the month from which it holds."""
        version, body = self.version(code, number), body_of(request)
        known_fields(body, "in_force_from")
        done = commands.approve(version, by=request.user, at=self.at, in_force_from=body.get("in_force_from"))
        return answered(version_body(done))

    @extend_schema(
        operation_id="assessment_versions_difference",
        parameters=[OpenApiParameter("with", int, required=True, description="The number of the other version.")],
        responses=shapes.Difference(many=True),
        tags=["assessment"],
    )
    def difference(self, request: Any, code: str, number: int) -> HttpResponse:
        """What differs from another version, by the path of the member."""
        given = request.query_params.get("with", "")
        if not given.isascii() or not given.isdigit() or len(given) > 9:
            raise Invalid("bad_filter", errors={"with": [_("This must be a number.")]})
        new, old = self.version(code, number), self.version(code, int(given))
        rows = schemes.difference(old.body, new.body)
        return answered([{"path": path, "before": before, "after": after} for path, before, after in rows])
