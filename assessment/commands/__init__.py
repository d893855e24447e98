"""Every change to the assessment is one of these commands."""

from assessment.commands.adjusting import confirm, enter, withdraw
from assessment.commands.appealing import appeal, ask_again, askable_again, contestable, decidable, rule
from assessment.commands.following import follow_up
from assessment.commands.recording import ask_void, correct, decide_void, import_records, note
from assessment.commands.running import cancel, carry_out, publish, restart, start, take_up_again
from assessment.commands.scheming import amend, approve, draft, simulate
from assessment.commands.spanning import review_year, roll_up

__all__ = [
    "amend",
    "appeal",
    "approve",
    "ask_again",
    "ask_void",
    "askable_again",
    "cancel",
    "carry_out",
    "confirm",
    "correct",
    "contestable",
    "decidable",
    "decide_void",
    "draft",
    "enter",
    "follow_up",
    "import_records",
    "note",
    "publish",
    "restart",
    "review_year",
    "roll_up",
    "rule",
    "simulate",
    "start",
    "take_up_again",
    "withdraw",
]
