"""Records of patrols, visits, disputes, samples and duties: by hand or from a file, until other parts bring them."""

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext as _

from assessment import ledger, periods
from assessment.commands.running import refuse_published
from assessment.models import FactRecord
from assessment.vocabulary import CareLevel, RecordKind
from core.errors import Invalid
from core.transactions import command
from grids.directory import find
from grids.imports.table import read
from grids.levels import Level
from personnel.models import User
from workorders.models import WorkOrder

HEADS = ("kind", "area", "on", "done", "done_on", "level", "officer", "order", "key", "note")
REQUIRED = ("kind", "area", "on", "done", "key")
_YES = {"1": True, "yes": True, "true": True, "是": True, "0": False, "no": False, "false": False, "否": False}


@dataclass
class Imported:
    """What an import did: new rows, rows that were there, and every bad one as (line, column, reason)."""

    created: int = 0
    unchanged: int = 0
    problems: list[tuple[int, str, str]] = field(default_factory=list)


@command
def note(*, by, at: dt.datetime, **values) -> FactRecord:
    """Enter one record. Values as in a file's row. Raises Invalid by field, NotPermitted."""
    row, errors = _read({name: values.get(name) for name in HEADS}, by=by, at=at)
    if errors:
        raise Invalid(errors={name: [words] for name, words in errors.items()})
    row.save(force_insert=True)
    return row


@command
def import_records(file: Path, *, by, at: dt.datetime) -> Imported:
    """Read a CSV or Excel file with the heads of `HEADS`; all or nothing, and twice changes nothing.

    Raises grids.imports.report.Unreadable for a file that is no table.
    """
    table, _heads = read(file, heads=REQUIRED, optional=[name for name in HEADS if name not in REQUIRED])
    found, rows = Imported(), []
    for line in table:
        row, errors = _read({name: line.cells.get(name) for name in HEADS}, by=by, at=at)
        found.problems += [(line.line, name, str(words)) for name, words in errors.items()]
        rows.append(row)
    if found.problems:
        return found
    before = FactRecord.objects.count()
    FactRecord.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    found.created = FactRecord.objects.count() - before
    found.unchanged = len(rows) - found.created
    return found


def _read(values: dict, *, by, at: dt.datetime) -> tuple[FactRecord | None, dict[str, str]]:
    errors: dict[str, str] = {}
    text = {name: "" if value is None else str(value).strip() for name, value in values.items()}
    place = find(text["area"]) if text["area"] else None
    if place is None or place.level != Level.GRID:
        errors["area"] = _("Name a grid by its code.")
    if text["kind"] not in RecordKind.values:
        errors["kind"] = _("Choose one of: %(cases)s.") % {"cases": ", ".join(RecordKind.values)}
    if text["kind"] == RecordKind.VISIT and text["level"] not in CareLevel.values:
        errors["level"] = _("A visit needs its level: red, yellow or green.")
    done = _YES.get(text["done"].lower())
    if done is None:
        errors["done"] = _("Write yes or no.")
    on, done_on = (_day(values.get(name), name, errors) for name in ("on", "done_on"))
    if on is None:
        errors.setdefault("on", _("Write the date as 2026-11-21."))
    if not text["key"]:
        errors["key"] = _("Name the thing, so that a second import changes nothing.")
    officer = User.objects.filter(username=text["officer"]).first() if text["officer"] else None
    if text["officer"] and officer is None:
        errors["officer"] = _("There is no such person.")
    order = WorkOrder.objects.filter(number=text["order"]).first() if text["order"] else None
    if (text["order"] or text["kind"] == RecordKind.MISSED) and order is None:
        errors["order"] = _("Name the order by its number.")
    if errors:
        return None, errors
    ledger.assessor_over(by, place.id, at=at)
    refuse_published(periods.month_of(on.year, on.month), place.id)
    row = FactRecord(
        kind=text["kind"], area_id=place.id, officer=officer, on=on, done=done, done_on=done_on, order=order,
        level=text["level"], key=text["key"][:80], note=text["note"][:200], entered_by=by, entered_at=at,
    )  # fmt: skip
    return row, {}


def _day(value, name: str, errors: dict) -> dt.date | None:
    if value in (None, ""):
        return None
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(str(value).strip()[:10])
    except ValueError:
        errors[name] = _("Write the date as 2026-11-21.")
        return None
