"""What an assessor should look at before publishing: signs of padding. Flags never score. Source: domain §11.3."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext as _

from assessment import counting, periods
from assessment.measuring import bounds
from assessment.models import Run

REPEATED, ALIKE, BURST, SILENT = "repeated", "alike", "burst", "silent"
NEAR_DAYS, NEAR_BITS, BURST_SHARE, BURST_FEWEST = 3, 6, 0.5, 6

# The same officer reports the same kind of thing at the same spot within days.
_REPEATED = f"""
    SELECT c.area_id, array_agg(c.order_id ORDER BY c.order_id), array_agg(c.reported_at ORDER BY c.order_id)
    FROM assessment_counted c JOIN workorders_workorder o ON o.id = c.order_id
    WHERE c.run_id = %(run)s AND c.source IN {counting.FIELD_SOURCES} AND c.reported_at >= %(since)s
        AND o.reporter_id IS NOT NULL AND (o.lon IS NOT NULL OR o.address <> '')
    GROUP BY c.area_id, o.reporter_id, c.category_id, round(o.lon::numeric, 4), round(o.lat::numeric, 4),
        CASE WHEN o.lon IS NULL THEN o.address END
    HAVING count(*) > 1 AND min(c.reported_at) < max(c.reported_at)
"""  # noqa: S608 - the sources are constants

_PHOTOS = f"""
    SELECT c.area_id, c.order_id, a.perceptual_hash FROM assessment_counted c
    JOIN workorders_attachment a ON a.order_id = c.order_id
    WHERE c.run_id = %(run)s AND c.source IN {counting.FIELD_SOURCES} AND c.reported_at >= %(since)s
        AND a.perceptual_hash <> ''
    ORDER BY c.area_id, c.order_id
"""  # noqa: S608 - the sources are constants

# Half of a month's own reports in its last two days.
_BURSTS = f"""
    SELECT area_id, array_agg(order_id ORDER BY order_id) FILTER (WHERE reported_at >= %(late)s), count(*)
    FROM assessment_counted WHERE run_id = %(run)s AND source IN {counting.FIELD_SOURCES} AND reported_at >= %(since)s
        AND reported_at < %(until)s
    GROUP BY area_id
    HAVING count(*) >= {BURST_FEWEST} AND count(*) FILTER (WHERE reported_at >= %(late)s) >= count(*) * {BURST_SHARE}
"""  # noqa: S608 - the sources are constants


# Rule 5 takes nothing to measure for nothing; whether it is nothing is for people to see.
_SILENT = f"""
    SELECT DISTINCT p.area_id, 0 FROM assessment_score s JOIN personnel_post p ON p.area_id = s.area_id
    WHERE s.run_id = %(run)s AND s.level = 'grid' AND p.role IN ('officer', 'part_time_officer')
        AND p.starts < %(end)s AND (p.ends IS NULL OR p.ends > %(first)s) AND NOT EXISTS (
            SELECT FROM assessment_counted c WHERE c.run_id = s.run_id AND c.area_id = s.area_id
            AND c.source IN {counting.FIELD_SOURCES} AND c.reported_at >= %(since)s
        )
"""  # noqa: S608 - the sources are constants


@dataclass(frozen=True)
class Flag:
    """One sign. kind: repeated, alike, burst or silent; orders: ids of the orders in question."""

    kind: str
    area_id: int
    orders: tuple[int, ...]
    text: str


def flags(run: Run) -> list[Flag]:
    """The signs of padding in a computed run, by grid; four statements. Nothing is stored, nothing costs points."""
    month = periods.read(run.period)
    values = bounds(month, run.cut_off) | {"run": run.pk}
    values["late"] = values["until"] - (month.until - month.since) / month.days * 2
    found = []
    for area_id, orders, moments in _rows(_REPEATED, values):
        near = _near(orders, moments)
        if near:
            words = _("%(count)s reports of the same kind at the same spot within %(days)s days.")
            found.append(Flag(REPEATED, area_id, near, words % {"count": len(near), "days": NEAR_DAYS}))
    photos = defaultdict(list)
    for area_id, order_id, text in _rows(_PHOTOS, values):
        photos[area_id].append((order_id, int(text, 16)))
    for area_id, held in photos.items():
        alike = _alike(held)
        if alike:
            words = _("Nearly the same photo with %(count)s orders.") % {"count": len(alike)}
            found.append(Flag(ALIKE, area_id, alike, words))
    for area_id, orders, count in _rows(_BURSTS, values):
        words = _("%(late)s of %(count)s reports in the last two days.") % {"late": len(orders), "count": count}
        found.append(Flag(BURST, area_id, tuple(orders), words))
    for area_id, _nothing in _rows(_SILENT, values | {"first": month.first, "end": month.end}):
        found.append(Flag(SILENT, area_id, (), _("The grid had an officer, who reported nothing all month.")))
    return sorted(found, key=lambda one: (one.area_id, one.kind, one.orders))


def _rows(sql: str, values: dict) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def _near(orders: Sequence[int], moments: Sequence) -> tuple[int, ...]:
    rows = sorted(zip(moments, orders, strict=True))
    close = set()
    for (earlier, first), (later, second) in zip(rows, rows[1:], strict=False):
        if (later - earlier).total_seconds() <= NEAR_DAYS * 86_400:
            close |= {first, second}
    return tuple(sorted(close))


def _alike(photos: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    """Orders whose photos differ in few bits of their perceptual hash; within one grid there are not many."""
    close = set()
    for place, (first, one) in enumerate(photos):
        for second, other in photos[place + 1 :]:
            if first != second and (one ^ other).bit_count() <= NEAR_BITS:
                close |= {first, second}
    return tuple(sorted(close))
