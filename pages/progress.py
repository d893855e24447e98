"""A resident's view of an order in plain words: five steps with their dates, and what comes next."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from workorders import following
from workorders.deadlines import Limit
from workorders.explained import limit_words
from workorders.models import Attachment, WorkOrder
from workorders.vocabulary import Status

_STEPS = (
    (_lazy("Received"), _lazy("Your report has arrived; somebody looks at it.")),
    (_lazy("Accepted"), _lazy("It is filed and is being given to the right unit.")),
    (_lazy("Being handled"), _lazy("People are working on it.")),
    (_lazy("Handled, being checked"), _lazy("The unit says it is done; somebody else looks at the spot.")),
    (_lazy("Answer"), _lazy("Read the answer and say whether you are satisfied.")),
)


@dataclass(frozen=True)
class Step:
    """One of the five; `state` is done, now or todo."""

    number: int
    word: str
    note: str
    state: str
    at: dt.datetime | None


@dataclass(frozen=True)
class Shown:
    """What the page shows: the domain's view, its steps, a heading for where it stands, the photos with their words.

    photos: the resident's own; results: those of the result.
    """

    followed: following.Followed
    steps: list[Step]
    heading: str
    photos: list[tuple[Attachment, str]]
    results: list[tuple[Attachment, str]]


def of(order: WorkOrder, *, at: dt.datetime) -> Shown:
    """The resident's view of the order at that moment."""
    seen = following.follow(order, at=at)
    over = seen.is_over
    steps = [
        Step(
            number=place,
            word=str(word),
            note=_note(seen, str(note)) if place == seen.step and not over else "",
            state="done"
            if place < seen.step or (over and place == seen.step)
            else "now"
            if place == seen.step
            else "todo",
            at=seen.dates[place - 1] if place <= seen.step else None,
        )
        for place, (word, note) in enumerate(_STEPS, start=1)
    ]
    kept = list(photos(order))
    own = [(one, _("My photo")) for one in kept if one.by_id is None]
    results = [(one, _("After handling")) for one in kept if one.by_id is not None]
    return Shown(seen, steps if _runs(seen) else steps[:1], _heading(seen), own, results)


def photos(order: WorkOrder):
    """The photos a resident may see."""
    return following.photos_of(order)


def remarks(order: WorkOrder):
    """What the resident added, the oldest first."""
    return following.remarks_of(order)


def usual_limit(order: WorkOrder) -> str:
    """How long handling of this kind may take, in words; empty without a category."""
    stages = order.category.stages if order.category_id else []
    return limit_words(Limit.from_json(stages[-1])) if stages else ""


def _runs(seen: following.Followed) -> bool:
    """Whether the five steps say anything: a declined or withdrawn report never takes them."""
    return seen.main.status not in (Status.DECLINED, Status.VOIDED)


def _note(seen: following.Followed, note: str) -> str:
    if seen.main.status == Status.VERIFYING:
        return _("Somebody goes to the spot to see whether it is so.")
    if seen.main.status == Status.SUSPENDED:
        return _("It has to wait for now.")
    return note


def _heading(seen: following.Followed) -> str:
    status = seen.main.status
    if status == Status.DECLINED:
        return _("Your report was not taken on")
    if status == Status.VOIDED:
        return _("The report was withdrawn")
    if status == Status.CLOSED:
        return _("Closed")
    if status == Status.SUSPENDED:
        return _("On hold")
    return str(_STEPS[seen.step - 1][0])
