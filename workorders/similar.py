"""Which orders may tell of the same thing: near in place, time, kind and words. A hint for people, never a decision."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from grids.geometry import metres_per_degree
from personnel.jurisdiction import Standing
from workorders import catalogue
from workorders.models import WorkOrder
from workorders.vocabulary import FINAL, Status

# How far apart two tellings of one thing may lie.
DAYS, METRES, MOST_CANDIDATES = 30, 1000, 200
LIKELY = 0.5
_FIELDS = "id number title description status category_id area_id lon lat address reported_at lead_id".split()


@dataclass(frozen=True)
class Similar:
    """One candidate. score: 0 to 1; reasons: sentences in the reader's language; metres: None without two points."""

    number: str
    title: str
    status: str
    reported_at: dt.datetime
    score: float
    reasons: tuple[str, ...]
    metres: int | None
    lead_id: int | None = None


def similar_to(order: WorkOrder, *, standing: Standing, most: int = 5) -> list[Similar]:
    """The orders the reader sees that are likely duplicates of this one, the likeliest first; one statement."""
    span = dt.timedelta(days=DAYS)
    near = Q(area_id=order.area_id)
    if order.lon is not None:
        east, north = metres_per_degree(order.lat)
        near |= Q(
            lon__range=(order.lon - METRES / east, order.lon + METRES / east),
            lat__range=(order.lat - METRES / north, order.lat + METRES / north),
        )
    found = (
        _others(WorkOrder.objects.visible_to(standing.user, standing.on), order)
        .filter(near, community_id=order.community_id)
        .filter(reported_at__range=(order.reported_at - span, order.reported_at + span))
        .exclude(status__in=sorted(FINAL - {Status.CLOSED}))
        .order_by("-reported_at", "-pk")
        .values(*_FIELDS)[:MOST_CANDIDATES]
    )
    judged = [_judge(order, row) for row in found]
    judged = [one for one in judged if one.score >= LIKELY]
    return sorted(judged, key=lambda one: (-one.score, one.number))[:most]


def _others(found: QuerySet, order: WorkOrder) -> QuerySet:
    """Without the order itself, its parts, and what it is a part of; one that is not written yet has none of them."""
    if order.pk is None:
        return found
    found = found.exclude(pk=order.pk).exclude(part_of__origin=order).exclude(parts__part=order)
    return found.exclude(part_of__origin__parts__part=order)


def _judge(order: WorkOrder, row: dict) -> Similar:
    """Kind counts 0.35, place 0.25, words 0.25, time 0.15."""
    reasons, score = [], 0.0
    if order.category_id and row["category_id"] == order.category_id:
        score += 0.35
        reasons.append(_("same category"))
    elif order.category_id and row["category_id"] and _major(order.category_id) == _major(row["category_id"]):
        score += 0.15
        reasons.append(_("same group of categories"))
    metres = _metres(order, row)
    if metres is not None and metres <= METRES:
        score += 0.25 * (1 - metres / METRES)
        reasons.append(_("%(metres)d m away") % {"metres": metres})
    elif metres is None and row["area_id"] == order.area_id:
        score += 0.15
        reasons.append(_("same grid"))
    alike = _alike(
        f"{order.title} {order.description} {order.address}",
        " ".join((row["title"], row["description"], row["address"])),
    )
    score += 0.25 * min(1.0, 2 * alike)
    if alike >= 0.2:
        reasons.append(_("similar words"))
    days = abs(order.reported_at - row["reported_at"]).total_seconds() / 86400
    score += 0.15 * (1 - days / DAYS)
    if days < 1:
        reasons.append(_("reported within a day"))
    return Similar(
        number=row["number"],
        title=row["title"],
        status=row["status"],
        reported_at=row["reported_at"],
        score=round(score, 2),
        reasons=tuple(reasons),
        metres=metres,
        lead_id=row["lead_id"],
    )


def _major(category_id: int) -> int | None:
    return catalogue.category(category_id).parent_id


def _metres(order: WorkOrder, row: dict) -> int | None:
    if order.lon is None or row["lon"] is None:
        return None
    east, north = metres_per_degree(order.lat)
    return round((((row["lon"] - order.lon) * east) ** 2 + ((row["lat"] - order.lat) * north) ** 2) ** 0.5)


def _alike(one: str, other: str) -> float:
    """Share of the pairs of neighbouring characters both texts have (Dice); serves Chinese without cutting words."""
    pairs, others = _pairs(one), _pairs(other)
    return 2 * len(pairs & others) / (len(pairs) + len(others)) if pairs and others else 0.0


def _pairs(text: str) -> set[str]:
    plain = "".join(letter for letter in text.lower() if letter.isalnum())
    return {plain[place : place + 2] for place in range(len(plain) - 1)}
