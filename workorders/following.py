"""What a resident may see of an order: step, dates, unit, public answer, some photos. Both doors use it."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from workorders.commands.public import main_of
from workorders.commands.reviewing import within_rating_time
from workorders.models import Attachment, Inquiry, Rating, WorkOrder, WorkOrderEvent
from workorders.vocabulary import PHASE_OF, ClockKind, Phase, Status

# Until the check has passed an answer may still turn out to be wrong.
ANSWERED = frozenset({Status.REVISITING, Status.CLOSED})
# The clocks a resident waits for; the others are between offices.
_EXPECTED = frozenset({ClockKind.ACCEPT, ClockKind.CONTAIN, ClockKind.HANDLE, ClockKind.RESTORE})


@dataclass(frozen=True)
class Followed:
    """An order in a resident's eyes. `main`: the order that is worked on, another one after a merge.

    step: 1 to 5, the phase of `main`. dates: when each step was reached, None where it was not. reason: why it was
    declined. expected_by: the moment the next answer is due. question: what this resident is asked now.
    officer: whether an officer handles it, who stays unnamed.
    """

    order: WorkOrder
    main: WorkOrder
    step: int
    dates: tuple[datetime | None, ...]
    unit: str
    officer: bool
    answer: str
    reason: str
    expected_by: datetime | None
    waits_until: date | None
    rating: Rating | None
    question: Inquiry | None
    may_add: bool
    may_rate: bool

    @property
    def merged(self) -> bool:
        """Whether the work goes on under another order."""
        return self.main.pk != self.order.pk

    @property
    def is_over(self) -> bool:
        """Whether nobody has to act any more."""
        return not self.main.is_open


def follow(order: WorkOrder, *, at: datetime) -> Followed:
    """What the resident who reported `order` sees at that moment."""
    main = main_of(order)
    answered = main.status in ANSWERED
    rating = Rating.objects.filter(order=order).first()
    expected = main.due_at if main.is_open and not main.clock_paused and main.due_kind in _EXPECTED else None
    return Followed(
        order=order,
        main=main,
        step=list(Phase).index(PHASE_OF[main.status]) + 1,
        dates=(
            order.reported_at,
            main.accepted_at,
            main.signed_at or main.dispatched_at,
            main.fed_back_at,
            main.closed_at,
        ),
        unit=main.lead.name if main.lead_id else "",
        officer=main.officer_id is not None,
        answer=main.public_answer if answered else "",
        reason=_reason(main),
        expected_by=expected if expected and expected > at else None,
        waits_until=main.suspended_until if main.status == Status.SUSPENDED else None,
        rating=rating,
        question=_question(order),
        may_add=main.is_open,
        may_rate=rating is None and within_rating_time(main, at),
    )


def photos_of(order: WorkOrder) -> QuerySet[Attachment]:
    """The photos a resident may see: the own ones, and those of the result once it was checked."""
    main = main_of(order)
    seen = Q(order=order, by__isnull=True)
    if main.status in ANSWERED:
        seen |= Q(order=main, kind=Attachment.Kind.AFTER)
    shown = Attachment.objects.filter(seen).exclude(shown=Attachment.Shown.WITHHELD)
    return shown.order_by("uploaded_at", "pk")


def remarks_of(order: WorkOrder) -> QuerySet[WorkOrderEvent]:
    """What this very resident added, the oldest first; others whose reports were merged read only their own."""
    main = main_of(order)
    own = Q(order=order, data__through__isnull=True)
    if main.pk != order.pk:
        own |= Q(order=main, data__through=order.number)
    return WorkOrderEvent.objects.filter(own, kind__in=("remarked", "answer")).order_by("at", "pk")


def _question(order: WorkOrder) -> Inquiry | None:
    """The open question to whoever reported this very order."""
    if order.asked_until is None:
        return None
    return Inquiry.objects.filter(order=order, outcome=Inquiry.Outcome.WAITING).first()


def _reason(order: WorkOrder) -> str:
    if order.status != Status.DECLINED:
        return ""
    event = order.events.filter(after=Status.DECLINED).order_by("-sequence").first()
    return (event.data.get("reason") or event.data.get("note") or "") if event else ""
