"""More time: asked for, decided on, or the whole matter suspended."""

from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from core import clock, wording
from core.errors import Invalid, NotAllowedNow, NotPermitted
from core.transactions import command
from personnel.roles import Role
from workorders import calendars, deadlines, guards
from workorders.deadlines import Limit
from workorders.entitlement import deciders  # noqa: F401 - whoever tells people asks for it here
from workorders.ledger import Step
from workorders.models import Extension, Pause, WorkOrder
from workorders.vocabulary import ClockKind, Urgency


@command
def request_extension(order: WorkOrder, *, by, at: datetime, until: datetime, reason: str) -> WorkOrder:
    """Ask for more handling time. Raises Invalid when `until` is not later, or further than an urgent order may go."""
    step = Step("request_extension", order, by=by, at=at)
    order = step.order
    running = _handling_clock(step)
    if share_used(running, at) >= deadlines.AMBER_SHARE:
        raise guards.extension_too_late()
    if until <= running.due_at:
        message = _("Choose a moment after %(due)s, when the order is due now.") % {
            "due": wording.moment(running.due_at)
        }
        raise Invalid("not_later", message, errors={"until": [message]})
    latest = _latest(order, running)
    if order.urgency == Urgency.URGENT and until > latest:
        message = _("An urgent order can be extended to %(latest)s at most.") % {"latest": wording.moment(latest)}
        raise Invalid("too_far", message, errors={"until": [message]})
    order.extension_pending = True
    Extension.objects.create(
        order=order, reason=reason, due_before=running.due_at, until=until, asked_by=by, asked_at=at
    )
    return step.conclude(until=until.isoformat(), reason=reason)


@command
def decide_extension(
    order: WorkOrder, *, by, at: datetime, approve: bool, until: datetime | None = None, note: str = ""
) -> WorkOrder:
    """Grant (perhaps another moment than asked for) or refuse.

    Who decides: the clerk for self-handled and community orders, the instructor for street units, the duty leader for
    departments, and he alone beyond once the original limit.
    """
    step = Step("decide_extension", order, by=by, at=at)
    order = step.order
    asked = Extension.objects.select_for_update().get(order=order, state=Extension.State.PENDING)
    if by.pk == asked.asked_by_id:
        raise NotPermitted("own_request", _("Somebody else decides on what you asked for."))
    asked.decided_by, asked.decided_at, asked.note = by, at, note
    order.extension_pending = False
    if approve:
        running = _handling_clock(step)
        granted = until or asked.until
        if granted <= running.due_at:
            message = _("Choose a moment after %(due)s, when the order is due now.") % {
                "due": wording.moment(running.due_at)
            }
            raise Invalid("not_later", message, errors={"until": [message]})
        if granted <= at:
            message = _("This moment has passed. Choose a later one.")
            raise Invalid("in_the_past", message, errors={"until": [message]})
        latest = _latest(order, running)
        if granted > latest and step.permit.role != Role.DUTY_LEADER:
            raise NotPermitted(
                "beyond_the_limit",
                _("Only the duty leader extends beyond %(latest)s.") % {"latest": wording.moment(latest)},
            )
        if granted > latest and order.urgency == Urgency.URGENT:
            message = _("An urgent order can be extended to %(latest)s at most.") % {"latest": wording.moment(latest)}
            raise Invalid("too_far", message, errors={"until": [message]})
        asked.state, asked.granted_until = Extension.State.GRANTED, granted
        order.extensions_granted += 1
        asked.save()
        step.clocks.extend(granted)
    else:
        asked.state = Extension.State.REFUSED
        asked.save()
    return step.conclude(
        approve=approve, until=asked.granted_until.isoformat() if asked.granted_until else None, note=note
    )


@command
def suspend(order: WorkOrder, *, by, at: datetime, reason: str, review_on: date) -> WorkOrder:
    """Put an order that cannot be solved now into the problem store: its clocks stand still until it is resumed."""
    step = Step("suspend", order, by=by, at=at)
    today = clock.date_of(at)
    if not today < review_on <= today + timedelta(days=30):
        message = _("Review it after today and within 30 days.")
        raise Invalid("review_date", message, errors={"review_on": [message]})
    step.order.suspended_until = review_on
    step.clocks.pause(reason="suspend")
    return step.conclude(reason=reason, review_on=review_on.isoformat())


@command
def resume(order: WorkOrder, *, by, at: datetime) -> WorkOrder:
    """Take a suspended order up again with the time it had left."""
    step = Step("resume", order, by=by, at=at)
    step.order.suspended_until = None
    step.clocks.resume()
    return step.conclude()


def share_used(running, at: datetime) -> float:
    """The part of a clock's limit that is used up, in its own kind of time."""
    pauses = list(Pause.objects.filter(clock=running).values_list("since", "until")) if running.was_paused else []
    limit = Limit.from_json(running.limit)
    return deadlines.share_elapsed(running.since, running.due_at, at, limit, calendars.working_calendar(), pauses)


def _handling_clock(step: Step):
    found = next((running for running in step.clocks.running() if running.kind == ClockKind.HANDLE), None)
    if found is None:  # an order from an old system that nobody has dispatched here yet
        raise NotAllowedNow("no_handling_clock", _("No handling time runs for this order, so there is none to extend."))
    return found


def _latest(order: WorkOrder, running) -> datetime:
    """How far all extensions together may go: from the first due time by the rule for the original limit."""
    first = (
        Extension.objects.filter(order=order, state=Extension.State.GRANTED, asked_at__gte=running.since)
        .order_by("asked_at")
        .first()
    )
    rule = deadlines.extension_rule(Limit.from_json(running.limit), order.urgency, order.difficulty)
    return (
        deadlines.latest_extension(first.due_before if first else running.due_at, rule, calendars.working_calendar())
        or running.due_at
    )
