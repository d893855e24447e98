"""The workbook people fill in: the heads, a sheet that explains them, lists to choose from, codes kept as text."""

import io

from django.utils.translation import gettext as _

from .declaring import Sheet

_ROOM = 2_000


def template(sheet: Sheet) -> bytes:
    """An .xlsx whose first sheet is empty but for its heads, in the present language."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    main, told, lists = book.active, book.create_sheet(_("Explanation")), None
    main.title = str(sheet.label)
    bold, wrap = Font(bold=True), Alignment(wrap_text=True, vertical="top")
    ground = PatternFill("solid", fgColor="FFEEEEEE")
    for at, column in enumerate(sheet.columns, 1):
        letter = get_column_letter(at)
        head = main.cell(1, at, f"{column.label}{' *' if column.required else ''}")
        head.font, head.fill = bold, ground
        main.column_dimensions[letter].width = column.size
        # The whole column is text: a code of 15 digits stays one, a day stays what was typed.
        main.column_dimensions[letter].number_format = "@"
        if column.choices:
            labels = [str(label) for _word, label in column.choices()]
            lists = lists or book.create_sheet(_("Lists"))
            place = get_column_letter(at)
            lists.cell(1, at, str(column.label)).font = bold
            for line, label in enumerate(labels, 2):
                lists.cell(line, at, label)
            lists.column_dimensions[place].width = column.size
            name = lists.title.replace("'", "''")
            choice = DataValidation("list", f"'{name}'!${place}$2:${place}${len(labels) + 1}", allow_blank=True)
            choice.showErrorMessage = False
            main.add_data_validation(choice)
            choice.add(f"{letter}2:{letter}{_ROOM}")
    main.freeze_panes = "A2"
    heads = (_("Column"), _("Needed"), _("What stands in it"), _("Example"))
    for at, (words, width) in enumerate(zip(heads, (18, 8, 70, 26), strict=True), 1):
        cell = told.cell(1, at, words)
        cell.font, cell.fill = bold, ground
        told.column_dimensions[get_column_letter(at)].width = width
    for line, column in enumerate(sheet.columns, 2):
        needed = _("Yes") if column.required else _("No")
        for at, words in enumerate((str(column.label), needed, str(column.help), column.example), 1):
            cell = told.cell(line, at, words)
            cell.alignment, cell.number_format = wrap, "@"
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
