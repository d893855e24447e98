"""A list of orders to take along, as Excel or CSV: row by row while it is sent, reporters masked, never a formula.

The rows come through the reader's reach, a page at a time along an index, however long the list is.
"""

import datetime as dt
from collections.abc import Iterable, Iterator

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core import wording
from core.papers import excel
from core.papers.excel import MOMENT, TEXT, WHOLE, Head, Sheet
from grids.directory import directory
from personnel.jurisdiction import Standing, units_directory
from workorders import catalogue, reading
from workorders.vocabulary import Card, Source, Status, Urgency

EXCEL, CSV = "xlsx", "csv"
PAGE = 2_000
# More than a workbook can be worked with; the last line says so where a list is longer.
MOST = 200_000


def heads() -> list[Head]:
    """The columns."""
    return [
        Head(pgettext("order", "Number"), 18),
        Head(_("Status"), 10),
        Head(_("Urgency"), 8),
        Head(_("Category"), 18),
        Head(_("Title"), 40),
        Head(_("Street"), 14),
        Head(_("Community"), 14),
        Head(_("Grid"), 16),
        Head(_("Address"), 26),
        Head(_("Source"), 10),
        Head(_("Reporter"), 12),
        Head(_("Phone"), 14),
        Head(_("Lead unit"), 22),
        Head(_("Reported at"), 17, MOMENT),
        Head(_("Dispatched at"), 17, MOMENT),
        Head(_("Answered at"), 17, MOMENT),
        Head(_("Closed at"), 17, MOMENT),
        Head(_("Due"), 17, MOMENT),
        Head(_("Card"), 8),
        Head(_("Times returned"), 8, WHOLE),
        Head(_("Times reworked"), 8, WHOLE),
        Head(_("Satisfaction"), 8, WHOLE),
        Head(_("Result"), 8, TEXT),
    ]


def pieces(
    kind: str, orders: QuerySet, standing: Standing, *, ordering: str, name: str, by: str, at: dt.datetime
) -> Iterator[bytes]:
    """The file piece by piece. orders: filtered, not yet restricted to the reader; name: of the list."""
    taken = {"list": name, "name": by, "moment": wording.moment(at)}
    above = (
        _("%(list)s. Taken out by %(name)s, %(moment)s.") % taken,
        _("Names and phones of reporters are masked. Do not pass it on."),
    )
    sheet = Sheet(name, heads(), rows(orders, standing, ordering=ordering), above=above)
    return excel.stream([sheet]) if kind == EXCEL else excel.csv(sheet)


def rows(orders: QuerySet, standing: Standing, *, ordering: str, most: int | None = None) -> Iterator[list]:
    """One row for each order the reader sees, in the order of the list."""
    table, most = words(), most or MOST
    names = [name.lstrip("-") for name in reading.ORDERINGS[ordering]]
    after, count = None, 0
    while True:
        page = reading.fetch_page(orders, standing, ordering=ordering, size=PAGE, after=after)
        for row in page.rows:
            yield table.row(row)
            count += 1
            if count == most and (page.has_more or row is not page.rows[-1]):
                yield _cut(most)
                return
        if not page.has_more or not page.rows:
            return
        after = tuple(page.rows[-1][name] for name in names)


def words() -> "_Words":
    """What turns an order into a row of `heads`, for one file."""
    return _Words()


def _cut(most: int) -> list:
    said = _("Only the first %(most)d orders. Narrow the list to get the others.") % {"most": most}
    return [said, *[None] * (len(heads()) - 1)]


class _Words:
    """What stored words are called, looked up once for a file and not once for a row."""

    def __init__(self) -> None:
        def labels(choices: Iterable) -> dict[str, str]:
            return {str(one.value): str(one.label) for one in choices}

        self.status, self.urgency = labels(Status), labels(Urgency)
        self.source, self.card = labels(Source), labels(Card)
        self.category = {one.pk: one.label for one in catalogue.categories()}
        self.unit = {pk: one.name for pk, one in units_directory().by_id.items()}
        self.places: dict[int, tuple[str, str, str]] = {}
        self.resolved = {True: _("Solved"), False: _("Not solved"), None: None}

    def row(self, row: dict) -> list:
        """One order in the order of `heads`."""
        if row["area_id"] not in self.places:
            named = {place.level: place.name for place in directory().path(row["area_id"])}
            grid = directory().by_id[row["area_id"]].name
            self.places[row["area_id"]] = (named.get("street", ""), named.get("community", ""), grid)
        return [
            row["number"],
            self.status[row["status"]],
            self.urgency[row["urgency"]],
            self.category.get(row["category_id"]),
            row["title"],
            *self.places[row["area_id"]],
            row["address"],
            self.source[row["source"]],
            row["reporter_name_masked"],
            row["reporter_phone_masked"],
            self.unit.get(row["lead_id"]),
            row["reported_at"],
            row["dispatched_at"],
            row["fed_back_at"],
            row["closed_at"],
            row["due_at"],
            self.card.get(row["card"]),
            row["returns"],
            row["reworks"],
            row["satisfaction"],
            self.resolved[row["resolved"]],
        ]
