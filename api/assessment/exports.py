"""`assessment/runs/{id}/workbook/` and `…/bulletin/`: files with the figures of the rankings and scores."""

from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema

from api.base import JSONRenderer, or_404
from api.filters import refuse_nul
from api.resource import Resource
from assessment.exports import bulletin, workbook
from assessment.models import Run
from core import clock
from core.errors import Invalid
from core.papers import pdf, word
from core.wording import in_this_language
from grids.directory import find

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF = "application/pdf"


class _Excel(JSONRenderer):
    """Lets a caller ask for the kind of the file; a refusal is still a problem document."""

    media_type, format = XLSX, "xlsx"


class _Word(JSONRenderer):
    media_type, format = DOCX, "docx"


class _PDF(JSONRenderer):
    media_type, format = PDF, "pdf"


class _Exports(Resource):
    queryset = Run.objects.none()
    paged = ()

    def run(self, id: int) -> Run:
        """A run the reader may see."""
        rows = Run.objects.visible_to(self.request.user, on=clock.date_of(self.at))
        return or_404(rows.select_related("version__scheme", "area", "next_revision").filter(pk=id).first())


class Workbooks(_Exports):
    """Every figure of a run as Excel."""

    renderer_classes = (JSONRenderer, _Excel)

    @extend_schema(
        operation_id="assessment_runs_workbook",
        parameters=[
            OpenApiParameter("under", str, description="Code of an area: only what lies in or below it."),
            OpenApiParameter("peer_group", str),
        ],
        responses={(200, XLSX): OpenApiTypes.BINARY},
        tags=["assessment"],
    )
    def fetch(self, request: Any, id: int) -> StreamingHttpResponse:
        """Rankings, indicators and explanations of what the reader sees; sent while it is made."""
        refuse_nul(request)
        run, code = self.run(id), request.query_params.get("under")
        under = find(code) if code else None
        if code and under is None:
            raise Invalid("bad_filter", errors={"under": [_("There is no area with this code.")]})
        group = request.query_params.get("peer_group", "")
        chosen = workbook.Selection(run, request.user, clock.date_of(self.at), under, group)
        response = StreamingHttpResponse(in_this_language(workbook.stream(chosen)), content_type=XLSX)
        return _named(response, f"{workbook.name_of(run, _('Ranking'))}.xlsx")


class Bulletins(_Exports):
    """The bulletin of a run."""

    renderer_classes = (JSONRenderer, _PDF, _Word)

    @extend_schema(
        operation_id="assessment_runs_bulletin_word",
        parameters=[OpenApiParameter(name, str) for name in ("area", "title", "issuer", "number", "addressee", "date")],
        responses={(200, DOCX): OpenApiTypes.BINARY},
        tags=["assessment"],
    )
    def word(self, request: Any, id: int) -> HttpResponse:
        """The bulletin as Word. What the parameters leave out stands as the page proposes it."""
        return self._file(request, id, word.write, DOCX, "docx")

    @extend_schema(
        operation_id="assessment_runs_bulletin_pdf",
        parameters=[OpenApiParameter(name, str) for name in ("area", "title", "issuer", "number", "addressee", "date")],
        responses={(200, PDF): OpenApiTypes.BINARY},
        tags=["assessment"],
    )
    def pdf(self, request: Any, id: int) -> HttpResponse:
        """The bulletin as PDF."""
        return self._file(request, id, pdf.write, PDF, "pdf")

    def _file(self, request: Any, id: int, write: Any, kind: str, ending: str) -> HttpResponse:
        refuse_nul(request)
        run, on, given = self.run(id), clock.date_of(self.at), request.query_params
        workbook.need_ready(run)
        area = bulletin.scope(run, request.user, on=on, code=given.get("area", ""))
        head = bulletin.read_head(given, bulletin.head(run, area, on=on))
        paper = bulletin.compose(run, user=request.user, on=on, area=area, head=head)
        return _named(HttpResponse(write(paper), content_type=kind), f"{workbook.name_of(run, _('Bulletin'))}.{ending}")


def _named(response: Any, name: str) -> Any:
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["Cache-Control"] = "private, no-store"
    return response
