"""Tables people bring: what a kind of row declares of itself, reading, the template, the copy with red cells.

App-neutral: which rows there are and what they mean is said by the app that owns them (`Sheet`).
"""

from .declaring import Column, Fault, Made, Outcome, Row, Scope, Sheet, Table, Unreadable, Verdict
from .marking import mark
from .reading import MOST_BYTES, MOST_ROWS, is_formula, is_workbook, read, unknown_word
from .template import template
from .uses import uses

__all__ = (
    "MOST_BYTES", "MOST_ROWS", "Column", "Fault", "Made", "Outcome", "Row", "Scope", "Sheet", "Table", "Unreadable",
    "Verdict", "is_formula", "is_workbook", "mark", "read", "template", "unknown_word", "uses",
)  # fmt: skip
