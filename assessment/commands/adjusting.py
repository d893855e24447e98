"""Deductions, bonuses and vetoes entered by hand: cause, evidence, a second person where the table says so."""

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from assessment import evidence as files
from assessment import items, ledger, periods
from assessment.commands.running import DEFAULT_SCHEME, refuse_published, version_for
from assessment.models import Adjustment, AssessmentEvent
from assessment.schemes import Rules
from assessment.vocabulary import Span
from core.errors import Invalid, NotAllowedNow, NotPermitted
from core.transactions import command
from grids.directory import Place, find, find_id
from grids.levels import Level
from personnel.models import Post
from personnel.roles import Role

Kind = AssessmentEvent.Kind
MOST, MOST_CAUSE, MOST_WAITING = 20, 2000, 500
FIELD = (Role.OFFICER, Role.PART_TIME_OFFICER, Role.CHIEF)


@command
def enter(
    *, period: str, area: str, code: str, cause: str, by, at: dt.datetime, variant: str = "", count: int = 1,
    officer=None, order=None, evidence=None,
) -> Adjustment:  # fmt: skip
    """Enter an item for a grid and month. Raises Invalid (by field), NotPermitted, NotAllowedNow (published, twice)."""
    month = periods.read(period, Span.MONTH)
    place = find(area) if isinstance(area, str) else None
    if place is None or place.level != Level.GRID:
        raise Invalid(errors={"area": [_("Name a grid by its code.")]})
    ledger.assessor_over(by, place.id, at=at)
    if month.since > at:
        raise Invalid(errors={"period": [_("This month has not begun. Choose an earlier one.")]})
    refuse_published(month, place.id)
    rules = Rules(version_for(month, DEFAULT_SCHEME).body)
    errors = _wrong_item(rules, code, variant, count)
    if not isinstance(cause, str) or not cause.strip() or len(cause) > MOST_CAUSE or "\x00" in cause:
        errors["cause"] = [_("Say what happened, in at most %(most)s characters.") % {"most": MOST_CAUSE}]
    if officer is not None and not _held(officer, place, month):
        errors["officer"] = [_("This person held no post on the grid in this month.")]
    if order is not None and place.id not in find_id(order.area_id).path:
        errors["order"] = [_("This order does not lie in the grid.")]
    if words := files.wrong_with(evidence):
        errors["evidence"] = [words]
    if errors:
        raise Invalid(errors=errors)
    _refuse_twice(month, place, code, order)
    row = Adjustment.objects.create(
        period=month.text, area_id=place.id, officer=officer, code=code, variant=variant, count=count,
        cause=cause.strip(), order=order, evidence=evidence or "", entered_by=by, entered_at=at,
    )  # fmt: skip
    ledger.record(Kind.ENTERED, area_id=place.id, by=by, at=at, adjustment=row.pk, code=code, cause=row.cause)
    return row


def _wrong_item(rules: Rules, code: Any, variant: Any, count: Any) -> dict[str, list]:
    """What is wrong with the item itself: unknown, by rule, off, another case, a number out of range."""
    item = items.BY_CODE.get(code) if isinstance(code, str) else None
    spec = rules.item(code) if item is not None else None
    errors: dict[str, list] = {}
    if item is None or spec is None or item.by_rule:
        errors["code"] = [_("This item is not entered by hand, or is switched off.")]
    elif variant not in spec["points"]:
        cases = ", ".join(str(items.CASES.get(case, case)) for case in spec["points"])
        errors["variant"] = [_("Choose one of: %(cases)s.") % {"cases": cases}]
    most = 1 if item is not None and item.kind == items.VETO else MOST
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= most:
        errors["count"] = [_("The number lies between 1 and %(most)s.") % {"most": most}]
    return errors


def _held(officer, place: Place, month: periods.Period) -> bool:
    held = Post.objects.between(month.first, month.end).filter(person=officer, role__in=FIELD)
    return held.filter(area_id__in=place.path).exists()


def _refuse_twice(month: periods.Period, place: Place, code: str, order) -> None:
    """One fact costs once: an order stands under an item one time."""
    if order is None:
        return
    same = Adjustment.objects.filter(period=month.text, area_id=place.id, code=code, order=order)
    if same.filter(withdrawn_at__isnull=True).exists():
        raise NotAllowedNow("entered_already", _("This item was entered for this order already."))


@command
def confirm(row: Adjustment, *, by, at: dt.datetime) -> Adjustment:
    """The second person's word. Raises NotPermitted for the one who entered it, NotAllowedNow."""
    ledger.assessor_over(by, row.area_id, at=at)
    row = _open(row)
    if by.pk == row.entered_by_id:
        raise NotPermitted("second_person", _("A second person confirms what you entered."))
    if row.confirmed_at is not None:
        raise NotAllowedNow("confirmed", _("This item is confirmed already."))
    row.confirmed_by, row.confirmed_at = by, at
    row.save(update_fields=["confirmed_by", "confirmed_at"])
    ledger.record(Kind.CONFIRMED, area_id=row.area_id, by=by, at=at, adjustment=row.pk, code=row.code)
    return row


@command
def withdraw(row: Adjustment, *, by, at: dt.datetime, reason: str) -> Adjustment:
    """Take an item back before its month is published; the row stays, the reason with its event."""
    ledger.assessor_over(by, row.area_id, at=at)
    row = _open(row)
    if not isinstance(reason, str) or not reason.strip() or len(reason) > MOST_CAUSE or "\x00" in reason:
        raise Invalid(errors={"reason": [_("Say why it is taken back.")]})
    row.withdrawn_by, row.withdrawn_at = by, at
    row.save(update_fields=["withdrawn_by", "withdrawn_at"])
    ledger.record(
        Kind.WITHDRAWN, area_id=row.area_id, by=by, at=at, adjustment=row.pk, code=row.code, reason=reason.strip()
    )
    return row


def _open(row: Adjustment) -> Adjustment:
    row = Adjustment.objects.select_for_update().get(pk=row.pk)
    refuse_published(periods.read(row.period), row.area_id)
    if row.withdrawn_at is not None:
        raise NotAllowedNow("withdrawn", _("This item was taken back."))
    return row


# -- reading ------------------------------------------------------------------------------------------------------


def needs_second(row: Adjustment, rules: Rules) -> bool:
    """Whether an item counts only with a second person's word."""
    spec = rules.item(row.code)
    return bool(spec and spec.get("two"))


def rules_of(period: str) -> Rules | None:
    """The rules a month's items are entered under; None without a scheme in force."""
    try:
        return Rules(version_for(periods.read(period), DEFAULT_SCHEME).body)
    except NotAllowedNow:
        return None


def history(row: Adjustment) -> list[AssessmentEvent]:
    """What was done with an item, in its order: entered, confirmed, withdrawn with its reason."""
    kinds = (Kind.ENTERED, Kind.CONFIRMED, Kind.WITHDRAWN)
    rows = AssessmentEvent.objects.filter(area_id=row.area_id, kind__in=kinds, data__adjustment=row.pk)
    return list(rows.order_by("sequence"))


def waiting_ids(rows: QuerySet) -> list[int]:
    """The items that do not count before somebody else confirms them; the rules of their month say which."""
    found = rows.filter(withdrawn_at__isnull=True, confirmed_at__isnull=True).order_by("-pk")
    rules: dict[str, Rules | None] = {}
    waiting = []
    for one in found.select_related(None).only("pk", "period", "code")[:MOST_WAITING]:
        if one.period not in rules:
            rules[one.period] = rules_of(one.period)
        held = rules[one.period]
        if held is not None and needs_second(one, held):
            waiting.append(one.pk)
    return waiting
