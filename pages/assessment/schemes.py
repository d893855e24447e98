"""By which rules a month is assessed: schemes, versions, what differs, the counting rules. Open to all staff."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from assessment import commands, counting, items, periods
from assessment import schemes as engine
from assessment.indicators import BY_CODE, INDICATORS
from assessment.models import Scheme, SchemeVersion
from assessment.schemes import Rules
from assessment.vocabulary import SchemeState
from core import clock
from pages import base
from pages.assessment import forms, reach, wording
from pages.assessment.runs import url_of
from pages.base import Done, once, page, submitted

MONTHS = 12
_TONES = {
    SchemeState.DRAFT: ("tone-paused", "edit"),
    SchemeState.SIMULATED: ("tone-soon", "eye"),
    SchemeState.APPROVED: ("tone-ok", "check"),
    SchemeState.IN_FORCE: ("tone-ok", "check"),
}


def _named(scheme: Scheme) -> str:
    return scheme.name if (get_language() or "zh").startswith("zh") else scheme.name_en or scheme.name


def _mark(row: SchemeVersion) -> wording.Mark:
    return wording.Mark(SchemeState(row.state).label, *_TONES[row.state])


def version_url(row: SchemeVersion) -> str:
    """The page of a version."""
    return reverse("assessment:version", args=[row.scheme.code, row.number])


def _find(code: str, number: int) -> SchemeVersion:
    rows = SchemeVersion.objects.select_related("scheme", "made_by", "first_approver", "second_approver")
    found = rows.filter(scheme__code=code, number=number).first() if number < 2**31 else None
    if found is None:
        raise Http404
    return found


def _trail(*more: tuple) -> list[tuple]:
    return [(_("Assessment"), reverse("assessment:index")), (_("Schemes"), reverse("assessment:schemes")), *more]


def _frame(request: HttpRequest, *more: tuple, back: str = "") -> dict[str, Any]:
    return {"shell": base.shell(request), "back": back or reverse("assessment:schemes"), "trail": _trail(*more)}


@page
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """All schemes with their versions, the newest first."""
    rows = SchemeVersion.objects.select_related("scheme", "made_by").defer("body").order_by("scheme__code", "-number")
    context = {
        **_frame(request, back=reverse("assessment:index")),
        "rows": [{"row": one, "name": _named(one.scheme), "mark": _mark(one), "url": version_url(one)} for one in rows],
    }
    context["trail"] = [(_("Assessment"), reverse("assessment:index")), (_("Schemes"), None)]
    return render(request, "assessment/schemes.html", context)


@page
@require_GET
def version(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """One version in words: indicators, deductions and bonuses, bands, targets, time limits."""
    row = _find(code, number)
    others = SchemeVersion.objects.filter(scheme=row.scheme).exclude(pk=row.pk).only("number", "state")
    name = _("%(scheme)s, version %(number)d") % {"scheme": _named(row.scheme), "number": row.number}
    context = {
        **_frame(request, (name, None)),
        "row": row,
        "name": name,
        "mark": _mark(row),
        "others": [(one.number, _mark(one).word) for one in others.order_by("-number")],
        **described(row.body),
        **_steps(request, row),
    }
    return render(request, "assessment/scheme.html", context)


def _steps(request: HttpRequest, row: SchemeVersion) -> dict[str, Any]:
    """The forms of the next step of a version, for assessors."""
    if request.user.is_superuser or not reach.assessed(request):
        return {}
    return {
        "try_form": _try_form(None) if row.state in (SchemeState.DRAFT, SchemeState.SIMULATED) else None,
        "approve_form": _approve_form(None) if row.state == SchemeState.SIMULATED else None,
        "is_mine": request.user.pk in (row.made_by_id, row.first_approver_id),
    }


def _try_form(data: Any) -> forms.MonthForm:
    now = periods.month_at(clock.now())
    months = [now.before(one) for one in range(1, MONTHS + 1)]
    return forms.MonthForm(data, months=months, label=_("Month to try it on"), name="try")


def _approve_form(data: Any) -> forms.MonthForm:
    now = periods.month_at(clock.now())
    months = [now.before(-one) for one in range(0, MONTHS + 1)]
    return forms.MonthForm(data, months=months, label=_("In force from"), name="approve")


def described(body: Mapping[str, Any]) -> dict[str, Any]:
    """A version's body as the page shows it."""
    given = body["indicators"]
    return {
        "indicators": [
            {
                "code": one.code,
                "name": one.name,
                "klass": wording.CLASSES[one.klass],
                "weight": wording.plain(given[one.code]["weight"]),
                "curve": wording.curve_words(given[one.code]["curve"]),
                "on": given[one.code].get("on"),
                "clause": one.clause,
            }
            for one in INDICATORS
            if one.code in given
        ],
        "deductions": [_item(one, body) for one in items.ITEMS if one.kind == items.DEDUCTION],
        "bonuses": [_item(one, body) for one in items.ITEMS if one.kind == items.BONUS],
        "vetoes": [_item(one, body) for one in items.ITEMS if one.kind == items.VETO],
        "bands": [
            (wording.GRADES.get(one["code"], one["code"]), wording.plain(one["from"]))
            for one in sorted(body["bands"], key=lambda one: -float(one["from"]))
        ],
        "targets": [(wording.group_words(kind), number) for kind, number in body["targets"].items()],
        "groups": [
            (wording.group_words(name), "、".join(wording.group_words(kind) for kind in kinds))
            for name, kinds in body["peer_groups"].items()
        ],
        "limits": [
            (_("Most bonus points"), wording.plain(body["bonus_cap"])),
            (_("Most deducted points"), wording.plain(body["deduction_cap"])),
            (_("Lowest and highest score"), f"{wording.plain(body['lowest'])} – {wording.plain(body['highest'])}"),
            (_("Score after a veto, at most"), wording.plain(body["veto_score"])),
            (_("Days a grid has to be active"), body["min_active_days"]),
            (_("The grid's share in an officer's score"), wording.percent(body["officer_share"])),
            (_("Working days to appeal"), body["review"]["appeal_days"]),
            (_("Working days for the first answer"), body["review"]["first_answer_days"]),
            (_("Working days for the second answer"), body["review"]["second_answer_days"]),
            (_("Ties are broken by"), ", ".join(str(BY_CODE[one].name) for one in body["ties"] if one in BY_CODE)),
        ],
        "dynamic": body.get("dynamic_weights"),
    }


def _item(one: items.Item, body: Mapping[str, Any]) -> dict[str, Any]:
    found = body["items"].get(one.code) or {}
    return {
        "code": one.code,
        "name": one.name,
        "points": [(items.CASES.get(case, case), wording.plain(number)) for case, number in
                   (found.get("points") or {}).items()],
        "cap": wording.plain(found.get("cap")),
        "two": found.get("two"),
        "on": bool(found) and found.get("on", True),
        "by_rule": one.by_rule,
    }  # fmt: skip


# -- what differs -------------------------------------------------------------------------------------------------


@page
@require_GET
def diff(request: HttpRequest, code: str, number: int, other: int) -> HttpResponse:
    """What a version changes against another one."""
    new, old = _find(code, number), _find(code, other)
    if new.number < old.number:
        new, old = old, new
    words = _("Version %(old)d → %(new)d") % {"old": old.number, "new": new.number}
    rows = engine.difference(old.body, new.body)
    context = {
        **_frame(request, (_("Version %(number)d") % {"number": new.number}, version_url(new)), (words, None)),
        "new": new,
        "old": old,
        "words": words,
        "back": version_url(new),
        "rows": [(path_words(path), _value(before), _value(after)) for path, before, after in rows],
    }
    return render(request, "assessment/diff.html", context)


_PARTS = {
    "weight": lambda: _("weight"),
    "curve": lambda: _("curve"),
    "on": lambda: _("switched on"),
    "points": lambda: _("points"),
    "cap": lambda: _("month's cap"),
    "two": lambda: _("second person"),
    "targets": lambda: _("Target"),
    "bands": lambda: _("Grade bands"),
    "peer_groups": lambda: _("Peer groups"),
    "bonus_cap": lambda: _("Most bonus points"),
    "deduction_cap": lambda: _("Most deducted points"),
    "min_active_days": lambda: _("Days a grid has to be active"),
    "officer_share": lambda: _("The grid's share in an officer's score"),
    "dynamic_weights": lambda: _("Dynamic weights"),
    "review": lambda: _("Time limits"),
    "appeal_days": lambda: _("Working days to appeal"),
    "first_answer_days": lambda: _("Working days for the first answer"),
    "second_answer_days": lambda: _("Working days for the second answer"),
}


def path_words(path: str) -> str:
    """The place of a difference in words: the indicator or item by name, then what of it."""
    found = []
    for part in path.split("."):
        if part in ("indicators", "items"):
            continue
        if part in BY_CODE:
            found.append(f"{part} {BY_CODE[part].name}")
        elif part in items.BY_CODE:
            found.append(f"{part} {items.name_of(part)}")
        elif part in _PARTS:
            found.append(_PARTS[part]())
        else:
            found.append(str(items.CASES.get(part) or wording.GROUPS.get(part) or part))
    return " · ".join(str(one) for one in found)


def _value(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Mapping) and "kind" in value:
        return wording.curve_words(value)
    if isinstance(value, list):
        parts = [f"{wording.GRADES.get(one['code'], one['code'])} ≥ {wording.plain(one['from'])}"
                 if isinstance(one, Mapping) and {"code", "from"} <= set(one) else _value(one)
                 for one in value]  # fmt: skip
        return ", ".join(parts)
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_value(one)}" for name, one in value.items())
    return str(value)


# -- steps --------------------------------------------------------------------------------------------------------


@page
@require_http_methods(["GET", "POST"])
def simulate(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Try a version on a month that is over."""
    row = _find(code, number)
    form = _try_form(request.POST or None)
    if submitted(request, form):

        def work() -> Done:
            run = commands.simulate(row, by=request.user, at=clock.now(), period=form.cleaned_data["period"])
            return Done(url_of(run), _("The trial is being computed. It is never published."))

        return once(request, work)
    return _step(request, row, form, _("Try on a month"), _("Try"))


@page
@require_http_methods(["GET", "POST"])
def approve(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """One of the two approvals; the first one says from which month."""
    row = _find(code, number)
    form = _approve_form(request.POST or None)
    if row.first_approver_id is not None:
        form.fields["period"].required = False
    if submitted(request, form):

        def work() -> Done:
            month = form.cleaned_data["period"] or row.in_force_from
            done = commands.approve(row, by=request.user, at=clock.now(), in_force_from=month)
            second = done.state == SchemeState.APPROVED
            text = _("Approved by two people; it holds from its month on.")
            return Done(version_url(row), text if second else _("Approved once; a second person is needed."))

        return once(request, work)
    return _step(request, row, form, _("Approve"), _("Approve"))


def _step(request: HttpRequest, row: SchemeVersion, form: Any, heading: str, button: str) -> HttpResponse:
    name = _("Version %(number)d") % {"number": row.number}
    context = {
        **_frame(request, (name, version_url(row)), (heading, None), back=version_url(row)),
        "form": form,
        "heading": heading,
        "button": button,
    }
    return render(request, "assessment/step.html", context)


# -- the rules ----------------------------------------------------------------------------------------------------


@page
@require_GET
def rules(request: HttpRequest) -> HttpResponse:
    """How is counted: the rules the engine itself holds, and the scheme in force now."""
    month = periods.month_at(clock.now()).text
    held = SchemeVersion.objects.filter(state__in=(SchemeState.APPROVED, SchemeState.IN_FORCE))
    held = held.exclude(in_force_from="").filter(in_force_from__lte=month).select_related("scheme")
    current = held.order_by("-in_force_from", "-number").first()
    switched = Rules(current.body).codes if current else []
    context = {
        **_frame(request, back=reverse("assessment:index")),
        "rules": counting.RULES,
        "current": current,
        "current_url": version_url(current) if current else "",
        "indicators": [
            {
                "row": one,
                "klass": wording.CLASSES[one.klass],
                "on": one.code in switched,
                "curve": wording.curve_words(current.body["indicators"][one.code]["curve"])
                if current and one.code in current.body["indicators"]
                else "",
            }
            for one in INDICATORS
        ],
    }
    context["trail"] = [(_("Assessment"), reverse("assessment:index")), (_("Counting rules"), None)]
    return render(request, "assessment/help.html", context)
