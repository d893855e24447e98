"""All that hangs on an order beside its events, in one statement."""

import json
from dataclasses import dataclass
from typing import Any

from django.db import connection

_PAPERS = """
    SELECT
      (SELECT name FROM personnel_user WHERE id = o.officer_id),
      (SELECT name FROM personnel_user WHERE id = o.follow_officer_id),
      (SELECT number FROM workorders_workorder WHERE id = o.main_id),
      (SELECT json_agg(json_build_object(
          'kind', a.kind, 'unit_id', a.unit_id, 'officer_id', a.officer_id, 'officer_name', u.name, 'task', a.task,
          'whistle', a.whistle, 'forced', a.forced, 'assigned_at', a.assigned_at, 'due_at', a.due_at,
          'signed_at', a.signed_at, 'arrived_at', a.arrived_at, 'arrived', a.arrived, 'ended_at', a.ended_at,
          'outcome', a.outcome, 'result', a.result, 'score', a.score) ORDER BY a.assigned_at, a.id)
        FROM workorders_assignment a LEFT JOIN personnel_user u ON u.id = a.officer_id WHERE a.order_id = o.id),
      (SELECT json_agg(json_build_object(
          'id', p.id, 'kind', p.kind, 'width', p.width, 'height', p.height, 'size', p.size, 'taken_at', p.taken_at,
          'lon', p.lon, 'lat', p.lat, 'uploaded_at', p.uploaded_at, 'by_id', p.by_id, 'by_name', u.name)
          ORDER BY p.uploaded_at, p.id)
        FROM workorders_attachment p LEFT JOIN personnel_user u ON u.id = p.by_id WHERE p.order_id = o.id),
      (SELECT json_agg(json_build_object(
          'state', e.state, 'reason', e.reason, 'note', e.note, 'due_before', e.due_before, 'until', e.until,
          'granted_until', e.granted_until, 'asked_at', e.asked_at, 'asked_by_id', e.asked_by_id,
          'asked_by_name', a.name, 'decided_at', e.decided_at, 'decided_by_id', e.decided_by_id,
          'decided_by_name', d.name) ORDER BY e.asked_at, e.id)
        FROM workorders_extension e JOIN personnel_user a ON a.id = e.asked_by_id
          LEFT JOIN personnel_user d ON d.id = e.decided_by_id WHERE e.order_id = o.id)
    FROM workorders_workorder o WHERE o.id = %s
"""


@dataclass(frozen=True)
class Papers:
    """Names the order only knows by number, and its assignments, attachments and extensions as plain values."""

    officer: str | None
    follow_officer: str | None
    main: str | None
    assignments: list[dict]
    attachments: list[dict]
    extensions: list[dict]


def papers_of(order_id: int) -> Papers:
    """The papers of an order whose reader was already found to see it."""
    with connection.cursor() as cursor:
        cursor.execute(_PAPERS, [order_id])
        officer, follow_officer, main, *lists = cursor.fetchone()
    return Papers(officer, follow_officer, main, *(_plain(found) for found in lists))


def _plain(found: Any) -> list[dict]:
    # Django leaves JSON of its own statements undecoded, for its JSONField to read.
    return json.loads(found) if isinstance(found, str) else found or []
