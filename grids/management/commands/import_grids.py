import datetime as dt

from django.core.management.base import BaseCommand

from grids.imports import import_grids

from ._told import tell


class Command(BaseCommand):
    """Import grids and micro-grids from a file, all of it or nothing."""

    help = "Import grids and micro-grids from a CSV or .xlsx file, all of it or nothing."

    def add_arguments(self, parser):
        parser.add_argument("file", help="CSV (UTF-8) or .xlsx with the heads of the contract")
        parser.add_argument(
            "--starts",
            type=dt.date.fromisoformat,
            metavar="DATE",
            help="first day of the new ones; without it they are as old as what they lie in",
        )

    def handle(self, **options):
        tell(self, import_grids(options["file"], starts=options["starts"]))
