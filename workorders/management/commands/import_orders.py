from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from core import clock
from core.errors import DomainError
from workorders.history import import_orders, read_map


class Command(BaseCommand):
    """Bring orders over from an old system's file."""

    help = "Bring orders over from a CSV or .xlsx file of an old system, with their own times; see docs/importing.md."

    def add_arguments(self, parser):
        parser.add_argument("file", help="CSV, gzipped CSV or .xlsx, as the map says")
        parser.add_argument("--map", required=True, metavar="MAP.toml", help="which column is which field")
        parser.add_argument("--dry-run", action="store_true", help="judge every row and write nothing")

    def handle(self, **options):
        try:
            mapping = read_map(options["map"])
            report = import_orders(options["file"], mapping, now=clock.now(), dry_run=options["dry_run"])
        except DomainError as error:
            raise CommandError(str(error)) from error
        for line in report.told():
            self.stderr.write(line)
        self.stdout.write(report.summary())
        if options["dry_run"]:
            self.stdout.write(_("Nothing was written."))
