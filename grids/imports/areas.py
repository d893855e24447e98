"""Files of areas and of grids: the whole file is judged first, then all of it is written or nothing."""

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext as _

from core import wording
from core.errors import Invalid
from core.transactions import unit_of_work

from .. import codes, rules, tree
from ..directory import changed
from ..events import Kind as Happened
from ..events import record
from ..levels import Level, household_norm_broken
from ..models import LONG_AGO, Area
from .report import Problem, Report, Unreadable
from .table import Row, read

AREA_HEADS = ("code", "name", "level", "parent_code")
GRID_HEADS = ("code", "name", "kind", "parent_code")
GRID_OPTIONAL_HEADS = ("households", "population", "phone")

# words of area files -> our levels; the national division list says county
LEVEL_WORDS = {
    "city": Level.CITY,
    "county": Level.DISTRICT,
    "district": Level.DISTRICT,
    "street": Level.STREET,
    "community": Level.COMMUNITY,
}
PROVINCE = "province"
TOP_DOWN = list(Level)

# What a spreadsheet makes of a long number, and what it has then lost.
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?[eE]\+?[0-9]{1,2}")


@dataclass(slots=True)
class Wanted:
    """One row as it is to stand in the tree.

    `level` is that of the code, `said` that of the row; `values` are its fields beyond code and parent.
    """

    line: int
    code: str
    level: Level
    said: Level
    parent_code: str | None
    values: dict[str, Any]


# What a row says, once its code is good; other problems are noted on the way and do not hide what follows.
Reader = Callable[[Row, Collection[str], Report], Wanted | None]


def import_areas(file: Path | str, *, starts: dt.date | None = None, by: AbstractBaseUser | None = None) -> Report:
    """Read cities, districts, streets and communities from `code,name,level,parent_code`.

    New areas are valid from `starts`, without it as long as their parents. A province row is left out. A code that
    exists may get another name, nothing else.
    """
    return _import(Path(file), "areas", AREA_HEADS, (), area_of, starts, by)


def import_grids(file: Path | str, *, starts: dt.date | None = None, by: AbstractBaseUser | None = None) -> Report:
    """Read grids and micro-grids from `code,name,kind,parent_code,households,population,phone`.

    New grids are valid from `starts`, without it as long as their communities. Of a code that exists all but level and
    parent follow the file; a column that is not in the file leaves its field alone.
    """
    return _import(Path(file), "grids", GRID_HEADS, GRID_OPTIONAL_HEADS, grid_of, starts, by)


def _import(
    path: Path,
    what: str,
    heads: tuple[str, ...],
    optional: tuple[str, ...],
    reader: Reader,
    starts: dt.date | None,
    by: AbstractBaseUser | None,
) -> Report:
    report = Report()
    try:
        rows, present = read(path, heads=heads, optional=optional)
    except Unreadable as unreadable:
        report.problems.append(unreadable.problem)
        return report
    wanted, lines = said(rows, present, reader, report)
    with unit_of_work():
        tree.lock(patiently=True)
        stored = everything()
        judge(wanted, lines, stored, starts, report)
        if not report.is_refused:
            write(wanted, stored, starts, report)
            written_down(what, report, by=by)
    return report


def said(
    rows: Iterable[Row], present: Collection[str], reader: Reader, report: Report
) -> tuple[dict[str, Wanted], dict[str, int]]:
    """What the rows say, and {code: line} of all of them. What is wrong with a row by itself goes to the report."""
    wanted: dict[str, Wanted] = {}
    lines: dict[str, int] = {}
    for row in rows:
        code = row.cells["code"]
        if code and code in lines:
            reason = _("The code %(code)s stands already in line %(line)d.") % {"code": code, "line": lines[code]}
            report.problems.append(Problem(row.line, "code", "code_twice", reason))
            continue
        lines[code] = row.line
        one = reader(row, present, report)
        if one is not None:
            wanted[code] = one
    return wanted, lines


def everything() -> dict[str, Area]:
    """All stored areas by their codes, each with its parent."""
    return {area.code: area for area in Area.objects.select_related("parent").order_by()}


def written_down(what: str, report: Report, *, by: AbstractBaseUser | None) -> None:
    """One event for what a file wrote, and word to those who keep the areas in memory."""
    if report.created or report.updated:
        record(Happened.IMPORTED, None, by=by, what=what, created=report.created, updated=report.updated)
        changed()


def _tried(report: Report, line: int, column: str, rule: Callable[..., Any], *given: Any) -> Any:
    """What the rule makes of the value, or None with a problem noted."""
    try:
        return rule(*given)
    except Invalid as refusal:
        report.add(line, column, refusal)
        return None


def _level_of(code: str) -> Level:
    if _SCIENTIFIC.fullmatch(code):
        raise rules.refuse(
            "code",
            "code_as_number",
            _("“%(code)s” is what a spreadsheet made of a code. Format the column as text and enter the digits again.")
            % {"code": code},
        )
    if not code:
        raise rules.refuse("code", "code_empty", _("The code is empty."))
    return codes.level_of(code)


def area_of(row: Row, present: Collection[str], report: Report) -> Wanted | None:
    """What a row of an area file says; None when it cannot be used or is a province."""
    code, word, line = row.cells["code"], row.cells["level"].lower(), row.line
    if codes.is_province(code) and word == PROVINCE:
        report.left_out += 1
        return None
    level = _tried(report, line, "code", _level_of, code)
    name = _tried(report, line, "name", rules.name, row.cells["name"])
    if level is not None and level in (Level.GRID, Level.MICRO):
        report.add(line, "code", rules.refuse("code", "grid_in_area_file", _("Grids have a file of their own.")))
        level = None
    elif word not in LEVEL_WORDS:
        reason = _("The level “%(level)s” is none of %(levels)s.") % {"level": word, "levels": ", ".join(LEVEL_WORDS)}
        report.problems.append(Problem(line, "level", "level_unknown", reason))
    if level is None or word not in LEVEL_WORDS:
        return None
    parent_code = row.cells["parent_code"] or None
    if level is Level.CITY and parent_code is not None and codes.is_province(parent_code):
        parent_code = None
    return Wanted(line, code, level, LEVEL_WORDS[word], parent_code, {"name": name})


def grid_of(row: Row, present: Collection[str], report: Report) -> Wanted | None:
    """What a row of a grid file says; None when its code cannot be used."""
    code, line = row.cells["code"], row.line
    level = _tried(report, line, "code", _level_of, code)
    values: dict[str, Any] = {"name": _tried(report, line, "name", rules.name, row.cells["name"])}
    if level is not None and level not in (Level.GRID, Level.MICRO):
        reason = _("A grid has 15 digits, a micro-grid 17; %(code)s is the code of a %(level)s.")
        message = reason % {"code": code, "level": level.label}
        report.add(line, "code", rules.refuse("code", "not_a_grid", message))
        level = None
    if not row.cells["kind"]:
        report.add(line, "kind", rules.refuse("kind", "kind_empty", _("The kind is empty.")))
    elif level is not None:
        values["kind"] = _tried(report, line, "kind", rules.kind, level, row.cells["kind"].lower())
    for field in ("households", "population"):
        if field in present:
            values[field] = _tried(report, line, field, _count, field, row.cells[field])
    if "phone" in present:
        values["phone"] = _tried(report, line, "phone", rules.phone, row.cells["phone"])
    if level is None:
        return None
    norm = household_norm_broken(values.get("kind") or "", values.get("households"))
    if norm is not None:
        reason = _("%(count)d households; usual are %(fewest)d to %(most)d.") % {
            "count": values["households"],
            "fewest": norm[0],
            "most": norm[1],
        }
        report.warnings.append(Problem(line, "households", "households_unusual", reason))
    return Wanted(line, code, level, level, row.cells["parent_code"] or None, values)


def _count(field: str, text: str) -> int | None:
    if not text:
        return None
    try:
        value = int(text) if text.isascii() and "_" not in text else None
    except ValueError:
        value = None
    if value is None:
        raise rules.refuse(field, "not_a_number", _("“%(text)s” is not a whole number.") % {"text": text[:40]})
    return rules.count(field, value)


def judge(
    wanted: dict[str, Wanted], lines: dict[str, int], stored: dict[str, Area], starts: dt.date | None, report: Report
) -> None:
    """Note what is wrong between a row, its parent and what is stored already."""
    for code in _in_cycles(wanted):
        reason = _("%(code)s lies, by way of its parents, in itself.") % {"code": code}
        report.problems.append(Problem(wanted[code].line, "parent_code", "parents_in_a_circle", reason))
    circular = {problem.line for problem in report.problems if problem.code == "parents_in_a_circle"}
    for one in wanted.values():
        if one.line in circular:
            continue
        known = stored.get(one.code)
        try:
            if known is None:
                _judge_new(one, wanted, lines, stored, starts)
            else:
                _judge_known(one, known)
        except Invalid as refusal:
            report.add(one.line, next(iter(refusal.errors or {"": []})), refusal)


def _judge_new(
    one: Wanted, wanted: dict[str, Wanted], lines: dict[str, int], stored: dict[str, Area], starts: dt.date | None
) -> None:
    if one.said is not one.level:
        message = _("%(code)s is the code of a %(is)s, not of a %(said)s.")
        words = {"code": one.code, "is": one.level.label, "said": one.said.label}
        raise rules.refuse("level", "level_not_of_code", message % words)
    parent = stored.get(one.parent_code) if one.parent_code else None
    beside = wanted.get(one.parent_code) if one.parent_code else None
    if one.parent_code and parent is None and beside is None:
        if one.parent_code in lines:
            return  # it stands in the file and has a problem of its own
        message = _("There is no area %(code)s, neither stored nor in this file.") % {"code": one.parent_code}
        raise rules.refuse("parent_code", "parent_unknown", message)
    level = parent.level if parent is not None else beside.level if beside is not None else None
    rules.place(one.code, one.parent_code, level)
    if parent is not None:
        rules.open_parent(parent.name, parent.starts, parent.ends, since=starts or parent.starts)


def _judge_known(one: Wanted, known: Area) -> None:
    if known.ends is not None:
        message = _("The code %(code)s was closed on %(date)s; codes are never used twice.")
        raise rules.refuse("code", "code_closed", message % {"code": one.code, "date": wording.day(known.ends)})
    if known.level != one.said:
        message = _("%(code)s is stored as a %(level)s; a code keeps its level.")
        raise rules.refuse("level", "level_changed", message % {"code": one.code, "level": known.get_level_display()})
    parent_code = known.parent.code if known.parent is not None else None
    if parent_code != one.parent_code:
        message = _("%(code)s lies in %(parent)s; a file does not move areas.")
        raise rules.refuse("parent_code", "parent_changed", message % {"code": one.code, "parent": parent_code or "–"})


def _in_cycles(wanted: dict[str, Wanted]) -> list[str]:
    """The codes that are their own ancestors."""
    state: dict[str, bool] = {}  # False: on the way we are going, True: done
    circular: list[str] = []
    for start in wanted:
        way: list[str] = []
        code: str | None = start
        while code in wanted and code not in state:
            state[code] = False
            way.append(code)
            code = wanted[code].parent_code
        if code in wanted and state[code] is False:
            circular.extend(way[way.index(code) :])
        state.update(dict.fromkeys(way, True))
    return circular


def write(wanted: dict[str, Wanted], stored: dict[str, Area], starts: dt.date | None, report: Report) -> None:
    """Store what was judged good, under the tree lock; counts go to the report."""
    new: list[Area] = []
    different: list[Area] = []
    fields: set[str] = set()
    since = {code: area.starts for code, area in stored.items()}
    for one in sorted(wanted.values(), key=lambda one: TOP_DOWN.index(one.level)):
        area = stored.get(one.code)
        if area is None:
            since[one.code] = starts or (since[one.parent_code] if one.parent_code else LONG_AGO)
            new.append(Area(code=one.code, level=one.level, starts=since[one.code], **one.values))
            continue
        changes = {field for field, value in one.values.items() if getattr(area, field) != value}
        if changes:
            for field in changes:
                setattr(area, field, one.values[field])
            different.append(area)
            fields |= changes
    if new:
        tree.graft(new, {area.code: wanted[area.code].parent_code for area in new})
    if different:
        Area.objects.bulk_update(different, sorted(fields), batch_size=1000)
    report.created, report.updated = len(new), len(different)
    report.unchanged = len(wanted) - report.created - report.updated
