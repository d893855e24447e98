"""Tables of areas, grids, people and old orders: the template, the look, the word to go, the result, the way back."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import clock, sheets
from core.errors import NotPermitted
from core.papers import excel
from core.sheets import MOST_BYTES, MOST_ROWS, Outcome
from exchange import importing, working
from exchange.kinds import BY_NAME, SHEETS
from exchange.models import Import, ImportRow
from exchange.vocabulary import ImportState, Mode
from grids.directory import Place, directory
from pages import downloads, paging
from pages.base import Done, once, page, submitted

app_name = "imports"
SIZE, SHOWN = 30, 100
S = ImportState


class FileForm(forms.Form):
    """A file, and the area it is about where a person administers several."""

    area = forms.ChoiceField(required=False, label=_lazy("Area"))
    file = forms.FileField(label=_lazy("File"), help_text=_lazy("Excel (.xlsx) or CSV, at most 10 MB and 50 000 rows."))

    def __init__(self, *args, areas: list[Place | None], **kwargs):
        super().__init__(*args, auto_id="import_%s", **kwargs)
        self.areas = {str(area.code) if area else "": area for area in areas}
        self.fields["file"].widget.attrs["accept"] = ".xlsx,.csv"
        if len(areas) > 1:
            self.fields["area"].choices = [(code, area.name) for code, area in self.areas.items()]
        else:
            del self.fields["area"]

    def clean_file(self) -> Any:
        """Not too large, before it is read."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 10 MB. Divide it."))
        return file

    def area_chosen(self) -> Place | None:
        """The area the rows have to lie in; None is everywhere."""
        code = self.cleaned_data.get("area") or next(iter(self.areas))
        return self.areas[code]


@dataclass(frozen=True)
class Line:
    """One row as the result shows it."""

    line: int
    key: str
    outcome: Outcome
    written: bool
    reasons: list[tuple[str, str]]


def _areas(request: HttpRequest) -> list[Place | None]:
    """The areas the reader may import into. Raises NotPermitted for everybody else."""
    areas = importing.areas_for(request.user, clock.today())
    if not areas:
        raise NotPermitted(
            "not_your_room", _("This page is for other posts than yours. Your own work starts from your start page.")
        )
    return areas


def _find(request: HttpRequest, pk: int) -> Import:
    """An import within reach. Raises NotPermitted for those who import nothing, Http404."""
    _areas(request)
    found = Import.objects.visible_to(request.user, clock.today()).select_related("by", "undone_by", "area")
    one = found.filter(pk=pk).first()
    if one is None:
        raise Http404
    return one


@page
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """What can be brought, and what was."""
    _areas(request)
    found = Import.objects.visible_to(request.user, clock.today()).select_related("by", "area")
    one_page = paging.newest(request, found, size=SIZE)
    context = {
        "trail": [(_("Imports"), None)],
        "sheets": SHEETS,
        "rows": [(one, BY_NAME[one.kind].label) for one in one_page.rows],
        "next": one_page.next,
        "previous": one_page.previous,
    }
    return render(request, "imports/index.html", context)


@page
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, kind: str) -> HttpResponse:
    """One kind: its columns, its template, and a file to look at."""
    areas = _areas(request)
    sheet = _sheet(kind)
    form = FileForm(request.POST or None, request.FILES or None, areas=areas)
    if submitted(request, form):

        def work() -> Done:
            file = form.cleaned_data["file"]
            made = importing.upload(
                kind, by=request.user, at=clock.now(), name=file.name, content=file.read(), area=form.area_chosen()
            )
            return Done(reverse("imports:one", args=[made.pk]))

        return once(request, work)
    context = {
        "trail": [(_("Imports"), reverse("imports:index")), (str(sheet.label), None)],
        "sheet": sheet,
        "form": form,
        "inside": areas[0] if len(areas) == 1 else None,
        "most_rows": MOST_ROWS,
    }
    return render(request, "imports/new.html", context)


def _sheet(kind: str) -> sheets.Sheet:
    if kind not in BY_NAME:
        raise Http404
    return BY_NAME[kind]


@page
@require_GET
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """The workbook to fill in."""
    _areas(request)
    sheet = _sheet(kind)
    answer = HttpResponse(sheets.template(sheet), content_type=excel.TYPE)
    name = _("Template %(kind)s") % {"kind": sheet.label}
    answer["Content-Disposition"] = content_disposition_header(True, f"{name}.xlsx")
    return answer


@page
@require_GET
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """How far an import is, and its rows; the part alone for HTMX, which asks until the worker is done."""
    found = _find(request, pk)
    context = _told(request, found)
    alone = request.htmx and not request.htmx.history_restore_request
    return render(request, "imports/_one.html" if alone else "imports/one.html", context)


def _told(request: HttpRequest, found: Import) -> dict[str, Any]:
    sheet, now = BY_NAME[found.kind], clock.now()
    figures = importing.figures(found)
    shown = request.GET.get("show", "")
    if shown not in (Outcome.REFUSED, Outcome.NEW, Outcome.CHANGED):
        shown = str(Outcome.REFUSED if found.refused else Outcome.NEW if found.new else Outcome.CHANGED)
    after = request.GET.get("after", "")
    start = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0
    rows = found.rows.filter(outcome=shown, line__gt=start).order_by("line")[: SHOWN + 1]
    labels = {column.name: str(column.label) for column in sheet.columns}
    lines = [_line(row, labels) for row in rows]
    working_now = found.is_working
    return {
        "found": found,
        "sheet": sheet,
        "figures": figures,
        "place": directory().by_id[found.area_id].name if found.area_id else "",
        "trail": [(_("Imports"), reverse("imports:index")), (found.name, None)],
        "working": working_now,
        "done": working.progress(found.pk) if found.state == S.RUNNING else None,
        "to_do": found.new + found.changed,
        "judged": found.state == S.JUDGED,
        "may_write_all": not found.refused,
        "has_work": bool(found.new + found.changed),
        "may_undo": importing.may_undo(found, now),
        "undo_until": found.done_at + importing.UNDO_WITHIN if found.done_at else None,
        "tabs": _tabs(found, shown),
        "shown": shown,
        "lines": lines[:SHOWN],
        "next": f"?show={shown}&after={lines[SHOWN - 1].line}" if len(lines) > SHOWN else "",
        "previous": f"?show={shown}" if start else "",
        "modes": Mode,
    }


def _line(row: ImportRow, labels: dict[str, str]) -> Line:
    reasons = [(labels.get(column, ""), reason) for column, reason in row.faults]
    return Line(row.line, row.key, Outcome(row.outcome), row.written, reasons)


def _tabs(found: Import, shown: str) -> list[dict[str, Any]]:
    tabs = [(Outcome.REFUSED, found.refused), (Outcome.NEW, found.new), (Outcome.CHANGED, found.changed)]
    return [
        {
            "label": outcome.label,
            "url": f"?show={outcome}",
            "count": count,
            "current": outcome == shown,
            "pressing": outcome == Outcome.REFUSED,
        }
        for outcome, count in tabs
        if count
    ]


def _moved(request: HttpRequest, pk: int, step: Any, text: str) -> HttpResponse:
    found = _find(request, pk)

    def work() -> Done:
        step(found)
        return Done(reverse("imports:one", args=[pk]), text)

    return once(request, work)


@page
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Write all rows, or the valid ones."""
    mode = request.POST.get("mode", "")
    return _moved(request, pk, lambda found: importing.confirm(found, by=request.user, at=clock.now(), mode=mode), "")


@page
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave the file."""
    text = _("The file was discarded; nothing was written.")
    return _moved(request, pk, lambda found: importing.discard(found, by=request.user, at=clock.now()), text)


@page
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back what an import wrote."""
    return _moved(request, pk, lambda found: importing.undo(found, by=request.user, at=clock.now()), "")


@page
@require_GET
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """The file as it came."""
    found = _find(request, pk)
    return downloads.send(found.file, name=found.name, kind=_kind(found.file))


@page
@require_GET
def marked(request: HttpRequest, pk: int) -> HttpResponse:
    """The file with red cells and reasons."""
    found = _find(request, pk)
    name = _("With reasons %(name)s") % {"name": found.name}
    return downloads.send(found.marked, name=name, kind=_kind(found.marked))


def _kind(stored: Any) -> str:
    return excel.TYPE if str(stored).endswith(".xlsx") else "text/csv"


urlpatterns = [
    path("", index, name="index"),
    path("new/<slug:kind>/", new, name="new"),
    path("new/<slug:kind>/template/", template, name="template"),
    path("<int:pk>/", one, name="one"),
    path("<int:pk>/confirm/", confirm, name="confirm"),
    path("<int:pk>/discard/", discard, name="discard"),
    path("<int:pk>/undo/", undo, name="undo"),
    path("<int:pk>/file/", file, name="file"),
    path("<int:pk>/marked/", marked, name="marked"),
]
