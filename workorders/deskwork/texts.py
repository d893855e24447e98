"""Usual sentences for notes, reasons and answers."""

from django.db.models import Case, F, IntegerField, Q, Value, When

from personnel.jurisdiction import Standing
from workorders import catalogue
from workorders.models import StandardText, WorkOrder

MOST = 20


def texts_for(order: WorkOrder, standing: Standing) -> list[StandardText]:
    """The texts that fit the order and the reader's unit: the finer ones first, the most used first among equals."""
    major = catalogue.category(order.category_id).parent_id if order.category_id else None
    units = [*standing.unit_ids, *([order.lead_id] if order.lead_id else [])]
    fits = (
        (Q(category=None) | Q(category__in=[one for one in (order.category_id, major) if one]))
        & (Q(status="") | Q(status=order.status))
        & (Q(unit=None) | Q(unit__in=units))
    )
    fine = (
        _one_if(category=order.category_id)
        + _one_if(category__isnull=False)
        + _one_if(status=order.status)
        + _one_if(unit__isnull=False)
    )
    found = StandardText.objects.filter(fits, is_active=True).annotate(fine=fine)
    return list(found.order_by("-fine", "-uses", "pk")[:MOST])


def used(pk: int) -> None:
    """Count that a text was put into a form."""
    StandardText.objects.filter(pk=pk, is_active=True).update(uses=F("uses") + 1)


def _one_if(**condition) -> Case:
    return Case(When(**condition, then=Value(1)), default=Value(0), output_field=IntegerField())
