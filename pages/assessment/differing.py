"""What a version of a scheme changes against another one, in words."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from assessment import items
from assessment import schemes as engine
from assessment.indicators import BY_CODE
from pages.assessment import versions, wording
from pages.base import page


@page
@require_GET
def diff(request: HttpRequest, code: str, number: int, other: int) -> HttpResponse:
    """What a version changes against another one."""
    new, old = versions.find(code, number), versions.find(code, other)
    if new.number < old.number:
        new, old = old, new
    words = _("Version %(old)d → %(new)d") % {"old": old.number, "new": new.number}
    rows = engine.difference(old.body, new.body)
    context = {
        **versions.frame(
            request, (_("Version %(number)d") % {"number": new.number}, versions.version_url(new)), (words, None)
        ),
        "new": new,
        "old": old,
        "words": words,
        "back": versions.version_url(new),
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
    "use": lambda: _("What the result is used for"),
    "coefficients": lambda: _("Pay coefficient"),
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
            known = items.CASES.get(part) or wording.GROUPS.get(part) or wording.POOR_MONTHS.get(part)
            found.append(str(known or wording.GRADES.get(part) or part))
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
