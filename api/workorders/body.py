"""What an order looks like from outside: rows of lists, the order itself, and all that hangs on it.

Built by hand from plain values: a page of fifty rows is the hottest answer of all.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from api.areas import brief
from api.workorders.papers import papers_of
from core.clock import ZONE
from personnel.jurisdiction import Standing, units_directory
from personnel.models import User
from workorders import catalogue, sentences, workflow
from workorders.entitlement import SYSTEM_ROLE
from workorders.models import WorkOrder, WorkOrderEvent
from workorders.reading import LIST_FIELDS
from workorders.vocabulary import FINAL, PHASE_OF

_OWN_FIELDS = tuple(name for name in LIST_FIELDS if name != "follow_officer__name")


def local(at: dt.datetime | str | None) -> dt.datetime | None:
    """A moment on our clock; text as PostgreSQL writes it inside JSON is read first."""
    if at is None:
        return None
    return (dt.datetime.fromisoformat(at) if isinstance(at, str) else at).astimezone(ZONE)


def lamp_of(row: Mapping, at: dt.datetime) -> str:
    """green, amber, red or paused: how the present clock stands."""
    if row["clock_paused"]:
        return "paused"
    if row["due_at"] is None or row["status"] in FINAL:
        return "green"
    if row["due_at"] < at:
        return "red"
    return "amber" if row["amber_at"] is not None and row["amber_at"] <= at else "green"


def rows_of(rows: list[Mapping], at: dt.datetime) -> list[dict]:
    """The rows of a list, from `reading.LIST_FIELDS`."""
    return [_row(row, at) for row in rows]


def _unit(unit_id: int | None) -> dict | None:
    if unit_id is None:
        return None
    units = units_directory()
    unit = units.by_id.get(unit_id) or units_directory(force=True).by_id[unit_id]
    return {"code": unit.code, "name": unit.name}


def _person(person_id: int | None, name: str | None) -> dict | None:
    return None if person_id is None else {"id": person_id, "name": name}


def _category(category_id: int | None) -> dict | None:
    if category_id is None:
        return None
    category = catalogue.category(category_id)
    return {"code": category.code, "name": category.label}


def _row(row: Mapping, at: dt.datetime) -> dict:
    due, lon = row["due_at"], row["lon"]
    lamp = lamp_of(row, at)
    return {
        "number": row["number"],
        "status": row["status"],
        "phase": PHASE_OF[row["status"]],
        "level": row["level"],
        "area": brief(row["area_id"]),
        "location": None if lon is None else {"lon": lon, "lat": row["lat"]},
        "address": row["address"],
        "category": _category(row["category_id"]),
        "title": row["title"],
        "description": row["description"],
        "source": row["source"],
        "urgency": row["urgency"],
        "difficulty": row["difficulty"],
        "reporter": {"name": row["reporter_name_masked"] or None, "phone": row["reporter_phone_masked"] or None},
        "reported_at": local(row["reported_at"]),
        "accepted_at": local(row["accepted_at"]),
        "dispatched_at": local(row["dispatched_at"]),
        "signed_at": local(row["signed_at"]),
        "fed_back_at": local(row["fed_back_at"]),
        "checked_at": local(row["checked_at"]),
        "closed_at": local(row["closed_at"]),
        "due_at": local(due),
        "due_kind": row["due_kind"] or None,
        "overdue": lamp == "red",
        "lamp": lamp,
        "card": row["card"] or None,
        "lead": _unit(row["lead_id"]),
        "co_handlers": [_unit(unit_id) for unit_id in row["co_units"]],
        "follow_officer": _person(row["follow_officer_id"], row["follow_officer__name"]),
        "returns": row["returns"],
        "reworks": row["reworks"],
        "extensions_granted": row["extensions_granted"],
        "urges": row["urges"],
        "satisfaction": row["satisfaction"],
        "resolved": row["resolved"],
    }


def order_body(order: WorkOrder, *, standing: Standing, at: dt.datetime) -> dict:
    """The order as every move answers it. A statement is sent only for the name of a follow-up officer."""
    row = {name: getattr(order, name) for name in _OWN_FIELDS}
    row["follow_officer__name"] = _name_of(order)
    return {
        **_row(row, at),
        "public_answer": order.public_answer or None,
        "internal_result": order.internal_result or None,
        "moves": [move.name for move in workflow.allowed_moves(order, standing=standing, at=at)],
    }


def _name_of(order: WorkOrder) -> str | None:
    if order.follow_officer_id is None:
        return None
    if hasattr(order, "follow_officer_name"):
        return order.follow_officer_name
    return User.objects.filter(pk=order.follow_officer_id).values_list("name", flat=True).first()


# --- the order with all that hangs on it ----------------------------------------------------------------------------

_EVENT_FIELDS = (
    "sequence",
    "kind",
    "at",
    "actor_id",
    "actor_name",
    "actor_role",
    "area_name",
    "before",
    "after",
    "data",
)


def detail_body(order: WorkOrder, *, standing: Standing, at: dt.datetime, address: str) -> dict:
    """An order the reader sees with all that hangs on it; address: the order's own, its photos lie below."""
    papers = papers_of(order.pk)
    order.follow_officer_name = papers.follow_officer
    events = WorkOrderEvent.objects.filter(order_id=order.pk).order_by("sequence")
    return {
        **order_body(order, standing=standing, at=at),
        "officer": _person(order.officer_id, papers.officer),
        "main": papers.main,
        "external_id": order.external_id or None,
        "occurred_at": local(order.occurred_at),
        "self_handled": order.self_handled,
        "suggestion": order.suggestion,
        "due_explained": sentences.due_explained(order) or None,
        "events": [event_body(event) for event in events.values_list(*_EVENT_FIELDS, named=True)],
        "assignments": [_assignment(paper) for paper in papers.assignments],
        "attachments": [attachment_body(paper, address) for paper in papers.attachments],
        "extensions": [_extension(paper) for paper in papers.extensions],
    }


def event_body(event: Any) -> dict:
    """One thing that happened; `actor` is a name, null when the system did it."""
    system = event.actor_role == SYSTEM_ROLE or (event.actor_id is None and event.actor_role != "reporter")
    return {
        "sequence": event.sequence,
        "kind": event.kind,
        "label": sentences.kind_label(event.kind),
        "at": local(event.at),
        "actor": None if system else event.actor_name or _("Resident"),
        "actor_id": event.actor_id,
        "role": event.actor_role or None,
        "system": system,
        "area": event.area_name,
        "before": event.before or None,
        "after": event.after or None,
        "data": event.data,
        "details": sentences.event_details(event),
    }


def _assignment(paper: Mapping) -> dict:
    return {
        "kind": paper["kind"],
        "unit": _unit(paper["unit_id"]),
        "officer": _person(paper["officer_id"], paper["officer_name"]),
        "task": paper["task"] or None,
        "whistle": paper["whistle"] or None,
        "forced": paper["forced"],
        "assigned_at": local(paper["assigned_at"]),
        "due_at": local(paper["due_at"]),
        "signed_at": local(paper["signed_at"]),
        "arrived_at": local(paper["arrived_at"]),
        "arrived": paper["arrived"],
        "ended_at": local(paper["ended_at"]),
        "outcome": paper["outcome"] or None,
        "result": paper["result"] or None,
        "score": paper["score"],
    }


def attachment_body(paper: Mapping, address: str) -> dict:
    """One photo and where it is fetched."""
    own = f"{address}attachments/{paper['id']}/"
    return {
        "id": paper["id"],
        "kind": paper["kind"],
        "url": own,
        "thumbnail": f"{own}thumbnail/",
        "width": paper["width"],
        "height": paper["height"],
        "size": paper["size"],
        "taken_at": local(paper["taken_at"]),
        "location": None if paper["lon"] is None else {"lon": paper["lon"], "lat": paper["lat"]},
        "uploaded_at": local(paper["uploaded_at"]),
        "by": _person(paper["by_id"], paper["by_name"]),
    }


def _extension(paper: Mapping) -> dict:
    return {
        "state": paper["state"],
        "reason": paper["reason"],
        "due_before": local(paper["due_before"]),
        "until": local(paper["until"]),
        "granted_until": local(paper["granted_until"]),
        "asked_by": _person(paper["asked_by_id"], paper["asked_by_name"]),
        "asked_at": local(paper["asked_at"]),
        "decided_by": _person(paper["decided_by_id"], paper["decided_by_name"]),
        "decided_at": local(paper["decided_at"]),
        "note": paper["note"] or None,
    }
