"""The resident's door: report without an account, add to it, rate it once."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from core import clock, vault
from core.errors import NotAllowedNow, NotPermitted
from core.transactions import command
from personnel.jurisdiction import standing_of
from workorders.commands.reporting import report
from workorders.commands.reviewing import within_rating_time
from workorders.intake import Intake
from workorders.ledger import locked, record
from workorders.models import PublicReport, Rating, WorkOrder
from workorders.timekeeping import Timekeeper
from workorders.vocabulary import Status

# Without look-alikes: it is read out on the phone. 32 characters, 10 places: 50 bits behind the rate limit.
CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
REASONS = ("not_solved", "slow", "attitude", "unclear", "other")


@dataclass(frozen=True)
class Receipt:
    """What the resident gets: the secret link's token and the code to read out."""

    order: WorkOrder
    token: str
    code: str


@command
def report_publicly(intake: Intake, *, at: datetime) -> Receipt:
    """A resident's report, with the way back to it."""
    order = report(intake, by=None, at=at)
    token, code = secrets.token_urlsafe(24), "".join(secrets.choice(CODE_LETTERS) for _place in range(10))
    PublicReport.objects.create(order=order, token=token, code=code, last4_hash=last4_hash(intake.reporter_phone))
    return Receipt(order, token, code)


def last4_hash(phone: str) -> str:
    """The keyed hash of a phone's last four digits; empty without a phone."""
    return vault.keyed_hash(f"last4:{phone[-4:]}") if len(phone) >= 4 else ""


# Merges of merged orders follow one another at most so often.
_MOST_MERGES = 10


def main_of(order: WorkOrder) -> WorkOrder:
    """The order the work goes on under: the one it was merged into, and on from there."""
    for _merge in range(_MOST_MERGES):
        if order.status != Status.MERGED or order.main_id is None:
            break
        order = WorkOrder.objects.select_related("lead", "category").get(pk=order.main_id)
    return order


@command
def remark(order: WorkOrder, *, at: datetime, text: str) -> WorkOrder:
    """The resident adds something to an open matter; of a merged order it is written on the main one."""
    own, order = order, locked(main_of(order))
    if not order.is_open:
        raise NotAllowedNow("order_is_final", _("This matter is closed. Rate it, or report it anew."))
    data = {"text": text, "through": own.number if own.pk != order.pk else None}
    record(order, "remarked", by=None, at=at, role="reporter", before=order.status, data=data)
    return order


# What a resident chooses is one of three faces; the trade knows five grades. Whether it was solved tells the rest:
# face → (grade when it is solved, grade when it is not).
FACES = {"good": (5, 4), "fair": (3, 3), "bad": (2, 1)}
UNHAPPY = 2


def grade_of(face: str, *, resolved: bool) -> int:
    """The grade of satisfaction, 1 to 5, that a face stands for."""
    return FACES[face][0 if resolved else 1]


@command
def rate(
    order: WorkOrder, *, at: datetime, resolved: bool, satisfaction: int, reasons=(), note: str = "", rater=None
) -> WorkOrder:
    """The resident's answer, once, while revisited or within 14 days of the close; returns the order that is worked on.

    Not resolved or not satisfied: a reopen request for the duty leader, or for the reviewer while revisiting. Otherwise
    the rating of the order's own reporter closes what is being revisited. A resident whose report was merged rates the
    main order's result: it is kept with the own report and asks for the main one to be reopened, but neither closes it
    nor speaks for its reporter. rater: who is logged in where the link was opened, None for nobody.
    Raises NotAllowedNow (too early, too late, rated already), NotPermitted (whoever handled it).
    """
    own, order = order, locked(main_of(order))
    if Rating.objects.filter(order=own).exists():
        raise NotAllowedNow("rated_already", _("You have rated this already. Thank you."))
    if rater is not None and _handled(order, rater, at):
        raise NotPermitted("handler_rates_not", _("You handled this matter: its rating belongs to the resident."))
    if not within_rating_time(order, at):
        late = order.status == Status.CLOSED
        raise NotAllowedNow(
            "rating_not_open",
            _("The time for rating is over.") if late else _("You can rate as soon as the result has been checked."),
        )
    Rating.objects.create(
        order=own, resolved=resolved, satisfaction=satisfaction, reasons=list(reasons), note=note, at=at
    )
    unhappy, merged = not resolved or satisfaction <= UNHAPPY, own.pk != order.pk
    before, clocks = order.status, Timekeeper(order, at)
    if not merged:
        order.resolved, order.satisfaction = resolved, satisfaction
    if unhappy:
        order.reopen_requested_at = order.reopen_requested_at or at
    elif order.status == Status.REVISITING and not merged:
        order.status, order.closed_at = Status.CLOSED, at
        clocks.stop()
    kind = "reopen_requested" if unhappy else "rated"
    data = {"resolved": resolved, "satisfaction": satisfaction, "reasons": list(reasons), "note": note}
    data["through"] = own.number if merged else None
    record(order, kind, by=None, at=at, role="reporter", before=before, clocks=clocks, data=data)
    return order


def _handled(order: WorkOrder, person, at: datetime) -> bool:
    """Whether this person handles or handled the matter, alone or with the unit."""
    if person.pk == order.officer_id or standing_of(person, on=clock.date_of(at)).in_unit(order.lead_id):
        return True
    return order.events.filter(actor=person, kind__in=("feedback", "co_feedback", "self_handle")).exists()
