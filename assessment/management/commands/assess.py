import time

from django.core.management.base import BaseCommand, CommandError

from assessment import commands, opening
from assessment.models import Run
from assessment.vocabulary import RunStatus
from core import clock
from core.errors import DomainError


class Command(BaseCommand):
    help = (
        "Compute a month for every district (or one area); prints rows per second. Safe to repeat before publication."
    )

    def add_arguments(self, parser):
        parser.add_argument("period", help="the month, 2026-10")
        parser.add_argument("--scheme", help="code of the scheme (default: default)")
        parser.add_argument("--area", help="code of one district, street or city")

    def handle(self, *args, **options):
        at = clock.now()
        codes = [options["area"]] if options["area"] else opening.districts(at, with_assessor=False)
        rows, seconds, refused = 0, 0.0, []
        for code in codes:
            began = time.monotonic()
            try:
                run = commands.start(options["period"], by=None, at=at, area=code, scheme=options["scheme"])
                run = commands.carry_out(run.pk, at=at) or self._waited(run)
            except DomainError as error:
                refused.append(f"{code}: {error}")
                continue
            took = time.monotonic() - began
            rows, seconds = rows + run.rows, seconds + took
            scores = run.scores.count()
            self.stdout.write(
                f"{code}: run {run.pk}, {run.rows} rows counted, {scores} scores, {took:.1f} s, {run.checksum[:12]}"
            )
        for line in refused:
            self.stderr.write(line)
        if refused and not rows:
            raise CommandError("nothing was computed")
        self.stdout.write(f"{rows} rows in {seconds:.1f} s, {rows / seconds if seconds else 0:.0f} rows/second")

    def _waited(self, run: Run) -> Run:
        """A worker took it first: wait for it."""
        while True:
            run.refresh_from_db()
            if run.status not in (RunStatus.QUEUED, RunStatus.RUNNING):
                return run
            time.sleep(0.2)
