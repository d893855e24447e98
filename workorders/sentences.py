"""Events and notices as sentences in the reader's language, made when they are shown."""

from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import wording
from workorders import catalogue, workflow
from workorders.explained import CLOCK_NAMES, sentences
from workorders.vocabulary import Card, WhistleKind

# Kinds of events that are not moves of the table.
BESIDES = {
    "report": gettext_lazy("Report"),
    "imported": gettext_lazy("Brought over from an old system"),
    "import_undone": gettext_lazy("The import was undone"),
    "followed": gettext_lazy("Follow-up given to the grid's officer"),
    "carded": gettext_lazy("Card given by rule"),
    "overdue": gettext_lazy("Overdue"),
    "remarked": gettext_lazy("The reporter added something"),
    "unanswered": gettext_lazy("The reporter did not answer in time"),
    "split": gettext_lazy("Split into several orders"),
    "rehomed": gettext_lazy("Went to another area, its own was redivided"),
    "rated": gettext_lazy("Rated by the reporter"),
    "reopen_requested": gettext_lazy("The reporter is not satisfied and asks to reopen"),
    "attached": gettext_lazy("Photo added"),
    "released": gettext_lazy("Decided what the resident sees of a photo"),
}
_REASONS = {"not_accepted_in_time": gettext_lazy("Not accepted in time")}
_RULES = {"overdue": gettext_lazy("overdue"), "rework": gettext_lazy("repeated rework")}

# What people are told: move or kind → sentence with the order's number and title.
NOTICES = {
    "report": gettext_lazy("New report %(number)s waits for acceptance: %(title)s"),
    "verify": gettext_lazy("Please look whether %(number)s is true: %(title)s"),
    "verified": gettext_lazy("%(number)s has been verified: %(title)s"),
    "accept": gettext_lazy("%(number)s was accepted and waits for dispatch: %(title)s"),
    "decline": gettext_lazy("%(number)s was declined: %(reason)s"),
    "merge": gettext_lazy("%(number)s was merged into another order: %(title)s"),
    "dispatch": gettext_lazy("%(number)s was dispatched to you, please sign: %(title)s"),
    "decide": gettext_lazy("%(number)s was given to you by a binding decision: %(title)s"),
    "co_dispatch": gettext_lazy("You are called in as co-handler on %(number)s: %(title)s"),
    "co_feedback": gettext_lazy("A co-handler has reported on %(number)s: %(title)s"),
    "return": gettext_lazy("%(number)s was returned: %(reason)s"),
    "request_extension": gettext_lazy("More time is asked for on %(number)s: %(reason)s"),
    "decide_extension": gettext_lazy("More time for %(number)s has been decided on: %(title)s"),
    "suspend": gettext_lazy("%(number)s was suspended: %(reason)s"),
    "resume": gettext_lazy("%(number)s was resumed: %(title)s"),
    "whistle": gettext_lazy("You are whistled to the spot for %(number)s: %(title)s"),
    "arrive": gettext_lazy("%(unit_name)s has arrived for %(number)s"),
    "escalate": gettext_lazy("%(number)s was reported up to your level: %(title)s"),
    "feedback": gettext_lazy("%(number)s was handled, please check: %(title)s"),
    "pass_check": gettext_lazy("%(number)s passed the check, please revisit: %(title)s"),
    "fail_check": gettext_lazy("%(number)s failed the check: %(reason)s"),
    "revisit": gettext_lazy("The reporter of %(number)s was asked: %(title)s"),
    "close": gettext_lazy("%(number)s was closed: %(title)s"),
    "reopen": gettext_lazy("%(number)s was reopened: %(reason)s"),
    "urge": gettext_lazy("%(number)s is urged, please act: %(title)s"),
    "supervise": gettext_lazy("%(number)s is under supervision: %(reason)s"),
    "lift_supervision": gettext_lazy("The card on %(number)s was lifted: %(title)s"),
    "pass_on": gettext_lazy("The officer's own time for %(number)s is over, it goes to the centre: %(title)s"),
    "followed": gettext_lazy("Please follow up the hotline order %(number)s: %(title)s"),
    "carded": gettext_lazy("%(number)s got a card: %(title)s"),
    "overdue": gettext_lazy("%(number)s is overdue: %(title)s"),
    "remarked": gettext_lazy("The reporter of %(number)s added: %(text)s"),
    "ask": gettext_lazy("You are asked about %(number)s: %(question)s"),
    "answer": gettext_lazy("The reporter of %(number)s answered: %(text)s"),
    "unanswered": gettext_lazy("The reporter of %(number)s did not answer, the clock runs on: %(title)s"),
    "rated": gettext_lazy("%(number)s was rated %(satisfaction)s: %(title)s"),
    "reopen_requested": gettext_lazy("The reporter of %(number)s is not satisfied: %(title)s"),
}
# What people are told of areas that were split or merged; no order is behind it.
OF_AREAS = {
    "redivided": gettext_lazy(
        "%(old)s became %(new)s on %(on)s. You look after %(mine)s now, with %(orders)s open orders."
    ),
    "redivision_planned": gettext_lazy("%(old)s will become %(new)s on %(on)s."),
    "redivision_cancelled": gettext_lazy("%(old)s will not become %(new)s on %(on)s: it was called off."),
    "redivision_relieved": gettext_lazy("%(old)s became %(new)s on %(on)s. Your post there ended on that day."),
    "redivision_refused": gettext_lazy("The redivision of %(old)s on %(on)s could not be carried out: %(refusal)s"),
}


class _Lenient(dict):
    def __missing__(self, key):
        return "–"


def notice_text(notice) -> str:
    """The sentence of a notice."""
    if notice.kind in OF_AREAS:
        told = {name: _(", ").join(one) if isinstance(one, list) else one for name, one in notice.data.items()}
        return str(OF_AREAS[notice.kind]) % {**told, "on": wording.day(date.fromisoformat(notice.data["on"]))}
    return str(NOTICES[notice.kind]) % _Lenient(notice.data)


def kind_label(kind: str) -> str:
    """What an event is called."""
    return str(workflow.BY_NAME[kind].label if kind in workflow.BY_NAME else BESIDES[kind])


def due_explained(order) -> str:
    """In words, how the present due moment came about; empty when no clock runs."""
    return wording.joined(sentences(order.due_steps)) if order.due_steps else ""


def event_details(event) -> list[str]:
    """What an event says besides its name: reasons, units, answers, one line each."""
    lines = []
    for key, value in event.data.items():
        line = _LINES.get(key)
        if line is not None:
            text = line(value)
            if text:
                lines.append(text)
    return lines


def _moment(value: str) -> str:
    return wording.moment(datetime.fromisoformat(value))


def _category(code):
    found = catalogue.find(code)
    return _("Category: %(name)s") % {"name": found.label if found else code}


def _attempt(value):
    """What an escalation tried, or the number of a revisit."""
    if isinstance(value, int):
        return _("Attempt %(number)s of 3") % {"number": value}
    return _("Tried: %(text)s") % {"text": _REASONS.get(value, value)}


_LINES = {
    "reason": lambda value: _("Reason: %(text)s") % {"text": value},
    "note": lambda value: _("Note: %(text)s") % {"text": value},
    "text": str,
    "question": lambda value: _("Question: %(text)s") % {"text": value},
    "result": lambda value: _("Result: %(text)s") % {"text": value},
    "task": lambda value: _("Task: %(text)s") % {"text": value},
    "attempt": _attempt,
    "internal_result": lambda value: _("What was done: %(text)s") % {"text": value},
    "public_answer": lambda value: _("Public answer: %(text)s") % {"text": value},
    "unit_name": lambda value: _("Unit: %(text)s") % {"text": value},
    "unit_names": lambda value: _("Units: %(text)s") % {"text": _(", ").join(value)},
    "officer_name": lambda value: _("Officer: %(text)s") % {"text": value},
    "suggested_unit_name": lambda value: _("Suggested: %(text)s") % {"text": value},
    "parts": lambda value: _("Parts: %(text)s") % {"text": _(", ").join(value)},
    "from_name": lambda value: _("From: %(text)s") % {"text": value},
    "to_name": lambda value: _("To: %(text)s") % {"text": value},
    "into": lambda value: _("Main order: %(text)s") % {"text": value},
    "category": _category,
    "reclassified_from": lambda value: _("Reclassified from %(code)s") % {"code": value},
    "forced": lambda value: _("Forced dispatch: it cannot be returned") if value else "",
    "until": lambda value: _("Until %(moment)s") % {"moment": _moment(value)},
    "approve": lambda value: _("Granted") if value else _("Refused"),
    "outcome": lambda value: _("It is true") if value else _("It is not true"),
    "resolved": lambda value: _("Solved") if value else _("Not solved"),
    "satisfaction": lambda value: _("Satisfaction %(grade)s of 5") % {"grade": value},
    "reached": lambda value: "" if value else _("The reporter was not reached"),
    "card": lambda value: str(Card(value).label),
    "rule": lambda value: _("By rule: %(rule)s") % {"rule": _RULES.get(value, value)},
    "answer_by": lambda value: _("Answer by %(moment)s") % {"moment": _moment(value)},
    "review_on": lambda value: _("Review on %(date)s") % {"date": wording.day(date.fromisoformat(value))},
    "clock": lambda value: _("Clock: %(name)s") % {"name": CLOCK_NAMES.get(value, value)} if value else "",
    "whistle": lambda value: str(WhistleKind(value).label),
    "metres": lambda value: _("%(count)s m from the order") % {"count": value},
    "late": lambda value: _("Arrived late") if value else "",
    "score": lambda value: _("Score %(score)s of 5") % {"score": value},
    "sampled": lambda value: _("Chosen for the clerk's check") if value else "",
    "settled": lambda value: _("Settled on the spot and not in the sample: closed at once") if value else "",
    "automatic": lambda value: _("Closed automatically: no answer within three working days") if value else "",
}
