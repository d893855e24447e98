"""A scheme's way: drafted, tried on a past month, approved by two people, in force from a month."""

import datetime as dt
import re
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from assessment import ledger, periods, schemes
from assessment.commands.running import start
from assessment.models import AssessmentEvent, Run, Scheme, SchemeVersion
from assessment.vocabulary import RunStatus, SchemeState, Span
from core.errors import Invalid, NotAllowedNow, NotPermitted
from core.transactions import command
from grids.directory import directory
from grids.levels import Level

Kind = AssessmentEvent.Kind
MOST_NOTE, MOST_NAME = 2000, 80
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,19}")


@command
def draft(
    code: str, *, by, at: dt.datetime, body: dict, note: str = "", name: str = "", name_en: str = ""
) -> SchemeVersion:
    """A new version of a scheme (or the first of a new one). Raises Invalid naming what is wrong in the body."""
    area_id = _own_area(by, at=at)
    errors: dict[str, list] = {}
    if not isinstance(code, str) or not _CODE.fullmatch(code.strip()):
        errors["code"] = [_("The code has 1 to 20 letters, digits, hyphens and underscores.")]
    note = _text(note, "note", MOST_NOTE, errors)
    name, name_en = (_text(text, key, MOST_NAME, errors) for key, text in (("name", name), ("name_en", name_en)))
    _sound(body, errors)
    scheme, _made = Scheme.objects.get_or_create(
        code=code.strip(), defaults={"name": name or code.strip(), "name_en": name_en}
    )
    Scheme.objects.select_for_update().get(pk=scheme.pk)
    last = scheme.versions.aggregate(last=Max("number"))["last"] or 0
    version = SchemeVersion.objects.create(scheme=scheme, number=last + 1, body=body, note=note, made_by=by, made_at=at)
    ledger.record(Kind.DRAFTED, area_id=area_id, by=by, at=at, scheme=scheme.code, version=version.number)
    return version


@command
def amend(version: SchemeVersion, *, by, at: dt.datetime, body: dict, note: str = "") -> SchemeVersion:
    """Change a draft nobody tried yet. What was tried stays as it was: a run explains itself by its version.

    Raises NotAllowedNow (drafted_on), Invalid, NotPermitted.
    """
    area_id = _own_area(by, at=at)
    version = SchemeVersion.objects.select_for_update().select_related("scheme").get(pk=version.pk)
    if not is_open(version):
        raise NotAllowedNow("drafted_on", _("This version was tried or approved and stays. Draft a new one from it."))
    errors: dict[str, list] = {}
    note = _text(note, "note", MOST_NOTE, errors)
    _sound(body, errors)
    version.body, version.note, version.made_by, version.made_at = body, note, by, at
    version.save(update_fields=["body", "note", "made_by", "made_at"])
    ledger.record(Kind.DRAFTED, area_id=area_id, by=by, at=at, scheme=version.scheme.code, version=version.number)
    return version


def is_open(version: SchemeVersion) -> bool:
    """Whether a version may still be changed in place."""
    return version.state == SchemeState.DRAFT and not version.runs.exists()


@command
def simulate(version: SchemeVersion, *, by, at: dt.datetime, period: str, area: str | None = None) -> Run:
    """Try a version on a month that is over; the run is never published."""
    month = periods.read(period, Span.MONTH)
    if month.until > at:
        words = _("Try it on a month that is over.")
        raise Invalid("bad_period", words, errors={"period": [words]})
    version = SchemeVersion.objects.select_for_update().get(pk=version.pk)
    run = start(month.text, by=by, at=at, area=area, version=version)
    if version.state == SchemeState.DRAFT:
        version.state, version.simulated_on = SchemeState.SIMULATED, month.text
        version.save(update_fields=["state", "simulated_on"])
    ledger.record(Kind.SIMULATED, area_id=run.area_id, by=by, at=at, run=run.pk, period=month.text)
    return run


@command
def approve(version: SchemeVersion, *, by, at: dt.datetime, in_force_from: str | None = None) -> SchemeVersion:
    """One of the two approvals; with the second it is in force from a month, not from one already published.

    Nobody approves what he drafted or twice, and the whole city's rules are no street's to approve. Raises
    NotPermitted, NotAllowedNow, Invalid.
    """
    area_id = _own_area(by, at=at)
    if directory().by_id[area_id].level not in (Level.CITY, Level.DISTRICT):
        raise NotPermitted("district_approves", _("A scheme is approved by assessors of a district or the city."))
    version = SchemeVersion.objects.select_for_update(of=("self",)).select_related("scheme").get(pk=version.pk)
    if version.state in (SchemeState.APPROVED, SchemeState.IN_FORCE):
        raise NotAllowedNow("approved", _("This version is approved already. Draft a new one to change it."))
    if version.state != SchemeState.SIMULATED:
        raise NotAllowedNow("not_simulated", _("Try the version on a past month first."))
    if by.pk in (version.made_by_id, version.first_approver_id):
        raise NotPermitted("two_people", _("Two people who did not draft it approve a scheme."))
    month = periods.read(in_force_from if version.first_approver_id is None else version.in_force_from, Span.MONTH)
    _refuse_published_since(month, version)
    if version.first_approver_id is None:
        version.first_approver, version.first_approved_at, version.in_force_from = by, at, month.text
    else:
        version.second_approver, version.second_approved_at = by, at
        version.state = SchemeState.APPROVED
    version.save()
    ledger.record(
        Kind.APPROVED, area_id=area_id, by=by, at=at, scheme=version.scheme.code, version=version.number,
        period=version.in_force_from,
    )  # fmt: skip
    return version


def _refuse_published_since(month: periods.Period, version: SchemeVersion) -> None:
    """Published months keep the rules they had. Raises Invalid."""
    later = Run.objects.filter(
        span=Span.MONTH, period__gte=month.text, status=RunStatus.PUBLISHED, version__scheme=version.scheme
    )
    if later.exists():
        words = _("A month from then on is published already. Choose a later month.")
        raise Invalid(errors={"in_force_from": [words]})


def _own_area(by, *, at: dt.datetime) -> int:
    areas = ledger.assessed_areas(by, at=at)
    if not areas:
        raise NotPermitted()
    return areas[0]


def _text(value: Any, name: str, most: int, errors: dict[str, list]) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or "\x00" in value or len(value) > most:
        errors[name] = [_("This is a text of at most %(most)s characters.") % {"most": most}]
        return ""
    return value.strip()


def _sound(body: Any, errors: dict[str, list]) -> None:
    """Raises Invalid with what is wrong in the body besides what was found so far."""
    found = schemes.judge(body)
    if found or errors:
        raise Invalid("bad_scheme" if found else None, errors={**errors, **found})
