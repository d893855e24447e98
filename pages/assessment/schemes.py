"""By which rules a month is assessed: schemes, versions, what differs, the counting rules. Open to all staff."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from assessment import counting, items, use
from assessment.commands.running import DEFAULT_SCHEME
from assessment.indicators import BY_CODE, INDICATORS
from assessment.models import Scheme, SchemeVersion
from assessment.schemes import Rules
from pages.assessment import class_weights, drafting, reach, runs, versions, wording
from pages.assessment.rooms import rooms
from pages.base import page

TRIALS = 12


@page
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """All schemes with their versions, the newest first."""
    rows = SchemeVersion.objects.select_related("scheme", "made_by").defer("body").order_by("scheme__code", "-number")
    held = {one.pk: versions.current(one) for one in Scheme.objects.all()}
    context = {
        **versions.frame(request, back=reverse("assessment:index")),
        "rooms": rooms(request, "schemes"),
        "rows": [
            {
                "row": one,
                "name": versions.named(one.scheme),
                "mark": versions.mark_of(one, held[one.scheme_id]),
                "url": versions.version_url(one),
            }
            for one in rows
        ],
    }
    context["trail"] = [(_("Assessment"), reverse("assessment:index")), (_("Schemes"), None)]
    return render(request, "assessment/schemes.html", context)


@page
@require_GET
def version(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """One version in words: indicators, deductions and bonuses, bands, targets, time limits."""
    row = versions.find(code, number)
    others = SchemeVersion.objects.filter(scheme=row.scheme).exclude(pk=row.pk).defer("body").order_by("-number")
    held = versions.current(row.scheme)
    name = versions.name_of(row)
    context = {
        **versions.frame(request, (name, None)),
        "row": row,
        "name": name,
        "mark": versions.mark_of(row, held),
        "others": [(one.number, versions.mark_of(one, held).word) for one in others],
        **described(row.body),
        "class_weights": class_weights.streets(request) if row.body.get("dynamic_weights") else None,
        **drafting.steps(request, row),
        "trials": _trials(request, row),
    }
    return render(request, "assessment/scheme.html", context)


def _trials(request: HttpRequest, row: SchemeVersion) -> list[dict[str, Any]]:
    """The months a version was tried on, as far as the reader sees them."""
    found = reach.runs(request).filter(version=row, simulated=True).defer("version__body").order_by("-pk")[:TRIALS]
    return [{"run": one, "words": runs.title_of(one), "mark": wording.run_mark(one)} for one in found]


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
            (wording.group_words(name), wording.listed(wording.group_words(kind) for kind in kinds))
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
            (_("Ties are broken by"), wording.listed(BY_CODE[one].name for one in body["ties"] if one in BY_CODE)),
        ],
        "uses": _uses(body),
    }


def _uses(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Pay coefficients by grade and the months that call for a person; empty where the scheme says nothing."""
    given = body.get("use") or {}
    found = [
        (
            _("Pay coefficient, %(grade)s") % {"grade": wording.grade_words(band["code"])},
            use.coefficient(body, band["code"]),
        )
        for band in body["bands"]
    ]
    found += [(words, given.get(name)) for name, words in wording.POOR_MONTHS.items()]
    return [(words, wording.plain(number)) for words, number in found if number is not None]


def _item(one: items.Item, body: Mapping[str, Any]) -> dict[str, Any]:
    found = body["items"].get(one.code) or {}
    return {
        "code": one.code,
        "name": one.name,
        "points": [(words, wording.plain(found["points"][case])) for case, words in items.CASES.items()
                   if case in (found.get("points") or {}) and one.kind != items.VETO],
        "cap": wording.plain(found.get("cap")),
        "two": found.get("two"),
        "on": bool(found) and found.get("on", True),
        "by_rule": one.by_rule,
    }  # fmt: skip


# -- the rules ----------------------------------------------------------------------------------------------------


@page
@require_GET
def rules(request: HttpRequest) -> HttpResponse:
    """How is counted: the rules the engine itself holds, and the scheme in force now."""
    current = versions.current(Scheme.objects.filter(code=DEFAULT_SCHEME).first())
    switched = Rules(current.body).codes if current else []
    context = {
        **versions.frame(request, back=reverse("assessment:index")),
        "rules": counting.RULES,
        "current": current,
        "current_url": versions.version_url(current) if current else "",
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
