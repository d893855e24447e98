from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand

from workorders.documentation import workflow_document


class Command(BaseCommand):
    help = "Write docs/workflow.md from the workflow table."

    def handle(self, *args, **options):
        path = Path(settings.BASE_DIR) / "docs" / "workflow.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(workflow_document(), encoding="utf-8")
        self.stdout.write(str(path.relative_to(settings.BASE_DIR)))
