import time

from django.core.management.base import BaseCommand, CommandError

from assessment import opening
from core import clock


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
        began, rows, refused = time.monotonic(), 0, []
        for found in opening.compute_all(options["period"], codes, at=at, scheme=options["scheme"]):
            if found.run is None:
                refused.append(f"{found.code}: {found.refusal}")
                continue
            run = found.run
            rows += run.rows
            scores = run.scores.count()
            self.stdout.write(
                f"{found.code}: run {run.pk}, {run.rows} rows counted, {scores} scores, {found.seconds:.1f} s,"
                f" {run.checksum[:12]}"
            )
        seconds = time.monotonic() - began
        for line in refused:
            self.stderr.write(line)
        if refused and not rows:
            raise CommandError("nothing was computed")
        self.stdout.write(f"{rows} rows in {seconds:.1f} s, {rows / seconds if seconds else 0:.0f} rows/second")
