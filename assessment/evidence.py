"""Files people put beside what they claim: kept with the uploads, never served without asking who may see them."""

from pathlib import PurePath
from typing import Any

from django.utils.translation import gettext as _

LARGEST = 8 * 1024 * 1024
KINDS = (".pdf", ".jpg", ".jpeg", ".png", ".webp", ".doc", ".docx", ".xls", ".xlsx")


def wrong_with(file: Any) -> str:
    """Why a file cannot be evidence; nothing when it can, or when there is none."""
    if not file:
        return ""
    if file.size > LARGEST:
        return _("The file is larger than 8 MB. Choose a smaller one.")
    if PurePath(file.name).suffix.lower() not in KINDS:
        return _("Choose a photo, PDF or Office file.")
    return ""


def name_of(field: Any) -> str:
    """The name a stored file is downloaded under."""
    return PurePath(field.name).name if field else ""
