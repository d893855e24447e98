"""Which units may handle an order, with reasons: what the dispatcher confirms by one key. Nothing is sent by itself.

1. The routing table's unit, when it has not returned the order.
2. Units that got orders of the category in the last 90 days, in the community, else the street or the district.
3. Units that handle a similar order which is still open.
4. The street office, which takes what has no owner.
"""

import datetime as dt
from dataclasses import dataclass, field

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import clock
from grids.directory import directory
from grids.levels import Level
from personnel.departments import Department
from personnel.jurisdiction import UnitRef, units_directory
from workorders import catalogue
from workorders.models import WorkOrder
from workorders.similar import Similar
from workorders.vocabulary import FINAL

DAYS, RECENT, MOST = 90, 500, 9
_CLOSED = sorted(str(status) for status in FINAL)


@dataclass
class Proposal:
    """A unit, how strongly it is proposed (0 to 1 and above), and why: sentences in the reader's language."""

    unit: UnitRef
    score: float
    reasons: list[str] = field(default_factory=list)
    load: int = 0


# The newest orders of the category in the district, by an index; which units got them, and where.
_HISTORY = """
    SELECT lead_id, count(*), count(*) FILTER (WHERE community_id = %(community)s),
        count(*) FILTER (WHERE street_id = %(street)s), count(*) FILTER (WHERE returns > 0)
    FROM (
        SELECT lead_id, community_id, street_id, returns FROM workorders_workorder
        WHERE district_id = %(district)s AND category_id = %(category)s AND reported_at >= %(since)s
        ORDER BY reported_at DESC, id DESC LIMIT %(recent)s
    ) recent WHERE lead_id IS NOT NULL GROUP BY lead_id
"""
_LOAD = """
    SELECT lead_id, count(*) FROM workorders_workorder
    WHERE lead_id = ANY (%s) AND NOT (status = ANY (%s)) GROUP BY lead_id
"""


def proposals(order: WorkOrder, *, similar: list[Similar], at: dt.datetime) -> list[Proposal]:
    """At most nine units for an order, the likeliest first; two statements. similar: what `similar_to` found."""
    today, units = clock.date_of(at), units_directory().by_id
    path = {place.id for place in directory().path(order.area_id)}
    found: dict[int, Proposal] = {}

    def propose(unit_id: int | None, score: float, reason: str) -> None:
        unit = units.get(unit_id)
        if unit is None or unit.area_id not in path or not unit.is_active(today):
            return
        if unit.id in order.returned_units and order.returns < 2:
            return
        one = found.setdefault(unit.id, Proposal(unit, 0.0))
        one.score += score
        one.reasons.append(reason)

    _by_route(order, today, propose)
    _by_history(order, at, propose)
    _by_similar(similar, propose)
    street = directory().ancestor(order.area_id, Level.STREET)
    office = units_directory().of_area(street.id, Department.STREET, today) if street else None
    if office is not None:
        propose(office.id, 0.05, _("The street office takes what has no owner"))
    chosen = sorted(found.values(), key=lambda one: (-one.score, one.unit.code))[:MOST]
    _put_load(chosen)
    return chosen


def _by_route(order: WorkOrder, today: dt.date, propose) -> None:
    if order.category_id is None:
        return
    unit_id = catalogue.routed_unit(order.category_id, order.area_id, on=today)
    unit = units_directory().by_id.get(unit_id)
    if unit is not None:
        words = {"category": catalogue.category(order.category_id).label, "area": directory().by_id[unit.area_id].name}
        propose(unit.id, 1.0, _("Routing table: %(category)s in %(area)s") % words)


def _by_history(order: WorkOrder, at: dt.datetime, propose) -> None:
    if order.category_id is None or order.district_id is None:
        return
    asked = {
        "district": order.district_id,
        "category": order.category_id,
        "community": order.community_id,
        "street": order.street_id,
        "since": at - dt.timedelta(days=DAYS),
        "recent": RECENT,
    }
    with connection.cursor() as cursor:
        cursor.execute(_HISTORY, asked)
        rows = cursor.fetchall()
    # The nearest place in which anybody got such an order speaks.
    known = directory()
    for column, level in ((2, Level.COMMUNITY), (3, Level.STREET), (1, Level.DISTRICT)):
        total = sum(row[column] for row in rows)
        place = known.ancestor(order.area_id, level)
        if not total or place is None:
            continue
        for row in rows:
            if row[column]:
                share = row[column] / total
                words = {"count": row[column], "total": total, "area": place.name}
                reason = _("%(count)d of %(total)d in %(area)s in the last 90 days") % words
                if row[4]:
                    reason = _("%(reason)s, %(count)d returned") % {"reason": reason, "count": row[4]}
                propose(row[0], 0.6 * share, reason)
        return


def _by_similar(similar: list[Similar], propose) -> None:
    open_ones: dict[int, list[str]] = {}
    for one in similar:
        if one.lead_id is not None and one.status not in _CLOSED:
            open_ones.setdefault(one.lead_id, []).append(one.number)
    for unit_id, numbers in open_ones.items():
        reason = ngettext(
            "Handles %(count)d similar order that is open: %(number)s",
            "Handles %(count)d similar orders that are open: %(number)s …",
            len(numbers),
        )
        propose(unit_id, 0.3, reason % {"count": len(numbers), "number": numbers[0]})


def _put_load(chosen: list[Proposal]) -> None:
    """How many open orders each of the units has."""
    if not chosen:
        return
    with connection.cursor() as cursor:
        cursor.execute(_LOAD, [[one.unit.id for one in chosen], _CLOSED])
        load = dict(cursor.fetchall())
    for one in chosen:
        one.load = load.get(one.unit.id, 0)
