"""A question to the reporter: the handling clocks stand still until the answer, or until the time for it is over."""

from datetime import datetime

from django.utils.translation import gettext as _

from core.errors import Invalid, NotAllowedNow
from core.transactions import command
from workorders import calendars, deadlines
from workorders.ledger import Step, locked, record
from workorders.models import Inquiry, PublicReport, WorkOrder
from workorders.timekeeping import Timekeeper
from workorders.vocabulary import ClockKind

QUESTION_LENGTH = 500
MOST_QUESTIONS = 2
# Making a place safe waits for nobody's answer.
STANDING_STILL = (ClockKind.RESTORE, ClockKind.HANDLE)


@command
def ask(order: WorkOrder, *, by, at: datetime, question: str) -> WorkOrder:
    """Ask the reporter something the handling depends on, twice at most.

    A resident answers by the link of the report, staff by the move `answer`. Raises NotAllowedNow `no_way_to_ask`
    when neither is possible, `asked_enough`; Invalid.
    """
    step = Step("ask", order, by=by, at=at)
    order = step.order
    if len(question) > QUESTION_LENGTH:
        message = _("Ask in %(most)d characters at most; yours has %(count)d.") % {
            "most": QUESTION_LENGTH,
            "count": len(question),
        }
        raise Invalid("too_long", message, errors={"question": [message]})
    if order.reporter_id is None and not PublicReport.objects.filter(order=order).exists():
        raise NotAllowedNow(
            "no_way_to_ask",
            _("This reporter has no link to answer by. Phone instead, and write the answer down as a comment."),
        )
    if Inquiry.objects.filter(order=order).count() >= MOST_QUESTIONS:
        raise NotAllowedNow(
            "asked_enough",
            _("The reporter was asked twice already. Handle the order with what is known, or phone."),
        )
    answer_by = deadlines.due_at(deadlines.clock("answer", order.urgency), at, calendars.working_calendar())
    Inquiry.objects.create(order=order, question=question, by=by, asked_at=at, answer_by=answer_by)
    order.asked_until = answer_by
    step.clocks.pause(*STANDING_STILL, reason="ask")
    return step.conclude(question=question, answer_by=answer_by.isoformat())


@command
def answer(order: WorkOrder, *, by, at: datetime, text: str) -> WorkOrder:
    """A reporter with an account answers; handling goes on with the time it had left."""
    step = Step("answer", order, by=by, at=at)
    _end(step.order, step.clocks, Inquiry.Outcome.ANSWERED, at=at, text=text)
    return step.conclude(text=text)


@command
def answer_publicly(order: WorkOrder, *, at: datetime, text: str) -> WorkOrder:
    """A resident answers by the link of the report. Raises NotAllowedNow when nothing is asked (any more)."""
    order = locked(order)
    if order.asked_until is None:
        raise NotAllowedNow(
            "nothing_asked", _("The question is not open any more. Write what you wanted to say as an addition.")
        )
    clocks = Timekeeper(order, at)
    _end(order, clocks, Inquiry.Outcome.ANSWERED, at=at, text=text)
    record(order, "answer", by=None, at=at, role="reporter", before=order.status, clocks=clocks, data={"text": text})
    return order


@command
def give_up_waiting(order: WorkOrder, *, at: datetime) -> WorkOrder:
    """The time for the answer is over: handling goes on with the time it had left."""
    order = locked(order)
    if order.asked_until is None or order.asked_until > at:
        return order
    clocks = Timekeeper(order, at)
    _end(order, clocks, Inquiry.Outcome.UNANSWERED, at=at)
    record(order, "unanswered", by=None, at=at, role="system", before=order.status, clocks=clocks)
    return order


def _end(order: WorkOrder, clocks: Timekeeper, outcome: str, *, at: datetime, text: str = "") -> None:
    Inquiry.objects.filter(order=order, outcome=Inquiry.Outcome.WAITING).update(
        outcome=outcome, ended_at=at, answer=text
    )
    order.asked_until = None
    clocks.resume()
