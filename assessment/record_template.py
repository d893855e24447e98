"""The template people fill in to import records: its columns, explained, and as a workbook."""

import io
from typing import Any

from django.utils.translation import gettext as _

from assessment.commands.recording import HEADS, REQUIRED
from assessment.vocabulary import CareLevel, RecordKind

WIDTH = 26


def columns() -> list[tuple[str, bool, str]]:
    """(head, whether it is needed, what stands in it) of every column, in the order of the template."""
    kinds, levels = _words(RecordKind), _words(CareLevel)
    words: dict[str, Any] = {
        "kind": _("What kind of record: %(kinds)s.") % {"kinds": kinds},
        "area": _("The code of the grid, 15 digits. Keep it as text."),
        "on": _("The day it was due, as 2026-11-21. It counts in the month of this day."),
        "done": _("yes or no: passed, visited, settled, correct, attended. A missed discovery is no."),
        "done_on": _("The day it was done, as 2026-11-21."),
        "level": _("Of a visit: %(levels)s.") % {"levels": levels},
        "officer": _("The account of the officer, where it is known."),
        "order": _("The number of the order; a missed discovery needs it."),
        "key": _("What it is about: a name or number that tells it from others of that day. The same line again "
                 "changes nothing."),
        "note": _("Anything else, at most 200 characters."),
    }  # fmt: skip
    return [(head, head in REQUIRED, str(words[head])) for head in HEADS]


def _words(choices: Any) -> str:
    """Stored words with their labels; both are understood."""
    return "; ".join(_("%(word)s or %(label)s") % {"word": one.value, "label": one.label} for one in choices)


def workbook() -> bytes:
    """The template as .xlsx: heads, a line that explains them (the import passes it over), room for records."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    sheet.title = _("Records")
    for place, (head, needed, words) in enumerate(columns(), 1):
        first, second = sheet.cell(1, place, head), sheet.cell(2, place, f"# {words}")
        first.font = Font(bold=needed)
        second.alignment = Alignment(wrap_text=True, vertical="top")
        second.font = Font(italic=True, color="666666")
        sheet.column_dimensions[get_column_letter(place)].width = WIDTH
    for place in (2, 3, 5, 8, 9):
        for line in range(3, 503):
            # Codes and days stay what was typed: no 6.2E+14, no 45983.
            sheet.cell(line, place).number_format = "@"
    sheet.freeze_panes = "A3"
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
