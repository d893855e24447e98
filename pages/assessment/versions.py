"""What every page about a scheme version needs: finding it, naming it, its state of today, the frame around it."""

from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from assessment import periods
from assessment.models import Scheme, SchemeVersion
from assessment.vocabulary import SchemeState
from core import clock
from pages import base
from pages.assessment import wording

HELD = (SchemeState.APPROVED, SchemeState.IN_FORCE)


def named(scheme: Scheme) -> str:
    """A scheme in the reader's language."""
    return scheme.name if (get_language() or "zh").startswith("zh") else scheme.name_en or scheme.name


def name_of(row: SchemeVersion) -> str:
    """Scheme and number in words."""
    return _("%(scheme)s, version %(number)d") % {"scheme": named(row.scheme), "number": row.number}


def current(scheme: Scheme | None = None) -> SchemeVersion | None:
    """The version in force this month, of one scheme or of all."""
    month = periods.month_at(clock.now()).text
    rows = SchemeVersion.objects.filter(state__in=HELD, in_force_from__lte=month).exclude(in_force_from="")
    rows = rows.select_related("scheme")
    if scheme is not None:
        rows = rows.filter(scheme=scheme)
    return rows.order_by("-in_force_from", "-number").first()


def mark_of(row: SchemeVersion, held: SchemeVersion | None) -> wording.Mark:
    """The state of a version today. held: the version of its scheme that is in force."""
    if row.state == SchemeState.DRAFT:
        return wording.Mark(SchemeState.DRAFT.label, "tone-paused", "edit")
    if row.state == SchemeState.SIMULATED:
        words = _("Approved by one") if row.first_approver_id else SchemeState.SIMULATED.label
        return wording.Mark(words, "tone-soon", "eye")
    if held is not None and row.pk == held.pk:
        return wording.Mark(SchemeState.IN_FORCE.label, "tone-ok", "check")
    if row.in_force_from > periods.month_at(clock.now()).text:
        return wording.Mark(SchemeState.APPROVED.label, "tone-brand", "check")
    return wording.Mark(_("Replaced"), "tone-paused", "history")


def version_url(row: SchemeVersion) -> str:
    """The page of a version."""
    return reverse("assessment:version", args=[row.scheme.code, row.number])


def find(code: str, number: int) -> SchemeVersion:
    """A version, else 404."""
    rows = SchemeVersion.objects.select_related("scheme", "made_by", "first_approver", "second_approver")
    found = rows.filter(scheme__code=code, number=number).first() if number < 2**31 and "\x00" not in code else None
    if found is None:
        raise Http404
    return found


def frame(request: HttpRequest, *more: tuple, back: str = "") -> dict[str, Any]:
    """What every page about schemes shows around itself."""
    trail = [(_("Assessment"), reverse("assessment:index")), (_("Schemes"), reverse("assessment:schemes")), *more]
    return {"shell": base.shell(request), "back": back or reverse("assessment:schemes"), "trail": trail}
