"""The standard texts: who may set which. A text of one unit belongs to its area's administrator, others to all."""

import datetime as dt

from django.utils.translation import gettext as _

from core.errors import Invalid
from core.transactions import command
from personnel.administration import Kind, changes, check_all, check_area, record
from personnel.models import Unit, User
from workorders.models import Category, StandardText
from workorders.vocabulary import Status

MOST_LETTERS = 500


def subject_of(text: StandardText) -> str:
    """The chain of a text."""
    return f"text:{text.pk}"


@command
def save_text(
    text: StandardText | None,
    *,
    by: User | None,
    words: str,
    category: Category | None,
    status: str,
    unit: Unit | None,
    at: dt.datetime,
    is_active: bool = True,
) -> StandardText:
    """Write a text (None: a new one), or take it out of use. Raises NotPermitted, Invalid.

    category, status, unit: where it is offered; None or "" means everywhere.
    """
    found = text and StandardText.objects.select_for_update(no_key=True).get(pk=text.pk)
    for one in {found.unit if found else unit, unit}:
        check_area(by, one.area_id, at) if one else check_all(by, at)
    words = words.strip()
    if not words or len(words) > MOST_LETTERS:
        raise Invalid(errors={"text": [_("Write a sentence of at most 500 letters.")]})
    if status and status not in Status.values:
        raise Invalid(errors={"status": [_("Choose one of the list.")]})
    same = StandardText.objects.filter(text=words, category=category, status=status, unit=unit, is_active=True)
    if is_active and same.exclude(pk=found.pk if found else None).exists():
        raise Invalid(errors={"text": [_("This very text is offered there already.")]})
    area_id = unit.area_id if unit else None
    if found is None:
        made = StandardText.objects.create(text=words, category=category, status=status, unit=unit)
        record(subject_of(made), Kind.ADDED, by=by, at=at, area_id=area_id, data=_told(made))
        return made
    before = _told(found)
    found.text, found.category, found.status, found.unit, found.is_active = words, category, status, unit, is_active
    found.save(update_fields=["text", "category", "status", "unit", "is_active"])
    changed = changes(**{name: (before[name], value) for name, value in _told(found).items()})
    if changed:
        record(subject_of(found), Kind.CHANGED, by=by, at=at, area_id=area_id, data=changed)
    return found


def _told(text: StandardText) -> dict:
    return {
        "text": text.text,
        "category": text.category.code if text.category else "",
        "status": text.status,
        "unit": text.unit.code if text.unit else "",
        "is_active": text.is_active,
    }
