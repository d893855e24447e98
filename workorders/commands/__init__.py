"""Every change to an order is one of these commands; `perform` is how the doors reach them by name."""

from workorders.commands.accepting import accept, decline, merge, verified, verify
from workorders.commands.asking import answer, answer_publicly, ask, give_up_waiting
from workorders.commands.attaching import attach
from workorders.commands.dispatching import co_dispatch, decide, dispatch, follow
from workorders.commands.doing import perform
from workorders.commands.escalating import arrive, comment, escalate, rate_unit, whistle
from workorders.commands.extending import decide_extension, request_extension, resume, suspend
from workorders.commands.handling import co_feedback, feedback, pass_on, return_order, self_handle, sign
from workorders.commands.public import rate, remark, report_publicly
from workorders.commands.reporting import report, void
from workorders.commands.reviewing import close, fail_check, pass_check, reopen, revisit
from workorders.commands.supervising import lift_supervision, supervise, urge
from workorders.commands.timing import fire

__all__ = [
    "accept",
    "answer",
    "answer_publicly",
    "arrive",
    "ask",
    "attach",
    "close",
    "co_dispatch",
    "co_feedback",
    "comment",
    "decide",
    "decide_extension",
    "decline",
    "dispatch",
    "escalate",
    "fail_check",
    "feedback",
    "fire",
    "follow",
    "give_up_waiting",
    "lift_supervision",
    "merge",
    "pass_check",
    "pass_on",
    "perform",
    "rate",
    "rate_unit",
    "remark",
    "reopen",
    "report",
    "report_publicly",
    "request_extension",
    "resume",
    "return_order",
    "revisit",
    "self_handle",
    "sign",
    "supervise",
    "suspend",
    "urge",
    "verified",
    "verify",
    "void",
    "whistle",
]
