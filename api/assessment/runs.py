"""`assessment/runs/`: start, look at, publish; rankings; what if."""

from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema

from api import shapes
from api.assessment.body import comparison_body, moved_body, run_body, score_body, text_of
from api.base import answered, body_of, known_fields, or_404
from api.filters import refuse_nul
from api.paging import Pages, cursor_of, flag, listed, page, size_of
from api.resource import Resource
from assessment import commands, comparing, ledger, periods, reading
from assessment.models import Run
from assessment.vocabulary import RunStatus, ScoreLevel
from assessment.what_if import what_if
from core import clock
from core.errors import Invalid, NotAllowedNow
from grids.directory import find


class Runs(Resource):
    """Runs in the reader's reach."""

    queryset = Run.objects.none()
    pagination_class = Pages
    paged = ("list", "scores")

    def visible(self) -> Any:
        """The runs this reader may see."""
        runs = Run.objects.visible_to(self.request.user, on=clock.date_of(self.at))
        return runs.select_related("version__scheme")

    def run(self, id: int) -> Run:
        """One of them."""
        return or_404(self.visible().filter(pk=id).first())

    @extend_schema(
        operation_id="assessment_runs_list",
        parameters=[OpenApiParameter("period", str, description="2026-10, 2026-Q4, 2026")],
        responses=shapes.Run(many=True),
        tags=["assessment"],
    )
    def list(self, request: Any) -> HttpResponse:
        """Runs, the newest first."""
        refuse_nul(request)
        rows = self.visible()
        if period := request.query_params.get("period"):
            rows = rows.filter(period=periods.read(period).text)
        return listed(request, rows, by="-pk", kind=int, show=lambda found: [run_body(one) for one in found])

    @extend_schema(
        operation_id="assessment_runs_create",
        request=shapes.StartRun,
        responses={202: shapes.Run},
        tags=["assessment"],
    )
    def create(self, request: Any) -> HttpResponse:
        """Compute a month. 409 `published` once it is published."""
        body = body_of(request)
        known_fields(body, "period", "scheme", "area")
        run = commands.start(
            body.get("period"), by=request.user, at=self.at, area=text_of(body, "area"), scheme=text_of(body, "scheme")
        )
        return answered(run_body(run), status=202)

    @extend_schema(operation_id="assessment_runs_retrieve", responses=shapes.Run, tags=["assessment"])
    def retrieve(self, request: Any, id: int) -> HttpResponse:
        """One run and how far it is."""
        return answered(run_body(self.run(id)))

    @extend_schema(operation_id="assessment_runs_publish", request=None, responses=shapes.Run, tags=["assessment"])
    def publish(self, request: Any, id: int) -> HttpResponse:
        """Freeze a computed run for good."""
        return self._moved(commands.publish(self.run(id), by=request.user, at=self.at))

    @extend_schema(operation_id="assessment_runs_cancel", request=None, responses=shapes.Run, tags=["assessment"])
    def cancel(self, request: Any, id: int) -> HttpResponse:
        """Stop a run that waits or is being computed."""
        return self._moved(commands.cancel(self.run(id), by=request.user, at=self.at))

    @extend_schema(operation_id="assessment_runs_restart", request=None, responses=shapes.Run, tags=["assessment"])
    def restart(self, request: Any, id: int) -> HttpResponse:
        """Compute a failed or cancelled run from the start."""
        return self._moved(commands.restart(self.run(id), by=request.user, at=self.at))

    def _moved(self, run: Run) -> HttpResponse:
        return answered(run_body(self.visible().get(pk=run.pk)))

    @extend_schema(
        operation_id="assessment_runs_scores",
        parameters=[
            OpenApiParameter("level", enum=ScoreLevel.values, default="grid"),
            OpenApiParameter("under", str, description="Code of an area: only what lies in or below it."),
            OpenApiParameter("peer_group", str),
        ],
        responses=shapes.ScoreRow(many=True),
        tags=["assessment"],
    )
    def scores(self, request: Any, id: int) -> HttpResponse:
        """A ranking, best first; who has no score comes last."""
        refuse_nul(request)
        run, query = self.run(id), request.query_params
        level = query.get("level") or ScoreLevel.GRID
        if level not in ScoreLevel.values:
            words = _("“%(value)s” is not one of: %(choices)s.") % {
                "value": level[:40], "choices": ", ".join(ScoreLevel.values),
            }  # fmt: skip
            raise Invalid("bad_filter", words, errors={"level": [words]})
        under = find(query["under"]) if query.get("under") else None
        if query.get("under") and under is None:
            raise Invalid("bad_filter", errors={"under": [_("There is no area with this code.")]})
        rows = reading.ranking(
            run, level=level, user=request.user, on=clock.date_of(self.at), under=under,
            peer_group=query.get("peer_group", ""),
        )  # fmt: skip
        return self._ranked(request, rows)

    def _ranked(self, request: Any, rows: Any) -> HttpResponse:
        size, cursor = size_of(request), cursor_of(request, int, int)
        found = rows.order_by("-place", "-pk") if cursor.backwards else rows
        if cursor.after is not None:
            place, pk = cursor.after
            word = "lt" if cursor.backwards else "gt"
            found = found.filter(Q(**{f"place__{word}": place}) | Q(place=place, **{f"pk__{word}": pk}))
        fetched = [*found[: size + 1]]
        kept = fetched[:size][::-1] if cursor.backwards else fetched[:size]
        ends = [(one.place, one.pk) for one in (kept[:1] + kept[-1:])]
        return page(
            request,
            [score_body(one) for one in kept],
            cursor=cursor,
            has_more=len(fetched) > size,
            first=ends[0] if ends else None,
            last=ends[-1] if ends else None,
            count=rows.order_by().count() if flag(request, "count") else None,
        )

    @extend_schema(
        operation_id="assessment_runs_what_if",
        request=shapes.Weights,
        responses=shapes.Moved(many=True),
        tags=["assessment"],
    )
    def what_if(self, request: Any, id: int) -> HttpResponse:
        """Ranks under other weights; nothing is stored. For assessors."""
        run, body = self.run(id), body_of(request)
        known_fields(body, "weights")
        ledger.assessor_over(request.user, run.area_id, at=self.at)
        if run.status not in (RunStatus.COMPUTED, RunStatus.PUBLISHED):
            raise NotAllowedNow("not_computed", _("Wait until the run is computed."))
        return answered([moved_body(one) for one in what_if(run, body.get("weights"))])

    @extend_schema(operation_id="assessment_runs_comparison", responses=shapes.Comparison, tags=["assessment"])
    def comparison(self, request: Any, id: int) -> HttpResponse:
        """A trial beside the month without it, a revision beside the one before: who moves. For assessors."""
        run = self.run(id)
        ledger.assessor_over(request.user, run.area_id, at=self.at)
        if run.status not in (RunStatus.COMPUTED, RunStatus.PUBLISHED):
            raise NotAllowedNow("not_computed", _("Wait until the run is computed."))
        base = comparing.base_of(run)
        if base is None:
            words = _("Compute this month under the scheme in force first. Then this page shows who moves.")
            raise NotAllowedNow("nothing_to_compare", words)
        return answered(comparison_body(comparing.compare(run, base)))
