"""The words of moves on screen: labels and help of their inputs, what a step does, what it has done."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from pages import words
from workorders import workflow
from workorders.deadlines import Limit
from workorders.explained import limit_words as _limit_words
from workorders.models import WorkOrder

# Steps that turn an order away or back: their buttons warn.
SERIOUS = frozenset({"decline", "return", "void", "fail_check", "merge"})

# (move, input) or input → label, help.
_INPUTS = {
    ("verify", "officer"): (_lazy("Who shall look"), _lazy("Without a choice the officer of the grid is asked.")),
    ("verified", "outcome"): (_lazy("What did you find?"), ""),
    ("verified", "note"): (_lazy("What you saw"), _lazy("When it is not true, the reporter reads this.")),
    ("verified", "photo"): (_lazy("Photo of the spot"), ""),
    ("decline", "reason"): (_lazy("In your own words"), _lazy("The reporter reads this.")),
    ("merge", "into"): (_lazy("Number of the main order"), _lazy("Its reporter and this one both hear of it.")),
    ("dispatch", "unit"): (_lazy("Who shall handle it"), ""),
    ("dispatch", "co_units"): (_lazy("Units that help"), ""),
    ("dispatch", "note"): (_lazy("Note for the unit"), ""),
    ("dispatch", "limit"): (_lazy("Another time limit"), ""),
    ("decide", "unit"): (_lazy("The unit that has to handle it"), ""),
    ("decide", "note"): (_lazy("Grounds of the decision"), ""),
    ("return", "suggested_unit"): (_lazy("Who should handle it instead"), ""),
    ("request_extension", "until"): (_lazy("More time until"), ""),
    ("decide_extension", "approve"): (_lazy("Decision"), ""),
    ("decide_extension", "until"): (_lazy("Granted until"), _lazy("Only when it is granted.")),
    ("ask", "question"): (
        _lazy("What do you need to know?"),
        _lazy("The reporter reads it. The clock stands still until the answer, two working days at most."),
    ),
    ("answer", "text"): (_lazy("Your answer"), ""),
    ("suspend", "review_on"): (_lazy("Review on"), _lazy("Within 30 days. The clocks stand still until then.")),
    ("co_dispatch", "unit"): (_lazy("Unit that helps"), ""),
    ("co_dispatch", "task"): (_lazy("Its task"), ""),
    ("co_dispatch", "limit"): (_lazy("Its time limit"), _lazy("Without an entry the order's own time holds.")),
    ("co_feedback", "result"): (_lazy("What your unit did"), ""),
    ("whistle", "kind"): (_lazy("What for"), ""),
    ("whistle", "units"): (_lazy("Units that shall come"), ""),
    ("arrive", "location"): (_lazy("Where you are"), _lazy("Longitude and latitude; the distance is only noted.")),
    ("rate_unit", "unit"): (_lazy("Unit that came"), ""),
    ("rate_unit", "score"): (_lazy("How it came and worked, 1 to 5"), ""),
    ("escalate", "attempt"): (_lazy("What was tried here"), _lazy("The next level reads this first.")),
    ("feedback", "internal_result"): (_lazy("What was done"), _lazy("For the record; residents do not see it.")),
    ("feedback", "public_answer"): (
        _lazy("Answer to the reporter"),
        _lazy("Residents read this: no names, no phone numbers."),
    ),
    ("feedback", "resolved"): (_lazy("Is the problem solved?"), ""),
    ("feedback", "photos"): (_lazy("Photos of the result"), ""),
    ("fail_check", "reason"): (_lazy("In your own words"), _lazy("What is still to be done.")),
    ("revisit", "reached"): (_lazy("Was the reporter reached?"), ""),
    ("revisit", "resolved"): (_lazy("Is the problem solved?"), _lazy("As the reporter says.")),
    ("revisit", "satisfaction"): (_lazy("How satisfied is the reporter?"), ""),
    ("revisit", "note"): (_lazy("What the reporter said"), ""),
    ("revisit", "rework"): (_lazy("Send it back for rework: the cause can be put right"), ""),
    ("supervise", "card"): (_lazy("Card"), ""),
    ("supervise", "answer_by"): (_lazy("The unit answers by"), ""),
    ("urge", "note"): (_lazy("In your own words"), ""),
    ("comment", "text"): (_lazy("Comment"), ""),
    "category": (_lazy("Category"), ""),
    "urgency": (_lazy("Urgency"), _lazy("Without a choice the category's own urgency holds.")),
    "difficulty": (_lazy("Difficulty"), _lazy("Without a choice the category's own difficulty holds.")),
    "reason": (_lazy("In your own words"), ""),
    "note": (_lazy("Note"), ""),
}
_YES_NO = {
    "outcome": (_lazy("It is true"), _lazy("It is not true")),
    "resolved": (_lazy("Solved"), _lazy("Not solved")),
    "approve": (_lazy("Grant it"), _lazy("Refuse it")),
    "reached": (_lazy("Reached"), _lazy("Not reached")),
}
_EFFECTS = {
    "verify": _lazy("An officer looks at the spot; acceptance waits until then."),
    "accept": _lazy("It is filed and goes on to dispatch."),
    "decline": _lazy("The report ends here."),
    "merge": _lazy("This order ends; its reporter hears of the main order."),
    "dispatch": _lazy("The unit is told at once; its clocks for signing and handling start."),
    "self_handle": _lazy("You keep it and settle it yourself; your clock starts."),
    "sign": _lazy("Your unit takes it on."),
    "return": _lazy("It goes back to the dispatcher; the handling clock stands still."),
    "request_extension": _lazy("The clock runs on until it is decided."),
    "suspend": _lazy("All clocks stand still until the order is resumed."),
    "resume": _lazy("The clocks run on with the time they had left."),
    "co_dispatch": _lazy("A second unit gets a task and a clock of its own."),
    "whistle": _lazy("The units have to come to the spot within the time of the whistle."),
    "escalate": _lazy("It is reported anew at the next level up, with what was tried."),
    "feedback": _lazy("Somebody else checks on the spot whether it is done."),
    "pass_check": _lazy("The reporter is asked next."),
    "fail_check": _lazy("It goes back for rework with half the time."),
    "close": _lazy("It is closed without an answer of the reporter."),
    "reopen": _lazy("It goes back to whoever handled it, with half the time."),
    "urge": _lazy("Whoever has to act is told at once."),
    "supervise": _lazy("The unit gets a card and has to answer."),
    "lift_supervision": _lazy("The card is taken off; the record of it stays."),
    "decide": _lazy("The decision is binding: the unit cannot return it."),
    "void": _lazy("Your report is taken back."),
}
_DONE = {
    "accept": _lazy("%(number)s was accepted and waits for dispatch."),
    "decline": _lazy("%(number)s was declined; the reporter is told."),
    "dispatch": _lazy("%(number)s was dispatched to %(lead)s."),
    "decide": _lazy("%(number)s was given to %(lead)s by a binding decision."),
    "sign": _lazy("You have signed for %(number)s."),
    "return": _lazy("%(number)s went back to the dispatcher."),
    "feedback": _lazy("%(number)s was fed back and waits for its check."),
    "pass_check": _lazy("%(number)s passed the check."),
    "fail_check": _lazy("%(number)s goes back for rework."),
    "urge": _lazy("%(number)s was urged."),
    "comment": _lazy("Your comment was added."),
    "ask": _lazy("The reporter of %(number)s was asked; the clock stands still."),
    "request_extension": _lazy("More time was asked for on %(number)s."),
    "suspend": _lazy("%(number)s was put into the problem store."),
    "resume": _lazy("%(number)s is being handled again."),
    "co_dispatch": _lazy("A co-handler was called in on %(number)s."),
    "whistle": _lazy("The units were called to the spot of %(number)s."),
    "arrive": _lazy("You have signed in on the spot of %(number)s."),
    "rate_unit": _lazy("Your rating was noted."),
    "escalate": _lazy("%(number)s was reported to the next level."),
    "supervise": _lazy("%(number)s carries a card; the unit has to answer."),
}


def of_input(move: str, name: str) -> tuple[str, str]:
    """Label and help of one input of a move."""
    return _INPUTS.get((move, name)) or _INPUTS.get(name) or (name, "")


def usual(name: str) -> str:
    """Label of the usual words that stand before a text of one's own."""
    return _("Reason") if name == "reason" else _("Message")


def yes_no(name: str) -> tuple[str, str]:
    """The two answers of a yes-or-no input in words."""
    return _YES_NO.get(name, (_("Yes"), _("No")))


def effect(move: str) -> str:
    """What the step does, in a sentence; empty where its name says it all."""
    return str(_EFFECTS.get(move, ""))


def done(move: str, order: WorkOrder) -> str:
    """What has just happened, in a sentence."""
    lead = order.lead.name if order.lead_id else (order.officer.name if order.officer_id else "")
    pattern = _DONE.get(move)
    if pattern is None:
        return _("%(step)s: %(number)s – done.") % {"step": workflow.BY_NAME[move].label, "number": order.number}
    return str(pattern) % {"number": order.number, "lead": lead}


def moment(at: datetime) -> str:
    """A moment as text on the local clock."""
    return words.when(at)


def limit_words(limit: Limit) -> str:
    """A time limit in words."""
    return _limit_words(limit)
