"""Class weights that follow the workload: how much of a street's last quarter was management, how much service.

Fixed for the quarter when it is first assessed; before it starts everybody may look at how it stands. Source: domain
§6.3, dynamic weights.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from assessment import periods, scoring
from assessment.models import ClassShare
from core import clock
from personnel.jurisdiction import lies_in


@dataclass(frozen=True)
class Workload:
    """A street's orders of a quarter: those of class M, and all."""

    management: int
    orders: int

    @property
    def share(self) -> int:
        """The share of class M, in ten-thousandths."""
        return self.management * scoring.ONE // self.orders

    @property
    def in_force(self) -> int:
        """The weight class M gets by it, in ten-thousandths."""
        return min(max(self.share, scoring.LEAST_MANAGEMENT), scoring.MOST_MANAGEMENT)


def fixed(quarter: periods.Period, districts: Iterable[int]) -> dict[int, int]:
    """The share of class M of each street in a quarter's weights; a street without orders before has none.

    Written down the first time it is asked for, and read from then on: orders that change their category later change
    nothing. Call it inside the transaction that uses it.
    """
    found: dict[int, Workload] = {}
    for district in sorted(districts):
        held = known(quarter, district)
        if not held:
            rows = [
                ClassShare(quarter=quarter.text, street_id=street, management=one.management, orders=one.orders)
                for street, one in before(quarter, district).items()
            ]
            # Somebody else may write them down at this moment: theirs count.
            ClassShare.objects.bulk_create(rows, ignore_conflicts=True)
            held = known(quarter, district)
        found |= held
    return {street: one.share for street, one in found.items()}


def known(quarter: periods.Period, district: int) -> dict[int, Workload]:
    """What was written down for the streets of a district."""
    rows = ClassShare.objects.filter(lies_in("street__in", [district]), quarter=quarter.text)
    return {street: Workload(part, whole) for street, part, whole in rows.values_list("street", "management", "orders")}


def before(quarter: periods.Period, district: int, *, at: dt.datetime | None = None) -> dict[int, Workload]:
    """The workload of the quarter before by street; of a quarter still to come as far as it is."""
    earlier = periods.month_of(quarter.first.year, quarter.first.month).before(3)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.street_id, count(*) FILTER (WHERE k.klass = 'M'), count(*) FROM workorders_workorder o"
            " JOIN workorders_category c ON c.id = o.category_id JOIN workorders_category k ON k.id = coalesce("
            " CASE WHEN c.klass = '' THEN c.parent_id END, c.id)"
            " WHERE o.district_id = %s AND o.reported_at >= %s AND o.reported_at < %s AND o.street_id IS NOT NULL"
            " GROUP BY 1",
            [district, earlier.since, min(quarter.since, at or clock.now())],
        )
        return {street: Workload(part, whole) for street, part, whole in cursor.fetchall()}
