"""A scheme's way: drafted, tried on a past month, approved by two people, in force from a month."""

import datetime as dt

from django.db.models import Max
from django.utils.translation import gettext as _

from assessment import ledger, periods, schemes
from assessment.commands.running import start
from assessment.models import AssessmentEvent, Run, Scheme, SchemeVersion
from assessment.vocabulary import RunStatus, SchemeState, Span
from core.errors import Invalid, NotAllowedNow, NotPermitted
from core.transactions import command

Kind = AssessmentEvent.Kind


@command
def draft(
    code: str, *, by, at: dt.datetime, body: dict, note: str = "", name: str = "", name_en: str = ""
) -> SchemeVersion:
    """A new version of a scheme (or the first of a new one). Raises Invalid naming what is wrong in the body."""
    area_id = _own_area(by, at=at)
    schemes.read(body)
    if not isinstance(code, str) or not 1 <= len(code.strip()) <= 20:
        raise Invalid(errors={"code": [_("The code has 1 to 20 characters.")]})
    scheme, _made = Scheme.objects.get_or_create(code=code.strip(), defaults={"name": name or code, "name_en": name_en})
    Scheme.objects.select_for_update().get(pk=scheme.pk)
    last = scheme.versions.aggregate(last=Max("number"))["last"] or 0
    version = SchemeVersion.objects.create(scheme=scheme, number=last + 1, body=body, note=note, made_by=by, made_at=at)
    ledger.record(Kind.DRAFTED, area_id=area_id, by=by, at=at, scheme=scheme.code, version=version.number)
    return version


@command
def simulate(version: SchemeVersion, *, by, at: dt.datetime, period: str, area: str | None = None) -> Run:
    """Try a version on a month that is over; the run is never published."""
    month = periods.read(period, Span.MONTH)
    if month.until > at:
        words = _("Try it on a month that is over.")
        raise Invalid("bad_period", words, errors={"period": [words]})
    run = start(month.text, by=by, at=at, area=area, version=version)
    version = SchemeVersion.objects.select_for_update().get(pk=version.pk)
    if version.state == SchemeState.DRAFT:
        version.state, version.simulated_on = SchemeState.SIMULATED, month.text
        version.save(update_fields=["state", "simulated_on"])
    ledger.record(Kind.SIMULATED, area_id=run.area_id, by=by, at=at, run=run.pk, period=month.text)
    return run


@command
def approve(version: SchemeVersion, *, by, at: dt.datetime, in_force_from: str | None = None) -> SchemeVersion:
    """One of the two approvals; with the second it is in force from a month, not from one already published.

    Nobody approves what he drafted or twice. Raises NotPermitted, NotAllowedNow, Invalid.
    """
    area_id = _own_area(by, at=at)
    version = SchemeVersion.objects.select_for_update().select_related("scheme").get(pk=version.pk)
    if version.state in (SchemeState.APPROVED, SchemeState.IN_FORCE):
        raise NotAllowedNow("approved", _("This version is approved already. Draft a new one to change it."))
    if version.state != SchemeState.SIMULATED:
        raise NotAllowedNow("not_simulated", _("Try the version on a past month first."))
    if by.pk in (version.made_by_id, version.first_approver_id):
        raise NotPermitted("two_people", _("Two people who did not draft it approve a scheme."))
    if version.first_approver_id is None:
        month = periods.read(in_force_from, Span.MONTH)
        if Run.objects.filter(
            period__gte=month.text, status=RunStatus.PUBLISHED, version__scheme=version.scheme
        ).exists():
            words = _("A month from then on is published already. Choose a later month.")
            raise Invalid(errors={"in_force_from": [words]})
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


def _own_area(by, *, at: dt.datetime) -> int:
    areas = ledger.assessed_areas(by, at=at)
    if not areas:
        raise NotPermitted()
    return areas[0]
