from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from core import archive, clock


class Command(BaseCommand):
    help = "Write one archive with the database, the uploads and the key of the personal data."

    def add_arguments(self, parser):
        parser.add_argument("destination", type=Path)
        parser.add_argument(
            "--without-key", action="store_true", help="leave out the key; restore then needs VAULT_KEY"
        )

    def handle(self, *args, destination: Path, without_key: bool, **options):
        if destination.is_dir():
            destination /= f"gridgov-{clock.local(clock.now()):%Y%m%d-%H%M%S}.tar"
        if destination.exists():
            raise CommandError(f"{destination} exists already.")
        try:
            manifest = archive.make(destination, at=clock.now(), with_key=not without_key)
        except archive.ArchiveError as error:
            raise CommandError(str(error)) from error
        rows, files = sum(manifest["rows"].values()), len(manifest["members"])
        self.stdout.write(f"{destination}: {rows} rows in {len(manifest['rows'])} tables, {files} members")
        if not without_key:
            self.stdout.write("The archive holds the key of the personal data: keep it as you keep the data.")
