"""The table of orders from before: the template's columns are our fields, the rules those of the command line."""

import re
from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import pgettext_lazy

from core.sheets import Column, Fault, Made, Outcome, Scope, Table, Verdict
from workorders import catalogue, figures
from workorders.history import undoing
from workorders.history.mapping import MOMENTS, Mapping
from workorders.history.rows import Judge, Record
from workorders.history.writing import World, bring, known_of
from workorders.models import WorkOrder
from workorders.vocabulary import Source, Status, Urgency

_MOMENT = _lazy("As 2026-11-21 09:30, or the day alone.")
_DATE = re.compile(r"(\d{4})[/.年](\d{1,2})[/.月](\d{1,2})日?")
_HOUR = re.compile(r"[ T](\d):")


def _statuses():
    return [(one.value, one.label) for one in Status if one != Status.VERIFYING]


def _categories():
    return [(one.code, one.label) for one in catalogue.categories() if one.is_minor]


def _yes_or_no():
    return (("true", _lazy("Yes")), ("false", _lazy("No")))


class OrdersSheet:
    """Orders of old systems. The number of the old system tells which of them are there already."""

    name = "orders"
    label = _lazy("Orders from before")
    about = _lazy("Orders of an old system or hotline, with their own times. They start no clock and nobody is told.")
    batch = 1_000
    columns = (
        Column("external_id", _lazy("Number there"), _lazy("The number in the old system, once for each source."), True,
               example="A-2025-0001"),
        Column("reported_at", _lazy("Reported at"), _MOMENT, True, example="2025-11-21 09:30"),
        Column("description", pgettext_lazy("column", "Description"), _lazy("At most 4 000 characters."), True, size=40,
               example="小区门口井盖破损"),
        Column("title", _lazy("Title"), _lazy("At most 120 characters; made from the text when it is empty."), size=30),
        Column("category", _lazy("Category"), _lazy("The code or the name; needed from “Filed” on."),
               choices=_categories),
        Column("area", _lazy("Code of the grid"), _lazy("A grid, or a community where the grid is not known; else the "
               "point decides."), example="620105006001001"),
        Column("lon", _lazy("Longitude"), _lazy("WGS-84, as 103.7052.")),
        Column("lat", _lazy("Latitude"), _lazy("WGS-84, as 36.1055.")),
        Column("address", _lazy("Address"), _lazy("At most 200 characters."), size=30),
        Column("source", _lazy("Source"), _lazy("“Other” when it is empty."), choices=lambda: Source.choices),
        Column("urgency", _lazy("Urgency"), _lazy("That of the category when it is empty."),
               choices=lambda: Urgency.choices),
        Column("status", _lazy("Status"), _lazy("When it is empty, the furthest moment decides."), choices=_statuses),
        Column("lead", _lazy("Code of the unit"), _lazy("Who handled it, such as 620105-UM."), example="620105-UM"),
        Column("accepted_at", _lazy("Accepted at"), _MOMENT),
        Column("dispatched_at", _lazy("Dispatched at"), _MOMENT),
        Column("due_at", _lazy("Due"), _MOMENT),
        Column("fed_back_at", _lazy("Answered at"), _MOMENT),
        Column("closed_at", _lazy("Closed at"), _MOMENT),
        Column("satisfaction", _lazy("Satisfaction"), _lazy("1 to 5.")),
        Column("resolved", _lazy("Solved"), _lazy("Yes or no."), choices=_yes_or_no,
               also=("1", "0", "y", "n", "yes", "no")),
    )  # fmt: skip

    def judge(self, table: Table, scope: Scope) -> list[Verdict]:
        """New, there already, or refused."""
        return [verdict for verdict, _record in self._judged(table, scope)]

    def write(self, table: Table, scope: Scope) -> list[Verdict]:
        """Bring over what is new."""
        judged = self._judged(table, scope)
        new = [(verdict, record) for verdict, record in judged if verdict.outcome == Outcome.NEW]
        if new:
            ids = bring([record for _verdict, record in new], World(scope.at), now=scope.at)
            versions = dict(WorkOrder.objects.filter(pk__in=ids).order_by().values_list("pk", "version"))
            for (verdict, _record), pk in zip(new, ids, strict=True):
                verdict.made = {"order": pk, "version": versions[pk]}
        return [verdict for verdict, _record in judged]

    def finish(self, scope: Scope) -> None:
        """Boards show them before anybody looks."""
        figures.count_everything(scope.at)

    def _judged(self, table: Table, scope: Scope) -> list[tuple[Verdict, Record | None]]:
        judge = Judge(Mapping(columns={column.name: column.name for column in self.columns}), now=scope.at)
        found: list[tuple[Verdict, Record | None]] = []
        seen: dict[tuple[str, str], int] = {}
        for row in table.rows:
            cells = {name: _moment(text) if name in MOMENTS else text for name, text in row.cells.items()}
            record, wrong = judge.read(row.line, cells)
            faults = [Fault(one.column, one.reason) for one in wrong]
            if record is not None:
                faults = self._misplaced(record, seen, scope)
            key = row.cells.get("external_id", "")[:60]
            outcome = Outcome.REFUSED if faults else Outcome.NEW
            found.append((Verdict(row.line, outcome, key, tuple(faults)), None if faults else record))
        known = known_of([record for _verdict, record in found if record is not None])
        for verdict, record in found:
            if record is not None and (record.source, record.external_id) in known:
                verdict.outcome = Outcome.UNCHANGED
        return found

    def _misplaced(self, record: Record, seen: dict[tuple[str, str], int], scope: Scope) -> list[Fault]:
        number = (record.source, record.external_id)
        if number in seen:
            words = _("The number %(id)s stands already in line %(line)d.")
            return [Fault("external_id", words % {"id": record.external_id, "line": seen[number]})]
        if not scope.reaches(record.place.path):
            return [Fault("area", _("This lies outside the area you administer."))]
        seen[number] = record.line
        return []

    def in_the_way(self, rows: Sequence[Made], scope: Scope) -> list[Fault]:
        """Orders on which anything happened since."""
        return undoing.in_the_way({one.made["order"]: one.made["version"] for one in rows})

    def take_back(self, rows: Sequence[Made], scope: Scope) -> None:
        """They are void; nothing of their history is deleted."""
        undoing.take_back([one.made["order"] for one in rows], by=scope.by, at=scope.at)


def _moment(text: str) -> str:
    """A moment as people write it, in the way it is read: 2025/3/2 9:30 → 2025-03-02 09:30."""
    text = _DATE.sub(lambda found: f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}", text)
    return _HOUR.sub(r" 0\1:", text)


ORDERS = OrdersSheet()
