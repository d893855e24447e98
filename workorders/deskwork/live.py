"""News for open screens: each event of an order as one NOTIFY, sent by the worker that tells people of it.

The rows are the truth: a screen that was away asks for the events behind the last one it saw. Sent by the worker and
not by the change itself, because a NOTIFY waits for every other one at its commit, and a report must not.
"""

import datetime as dt
import json
from dataclasses import dataclass

from django.db import connection

from grids.directory import directory
from personnel.jurisdiction import Standing
from workorders.models import WorkOrder, WorkOrderEvent

CHANNEL = "gridgov_desk"
# How many events a screen that comes back is told of one by one; after more it loads its list anew.
MOST = 200
FAR = 20_000
# Numbers are given before the commit, so an event may appear after one with a larger number: look a bit further back.
OVERLAP = 50


@dataclass(frozen=True)
class News:
    """One event as screens hear of it. event: its id, 0 for what is no event (a claim)."""

    event: int
    number: str
    kind: str
    status: str
    version: int
    actor: int | None
    path: tuple[int, ...]
    units: tuple[int, ...]
    people: tuple[int, ...]
    words: str = ""

    def text(self) -> str:
        """As NOTIFY carries it."""
        return json.dumps(list(vars(self).values()), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def read(cls, text: str) -> "News":
        """Back from what NOTIFY carried."""
        return cls(*(tuple(one) if isinstance(one, list) else one for one in json.loads(text)))

    def reaches(self, standing: Standing) -> bool:
        """Whether this person sees the order it is about."""
        return (
            standing.is_superuser
            or not standing.area_ids.isdisjoint(self.path)
            or not standing.unit_ids.isdisjoint(self.units)
            or standing.user.pk in self.people
        )


def show(event: WorkOrderEvent) -> None:
    """Tell open screens of an event; they hear of it when the present transaction commits."""
    _send(_news(event, event.order))


def show_claim(order: WorkOrder, *, by, at: dt.datetime, free: list[int]) -> None:
    """Tell open screens that somebody works on an order, or nobody any more; `free`: ids of orders given up for it."""
    news = _about(order, kind="claimed" if by else "released", actor=by.pk if by else None)
    _send(News(**{**vars(news), "words": (by.name or by.username) if by else ""}))
    for other in WorkOrder.objects.filter(pk__in=free):
        _send(_about(other, kind="released", actor=by.pk if by else None))


def since(event: int, standing: Standing) -> list[News] | None:
    """What a screen missed after the event it saw last, within reach; None when that is too much to tell."""
    newest = WorkOrderEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    if newest - event > FAR:
        return None
    seen = WorkOrder.objects.visible_to(standing.user, standing.on)
    events = WorkOrderEvent.objects.filter(pk__gt=event - OVERLAP, order__in=seen)
    events = events.select_related("order").defer("order__reporter_name", "order__reporter_phone")
    found = list(events.order_by("pk")[: MOST + 1])
    return [_news(one, one.order) for one in found] if len(found) <= MOST else None


def _news(event: WorkOrderEvent, order: WorkOrder) -> News:
    about = _about(order, kind=event.kind, actor=event.actor_id)
    return News(**{**vars(about), "event": event.pk, "status": event.after, "version": event.sequence})


def _about(order: WorkOrder, *, kind: str, actor: int | None) -> News:
    units = {order.lead_id, *order.co_units, *order.whistled_units, *order.returned_units} - {None}
    people = {order.reporter_id, order.officer_id, order.follow_officer_id, order.verify_officer_id} - {None}
    return News(
        event=0,
        number=order.number,
        kind=kind,
        status=order.status,
        version=order.version,
        actor=actor,
        path=tuple(place.id for place in directory().path(order.area_id)),
        units=tuple(sorted(units)),
        people=tuple(sorted(people)),
    )


def _send(news: News) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, news.text()])
