"""Every change to the assessment is one of these commands."""

from assessment.commands.adjusting import confirm, enter, withdraw
from assessment.commands.appealing import appeal, ask_again, rule
from assessment.commands.recording import import_records, note
from assessment.commands.running import cancel, carry_out, publish, restart, start, take_up_again
from assessment.commands.scheming import approve, draft, simulate

__all__ = [
    "appeal",
    "approve",
    "ask_again",
    "cancel",
    "carry_out",
    "confirm",
    "draft",
    "enter",
    "import_records",
    "note",
    "publish",
    "restart",
    "rule",
    "simulate",
    "start",
    "take_up_again",
    "withdraw",
]
