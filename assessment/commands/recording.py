"""Records of patrols, visits, disputes, samples and duties: by hand or from a file, until other parts bring them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils import translation
from django.utils.translation import gettext as _

from assessment import ledger, periods
from assessment.commands.running import refuse_published
from assessment.models import AssessmentEvent, Counted, FactRecord
from assessment.vocabulary import CareLevel, RecordKind, RunStatus
from core import clock
from core.errors import DomainError, Invalid, NotAllowedNow, NotPermitted
from core.transactions import command
from grids.directory import find
from grids.imports.table import read
from grids.levels import Level
from personnel.models import User
from workorders.models import WorkOrder

Kind = AssessmentEvent.Kind
HEADS = ("kind", "area", "on", "done", "done_on", "level", "officer", "order", "key", "note")
REQUIRED = ("kind", "area", "on", "done", "key")
MOST_ROWS, MOST_REASON = 50_000, 500
# A settled dispute that did not break out again within these days stays settled.
RELAPSE = dt.timedelta(days=30)
_YES = {"1": True, "yes": True, "true": True, "是": True, "0": False, "no": False, "false": False, "否": False}
# What a second reading of the same thing may set right.
_CHANGING = ("done", "done_on", "level", "officer_id", "order_id", "note", "provisional")
_STORED = [*(name.removesuffix("_id") for name in _CHANGING), "entered_by", "entered_at"]
_LOCK = 7_203_413


@dataclass
class Imported:
    """What an import did, or would do: new rows, corrected ones, rows that were there, and every bad one as
    (line, column, reason); with bad ones nothing is written."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: list[tuple[int, str, str]] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Good rows."""
        return self.created + self.changed + self.unchanged


@command
def note(*, by, at: dt.datetime, **values) -> FactRecord:
    """Enter one record. Values as in a file's row. Raises Invalid by field, NotPermitted, NotAllowedNow."""
    row = _Judge([values], by=by, at=at).one(values)
    _one_at_a_time()
    if FactRecord.objects.filter(**_identity(row), voided_at=None).exists():
        raise NotAllowedNow("recorded", _("This record is already there. Correct it instead."))
    row.save(force_insert=True)
    _tell(Kind.NOTED, row, by=by, at=at)
    return row


@command
def correct(row: FactRecord, *, by, at: dt.datetime, **values) -> FactRecord:
    """Set a record right before its month is published: what came of it, and by whom; what it is stays."""
    row = _standing(row)
    given = {**values, "kind": row.kind, "area": row.area.code, "on": row.on, "key": row.key}
    found = _Judge([given], by=by, at=at).one(given)
    before = {name: getattr(row, name) for name in _CHANGING}
    _take_over(row, found)
    row.save(update_fields=_STORED)
    changes = {name: [str(was), str(getattr(row, name))] for name, was in before.items() if was != getattr(row, name)}
    if changes:
        _tell(Kind.CORRECTED, row, by=by, at=at, changes=changes)
    return row


@command
def ask_void(row: FactRecord, *, by, at: dt.datetime, reason: str) -> FactRecord:
    """Ask that a record entered by mistake be void; it counts until a second person agrees. Raises Invalid too."""
    ledger.assessor_over(by, row.area_id, at=at)
    row = _standing(row)
    _refuse_counted(row)
    if row.void_asked_at is not None:
        raise NotAllowedNow("asked", _("Voiding it was asked for already; a second person decides."))
    if not isinstance(reason, str) or not reason.strip() or len(reason) > MOST_REASON or "\x00" in reason:
        raise Invalid(
            errors={
                "reason": [_("Say why the record is void, in at most %(most)d characters.") % {"most": MOST_REASON}]
            }
        )
    row.void_asked_by, row.void_asked_at, row.void_reason = by, at, reason.strip()
    row.save(update_fields=["void_asked_by", "void_asked_at", "void_reason"])
    _tell(Kind.VOID_ASKED, row, by=by, at=at, reason=row.void_reason)
    return row


@command
def decide_void(row: FactRecord, *, by, at: dt.datetime, agree: bool) -> FactRecord:
    """The second look: void the record, or let it stand. Raises NotPermitted for who asked, NotAllowedNow."""
    ledger.assessor_over(by, row.area_id, at=at)
    row = _standing(row)
    if row.void_asked_at is None:
        raise NotAllowedNow("not_asked", _("Nobody asked to void this record."))
    if agree and by.pk == row.void_asked_by_id:
        raise NotPermitted("second_person", _("A second person looks at it before it is void."))
    reason = row.void_reason
    if agree:
        _refuse_counted(row)
        row.voided_by, row.voided_at = by, at
    else:
        row.void_asked_by, row.void_asked_at, row.void_reason = None, None, ""
    row.save(update_fields=["voided_by", "voided_at", "void_asked_by", "void_asked_at", "void_reason"])
    _tell(Kind.VOIDED if agree else Kind.VOID_REFUSED, row, by=by, at=at, reason=reason)
    return row


def _standing(row: FactRecord) -> FactRecord:
    """The record as it is, locked. Raises NotAllowedNow once it is void."""
    row = FactRecord.objects.select_for_update(of=("self",)).select_related("area").get(pk=row.pk)
    if row.voided_at is not None:
        raise NotAllowedNow("voided", _("This record is void. Enter it anew if it was right after all."))
    return row


def _refuse_counted(row: FactRecord) -> None:
    """What a published month counted stays. Raises NotAllowedNow."""
    if Counted.objects.filter(record=row, run__status=RunStatus.PUBLISHED, run__period=f"{row.on:%Y-%m}").exists():
        raise NotAllowedNow(
            "counted",
            _("A published month has counted this record. It stays; set the points right by an item entered by hand."),
        )


def _tell(kind: str, row: FactRecord, *, by, at: dt.datetime, **more) -> None:
    ledger.record(kind, area_id=row.area_id, by=by, at=at, record=row.pk, key=row.key, on=row.on.isoformat(), **more)


def history(row: FactRecord) -> list[AssessmentEvent]:
    """What was done with a record, in its order."""
    rows = AssessmentEvent.objects.filter(area_id=row.area_id, data__record=row.pk)
    return list(rows.order_by("sequence"))


@command
def import_records(file: Path, *, by, at: dt.datetime, dry: bool = False) -> Imported:
    """Read a CSV or Excel file with the heads of `HEADS`; all or nothing, and twice changes nothing.

    A row that names a record already there sets it right. dry: say what would happen, write nothing.
    Raises grids.imports.report.Unreadable for a file that is no table, NotPermitted.
    """
    if not ledger.assessed_areas(by, at=at):
        raise NotPermitted()
    table, _heads = read(file, heads=REQUIRED, optional=[name for name in HEADS if name not in REQUIRED])
    table = [line for line in table if not _explains(line.cells)]
    if len(table) > MOST_ROWS:
        raise Invalid(errors={"file": [_("The file has more than %(count)d rows.") % {"count": MOST_ROWS}]})
    judge, found, rows = _Judge([line.cells for line in table], by=by, at=at), Imported(), []
    lines: dict[tuple, int] = {}
    for line in table:
        row, errors = judge.read(line.cells)
        if row is not None:
            first = lines.setdefault(tuple(_identity(row).values()), line.line)
            if first != line.line:
                errors = {"key": _("The same record stands in line %(line)d.") % {"line": first}}
            elif refusal := judge.refusal(row):
                errors = {"area" if isinstance(refusal, NotPermitted) else "on": str(refusal)}
        found.problems += [(line.line, name, str(words)) for name, words in errors.items()]
        rows.append(row)
    if found.problems:
        return found
    _write(rows, found, dry=dry)
    if not dry and found.created + found.changed:
        top = ledger.assessed_areas(by, at=at)[0]
        ledger.record(Kind.IMPORTED, area_id=top, by=by, at=at, created=found.created, changed=found.changed)
    return found


def _explains(cells: Mapping[str, str]) -> bool:
    """Whether a row is the line of the template that says what stands in each column."""
    return cells.get("kind", "").startswith("#")


def _write(rows: Sequence[FactRecord], found: Imported, *, dry: bool) -> None:
    _one_at_a_time()
    held = _held(rows)
    new, changed = [], []
    for row in rows:
        there = held.get(tuple(_identity(row).values()))
        if there is None:
            new.append(row)
        elif _take_over(there, row):
            changed.append(there)
    found.created, found.changed = len(new), len(changed)
    found.unchanged = len(rows) - len(new) - len(changed)
    if not dry:
        FactRecord.objects.bulk_create(new, batch_size=1000)
        FactRecord.objects.bulk_update(changed, _STORED, batch_size=1000)


def _held(rows: Sequence[FactRecord]) -> dict[tuple, FactRecord]:
    """The records that are there already, by what identifies them."""
    if not rows:
        return {}
    there = FactRecord.objects.filter(
        voided_at=None,
        area_id__in={row.area_id for row in rows},
        on__range=(min(row.on for row in rows), max(row.on for row in rows)),
    )
    return {tuple(_identity(row).values()): row for row in there.order_by("pk")}


def _one_at_a_time() -> None:
    """Two imports of one file side by side: the second finds what the first wrote."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _identity(row: FactRecord) -> dict[str, Any]:
    return {"kind": row.kind, "area_id": row.area_id, "key": row.key, "on": row.on}


def _take_over(row: FactRecord, given: FactRecord) -> bool:
    """Set a record right; whether anything changed."""
    differs = any(getattr(row, name) != getattr(given, name) for name in _CHANGING)
    if differs:
        for name in (*_CHANGING, "entered_by_id", "entered_at"):
            setattr(row, name, getattr(given, name))
    return differs


class _Judge:
    """Reads rows; people, orders, permissions and published months are looked up once for all of them."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], *, by, at: dt.datetime):
        self.by, self.at = by, at
        names = {_text(row.get("officer")) for row in rows} - {""}
        numbers = {_text(row.get("order")) for row in rows} - {""}
        self._people = {one.username: one for one in User.objects.filter(username__in=names)} if names else {}
        self._orders = {one.number: one for one in WorkOrder.objects.filter(number__in=numbers)} if numbers else {}
        self._refusals: dict[tuple, DomainError | None] = {}

    def read(self, values: Mapping[str, Any]) -> tuple[FactRecord | None, dict[str, str]]:
        """A row as a record that is not stored yet, or what is wrong with it by column."""
        errors: dict[str, str] = {}
        text = {name: _text(values.get(name)) for name in HEADS}
        text["kind"], text["level"] = _stored(RecordKind, text["kind"]), _stored(CareLevel, text["level"])
        place = find(text["area"]) if text["area"] else None
        if place is None or place.level != Level.GRID:
            errors["area"] = _("Name a grid by its code.")
        if text["kind"] not in RecordKind.values:
            errors["kind"] = _("Choose one of: %(cases)s.") % {"cases": ", ".join(RecordKind.values)}
        is_visit = text["kind"] == RecordKind.VISIT
        if (is_visit or text["level"]) and text["level"] not in CareLevel.values:
            errors["level"] = _("A visit needs its level: red, yellow or green.")
        done = _YES.get(text["done"].lower())
        if done is None:
            errors["done"] = _("Write yes or no.")
        on, done_on = (_day(values.get(name), name, errors) for name in ("on", "done_on"))
        if on is None:
            errors.setdefault("on", _("Write the date as 2026-11-21."))
        if not text["key"] or len(text["key"]) > 80:
            errors["key"] = _("Name the thing in at most 80 characters, so that a second import changes nothing.")
        if len(text["note"]) > 200:
            errors["note"] = _("At most 200 characters.")
        officer, order = self._people.get(text["officer"]), self._orders.get(text["order"])
        if text["officer"] and officer is None:
            errors["officer"] = _("There is no such person.")
        if (text["order"] or text["kind"] == RecordKind.MISSED) and order is None:
            errors["order"] = _("Name the order by its number.")
        if on is not None and not 2000 <= on.year < 2100:
            errors["on"] = _("Write the date as 2026-11-21.")
        if errors:
            return None, errors
        young = text["kind"] == RecordKind.DISPUTE and done and done_on is not None
        row = FactRecord(
            kind=text["kind"], area_id=place.id, officer=officer, on=on, done=done, done_on=done_on, order=order,
            level=text["level"], key=text["key"], note=text["note"], entered_by=self.by, entered_at=self.at,
            provisional=young and done_on + RELAPSE > clock.date_of(self.at),
        )  # fmt: skip
        return row, {}

    def refusal(self, row: FactRecord) -> DomainError | None:
        """Why nothing may be recorded for this grid and month; asked once for each."""
        key = (row.area_id, row.on.year, row.on.month)
        if key not in self._refusals:
            try:
                ledger.assessor_over(self.by, row.area_id, at=self.at)
                refuse_published(periods.month_of(row.on.year, row.on.month), row.area_id)
                self._refusals[key] = None
            except DomainError as refusal:
                self._refusals[key] = refusal
        return self._refusals[key]

    def one(self, values: Mapping[str, Any]) -> FactRecord:
        """The one row a person entered. Raises Invalid by field, NotPermitted, NotAllowedNow."""
        row, errors = self.read(values)
        if errors:
            raise Invalid(errors={name: [words] for name, words in errors.items()})
        if refusal := self.refusal(row):
            raise refusal
        return row


def _stored(words: Any, text: str) -> str:
    """The stored word for what people write: itself, or its label in either language."""
    for language in ("zh-hans", "en"):
        with translation.override(language):
            found = next((one.value for one in words if text.lower() in (one.value, str(one.label).lower())), None)
        if found is not None:
            return found
    return text


def _text(value: Any) -> str:
    return "" if value is None else str(value).replace("\x00", "").strip()


def _day(value: Any, name: str, errors: dict[str, str]) -> dt.date | None:
    if value in (None, ""):
        return None
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(str(value).strip()[:10].replace("/", "-"))
    except ValueError:
        errors[name] = _("Write the date as 2026-11-21.")
        return None
