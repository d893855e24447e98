"""Phase three and four: whoever got the order signs, handles, returns it, and feeds back."""

from datetime import datetime

from django.utils.translation import gettext as _

from core.errors import Invalid, NotAllowedNow
from core.transactions import command
from personnel.models import Unit
from workorders.ledger import Step
from workorders.models import Assignment, Attachment, Extension, WorkOrder
from workorders.sampling import is_sampled
from workorders.turns import open_parts
from workorders.vocabulary import ClockKind

HANDLING_CLOCKS = (ClockKind.CONTAIN, ClockKind.RESTORE, ClockKind.HANDLE)


@command
def self_handle(order: WorkOrder, *, by, at: datetime) -> WorkOrder:
    """An officer keeps an item that is his to settle; its handling clock starts."""
    step = Step("self_handle", order, by=by, at=at)
    order = step.order
    order.officer, order.lead, order.self_handled = by, None, True
    order.dispatched_at = order.signed_at = at
    step.clocks.stop()
    step.clocks.start_handling()
    Assignment.objects.create(
        order=order,
        kind=Assignment.Kind.LEAD,
        officer=by,
        by=by,
        assigned_at=at,
        signed_at=at,
        reported_at=order.reported_at,
    )
    return step.conclude()


@command
def pass_on(order: WorkOrder, *, at: datetime) -> WorkOrder:
    """The officer's own time for the item is over: it goes to the centre by itself."""
    step = Step("pass_on", order, by=None, at=at)
    _end_lead(step, Assignment.Outcome.TAKEN_BACK)
    officer = step.order.officer
    step.order.officer, step.order.self_handled = None, False
    step.order.dispatched_at = step.order.signed_at = None
    step.clocks.stop()
    step.clocks.start(ClockKind.ACCEPT)
    return step.conclude(officer_name=officer.name)


@command
def sign(order: WorkOrder, *, by, at: datetime) -> WorkOrder:
    """The lead unit takes the order on."""
    step = Step("sign", order, by=by, at=at)
    step.order.signed_at = at
    step.clocks.stop(ClockKind.SIGN)
    return step.conclude()


@command
def return_order(order: WorkOrder, *, by, at: datetime, reason: str, suggested_unit: Unit | None = None) -> WorkOrder:
    """Give the order back to the dispatcher: the handling clock stands still, dispatching starts anew."""
    step = Step("return", order, by=by, at=at)
    order = step.order
    _end_lead(step, Assignment.Outcome.RETURNED, result=reason)
    if order.lead_id:
        order.returned_units = [*order.returned_units, order.lead_id]
    unit = order.lead
    order.lead = order.officer = None
    order.self_handled = False
    order.dispatched_at = order.signed_at = None
    order.returns += 1
    step.clocks.stop(ClockKind.SIGN, returned=True)
    step.clocks.pause(*HANDLING_CLOCKS, reason="return")
    step.clocks.start(ClockKind.DISPATCH)
    lapse_extension(order, at=at)
    return step.conclude(
        reason=reason,
        unit=unit.code if unit else None,
        unit_name=unit.name if unit else None,
        suggested_unit=suggested_unit.code if suggested_unit else None,
        suggested_unit_name=suggested_unit.name if suggested_unit else None,
    )


@command
def feedback(
    order: WorkOrder, *, by, at: datetime, internal_result: str, public_answer: str, resolved: bool, photos=()
) -> WorkOrder:
    """Report what was done, inside and to the public; the check's clock starts.

    An officer who handled it himself shows an after-photo: one of `photos`, or any attachment of kind `after`.
    """
    step = Step("feedback", order, by=by, at=at)
    order = step.order
    if (
        order.officer_id
        and not photos
        and not Attachment.objects.filter(order=order, kind=Attachment.Kind.AFTER).exists()
    ):
        message = _("Add a photo that shows the result, then feed back again.")
        raise Invalid("after_photo_required", message, errors={"photos": [message]})
    order.internal_result, order.public_answer, order.resolved = internal_result, public_answer, resolved
    order.fed_back_at = at
    Assignment.objects.filter(order=order, kind=Assignment.Kind.LEAD, ended_at__isnull=True).update(
        ended_at=at, outcome=Assignment.Outcome.DONE, result=internal_result
    )
    lapse_extension(order, at=at)
    if order.self_handled:
        # What had to be done again is looked at by somebody else, sampled or not.
        order.sampled = order.reworks + order.reopens > 0 or is_sampled(order, at=at)
    step.clocks.stop()
    step.clocks.start(ClockKind.CHECK)
    return step.conclude(
        sampled=order.sampled or None,
        internal_result=internal_result,
        public_answer=public_answer,
        resolved=resolved,
        photos=[photo.pk for photo in photos],
    )


@command
def co_feedback(order: WorkOrder, *, by, at: datetime, result: str) -> WorkOrder:
    """A unit that helps, called in or whistled to the spot, says what it did; its part is over.

    Raises NotAllowedNow `not_arrived` for a whistled unit that has not signed in yet, `co_handling_over`.
    """
    step = Step("co_feedback", order, by=by, at=at)
    mine = open_parts(step.standing).filter(order=step.order)
    found = list(mine.select_related("unit").order_by("assigned_at", "pk"))
    done = [part for part in found if part.may_be_reported]
    if found and not done:
        raise NotAllowedNow("not_arrived", _("Sign in on the spot first; then say what your unit did."))
    if not done:
        raise NotAllowedNow("co_handling_over", _("Your unit has already reported its part. Add a comment instead."))
    mine.filter(pk__in=[part.pk for part in done]).update(ended_at=at, outcome=Assignment.Outcome.DONE, result=result)
    return step.conclude(unit_name=done[0].unit.name, result=result)


def lapse_extension(order: WorkOrder, *, at: datetime):
    """An extension nobody decided on lapses when the step it was for is over."""
    if order.extension_pending:
        Extension.objects.filter(order=order, state=Extension.State.PENDING).update(
            state=Extension.State.LAPSED, decided_at=at
        )
        order.extension_pending = False


def start_rework(step: Step):
    """Back to handling with half the limit; what was fed back, checked and closed is cleared, the events keep it."""
    order = step.order
    order.fed_back_at = order.checked_at = order.closed_at = None
    order.revisits = 0
    step.clocks.stop()
    step.clocks.start_handling(rework=True, unit_id=order.lead_id)
    Assignment.objects.create(
        order=order,
        kind=Assignment.Kind.LEAD,
        unit_id=order.lead_id,
        officer_id=order.officer_id,
        by=step.by,
        assigned_at=step.at,
        signed_at=step.at,
        reported_at=order.reported_at,
    )


def _end_lead(step: Step, outcome: str, result: str = ""):
    Assignment.objects.filter(order=step.order, kind=Assignment.Kind.LEAD, ended_at__isnull=True).update(
        ended_at=step.at, outcome=outcome, result=result
    )


def end_all_parts(step: Step):
    """Take the order back from everybody who had it."""
    Assignment.objects.filter(order=step.order, ended_at__isnull=True).exclude(kind=Assignment.Kind.FOLLOW).update(
        ended_at=step.at, outcome=Assignment.Outcome.TAKEN_BACK
    )
