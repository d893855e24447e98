"""docs/workflow.md says what the judge does."""

from pathlib import Path

from django.conf import settings

from workorders.documentation import workflow_document


def test_the_written_workflow_is_the_one_in_force():
    written = Path(settings.BASE_DIR, "docs", "workflow.md").read_text(encoding="utf-8")
    assert written == workflow_document(), "run script/manage document_workflow"
