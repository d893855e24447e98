"""What runs, scores and appeals look like in answers."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from api.workorders.body import local
from assessment.comparing import Change, Comparison
from assessment.explaining import Evidence, Sheet
from assessment.models import Adjustment, AnnualReview, Appeal, FactRecord, Run, SchemeVersion, Score
from assessment.reading import Spread
from assessment.what_if import Moved
from core.errors import Invalid
from grids.directory import directory
from personnel.models import User

_SCORES = "/api/v1/assessment/scores/"


def number(value: Decimal | None) -> float | None:
    """Points as JSON writes them; they have two decimals, so nothing is lost."""
    return None if value is None else float(value)


def area_body(area_id: int) -> dict:
    """Code and name of an area."""
    place = directory().by_id[area_id]
    return {"code": place.code, "name": place.name}


def text_of(body: Mapping[str, Any], name: str) -> str | None:
    """A text of a body, None when it is missing or empty. Raises Invalid."""
    value = body.get(name)
    if value in (None, ""):
        return None
    if not isinstance(value, str) or "\x00" in value:
        raise Invalid(errors={name: [_("This must be text.")]})
    return value


def whole_of(body: Mapping[str, Any], name: str, default: int | None = None) -> int | None:
    """A whole number of a body; forms send it as digits. Raises Invalid."""
    value = body.get(name)
    if value in (None, ""):
        return default
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Invalid(errors={name: [_("This must be a number.")]})
    return value


def person_body(user: User | None) -> dict | None:
    """A person by number and name."""
    return None if user is None else {"id": user.pk, "name": user.name}


def run_body(run: Run) -> dict:
    """A run and how far it is."""
    return {
        "id": run.pk,
        "period": run.period,
        "status": run.status,
        "progress": run.progress,
        "step": run.step,
        "area": area_body(run.area_id),
        "scheme": {"code": run.version.scheme.code, "version": run.version.number},
        "provisional": run.provisional,
        "simulated": run.simulated,
        "revision": run.revision,
        "previous": run.previous_id,
        "reason": run.reason,
        "cut_off": local(run.cut_off),
        "created_at": local(run.created_at),
        "finished_at": local(run.finished_at),
        "published_at": local(run.published_at),
        "rows": run.rows,
        "checksum": run.checksum,
        "problem": run.problem,
    }


def score_body(score: Score) -> dict:
    """One row of a ranking."""
    body = {
        "id": score.pk,
        "run": score.run_id,
        "level": score.level,
        "area": {"code": score.area.code, "name": score.name if score.level != "officer" else score.area.name},
        "score": number(score.score),
        "grade": score.grade,
        "rank": score.rank,
        "of": score.of,
        "peer_group": score.peer_group,
        "veto": score.veto,
        "workload": score.workload,
        "active_days": score.active_days,
        "not_ranked": score.get_why_not_display() or None,
    }
    if score.officer_id:
        body["officer"] = {"id": score.officer_id, "name": score.name}
    if score.unit_id:
        body |= {"area": area_body(score.area_id), "unit": {"code": score.code, "name": score.name}}
    return body


def detail_body(score: Score, sheet: Sheet, peer_median: Decimal | None) -> dict:
    """A score with every row behind it."""
    run = score.run
    return {
        **score_body(score),
        "period": run.period,
        "provisional": run.provisional,
        "revision": run.revision,
        "reason": run.reason,
        "indicator_points": number(score.indicator_points),
        "bonus": number(score.bonus),
        "deductions": number(score.deductions),
        "plain_mean": number(score.plain_mean),
        "peer_median": number(peer_median),
        "indicators": [
            {
                "code": one.code,
                "name": one.name,
                "numerator": one.numerator,
                "denominator": one.denominator,
                "value": number(one.value),
                "weight": number(one.weight),
                "points": number(one.points),
                "formula": one.formula,
                "evidence": _link(score, one),
            }
            for one in sheet.lines
        ],
        "adjustments": [
            {
                "id": one.id,
                "code": one.code,
                "name": one.name,
                "points": number(one.points),
                "cause": one.cause,
                "link": order_link(one.order),
            }
            for one in sheet.charges
        ],
    }


def _link(score: Score, line) -> str | None:
    if line.part is not None:
        return f"{_SCORES}{line.part}/"
    return f"{_SCORES}{score.pk}/evidence/{line.code}/" if line.has_evidence else None


def order_link(number: str | None) -> str | None:
    """Where an order is found."""
    return f"/api/v1/workorders/{number}/" if number else None


def evidence_body(one: Evidence) -> dict:
    """One counted row."""
    return {
        "number": one.number,
        "moment": local(one.moment),
        "in_numerator": one.in_numerator,
        "why": one.why,
        "link": order_link(one.number) if one.what in ("order", "missed") else None,
    }


def moved_body(one: Moved) -> dict:
    """A grid under other weights."""
    return {
        "id": one.score_id,
        "area": {"code": one.code, "name": one.name},
        "peer_group": one.peer_group,
        "score": one.score / 100,
        "rank": one.rank,
        "of": one.of,
        "score_before": one.before / 100,
        "rank_before": one.rank_before,
        "change": one.change,
    }


def appeal_body(row: Appeal) -> dict:
    """An appeal."""
    return {
        "id": row.pk,
        "score": row.score_id,
        "item": row.item,
        "order": row.order.number if row.order_id else None,
        "reason": row.reason,
        "state": row.state,
        "by": {"id": row.by_id, "name": row.by.name},
        "at": local(row.at),
        "answer_due": local(row.answer_due),
        "first_answer": row.first_answer,
        "second_answer": row.second_answer,
        "revision": row.outcome_id,
        "evidence": f"/api/v1/assessment/appeals/{row.pk}/evidence/" if row.evidence else None,
    }


def version_body(one: SchemeVersion) -> dict:
    """A version of a scheme."""
    return {
        "number": one.number,
        "state": one.state,
        "in_force_from": one.in_force_from or None,
        "approved_by_two": one.second_approver_id is not None,
        "approvals": sum(value is not None for value in (one.first_approver_id, one.second_approver_id)),
        "simulated_on": one.simulated_on or None,
        "made_at": local(one.made_at),
        "note": one.note,
        "body": one.body,
    }


def spread_body(spread: Spread) -> dict:
    """How scores lie."""
    return {
        "count": spread.count,
        "lowest": number(spread.lowest),
        "median": number(spread.median),
        "highest": number(spread.highest),
        "bands": [{"from": start, "count": count} for start, count in spread.bands],
    }


def change_body(one: Change) -> dict:
    """A grid in both runs of a comparison."""
    return {
        "id": one.score_id,
        "area": {"code": one.code, "name": one.name},
        "peer_group": one.peer_group,
        "score_before": number(one.before),
        "score": number(one.after),
        "rank_before": one.rank_before,
        "rank": one.rank,
        "change": one.places,
    }


def comparison_body(found: Comparison) -> dict:
    """Two runs beside each other."""
    return {
        "base": found.base.pk,
        "before": spread_body(found.before),
        "after": spread_body(found.after),
        "grades": [{"code": code, "before": before, "after": after} for code, before, after in found.grades],
        "moved": [change_body(one) for one in found.moved],
    }


def adjustment_body(row: Adjustment) -> dict:
    """An item by hand."""
    return {
        "id": row.pk,
        "period": row.period,
        "area": area_body(row.area_id),
        "officer": person_body(row.officer),
        "code": row.code,
        "variant": row.variant,
        "count": row.count,
        "cause": row.cause,
        "order": row.order.number if row.order_id else None,
        "evidence": f"/api/v1/assessment/adjustments/{row.pk}/evidence/" if row.evidence else None,
        "entered_by": person_body(row.entered_by),
        "entered_at": local(row.entered_at),
        "confirmed_by": person_body(row.confirmed_by),
        "confirmed_at": local(row.confirmed_at),
        "withdrawn_by": person_body(row.withdrawn_by),
        "withdrawn_at": local(row.withdrawn_at),
    }


def record_body(row: FactRecord) -> dict:
    """A record."""
    return {
        "id": row.pk,
        "kind": row.kind,
        "area": area_body(row.area_id),
        "on": row.on.isoformat(),
        "done": row.done,
        "done_on": row.done_on.isoformat() if row.done_on else None,
        "provisional": row.provisional,
        "level": row.level or None,
        "officer": row.officer.username if row.officer_id else None,
        "order": row.order.number if row.order_id else None,
        "key": row.key,
        "note": row.note,
    }


def review_body(row: AnnualReview) -> dict:
    """An annual review."""
    return {
        "id": row.pk,
        "year": row.year,
        "area": area_body(row.area_id),
        "officer": person_body(row.officer),
        "leaders": number(row.leaders),
        "peers": number(row.peers),
        "residents": number(row.residents),
        "entered_at": local(row.entered_at),
    }
