"""`assessment/scores/`: why a score is what it is, down to the order; appeals against it."""

from typing import Any

from django.http import FileResponse, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema

from api import shapes
from api.assessment.body import appeal_body, detail_body, evidence_body
from api.assessment.files import Bytes, sent
from api.base import JSONRenderer, answered, body_of, known_fields, or_404
from api.paging import Pages, listed
from api.resource import Resource
from assessment import commands, explaining, reading
from assessment.models import Appeal, Score
from core import clock


class Scores(Resource):
    """Scores in the reader's reach."""

    queryset = Score.objects.none()
    pagination_class = Pages
    paged = ("evidence",)

    def score(self, id: int) -> Score:
        """One of them."""
        rows = Score.objects.visible_to(self.request.user, on=clock.date_of(self.at))
        rows = rows.select_related("run__version", "mirrors", "area")
        return or_404(rows.filter(pk=id).first())

    @extend_schema(operation_id="assessment_scores_retrieve", responses=shapes.ScoreDetail, tags=["assessment"])
    def retrieve(self, request: Any, id: int) -> HttpResponse:
        """One score with every row behind it; their points add up to it."""
        score = self.score(id)
        spread = reading.distribution(score.run, level=score.level, peer_group=score.peer_group)
        return answered(detail_body(score, explaining.sheet(score), spread.median))

    @extend_schema(operation_id="assessment_scores_evidence", responses=shapes.Evidence(many=True), tags=["assessment"])
    def evidence(self, request: Any, id: int, code: str) -> HttpResponse:
        """The very orders or records in an indicator's denominator."""
        rows = or_404(explaining.evidence_rows(self.score(id), code))
        return listed(
            request, rows, by="pk", kind=int,
            show=lambda found: [evidence_body(one) for one in explaining.evidence(found, code)],
        )  # fmt: skip

    @extend_schema(
        operation_id="assessment_scores_appeals",
        request=shapes.NewAppeal,
        responses={201: shapes.Appeal},
        tags=["assessment"],
    )
    def appeals(self, request: Any, id: int) -> HttpResponse:
        """Contest one item of your own score, within three working days of its publication."""
        score = self.score(id)
        commands.contestable(score, by=request.user, at=self.at)
        body = body_of(request)
        known_fields(body, "item", "indicator", "order", "adjustment", "reason", "evidence")
        row = commands.appeal(
            score, by=request.user, at=self.at, item=body.get("item") or body.get("indicator"),
            order=body.get("order") or "", charge=body.get("adjustment"), reason=body.get("reason"),
            evidence=request.FILES.get("evidence"),
        )  # fmt: skip
        return answered(appeal_body(row), status=201)


class Appeals(Resource):
    """Appeals: one's own, and those over which one decides."""

    queryset = Appeal.objects.none()
    pagination_class = Pages

    def visible(self) -> Any:
        """The appeals this reader may see."""
        rows = Appeal.objects.visible_to(self.request.user, on=clock.date_of(self.at))
        return rows.select_related("order", "by")

    @extend_schema(operation_id="assessment_appeals_list", responses=shapes.Appeal(many=True), tags=["assessment"])
    def list(self, request: Any) -> HttpResponse:
        """Appeals, the newest first."""
        return listed(
            request, self.visible(), by="-pk", kind=int, show=lambda found: [appeal_body(one) for one in found]
        )

    @extend_schema(
        operation_id="assessment_appeals_rule", request=shapes.Ruling, responses=shapes.Appeal, tags=["assessment"]
    )
    def rule(self, request: Any, id: int) -> HttpResponse:
        """Decide. An upheld appeal makes a revision; both stay."""
        row = or_404(self.visible().filter(pk=id).first())
        commands.decidable(row, by=request.user, at=self.at)
        body = body_of(request)
        known_fields(body, "uphold", "answer")
        row = commands.rule(row, by=request.user, at=self.at, uphold=body.get("uphold"), answer=body.get("answer"))
        return answered(appeal_body(self.visible().get(pk=row.pk)))

    @extend_schema(
        operation_id="assessment_appeals_second", request=shapes.AskAgain, responses=shapes.Appeal, tags=["assessment"]
    )
    def second(self, request: Any, id: int) -> HttpResponse:
        """Take a refused appeal to the second step."""
        row = or_404(self.visible().filter(pk=id).first())
        commands.askable_again(row, by=request.user, at=self.at)
        body = body_of(request)
        known_fields(body, "reason")
        row = commands.ask_again(row, by=request.user, at=self.at, reason=body.get("reason"))
        return answered(appeal_body(self.visible().get(pk=row.pk)))

    @extend_schema(operation_id="assessment_appeals_retrieve", responses=shapes.Appeal, tags=["assessment"])
    def retrieve(self, request: Any, id: int) -> HttpResponse:
        """One appeal and how far it is."""
        return answered(appeal_body(or_404(self.visible().filter(pk=id).first())))


class AppealFiles(Appeals):
    """Their evidence."""

    renderer_classes = (Bytes, JSONRenderer)

    @extend_schema(
        operation_id="assessment_appeals_evidence",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        tags=["assessment"],
    )
    def fetch(self, request: Any, id: int) -> FileResponse:
        """The file that came with it."""
        return sent(or_404(self.visible().filter(pk=id).first()).evidence)
