"""The worker's part of an import: look at the file, write it, take it back. May run twice and side by side.

1. Whoever holds the lock on the import's row works on it; a second worker finds it taken and goes away.
2. `Mode.ALL` is one transaction: a worker that dies leaves nothing, and the next one starts from the beginning.
   `Mode.VALID` writes batch after batch, each with its rows' marks: the next worker goes on where the first died.
3. Every batch is judged once more where it is written. A row that does not fit any more is refused with its reason.
"""

import datetime as dt
import json
import logging
from collections.abc import Iterable

from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import override

from core import clock, sheets
from core.errors import DomainError
from core.sheets import Fault, Made, Outcome, Row, Scope, Sheet, Table, Unreadable, Verdict
from core.transactions import be_patient, unit_of_work
from exchange.importing import check_administrator
from exchange.kinds import BY_NAME
from exchange.models import Import, ImportRow
from exchange.vocabulary import ImportState, Mode
from personnel.administration import Kind, record

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 3
MOST_IN_THE_WAY = 500
_PROGRESS_KEPT = 3600
S = ImportState
_TO_WRITE = (Outcome.NEW, Outcome.CHANGED)


def work(pk: int) -> None:
    """Whatever the import waits for. What was begun three times and came to no end is given up, in words."""
    found = _begun(pk)
    if found is None:
        return
    try:
        with override(found.by.language):
            _STEPS[found.state](found)
    except DomainError as refusal:
        _failed(found, str(refusal))
    except Exception:
        logger.exception("import %s failed while it was %s", pk, found.state)
        _failed(found)


def _begun(pk: int) -> Import | None:
    """The import with one attempt more, counted before the work: a worker that is killed counts nothing afterwards.

    None when it waits for nothing, another worker has it, or it was given up.
    """
    with unit_of_work():
        rows = Import.objects.select_for_update(skip_locked=True, of=("self",)).select_related("by", "undone_by")
        found = rows.filter(pk=pk, state__in=_STEPS).first()
        if found is None:
            return None
        if found.attempts >= MOST_ATTEMPTS:
            _give_up(found)
            return None
        found.attempts, found.seen_at = found.attempts + 1, clock.now()
        found.save(update_fields=["attempts", "seen_at"])
    return found


def progress(pk: int) -> int | None:
    """How many rows the worker has written by now; a hint, the truth is in the rows. None: nobody knows."""
    return cache.get(f"import:{pk}")


# -- the look ---------------------------------------------------------------------------------------------------------


def look(found: Import) -> None:
    """Judge every row, keep what is not as it is stored already, make the copy with red cells."""
    raw = _content(found)
    sheet = BY_NAME[found.kind]
    with unit_of_work():
        locked = _taken(found, S.READING)
        if locked is None:
            return
        ImportRow.objects.filter(source=locked).delete()
        try:
            check_administrator(locked, found.by, clock.now())
            table = sheets.read(raw, sheet.columns)
            verdicts = _judged(sheet, table, _scope(locked, found.by))
        except (Unreadable, DomainError) as refusal:
            _end(locked, S.FAILED, reason=str(refusal))
            return
        ImportRow.objects.bulk_create(_rows(locked, verdicts), batch_size=2_000)
        for outcome in Outcome:
            setattr(locked, str(outcome), sum(verdict.outcome == outcome for verdict in verdicts))
        _mark(locked, raw, table)
        _end(locked, S.JUDGED)


def _judged(sheet: Sheet, table: Table, scope: Scope) -> list[Verdict]:
    """The sheet's verdicts, and refusals for rows with formulas, which are never worked out, or words of no list."""
    chosen = {column.name: column for column in sheet.columns if column.choices}
    known: dict[tuple[str, str], str] = {}
    bad: dict[int, Verdict] = {}
    for row in table.rows:
        faults = []
        for name, text in row.cells.items():
            if sheets.is_formula(text):
                faults.append(Fault(name, _("This cell holds a formula. Copy the column and paste its values.")))
            elif name in chosen:
                if (name, text) not in known:
                    known[name, text] = sheets.unknown_word(chosen[name], text)
                if known[name, text]:
                    faults.append(Fault(name, known[name, text]))
        if faults:
            bad[row.line] = Verdict(row.line, Outcome.REFUSED, _key(row), tuple(faults))
    if not bad:
        return sheet.judge(table, scope)
    good = {row.line for row in table.rows} - bad.keys()
    return [*sheet.judge(table.only(good), scope), *bad.values()]


def _key(row: Row) -> str:
    return next((text for text in row.cells.values() if text and not sheets.is_formula(text)), "")[:60]


def _rows(found: Import, verdicts: Iterable[Verdict]) -> list[ImportRow]:
    return [
        ImportRow(source=found, line=one.line, outcome=one.outcome, key=one.key[:60], faults=_plain(one.faults))
        for one in verdicts
        if one.outcome != Outcome.UNCHANGED
    ]


def _plain(faults: Iterable[Fault]) -> list[list[str]]:
    return [[fault.column, str(fault.reason)[:500]] for fault in faults]


def _mark(found: Import, raw: bytes, table: Table) -> None:
    """The user's own file with what is wrong in it; none when nothing is."""
    refused = found.rows.filter(outcome=Outcome.REFUSED).values_list("line", "faults")
    faults = {line: [Fault(*one) for one in wrong] for line, wrong in refused}
    if found.marked:
        found.marked.delete(save=False)
    if faults:
        labels = {column.name: str(column.label) for column in BY_NAME[found.kind].columns}
        found.marked.save(found.name, ContentFile(sheets.mark(raw, table, faults, labels)), save=False)


# -- writing ----------------------------------------------------------------------------------------------------------


class _Changed(Exception):
    """All or nothing, and a row does not fit any more."""

    def __init__(self, verdicts: list[Verdict]):
        super().__init__("rows do not fit any more")
        self.verdicts = verdicts


def carry_out(found: Import) -> None:
    """Write what was confirmed."""
    sheet, raw = BY_NAME[found.kind], _content(found)
    table = sheets.read(raw, sheet.columns)
    try:
        if found.mode == Mode.ALL:
            with unit_of_work():
                done = _written_batches(found, sheet, table)
        else:
            done = _written_batches(found, sheet, table)
    except _Changed as changed:
        _refused_after_all(found, changed.verdicts, raw, table)
        return
    if done:
        _finish(sheet, found)


def _written_batches(found: Import, sheet: Sheet, table: Table) -> bool:
    """Batch after batch until no row waits. Returns whether this worker came to the end."""
    while True:
        with unit_of_work():
            locked = _taken(found, S.RUNNING)
            if locked is None:
                return False
            check_administrator(locked, found.by, clock.now())
            waiting = locked.rows.filter(written=False, outcome__in=_TO_WRITE).order_by("pk")
            batch = {row.line: row for row in waiting[: sheet.batch]}
            if not batch:
                _all_written(locked, table, found)
                return True
            verdicts = sheet.write(table.only(set(batch)), _scope(locked, found.by))
            _note(locked, batch, verdicts)
        count = found.rows.filter(written=True).count()
        cache.set(f"import:{found.pk}", count, timeout=_PROGRESS_KEPT)


def _note(found: Import, batch: dict[int, ImportRow], verdicts: list[Verdict]) -> None:
    """Mark the rows of a batch. In `Mode.ALL` one that is refused ends everything."""
    by_line = {verdict.line: verdict for verdict in verdicts}
    refused = [verdict for verdict in verdicts if verdict.outcome == Outcome.REFUSED]
    if refused and found.mode == Mode.ALL:
        raise _Changed(refused)
    for line, row in batch.items():
        verdict = by_line[line]
        if verdict.outcome == Outcome.REFUSED:
            _count(found, row.outcome, -1)
            _count(found, Outcome.REFUSED, 1)
            row.faults = _plain(verdict.faults)
        elif verdict.outcome == Outcome.UNCHANGED:  # somebody did the same meanwhile
            _count(found, row.outcome, -1)
            _count(found, Outcome.UNCHANGED, 1)
        row.outcome, row.made, row.written = verdict.outcome, verdict.made, verdict.outcome in _TO_WRITE
    rows = list(batch.values())
    with connection.cursor() as cursor:
        cursor.execute(
            _NOTE,
            [
                [row.pk for row in rows],
                [str(row.outcome) for row in rows],
                [json.dumps(row.made, cls=DjangoJSONEncoder) for row in rows],
                [json.dumps(row.faults) for row in rows],
                [row.written for row in rows],
            ],
        )
    found.attempts, found.seen_at = 0, clock.now()  # it goes forward
    found.save(update_fields=["attempts", "seen_at", *map(str, Outcome)])


# Thousands of rows at once, so written by hand.
_NOTE = """
    UPDATE exchange_importrow SET outcome = new.outcome, made = new.made, faults = new.faults, written = new.written
    FROM unnest(%s::bigint[], %s::text[], %s::jsonb[], %s::jsonb[], %s::boolean[])
        AS new (id, outcome, made, faults, written)
    WHERE exchange_importrow.id = new.id
"""


def _count(found: Import, outcome: str, step: int) -> None:
    setattr(found, str(outcome), getattr(found, str(outcome)) + step)


def _all_written(locked: Import, table: Table, found: Import) -> None:
    if locked.refused != found.refused:  # rows were refused while they were written
        _mark(locked, _content(found), table)
    _end(locked, S.DONE, done_at=clock.now())


def _refused_after_all(found: Import, verdicts: list[Verdict], raw: bytes, table: Table) -> None:
    """Nothing was written: the rows that do not fit any more are refused, and the person is asked again."""
    with unit_of_work():
        locked = _taken(found, S.RUNNING)
        if locked is None:
            return
        for verdict in verdicts:
            row = locked.rows.get(line=verdict.line)
            _count(locked, row.outcome, -1)
            _count(locked, Outcome.REFUSED, 1)
            row.outcome, row.faults = Outcome.REFUSED, _plain(verdict.faults)
            row.save(update_fields=["outcome", "faults"])
        _mark(locked, raw, table)
        words = _("Nothing was written: the data changed since you looked at the file. See what is refused now.")
        _end(locked, S.JUDGED, reason=words)


# -- taking back ------------------------------------------------------------------------------------------------------


def undo(found: Import) -> None:
    """Take everything back, or nothing with a list of what stands in the way."""
    sheet, by = BY_NAME[found.kind], found.undone_by
    with unit_of_work():
        locked = _taken(found, S.UNDOING)
        if locked is None:
            return
        check_administrator(locked, by, clock.now())
        rows = [
            Made(row.line, row.key, row.outcome, row.made)
            for row in locked.rows.filter(written=True).exclude(made={}).order_by("-pk")
        ]
        scope = Scope(by=by, at=clock.now(), area_id=locked.area_id)
        in_the_way = sheet.in_the_way(rows, scope)
        if in_the_way:
            locked.in_the_way = _plain(in_the_way[:MOST_IN_THE_WAY])
            words = _("Nothing was undone: rows of this file are in use or were changed since.")
            _end(locked, S.DONE, reason=words)
            return
        sheet.take_back(rows, scope)
        data = {"kind": locked.kind, "file": locked.name, "rows": len(rows)}
        record(f"import:{locked.pk}", Kind.ENDED, by=by, at=clock.now(), area_id=locked.area_id, data=data)
        _end(locked, S.UNDONE, undone_at=clock.now())
    _finish(sheet, found)


# -- what all of them need --------------------------------------------------------------------------------------------


def _finish(sheet: Sheet, found: Import) -> None:
    cache.delete(f"import:{found.pk}")
    sheet.finish(_scope(found, found.by))


def _taken(found: Import, state: str) -> Import | None:
    """The import, locked for this worker; None when another has it or it is somewhere else by now."""
    be_patient()
    rows = Import.objects.select_for_update(skip_locked=True, of=("self",))
    return rows.filter(pk=found.pk, state=state).first()


def _scope(found: Import, by) -> Scope:
    return Scope(by=by, at=clock.now(), area_id=found.area_id)


def _content(found: Import) -> bytes:
    with found.file.open("rb") as file:
        return file.read()


def _end(found: Import, state: str, *, reason: str = "", **values) -> None:
    found.state, found.reason, found.seen_at = state, reason, clock.now()
    for name, value in values.items():
        setattr(found, name, value)
    found.save()


def _failed(found: Import, refusal: str = "") -> None:
    """A refusal ends it; what nobody understands is tried again."""
    with unit_of_work():
        locked = _taken(found, found.state)
        if locked is not None and (refusal or locked.attempts >= MOST_ATTEMPTS):
            _give_up(locked, refusal)


def _give_up(locked: Import, refusal: str = "") -> None:
    """The person reads why it did not work, or that nobody knows."""
    with override(locked.by.language):
        unknown = _("The program could not finish this. What was written stands below; tell the operator.")
    if locked.state == S.READING:
        ended = S.FAILED
    elif locked.state == S.RUNNING and not locked.rows.filter(written=True).exists():
        ended = S.JUDGED
    else:
        ended, locked.done_at = S.DONE, locked.done_at or clock.now()
    _end(locked, ended, reason=refusal or unknown)


def left_behind(at: dt.datetime) -> list[int]:
    """Imports whose message was lost or whose worker died."""
    return list(Import.objects.left_behind(at).order_by("pk").values_list("pk", flat=True))


_STEPS = {S.READING: look, S.RUNNING: carry_out, S.UNDOING: undo}
