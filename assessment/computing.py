"""One run from start to end: look, add up, charge, rate, store. All of it or nothing.

1. The run is claimed: queued → running, by one worker only.
2. Everything is computed and written in one transaction; how far it got is written beside it, for others to see.
3. The last statement makes it `computed`. Whoever is killed before leaves a `running` run without a single row; the
   sweep puts it back into the queue, and it is done again from the start.
"""

import contextlib
import datetime as dt
import statistics
import time
from collections import defaultdict
from dataclasses import replace

from django.db import connection

from assessment import charging, class_shares, measuring, periods, storing
from assessment.hierarchy import Hierarchy, holdings
from assessment.indicators import INDICATORS
from assessment.indicators.registry import bits_then, excused_bits
from assessment.models import Counted, Run, ScoreItem
from assessment.rating import Book, Rating
from assessment.schemes import Rules
from assessment.vocabulary import RunStatus, ScoreLevel
from core import clock
from core.transactions import unit_of_work
from personnel.jurisdiction import units_directory

# Any number nobody else uses: held while a run is computed, so that the sweep knows whether somebody is at it.
RUN_LOCK = 7_203_413
# Seconds after which a run shows how far it is.
PATIENCE = 2
BITS = ("denominators", "numerators")
STEPS = {"looking": 5, "adding": 50, "charging": 60, "rating": 70, "storing": 80, "done": 100}


class Stopped(Exception):
    """The run was cancelled while it was being computed."""


class Beside:
    """Shows the progress of a run on a connection of its own, and sees there whether it was cancelled.

    A run that is over before anybody could look needs neither.
    """

    def __init__(self, run: Run):
        self.run, self.own, self.began = run, None, time.monotonic()

    def tell(self, step: str) -> None:
        """Write the step; raises Stopped when somebody cancelled the run."""
        if time.monotonic() - self.began < PATIENCE:
            return
        if self.own is None:
            self.own = connection.copy()
            with self.own.cursor() as cursor:
                # Progress that is lost with the power does not matter; waiting for the disk does.
                cursor.execute("SET synchronous_commit = off")
        with self.own.cursor() as cursor:
            cursor.execute(
                "UPDATE assessment_run SET step = %s, progress = %s WHERE id = %s AND status = 'running'",
                [step, STEPS[step], self.run.pk],
            )
            if not cursor.rowcount:
                cursor.execute("SELECT FROM assessment_run WHERE id = %s AND status = 'cancelled'", [self.run.pk])
                if cursor.fetchone() is not None:
                    raise Stopped

    def close(self) -> None:
        """Close the connection."""
        if self.own is not None:
            self.own.close()


def claim(run_id: int, *, at: dt.datetime) -> Run | None:
    """Take a queued run; None when another worker has it or it is not waiting any more."""
    with unit_of_work():
        taken = Run.objects.filter(pk=run_id, status=RunStatus.QUEUED).update(
            status=RunStatus.RUNNING, started_at=at, step="looking", progress=STEPS["looking"], problem=""
        )
        return Run.objects.select_related("version__scheme", "area").get(pk=run_id) if taken else None


def compute(run: Run) -> Run:
    """Compute a claimed run. Raises Stopped when it was cancelled meanwhile."""
    beside = Beside(run)
    with contextlib.closing(beside), unit_of_work():
        with connection.cursor() as cursor:
            # Losing a result with the power is like being killed before it: the run is still there and is done again.
            # Publishing waits for the disk, and with it for everything written before.
            cursor.execute(
                "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0;"
                " SET LOCAL jit = off; SET LOCAL synchronous_commit = off"
            )
            # Tells the sweep that somebody is at it.
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [RUN_LOCK, run.pk % 2**31])
        storing.forget([run.pk])
        results = _results(run, beside.tell)
        beside.tell("storing")
        run.checksum = storing.store(run.pk, results)
        run.status, run.step, run.progress, run.finished_at = RunStatus.COMPUTED, "done", 100, clock.now()
        run.codes = [one.code for one in INDICATORS]
        done = Run.objects.filter(pk=run.pk, status=RunStatus.RUNNING).update(
            status=run.status, step=run.step, progress=run.progress, finished_at=run.finished_at, rows=run.rows,
            codes=run.codes, checksum=run.checksum,
        )  # fmt: skip
        if not done:
            raise Stopped
    return run


def _results(run: Run, tell) -> list[storing.Result]:
    period, rules = periods.read(run.period), Rules(run.version.body)
    hierarchy = Hierarchy(run.area_id, period)
    tell("looking")
    if run.previous_id is None:
        run.rows = measuring.look(run, period, hierarchy, rules.body["visit_weights"])
    else:
        measuring.lay_places(run, period, hierarchy)
        run.rows = run.previous.rows
        copy_facts(run)
    tell("adding")
    sums = measuring.add_up(run, period)
    tell("charging")
    charges = _found(run, period, rules, hierarchy)
    tell("rating")
    units = units_directory(force=True).by_id
    book = Book(
        rules, hierarchy, sums, charges, holdings([grid.id for grid in hierarchy.grids], period), units,
        min_days=rules.body["min_active_days"],
        shares=class_shares.fixed(period.quarter(), hierarchy.districts) if rules.body["dynamic_weights"] else {},
        medians=_own_medians(hierarchy, period) if rules.body["own_median_target"] else {},
    )  # fmt: skip
    return Rating(book).results()


def _found(run: Run, period, rules: Rules, hierarchy: Hierarchy) -> dict:
    """What costs or earns; a revision sets right what the one before found."""
    return corrected(run) if run.previous_id else charging.find(run, period, rules, hierarchy.districts)


# -- revisions -------------------------------------------------------------------------------------------------------


def copy_facts(run: Run) -> None:
    """A revision starts from what the earlier one counted, with what appeals set right; nothing is looked at anew."""
    columns = [one.column for one in Counted._meta.concrete_fields if one.name not in ("id", "run")]
    kept = [bits_then(one, run.previous.codes, INDICATORS) if one in BITS else one for one in columns]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO assessment_counted (run_id, {', '.join(columns)})"  # noqa: S608
            f" SELECT %s, {', '.join(kept)} FROM assessment_counted WHERE run_id = %s ORDER BY id",
            [run.pk, run.previous_id],
        )
        for appeal in run.upheld.select_related("score").order_by("pk"):
            if appeal.order_id is None:
                continue
            set_bits, clear_bits = excused_bits(INDICATORS, appeal.fact)
            cursor.execute(
                "UPDATE assessment_counted SET excused = %s,"
                " numerators = ((numerators | %s) & ~%s::bigint) & denominators WHERE run_id = %s AND order_id = %s",
                [appeal.fact, set_bits, clear_bits, run.pk, appeal.order_id],
            )


def corrected(run: Run) -> dict:
    """What the earlier revision found, with what upheld appeals waived marked so: it stays on the sheet with 0."""
    found = charging.of_run(run.previous)
    for appeal in run.upheld.select_related("score", "charge").order_by("pk"):
        # An order costs the grid it lies in, whoever appealed; an item without one costs the grid of the score.
        for area_id in list(found) if appeal.order_id else [appeal.score.area_id]:
            found[area_id] = [
                replace(one, cause={**one.cause, "waived": appeal.pk}) if _waives(appeal, one) else one
                for one in found.get(area_id, ())
            ]
    return {area_id: charging.standing_veto(rows) for area_id, rows in found.items()}


def _waives(appeal, one) -> bool:
    charge = appeal.charge
    if charge is not None and (appeal.order_id is None or charge.adjustment_id is not None):
        return (one.code, one.adjustment_id, one.at) == (charge.code, charge.adjustment_id, charge.at)
    return one.order_id == appeal.order_id and (one.fact == appeal.fact or one.code == appeal.item)


# -- options of a scheme ---------------------------------------------------------------------------------------------


def _own_medians(hierarchy: Hierarchy, period) -> dict[int, int]:
    """The median of each grid's valid reports in its last six published months."""
    rows = ScoreItem.objects.filter(
        code="M01", numerator__isnull=False, score__level=ScoreLevel.GRID,
        score__run__in=Run.objects.current().order_by().values("pk"), score__run__period__lt=period.text,
        score__run__period__gte=period.before(6).text, score__area_id__in=[grid.id for grid in hierarchy.grids],
    ).values_list("score__area_id", "numerator")  # fmt: skip
    found = defaultdict(list)
    for area_id, number in rows:
        found[area_id].append(number)
    return {area_id: max(int(statistics.median(numbers)), 1) for area_id, numbers in found.items()}
