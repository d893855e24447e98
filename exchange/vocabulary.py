"""The stored words of imports and exports."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportState(models.TextChoices):
    """How far an import is."""

    READING = "reading", _("Being read")
    JUDGED = "judged", _("Waits for your word")
    RUNNING = "running", _("Being written")
    DONE = "done", _("Imported")
    UNDOING = "undoing", _("Being undone")
    UNDONE = "undone", _("Undone")
    DISCARDED = "discarded", _("Discarded")
    FAILED = "failed", _("Not readable")


class Mode(models.TextChoices):
    """Which rows of a file are written."""

    ALL = "all", _("All or nothing")
    VALID = "valid", _("Valid rows only")


class ExportState(models.TextChoices):
    """How far an export with names and phones in clear is."""

    ASKED = "asked", _("Waits for approval")
    APPROVED = "approved", _("File is being made")
    READY = "ready", _("Ready to take")
    REFUSED = "refused", _("Not approved")
    EXPIRED = "expired", _("Expired")
