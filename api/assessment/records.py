"""`assessment/records/`: patrols, visits, disputes, samples, duties, missed discoveries. For assessors."""

import tempfile
from pathlib import Path
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import MultiPartParser

from api import shapes
from api.assessment.assessing import ForAssessors
from api.assessment.body import record_body
from api.base import answered, body_of, known_fields, or_404
from api.filters import refuse_nul
from api.paging import Pages, listed
from assessment import commands, periods
from assessment.commands.recording import HEADS
from assessment.models import FactRecord
from assessment.vocabulary import RecordKind, Span
from core import clock
from core.errors import Invalid
from grids.directory import find
from grids.imports.report import Unreadable
from personnel.jurisdiction import lies_in

TABLES = (".csv", ".xlsx")
_YES = ("1", "true", "yes")


class Records(ForAssessors):
    """The records of the areas the reader assesses."""

    queryset = FactRecord.objects.none()
    pagination_class = Pages

    def visible(self) -> Any:
        """The records this reader may see."""
        rows = FactRecord.objects.visible_to(self.request.user, on=clock.date_of(self.at)).filter(voided_at=None)
        return rows.select_related("officer", "order")

    @extend_schema(
        operation_id="assessment_records_list",
        parameters=[
            OpenApiParameter("period", str, description="2026-10"),
            OpenApiParameter("kind", enum=RecordKind.values),
            OpenApiParameter("area", str, description="Code of an area: only what lies in or below it."),
        ],
        responses=shapes.FactRecord(many=True),
        tags=["assessment"],
    )
    def list(self, request: Any) -> HttpResponse:
        """Records, the newest first."""
        refuse_nul(request)
        rows, query = self.visible(), request.query_params
        if period := query.get("period"):
            month = periods.read(period, Span.MONTH)
            rows = rows.filter(on__gte=month.first, on__lt=month.end)
        if kind := query.get("kind"):
            if kind not in RecordKind.values:
                names = {"value": kind[:40], "choices": ", ".join(RecordKind.values)}
                words = _("“%(value)s” is not one of: %(choices)s.") % names
                raise Invalid("bad_filter", words, errors={"kind": [words]})
            rows = rows.filter(kind=kind)
        if code := query.get("area"):
            place = find(code)
            if place is None:
                raise Invalid("bad_filter", errors={"area": [_("There is no area with this code.")]})
            rows = rows.filter(lies_in("area__in", [place.id]))
        return listed(request, rows, by="-pk", kind=int, show=lambda found: [record_body(one) for one in found])

    @extend_schema(
        operation_id="assessment_records_create",
        request=shapes.NewRecord,
        responses={201: shapes.FactRecord},
        tags=["assessment"],
    )
    def create(self, request: Any) -> HttpResponse:
        """Enter one record; the members are the columns of a file."""
        self.need_assessor()
        row = commands.note(by=request.user, at=self.at, **_values(body_of(request), *HEADS))
        return answered(record_body(self.visible().get(pk=row.pk)), status=201)

    @extend_schema(operation_id="assessment_records_retrieve", responses=shapes.FactRecord, tags=["assessment"])
    def retrieve(self, request: Any, id: int) -> HttpResponse:
        """One record."""
        return answered(record_body(or_404(self.visible().filter(pk=id).first())))

    @extend_schema(
        operation_id="assessment_records_correct",
        request=shapes.CorrectedRecord,
        responses=shapes.FactRecord,
        tags=["assessment"],
    )
    def correct(self, request: Any, id: int) -> HttpResponse:
        """Set right what came of it, until its month is published. Members that are not sent are emptied."""
        row = or_404(self.visible().filter(pk=id).first())
        given = _values(body_of(request), "done", "done_on", "level", "officer", "order", "note")
        commands.correct(row, by=request.user, at=self.at, **given)
        return answered(record_body(self.visible().get(pk=id)))


class RecordFiles(Records):
    """Records from a file."""

    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="assessment_records_import",
        request={"multipart/form-data": shapes.RecordFile},
        responses=shapes.ImportedRecords,
        tags=["assessment"],
    )
    def load(self, request: Any) -> HttpResponse:
        """Import CSV or Excel whole or not at all; `dry=1` says what would happen.

        400 `bad_rows`: every bad cell in `data.problems`.
        """
        self.need_assessor()
        body, file = body_of(request), request.FILES.get("file")
        known_fields(body, "file", "dry")
        if file is None or Path(file.name).suffix.lower() not in TABLES:
            raise Invalid(errors={"file": [_("Choose a CSV or Excel file.")]})
        dry = str(body.get("dry") or "").lower() in _YES
        with tempfile.NamedTemporaryFile(suffix=Path(file.name).suffix.lower()) as kept:
            for chunk in file.chunks():
                kept.write(chunk)
            kept.flush()
            try:
                found = commands.import_records(Path(kept.name), by=request.user, at=self.at, dry=dry)
            except Unreadable as error:
                problem = error.problem
                words = _("Line %(line)d: %(reason)s") % {"line": problem.line, "reason": problem.reason}
                raise Invalid(problem.code, words, errors={"file": [words]}) from error
        if found.problems:
            count = len(found.problems)
            words = ngettext(
                "Nothing was imported: %(count)d problem.", "Nothing was imported: %(count)d problems.", count
            ) % {"count": count}
            problems = [{"line": line, "column": column, "reason": reason} for line, column, reason in found.problems]
            raise Invalid("bad_rows", words, problems=problems)
        return answered({"dry": dry, "created": found.created, "changed": found.changed, "unchanged": found.unchanged})


def _values(body: Any, *names: str) -> dict[str, Any]:
    """The columns of one record; true and false are yes and no. Raises Invalid."""
    known_fields(body, *names)
    given = {name: body.get(name) for name in names}
    errors = {
        name: [_("This must be text.")]
        for name, value in given.items()
        if value is not None and not isinstance(value, str | bool)
    }
    if errors:
        raise Invalid(errors=errors)
    return {name: ("yes" if value else "no") if isinstance(value, bool) else value for name, value in given.items()}
