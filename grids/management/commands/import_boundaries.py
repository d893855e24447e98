from django.core.management.base import BaseCommand

from core import clock
from grids.coordinates import System
from grids.imports import import_boundaries

from ._told import tell


class Command(BaseCommand):
    """Import outlines of areas from a file, all of it or nothing."""

    help = "Import outlines of areas from a GeoJSON FeatureCollection, all of it or nothing."

    def add_arguments(self, parser):
        parser.add_argument("file", help="GeoJSON FeatureCollection, longitude first")
        parser.add_argument("--code-property", default="code", help="the property that holds the code of the area")
        parser.add_argument(
            "--coordinates", default="wgs84", choices=System.values, help="the coordinate system of the file"
        )

    def handle(self, **options):
        report = import_boundaries(
            options["file"],
            on=clock.today(),
            code_property=options["code_property"],
            coordinates=options["coordinates"],
        )
        tell(self, report)
