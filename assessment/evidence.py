"""Files people put beside what they claim: kept with the uploads, never served without asking who may see them."""

import datetime as dt
from pathlib import PurePath
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from assessment.models import Adjustment, Charge, Score
from personnel.jurisdiction import standing_of
from personnel.roles import Role

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


def readable(pk: int, user: Any, on: dt.date) -> Adjustment | None:
    """An item by hand whose file this person may read: assessors of its area, and whoever it costs or earns points.

    Those are the officer whose score it stands in, and whoever holds the grid that day, once the month is published.
    """
    row = Adjustment.objects.visible_to(user, on).filter(pk=pk).first()
    if row is not None or not getattr(user, "is_authenticated", False):
        return row
    roles = (Role.OFFICER, Role.PART_TIME_OFFICER, Role.CHIEF)
    grids = [post.area_id for post in standing_of(user, on).posts if post.role in roles and post.area_id]
    charged = Charge.objects.filter(adjustment_id=pk).order_by().values("score")
    mine = Q(officer=user) & (Q(pk__in=charged) | Q(mirrors__in=charged))
    mine |= Q(area_id__in=grids, officer__isnull=True, unit__isnull=True, pk__in=charged)
    seen = Score.objects.visible_to(user, on).filter(mine).exists()
    return Adjustment.objects.filter(pk=pk).first() if seen else None
