import os
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from core import archive, vault


class Command(BaseCommand):
    help = "Fill an empty instance from an archive made by backup."

    def add_arguments(self, parser):
        parser.add_argument("source", type=Path)

    def handle(self, *args, source: Path, **options):
        self._refuse_if_used()
        try:
            with archive.opened(source) as (folder, manifest):
                key = self._key_of(folder, manifest)
                archive.load_database(folder / archive.DUMP, manifest["rows"])
                archive.load_uploads(folder)
        except archive.ArchiveError as error:
            raise CommandError(str(error)) from error
        if key:
            self._keep(key)
        call_command("migrate", interactive=False, verbosity=0)
        self.stdout.write(f"Restored {sum(manifest['rows'].values())} rows as of {manifest['made_at']}.")
        if key:
            self.stdout.write(
                f"The key of the personal data was put into {settings.VAULT_KEY_PATH}: restart the server."
            )

    def _refuse_if_used(self) -> None:
        people = get_user_model()
        with connection.cursor() as cursor:
            tables = connection.introspection.table_names(cursor)
        if people._meta.db_table in tables and people.objects.exists():
            raise CommandError("This instance is in use: it has people. Restore into an empty one.")
        media = Path(settings.MEDIA_ROOT)
        if media.is_dir() and any(path.is_file() for path in media.rglob("*")):
            raise CommandError(f"This instance is in use: {media} holds files. Restore into an empty one.")

    def _key_of(self, folder: Path, manifest: dict) -> str:
        """The key to take over, empty when the present one is the right one already."""
        if manifest["key"] == archive.fingerprint(vault.root_key()):
            return ""
        packed = folder / archive.KEY
        if not packed.exists():
            raise archive.ArchiveError(
                "The archive was made with another key and does not hold it. Set VAULT_KEY to it."
            )
        key = packed.read_text().strip()
        if archive.fingerprint(key) != manifest["key"]:
            raise archive.ArchiveError("The key in the archive is not the one its list names.")
        if settings.VAULT_KEY:
            raise archive.ArchiveError("VAULT_KEY is set to another key than that of the archive. Leave it unset.")
        return key

    def _keep(self, key: str) -> None:
        path = Path(settings.VAULT_KEY_PATH)
        with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
            file.write(key)
