"""A run to take along: the workbook with every figure, and the bulletin with what its editor writes over it."""

from typing import Any

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_GET

from assessment.exports import bulletin, workbook
from assessment.models import Run
from assessment.wording import standing_words
from core import clock
from core.errors import DomainError
from core.wording import in_this_language
from grids.directory import Place, find
from pages import base, papers
from pages.assessment import forms, ranking, reach, runs
from pages.base import page

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class BulletinForm(django_forms.Form):
    """What stands over the figures; whatever is left empty is left out of the paper."""

    title = django_forms.CharField(label=_lazy("Title"), max_length=bulletin.LONGEST)
    issuer = django_forms.CharField(label=_lazy("Issued by"), max_length=bulletin.LONGEST, required=False)
    number = django_forms.CharField(label=_lazy("Document number"), max_length=bulletin.LONGEST, required=False)
    addressee = django_forms.CharField(label=_lazy("Addressed to"), max_length=bulletin.LONGEST, required=False)
    date = django_forms.DateField(
        label=_lazy("Dated"), widget=django_forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )  # fmt: skip


class ScopeForm(django_forms.Form):
    """The area a bulletin is about."""

    area = django_forms.ChoiceField(label=_lazy("Area"))

    def __init__(self, areas: list[Place], chosen: Place):
        super().__init__(initial={"area": chosen.code})
        self.fields["area"].choices = [(one.code, one.name) for one in areas]


@page
@require_GET
def workbook_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Every figure the reader sees of a run, as Excel; narrowed like the ranking on the page."""
    run = reach.find_run(request, pk)
    form = forms.RankingForm(request.GET, areas=ranking.areas_of(run), groups=ranking.groups_of(run))
    under = find(form.chosen("area")) if form.chosen("area") else None
    chosen = workbook.Selection(run, request.user, clock.today(), under, form.chosen("group"))
    pieces = in_this_language(workbook.stream(chosen))
    response = StreamingHttpResponse(pieces, content_type=XLSX)
    response["Content-Disposition"] = content_disposition_header(True, f"{workbook.name_of(run, _('Ranking'))}.xlsx")
    response["Cache-Control"] = "private, no-store"
    return response


@page
@require_GET
def bulletin_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The bulletin: a form with what can be chosen, and with `as` the paper itself."""
    run = reach.find_run(request, pk)
    workbook.need_ready(run)
    on, asked = clock.today(), request.GET.get("as", "")
    area = bulletin.scope(run, request.user, on=on, code=request.GET.get("area", ""))
    default = bulletin.head(run, area, on=on)
    sent = asked in (papers.WORD, papers.PDF)
    form = BulletinForm(request.GET if sent else None, initial=vars(default))
    if sent and request.problem is None and form.is_valid():
        given = {**form.cleaned_data, "date": form.cleaned_data["date"].isoformat()}
        paper = bulletin.compose(run, user=request.user, on=on, area=area, head=bulletin.read_head(given, default))
        return papers.file(paper, asked, workbook.name_of(run, _("Bulletin")))
    _refused(request, form)
    context: dict[str, Any] = {
        "shell": base.shell(request),
        "back": runs.url_of(run),
        "trail": [(_("Assessment"), runs.home()), (runs.title_of(run), runs.url_of(run)), (_("Bulletin"), None)],
        "run": run,
        "title": runs.title_of(run),
        "form": form,
        "area": area,
        "scope": _scope(run, request, area),
        "state": standing_words(run),
    }
    return render(request, "assessment/bulletin.html", context, status=400 if form.errors else 200)


def _scope(run: Run, request: HttpRequest, area: Place) -> ScopeForm | None:
    """Where there is a choice of areas."""
    areas = bulletin.scopes(run, base.standing(request))
    return ScopeForm(areas, area) if len(areas) > 1 else None


def _refused(request: HttpRequest, form: BulletinForm) -> None:
    """Put what the bulletin itself refused on the fields it names."""
    problem: DomainError | None = request.problem
    for name, found in ((problem.errors or {}) if problem and form.is_bound else {}).items():
        form.add_error(name if name in form.fields else None, found)
