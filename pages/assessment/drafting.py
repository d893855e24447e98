"""A scheme's way on the pages: drafted from any version, tried on a past month, approved by two people."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from assessment import commands, periods
from assessment.commands.scheming import is_open
from assessment.models import SchemeVersion
from assessment.vocabulary import SchemeState
from core import clock
from core.errors import NotPermitted
from pages.assessment import forms, reach, versions
from pages.assessment.runs import url_of
from pages.assessment.scheme_form import SchemeForm
from pages.base import Done, once, page, submitted

MONTHS = 12


def draft_url(row: SchemeVersion) -> str:
    """Where a version is changed, or a new one drafted from it."""
    return reverse("assessment:draft", args=[row.scheme.code, row.number])


@page
@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """The whole scheme as one form: a draft nobody tried is changed, from any other version a new one is made."""
    row = versions.find(code, number)
    if not reach.assessed(request):
        raise NotPermitted()
    in_place = is_open(row)
    form = SchemeForm(request.POST or None, body=row.body, note=row.note if in_place else "")
    if submitted(request, form):

        def work() -> Done:
            values: dict[str, Any] = {"body": form.body(), "note": form.cleaned_data["note"]}
            if in_place:
                made = commands.amend(row, by=request.user, at=clock.now(), **values)
                return Done(versions.version_url(made), _("The draft was changed."))
            made = commands.draft(row.scheme.code, by=request.user, at=clock.now(), **values)
            text = _("Version %(number)d was drafted. Try it on a past month next.") % {"number": made.number}
            return Done(versions.version_url(made), text)

        return once(request, work)
    words = {"number": row.number}
    heading = _("Change draft %(number)d") % words if in_place else _("New draft from version %(number)d") % words
    context = {
        **versions.frame(
            request, (versions.name_of(row), versions.version_url(row)), (heading, None), back=versions.version_url(row)
        ),
        "form": form,
        "row": row,
        "heading": heading,
        "in_place": in_place,
        "groups": form.groups,
    }
    return render(request, "assessment/draft.html", context)


# -- the steps of a version ---------------------------------------------------------------------------------------


def steps(request: HttpRequest, row: SchemeVersion) -> dict[str, Any]:
    """The forms of the next steps of a version, for assessors."""
    if request.user.is_superuser or not reach.assessed(request):
        return {}
    return {
        "draft_url": draft_url(row),
        "in_place": is_open(row),
        "try_form": _try_form(request, None) if row.state in (SchemeState.DRAFT, SchemeState.SIMULATED) else None,
        "approve_form": _approve_form(None) if row.state == SchemeState.SIMULATED else None,
        "is_mine": request.user.pk in (row.made_by_id, row.first_approver_id),
    }


def _try_form(request: HttpRequest, data: Any) -> forms.MonthForm:
    now = periods.month_at(clock.now())
    months = [now.before(one) for one in range(1, MONTHS + 1)]
    areas = reach.assessed(request)
    return forms.MonthForm(data, months=months, label=_("Month to try it on"), name="try", areas=areas)


def _approve_form(data: Any) -> forms.MonthForm:
    now = periods.month_at(clock.now())
    months = [now.before(-one) for one in range(-1, MONTHS + 1)]
    return forms.MonthForm(data, months=months, label=_("In force from"), name="approve", initial=now.before(-1).text)


@page
@require_http_methods(["GET", "POST"])
def simulate(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Try a version on a month that is over."""
    row = versions.find(code, number)
    form = _try_form(request, request.POST or None)
    if submitted(request, form):

        def work() -> Done:
            chosen = form.cleaned_data
            run = commands.simulate(
                row, by=request.user, at=clock.now(), period=chosen["period"], area=chosen.get("area") or None
            )
            return Done(url_of(run), _("The trial is being computed. It is never published."))

        return once(request, work)
    return _step(request, row, form, _("Try on a month"), _("Try"))


@page
@require_http_methods(["GET", "POST"])
def approve(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """One of the two approvals; the first one says from which month."""
    row = versions.find(code, number)
    form = _approve_form(request.POST or None)
    if row.first_approver_id is not None:
        form.fields["period"].required = False
    if submitted(request, form):

        def work() -> Done:
            month = form.cleaned_data["period"] or row.in_force_from
            done = commands.approve(row, by=request.user, at=clock.now(), in_force_from=month)
            second = done.state == SchemeState.APPROVED
            text = _("Approved by two people; it holds from its month on.")
            return Done(versions.version_url(row), text if second else _("Approved once; a second person is needed."))

        return once(request, work)
    return _step(request, row, form, _("Approve"), _("Approve"))


def _step(request: HttpRequest, row: SchemeVersion, form: Any, heading: str, button: str) -> HttpResponse:
    context = {
        **versions.frame(
            request, (versions.name_of(row), versions.version_url(row)), (heading, None), back=versions.version_url(row)
        ),
        "form": form,
        "heading": heading,
        "button": button,
    }
    return render(request, "assessment/step.html", context)
