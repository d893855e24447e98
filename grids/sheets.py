"""The tables of areas and of grids people bring: the rules are those of the files of the command line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import pgettext_lazy

from core.sheets import Column, Fault, Made, Outcome, Scope, Table, Verdict, uses

from . import tree
from .directory import changed
from .events import Kind as Happened
from .events import record
from .imports import areas
from .imports.areas import Reader, Wanted
from .imports.report import Problem, Report
from .levels import Kind, Level
from .models import Area


@dataclass
class _Plan:
    """What the rows of a table come to."""

    good: dict[str, Wanted]
    stored: dict[str, Area]
    verdicts: list[Verdict]


@dataclass(frozen=True)
class TreeSheet:
    """Areas or grids. reader: what a row says; codes that exist are changed, others are new."""

    name: str
    label: Any
    about: Any
    columns: Sequence[Column]
    reader: Reader
    batch: int = 5_000

    def judge(self, table: Table, scope: Scope) -> list[Verdict]:
        """New, changed, unchanged or refused, parents before what lies in them."""
        return self._plan(table, scope).verdicts

    def write(self, table: Table, scope: Scope) -> list[Verdict]:
        """Store what is good under the tree lock, with one event for all of it."""
        tree.lock(patiently=True)
        plan, report = self._plan(table, scope), Report()
        for verdict in plan.verdicts:
            if verdict.outcome == Outcome.CHANGED:
                area, values = plan.stored[verdict.key], plan.good[verdict.key].values
                verdict.made = {
                    "area": area.pk,
                    "before": {field: getattr(area, field) for field in values},
                    "after": values,
                }
        areas.write(plan.good, plan.stored, None, report)
        areas.written_down(self.name, report, by=scope.by)
        new = [verdict for verdict in plan.verdicts if verdict.outcome == Outcome.NEW]
        ids = dict(Area.objects.filter(code__in=[one.key for one in new]).order_by().values_list("code", "pk"))
        for verdict in new:
            verdict.made = {"area": ids[verdict.key]}
        return plan.verdicts

    def _plan(self, table: Table, scope: Scope) -> _Plan:
        report, stored = Report(), areas.everything()
        wanted, lines = areas.said(_whole(table, self.columns), table.present, self.reader, report)
        areas.judge(wanted, lines, stored, None, report)
        bad = {problem.line for problem in report.problems}
        good: dict[str, Wanted] = {}
        paths = _Paths(stored)
        for one in sorted(wanted.values(), key=lambda one: (areas.TOP_DOWN.index(one.level), one.line)):
            problem = None if one.line in bad else self._misplaced(one, good, stored, lines, paths, scope)
            if problem is not None:
                report.problems.append(problem)
            elif one.line not in bad:
                good[one.code] = one
                paths.add(one.code, one.parent_code)
        return _Plan(good, stored, self._verdicts(table, good, stored, report))

    def _misplaced(self, one: Wanted, good: dict, stored: dict, lines: dict, paths: "_Paths", scope: Scope):
        """What is wrong with the place of a row that is good by itself: its parent stays out, or it lies elsewhere."""
        parent = one.parent_code
        if one.code not in stored and parent and parent not in stored and parent not in good:
            reason = _("What it lies in, line %(line)d, is refused.") % {"line": lines.get(parent, 0)}
            return Problem(one.line, "parent_code", "parent_refused", reason)
        if not scope.reaches(paths.of(one.code if one.code in stored else parent)):
            reason = _("This lies outside the area you administer.")
            return Problem(one.line, "code" if one.code in stored else "parent_code", "out_of_reach", reason)
        return None

    def _verdicts(self, table: Table, good: dict[str, Wanted], stored: dict, report: Report) -> list[Verdict]:
        faults: dict[int, list[Fault]] = {}
        for problem in sorted(report.problems):
            faults.setdefault(problem.line, []).append(Fault(problem.column, problem.reason))
        found = []
        for one in good.values():
            area = stored.get(one.code)
            if area is None:
                outcome = Outcome.NEW
            else:
                same = all(getattr(area, field) == value for field, value in one.values.items())
                outcome = Outcome.UNCHANGED if same else Outcome.CHANGED
            found.append(Verdict(one.line, outcome, one.code))
        known = {one.line for one in good.values()}
        for row in table.rows:
            if row.line in faults:
                code = row.cells.get("code", "")[:17]
                found.append(Verdict(row.line, Outcome.REFUSED, code, tuple(faults[row.line])))
            elif row.line not in known:  # a province, which is read and left out
                found.append(Verdict(row.line, Outcome.UNCHANGED, row.cells.get("code", "")[:17]))
        return found

    # -- taking back

    def in_the_way(self, rows: Sequence[Made], scope: Scope) -> list[Fault]:
        """Areas that something refers to by now, and values that somebody changed since."""
        tree.lock(patiently=True)
        new = {one.made["area"]: one for one in rows if one.outcome == Outcome.NEW}
        found = []
        inside = ("grids.Area", "parent")
        for pk, words in uses(Area, new, besides=(inside,)).items():
            found.append(Fault(new[pk].key, _("is used by now: %(what)s") % {"what": _(", ").join(words)}))
        later = Area.objects.filter(parent__in=list(new)).exclude(pk__in=list(new)).order_by("code")
        for child in later.select_related("parent"):
            found.append(Fault(child.parent.code, _("%(name)s was put into it since") % {"name": child.name}))
        changed_rows = {one.made["area"]: one for one in rows if one.outcome == Outcome.CHANGED}
        stored = Area.objects.in_bulk([*changed_rows, *new])
        for pk, one in changed_rows.items():
            area = stored.get(pk)
            if area is None or any(getattr(area, field) != value for field, value in one.made["after"].items()):
                found.append(Fault(one.key, _("was changed again since")))
        return found

    def take_back(self, rows: Sequence[Made], scope: Scope) -> None:
        """New areas go as if they had never been, changed ones get their values back; the undoing is an event."""
        new = [one for one in rows if one.outcome == Outcome.NEW]
        restored = {one.made["area"]: one.made["before"] for one in rows if one.outcome == Outcome.CHANGED}
        different, fields = [], set()
        for area in Area.objects.filter(pk__in=list(restored)):
            for field, value in restored[area.pk].items():
                setattr(area, field, value)
                fields.add(field)
            different.append(area)
        if different:
            Area.objects.bulk_update(different, sorted(fields), batch_size=1000)
        if new:
            tree.prune([one.made["area"] for one in new])
        record(
            Happened.IMPORT_UNDONE, None, by=scope.by, what=self.name, removed=[one.key for one in new],
            restored=len(restored),
        )  # fmt: skip
        changed()

    def finish(self, scope: Scope) -> None:
        """Nothing follows."""


class _Paths:
    """The ids above an area, also above one that is not stored yet."""

    def __init__(self, stored: dict[str, Area]):
        self._ids: dict[str, tuple[int, ...]] = {}
        self._stored, self._by_id = stored, {area.pk: area for area in stored.values()}

    def of(self, code: str | None) -> tuple[int, ...]:
        """The path of a code, empty for none."""
        if not code:
            return ()
        if code not in self._ids:
            area = self._stored.get(code)
            parent = self._by_id.get(area.parent_id) if area is not None and area.parent_id else None
            above = self.of(parent.code) if parent is not None else ()
            self._ids[code] = (*above, area.pk) if area is not None else ()
        return self._ids[code]

    def add(self, code: str, parent: str | None) -> None:
        """A new area lies where its parent lies."""
        if code not in self._stored:
            self._ids[code] = self.of(parent)


def _whole(table: Table, columns: Iterable[Column]) -> list:
    """Rows with every needed column, as the readers of the files get them."""
    needed = [column.name for column in columns if column.required or column.name == "parent_code"]
    for row in table.rows:
        for name in needed:
            row.cells.setdefault(name, "")
    return table.rows


_CODE = Column(
    "code", _lazy("Code"), _lazy("12 digits of the division list; a grid 15, a micro-grid 17. Keep it as text."), True,
    example="620105006001001",
)  # fmt: skip
_NAME = Column(
    "name", pgettext_lazy("of an area", "Name"), _lazy("What people call it, at most 80 characters."), True,
    example="农大一网格",
)  # fmt: skip
_WHOLE = _lazy("A whole number; empty when it is not known.")


def _levels():
    return [(level.value, level.label) for level in Level if level not in (Level.GRID, Level.MICRO)]


AREAS = TreeSheet(
    name="areas",
    label=pgettext_lazy("import", "Areas"),
    about=_lazy("Cities, districts, streets and communities. A code that exists gets the name in the file."),
    columns=(
        _CODE,
        _NAME,
        Column(
            "level",
            _lazy("Level"),
            _lazy("City, district, street or community."),
            True,
            _levels,
            "社区",
            also=("county", "province"),
        ),
        Column("parent_code", _lazy("Code above"), _lazy("The code of the area it lies in; empty for a city."), True),
    ),
    reader=areas.area_of,
)
GRIDS = TreeSheet(
    name="grids",
    label=pgettext_lazy("import", "Grids"),
    about=_lazy("Grids and micro-grids. Of a code that exists everything but its place follows the file."),
    columns=(
        _CODE,
        _NAME,
        Column("kind", _lazy("Kind"), _lazy("Urban, rural, dedicated; a micro-grid is micro."), True,
               lambda: Kind.choices, "城市社区网格"),
        Column("parent_code", _lazy("Code above"), _lazy("The community's code; a micro-grid's is that of its grid."),
               True, example="620105006001"),
        Column("households", pgettext_lazy("column", "Households"), _WHOLE),
        Column("population", pgettext_lazy("column", "Population"), _WHOLE),
        Column("phone", _lazy("Phone of the post"), _lazy("The grid's public number, no private one."),
               example="0931-7632011"),
    ),
    reader=areas.grid_of,
)  # fmt: skip
