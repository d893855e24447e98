"""Deductions, bonuses and vetoes entered by hand: cause, evidence, a second person where the table says so."""

import datetime as dt

from django.utils.translation import gettext as _

from assessment import items, ledger, periods
from assessment.commands.running import DEFAULT_SCHEME, refuse_published, version_for
from assessment.models import Adjustment, AssessmentEvent
from assessment.schemes import Rules
from assessment.vocabulary import Span
from core.errors import Invalid, NotAllowedNow, NotPermitted
from core.transactions import command
from grids.directory import find
from grids.levels import Level

Kind = AssessmentEvent.Kind
MOST = 20


@command
def enter(
    *, period: str, area: str, code: str, cause: str, by, at: dt.datetime, variant: str = "", count: int = 1,
    officer=None, order=None, evidence=None,
) -> Adjustment:  # fmt: skip
    """Enter an item for a grid and month. Raises Invalid (unknown item or case, out of range), NotPermitted."""
    month = periods.read(period, Span.MONTH)
    place = find(area) if isinstance(area, str) else None
    if place is None or place.level != Level.GRID:
        raise Invalid(errors={"area": [_("Name a grid by its code.")]})
    ledger.assessor_over(by, place.id, at=at)
    if month.since > at:
        raise Invalid(errors={"period": [_("This month has not begun. Choose an earlier one.")]})
    refuse_published(month, place.id)
    item = items.BY_CODE.get(code)
    spec = Rules(version_for(month, DEFAULT_SCHEME).body).item(code)
    errors: dict[str, list] = {}
    if item is None or spec is None or item.by_rule:
        errors["code"] = [_("This item is not entered by hand, or is switched off.")]
    elif variant not in spec["points"]:
        errors["variant"] = [_("Choose one of: %(cases)s.") % {"cases": ", ".join(sorted(spec["points"]))}]
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MOST:
        errors["count"] = [_("The number lies between 1 and %(most)s.") % {"most": MOST}]
    if not isinstance(cause, str) or not cause.strip():
        errors["cause"] = [_("Say what happened.")]
    if errors:
        raise Invalid(errors=errors)
    row = Adjustment.objects.create(
        period=month.text, area_id=place.id, officer=officer, code=code, variant=variant, count=count,
        cause=cause.strip(), order=order, evidence=evidence or "", entered_by=by, entered_at=at,
    )  # fmt: skip
    ledger.record(Kind.ENTERED, area_id=place.id, by=by, at=at, adjustment=row.pk, code=code, cause=row.cause)
    return row


@command
def confirm(row: Adjustment, *, by, at: dt.datetime) -> Adjustment:
    """The second person's word. Raises NotPermitted for the one who entered it."""
    ledger.assessor_over(by, row.area_id, at=at)
    row = _open(row)
    if by.pk == row.entered_by_id:
        raise NotPermitted("second_person", _("A second person confirms what you entered."))
    row.confirmed_by, row.confirmed_at = by, at
    row.save(update_fields=["confirmed_by", "confirmed_at"])
    ledger.record(Kind.CONFIRMED, area_id=row.area_id, by=by, at=at, adjustment=row.pk, code=row.code)
    return row


@command
def withdraw(row: Adjustment, *, by, at: dt.datetime, reason: str) -> Adjustment:
    """Take an item back before its month is published; the row stays."""
    ledger.assessor_over(by, row.area_id, at=at)
    row = _open(row)
    row.withdrawn_by, row.withdrawn_at = by, at
    row.save(update_fields=["withdrawn_by", "withdrawn_at"])
    ledger.record(Kind.WITHDRAWN, area_id=row.area_id, by=by, at=at, adjustment=row.pk, code=row.code, reason=reason)
    return row


def _open(row: Adjustment) -> Adjustment:
    row = Adjustment.objects.select_for_update().get(pk=row.pk)
    refuse_published(periods.read(row.period), row.area_id)
    if row.withdrawn_at is not None:
        raise NotAllowedNow("withdrawn", _("This item was taken back."))
    return row
